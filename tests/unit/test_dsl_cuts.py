"""Cuts: boxes, lines, compartments, halves, tiles, layers and pictures, frames and blocks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each
from tests.property.strategies import grids

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.cuts import (
    compartment_colors,
    compartments,
    cut_border,
    cut_color,
    cut_to_cells,
    drop_empty_lines,
    drop_repeats,
    drop_separators,
    frame_insides,
    group_layers,
    group_pictures,
    halves,
    part_layers,
    part_pictures,
    quarters,
    rectangles,
    split_squares,
    tile_of,
)
from arcbatt.dsl.meter import Meter, metered
from arcbatt.dsl.objects import objects
from arcbatt.dsl.types import Grid, Tuple, Value
from arcbatt.dsl.values import CallFailure, FailureKind

UNARY = [known.body for known in REGISTRY.values() if known.family == "cuts"]
UNARY = [body for body in UNARY if body is not cut_color]

EMPTY = ((0, 0), (0, 0))
LATTICE = (
    (0, 7, 5, 1, 1),
    (0, 7, 5, 1, 7),
    (5, 5, 5, 5, 5),
    (3, 4, 5, 0, 0),
)


def overlaid(layers: Tuple[Grid]) -> Grid:
    """Lay grids of one shape over each other; no cell is coloured in two of them."""
    return tuple(
        tuple(max(cells) for cells in zip(*rows, strict=True)) for rows in zip(*layers, strict=True)
    )


def test_boxes_are_cut_around_what_is_wanted() -> None:
    grid = ((8, 8, 8, 8), (8, 0, 3, 8), (8, 8, 0, 8))
    assert cut_border(grid) == ((0, 3), (8, 0))
    assert cut_color(grid, 3) == ((3,),)
    assert cut_color(grid, 0) == ((0, 3), (8, 0))
    assert cut_to_cells(((0, 0), (-1, 0))) == ((-1,),)


def test_lines_are_dropped() -> None:
    grid = ((4, 0, 4, 4), (0, 0, 0, 0), (0, 0, 5, 5))
    assert drop_empty_lines(grid) == ((4, 4, 4), (0, 5, 5))
    assert drop_repeats(grid) == ((4, 0, 4), (0, 0, 0), (0, 0, 5))
    assert drop_repeats(EMPTY) == ((0,),)
    # Lines that equal each other but do not touch stay.
    assert drop_repeats(((1, 2, 1),)) == ((1, 2, 1),)


def test_separators_have_the_colour_with_the_most_lines() -> None:
    assert compartments(LATTICE) == (((0, 7), (0, 7)), ((1, 1), (1, 7)), ((3, 4),), ((0, 0),))
    assert compartment_colors(LATTICE) == ((7, 1), (3, 0))
    assert drop_separators(LATTICE) == ((0, 7, 1, 1), (0, 7, 1, 7), (3, 4, 0, 0))


def test_empty_separators_count_only_without_coloured_ones() -> None:
    gaps = ((1, 0, 0, 2), (0, 0, 0, 0), (3, 0, 0, 4))
    assert compartments(gaps) == (((1,),), ((2,),), ((3,),), ((4,),))
    assert compartments((*gaps, (6, 6, 6, 6))) == (gaps,)


def test_halves_are_those_of_the_longer_side() -> None:
    assert halves(((1,), (5,), (2,))) == (((1,),), ((2,),))
    assert halves(((1, 2), (3, 4))) == (((1,), (3,)), ((2,), (4,)))
    # A square one has its halves above and below only if a line between them says so.
    assert halves(((1, 2, 3), (5, 5, 5), (3, 2, 1))) == (((1, 2, 3),), ((3, 2, 1),))
    assert halves(((1, 5, 3), (5, 5, 5), (3, 5, 1))) == (((1,), (5,), (3,)), ((3,), (5,), (1,)))
    assert quarters(((1, 2), (3, 4))) == (((1,),), ((2,),), ((3,),), ((4,),))


def test_squares_may_have_lines_between_them() -> None:
    assert split_squares(((1, 2, 5, 3, 4), (1, 2, 5, 3, 4))) == (((1, 2), (1, 2)), ((3, 4), (3, 4)))
    assert split_squares(((1, 2), (1, 2), (3, 4), (3, 4))) == (((1, 2), (1, 2)), ((3, 4), (3, 4)))


@given(grids(max_side=4), st.integers(1, 9), st.integers(1, 9))
def test_a_tile_makes_up_what_it_is_cut_from(tile: Grid, rows: int, columns: int) -> None:
    grid = tuple(
        tuple(tile[i % len(tile)][j % len(tile[0])] for j in range(columns)) for i in range(rows)
    )
    found = tile_of(grid)
    assert len(found) <= len(tile) and len(found[0]) <= len(tile[0])
    assert grid == tuple(
        tuple(found[i % len(found)][j % len(found[0])] for j in range(columns)) for i in range(rows)
    )


@given(grids())
def test_parts_and_groups_are_the_connected_objects(grid: Grid) -> None:
    # A border makes 0 the most common colour, which `objects` leaves out.
    wide = ((0,) * 30,) * 8 + tuple((*row, *(0,) * (30 - len(row))) for row in grid)
    for layers, flags in ((part_layers(wide), (1, 0, 1)), (group_layers(wide), (0, 1, 1))):
        found = [
            frozenset((v, (i, j)) for i, row in enumerate(layer) for j, v in enumerate(row) if v)
            for layer in layers
        ]
        assert [min(place for _, place in cells) for cells in found] == sorted(
            min(place for _, place in cells) for cells in found
        )
        assert frozenset(found) == objects(wide, *map(bool, flags))


def test_parts_come_by_their_first_cell_and_pictures_hold_all_that_lies_in_them() -> None:
    grid = ((0, 5, 0, 0, 3), (5, 5, 0, 0, 3), (0, 0, 0, 4, 0))
    assert part_pictures(grid) == (((0, 5), (5, 5)), ((3,), (3,)), ((4,),))
    assert group_pictures(grid) == (((0, 5), (5, 5)), ((0, 3), (0, 3), (4, 0)))
    assert part_pictures(((3, 3, 3), (3, 4, 3))) == (((3, 3, 3), (3, 4, 3)), ((4,),))
    assert part_pictures(EMPTY) == group_layers(EMPTY) == ()


def test_frames_have_insides_and_blocks_have_none() -> None:
    grid = (
        (3, 3, 3, 3, 0, 7, 7),
        (3, 0, 4, 3, 0, 7, 7),
        (3, 3, 3, 3, 0, 0, 0),
        (0, 0, 0, 0, 6, 6, 6),
    )
    assert [len(picture[0]) for picture in rectangles(grid)] == [4, 2]
    assert frame_insides(grid) == (((0, 4),),)
    assert rectangles(((3, 3), (3, 0))) == ()


@each("body", UNARY)
def test_a_grid_without_cells_is_refused(body: Callable[[Value], Value]) -> None:
    for value in ((), ((), ()), 5, frozenset({(0, 0)})):
        with pytest.raises(CallFailure) as raised:
            body(value)
        assert raised.value.kind is FailureKind.ARGUMENT


@each(
    ("body", "args"),
    [
        (cut_to_cells, (EMPTY,)),
        (cut_color, (EMPTY, 3)),
        (cut_color, (EMPTY, 300)),
        (cut_border, (EMPTY,)),
        (drop_empty_lines, (EMPTY,)),
        (drop_separators, (EMPTY,)),
        (compartments, (((1, 2), (2, 1)),)),
        (compartments, (EMPTY,)),
        (halves, (((1,),),)),
        (quarters, (((1, 2, 3),),)),
        (split_squares, (EMPTY,)),
        (split_squares, (((1, 2, 3, 4), (1, 2, 3, 4), (1, 2, 3, 4)),)),
    ],
)
def test_there_is_no_answer(body: Callable[..., Value], args: tuple[Value, ...]) -> None:
    with pytest.raises(CallFailure) as raised:
        body(*args)
    assert raised.value.kind is FailureKind.ARGUMENT


@each("body", [part_layers, group_layers, part_pictures])
def test_room_is_claimed_before_layers_are_made(body: Callable[[Value], Value]) -> None:
    grid = tuple(
        tuple(1 + j % 2 + 2 * (i % 2) if i % 3 else 0 for j in range(20)) for i in range(9)
    )
    body(grid)
    with metered(Meter(value_leaves=100)), pytest.raises(CallFailure) as raised:
        body(grid)
    assert raised.value.kind is FailureKind.SIZE
