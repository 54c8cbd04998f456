"""Grids: order, claims and laws that single calls don't show."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.geometry import cmirror, dmirror, hmirror, vmirror
from arcbatt.dsl.grids import (
    canvas,
    cellwise,
    cover,
    crop,
    downscale,
    fill,
    hconcat,
    hsplit,
    hupscale,
    index,
    move,
    paint,
    replace,
    rot90,
    rot180,
    rot270,
    switch,
    underfill,
    underpaint,
    upscale,
    vconcat,
    vsplit,
    vupscale,
)
from arcbatt.dsl.meter import Meter, metered
from arcbatt.dsl.objects import asobject, mostcolor, ofcolor, recolor
from arcbatt.dsl.types import Grid, Indices, Value
from arcbatt.dsl.values import CallFailure, FailureKind, alike, is_grid

COLORS = st.integers(0, 9)
GRIDS = st.integers(1, 5).flatmap(
    lambda columns: st.lists(st.tuples(*[COLORS] * columns), min_size=1, max_size=5).map(tuple)
)
PATCHES = st.frozensets(st.tuples(st.integers(-1, 5), st.integers(-1, 5)), max_size=9)
FACTORS = st.integers(1, 4)


@given(GRIDS)
def test_quarter_turns_add_up(grid: Grid) -> None:
    assert rot90(rot90(grid)) == rot180(grid)
    assert rot90(rot180(grid)) == rot270(grid)
    assert rot90(rot270(grid)) == grid


@given(GRIDS)
def test_two_mirrors_make_a_turn(grid: Grid) -> None:
    assert hmirror(vmirror(grid)) == rot180(grid) == dmirror(cmirror(grid))
    assert vmirror(dmirror(grid)) == rot90(grid)


@given(GRIDS, FACTORS)
def test_scaling_down_undoes_scaling_up(grid: Grid, factor: int) -> None:
    larger: Value = upscale(grid, factor)
    assert downscale(larger, factor) == grid
    assert asobject(larger) == upscale(asobject(grid), factor)


@given(GRIDS, FACTORS)
def test_split_copies_come_back(grid: Grid, count: int) -> None:
    assert hsplit(reduce(hconcat, [grid] * count), count) == (grid,) * count
    assert vsplit(reduce(vconcat, [grid] * count), count) == (grid,) * count


@given(GRIDS, COLORS, PATCHES)
def test_filling_is_painting_in_one_colour(grid: Grid, value: int, patch: Indices) -> None:
    assert fill(grid, value, patch) == paint(grid, recolor(value, patch))
    assert underfill(grid, value, patch) == underpaint(grid, recolor(value, patch))
    assert move(grid, recolor(value, patch), (0, 0)) == paint(
        cover(grid, patch), recolor(value, patch)
    )


@given(GRIDS, COLORS, COLORS)
def test_recolouring_agrees_with_the_places_of_the_colour(grid: Grid, a: int, b: int) -> None:
    assert replace(grid, a, b) == fill(grid, b, ofcolor(grid, a))
    assert switch(grid, a, b) == fill(replace(grid, a, b), a, ofcolor(grid, b))
    assert cellwise(grid, replace(grid, a, -1), b) == replace(grid, a, b)


def test_of_cells_at_one_place_the_last_stays() -> None:
    low, high = (2, (0, 0)), (7, (0, 0))
    pair: Value = (high, low)
    assert paint(((0,),), frozenset({high, low})) == ((7,),)
    assert paint(((0,),), pair) == ((2,),)
    assert underpaint(((0,),), frozenset({high, low})) == ((2,),)
    assert underpaint(((2,),), frozenset({high, low})) == ((7,),)


PAIR: Value = (3, 4)
NONE = frozenset({(5, 5)})
SOME = frozenset({(0, 0), (5, 5)})


@each(
    ("unused", "used"),
    [
        (lambda: fill(((1, 1),), PAIR, NONE), lambda: fill(((1, 1),), PAIR, SOME)),
        (lambda: underfill(((1, 1),), PAIR, NONE), lambda: underfill(((1, 1),), PAIR, SOME)),
        (lambda: replace(((1, 1),), 2, PAIR), lambda: replace(((1, 3),), 1, PAIR)),
        (lambda: switch(((1, 1),), PAIR, 2), lambda: switch(((1, 3),), PAIR, 1)),
        (
            lambda: cellwise(((1, 1),), ((1, 1),), PAIR),
            lambda: cellwise(((1, 3),), ((2, 3),), PAIR),
        ),
    ],
)
def test_any_value_may_be_put_into_a_grid(
    unused: Callable[[], Grid], used: Callable[[], Value]
) -> None:
    assert unused() == ((1, 1),)
    assert used()[0][0] == PAIR


@each("grid", [(1, 2), frozenset(), 7, None])
def test_a_table_has_rows_that_are_containers(grid: Value) -> None:
    with pytest.raises(CallFailure):
        rot90(grid)


def test_a_truth_value_in_a_grid_is_an_integer() -> None:
    filled = Meter().call(REGISTRY["fill"], (((0, 0),), True, SOME))
    assert alike(filled, ((1, 0),))
    painted = Meter().call(REGISTRY["replace"], (((0, 2),), 2, False))
    assert alike(painted, ((0, 0),))


@each(
    ("call", "leaves"),
    [
        (lambda: canvas(0, (4, 5)), 20),
        (lambda: canvas(0, (9, 0)), 9),
        (lambda: hupscale(((1, 2), (3, 4)), 3), 12),
        (lambda: vupscale(((1, 2), (3, 4)), 3), 12),
        (lambda: vupscale(((), ()), 50), 100),
        (lambda: upscale(((1, 2), (3, 4)), 3), 36),
        (lambda: upscale(frozenset({(1, (0, 0)), (2, (4, 4))}), 3), 54),
        (lambda: hsplit(((1, 2), (3, 4)), 9), 18),
        (lambda: vsplit(((1, 2), (3, 4)), 9), 9),
    ],
)
def test_room_is_claimed_before_it_is_taken(call: Callable[[], Value], leaves: int) -> None:
    with metered(Meter(value_leaves=leaves)):
        call()
    with metered(Meter(value_leaves=leaves - 1)), pytest.raises(CallFailure) as caught:
        call()
    assert caught.value.kind is FailureKind.SIZE


@each("scale", [hupscale, vupscale, upscale, hsplit, vsplit])
def test_a_huge_number_is_refused_at_once(scale: Callable[[Value, int], Value]) -> None:
    with pytest.raises(CallFailure) as caught:
        scale(((1, 2),), 2**62)
    assert caught.value.kind is FailureKind.SIZE


@each("scale", [vupscale, upscale, hsplit, vsplit])
def test_empty_rows_take_room_too(scale: Callable[[Value, int], Value]) -> None:
    with pytest.raises(CallFailure) as caught:
        scale(((),), 2**62)
    assert caught.value.kind is FailureKind.SIZE


@each("divide", [hsplit, vsplit, downscale])
def test_nothing_is_divided_by_zero(divide: Callable[[Grid, int], Value]) -> None:
    with pytest.raises(CallFailure, match="other than 0"):
        divide(((1, 2),), 0)


def test_a_cut_may_reach_out_of_the_grid() -> None:
    grid = ((1, 2), (3, 4))
    assert crop(grid, (1, 1), (5, 5)) == ((4,),)
    assert crop(grid, (-1, 0), (5, 1)) == ((3,),)
    assert crop(grid, (-1, 0), (1, 2)) == ()
    assert index(grid, (-1, 0)) is None


def test_rows_of_other_widths_make_no_grid() -> None:
    rows = vconcat(((1, 2),), ((3, 3, 1),))
    assert rows == ((1, 2), (3, 3, 1))
    assert not is_grid(rows)
    assert mostcolor(rows) == 1
