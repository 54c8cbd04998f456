"""Library learning: parts that programs share, what they save, and the functions of the library."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.commands import Batt

from arcbatt.archive import Archive, NewEntry
from arcbatt.learning import lesson
from arcbatt.learning.corpus import Entry, Pricer, total_bits
from arcbatt.learning.learn import Example, Learner
from arcbatt.learning.lesson import learn
from arcbatt.learning.patterns import SAVED_MIN, TASKS_MIN, Finder
from arcbatt.learning.rewrite import Rewriter, match
from arcbatt.library import FOUND, FUNCTIONS, SOLVERS, read_library
from arcbatt.program.definitions import Definition, parse_definitions
from arcbatt.program.graph import Program
from arcbatt.program.parse import parse_program, parse_text
from arcbatt.score import Score
from arcbatt.search.functions import LIBRARY, load_functions
from arcbatt.search.table import load_table

SHARED = "paint({0}, mapply(lbind(shift, asobject({0})), {1}))"
"""A part with two holes, one of them twice."""


def program(expression: str) -> Program:
    return parse_program(f"def solve(S, I, C): return {expression}").program


def examples(*expressions: str) -> list[Example]:
    return [Example(f"task{place}", program(text)) for place, text in enumerate(expressions)]


TAUGHT = examples(
    SHARED.format("vmirror(I)", "ofcolor(I, 3)"),
    f"hmirror({SHARED.format('I', 'ofcolor(I, 2)')})",
    SHARED.format("trim(I)", "corners(asindices(I))"),
    f"rot90({SHARED.format('I', 'box(asindices(I))')})",
)


@pytest.fixture(scope="module")
def learner() -> Learner:
    return Learner(load_table())


@pytest.fixture(scope="module")
def learnt(learner: Learner) -> tuple[Definition, ...]:
    return learner.learn(TAUGHT)


def test_the_part_that_programs_share_becomes_a_function(learnt: tuple[Definition, ...]) -> None:
    [one] = learnt
    assert one.expression == SHARED.format("grid", "container")
    assert str(one) == "paint_mapply_lbind_shift_asobject(grid: Grid, container: Indices) -> Grid"
    assert one.tasks == ("task0", "task1", "task2", "task3")
    assert one.places == 4
    assert parse_definitions(one.render()) == (one,)


def test_what_too_few_tasks_share_is_no_function(learner: Learner) -> None:
    assert learner.learn(TAUGHT[: TASKS_MIN - 1]) == ()
    twice = [Example("one", each.program) for each in TAUGHT]
    assert learner.learn(twice) == ()


def test_the_bits_are_those_before_and_after(
    learner: Learner, learnt: tuple[Definition, ...]
) -> None:
    bits = learner.measure(TAUGHT, learnt)
    assert (bits.functions, bits.places, bits.programs, bits.shorter) == (1, 4, 4, 4)
    pricer = Pricer(load_table())
    assert bits.before == total_bits(pricer, [pricer.entry(e.task, e.program) for e in TAUGHT])
    assert bits.saved == bits.before - bits.after - bits.definitions
    assert bits.saved > SAVED_MIN
    others = learner.measure(examples("vmirror(I)"), learnt)
    assert (others.after, others.definitions, others.places) == (others.before, 0, 0)


def entry_of(expression: str) -> tuple[Pricer, Entry]:
    pricer = Pricer(load_table())
    return pricer, pricer.entry("task", program(expression))


def define(text: str) -> Definition:
    [one] = parse_definitions(text)
    return one


BOTH = define("def both_ways(piece: Grid) -> Grid:\n    return vconcat(piece, hmirror(piece))")


def test_equal_holes_want_equal_nodes() -> None:
    _, entry = entry_of("vconcat(trim(I), hmirror(trim(I)))")
    assert match(entry, entry.root, BOTH) is not None
    _, entry = entry_of("vconcat(I, hmirror(trim(I)))")
    assert match(entry, entry.root, BOTH) is None


def test_constants_keep_their_kind() -> None:
    one = define("def f(grid: Grid) -> Objects:\n    return objects(grid, True, False, True)")
    _, entry = entry_of("objects(I, True, False, True)")
    assert match(entry, entry.root, one) is not None
    _, entry = entry_of("objects(I, 1, 0, 1)")
    assert match(entry, entry.root, one) is None


@pytest.mark.parametrize(
    "expression",
    [
        "vconcat(trim(I), hmirror(trim(I)))",
        # Something else uses a part: it stays.
        "hconcat(vconcat(I, hmirror(I)), hmirror(I))",
        "vconcat(vconcat(I, hmirror(I)), hmirror(vconcat(I, hmirror(I))))",
    ],
)
def test_rewriting_saves_what_it_says(expression: str) -> None:
    pricer, entry = entry_of(expression)
    before = pricer.bits(entry)
    places = Rewriter(pricer, [BOTH], {BOTH.name: 1.0}).rewrite([entry])[BOTH.name]
    assert places
    assert before - pricer.bits(entry) == pytest.approx(sum(place.saved for place in places))


def test_a_call_that_costs_more_than_it_saves_is_not_made() -> None:
    pricer, entry = entry_of("vconcat(I, hmirror(I))")
    assert Rewriter(pricer, [BOTH], {BOTH.name: 99.0}).rewrite([entry]) == {BOTH.name: []}


def test_the_search_for_patterns_drops_nothing() -> None:
    """The bound must not cut off the best: without it, the same is found."""

    class Patient(Finder):
        def bound(self, matches: object) -> float:
            return float("inf")

    pricer = Pricer(load_table())
    entries = [pricer.entry(each.task, each.program) for each in TAUGHT]
    best, same = Finder(entries, pricer).find(), Patient(entries, pricer).find()
    assert best is not None
    assert best == same


def test_the_library_has_functions_as_they_are_learnt() -> None:
    assert learn().text == read_library(FUNCTIONS), "run `make functions`"


def test_functions_of_the_library_say_what_they_are() -> None:
    functions = load_functions(LIBRARY)
    assert functions
    for one in functions:
        assert one.places is not None
        assert one.saved_bits is not None
        assert len(one.tasks) >= TASKS_MIN
        assert one.places >= len(one.tasks)
        assert one.saved_bits >= SAVED_MIN


@pytest.fixture
def small_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put two programs for each of those that are taught in the place of the library."""
    texts = [each.program.inlined for each in TAUGHT for _ in range(2)]
    text = "".join(
        text.replace("def solve(", f"def solve_0000aaa{place}(") for place, text in enumerate(texts)
    )
    programs = {SOLVERS: parse_text(text).programs, FOUND: []}
    monkeypatch.setattr(lesson, "load_library", lambda name=SOLVERS: programs[name])


@pytest.mark.usefixtures("small_library")
def test_an_archive_teaches_its_exact_programs(tmp_path: Path) -> None:
    mirrored = program(
        "hconcat(paint(canvas(8, shape(I)), recolor(2, delta(merge(fgpartition(I))))), I)"
    )
    with Archive.open(tmp_path / "archive") as archive:
        for place, score in enumerate((1000, 1000, 1000, 999)):
            entry = NewEntry(f"0000bbb{place}", mirrored, Score((score,)), 1, 1, source="test")
            archive.add_many([entry])
    without, with_archive = learn(), learn(archive=tmp_path / "archive")
    new = [one for one in with_archive.functions if one.expression.startswith("hconcat")]
    assert [one.tasks for one in new] == [("0000bbb0", "0000bbb1", "0000bbb2")]
    assert len(with_archive.functions) == len(without.functions) + 1
    assert with_archive.learnt.programs == without.learnt.programs + 3
    alone = learn(library=False, archive=tmp_path / "archive")
    assert [one.expression for one in alone.functions] == [one.expression for one in new]


@pytest.mark.usefixtures("small_library")
def test_learning_from_half_of_the_tasks(batt: Batt, tmp_path: Path) -> None:
    output, held = tmp_path / "functions.py", tmp_path / "held.txt"
    answer = batt("learn", "--sources", "search")
    assert answer.code == 2
    assert "nothing can be learnt from 'search': expected library, archive" in answer.err
    answer = batt("learn", "-o", output, "--hold-out", held, "--json")
    assert answer.code == 0
    document = answer.json
    ids = held.read_text().split()
    assert document["held_tasks"] == ids == [f"0000aaa{place}" for place in (1, 3, 5, 7)]
    taught = {task for function in document["functions"] for task in function["tasks"]}
    assert taught == {f"0000aaa{place}" for place in (0, 2, 4, 6)}
    assert document["held"]["bits_after"] < document["held"]["bits_before"]
    names = [one.name for one in load_functions(str(output))]
    assert names == [function["name"] for function in document["functions"]]
    assert batt("learn", "--hold-out", held).out.count("held out") == 1


def test_learning_refuses_what_is_not_there(batt: Batt, tmp_path: Path) -> None:
    answer = batt("learn", "--archive", str(tmp_path / "none"))
    assert (answer.code, answer.out) == (1, "")
    assert "error[archive]" in answer.err
    answer = batt("learn", "--sources", "search")
    assert answer.code == 2
    assert "nothing can be learnt from 'search': expected library, archive" in answer.err
    answer = batt("learn", "-o", str(tmp_path / "none" / "functions.py"))
    assert answer.code == 2
    assert "can't be written" in answer.err
