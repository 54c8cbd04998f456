"""Definitions: functions over primitives as text, and in the place of their calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from arcbatt.errors import ParseError
from arcbatt.program.definitions import parse_definitions, read_definitions
from arcbatt.program.graph import GraphBuilder
from arcbatt.program.parse import parse_program

TEXT = '''
def recolor_most(grid: Grid, value: Color) -> Grid:
    """Return fill(grid, value, ofcolor(grid, mostcolor(grid))).

    Saves 12 bits in 5 places of 3 tasks: 0000aaaa, 0000bbbb,
    0000cccc.
    """
    x1 = mostcolor(grid)
    x2 = ofcolor(grid, x1)
    return fill(grid, value, x2)
'''


def test_a_definition_is_read_and_written() -> None:
    [one] = parse_definitions(TEXT)
    assert str(one) == "recolor_most(grid: Grid, value: Color) -> Grid"
    assert one.expression == "fill(grid, value, ofcolor(grid, mostcolor(grid)))"
    assert (one.saved_bits, one.places) == (12, 5)
    assert one.tasks == ("0000aaaa", "0000bbbb", "0000cccc")
    assert parse_definitions(one.render()) == (one,)


def test_the_body_takes_the_place_of_a_call() -> None:
    [one] = parse_definitions(TEXT)
    builder = GraphBuilder()
    mirrored = builder.call("vmirror", builder.input("I"))
    program = builder.program(one.add_to(builder, [mirrored, builder.constant(3)]))
    wanted = """
    def solve(S, I, C):
        x = vmirror(I)
        return fill(x, 3, ofcolor(x, mostcolor(x)))
    """
    assert program == parse_program(wanted.replace("\n    ", "\n")).program


def test_a_definition_without_counts_has_none() -> None:
    [one] = parse_definitions("def f(piece: Grid) -> Grid:\n    return vmirror(hmirror(piece))")
    assert (one.saved_bits, one.places, one.tasks) == (None, None, ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("def f() -> Grid:\n    return vmirror(I)", "0 parameters"),
        ("def f(a: Grid):\n    return vmirror(a)", "a type is missing"),
        ("def f(a) -> Grid:\n    return vmirror(a)", "a type is missing"),
        ("def f(a: Picture) -> Grid:\n    return vmirror(a)", "no type is called 'Picture'"),
        ("def f(a: Grid, b: Grid) -> Grid:\n    return vmirror(a)", "nothing reads b"),
        ("def f(a: Grid) -> Grid:\n    return a", "the result is no call"),
        ("def f(a: Grid) -> Grid:\n    return vmirror(rbind(shift, 1)(a))", "a call of a computed"),
        ("def f(a: Grid) -> Color:\n    return vmirror(a)", "the body makes"),
        ("def f(a: Integer) -> Color:\n    return mostcolor(a)", "argument element of mostcolor"),
        ("def f(a: Grid) -> Grid:\n    return nothing(a)", "nothing is called 'nothing'"),
        ("def f(a: Grid) -> Grid:\n    x = vmirror(a)", "no return"),
        ("def f(a: Grid = 3) -> Grid:\n    return vmirror(a)", "these parameters"),
        ("def vmirror(a: Grid) -> Grid:\n    return hmirror(a)", "vmirror is defined already"),
        ("x = 3", "a Assign stands here"),
        ("def f(", "was never closed"),
        (2 * "def f(a: Grid) -> Grid:\n    return vmirror(a)\n", "f is defined already"),
    ],
)
def test_what_is_no_definition_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ParseError, match=problem):
        parse_definitions(text, file="f.py")


def test_files_that_can_not_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="can't be read"):
        read_definitions(tmp_path / "none.py")
    (tmp_path / "bytes.py").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ParseError, match="is not UTF-8"):
        read_definitions(tmp_path / "bytes.py")
