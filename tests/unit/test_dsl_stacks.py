"""Pictures over each other, side by side, and in an order."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each
from tests.property.strategies import grids

from arcbatt.dsl.stacks import (
    both_colored,
    changed_part,
    color_ranking,
    colored_row,
    common_all,
    fill_first,
    first_colored,
    histogram,
    lone_all,
    overlay,
    overlay_all,
    overlay_ordered,
    sort_rows,
    vacant_all,
)
from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import CallFailure, FailureKind

GRID = ((1, 2), (3, 4))
PAIRWISE = [overlay, both_colored, first_colored]
MERGING = [overlay_all, common_all, lone_all, vacant_all]
ROWS = st.lists(st.integers(0, 3), min_size=4, max_size=4).map(tuple)
STACKS = st.lists(st.tuples(ROWS, ROWS), min_size=1, max_size=4).map(tuple)


def cells(grid: Grid) -> list[int]:
    return [value for row in grid for value in row]


@given(STACKS)
def test_each_cell_tells_where_it_is_colored(stack: tuple[Grid, ...]) -> None:
    merged = [cells(body(stack)) for body in MERGING]
    for place, (over, common, lone, vacant) in enumerate(zip(*merged, strict=True)):
        column = [cells(grid)[place] for grid in stack]
        colored = [value for value in column if value]
        assert over == (colored[-1] if colored else 0)
        assert common == (column[0] if len(colored) == len(column) else 0)
        assert lone == (colored[0] if len(colored) == 1 else 0)
        assert vacant == (not colored)


@given(STACKS.filter(lambda stack: len(stack) > 1))
def test_two_grids_are_a_stack(stack: tuple[Grid, ...]) -> None:
    a, b = stack[:2]
    assert overlay(a, b) == overlay_all((a, b))
    assert both_colored(a, b) == common_all((a, b))
    assert overlay(first_colored(a, b), b) == overlay(a, b)
    assert overlay(first_colored(a, b), first_colored(b, a)) == lone_all((a, b))


@given(STACKS)
def test_orders_are_numbered(stack: tuple[Grid, ...]) -> None:
    for k, order in enumerate(permutations(stack)):
        assert overlay_ordered(stack, k) == overlay_all(order)
    for other in (-1, k + 1):
        with pytest.raises(CallFailure, match="the number of an order"):
            overlay_ordered(stack, other)


def test_only_few_grids_are_ordered() -> None:
    with pytest.raises(CallFailure, match="at most 8 grids"):
        overlay_ordered((GRID,) * 9, 0)


@each("body", MERGING)
@each("value", [(), 7, frozenset({GRID}), GRID, (GRID, 3)])
def test_only_tuples_of_grids_are_merged(
    body: Callable[[tuple[Grid, ...]], Grid], value: Value
) -> None:
    with pytest.raises(CallFailure) as caught:
        body(value)
    assert caught.value.kind is FailureKind.ARGUMENT


@each("body", PAIRWISE)
def test_two_shapes_do_not_merge(body: Callable[[Grid, Grid], Grid]) -> None:
    assert body((), ()) == ()
    for other in (((1, 2),), ((1,), (2,)), ()):
        with pytest.raises(CallFailure, match="grids of one shape"):
            body(GRID, other)


@given(grids())
def test_sorted_rows_are_the_same_rows(grid: Grid) -> None:
    ordered = sort_rows(grid)
    counts = [sum(value > 0 for value in row) for row in ordered]
    assert sorted(ordered) == sorted(grid)
    assert counts == sorted(counts)


def test_rows_with_equal_counts_stay_in_order() -> None:
    assert sort_rows(((5, 0), (0, 4), (0, 0))) == ((0, 0), (5, 0), (0, 4))
    assert sort_rows(()) == ()


@given(grids())
def test_colors_are_counted(grid: Grid) -> None:
    colored = [value for value in cells(grid) if value]
    if not colored:
        for body in (colored_row, color_ranking, histogram):
            with pytest.raises(CallFailure, match="a grid with coloured cells"):
                body(grid)
        return
    assert colored_row(grid) == (tuple(colored),)
    ranking = cells(color_ranking(grid))
    assert ranking == sorted(set(colored), key=lambda value: (-colored.count(value), value))
    drawn = histogram(grid)
    assert list(drawn[0]) == ranking
    assert sorted(value for value in cells(drawn) if value) == sorted(colored)


@given(grids(), st.integers(-2, 40))
def test_the_first_empty_cells_are_filled(grid: Grid, k: int) -> None:
    filled = cells(fill_first(grid, 9, k))
    empty = [place for place, value in enumerate(cells(grid)) if not value]
    changed = [place for place, value in enumerate(filled) if value == 9]
    assert changed == empty[: max(k, 0)]


@given(STACKS)
def test_what_changed_is_cut_out(stack: tuple[Grid, ...]) -> None:
    before, after = stack[0], stack[-1]
    if before == after:
        with pytest.raises(CallFailure, match="two grids that differ"):
            changed_part(before, after)
        return
    differing = [(i, j) for i in range(2) for j in range(4) if before[i][j] != after[i][j]]
    rows, columns = zip(*differing, strict=True)
    assert changed_part(before, after) == tuple(
        row[min(columns) : max(columns) + 1] for row in after[min(rows) : max(rows) + 1]
    )


def test_only_cells_of_one_shape_change() -> None:
    wrong: list[Value] = [(GRID, ((1,),)), (GRID, ()), ((), ()), (7, GRID)]
    for before, after in wrong:
        with pytest.raises(CallFailure) as caught:
            changed_part(before, after)
        assert caught.value.kind is FailureKind.ARGUMENT
