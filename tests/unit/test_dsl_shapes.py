"""Interiors, hulls, borders and outlines, on pictures small enough to check by eye."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each
from tests.property.strategies import grids

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.geometry import backdrop, box, neighbors
from arcbatt.dsl.grids import fill
from arcbatt.dsl.meter import Meter, metered
from arcbatt.dsl.objects import asindices, objects, ofcolor
from arcbatt.dsl.shapes import (
    block,
    core,
    drop_lone,
    enclosed,
    fill_boxes,
    fill_enclosed,
    flood,
    flood_enclosed,
    frame_objects,
    grow,
    grow_around,
    grow_diagonally,
    halo,
    holes,
    hull,
    keep_blocks,
    keep_lone,
    largest_rectangle,
    paint_core,
    paint_edge,
    paint_skin,
    rim,
    skin,
    solid,
    surround,
)
from arcbatt.dsl.types import Grid, Indices, Value
from arcbatt.dsl.values import CallFailure, FailureKind

BARE: tuple[Grid, ...] = ((), ((),), ((), ()))
"""Grids without cells."""
ONE_ARGUMENT = (
    flood_enclosed,
    grow,
    grow_around,
    grow_diagonally,
    keep_lone,
    drop_lone,
    keep_blocks,
)
WITH_COLOR = (
    fill_enclosed,
    flood,
    surround,
    paint_core,
    paint_skin,
    fill_boxes,
    frame_objects,
    paint_edge,
)
LOCATIONS = st.frozensets(st.tuples(st.integers(-3, 4), st.integers(-3, 4)), max_size=14)


def picture(*rows: str) -> Grid:
    """Read a grid, a dot for an empty cell."""
    return tuple(tuple(0 if cell == "." else int(cell) for cell in row) for row in rows)


def marks(*rows: str) -> Indices:
    """Return the locations that are no dots."""
    return frozenset(
        (i, j) for i, row in enumerate(rows) for j, cell in enumerate(row) if cell != "."
    )


RINGS = picture(
    ".111..",
    ".1.1.2",
    ".1112.",
    "...2.2",
    "1...2.",
)


def test_enclosed_cells_cannot_reach_the_edge() -> None:
    assert enclosed(RINGS) == {(1, 2), (3, 4)}
    assert holes(RINGS) == {frozenset({(0, (1, 2))}), frozenset({(0, (3, 4))})}
    assert fill_enclosed(RINGS, 5) == fill(RINGS, 5, enclosed(RINGS))
    assert flood_enclosed(RINGS) == fill(
        fill(RINGS, 1, frozenset({(1, 2)})), 2, frozenset({(3, 4)})
    )


def test_a_wall_encloses_other_colors_too() -> None:
    grid = picture("111", "131", "111")
    assert enclosed(grid) == frozenset()


def test_a_hole_takes_the_color_with_most_edges_then_the_lowest() -> None:
    assert flood_enclosed(picture(".2.", "2.3", ".3."))[1][1] == 2
    assert flood_enclosed(picture(".4.", "2.3", ".3."))[1][1] == 3


@given(grids(colors=3))
def test_enclosed_cells_are_those_that_a_flood_from_a_frame_misses(grid: Grid) -> None:
    width = len(grid[0]) + 2
    framed = ((9,) * width, *[(9, *row, 9) for row in grid], (9,) * width)
    missed = {(i - 1, j - 1) for i, j in ofcolor(flood(framed, 9), 0)}
    assert enclosed(grid) == missed
    assert {location for hole in holes(grid) for _, location in hole} == missed


def test_a_color_floods_empty_cells_only() -> None:
    assert flood(picture("1.2.", "2..2", ".2.."), 1) == picture("112.", "2112", ".211")
    assert flood(picture("1.2"), 0) == picture("1.2")
    assert flood(picture("1.2"), 5) == picture("1.2")


RING = marks("xxx", "x.x", "xxx")


def test_patches_are_filled() -> None:
    assert solid(RING) == block(RING) == hull(RING) == backdrop(RING)
    angle = marks("x.x", "...", "x..")
    assert solid(angle) == angle
    assert hull(angle) == marks("xxx", "x..", "x..")
    assert block(angle) == marks("xxx", "xxx", "xxx")


def test_what_is_added_to_an_object_has_its_most_common_color() -> None:
    ring: Value = frozenset({(3, (0, 1)), (3, (1, 0)), (2, (1, 2)), (2, (2, 1))})
    assert solid(ring) == ring | {(2, (1, 1))}
    many: Value = ring | {(3, (0, 0))}
    added = frozenset((3, (i, j)) for i, j in ((0, 2), (1, 1), (2, 0), (2, 2)))
    assert block(many) == many | added
    # The same cell twice in a tuple is one cell.
    again: Value = (*ring, (3, (0, 1)))
    assert solid(again) == solid(ring)


def test_borders_and_outlines_of_patches() -> None:
    area = backdrop(frozenset({(0, 0), (2, 3)}))
    assert core(area) == frozenset({(1, 1), (1, 2)})
    assert skin(area) == area - core(area)
    assert halo(area) == box(frozenset({(-1, -1), (3, 4)}))
    assert rim(area) == halo(area) - {(-1, -1), (-1, 4), (3, -1), (3, 4)}
    cells = frozenset((5, location) for location in area)
    assert core(cells) == frozenset({(5, (1, 1)), (5, (1, 2))})
    in_order: Value = tuple(cells)
    assert skin(in_order) == cells - core(cells)


@given(LOCATIONS)
def test_patches_split_into_core_and_skin_and_grow_by_halo(patch: Indices) -> None:
    assert core(patch) | skin(patch) == patch
    assert not core(patch) & skin(patch)
    assert halo(patch) == {beside for cell in patch for beside in neighbors(cell)} - patch
    assert rim(patch) <= halo(patch)
    assert patch <= solid(patch) <= hull(patch) <= block(patch) == backdrop(patch)


def test_coordinates_beyond_16_bits_still_make_locations() -> None:
    assert (-32769, 0) in rim(frozenset({(-32768, 0)}))


@each("name", ["solid", "block", "hull"])
def test_large_boxes_are_refused(name: str) -> None:
    far = frozenset({(0, 0), (30_000, 30_000)})
    with metered(Meter()), pytest.raises(CallFailure) as caught:
        REGISTRY[name].body(far)
    assert caught.value.kind is FailureKind.SIZE


def test_colors_grow() -> None:
    grid = picture("....", ".3..", "...2", "....")
    assert grow(grid) == picture(".3..", "3332", ".322", "...2")
    assert grow_around(grid) == picture("333.", "3322", "3322", "..22")
    assert grow_diagonally(grid) == picture("3.3.", ".32.", "3.32", "..2.")
    assert surround(grid, 7) == picture("777.", "7377", "7772", "..77")


def test_growing_takes_the_most_common_color_then_the_lowest() -> None:
    assert grow(picture(".3.", "4.2", ".4."))[1][1] == 4
    assert grow(picture(".3.", "4.2", ".5."))[1][1] == 2
    assert grow(((0, -1), (3, 0)))[0][0] == -1


def test_areas_have_a_core_and_a_skin() -> None:
    grid = picture("2333.", "2333.", ".333.")
    assert paint_core(grid, 7) == picture("2333.", "2373.", ".333.")
    assert paint_skin(grid, 7) == picture("7777.", "7737.", ".777.")


def test_lone_cells_have_no_equal_neighbor() -> None:
    grid = picture("12...", "1..3.", ".....")
    assert keep_lone(grid) == picture(".2...", "...3.", ".....")
    assert drop_lone(grid) == picture("1....", "1....", ".....")


@given(grids())
def test_every_cell_is_lone_or_not(grid: Grid) -> None:
    lone, rest = keep_lone(grid), drop_lone(grid)
    for row, lone_row, rest_row in zip(grid, lone, rest, strict=True):
        for cells in zip(row, lone_row, rest_row, strict=True):
            assert sorted(cells) == sorted((cells[0], cells[0], 0))


def test_blocks_are_two_by_two_cells_of_one_color() -> None:
    grid = picture("11122", "11.22", "..12.")
    assert keep_blocks(grid) == picture("11.22", "11.22", ".....")
    assert keep_blocks(picture("111")) == picture("...")


def test_boxes_of_objects() -> None:
    grid = picture("1..2.", ".1..2", "..3..", "3.3..", ".....")
    assert fill_boxes(grid, 7) == picture("17.27", "71.72", "..3..", "3.3..", ".....")
    assert frame_objects(grid, 7) == picture("1.72.", ".1772", "77377", "3737.", "7777.")
    assert fill_boxes(picture("22.", ".2.", "3.2"), 0) == picture("22.", ".2.", "3.2")


@given(grids(colors=3))
def test_boxes_are_those_of_the_objects(grid: Grid) -> None:
    covered = {
        location
        for found in objects(grid, True, True, False)
        if min(found)[0]
        for location in backdrop(found)
    }
    assert ofcolor(fill_boxes(grid, 9), 9) == covered & ofcolor(grid, 0)


def test_the_largest_rectangle() -> None:
    grid = picture("1..1..", "1..1..", ".....1")
    assert largest_rectangle(grid, 0) == marks(".xx", ".xx", ".xx")
    assert largest_rectangle(picture("..1..", "..1.."), 0) == marks("xx", "xx")
    # A row of two and a column of two: the column, which is higher, begins at the same place.
    assert largest_rectangle(picture("..", ".1"), 0) == {(0, 0), (1, 0)}
    assert largest_rectangle(grid, 5) == frozenset()


@given(grids(max_side=5, colors=2), st.integers(0, 1))
def test_no_rectangle_is_larger_or_earlier(grid: Grid, color: int) -> None:
    sides = [
        (-rows * columns, top, left, -rows)
        for top in range(len(grid))
        for left in range(len(grid[0]))
        for rows in range(1, len(grid) - top + 1)
        for columns in range(1, len(grid[0]) - left + 1)
        if all(
            cell == color for row in grid[top : top + rows] for cell in row[left : left + columns]
        )
    ]
    area, top, left, high = min(sides, default=(0, 0, 0, -1))
    wanted = {(top + i, left + j) for i in range(-high) for j in range(area // high)}
    assert largest_rectangle(grid, color) == wanted


@given(grids())
def test_the_edge_is_what_a_frame_covers(grid: Grid) -> None:
    assert paint_edge(grid, 7) == fill(grid, 7, box(asindices(grid)))


@each("grid", BARE)
def test_grids_without_cells_stay(grid: Grid) -> None:
    assert all(body(grid) == grid for body in ONE_ARGUMENT)
    assert all(body(grid, 3) == grid for body in WITH_COLOR)
    assert not enclosed(grid) | largest_rectangle(grid, 0)
    assert holes(grid) == frozenset()


def test_one_cell_is_its_own_skin() -> None:
    assert skin(frozenset({(2, 2)})) == frozenset({(2, 2)})
    assert core(frozenset({(2, 2)})) == frozenset()
    assert paint_skin(picture("4"), 1) == paint_edge(picture("4"), 1) == picture("1")
    assert paint_core(picture("4"), 1) == picture("4")


@each("body", ONE_ARGUMENT)
@each("odd", [3, ((1, 2), (3,)), frozenset({(0, 0)}), ((200,),)])
def test_what_is_no_grid_fails(body: Callable[..., Value], odd: Value) -> None:
    with pytest.raises(CallFailure):
        body(odd)


@each("body", [*WITH_COLOR, largest_rectangle])
@each("args", [(RINGS, 128), (RINGS, (1, 1)), (RINGS, None), (7, 1)])
def test_what_is_no_color_fails(body: Callable[..., Value], args: tuple[Value, ...]) -> None:
    with pytest.raises(CallFailure):
        body(*args)


@each("body", [solid, block, hull, halo, rim, core, skin])
@each("odd", [3, frozenset({1}), frozenset({(0, 0), (1, (0, 0))})])
def test_what_is_no_patch_fails(body: Callable[..., Value], odd: Value) -> None:
    with pytest.raises(CallFailure):
        body(odd)


def test_an_empty_patch_stays_empty() -> None:
    empty: Value = ()
    for body in (solid, block, hull, halo, rim, core, skin):
        assert body(frozenset()) == body(empty) == frozenset()
