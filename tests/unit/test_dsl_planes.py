"""Colours and numbers of cells by which a rule may decide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each
from tests.property.strategies import grids

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.objects import objects
from arcbatt.dsl.planes import (
    alike_counts,
    beside,
    box_depths,
    box_lines,
    color_ranks,
    colored_counts,
    distance,
    line_numbers,
    mark,
    neighbor_counts,
    ranks,
    remainders,
    shape_counts,
    sight,
)
from arcbatt.dsl.ranks import mir_rot
from arcbatt.dsl.types import Grid, IntegerTuple, Value
from arcbatt.dsl.values import CallFailure, Function
from arcbatt.engine.native import native_available

DIRECTIONS = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
ROW = ((3, 3, 0, 4, 0, 4, 5),)


def test_stretches_ahead_are_counted_from_the_nearest() -> None:
    assert sight(ROW, 1, (0, 1)) == ((4, 4, 4, 4, 4, 5, 0),)
    assert sight(ROW, 2, (0, 1)) == ((4, 4, 4, 5, 5, 0, 0),)
    assert distance(ROW, 1, (0, -1)) == ((0, 0, 1, 2, 1, 2, 1),)


@given(grids(), st.sampled_from(DIRECTIONS), st.integers(1, 3))
def test_sight_is_the_color_at_the_distance(grid: Grid, direction: IntegerTuple, k: int) -> None:
    seen, steps = sight(grid, k, direction), distance(grid, k, direction)
    for i, row in enumerate(steps):
        for j, far in enumerate(row):
            at = grid[i + far * direction[0]][j + far * direction[1]]
            assert seen[i][j] == (at if far else 0)


@given(grids(), st.sampled_from(DIRECTIONS))
def test_opposite_directions_number_lines_from_opposite_ends(
    grid: Grid, direction: IntegerTuple
) -> None:
    ahead = line_numbers(grid, direction)
    back = line_numbers(grid, (-direction[0], -direction[1]))
    sums = {
        one + other
        for rows in zip(ahead, back, strict=True)
        for one, other in zip(*rows, strict=True)
    }
    assert sums == {max(map(max, ahead))}
    assert min(map(min, ahead)) == 0


def test_beyond_the_edge_there_is_no_color() -> None:
    assert beside(((3, 4),), (-1, 0)) == ((-1, -1),)
    assert beside(((3, 4), (5, 6)), (1, 1)) == ((6, -1), (-1, -1))


@given(grids())
def test_neighbors_of_all_colors_are_all_neighbors(grid: Grid) -> None:
    for k in (4, 8):
        counted = [neighbor_counts(grid, k, color) for color in range(1, 10)]
        colored = colored_counts(grid, k)
        for i, row in enumerate(colored):
            for j, number in enumerate(row):
                assert number == sum(each[i][j] for each in counted)
                own = neighbor_counts(grid, k, grid[i][j])
                assert alike_counts(grid, k)[i][j] == own[i][j]


@given(grids())
def test_planes_turn_with_the_grid(grid: Grid) -> None:
    assert mir_rot(line_numbers(grid, (0, 1)), 6) == line_numbers(mir_rot(grid, 6), (-1, 0))
    assert mir_rot(sight(grid, 1, (0, 1)), 5) == sight(mir_rot(grid, 5), 1, (0, -1))
    for plane in (ranks, color_ranks, shape_counts):
        assert mir_rot(plane(grid), 5) == plane(mir_rot(grid, 5))


def test_objects_are_marked_with_what_a_function_returns() -> None:
    grid = ((0, 3, 3), (0, 0, 0), (4, 0, 0))
    found = objects(grid, True, False, True)
    assert mark(grid, found, Function("size", arity=1)) == ((0, 2, 2), (0, 0, 0), (1, 0, 0))
    assert box_lines(grid, found, (-1, 0)) == ((0, 1, 2), (0, 0, 0), (1, 0, 0))
    assert box_depths(((3, 3, 3),) * 3, objects(((3, 3, 3),) * 3, True, False, False)) == (
        (1, 1, 1),
        (1, 2, 1),
        (1, 1, 1),
    )


def test_numbers_that_no_cell_may_have_are_cut() -> None:
    many = frozenset({frozenset({(3, (0, j)) for j in range(300)})})
    assert mark(((3,),), many, Function("size", arity=1)) == ((127,),)


@each(
    "name, args",
    (
        ("beside", (((3,),), (0, 0))),
        ("sight", (((3,),), 0, (0, 1))),
        ("distance", (((3,),), 1, (0, 2))),
        ("colored_counts", (((3,),), 5)),
        ("remainders", (((3,),), 0)),
        ("mark", (((3,),), frozenset({3}), Function("size", arity=1))),
        ("mark", (((3,),), frozenset({frozenset({(3, (0, 0))})}), Function("palette", arity=1))),
        ("ranks", ((),)),
    ),
)
def test_what_does_not_fit_fails(name: str, args: tuple[Value, ...]) -> None:
    with pytest.raises(CallFailure):
        REGISTRY[name].body(*args)


PLANES = [
    *[(name, ()) for name in ("ranks", "color_ranks", "shape_counts")],
    *[
        (name, (direction,))
        for name in ("beside", "line_numbers", "line_colors", "line_counts")
        for direction in DIRECTIONS
    ],
    *[
        (name, (k, direction))
        for name in ("sight", "distance")
        for k in (1, 2, 3)
        for direction in DIRECTIONS
    ],
    *[(name, (k,)) for name in ("colored_counts", "alike_counts") for k in (4, 8)],
    ("neighbor_counts", (8, 3)),
    ("remainders", (3,)),
]


@pytest.mark.skipif(not native_available(), reason="the native engine is not built")
@given(grids())
def test_kernels_agree_with_the_definitions(grid: Grid) -> None:
    from arcbatt._engine import call

    found = objects(grid, True, False, False)
    calls: list[tuple[str, tuple[Value, ...]]] = [
        *[(name, (grid, *args)) for name, args in PLANES],
        ("mark", (grid, found, Function("size", arity=1))),
        ("box_depths", (grid, found)),
        *[("box_lines", (grid, found, direction)) for direction in DIRECTIONS],
    ]
    for name, args in calls:
        made = call(name, args, node_fuel=10**9, value_leaves=10**9)
        assert made.value == REGISTRY[name].body(*args), (name, args)


def test_remainders_of_numbers_below_0_are_not_below_0() -> None:
    assert remainders(((-1, -3),), 3) == ((2, 0),)
