"""`batt import` of what people bring: odd names, broken files, and the predecessor's dialect."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.commands import Batt

from arcbatt.candidates import Weighted
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.program.names import load_dialect
from arcbatt.program.parse import parse_program, parse_text
from arcbatt.sources.library import hold_out
from arcbatt.tasks import Sample, Task

TASKS = ("--dataset", "tasks")
ONE_BAD = """
def solve_0000aaaa(I):
    return vmirror(I)

def solve_0000cccc(I):
    x1 = upscale(I, THREE
    return x1

def solve_0000bbbb(I):
    return hmirror(I)
"""


def test_one_broken_function_is_counted_and_the_others_are_run(batt: Batt, place: Path) -> None:
    (place / "one_bad.py").write_text(ONE_BAD)
    answer = batt("import", "one_bad.py", *TASKS)
    assert answer.code == 1
    assert (
        answer.err
        == "error[parse]: one_bad.py:6: the bracket ( is never closed (in solve_0000cccc)\n"
    )
    assert answer.out.splitlines()[0].split() == ["parsed", "2", "of", "3"]
    document = batt("import", "one_bad.py", *TASKS, "--json").json
    assert (document["parsed"], document["unreadable"], document["solved"]) == (2, 1, 2)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "odd.py: holds no program; allowed here: a file with a function like"),
        ("# nothing\n", "odd.py: holds no program; allowed here"),
        ("print('hello')\n", "odd.py:1: holds no program, and outside of a function nothing uses"),
    ],
)
def test_a_file_without_functions_is_an_error(
    batt: Batt, place: Path, text: str, problem: str
) -> None:
    (place / "odd.py").write_text(text)
    answer = batt("import", "odd.py", *TASKS)
    assert answer.code == 1
    assert answer.err.startswith(f"error[parse]: {problem}")
    assert answer.out.splitlines()[0].split() == ["parsed", "0", "of", "0"]


def test_show_and_library_read_files_in_the_same_way(batt: Batt, place: Path) -> None:
    (place / "one_bad.py").write_text(ONE_BAD)
    warning = "warning[parse]: one_bad.py:6: the bracket ( is never closed (in solve_0000cccc)\n"
    shown = batt("show", "one_bad.py")
    assert (shown.code, shown.err) == (0, warning)
    merged = batt("merge", "-o", "x.batt", "--sources", "none", "--library", "one_bad.py")
    assert (merged.code, merged.err) == (0, warning)
    (place / "empty.py").write_text("")
    for words in (("show", "empty.py"), ("merge", "--sources", "none", "--library", "empty.py")):
        answer = batt(*words)
        assert answer.code == 1
        assert answer.err.startswith("error[parse]: empty.py: holds no program")


def test_only_the_first_of_many_lines_are_listed(batt: Batt, place: Path) -> None:
    (place / "many.py").write_text(
        "".join(f"def solve_{n}(I): return what(I)\n" for n in range(30))
        + "".join(f"def solve_0000aaaa_{n}(I): return canvas({n}, (1, 1))\n" for n in range(30))
    )
    answer = batt("import", "many.py", *TASKS)
    errors = answer.err.splitlines()
    assert len(errors) == 21
    assert errors[-1] == "error[parse]: and 10 more like these; --verbose lists them"
    lines = [line for line in answer.out.splitlines() if line.startswith(("many.py", "note"))]
    assert len(lines) == 21
    assert lines[-1] == "note: and 10 more like these; --verbose lists them"
    assert len(batt("import", "many.py", *TASKS, "--verbose").err.splitlines()) == 30


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("hmirror(I)", "demo 1: 4 of 4 cells differ: (0, 0) expected 2, got 3; (0, 1)"),
        ("canvas(ONE, TWO_BY_TWO)", "demo 1: 3 of 4 cells differ: (0, 0) expected 2, got 1; (1"),
        ("hconcat(I, I)", "demo 1: expected 2x2 cells, got 2x4"),
        ("size(I)", "demo 1: expected a grid of 2x2 cells, got 2"),
        ("fill(I, ONE, first(vmirror(asobject(I))))", "demo 1: line 2: fill(I, ONE, first(...))"),
        ("crop(I, (5, 5), ONE)", "demo 1: line 2: crop(I, (5, 5), ONE) failed: argument, "),
        ("branch(equality(height(I), TWO), vmirror(I), I)", "demo 3: 6 of 9 cells differ: "),
    ],
)
def test_it_is_said_why_a_program_does_not_solve_its_task(
    batt: Batt, place: Path, body: str, reason: str
) -> None:
    (place / "p.py").write_text(f"def solve_0000aaaa(I):\n    return {body}\n")
    answer = batt("import", "p.py", *TASKS)
    assert answer.code == 0
    assert answer.out.startswith(f"p.py:1: solve_0000aaaa on 0000aaaa: {reason}")
    [program] = batt("import", "p.py", *TASKS, "--json").json["programs"]
    assert program["reason"].startswith(reason)
    assert "wanted 2x2" not in answer.out
    drawn = batt("import", "p.py", *TASKS, "-v").out
    assert "solve_0000aaaa on 0000aaaa: " in drawn
    assert "demo 1: " in drawn


def test_the_reason_comes_from_the_run_with_the_most_fuel(batt: Batt, place: Path) -> None:
    (place / "p.py").write_text(
        "def solve_67a3c6ac(I):\n"
        "    x2 = upscale(I, THREE)\n"
        "    x3 = product(asindices(x2), asindices(x2))\n"
        "    x4 = size(sfilter(x3, fork(equality, first, last)))\n"
        "    return branch(greater(x4, ZERO), hmirror(I), I)\n"
    )
    answer = batt("import", "p.py", "-v")
    assert answer.out.endswith("stopped: 1 program tried on 1 task\n")
    reason = "p.py:1: solve_67a3c6ac on 67a3c6ac: demo 1: 16 of 16 cells differ: "
    assert answer.out.startswith(reason)


@pytest.mark.parametrize("name", ["solve_Copy1", "verify_copy1", "solve_COPY1_again", "Copy1"])
def test_programs_are_named_after_any_id(batt: Batt, place: Path, name: str) -> None:
    (place / "tasks" / "0000aaaa.json").rename(place / "tasks" / "Copy1.json")
    (place / "named.py").write_text(f"def {name}(I):\n    return vmirror(I)\n")
    [program] = batt("import", "named.py", *TASKS, "--json").json["programs"]
    assert (program["tasks"], program["solved"]) == (1, ["Copy1"])


def test_a_held_out_task_gets_no_program_of_any_name_of_it() -> None:
    program = parse_program("def solve(I): return vmirror(I)").program
    names = ("solve_Copy1", "verify_copy1_b", "solve_Copy11", "mirror")
    programs = [Weighted(name, program) for name in names]
    sample = Sample(((1, 2),), ((2, 1),))
    kept = hold_out(Task("Copy1", (sample,), (sample,)), programs)
    assert [each.name for each in kept] == ["solve_Copy11", "mirror"]


DIALECT = """
def solve_67a3c6ac(S, I, C):
    O = mir_rot_t(I, R2)
    return O

def solve_1cf80156(S, I, C):
    x1 = o_g(I, R7)
    x2 = get_nth_f(x1, F0)
    O = subgrid_f(x2, I)
    return O

def solve_be94b721(S, I, C):
    return subgrid_f(argmax_f(o_g(I, R5), size_f), I)

def solve_a5313dff(S, I, C):
    x1 = colorfilter_f(o_g(I, R4), R0)
    x2 = compose(flip, rbind(bordering_f, I))
    x3 = mfilter_f(x1, x2)
    O = fill(I, ONE, x3)
    return O

def solve_d511f180(S, I, C):
    O = switch(I, get_nth_t((FIVE, EIGHT), F0), get_nth_t((FIVE, EIGHT), L1))
    return O

def solve_b1948b0a(S, I, C):
    O = replace(I, R6, R2)
    return O

def solve_0ca9ddb6(S, I, C):
    x1 = f_ofcolor(I, ONE)
    x2 = mapply(dneighbors, x1)
    x3 = f_ofcolor(I, TWO)
    x4 = mapply(ineighbors, x3)
    x5 = fill(I, SEVEN, x2)
    O = fill(x5, FOUR, x4)
    return O

def solve_b94a9452(S, I, C):
    x1 = apply(rbind(o_g, R1), (I,))
    x2 = get_nth_t(x1, F0)
    x3 = subgrid_f(merge_f(x2), I)
    x4 = p_g(x3)
    O = switch(x3, get_nth_t(x4, F0), get_nth_t(x4, L1))
    return O
"""


def test_programs_in_the_dialect_solve_training_tasks(batt: Batt, place: Path) -> None:
    (place / "dialect.py").write_text(DIALECT)
    answer = batt("import", "dialect.py")
    assert (answer.code, answer.err) == (0, "")
    assert "solved their task  8 of 8" in answer.out


GRID = ((1, 2, 0), (0, 2, 2), (3, 0, 2))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("get_nth_t(I, F2)", "last(I)"),
        ("get_nth_t(I, L3)", "first(I)"),
        ("get_nth_f(o_g(I, R5), F1)", "second(objects(I, T, F, T))"),
        ("get_nth_f(palette(I), F2)", "second(remove(ZERO, palette(I)))"),
        ("apply(rbind(get_nth_t, F2), I)", "apply(last, I)"),
        ("apply(rbind(get_nth_t, L3), I)", "apply(first, I)"),
        ("p_g(I)", "totuple(palette(I))"),
        ("apply(p_g, (I, I))", "apply(compose(totuple, palette), astuple(I, I))"),
        ("(F7, L9, R0, A3)", "combine(astuple(7, -9), astuple(0, 3))"),
        ("o_g(I, R0)", "objects(I, F, F, F)"),
        ("o_g(I, R3)", "objects(I, F, T, T)"),
        ("o_g(I, R6)", "objects(I, T, T, F)"),
    ],
)  # fmt: skip
def test_a_name_of_the_dialect_means_the_same(theirs: str, ours: str) -> None:
    engine = open_engine("reference")
    case = Case(S=((GRID, GRID),), I=GRID)
    programs = [parse_program(f"def solve(I): return {text}").program for text in (theirs, ours)]
    jobs = [Job(program, [case]) for program in programs]
    one, other = engine.evaluate(jobs, Budget(), keep_outputs=True)
    assert one.outcomes[0][0].failure is None
    assert one.output(0, 0) == other.output(0, 0)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (
            "c_iz_n(S, identity(p_g), rbind(get_nth_t, F0))",
            "c_iz_n is not read: its meaning is",
        ),
        ("mir_rot_t(I, R4)", "this call of mir_rot_t is not read: which symmetry its number means"),
        ("get_nth_t(I, size(I))", "this call of get_nth_t is not read: it needs a number that is"),
        ("get_nth_t(I)", "get_nth_t takes 2 arguments, got 1"),
        (
            "compose(get_nth_t, identity)",
            "get_nth_t is read only with its number: ",
        ),
        ("palette_t(I)", "palette_t is not read: whether it gives a set or a tuple is not known"),
        ("o_g(I, R9)", "this call of o_g is not read: it needs a number that is known, R0 to R7"),
        (
            "get_color_rank_t(I, F0)",
            "nothing is called 'get_color_rank_t'; did you mean",
        ),
    ],
)
def test_what_has_no_known_meaning_is_refused_with_the_reason(body: str, problem: str) -> None:
    [error] = parse_text(f"def solve(S, I, C):\n    return {body}\n").errors
    assert str(error).startswith(f"<text>:2: {problem}")


def test_our_own_names_keep_their_meaning() -> None:
    own = parse_program("def solve(I): return o_g(I, 5)").program
    assert [node.name for node in own.nodes] == ["I", "FIVE", "o_g"]
    mine = parse_program("def solve(I):\n    size_f = 3\n    R5 = 4\n    return add(size_f, R5)")
    assert [node.name for node in mine.program.nodes] == ["THREE", "FOUR", "add"]


def test_every_meaning_in_the_table_can_be_read() -> None:
    for name, meaning in load_dialect().items():
        assert bool(meaning.ours) + bool(meaning.calls) + bool(meaning.reason) == 1
        if meaning.ours is not None:
            assert parse_program(f"def solve(I): return {name}").program.size
        for pattern, ours in meaning.calls:
            words = ["I" if isinstance(part, str) else str(part) for part in pattern]
            text = f"def solve(I): return astuple(R1, {name}({', '.join(words)}))"
            assert bool(parse_text(text).errors) == isinstance(ours, str)
