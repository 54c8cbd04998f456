"""Small grids repeated, mirrored and scaled."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each
from tests.property.strategies import grids

from arcbatt.dsl.grids import crop, hconcat, upscale, vconcat
from arcbatt.dsl.meter import Meter, metered
from arcbatt.dsl.objects import mostcolor
from arcbatt.dsl.ranks import mir_rot
from arcbatt.dsl.tilings import (
    kaleidoscope,
    pinwheel,
    pour,
    put,
    shrink,
    stamp_cells,
    tile,
    tile_bounced,
    tile_mirrored,
    tile_times,
)
from arcbatt.dsl.types import Grid, IntegerTuple, Value
from arcbatt.dsl.values import CallFailure, FailureKind

SHAPES = st.tuples(st.integers(1, 13), st.integers(1, 13))
TO_SHAPE = [
    tile,
    tile_mirrored,
    tile_bounced,
    pour,
    shrink,
]
GRID = ((1, 2), (3, 4))
EMPTY = (((), ()), ())


def shape(grid: Grid) -> tuple[int, int]:
    return len(grid), len(grid[0])


@each("body", TO_SHAPE)
@each("dimensions", [(0, 3), (3, -1), (1, 2, 3), 5, None, (1, 2**20)])
def test_other_shapes_are_refused(
    body: Callable[[Grid, IntegerTuple], Grid], dimensions: Value
) -> None:
    with pytest.raises(CallFailure) as caught:
        body(GRID, dimensions)
    assert caught.value.kind is FailureKind.ARGUMENT


@each("body", [body for body in TO_SHAPE if body is not pour])
@each("grid", EMPTY)
def test_a_grid_without_cells_fills_nothing(
    body: Callable[[Grid, IntegerTuple], Grid], grid: Grid
) -> None:
    with pytest.raises(CallFailure, match="a grid with cells"):
        body(grid, (2, 2))


@each("body", TO_SHAPE)
def test_room_is_asked_for_before_it_is_used(body: Callable[[Grid, IntegerTuple], Grid]) -> None:
    with metered(Meter(value_leaves=50)), pytest.raises(CallFailure) as caught:
        body(GRID, (3_000, 3_000))
    assert caught.value.kind is FailureKind.SIZE


@given(grids(), st.integers(1, 4))
def test_copies_stand_side_by_side(grid: Grid, times: int) -> None:
    copies = tile_times(grid, times)
    height, width = shape(grid)
    assert copies == tile(grid, (height * times, width * times))
    for i in range(times):
        assert crop(copies, (i * height, i * width), (height, width)) == grid


@given(grids(), st.integers(1, 3))
def test_each_mirrored_copy_meets_its_mirror_image(grid: Grid, times: int) -> None:
    height, width = shape(grid)
    assert tile_mirrored(grid, (2 * height, 2 * width)) == kaleidoscope(grid)
    large = tile_mirrored(grid, (2 * height * times, 2 * width * times))
    assert large == tile_times(kaleidoscope(grid), times)


@given(grids())
def test_bounced_copies_share_their_edges(grid: Grid) -> None:
    height, width = shape(grid)
    large = tile_bounced(grid, (2 * height - 1, 2 * width - 1))
    assert crop(large, (0, 0), (height, width)) == grid
    assert crop(large, (height - 1, width - 1), (height, width)) == mir_rot(grid, 2)
    assert mir_rot(large, 2) == large


def test_one_row_bounces() -> None:
    assert tile_bounced(((1,),), (2, 3)) == ((1, 1, 1), (1, 1, 1))
    assert tile_bounced(((1, 2, 3),), (1, 9)) == ((1, 2, 3, 2, 1, 2, 3, 2, 1),)


@given(grids())
def test_a_kaleidoscope_is_symmetric(grid: Grid) -> None:
    picture = kaleidoscope(grid)
    upper = hconcat(grid, mir_rot(grid, 5))
    assert picture == vconcat(upper, mir_rot(upper, 4))


@given(grids())
def test_a_pinwheel_stays_the_same_when_turned(grid: Grid) -> None:
    if len(grid) != len(grid[0]):
        with pytest.raises(CallFailure, match="as high as wide"):
            pinwheel(grid)
        return
    picture = pinwheel(grid)
    assert mir_rot(picture, 1) == picture
    assert crop(picture, (0, 0), shape(grid)) == grid


def test_grids_without_cells_stay_so() -> None:
    assert kaleidoscope(()) == pinwheel(()) == tile_times((), 9) == ()
    assert kaleidoscope(((), ())) == tile_times(((), ()), 2) == ((), (), (), ())


@each(("grid", "k"), [(GRID, 0), (GRID, -1), (GRID, "1"), (7, 1)])
def test_less_than_one_copy_is_refused(grid: Value, k: Value) -> None:
    with pytest.raises(CallFailure) as caught:
        tile_times(grid, k)
    assert caught.value.kind is FailureKind.ARGUMENT


def test_too_many_copies_are_refused() -> None:
    with pytest.raises(CallFailure) as caught:
        tile_times(GRID, 2**62)
    assert caught.value.kind is FailureKind.SIZE


@given(grids(), SHAPES)
def test_pouring_keeps_the_order_of_the_cells(grid: Grid, dimensions: IntegerTuple) -> None:
    poured = [value for row in pour(grid, dimensions) for value in row]
    colored = [value for row in grid for value in row if value]
    assert poured[: len(colored)] == colored[: len(poured)]
    assert not any(poured[len(colored) :])


def test_nothing_pours_from_nothing() -> None:
    assert pour((), (1, 2)) == pour(((0,),), (1, 2)) == ((0, 0),)


@given(grids())
def test_shrunk_to_one_cell(grid: Grid) -> None:
    assert shrink(grid, (1, 1)) == ((mostcolor(grid),),)


def test_blocks_of_two_sizes() -> None:
    assert shrink(((1, 2, 2), (3, 3, 3), (3, 1, 1)), (2, 2)) == ((3, 2), (1, 1))


@each("body", [stamp_cells])
def test_stamps_have_cells(body: Callable[[Grid, Grid], Grid]) -> None:
    for empty in EMPTY:
        for pair in ((GRID, empty), (empty, GRID)):
            with pytest.raises(CallFailure, match="a grid with cells"):
                body(*pair)


@each(
    ("direction", "row", "column"),
    [((0, 0), 1, 2), ((-1, 0), 0, 2), ((5, 0), 3, 2), ((0, -9), 1, 0), ((2, 3), 3, 4)],
)
def test_a_grid_is_put_at_a_side(direction: IntegerTuple, row: int, column: int) -> None:
    placed = put(((7,),), (4, 5), direction)
    found = [(i, j) for i, line in enumerate(placed) for j, value in enumerate(line) if value]
    assert shape(placed) == (4, 5)
    assert found == [(row, column)]


def test_what_is_put_may_be_too_large_or_nothing() -> None:
    row = ((1, 2, 3, 4, 5),)
    assert put(row, (1, 2), (0, -1)) == ((1, 2),)
    assert put(row, (1, 2), (0, 1)) == ((4, 5),)
    assert put(row, (1, 2), (0, 0)) == ((3, 4),)
    assert put((), (1, 2), (0, 0)) == ((0, 0),)


@each("body", TO_SHAPE)
@given(grid=grids(), dimensions=SHAPES)
def test_results_have_the_wanted_shape(
    body: Callable[[Grid, IntegerTuple], Grid], grid: Grid, dimensions: IntegerTuple
) -> None:
    try:
        assert shape(body(grid, dimensions)) == dimensions
    except CallFailure:
        large = dimensions[0] > len(grid) or dimensions[1] > len(grid[0])
        assert body is shrink and large


@given(grids(max_side=4), grids(max_side=4))
def test_stamps_stand_where_the_mask_is_colored(mask: Grid, picture: Grid) -> None:
    stamped = stamp_cells(mask, picture)
    height, width = shape(picture)
    for i, row in enumerate(mask):
        for j, value in enumerate(row):
            part = crop(stamped, (i * height, j * width), (height, width))
            assert part == (picture if value else ((0,) * width,) * height)


@given(grids(), st.integers(1, 3))
def test_shrinking_undoes_upscaling(grid: Grid, factor: int) -> None:
    large: Value = upscale(grid, factor)
    assert shrink(large, shape(grid)) == grid
