"""What the samples have in common."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each
from tests.property.strategies import grids, samples

from arcbatt.dsl.functions import as_function, rbind
from arcbatt.dsl.meter import Meter
from arcbatt.dsl.ranks import mir_rot
from arcbatt.dsl.samples import (
    color_map,
    inputs,
    kept_colors,
    lost_colors,
    new_colors,
    output_shape,
    outputs,
    recolor_by,
    sample_symmetry,
)
from arcbatt.dsl.types import Grid, Samples, Value
from arcbatt.dsl.values import CallFailure

ALL = [
    inputs,
    outputs,
    lost_colors,
    new_colors,
    kept_colors,
    sample_symmetry,
    color_map,
    output_shape,
]
GRID = ((1, 2), (3, 4))


@given(samples())
def test_samples_are_inputs_and_outputs(pairs: Samples) -> None:
    assert tuple(zip(inputs(pairs), outputs(pairs), strict=True)) == pairs


@given(samples())
def test_each_color_is_lost_or_kept_or_new(pairs: Samples) -> None:
    parts = (lost_colors(pairs), kept_colors(pairs), new_colors(pairs))
    together = [color for part in parts for color in part]
    assert all(list(part) == sorted(part) for part in parts)
    assert len(set(together)) == len(together)
    assert set(together) == {
        color for pair in pairs for grid in pair for row in grid for color in row
    }
    given_colors = {color for grid in inputs(pairs) for row in grid for color in row}
    assert {*lost_colors(pairs), *kept_colors(pairs)} == given_colors


@given(st.lists(grids(), min_size=1, max_size=3), st.integers(0, 7))
def test_a_symmetry_is_found_and_is_the_first(given_grids: list[Grid], k: int) -> None:
    pairs = tuple((grid, mir_rot(grid, k)) for grid in given_grids)
    found = sample_symmetry(pairs)
    first = min(
        place for place in range(8) if all(mir_rot(grid, place) == out for grid, out in pairs)
    )
    assert found == rbind(as_function("mir_rot"), first)
    assert all(Meter().invoke(found, (grid,)) == wanted for grid, wanted in pairs)


@given(st.lists(grids(), min_size=1, max_size=3), st.permutations(range(4)))
def test_a_color_map_is_found(given_grids: list[Grid], new_of: list[int]) -> None:
    pairs = tuple(
        (grid, tuple(tuple(new_of[color] for color in row) for row in grid)) for grid in given_grids
    )
    other_shape = ((GRID, ((9,),)),)
    found = color_map((*pairs, *other_shape))
    assert found == tuple(sorted((old, new_of[old]) for old in {old for old, _ in found}))
    assert all(recolor_by(grid, found) == wanted for grid, wanted in pairs)


@given(samples())
def test_an_output_shape_is_common_or_none(pairs: Samples) -> None:
    shapes = {(len(grid), len(grid[0])) for grid in outputs(pairs)}
    if len(shapes) == 1:
        assert output_shape(pairs) == shapes.pop()
    else:
        with pytest.raises(CallFailure, match="samples with one output shape"):
            output_shape(pairs)


@each("body", ALL)
@each(
    "value",
    [
        ((GRID, None),),
        ((GRID, GRID), (GRID, None)),
        ((GRID,),),
        ((GRID, GRID, GRID),),
        frozenset({(GRID, GRID)}),
        (GRID, ((1,), (2, 3))),
        GRID,
        7,
        None,
    ],
)
def test_only_pairs_of_grids_are_samples(body: Callable[[Samples], Value], value: Value) -> None:
    with pytest.raises(CallFailure, match="pairs of an input and an output grid"):
        body(value)


def test_no_samples_have_no_more_than_nothing_in_common() -> None:
    for body in (inputs, outputs, lost_colors, new_colors, kept_colors):
        assert body(()) == ()
    for other in (sample_symmetry, color_map, output_shape):
        with pytest.raises(CallFailure):
            other(())


def test_there_may_be_no_symmetry_and_no_map() -> None:
    for pair in ((((1, 1),), ((1, 2),)), (GRID, ((1,),))):
        with pytest.raises(CallFailure, match="samples with a symmetry in common"):
            sample_symmetry((pair,))
        with pytest.raises(CallFailure, match="samples in which each colour becomes one"):
            color_map((pair,))


@each(
    "pairs",
    [
        ((1, 2), (1, 3)),
        ((1, 2), (1, 2)),
        ((1, 2, 3),),
        ((1, 300),),
        frozenset({(1, 2)}),
        (1, 2),
        7,
    ],
)
def test_a_map_names_each_color_once(pairs: Value) -> None:
    with pytest.raises(CallFailure):
        recolor_by(GRID, pairs)


def test_colors_that_a_map_does_not_name_stay() -> None:
    assert recolor_by(GRID, ()) == GRID
    assert recolor_by(GRID, ((1, 2), (2, 1), (9, 5))) == ((2, 1), (3, 4))
