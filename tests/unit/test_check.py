"""Type inference: what it knows, what it reports and where."""

from __future__ import annotations

import pytest

from arcbatt.dsl.types import SIZE_MAX, Type, parse_type
from arcbatt.errors import TypeMismatchError
from arcbatt.program.check import ANY, Bounds, check, require_types
from arcbatt.program.parse import parse_program
from arcbatt.program.render import Form, from_compact, render, to_compact
from arcbatt.report.programs import typed_text


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


GROWING = (
    "astuple({0}, {0})",
    "initset({0})",
    "lbind({0}, I)",
    "compose({0}, {0})",
    "compose({0}, lbind(astuple, {0}))",
    "fork({0}, {0}, {0})",
    "branch(T, astuple({0}, I), initset({0}))",
    "astuple({0}, lbind(apply, {0}))",
    "branch(T, lbind(compose, {0}), rbind(fork, {0}))",
    "rbind(astuple, {0})",
    "{0}({0})",
)
LINES = 600


@pytest.mark.parametrize("first", ["I", "identity"])
@pytest.mark.parametrize("call", GROWING)
def test_a_program_whose_types_grow_is_checked_line_by_line(call: str, first: str) -> None:
    lines = [f"x{number + 1} = {call.format(f'x{number}')}" for number in range(LINES)]
    body = "\n    ".join([f"x0 = {first}", *lines, f"return x{LINES}"])
    program = parse_program(f"def solve(S, I, C):\n    {body}\n").program
    checked = check(program)
    assert max(kind.size for kind in checked.types) < SIZE_MAX
    for form in Form:
        text = render(program, form=form)
        assert len(text) < 200 * LINES
        assert parse_program(text).program == program
    assert from_compact(to_compact(program)) == program
    assert len(typed_text(program, checked, name="solve")) < (200 + 10 * SIZE_MAX) * LINES


def test_a_type_that_is_too_large_is_unknown() -> None:
    grid = "I"
    for _ in range(5):
        grid = f"astuple({grid}, {grid})"
    assert check(parse_program(f"def solve(I): return {grid}").program).types[-1].size == 63
    doubled = check(parse_program(f"def solve(I): return vmirror(astuple({grid}, {grid}))").program)
    assert doubled.types[-2] == ANY
    assert doubled.mismatches == ()


def test_bounds_that_lead_to_each_other_without_an_end_tell_nothing() -> None:
    bounds = Bounds()
    a, b = bounds.rename_free(Type("A")), bounds.rename_free(Type("B"))
    assert bounds.flows(a, Type("Tuple", (Type("Tuple", (a,)),)))
    assert bounds.flows(Type("Tuple", (b,)), b)
    assert bounds.flows(b, a)
    assert bounds.resolve(parse_type("Tuple[Integer]")) == ANY
