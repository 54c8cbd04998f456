"""Colours renamed by their frequency, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.property.strategies import grids

from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import CallFailure
from arcbatt.dsl.views import rank_colors, unrank_colors


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


@given(grids(colors=10), st.permutations(range(10)))
def test_names_of_colours_do_not_count_where_counts_differ(grid: Grid, names: list[int]) -> None:
    """With as many cells of each colour in another order, only ties may come out otherwise."""
    counts = [sum(row.count(color) for row in grid) for color in range(10)]
    renamed = tuple(tuple(names[cell] for cell in row) for row in grid)
    if len({count for count in counts if count}) == len([count for count in counts if count]):
        assert rank_colors(renamed, renamed) == rank_colors(grid, grid)


@pytest.mark.parametrize("name", [rank_colors, unrank_colors])
@pytest.mark.parametrize("odd", [((10,),), ((-1,),), 7, ((1, 2), (3,))])
def test_other_cells_fail(name: object, odd: Value) -> None:
    assert callable(name)
    for args in ((odd, ((1,),)), (((1,),), odd)):
        with pytest.raises(CallFailure):
            name(*args)


def test_both_take_an_empty_reference_for_one_without_colours() -> None:
    assert rank_colors(((4,),), ()) == ((4,),)
