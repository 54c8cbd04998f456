"""Picks by a property, and the properties: holes, parts, symmetries, shapes and colours."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each
from tests.property.strategies import grids

from arcbatt.dsl.functions import as_function
from arcbatt.dsl.geometry import cmirror, dmirror, hmirror, vmirror
from arcbatt.dsl.grids import rot90
from arcbatt.dsl.objects import asobject, normalize
from arcbatt.dsl.picks import (
    cell_count,
    free_shape,
    group_count,
    main_color,
    most_frequent_by,
    odd_one,
    odd_one_by,
    silhouette,
    symmetric,
    symmetry_count,
)
from arcbatt.dsl.types import Grid, Indices, Value
from arcbatt.dsl.values import CallFailure, FailureKind, ascending

SIZE, FIRST = as_function("size"), as_function("first")
PATCHES = st.frozensets(st.tuples(st.integers(-3, 3), st.integers(0, 4)), min_size=1)
RING = frozenset((i, j) for i in range(3) for j in range(3)) - {(1, 1)}
WIDE = frozenset({(-30000, 0), (30000, 20000)})


def test_the_odd_one_comes_once() -> None:
    grid, other = ((1, 2), (3, 4)), ((1, 2), (3, 5))
    assert odd_one((grid, other, grid)) == other
    assert odd_one((7,)) == 7
    assert odd_one_by(frozenset({(1, 2), (3,), (4, 5)}), SIZE) == (3,)


def test_parts_groups_and_cells_are_counted() -> None:
    grid = ((3, 4, 0, 5), (0, 3, 0, 0), (0, 0, 0, 5))
    assert (cell_count(grid), group_count(grid)) == (5, 3)
    assert cell_count(RING) == 8
    # Cells of two colours at one location are one place; colours do not part an object.
    assert cell_count(frozenset({(1, (0, 0)), (2, (0, 0))})) == 1


@given(grids(max_side=4, colors=2))
def test_symmetries_are_the_mirrors_that_change_nothing(grid: Grid) -> None:
    for piece in (grid, asobject(grid)):
        same = [mirror(piece) == piece for mirror in (hmirror, vmirror, dmirror, cmirror)]
        assert symmetry_count(piece) == sum(same)
        assert symmetric(piece) is any(same)


@given(PATCHES)
def test_a_free_shape_is_the_same_for_all_turned_and_mirrored_forms(patch: Indices) -> None:
    assert silhouette(patch) == normalize(patch)
    forms: set[Value] = {patch}
    forms |= {mirror(patch) for mirror in (hmirror, vmirror, dmirror, cmirror)}
    forms |= {hmirror(form) for form in forms} | {vmirror(form) for form in forms}
    shapes = {free_shape(form) for form in forms}
    assert shapes == {min((normalize(form) for form in forms), key=sorted)}


@given(grids())
def test_the_shape_of_a_grid_is_that_of_its_coloured_cells(grid: Grid) -> None:
    cells = frozenset((v, (i, j)) for i, row in enumerate(grid) for j, v in enumerate(row) if v)
    assert silhouette(grid) == silhouette(cells)
    assert free_shape(grid) == free_shape(rot90(grid)) == free_shape(cells)
    assert cell_count(grid) == cell_count(cells)


def test_empty_cells_have_no_colour() -> None:
    grid = ((0, 0, 0, 0), (5, 4, 4, 5), (0, 9, 9, 9))
    assert main_color(grid) == 9
    assert main_color(frozenset({(0, (0, 0)), (2, (0, 1))})) == 2


@each(
    ("body", "args"),
    [
        (odd_one, ((),)),
        (odd_one, ((1, 2),)),
        (odd_one, ((1, 1),)),
        (odd_one, (frozenset({1}),)),
        (odd_one_by, (((1, 2), (3,)), SIZE)),
        (odd_one_by, ((), SIZE)),
        (odd_one_by, (((1, 2),), as_function("add"))),
        (most_frequent_by, (frozenset(), SIZE)),
        (most_frequent_by, ((1, 2), SIZE)),
        (cell_count, (5,)),
        (group_count, (RING,)),
        (symmetry_count, (frozenset(),)),
        (symmetric, (5,)),
        (silhouette, (5,)),
        (free_shape, (((0, 1), (2, 3, 4)),)),
        (main_color, (((0, 0),),)),
    ],
)
def test_there_is_no_answer(body: Callable[..., Value], args: tuple[Value, ...]) -> None:
    with pytest.raises(CallFailure) as raised:
        body(*args)
    assert raised.value.kind is FailureKind.ARGUMENT


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), min_size=1).map(tuple))
def test_the_most_frequent_key_is_picked(pairs: tuple[Value, ...]) -> None:
    for container in (pairs, frozenset(pairs)):
        ordered = ascending(container) if isinstance(container, frozenset) else container
        keys = [first for first, _ in ordered]
        places = range(len(keys))
        most = max(places, key=lambda place: keys.count(keys[place]))
        assert most_frequent_by(container, FIRST) == ordered[most]
