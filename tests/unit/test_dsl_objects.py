"""Objects: order, claims and laws that single calls don't show."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each

from arcbatt.dsl.meter import Meter, metered
from arcbatt.dsl.objects import (
    asobject,
    color,
    colorcount,
    colorfilter,
    fgpartition,
    frontiers,
    hperiod,
    leastcolor,
    mostcolor,
    normalize,
    objects,
    occurrences,
    palette,
    partition,
    recolor,
    shift,
    sizefilter,
    toobject,
    vperiod,
)
from arcbatt.dsl.types import Grid, Object, Objects, Value
from arcbatt.dsl.values import CallFailure, FailureKind

GRIDS = st.integers(1, 5).flatmap(
    lambda columns: st.lists(st.tuples(*[st.integers(0, 2)] * columns), min_size=1, max_size=5).map(
        tuple
    )
)
FLAGS = st.booleans()


def _together(parts: Objects) -> list[tuple[int, tuple[int, int]]]:
    return sorted(cell for part in parts for cell in part)


@given(GRIDS, FLAGS, FLAGS)
def test_objects_share_no_cell_and_leave_none_out(
    grid: Grid, univalued: bool, diagonal: bool
) -> None:
    assert _together(objects(grid, univalued, diagonal, False)) == sorted(asobject(grid))
    without = [cell for cell in sorted(asobject(grid)) if cell[0] != mostcolor(grid)]
    assert _together(objects(grid, univalued, diagonal, True)) == without


@given(GRIDS, FLAGS, FLAGS, FLAGS)
def test_touching_cells_are_in_one_object(
    grid: Grid, univalued: bool, diagonal: bool, without_bg: bool
) -> None:
    found = objects(grid, univalued, diagonal, without_bg)
    for part, other in product(found, found):
        if part == other:
            continue
        for (value, (i, j)), (beside, (row, column)) in product(part, other):
            apart = abs(i - row) + abs(j - column)
            if diagonal:
                apart = max(abs(i - row), abs(j - column))
            assert apart > 1 or (univalued and value != beside)
    assert not univalued or all(len(palette(part)) == 1 for part in found)


def test_a_part_as_long_as_a_grid_is_found_without_recursion() -> None:
    grid = tuple(tuple(1 for _ in range(200)) for _ in range(200))
    assert objects(grid, True, False, False) == frozenset({asobject(grid)})


@given(GRIDS)
def test_a_partition_has_one_object_per_colour(grid: Grid) -> None:
    parts = partition(grid)
    assert _together(parts) == sorted(asobject(grid))
    assert sorted(map(color, parts)) == sorted(palette(grid))
    assert parts - fgpartition(grid) == colorfilter(parts, mostcolor(grid))


@given(GRIDS)
def test_frontiers_have_one_colour_and_span_the_grid(grid: Grid) -> None:
    for part in frontiers(grid):
        assert len(palette(part)) == 1
        rows, columns = ({location[axis] for _, location in part} for axis in (0, 1))
        assert len(rows) == len(grid) or len(columns) == len(grid[0])


@given(GRIDS, st.data())
def test_what_is_cut_out_of_a_grid_occurs_there(grid: Grid, data: st.DataObject) -> None:
    places = sorted(location for _, location in asobject(grid))
    part = toobject(frozenset(data.draw(st.lists(st.sampled_from(places), min_size=1))), grid)
    corner = tuple(min(location[axis] for _, location in part) for axis in (0, 1))
    assert corner in occurrences(grid, part)
    assert all(
        normalize(part) <= normalize(asobject(tuple(row[j:] for row in grid[i:])))
        for i, j in occurrences(grid, part)
    )


def test_equally_common_colours_are_told_apart_by_their_number() -> None:
    assert mostcolor(((5, 3, 3, 5, 9),)) == 3
    assert leastcolor(((5, 3, 3, 5, 9, 7),)) == 7


def test_the_colour_of_a_set_is_its_lowest_and_of_a_tuple_its_first() -> None:
    cells: Value = ((4, (0, 0)), (2, (5, 5)))
    assert color(frozenset(cells)) == 2
    assert color(cells) == 4


def test_a_colour_of_a_cell_may_be_any_value() -> None:
    mark: Value = (7, 7)
    marked: Value = recolor(mark, frozenset({(0, 0)}))
    assert marked == frozenset({(mark, (0, 0))})
    assert color(marked) == mark
    assert shift(marked, (1, 2)) == frozenset({(mark, (1, 2))})
    assert palette(marked) == frozenset({mark})


def test_the_colour_of_a_location_is_its_row() -> None:
    locations: Value = frozenset({(3, 4), (3, 5), (6, 0)})
    assert color(locations) == mostcolor(locations) == 3
    assert colorcount(locations, 3) == 2
    assert palette(locations) == frozenset({3, 6})


def test_an_empty_object_fails_a_colour_filter() -> None:
    with pytest.raises(CallFailure, match="a container with members"):
        colorfilter(frozenset({frozenset()}), 1)


def test_a_size_filter_wants_members_that_have_a_size() -> None:
    with pytest.raises(CallFailure, match="a tuple or a set"):
        sizefilter((1, 2), 1)


@each(("period", "end"), [(vperiod, (32767, 0)), (hperiod, (0, 32767))])
def test_periods_claim_their_length_for_each_cell(
    period: Callable[[Object], int], end: tuple[int, int]
) -> None:
    cells = frozenset({(1, (0, 0)), (1, end)})
    with metered(Meter(value_leaves=656)):
        assert period(cells) == 32767
    with metered(Meter(value_leaves=655)), pytest.raises(CallFailure) as caught:
        period(cells)
    assert caught.value.kind is FailureKind.SIZE


def test_occurrences_claim_a_step_for_each_place_and_cell() -> None:
    grid, cell = ((1,) * 20,) * 15, frozenset({(1, (0, 0))})
    with metered(Meter(value_leaves=3)):
        assert len(occurrences(grid, cell)) == 300
    with metered(Meter(value_leaves=2)), pytest.raises(CallFailure) as caught:
        occurrences(grid, cell)
    assert caught.value.kind is FailureKind.SIZE
