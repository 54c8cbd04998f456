"""Ranks, symmetries by number, and the forms that return tuples."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each
from tests.property.strategies import grids

from arcbatt.dsl.containers import argmax, argmin
from arcbatt.dsl.functions import apply, apply_t, as_function, mapply, mapply_t
from arcbatt.dsl.objects import leastcolor, mostcolor, o_g, objects
from arcbatt.dsl.ranks import color_rank, mir_rot, rank_by, second
from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import CallFailure, ascending

FIRST = as_function("first")
PAIRS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), min_size=1, max_size=8).map(tuple)
GRID = ((1, 2), (3, 4))


@given(PAIRS)
def test_ranks_count_from_either_end_and_ties_stay_in_order(pairs: tuple[Value, ...]) -> None:
    places = range(len(pairs))
    falling = sorted(pairs, key=lambda member: -member[0])
    rising = sorted(pairs, key=lambda member: member[0])
    assert [rank_by(pairs, FIRST, k) for k in places] == falling
    assert [rank_by(pairs, FIRST, -1 - k) for k in places] == rising
    for container in (pairs, frozenset(pairs)):
        assert rank_by(container, FIRST, 0) == argmax(container, FIRST)
        assert rank_by(container, FIRST, -1) == argmin(container, FIRST)


@given(grids())
def test_colors_rank_by_how_often_they_occur(grid: Grid) -> None:
    cells = [color for row in grid for color in row]
    colors = sorted(set(cells))
    assert [color_rank(grid, k) for k in range(len(colors))] == sorted(
        colors, key=lambda color: -cells.count(color)
    )
    assert [color_rank(grid, -1 - k) for k in range(len(colors))] == sorted(colors, key=cells.count)
    assert color_rank(grid, 0) == mostcolor(grid)
    assert color_rank(grid, -1) == leastcolor(grid)


@each(
    ("body", "args"),
    [
        (second, ((1,),)),
        (rank_by, (((1, 2),), FIRST, 1)),
        (rank_by, (((1, 2),), FIRST, -2)),
        (rank_by, ((), FIRST, 0)),
        (rank_by, (((1, 2),), as_function("add"), 0)),
        (color_rank, (GRID, 4)),
        (color_rank, (GRID, -5)),
        (color_rank, ((), 0)),
        (color_rank, (7, 0)),
        (mir_rot, (GRID, 8)),
        (mir_rot, (GRID, -1)),
        (mir_rot, (7, 0)),
        (mir_rot, (frozenset({(0, 0)}), 4)),
        (o_g, (GRID, 8)),
        (o_g, (GRID, -1)),
        (o_g, (7, 0)),
        (apply_t, (as_function("add"), ())),
        (apply_t, (FIRST, 7)),
        (mapply_t, (as_function("size"), ((1,),))),
    ],
)
def test_what_is_outside_fails(body: Callable[..., Value], args: tuple[Value, ...]) -> None:
    with pytest.raises(CallFailure):
        body(*args)


def test_symmetries_are_numbered() -> None:
    assert [mir_rot(GRID, k) for k in range(8)] == [
        ((1, 2), (3, 4)),
        ((3, 1), (4, 2)),
        ((4, 3), (2, 1)),
        ((2, 4), (1, 3)),
        ((3, 4), (1, 2)),
        ((2, 1), (4, 3)),
        ((1, 3), (2, 4)),
        ((4, 2), (3, 1)),
    ]


@given(grids(), st.integers(0, 7), st.integers(0, 7))
def test_two_symmetries_are_a_third(grid: Grid, a: int, b: int) -> None:
    twice = mir_rot(mir_rot(grid, a), b)
    assert twice in [mir_rot(grid, k) for k in range(8)]


@given(grids())
def test_tuple_forms_hold_what_the_sets_hold(grid: Grid) -> None:
    for k, flags in enumerate(product((False, True), repeat=3)):
        assert o_g(grid, k) == tuple(ascending(objects(grid, *flags)))


@given(st.frozensets(st.integers(-9, 9), max_size=6))
def test_results_keep_the_order_of_their_arguments(numbers: frozenset[int]) -> None:
    invert, vector = as_function("invert"), as_function("toivec")
    assert apply_t(invert, numbers) == apply(invert, tuple(sorted(numbers)))
    assert mapply_t(vector, numbers) == mapply(vector, tuple(sorted(numbers)))
