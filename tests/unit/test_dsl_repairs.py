"""Pictures completed from their own symmetry and repetition."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each
from tests.property.strategies import grids

from arcbatt.dsl.meter import Meter, metered
from arcbatt.dsl.ranks import mir_rot
from arcbatt.dsl.repairs import (
    complete_mirror,
    complete_rotation,
    continue_box,
    continue_rows,
    mend_noise,
    mend_period,
    mend_rows,
    mend_symmetry,
    symmetrize,
)
from arcbatt.dsl.tilings import kaleidoscope, pinwheel, put, tile
from arcbatt.dsl.types import Grid, IntegerTuple, Value
from arcbatt.dsl.values import CallFailure, FailureKind

HIDDEN = 9
PICTURE = ((1, 2, 3), (4, 5, 6), (7, 8, 1))
DIRECTIONS = [(0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)]


def hide(grid: Grid, top: int, left: int, rows: int, columns: int) -> Grid:
    """Put a patch of the hidden colour on a grid."""
    return tuple(
        tuple(
            HIDDEN if top <= i < top + rows and left <= j < left + columns else value
            for j, value in enumerate(row)
        )
        for i, row in enumerate(grid)
    )


def changed(before: Grid, after: Grid) -> set[int]:
    """Return the colours that cells had which are others now."""
    return {
        old
        for row, new_row in zip(before, after, strict=True)
        for old, new in zip(row, new_row, strict=True)
        if old != new
    }


@given(st.integers(0, 4), st.integers(0, 4), st.integers(1, 3), st.integers(1, 2))
def test_a_patch_on_a_symmetric_picture_is_mended(
    top: int, left: int, rows: int, columns: int
) -> None:
    whole = kaleidoscope(PICTURE)
    # The patch lies in one half of the picture, so that each cell has a visible image.
    damaged = hide(whole, top % 4, left % 2, rows, columns)
    assert mend_symmetry(damaged, HIDDEN) == whole


def test_an_axis_may_lie_beside_the_middle() -> None:
    whole = tuple(row[:-1] for row in kaleidoscope(PICTURE))
    damaged = hide(whole, 1, 3, 2, 2)
    assert mend_symmetry(damaged, HIDDEN) == whole
    assert mend_symmetry(mir_rot(damaged, 1), HIDDEN) == mir_rot(whole, 1)


def test_a_diagonal_is_an_axis() -> None:
    whole = ((1, 2, 3), (2, 4, 5), (3, 5, 6))
    assert mend_symmetry(hide(whole, 0, 1, 1, 2), HIDDEN) == whole
    backwards = mir_rot(whole, 1)
    assert mend_symmetry(hide(backwards, 0, 0, 1, 2), HIDDEN) == backwards


def test_what_has_no_visible_image_stays_hidden() -> None:
    assert mend_symmetry(((1, 9, 1),), HIDDEN) == ((1, 9, 1),)
    with pytest.raises(CallFailure, match="a grid with a symmetry"):
        mend_symmetry(((1, 2, 3), (4, 5, 6), (7, 8, 2)), HIDDEN)


@given(grids())
def test_mirrors_complete_a_half(grid: Grid) -> None:
    completed = complete_mirror(grid)
    assert changed(grid, completed) <= {0}
    turned = complete_mirror(mir_rot(grid, 2))
    assert sum(map(sum, turned)) >= sum(map(sum, grid))


def test_the_best_axis_is_taken_and_then_the_next() -> None:
    cross = ((0, 0, 2, 0, 0), (0, 2, 3, 2, 0), (0, 0, 2, 0, 0))
    damaged = ((0, 0, 2, 0, 0), (0, 0, 3, 2, 0), (0, 0, 2, 0, 0))
    assert complete_mirror(damaged) == cross
    assert complete_mirror(cross) == cross
    corner = ((0, 2, 0), (2, 2, 0), (0, 0, 0))
    assert complete_mirror(complete_mirror(corner)) == ((0, 2, 0), (2, 2, 2), (0, 2, 0))
    assert complete_mirror(((1, 2, 1),)) == ((1, 2, 1),)
    assert complete_mirror(((0, 0),)) == ((0, 0),)


def test_one_turn_completes_a_picture() -> None:
    whole = pinwheel(((1, 2), (3, 4)))
    damaged = tuple(
        tuple(0 if (i, j) in ((0, 0), (3, 2)) else value for j, value in enumerate(row))
        for i, row in enumerate(whole)
    )
    assert complete_rotation(damaged) == whole
    apart = put(damaged, (7, 6), (1, -1))
    assert complete_rotation(apart) == put(whole, (7, 6), (1, -1))


@given(grids())
def test_turns_only_fill_empty_cells(grid: Grid) -> None:
    assert changed(grid, complete_rotation(grid)) <= {0}


def test_nothing_turns_into_nothing() -> None:
    assert complete_rotation(((0, 0), (0, 0))) == ((0, 0), (0, 0))
    assert complete_rotation(((5,),)) == ((5,),)


@given(grids(max_side=3), st.integers(0, 5), st.integers(0, 5))
def test_a_pattern_is_found_below_a_patch(part: Grid, top: int, left: int) -> None:
    shape = (3 * len(part), 3 * len(part[0]))
    whole = tile(part, shape)
    # At most one copy of the part is hidden, two along each line are not.
    damaged = hide(whole, top % len(part), left % len(part[0]), len(part), len(part[0]))
    mended = mend_period(damaged, HIDDEN)
    assert changed(damaged, mended) <= {HIDDEN}
    assert HIDDEN not in {value for row in mended for value in row}
    if shape[0] > 3 and shape[1] > 3:
        assert mend_period(whole, HIDDEN) == whole


def test_rows_may_be_shifted() -> None:
    diagonal = tuple(tuple((1, 2, 3)[(j - i) % 3] for j in range(6)) for i in range(5))
    assert mend_period(hide(diagonal, 1, 1, 3, 4), HIDDEN) == diagonal
    other = mir_rot(diagonal, 5)
    assert mend_period(hide(other, 2, 0, 3, 4), HIDDEN) == other


def test_a_pattern_repeats() -> None:
    with pytest.raises(CallFailure, match="a grid with a pattern"):
        mend_period(((1, 2, 3), (4, 9, 6)), HIDDEN)
    assert mend_period(((1, 2, 3), (4, 5, 6)), HIDDEN) == ((1, 2, 3), (4, 5, 6))


def test_each_row_has_a_pattern_of_its_own() -> None:
    grid = ((1, 2, 9, 2, 1, 9), (9, 9, 4, 9, 9, 9), (1, 2, 3, 4, 5, 9))
    assert mend_rows(grid, HIDDEN) == ((1, 2, 1, 2, 1, 2), (4,) * 6, (1, 2, 3, 4, 5, 9))


@given(grids(max_side=3), st.integers(0, 8), st.integers(0, 8))
def test_one_wrong_cell_is_noise(part: Grid, row: int, column: int) -> None:
    whole = tile(part, (9, 9))
    damaged = hide(whole, row, column, 1, 1)
    mended = mend_noise(damaged)
    assert HIDDEN not in {value for line in mended for value in line}
    assert mend_noise(mended) == mended


def test_noise_goes_and_stripes_stay() -> None:
    stripes = ((3, 3, 5, 8),) * 6
    assert mend_noise(hide(stripes, 2, 1, 1, 1)) == stripes
    assert mend_noise(mir_rot(hide(stripes, 2, 1, 1, 1), 1)) == mir_rot(stripes, 1)
    assert mend_noise(((1, 2), (3, 4))) == ((1, 2), (3, 4))


@each("direction", DIRECTIONS)
@each("body", [continue_box])
@given(grid=grids())
def test_a_pattern_goes_on_the_same_way_in_each_direction(
    body: Callable[[Grid, IntegerTuple], Grid], direction: IntegerTuple, grid: Grid
) -> None:
    down, right = direction
    continued = body(grid, direction)
    assert changed(grid, continued) <= {0}
    assert body(grid, (5 * down, 5 * right)) == continued
    # A quarter clockwise takes (down, right) to (right, -down).
    assert mir_rot(body(mir_rot(grid, 1), (right, -down)), 3) == continued


def test_patterns_go_on_and_boxes_repeat() -> None:
    row = ((0, 3, 4, 3, 0, 0, 0),)
    assert continue_box(row, (0, 1)) == ((0, 3, 4, 3, 3, 4, 3),)


def test_rows_go_on_by_themselves() -> None:
    grid = ((0, 1, 2, 0, 0, 0), (3, 0, 3, 0, 0, 0), (0,) * 6)
    assert continue_rows(grid) == ((0, 1, 2, 1, 2, 1), (3, 0, 3, 0, 3, 0), (0,) * 6)
    assert continue_rows(()) == ()
    assert continue_rows(((), ())) == ((), ())


@given(grids())
def test_symmetrized_grids_have_their_mirror_images_colored(grid: Grid) -> None:
    result = symmetrize(grid)
    assert changed(grid, result) <= {0}
    symmetries = range(8) if len(grid) == len(grid[0]) else (0, 2, 4, 5)
    masks = {
        tuple(tuple(value != 0 for value in row) for row in mir_rot(result, k)) for k in symmetries
    }
    assert len(masks) == 1


@each(
    "call",
    [
        lambda grid: mend_symmetry(grid, 0),
        lambda grid: mend_period(grid, 0),
        lambda grid: mend_rows(grid, 0),
        complete_mirror,
        complete_rotation,
        mend_noise,
    ],
)
@each("grid", [(), ((), ()), 7, frozenset()])
def test_there_have_to_be_cells(call: Callable[[Value], Grid], grid: Value) -> None:
    with pytest.raises(CallFailure) as caught:
        call(grid)
    assert caught.value.kind is FailureKind.ARGUMENT


@each("body", [continue_box])
@each("direction", [(0, 0), 1, None, (1, 2, 3)])
def test_a_direction_leads_somewhere(
    body: Callable[[Grid, IntegerTuple], Grid], direction: Value
) -> None:
    with pytest.raises(CallFailure) as caught:
        body(PICTURE, direction)
    assert caught.value.kind is FailureKind.ARGUMENT


@each("body", [mend_period, mend_symmetry, mend_rows])
def test_hidden_cells_have_a_color(body: Callable[[Grid, int], Grid]) -> None:
    with pytest.raises(CallFailure, match="a colour"):
        body(PICTURE, 1_000)


@each("call", [complete_mirror, complete_rotation, mend_noise, lambda grid: mend_period(grid, 0)])
def test_work_is_bounded(call: Callable[[Grid], Grid]) -> None:
    with metered(Meter(value_leaves=1_000)), pytest.raises(CallFailure) as caught:
        call(((1,) * 60,) * 60)
    assert caught.value.kind is FailureKind.SIZE
