"""Patterns: lines, copies and marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from tests.cases import each
from tests.property.strategies import grids

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.patterns import (
    carry,
    carry_parts,
    copies_by_marks,
    copy_looks,
    cross_lines,
    dissolve,
    dock_lone,
    extend_ends,
    gather,
    mark_nearest,
    overlay_around,
    perforate,
    pull,
    replace_lone,
    stamp_lone,
    unfold,
)
from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import CallFailure

KNOWN = {name: known for name, known in REGISTRY.items() if known.family == "patterns"}
OF_OTHER_SHAPE = {"unfold", "overlay_around", "replace_lone", "stamp_lone"}
SINGLE = [
    known.body
    for known in KNOWN.values()
    if len(known.parameters) == 1 and known.name not in OF_OTHER_SHAPE
]
BY_COLOR = [
    known.body
    for known in KNOWN.values()
    if [parameter.name for parameter in known.parameters] == ["grid", "value"]
    and known.name not in OF_OTHER_SHAPE
]
DOWN, RIGHT, LEFT = (1, 0), (0, 1), (0, -1)


def picture(*rows: str) -> Grid:
    """Read a grid: a row a text, a point for an empty cell."""
    return tuple(tuple(0 if cell == "." else int(cell) for cell in row) for row in rows)


@given(grids())
def test_shapes_stay(grid: Grid) -> None:
    results = [body(grid) for body in SINGLE]
    results += [body(grid, 3) for body in BY_COLOR]
    for result in results:
        assert list(map(len, result)) == list(map(len, grid))


@given(grids())
def test_empty_grids_stay_empty(grid: Grid) -> None:
    empty = tuple(tuple(0 for _ in row) for row in grid)
    assert all(body(empty) == empty for body in SINGLE)
    assert all(body(empty, 3) == empty for body in BY_COLOR)


def test_holes_are_punched_from_the_corner_of_a_part() -> None:
    assert perforate(picture(".3333", ".3333")) == picture(".3333", ".3.3.")


def test_the_first_of_a_line_gives_its_color() -> None:
    grid = picture("4.5", "55.")
    assert carry(grid, DOWN) == picture("4.5", "45.")
    assert carry(grid, LEFT) == picture("5.5", "55.")
    assert carry(grid, (1, 1)) == picture("4.5", "54.")


def test_parts_take_what_most_of_their_lines_have() -> None:
    assert carry_parts(picture("464.", "5555"), DOWN) == picture("464.", "4444")
    assert carry_parts(picture("5555", ".4.."), DOWN) == picture("5555", ".5..")


def test_ends_go_on() -> None:
    bent = picture("33....", "33....", "..3...", "......")
    assert extend_ends(bent) == picture("33....", "33....", "..3...", "...3..")
    assert extend_ends(picture(".....", ".33..", ".....")) == picture(".....", "33333", ".....")
    assert extend_ends(picture("33...5")) == picture("333335")
    assert extend_ends(picture("33.55")) == picture("33555")


def test_lines_cross_where_a_group_has_its_middle() -> None:
    grid = picture(".....", ".33..", ".....")
    assert cross_lines(grid, 4) == picture(".....", "43344", ".....")
    assert cross_lines(picture("33", "33"), 4) == picture("33", "33")


def test_unfolded_grids_share_a_line() -> None:
    grid = picture("12", "34")
    assert unfold(grid, DOWN) == picture("12", "34", "12")
    assert unfold(grid, LEFT) == picture("212", "434")
    assert unfold(grid, (1, 1)) == picture("121", "343", "121")
    assert unfold(((7,),), RIGHT) == ((7,),)
    for wrong in ((), ((),)):
        with pytest.raises(CallFailure):
            unfold(wrong, DOWN)


def test_pictures_are_centered_on_lone_cells_and_cut_off() -> None:
    assert stamp_lone(picture("4..", "...", "..."), picture("56", "65")) == picture(
        "56.", "65.", "..."
    )
    assert stamp_lone(picture("4..", "..."), picture(".5.", "555", ".5.")) == picture("55.", "5..")
    assert stamp_lone(picture("44"), picture("5")) == picture("44")
    assert stamp_lone(picture("4"), ()) == picture(".")


def test_the_largest_group_replaces_lone_cells() -> None:
    grid = picture("56....", "6...4.", "......")
    assert replace_lone(grid) == picture("56....", "6...56", "....6.")
    assert replace_lone(picture("4")) == picture("4")
    with pytest.raises(CallFailure):
        replace_lone(picture(".."))


def test_lone_cells_dock_at_their_color() -> None:
    grid = picture("3....4", "3.3..4", "3.....", "3..4.3")
    assert dock_lone(grid) == picture("3....4", "33...4", "3.....", "33....")
    assert dock_lone(picture("3.3")) == picture("...")


def test_cells_gather_where_they_see_a_color() -> None:
    assert gather(picture("4.5..8", "......", ".....6"), 8) == picture("4...58", ".....6", "......")
    assert gather(picture("4..8"), 0) == picture("4..8")
    assert gather(picture("5.8", "...", "..."), 8) == picture(".58", "...", "...")


def test_objects_are_pulled_until_they_touch() -> None:
    grid = picture("33....", "3..8..", "......", "...4..")
    assert pull(grid, 8) == picture("..33..", "..38..", "...4..", "......")
    assert pull(picture("8...", "...4"), 8) == picture("8...", "...4")
    assert pull(picture("4.4"), 8) == picture("4.4")


def test_noise_dissolves() -> None:
    assert dissolve(picture("833", "383", "333"), 8) == picture("333", "333", "333")
    assert dissolve(picture("8..", "..8"), 8) == picture("...", "...")
    assert dissolve(picture("88"), 8) == picture("..")


def test_surroundings_lie_over_each_other() -> None:
    assert overlay_around(picture("5"), 5) == picture("...", ".5.", "...")
    assert overlay_around(picture("35", "54"), 5) == picture(".35", "354", "54.")
    with pytest.raises(CallFailure):
        overlay_around(picture("5"), 4)


def test_the_nearest_cell_is_marked() -> None:
    assert mark_nearest(picture("1....", "..88.", "..88.", "....2"), 8) == picture(
        "1....", "..18.", "..82.", "....2"
    )
    assert mark_nearest(picture("1.2"), 0) == picture("1.2")


def test_looks_are_copied_by_shape() -> None:
    grid = picture("34...", "4..55", "...5.")
    assert copy_looks(grid) == picture("34...", "4..34", "...4.")
    assert copy_looks(picture("3.4.55")) == picture("3.3.55")


def test_marks_show_where_copies_lie() -> None:
    grid = picture("566...", "..4...", "......", "....5.", "......", "...4..")
    assert copies_by_marks(grid) == picture(
        "......", "......", "......", "....5.", "....6.", "...46."
    )
    assert copies_by_marks(picture("56..5")) == picture(".....")


@each("body", SINGLE)
def test_other_values_fail(body: Value) -> None:
    for wrong in (5, ((1,), (1, 2)), frozenset({(0, 0)})):
        with pytest.raises(CallFailure):
            body(wrong)
