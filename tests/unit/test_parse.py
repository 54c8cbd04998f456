"""Reading program files: both styles of arc-dsl, ours, and everything that is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from arcbatt.errors import ParseError
from arcbatt.program.parse import MAX_NODES, parse_file, parse_program, parse_text

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
    ("text", "line", "problem"),
    [
        ("def solve(I):\n    return unheard(I)", 2, "unheard"),
        ("def solve(I):\n    return vmirror(I, I)", 2, "vmirror takes 1 arguments, got 2"),
        ("def solve(I):\n    x = vmirror(I)", 1, "no return"),
        ("def solve(I):\n    for x in I:\n        pass\n    return I", 2, "a For stands here"),
        ("def solve(I):\n    return I\n    x = I", 3, "a line after return"),
        ("def solve(I):\n    return [I]", 2, "a List stands here"),
        ("def solve(I):\n    return fill(*I)", 2, "a starred argument"),
        ("def solve(I):\n    return canvas(value=1, dimensions=I)", 2, "a Call stands here"),
        ("def solve(I):\n    return add(1.5, 2)", 2, "a Constant stands here"),
        ("def solve(I):\n    return add(9223372036854775808, 2)", 2, "beyond 64 bits"),
        ("def solve(I):\n    return I.count(1)", 2, "an Attribute stands here"),
        ("def solve(A, B):\n    return A", 1, "the parameters are (A, B);"),
        ("def solve(I, *more):\n    return I", 1, "the parameters are (I, *more);"),
        ("@cache\ndef solve(I):\n    return I", 2, "a decorator"),
        ("import os\nos.system('true')", 2, "a Call stands here"),
        ("def solve(I):\n    return __import__('os')", 2, "__import__"),
        ("x = 1", 1, "an Assign stands here"),
        ("def solve(I:\n", 1, "never closed"),
    ],
)
def test_anything_else_is_an_error_with_its_line(text: str, line: int, problem: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_program(text, file="some.py")
    assert caught.value.context["line"] == line
    assert problem in str(caught.value)
    assert str(caught.value).startswith("some.py:")


def test_a_broken_function_costs_only_itself() -> None:
    found = parse_text("def solve_a(I): return I\ndef solve_b(I): return what(I)\n")
    assert [source.name for source in found.programs] == ["solve_a"]
    assert len(found.errors) == 1


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


def test_files_are_bounded_and_need_to_be_text(tmp_path: Path) -> None:
    file = tmp_path / "programs.py"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ParseError, match="not UTF-8"):
        parse_file(file)
    with pytest.raises(ParseError, match="can't be read"):
        parse_file(tmp_path / "missing.py")
    file.write_text("def solve(I): return I\x00")
    with pytest.raises(ParseError):
        parse_file(file)
