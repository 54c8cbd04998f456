"""Type inference: what it knows, what it reports and where."""

from __future__ import annotations

import pytest

from arcbatt.errors import TypeMismatchError
from arcbatt.program.check import check, require_types
from arcbatt.program.parse import parse_program


def result_type(expression: str) -> str:
    checked = check(parse_program(f"def solve(S, I, C): return {expression}").program)
    assert checked.mismatches == ()
    return str(checked.types[-1])


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("I", "Grid"),
        ("vmirror(I)", "Grid"),
        ("objects(I, T, F, T)", "Objects"),
        ("first(objects(I, T, F, T))", "Object"),
        ("first(first(first(objects(I, T, F, T))))", "Color"),
        ("last(first(first(objects(I, T, F, T))))", "IntegerTuple"),
        ("argmax(objects(I, T, F, T), size)", "Object"),
        ("ulcorner(argmax(objects(I, T, F, T), size))", "IntegerTuple"),
        ("apply(size, objects(I, T, F, T))", "FrozenSet[Integer]"),
        ("apply(size, totuple(objects(I, T, F, T)))", "Tuple[Integer]"),
        ("compose(first, first)(objects(I, T, F, T))", "Cell"),
        ("lbind(fill, I)", "Callable[[Color, Patch], Grid]"),
        ("rbind(replace, ZERO)", "Callable[[Grid, Color], Grid]"),
        ("add(ONE, TWO)", "Integer"),
        ("add(ONE, UNITY)", "IntegerTuple"),
        ("branch(T, I, vmirror(I))", "Grid"),
        ("sfilter(objects(I, T, F, T), hline)", "Objects"),
        ("first(inputs(S))", "Grid"),
    ],
)
def test_types_are_inferred_through_generics(expression: str, expected: str) -> None:
    assert result_type(expression) == expected


@pytest.mark.parametrize(
    ("expression", "parameter", "primitive"),
    [
        ("vmirror(ONE)", "piece", "vmirror"),
        ("fill(I, ONE, palette(I))", "patch", "fill"),
        ("ofcolor(palette(I), ONE)", "grid", "ofcolor"),
        ("apply(vmirror, palette(I))", "container", "apply"),
        ("compose(hsplit, size)", "outer", "compose"),
        ("paint(I, palette(I))", "obj", "paint"),
        ("first(ONE)", "container", "first"),
    ],
)
def test_what_can_not_fit_is_reported(expression: str, parameter: str, primitive: str) -> None:
    checked = check(parse_program(f"def solve(S, I, C): return {expression}").program)
    assert [(m.parameter, m.primitive) for m in checked.mismatches] == [(parameter, primitive)]


@pytest.mark.parametrize(
    "expression",
    [
        "apply(fork(subtract, height, size), I)",
        "color(asindices(I))",
        "colorfilter(totuple(objects(I, T, F, T)), ONE)",
        "tophalf(first(I))",
        "sfilter(I, size)",
        "both(size(I), T)",
        "maximum(apply(shape, objects(I, T, F, T)))",
        "canvas(UNITY, shape(I))",
        "pair(palette(I), palette(I))",
    ],
)
def test_what_arc_dsl_takes_too_is_not_reported(expression: str) -> None:
    checked = check(parse_program(f"def solve(S, I, C): return {expression}").program)
    assert checked.mismatches == ()


def test_a_computed_function_is_checked_too() -> None:
    checked = check(parse_program("def solve(I): return compose(size, palette)(ONE)").program)
    assert len(checked.mismatches) == 1


def test_the_error_names_file_and_line() -> None:
    source = parse_program("def solve(I):\n    x = palette(I)\n    return vmirror(x)", file="p.py")
    with pytest.raises(TypeMismatchError, match=r"p\.py:3: argument piece of vmirror wants Piece"):
        require_types(source)
