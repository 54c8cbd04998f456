"""Filters: objects of a grid that are kept, dropped or coloured."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from tests.cases import each
from tests.property.strategies import grids

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.cuts import group_layers, part_layers
from arcbatt.dsl.filters import (
    color_groups,
    drop_at_edge,
    drop_rare_color,
    drop_smallest,
    keep_common_shape,
    keep_greatest,
    keep_largest,
    keep_largest_group,
    keep_main_color,
    keep_parts,
    keep_rare_color,
    rank_by_size,
)
from arcbatt.dsl.functions import as_function
from arcbatt.dsl.picks import cell_count
from arcbatt.dsl.types import Grid, Tuple, Value
from arcbatt.dsl.values import CallFailure, FailureKind

SIZE, COLOR, WIDTH = as_function("size"), as_function("color"), as_function("width")
KNOWN = {name: known for name, known in REGISTRY.items() if known.family == "filters"}
SINGLE = [known.body for known in KNOWN.values() if len(known.parameters) == 1]
KEYED = [known.body for known in KNOWN.values() if len(known.parameters) == 2]
BY_COLOR = [keep_main_color, keep_rare_color, drop_rare_color]

EMPTY = ((0, 0), (0, 0))
GRID = (
    (3, 3, 0, 0, 0, 0, 0),
    (3, 0, 0, 4, 5, 0, 0),
    (0, 0, 0, 0, 0, 0, 0),
    (0, 6, 0, 0, 0, 7, 0),
    (0, 0, 0, 0, 0, 0, 8),
)


def coloring(grid: Grid) -> dict[int, int]:
    """Return what became of each colour of `GRID`, whose objects all have their own."""
    return {
        before: after
        for row, changed in zip(GRID, grid, strict=True)
        for before, after in zip(row, changed, strict=True)
        if before
    }


def left(grid: Grid) -> list[int]:
    """Return the colours that are left of `GRID`; they stand where they stood."""
    assert all(after in (0, before) for before, after in coloring(grid).items())
    return sorted({value for row in grid for value in row if value})


@each(
    ("body", "args", "kept"),
    [
        (keep_largest, (), [3]),
        (drop_smallest, (), [3]),
        (keep_largest_group, (), [3]),
        (drop_at_edge, (), [4, 5, 6]),
        (keep_common_shape, (), [3, 4, 5, 6, 7, 8]),
        (keep_main_color, (), [3]),
        (keep_rare_color, (), [4]),
        (drop_rare_color, (), [3, 5, 6, 7, 8]),
        (keep_parts, (as_function("square"),), [4, 5, 6, 7, 8]),
        (keep_greatest, (COLOR,), [7, 8]),
        (keep_greatest, (WIDTH,), [3, 4, 5, 7, 8]),
    ],
)
def test_some_objects_are_left(
    body: Callable[..., Grid], args: tuple[Value, ...], kept: list[int]
) -> None:
    assert left(body(GRID, *args)) == kept


def test_shapes_are_compared_where_they_stand() -> None:
    grid = ((3, 3, 0, 4, 5, 0, 6), (0, 0, 0, 0, 0, 0, 6))
    assert keep_common_shape(grid) == ((3, 3, 0, 4, 5, 0, 0), (0,) * 7)


def test_equal_ones_are_kept_and_dropped_together() -> None:
    grid = ((3, 3, 0, 4, 4, 0, 5),)
    assert keep_largest(grid) == keep_greatest(grid, SIZE) == ((3, 3, 0, 4, 4, 0, 0),)
    assert drop_smallest(((3, 0, 4),)) == ((0, 0, 0),)


def test_groups_are_coloured_by_a_number() -> None:
    assert coloring(color_groups(GRID, SIZE)) == {3: 3, 4: 2, 5: 2, 6: 1, 7: 2, 8: 2}
    assert coloring(rank_by_size(GRID)) == {3: 1, 4: 2, 5: 2, 6: 3, 7: 2, 8: 2}


def together(grid: Grid, layers: Tuple[Grid]) -> Grid:
    """Keep the cells of a grid that one of some layers has."""
    return tuple(
        tuple(value if any(layer[i][j] for layer in layers) else 0 for j, value in enumerate(row))
        for i, row in enumerate(grid)
    )


@each("body", SINGLE)
def test_grids_without_objects_stay_as_they_are(body: Callable[[Value], Value]) -> None:
    for grid in (EMPTY, ((0,),), ((), ()), ()):
        if body in BY_COLOR:
            with pytest.raises(CallFailure) as raised:
                body(grid)
            assert raised.value.kind is FailureKind.ARGUMENT
        else:
            assert body(grid) == grid


@each("body", SINGLE)
def test_only_grids_are_filtered(body: Callable[[Value], Value]) -> None:
    for value in (5, frozenset({(0, 0)}), ((1, 2), (3,))):
        with pytest.raises(CallFailure) as raised:
            body(value)
        assert raised.value.kind is FailureKind.ARGUMENT


@each("body", KEYED)
def test_keys_are_functions_of_an_object(body: Callable[..., Value]) -> None:
    assert body(EMPTY, SIZE) == EMPTY
    for args in ((5, SIZE), (GRID, 5), (EMPTY, 5), (GRID, as_function("add"))):
        with pytest.raises(CallFailure) as raised:
            body(*args)
        assert raised.value.kind is FailureKind.ARGUMENT


def test_colours_have_bounds() -> None:
    long = ((3,) * 128,)
    tall = tuple((3 if j <= i else 0,) for i in range(3) for j in (0, 9))
    assert rank_by_size(tall) == tuple((1 if value else 0,) for (value,) in tall)
    with pytest.raises(CallFailure) as raised:
        color_groups(long, SIZE)
    assert raised.value.kind is FailureKind.ARGUMENT


@given(grids())
def test_what_is_kept_are_whole_objects(grid: Grid) -> None:
    for layers, largest in (
        (part_layers(grid), keep_largest(grid)),
        (group_layers(grid), keep_largest_group(grid)),
    ):
        most = max(map(cell_count, layers), default=0)
        wanted = tuple(layer for layer in layers if cell_count(layer) == most)
        assert largest == together(grid, wanted)
    assert keep_largest_group(grid) == keep_greatest(grid, SIZE)
