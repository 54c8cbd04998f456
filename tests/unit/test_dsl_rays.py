"""Smears, joins, falls and rays, on pictures small enough to check by eye."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each
from tests.property.strategies import grids

from arcbatt.dsl.geometry import cmirror, dmirror, hmirror, vmirror
from arcbatt.dsl.objects import objects, ofcolor, recolor, shift
from arcbatt.dsl.rays import (
    attract,
    bounce,
    cast,
    fall,
    fall_objects,
    join_diagonals,
    join_lines,
    join_with,
    reach,
    shoot_cross,
    shoot_diagonals,
    slide,
    smear,
    stretch,
)
from arcbatt.dsl.types import Grid, IntegerTuple, Value
from arcbatt.dsl.values import CallFailure

UP, DOWN, LEFT, RIGHT = (-1, 0), (1, 0), (0, -1), (0, 1)
DIRECTIONS = tuple((i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j)
DIRECTED = (smear, stretch, bounce, fall, fall_objects)
ONE_ARGUMENT = (join_lines, join_diagonals, shoot_cross, shoot_diagonals)
WITH_COLOR = (reach, attract)
BOTH = (join_with,)


def picture(*rows: str) -> Grid:
    """Read a grid, a dot for an empty cell."""
    return tuple(tuple(0 if cell == "." else int(cell) for cell in row) for row in rows)


def counts(grid: Grid) -> Counter[int]:
    return Counter(cell for row in grid for cell in row)


def test_rays_end_at_the_next_colored_cell() -> None:
    grid = picture("1...", "..2.", "....")
    assert smear(grid, RIGHT) == picture("1111", "..22", "....")
    assert smear(grid, DOWN) == picture("1...", "1.2.", "1.2.")
    assert smear(grid, (1, 1)) == picture("1...", ".12.", "..12")
    assert smear(grid, (-1, -1)) == picture("12..", "..2.", "....")
    assert smear(picture("1.2."), RIGHT) == picture("1122")


MIRRORS: tuple[tuple[Callable[[Value], Value], Callable[[int, int], IntegerTuple]], ...] = (
    (hmirror, lambda i, j: (-i, j)),
    (vmirror, lambda i, j: (i, -j)),
    (dmirror, lambda i, j: (j, i)),
    (cmirror, lambda i, j: (-j, -i)),
)
"""Mirrors of grids, with what they make of a direction."""


def test_stretching_takes_the_nearest_color_then_that_behind() -> None:
    assert stretch(picture(".1...2."), RIGHT) == picture("1111222")
    assert stretch(picture(".1...2."), LEFT) == picture("1112222")
    assert stretch(picture("...", ".3."), DOWN) == picture(".3.", ".3.")


def test_equal_neighbors_are_joined() -> None:
    assert join_with(picture("3..3.2"), 0, RIGHT) == picture("3..3.2")
    assert join_with(picture("3..3.2"), 8, RIGHT) == picture("3883.2")


def test_lines_cross_with_columns_and_left_diagonals_on_top() -> None:
    assert join_lines(picture(".2.", "1.1", ".2.")) == picture(".2.", "121", ".2.")
    assert join_diagonals(picture("1.2", "...", "2.1")) == picture("1.2", ".2.", "2.1")


def test_rays_on_all_sides() -> None:
    grid = picture("....", ".1..", "....", "...2")
    assert shoot_cross(grid) == picture(".1.2", "1111", ".1.2", "2122")
    assert shoot_diagonals(grid) == picture("1.1.", ".1..", "1.1.", "...2")


def test_the_nearest_start_wins_then_the_lower_color() -> None:
    # Both rays come to the middle of the first row, and are as far from it.
    assert shoot_cross(picture("2..", "...", "..1"))[0][2] == 1
    assert shoot_cross(picture("1..", "..2"))[0][2] == 2


def test_rays_bounce_between_left_and_right() -> None:
    assert bounce(picture("...", "...", "...", "5.."), (-1, 1)) == picture(
        ".5.", "..5", ".5.", "5.."
    )
    assert bounce(picture("..", "..", "1.", "3."), (-1, 1)) == picture("13", "31", "13", "3.")
    assert bounce(picture("...4", "....", "...."), (1, -1)) == picture("...4", "..4.", ".4..")
    assert bounce(picture("4...", "....", "...."), (1, -1)) == picture("4...", ".4..", "..4.")
    # In a single column there is nowhere to go; where rays cross, the lower colour shows.
    assert bounce(picture("4", "."), (1, 1)) == picture("4", ".")
    assert bounce(picture("2...3", ".....", "....."), (1, 1)) == picture("2...3", ".2.3.", "..2..")


@given(grids(), st.sampled_from((UP, DOWN, LEFT, RIGHT)))
def test_straight_rays_do_not_bounce(grid: Grid, direction: IntegerTuple) -> None:
    assert bounce(grid, direction) == smear(grid, direction)


def test_cells_reach_for_a_color() -> None:
    grid = picture("1..2..1", "...3...", ".......", "...2...")
    assert reach(grid, 2) == picture("1112111", "...3...", "...3...", "...2...")
    assert reach(grid, 0) == grid
    assert reach(picture("1.1"), 1) == picture("1.1")


def test_cells_are_attracted_by_a_color() -> None:
    assert attract(picture("1..2..3"), 2) == picture("..123..")
    assert attract(picture("1.4.2"), 2) == picture("1..42")
    assert attract(picture("1...", "....", "..2.", "...1"), 2) == picture(
        "....", ".1..", "..2.", "...1"
    )
    # Up comes before left, and near before far.
    assert attract(picture("..2", "...", "2.1"), 2) == picture("..2", "..1", "2..")
    assert attract(picture("...2", "....", "....", "2..1"), 2) == picture(
        "...2", "...1", "....", "2..."
    )
    # Two that end in one place: the lower colour shows.
    assert attract(picture("4.2", "...", "..2", "4.."), 2)[0] == (0, 4, 2)
    assert attract(picture("3...2", ".....", "2....", ".....", "....."), 0) == picture(
        "3...2", ".....", "2....", ".....", "....."
    )


def test_cells_fall() -> None:
    grid = picture("12.", "3..", "...")
    assert fall(grid, DOWN) == picture("...", "1..", "32.")
    assert fall(grid, RIGHT) == picture(".12", "..3", "...")
    assert fall(grid, (1, 1)) == picture("...", "..2", ".31")


def test_objects_fall_as_a_whole() -> None:
    grid = picture("11.3", "1...", "...2", "4...", "....")
    assert fall_objects(grid, DOWN) == picture("....", "....", "11..", "1..3", "4..2")
    # What hooks into each other falls together.
    assert fall_objects(picture("111", "121", "1.1", "..."), DOWN) == picture(
        "...", "111", "1.1", "121"
    )


@given(grids(colors=2), st.sampled_from((UP, DOWN, LEFT, RIGHT)))
def test_objects_keep_their_forms(grid: Grid, direction: IntegerTuple) -> None:
    """Compare with moving single objects one step at a time until none can move."""
    bodies: list[Value] = [part for part in objects(grid, True, True, False) if min(part)[0]]
    height, width = len(grid), len(grid[0])
    moving = True
    while moving:
        moving = False
        for place, body in enumerate(bodies):
            others = {cell[1] for other in bodies if other is not body for cell in other}
            moved: Value = shift(body, direction)
            if all(
                0 <= i < height and 0 <= j < width and (i, j) not in others for _, (i, j) in moved
            ):
                bodies[place], moving = moved, True
    cells = {location: color for body in bodies for color, location in body}
    stepwise = tuple(tuple(cells.get((i, j), 0) for j in range(width)) for i in range(height))
    fallen = fall_objects(grid, direction)
    assert len(ofcolor(fallen, 1)) == len(ofcolor(stepwise, 1))
    # Bodies that hook into each other can only fall together, which one by one they don't.
    assert sum(i * direction[0] + j * direction[1] for i, j in ofcolor(fallen, 1)) >= sum(
        i * direction[0] + j * direction[1] for i, j in ofcolor(stepwise, 1)
    )


def test_a_patch_slides_until_it_meets_something() -> None:
    grid = picture("1...2", "1....", "....3")
    patch = frozenset({(0, 0), (1, 0)})
    assert slide(grid, patch, RIGHT) == picture("...12", "...1.", "....3")
    assert slide(grid, patch, DOWN) == picture("....2", "1....", "1...3")
    assert slide(grid, recolor(7, patch), LEFT) == grid
    # Cells of one patch don't stop each other, whatever is between them.
    assert slide(picture("1.1.."), frozenset({(0, 0), (0, 2)}), RIGHT) == picture("..1.1")
    assert slide(picture("1.2.1.."), frozenset({(0, 0), (0, 4)}), RIGHT) == picture(".12..1.")


def test_only_colored_cells_of_the_grid_slide() -> None:
    grid = picture("1..", "...")
    none: tuple[Value, ...] = (frozenset(), (), frozenset({(1, 1), (9, 9), (-1, 0)}))
    for nothing in none:
        assert slide(grid, nothing, DOWN) == grid


def test_an_object_casts_rays() -> None:
    grid = picture(".....", "..3..", ".....")
    pair = frozenset({(1, (0, 0)), (2, (1, 0))})
    assert cast(grid, pair, RIGHT) == picture("11111", "223..", ".....")
    assert cast(grid, pair, (1, 1)) == picture("1....", "213..", ".21..")
    assert cast(grid, frozenset({(0, (1, 2)), (4, (9, 9))}), RIGHT) == picture(
        ".....", ".....", "....."
    )


@given(grids(), st.sampled_from(DIRECTIONS))
def test_a_smear_is_what_all_cells_cast(grid: Grid, direction: IntegerTuple) -> None:
    cells = frozenset((c, (i, j)) for i, row in enumerate(grid) for j, c in enumerate(row) if c)
    assert cast(grid, cells, direction) == smear(grid, direction)


@each("grid", [(), ((),), ((), ())])
def test_grids_without_cells_stay(grid: Grid) -> None:
    for direction in DIRECTIONS:
        assert all(body(grid, direction) == grid for body in DIRECTED)
        assert all(body(grid, 2, direction) == grid for body in BOTH)
        assert slide(grid, frozenset({(0, 0)}), direction) == grid
        assert cast(grid, frozenset({(1, (0, 0))}), direction) == grid
    assert all(body(grid) == grid for body in ONE_ARGUMENT)
    assert all(body(grid, 2) == grid for body in WITH_COLOR)


@each("direction", [(0, 0), (2, 0), (1, -2), 1, (1, 0, 0), frozenset()])
def test_what_is_no_direction_fails(direction: Value) -> None:
    grid = picture("1.")
    calls: list[tuple[Callable[..., Value], tuple[Value, ...]]] = [
        *((body, (grid, direction)) for body in DIRECTED),
        *((body, (grid, 1, direction)) for body in BOTH),
        (slide, (grid, frozenset(), direction)),
        (cast, (grid, frozenset(), direction)),
    ]
    for body, args in calls:
        with pytest.raises(CallFailure):
            body(*args)


@each(
    ("body", "args"),
    [
        *((body, (7, RIGHT)) for body in DIRECTED),
        *((body, (frozenset(),)) for body in ONE_ARGUMENT),
        *((body, (((1,),), 128)) for body in WITH_COLOR),
        *((body, (((1,),), None, RIGHT)) for body in BOTH),
        (slide, (((1,),), frozenset({1}), RIGHT)),
        (cast, (((1,),), frozenset({(0, 0)}), RIGHT)),
    ],
)
def test_what_does_not_fit_fails(body: Callable[..., Value], args: tuple[Value, ...]) -> None:
    with pytest.raises(CallFailure):
        body(*args)


@given(grids(), st.sampled_from(DIRECTIONS))
def test_directions_turn_with_the_grid(grid: Grid, direction: IntegerTuple) -> None:
    for mirror, turn in MIRRORS:
        for body in (smear, fall, fall_objects):
            assert body(mirror(grid), turn(*direction)) == mirror(body(grid, direction))


@given(grids(), st.sampled_from(DIRECTIONS))
def test_nothing_is_lost_in_a_fall(grid: Grid, direction: IntegerTuple) -> None:
    for fallen in (
        fall(grid, direction),
        fall_objects(grid, direction),
    ):
        assert counts(fallen) == counts(grid)
    assert fall(fall(grid, direction), direction) == fall(grid, direction)
    assert fall_objects(fall_objects(grid, direction), direction) == fall_objects(grid, direction)
