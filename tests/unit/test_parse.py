"""Reading program files: both styles of arc-dsl, ours, and everything that is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.errors import ParseError
from arcbatt.program.names import find_task, index_tasks, is_named_after
from arcbatt.program.parse import parse_file, parse_program, parse_text
from arcbatt.program.reader import MAX_NODES

ARC_DSL = """
from dsl import *
from constants import *


def solve_67a3c6ac(I):
    O = vmirror(I)
    return O


def verify_68b16354(I: Grid) -> Grid:
    \"\"\"Turn it over.\"\"\"
    x0: Grid = hmirror(I)
    return x0


def solve_74dd1130(I): return dmirror(I)
"""


def test_both_styles_are_read() -> None:
    found = parse_text(ARC_DSL)
    assert found.errors == []
    assert [source.task for source in found.programs] == ["67a3c6ac", "68b16354", "74dd1130"]
    assert found.programs[1].doc == "Turn it over."
    assert [source.line for source in found.programs] == [6, 11, 17]


def test_nested_calls_are_the_same_program_as_assignments() -> None:
    nested = parse_program("def solve(S, I, C): return fill(I, TWO, ofcolor(I, ONE))")
    flat = parse_program(
        "def solve_x(I):\n    a = 1\n    b = ofcolor(I, a)\n    c = fill(I, TWO, b)\n    return c"
    )
    assert nested.program == flat.program
    assert nested.program.body_hash == flat.program.body_hash


def test_lines_are_kept_for_every_node() -> None:
    source = parse_program("def solve(I):\n    a = vmirror(I)\n    b = hmirror(a)\n    return b")
    assert source.lines == (2, 2, 3)


def test_computed_functions_can_be_called() -> None:
    source = parse_program("def solve(I):\n    f = compose(vmirror, hmirror)\n    return f(I)")
    assert str(source.program.nodes[-1]).startswith("invoke")


def test_a_variable_hides_a_primitive_of_the_same_name() -> None:
    source = parse_program("def solve(I):\n    size = vmirror(I)\n    return size")
    assert source.program == parse_program("def solve(I): return vmirror(I)").program


def test_integers_and_pairs_are_constants() -> None:
    source = parse_program("def solve(I): return canvas(-1, (3, 40))")
    assert [node.name for node in source.program.nodes] == ["NEG_ONE", "(3, 40)", "canvas"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("unheard(I)", "nothing is called 'unheard'"),
        ("vmirrorr(I)", "nothing is called 'vmirrorr'; did you mean vmirror?"),
        ("vmirror(I, I)", "vmirror takes 1 argument, got 2"),
        ("[I]", "lists are not part of the language: write a tuple, (a, b)"),
        ("[row for row in I]", "comprehensions are not part of the language: write apply(f, x)"),
        ("tuple(row for row in I)", "comprehensions are not part of the language"),
        ("fill(*I)", "starred arguments are not supported: write each argument"),
        (
            "canvas(value=1, size=I)",
            "canvas has no parameter 'size'; its parameters are value, dimensions",
        ),
        ("canvas(1, value=2)", "canvas is given 'value' twice"),
        ("canvas(dimensions=I)", "canvas takes 2 arguments, got 1"),
        ("canvas(1, I, dimensions=I)", "canvas is given 'dimensions' twice"),
        ("canvas(1, **I)", "canvas has starred arguments, which are not supported"),
        (
            "compose(size, identity)(x=I)",
            "keyword arguments are not supported here: write compose(size, identity)(I)",
        ),
        ("unheard(x=I)", "nothing is called 'unheard'"),
        ("max(I, key=size)", "Python's max is not part of the language: write maximum(x)"),
        ("(lambda g: g)(h=I)", "this lambda has no parameter 'h'; its parameters are g"),
        ("(lambda g, h: g)(h=I)", "this lambda takes 2 arguments, got 1"),
        ("Dmirror(I)", "nothing is called 'Dmirror'; did you mean dmirror?"),
        ("DMIRROR(I)", "nothing is called 'DMIRROR'; did you mean dmirror?"),
        ("add(Thre, 1)", "nothing is called 'Thre'; did you mean THREE?"),
        ("add(1.5, 2)", "1.5 is no integer"),
        ("replace(I, None, 0)", "None is not part of the language: write a value"),
        ("replace(I, 'a', 0)", "texts are not part of the language"),
        ("add(9223372036854775808, 2)", "an integer beyond 64 bits"),
        ("I.count(1)", "`I.count` is not part of the language: call functions, as f(x)"),
        ("I[0]", "indexing is not part of the language: write first(x), second(x), last(x)"),
        ("I[0:2]", "slices are not part of the language: write crop(grid, start"),
        ("height(I) > 3", "comparisons are not part of the language: use greater/equality"),
        ("T and F", "`and` and `or` are not part of the language: write both(a, b)"),
        ("not T", "`not` is not part of the language: write flip(a)"),
        ("-size(I)", "the operator - is not part of the language: write invert(x)"),
        ("size(I) + 1", "operators are not part of the language: write add(a, b)"),
        ("size(I) ** 2", "this operator is not part of the language"),
        ("I if T else I", "`a if b else c` is not part of the language: write branch(b, a, c)"),
        ("len(I)", "Python's len is not part of the language: write size(x)"),
        ("__import__('os')", "Python's __import__ is not part of the language"),
        ("lambda x: branch(even(x), x, x)", "this lambda can't be passed as a value"),
        ("lambda a, b: add(b, a)", "this lambda can't be passed as a value"),
        ("lambda f: f(I)", "this lambda can't be passed as a value"),
    ],
)
def test_an_expression_that_is_not_read_is_explained(body: str, problem: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_program(f"def solve(I):\n    return {body}", file="some.py")
    assert str(caught.value).startswith(f"some.py:2: {problem}")


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("def solve(I):\n    x = vmirror(I)", 2, "no return: the last line of a function is"),
        ("def solve(I):\n    x = vmirror(I, I)\n    return x", 2, "vmirror takes 1 argument"),
        ("def solve(I):\n    return", 2, "return has no value: write return x"),
        ("def solve(I):\n    for x in I:\n        pass\n    return I", 2, "`for` is not part"),
        ("def solve(I):\n    if T:\n        return I", 2, "`if` is not part of the language: "),
        ("def solve(I):\n    x = 1\n    x += 1\n    return x", 3, "assignments such as `x += y`"),
        (
            "def solve(I):\n    vmirror(I)\n    return I",
            2,
            "nothing uses the result of",
        ),
        ("def solve(I):\n    I.x = 1\n    return I", 2, "only a name can be assigned, not `I.x`"),
        ("def solve(I):\n    a, b = 1, 2, 3\n    return I", 2, "2 names for 3 values"),
        ("def solve(I):\n    a, b, c, d = I\n    return I", 2, "a value can't be unpacked into 4"),
        ("def solve(I):\n    return I\n    x = I", 3, "a line after return is never reached"),
        ("def solve(A, B):\n    return A", 1, "the parameters are (A, B) (in solve); allowed here"),
        ("def solve(I, *more):\n    return I", 1, "the parameters are (I, *more) (in solve);"),
        ("@cache\ndef solve(I):\n    return I", 2, "decorators are not supported"),
        ("async def solve(I):\n    return I", 1, "async functions are not part of the language"),
        ("class S:\n    def solve(self, I): return I", 2, "classes are not part of the language"),
        ("import os\nos.system('true')", 2, "outside of a function nothing uses the result of"),
        ("import numpy as np\ndef solve(I):\n    return np.rot90(I)", 3, "numpy is not part of"),
        ("from itertools import chain\ndef solve(I):\n    return chain", 3, "chain is itertools's"),
        ("def solve(I): return f(I)\ndef f(x): return f(x)", 2, "f calls itself, or too many"),
        ("def solve(I): return f(I, I)\ndef f(x): return x", 1, "f takes 1 argument, got 2"),
        ("def solve(I:\n", 1, "the bracket ( is never closed"),
        ("def solve(I):\n    x = I)\n    return x", 2, "the bracket ) was never opened"),
        ("def solve(I):\n    x = = I\n    return x", 2, "this line is not Python: `x = = I`"),
        ("def solve(I):\n    x = I\n   return x", 3, "this line is indented like none before it"),
        ("def solve(I):\n", 1, "the function has no lines that are indented"),
        ("def solve(I):\n    x = 'I\n    return x", 2, "a text is never closed with its quotes"),
    ],
)
def test_a_function_that_is_not_read_is_explained(text: str, line: int, problem: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_program(text, file="some.py")
    assert caught.value.context["line"] == line
    assert str(caught.value).startswith(f"some.py:{line}: {problem}")


def test_a_problem_of_the_whole_text_has_no_line() -> None:
    with pytest.raises(ParseError, match=r"^some.py: 0 programs; allowed here: one program$"):
        parse_program("x = 1", file="some.py")


GRID = ((1, 2, 0), (0, 2, 2), (3, 0, 2))


def results(text: str) -> list[object]:
    """Return what the programs of a text give for a grid, the same on both engines."""
    found = parse_text(text)
    assert found.errors == []
    given: list[list[object]] = []
    for name in ("reference", None):
        engine = open_engine(name)
        case = Case(S=((GRID, GRID),), I=GRID)
        jobs = [Job(source.program, [case]) for source in found.programs]
        done = engine.evaluate(jobs, Budget(), keep_outputs=True)
        assert [each.outcomes[0][0].failure for each in done] == [None] * len(jobs)
        given.append([each.output(0, 0) for each in done])
    assert given[0] == given[1]
    return given[0]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("apply(lambda x: increment(double(x)), (1, 2, 3))", (3, 5, 7)),
        ("apply(lambda x: add(x, x), (1, 2, 3))", (2, 4, 6)),
        ("apply(lambda x: subtract(9, double(x)), (1, 2, 3))", (7, 5, 3)),
        ("apply(lambda x: branch(even(x), x, 7), (1, 2, 3))", (7, 2, 7)),
        ("apply(lambda x: 7, (1, 2, 3))", (7, 7, 7)),
        ("apply(lambda x: x, (1, 2, 3))", (1, 2, 3)),
        ("apply(lambda x, k=2: add(x, k), (1, 2, 3))", (3, 4, 5)),
        ("apply(lambda x: last(apply(lambda y: subtract(x, y), (1, 2))), (4, 5, 6))", (2, 3, 4)),
        ("papply(lambda a, b: subtract(a, b), (5, 7), (1, 2))", (4, 5)),
        ("papply(lambda a, b: branch(T, a, b), (5, 7), (1, 2))", (5, 7)),
        ("(lambda f, x: f(f(x)))(double, 3)", 12),
        ("(lambda: 7)()", 7),
        ("add(y := 3, y)", 6),
        ("(1, 2, 3, 4, 5)", (1, 2, 3, 4, 5)),
        ("((1, 2), (3, 4))", ((1, 2), (3, 4))),
        ("(size(I),)", (3,)),
        ("()", ()),
        ("{1, 2}", frozenset({1, 2})),
        ("frozenset({(0, 1), ORIGIN})", frozenset({(0, 1), (0, 0)})),
        ("frozenset()", frozenset()),
        ("tuple([1, 2, 3])", (1, 2, 3)),
        ("crop(I, (0, 3 - 2), (1, 2 * 1))", ((2, 0),)),
        ("(+1, -2)", (1, -2)),
    ],
)
def test_python_that_the_language_can_say_is_read(body: str, value: object) -> None:
    assert results(f"def solve(I):\n    return {body}") == [value]


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("canvas(value=1, dimensions=(2, 3))", "canvas(1, (2, 3))"),
        ("canvas(dimensions=(2, 3), value=1)", "canvas(1, (2, 3))"),
        ("fill(I, patch=asindices(I), value=size(I))", "fill(I, size(I), asindices(I))"),
        ("objects(grid=I, univalued=T, without_bg=F, diagonal=T)", "objects(I, T, T, F)"),
        ("put(color=3, grid=I)", "replace(I, ZERO, 3)"),
        ("put(I, old=4, color=3)", "replace(I, 4, 3)"),
        ("put(I, 3, new=5)", "replace(I, ZERO, 5)"),
        ("(lambda g, h: subtract(g, h))(h=size(I), g=1)", "subtract(1, size(I))"),
        ("dsl.canvas(dimensions=(2, 3), value=1)", "canvas(1, (2, 3))"),
    ],
)
def test_keywords_are_read_by_the_parameters(given: str, plain: str) -> None:
    value = "new" if "new" in given else "color"
    helper = f"def put(grid, color, old=ZERO, *, new=3): return replace(grid, old, {value})\n"
    read = parse_program(f"{helper * ('put' in given)}def solve(I): return {given}")
    assert read.program == parse_program(f"def solve(I): return {plain}").program


def test_helpers_are_inlined_and_no_programs() -> None:
    text = """
BACKGROUND: int = 0
SIDES = (UP, DOWN)
first_cell, second_cell = (0, 0), (0, 1)
on_black = lambda g: fill(g, BACKGROUND, {first_cell, second_cell})

def paint_it(g, color=FIVE):
    "Paint a cell."
    where = first_cell
    return fill(g, color, {where})

def size_of(row): return size(row)

def solve_00000000(I):
    O = paint_it(on_black(I))
    return O

def solve_00000001(I): return paint_it(I, color_of(I))

def color_of(g): return mostcolor(g)

def solve_00000002(I): return apply(size_of, I), SIDES
"""
    assert [source.name[-1] for source in parse_text(text).programs] == ["0", "1", "2"]
    assert results(text) == [
        ((5, 0, 0), *GRID[1:]),
        ((2, 2, 0), *GRID[1:]),
        ((3, 3, 3), ((-1, 0), (1, 0))),
    ]


def test_a_function_in_a_function_sees_its_names() -> None:
    text = """
def solve(I):
    offset = (1, 1)
    def moved(patch):
        again = shift(patch, offset)
        return shift(again, offset)
    return apply(moved, initset(initset(offset)))
"""
    assert results(text) == [frozenset({frozenset({(3, 3)})})]


def test_names_are_assigned_as_in_python() -> None:
    text = """
def solve(I):
    a = b = 1
    a, b = 2, a
    (c, d), e = (3, 4), vmirror(I)
    first_row, *_ = I, 0
    return a
def solve_b(I):
    a, b = 1, 2
    a, b = b, a
    x, y, z = I
    p, q = (a, b), (x, z)
    head, tail = q
    return a, b, y, head, tail
"""
    found = parse_text(text)
    assert [str(error) for error in found.errors] == [
        "<text>:6: only a name can be assigned, not `*_` (in solve)"
    ]
    del found
    assert results(text[text.index("def solve_b") :]) == [(2, 1, GRID[1], GRID[0], GRID[2])]


def test_prefixes_and_imports_of_the_language_are_understood() -> None:
    text = """
import dsl as d
import arc.dsl
from dsl import *
from itertools import chain
from my_dsl import vmirror as turned, chain
def solve_a(I): return d.hmirror(turned(arc.dsl.rot90(I)))
def solve_b(I): return chain(dsl.vmirror, hmirror, identity)(I)
"""
    assert results(text) == [((0, 2, 2), (2, 2, 0), (1, 0, 3)), ((2, 0, 3), (2, 2, 0), (0, 2, 1))]


def test_assigned_functions_are_programs() -> None:
    text = "solve = lambda I: vmirror(I)\nsolve_0000aaaa = compose(vmirror, hmirror)\n"
    assert results(text) == [((0, 2, 1), (2, 2, 0), (2, 0, 3)), ((2, 0, 3), (2, 2, 0), (0, 2, 1))]


def test_a_pasted_primitive_is_the_primitive_unless_it_can_be_read() -> None:
    text = """
def size(container): return len(container)
def vmirror(piece): return hmirror(piece)
def solve_a(I): return size(I)
def solve_b(I): return vmirror(I)
"""
    assert results(text) == [3, GRID[::-1]]


def test_inlining_is_bounded() -> None:
    levels = "".join(f"def f{n}(x): return f{n + 1}(f{n + 1}(x))\n" for n in range(30))
    text = f"{levels}def f30(x): return increment(x)\n"
    text += "def solve_a(I): return f0(1)\ndef solve_b(I): return apply(f0, I)\n"
    found = parse_text(f"{text}def solve_c(I): return f25(1)\n")
    assert [each.name for each in found.programs] == ["solve_c"]
    problems = [str(error).partition(": ")[2] for error in found.errors]
    # The second program of the file gets half of what the first one had.
    for name, most in (("a", 200_000), ("b", 100_000)):
        allowed = f"allowed here: at most {most} expressions in helpers and lambdas"
        assert f"too many calls (in solve_{name}); {allowed}" in problems


@pytest.mark.parametrize(
    ("helpers", "problem"),
    [
        ("def f(x): return f(vmirror(x))\n", "f calls itself, or too many functions"),
        ("def f(x): return hconcat(f(x), f(x))\n", "f calls itself, or too many functions"),
        ("def f(x): return g(x)\ndef g(x): return f(x)\n", "f calls itself, or too many"),
        ("def f(x): return apply(f, x)\n", "f calls itself, or too many functions"),
        ("A = (B, B)\nB = (A, A)\ndef f(x): return astuple(A, x)\n", "calls nest too deeply"),
    ],
)
def test_what_calls_itself_is_refused(helpers: str, problem: str) -> None:
    [error] = parse_text(f"{helpers}def solve(I): return f(I)\n").errors
    assert problem in str(error)


GOOD = "def solve_a(I):\n    return vmirror(I)\n"


@pytest.mark.parametrize(
    ("bad", "line"),
    [
        ("def solve_b(I): return what(I)\n", 3),
        ("def solve_b(I):\n    x = upscale(I, THREE\n    return x\n", 4),
        ("def solve_b(I):\n    x = I\n  return x\n", 5),
        ("def solve_b(I):\nreturn x\n", 4),
        ("def solve_b(I):\n\n", 3),
        ('def solve_b(I):\n    """Not closed.\n    return I\n', 4),
        ('def solve_b(I):\n    """Not closed.\n    return I\ndef solve_c(I):\n    """No.\n', 4),
        ("@later\nasync def solve_b(I):\n    return await I\n", 4),
        ("def solve_b(I):\n\tx = I\n        return x\n", 5),
    ],
)
def test_a_broken_function_costs_only_itself(bad: str, line: int) -> None:
    last = GOOD.replace("solve_a", "solve_z")
    found = parse_text(GOOD + bad + last)
    assert [source.name for source in found.programs] == ["solve_a", "solve_z"]
    assert found.errors[0].context["line"] == line
    lines = (GOOD + bad + last).split("\n")
    assert [lines[source.line - 1] for source in found.programs] == [
        "def solve_a(I):",
        "def solve_z(I):",
    ]


def test_errors_are_in_the_order_of_lines_with_their_functions() -> None:
    text = (
        "def solve_a(I): return I[0]\n"
        "def solve_b(I): return fill(I\n"
        "class S:\n    def solve_c(I): return I\n"
        "def solve_d(I): return help(I)\n"
        "def help(x): return x[0]\n"
    )
    errors = [str(error).split(":")[1:] for error in parse_text(text).errors]
    assert [int(line) for line, *_ in errors] == [1, 2, 4, 6]
    for (_, *words), name in zip(errors, "abcd", strict=True):
        assert ":".join(words).endswith(f" (in solve_{name})")


def test_an_indented_program_is_read() -> None:
    assert parse_program("  def solve(I):\n    return vmirror(I)\n").line == 1
    found = parse_text(GOOD + "  def solve_b(I):\n    return hmirror(I)\n" + GOOD)
    assert [(source.name, source.lines) for source in found.programs] == [
        ("solve_a", (2, 2)),
        ("solve_b", (4, 4)),
        ("solve_a", (6, 6)),
    ]
    inner = GOOD + "\n    def solve_b(I):\n        return hmirror(I)\n"
    assert [source.name for source in parse_text(inner).programs] == ["solve_a", "solve_b"]


def test_lines_outside_of_functions_are_skipped_with_a_note() -> None:
    text = 'print "hello"\n' + GOOD + 'if __name__ == "__main__":\n    run()\nx.y = 3\n'
    found = parse_text(text)
    assert ([source.line for source in found.programs], found.errors) == ([2], [])
    assert [str(place) for place in found.skipped] == [
        "<text>:1: print is not part of the language: leave this line out",
        "<text>:6: outside of a function only names can be assigned",
    ]


def test_the_first_errors_are_listed_and_the_others_counted() -> None:
    found = parse_text("def f(I): return g(I)\n" * 1500)
    assert (len(found.errors), found.unlisted) == (1000, 500)
    listed = found.listed("many.py")
    assert len(listed) == 21
    assert str(listed[-1]) == "many.py: 1480 more functions can't be read"
    nothing = str(found.explain_nothing("many.py"))
    assert nothing.startswith(
        "many.py:1: nothing is called 'g' (in f) and 1499 more can't be read either"
    )


def test_five_thousand_lines_are_fine_and_too_many_are_refused() -> None:
    def text(lines: int) -> str:
        body = "".join(f"    x{n} = shift(x{n - 1}, ({n}, 0))\n" for n in range(1, lines))
        return f"def solve(I):\n    x0 = asindices(I)\n{body}    return x{lines - 1}\n"

    assert parse_program(text(5000)).program.size == 10_000
    with pytest.raises(ParseError, match="too many calls"):
        parse_program(text(MAX_NODES))


@pytest.mark.parametrize("depth", [150, 1000, 100_000])
def test_deep_nesting_is_read_or_refused(depth: int) -> None:
    text = "def solve(I): return " + "vmirror(" * depth + "I" + ")" * depth
    try:
        assert parse_program(text).program.size == depth + 1
    except ParseError:
        assert depth >= 200


@pytest.mark.parametrize("depth", [100, 100_000])
def test_long_chains_of_calls_are_read_or_refused(depth: int) -> None:
    text = "def solve(I): return identity" + "(identity)" * depth
    try:
        parse_program(text)
    except ParseError:
        assert depth > 100


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.encode("utf-16"),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\r").encode(),
        GOOD.replace("    ", "\t").encode(),
        b"# r\xe9solveur\n" + GOOD.encode(),
        b"# coding: latin-1\n# r\xe9solveur\n" + GOOD.encode(),
        b"# coding: utf-8\n# r\xe9solveur\n" + GOOD.encode(),
        b"# coding: cp1252\n# \x93quoted\x94\n" + GOOD.encode(),
        GOOD.encode() + b"\n\x0c\n",
        GOOD.replace("return", '"\\d"\n    return').encode(),
    ],
)
def test_files_are_read_in_any_encoding(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "programs.py"
    file.write_bytes(data)
    [source] = parse_file(file).programs
    assert source.program == parse_program(GOOD).program


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (GOOD.encode() + b"\0", "is no text file"),
        (b"# coding: klingon\n" + GOOD.encode(), "1: its encoding 'klingon' is unknown"),
        (b"# coding: rot13\n" + GOOD.encode(), "1: its encoding 'rot13' is unknown"),
        (b"# coding: punycode\n" + GOOD.encode(), "1: its encoding 'punycode' is unknown"),
        (b"#" * (16 * 2**20 + 1), "has more than 16777216 bytes"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes, problem: str) -> None:
    file = tmp_path / "programs.py"
    file.write_bytes(data)
    with pytest.raises(ParseError, match=problem):
        parse_file(file)
    with pytest.raises(ParseError, match=r"missing.py: can't be read: No such file"):
        parse_file(tmp_path / "missing.py")


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("solve_Copy1", "Copy1"),
        ("solve_copy1", "Copy1"),
        ("verify_Copy1_again", "Copy1"),
        ("Copy1", "Copy1"),
        ("solve_1d_flip_0", "1d_flip_0"),
        ("solve_1d_flip_9", "1d_flip"),
        ("solve_a_b_c", "a-b c"),
        ("solve_007BBFB7", "007bbfb7"),
        ("my_007bbfb7_v2", "007bbfb7"),
        ("solve_COPY2", "copy2"),
        ("solve_Copy2", "Copy2"),
        ("my_Copy1", None),
        ("solve_copy11", None),
        ("solve", None),
    ],
)
def test_a_name_belongs_to_a_task_of_the_dataset(name: str, task: str | None) -> None:
    tasks = index_tasks(["Copy1", "1d_flip", "1d_flip_0", "a-b c", "007bbfb7", "copy2", "Copy2"])
    assert find_task(name, tasks) == task
    assert task is None or is_named_after(name, task)


def test_names_of_any_length_are_bearable() -> None:
    name = "solve_" + "a_" * 100_000
    assert find_task(name, index_tasks(["a"])) is None
    [error] = parse_text(f"def solve(I): return {name}").errors
    assert len(str(error)) < 100
