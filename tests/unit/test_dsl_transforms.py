"""Other looks at a task: renamed colours, another background, what stands laid down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each
from tests.property.strategies import grids

from arcbatt.dsl.functions import as_function
from arcbatt.dsl.transforms import (
    lay_down,
    map_inputs,
    map_samples,
    place_colors,
    rank_colors,
    swap_background,
    unplace_colors,
    unrank_colors,
    with_separators,
    without_separators,
)
from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import CallFailure


def test_the_most_frequent_colour_is_0() -> None:
    reference = ((7, 7, 7), (4, 4, 1))
    assert rank_colors(reference, reference) == ((0, 0, 0), (1, 1, 2))
    assert unrank_colors(((0, 1, 2),), reference) == ((7, 4, 1),)


def test_of_equal_counts_the_lower_colour_comes_first_and_then_what_is_lacking() -> None:
    reference = ((8, 3), (3, 8))
    assert rank_colors(((3, 8, 0, 1, 9),), reference) == ((0, 1, 2, 3, 9),)


@given(grids(colors=10), grids(colors=10))
def test_each_undoes_the_other(grid: Grid, reference: Grid) -> None:
    assert unrank_colors(rank_colors(grid, reference), reference) == grid
    assert rank_colors(unrank_colors(grid, reference), reference) == grid
    assert unplace_colors(place_colors(grid, reference), reference) == grid
    assert place_colors(unplace_colors(grid, reference), reference) == grid


@given(grids(colors=10), st.permutations(range(10)))
def test_names_of_colours_do_not_count_where_counts_differ(grid: Grid, names: list[int]) -> None:
    """With as many cells of each colour in another order, only ties may come out otherwise."""
    counts = [sum(row.count(color) for row in grid) for color in range(10)]
    renamed = tuple(tuple(names[cell] for cell in row) for row in grid)
    if len({count for count in counts if count}) == len([count for count in counts if count]):
        assert rank_colors(renamed, renamed) == rank_colors(grid, grid)


@given(grids(colors=10), st.permutations(range(1, 10)))
def test_names_of_colours_do_not_count_for_their_places(grid: Grid, names: list[int]) -> None:
    renamed = tuple(tuple([0, *names][cell] for cell in row) for row in grid)
    assert place_colors(renamed, renamed) == place_colors(grid, grid)


def test_places_go_row_by_row_and_0_stays() -> None:
    assert place_colors(((4, 9), (0, 1)), ((9, 0), (4, 9))) == ((2, 1), (0, 3))


@each("name", [rank_colors, unrank_colors, place_colors, unplace_colors])
@each("odd", [((10,),), ((-1,),), 7, ((1, 2), (3,))])
def test_other_cells_fail(name: object, odd: Value) -> None:
    assert callable(name)
    for args in ((odd, ((1,),)), (((1,),), odd)):
        with pytest.raises(CallFailure):
            name(*args)


def test_both_take_an_empty_reference_for_one_without_colours() -> None:
    assert rank_colors(((4,),), ()) == ((4,),)


@given(grids(colors=10), grids(colors=10))
def test_views_undo_themselves(grid: Grid, reference: Grid) -> None:
    assert swap_background(swap_background(grid, reference), reference) == grid
    assert lay_down(lay_down(grid, reference), reference) == grid


def test_the_background_becomes_0() -> None:
    assert swap_background(((5, 5, 0, 3),), ((5, 5, 0, 3),)) == ((0, 0, 5, 3),)
    with pytest.raises(CallFailure):
        swap_background(((5,),), ((),))


def test_what_lies_stays() -> None:
    assert lay_down(((1,), (2,)), ((3, 3),)) == ((1,), (2,))
    assert lay_down(((1,), (2,)), ()) == ((1,), (2,))
    odd: Value = 7
    with pytest.raises(CallFailure):
        lay_down(odd, ((3, 3),))


def test_samples_are_seen_by_their_inputs() -> None:
    samples = ((((5, 5, 1),), ((5, 0),)), (((2, 2, 1),), ((2, 0),)))
    seen = ((((0, 0, 1),), ((0, 5),)), (((0, 0, 1),), ((0, 2),)))
    assert map_samples(samples, as_function("swap_background")) == seen
    assert map_samples((), as_function("lay_down")) == ()
    with pytest.raises(CallFailure, match="2 arguments"):
        map_samples(samples, as_function("shape"))
    with pytest.raises(CallFailure, match="pairs"):
        map_samples(samples, as_function("equality"))


def test_inputs_are_seen_alone() -> None:
    samples = ((((0, 5, 1),), ((0, 5),)), (((2, 0, 0),), ((2, 0),)))
    seen = ((((5, 1),), ((0, 5),)), (((2,),), ((2, 0),)))
    assert map_inputs(samples, as_function("cut_to_cells")) == seen
    with pytest.raises(CallFailure, match="argument"):
        map_inputs(samples, as_function("swap_background"))
    with pytest.raises(CallFailure):
        map_inputs(((((0,),), ((1,),)),), as_function("cut_to_cells"))
    with pytest.raises(CallFailure, match="pairs"):
        map_inputs(samples, as_function("height"))


def test_separators_are_left_out_and_put_back() -> None:
    lined = ((1, 5, 2), (5, 5, 5), (3, 5, 4))
    assert without_separators(lined, lined) == ((1, 2), (3, 4))
    other = ((6, 5, 0), (5, 5, 5), (0, 5, 8))
    assert with_separators(((1, 2), (3, 4)), other) == lined
    with pytest.raises(CallFailure, match="separators of the other"):
        without_separators(((1, 5, 2), (5, 6, 5), (3, 5, 4)), lined)
    with pytest.raises(CallFailure, match="one shape"):
        without_separators(((1, 5, 2),), lined)
    with pytest.raises(CallFailure, match="fits between"):
        with_separators(((1,),), lined)
    for empty in (((1, 0, 2), (0, 0, 0)), ((1, 2), (2, 1))):
        with pytest.raises(CallFailure, match="separators"):
            without_separators(empty, empty)
