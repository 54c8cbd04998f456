"""Measures: numbers for places, and what the demos make of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from tests.cases import each
from tests.property.strategies import grids

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.functions import as_function
from arcbatt.dsl.measures import (
    flood_fields,
    hole_counts,
    hole_sizes,
    learn_colors,
    learn_stripes,
    part_sizes,
    share_fields,
)
from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import CallFailure

KNOWN = {name: known for name, known in REGISTRY.items() if known.family == "measures"}
SINGLE = [known.body for known in KNOWN.values() if len(known.parameters) == 1]
SIZES = as_function("part_sizes")
RING = ((3, 3, 3), (3, 0, 3), (3, 3, 3))


@given(grids())
def test_measures_keep_the_shape(grid: Grid) -> None:
    for body in SINGLE:
        measured: Value = body(grid)
        assert list(map(len, measured)) == list(map(len, grid))


def test_sizes_end_at_the_greatest_color() -> None:
    assert part_sizes(((4,) * 200,)) == ((127,) * 200,)
    assert part_sizes(((4, 4, 5), (0, 0, 5))) == ((2, 2, 2), (0, 0, 2))
    assert part_sizes(((4, 0), (0, 4))) == ((1, 0), (0, 1))


def test_holes_do_not_reach_the_edge() -> None:
    assert hole_sizes(RING) == ((0, 0, 0), (0, 1, 0), (0, 0, 0))
    assert hole_sizes(((3, 0, 3),)) == ((0, 0, 0),)


def test_holes_of_a_part_may_hold_other_parts() -> None:
    filled = ((3, 3, 3), (3, 4, 3), (3, 3, 3))
    assert hole_counts(RING) == ((1, 1, 1), (1, 0, 1), (1, 1, 1))
    assert hole_counts(filled) == ((1, 1, 1), (1, 0, 1), (1, 1, 1))


def test_fields_lie_between_full_lines() -> None:
    grid = ((1, 0, 5, 0, 2), (0, 0, 5, 0, 2), (5, 5, 5, 5, 5), (0, 3, 5, 0, 0), (0, 0, 5, 0, 0))
    assert flood_fields(grid) == (
        (1, 1, 5, 2, 2),
        (1, 1, 5, 2, 2),
        (5, 5, 5, 5, 5),
        (3, 3, 5, 0, 0),
        (3, 3, 5, 0, 0),
    )
    assert share_fields(grid) == (
        (1, 2, 5, 1, 2),
        (0, 2, 5, 0, 2),
        (5, 5, 5, 5, 5),
        (1, 3, 5, 1, 2),
        (0, 2, 5, 0, 2),
    )


def test_fields_share_only_with_those_of_their_shape() -> None:
    grid = ((1, 0, 5, 0, 0, 0), (0, 0, 5, 0, 0, 0))
    assert share_fields(grid) == grid


def test_a_picture_without_lines_is_one_field() -> None:
    assert flood_fields(((1, 0), (0, 2))) == ((1, 1), (1, 1))


@each("body", [flood_fields, share_fields])
def test_fields_need_cells(body: Value) -> None:
    for grid in ((), ((),), 5):
        with pytest.raises(CallFailure):
            body(grid)


def demo(given: Grid, wanted: Grid) -> tuple[tuple[Grid, Grid], ...]:
    """Make samples of one demo."""
    return ((given, wanted),)


def test_colors_are_learnt_by_a_measure() -> None:
    samples = demo(((3, 3, 0, 3),), ((8, 8, 0, 9),))
    assert learn_colors(samples, SIZES, ((0, 3), (0, 3), (3, 0))) == ((0, 8), (0, 8), (9, 0))


def test_what_the_demos_lack_is_what_most_measures_get() -> None:
    samples = demo(((3, 0, 3, 3, 0, 3, 3, 3),), ((1, 0, 1, 1, 0, 2, 2, 2),))
    assert learn_colors(samples, SIZES, ((3, 3, 3, 3),)) == ((1, 1, 1, 1),)
    assert learn_colors(samples, SIZES, ((7,),)) == ((7,),)


def test_equally_many_measures_decide_nothing() -> None:
    samples = demo(((3, 0, 3, 3),), ((1, 0, 2, 2),))
    assert learn_colors(samples, SIZES, ((3, 0, 3, 3),)) == ((1, 0, 2, 2),)
    with pytest.raises(CallFailure, match="most common"):
        learn_colors(samples, SIZES, ((3, 3, 3),))


@each(
    ("samples", "function"),
    [
        ((), SIZES),
        (demo((), ()), SIZES),
        (demo(((3, 3),), ((1, 2),)), SIZES),
        (demo(((3, 3),), ((1,),)), SIZES),
        (demo(((3, 3),), ((1, 1),)), as_function("dmirror")),
        (demo(((3, 3),), ((1, 1),)), as_function("add")),
        (5, SIZES),
    ],
)
def test_unclear_demos_fail(samples: Value, function: Value) -> None:
    with pytest.raises(CallFailure):
        learn_colors(samples, function, ((3, 3),))


def test_stripes_are_found_by_themselves() -> None:
    columns = demo(((5, 5, 5), (0, 5, 5)), ((5, 8, 5), (0, 8, 5)))
    assert learn_stripes(columns, 2, ((5, 5, 5, 5),)) == ((5, 8, 5, 8),)
    rows = demo(((5,), (5,), (5,), (5,)), ((8,), (5,), (5,), (8,)))
    assert learn_stripes(rows, 3, ((5,),) * 5) == ((8,), (5,), (5,), (8,), (5,))
    diagonals = demo(((5, 5), (5, 5)), ((8, 5), (5, 8)))
    assert learn_stripes(diagonals, 2, ((5, 5, 5),)) == ((8, 5, 8),)


def test_stripes_are_counted_from_the_end_where_demos_want_it() -> None:
    samples = (*demo(((5, 5, 5),), ((8, 5, 8),)), *demo(((5, 5),), ((5, 8),)))
    assert learn_stripes(samples, 2, ((5, 5, 5, 5),)) == ((5, 8, 5, 8),)


@each(
    ("samples", "k", "grid"),
    [
        (demo(((5, 5, 5),), ((8, 5, 9),)), 2, ((5,),)),
        (demo(((5, 5, 5),), ((8, 5, 8),)), 1, ((5,),)),
        (demo(((5, 5, 5),), ((8, 5, 8),)), 128, ((5,),)),
        (demo(((5, 5, 5),), ((8, 5, 8),)), 2, ((4,),)),
        ((), 2, ((5,),)),
    ],
)
def test_stripes_that_demos_do_not_show_fail(samples: Value, k: int, grid: Grid) -> None:
    with pytest.raises(CallFailure):
        learn_stripes(samples, k, grid)
