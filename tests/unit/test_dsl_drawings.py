"""Drawings: groups that are completed, mirrored, moved, lined up and marked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each
from tests.property.strategies import grids

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.drawings import (
    align,
    beam,
    beside_boxes,
    compartment_at,
    complete_copies,
    fill_fullest,
    fold_out,
    gaps,
    hop,
    keep_columns,
    keep_holed,
    largest_members,
    mirror_around,
    overlay_centered,
    paint_half,
    rectangular,
    reflect_at,
    replace_marks,
    ricochet,
    smallest_members,
    smear_striped,
    tint_by,
)
from arcbatt.dsl.geometry import cmirror, dmirror, hmirror, vmirror
from arcbatt.dsl.grids import rot180
from arcbatt.dsl.meter import Meter, metered
from arcbatt.dsl.rays import smear
from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import CallFailure, FailureKind

UP, DOWN, LEFT, RIGHT, UNITY = (-1, 0), (1, 0), (0, -1), (0, 1), (1, 1)
DIRECTIONS = st.sampled_from([UP, DOWN, LEFT, RIGHT, UNITY, (-1, -1), (-1, 1), (1, -1)])


def picture(text: str) -> Grid:
    """Read a grid from rows of digits with points for empty cells."""
    return tuple([tuple(map(int, row.replace(".", "0"))) for row in text.split()])


def empty(height: int, width: int) -> Grid:
    return ((0,) * width,) * height


def test_copies_are_completed() -> None:
    grid = picture("12..... 3...... ....... .....3. ......2")
    assert complete_copies(grid) == picture("12..... 3...... ....... .....31 ......2")
    assert complete_copies(picture("12. 3.. ... ..3 .2.")) == picture("12. 3.. ... ..3 .21")


@each("turn", [hmirror, vmirror, dmirror, cmirror, rot180])
def test_copies_may_be_turned_and_mirrored(turn: Callable[[Grid], Grid]) -> None:
    model = picture("12. 1.3 11.")
    part: Grid = tuple([tuple([cell if cell == 1 else 0 for cell in row]) for row in model])
    above, gap = [(*row, 0) for row in model], empty(1, 4)
    assert complete_copies((*above, *gap, *[(*row, 0) for row in turn(part)])) == (
        *above,
        *gap,
        *[(*row, 0) for row in turn(model)],
    )


def test_copies_may_be_large_and_cut_off() -> None:
    grid = picture("121.... ....... 11..11. 11..11.")
    assert complete_copies(grid) == picture("121.... ....... 112211. 112211.")
    assert complete_copies(picture("213.... ....... ....213 ......1")) == picture(
        "213.... ....... ....213 ......1"
    )
    assert complete_copies(picture("21.. .... ...1")) == picture("21.. .... ..21")


def test_copies_need_a_picture_a_whole_colour_and_room() -> None:
    for text in ("1.1 ...", "121... ...... .1....", "121... ...... .141..", "121 ..."):
        assert complete_copies(picture(text)) == picture(text)
    assert complete_copies(()) == ()


@given(grids(max_side=6, colors=3))
def test_copies_only_fill_empty_cells(grid: Grid) -> None:
    for row, drawn in zip(grid, complete_copies(grid), strict=True):
        assert all(cell in (0, after) for cell, after in zip(row, drawn, strict=True))


def test_pictures_are_mirrored_around_a_patch() -> None:
    grid = picture("1..... ..4... .3.... ......")
    assert mirror_around(grid, frozenset({(1, 1), (2, 2)})) == picture(
        "1..1.. .34... .34... 1..1.."
    )
    assert mirror_around(((0,),), frozenset({(9, -7)})) == ((0,),)


@given(grids(max_side=6, colors=2))
def test_a_picture_mirrored_around_itself_is_symmetric(grid: Grid) -> None:
    around = frozenset((i, j) for i, row in enumerate(grid) for j in range(len(row)))
    if around:
        drawn = mirror_around(grid, around)
        assert [bool(cell) for row in drawn for cell in row] == [
            bool(cell) for row in hmirror(drawn) for cell in row
        ]


def test_groups_are_reflected_at_the_nearest_wall() -> None:
    grid = picture("1..... .1.... 555555 ......")
    assert reflect_at(grid, 5) == picture("...... ...... 555555 .1....")
    assert reflect_at(picture("5.12..."), 5) == picture("5......")
    assert reflect_at(picture("...5.12"), 5) == picture("21.5...")
    # Of two walls equally near the one to the left counts; without a wall nothing moves.
    assert reflect_at(picture("..5.1.5"), 5) == picture("1.5...5")
    assert reflect_at(picture("1.. ..5"), 5) == picture("1.. ..5")


@each(
    ("before", "after"),
    [
        ("..15.", "..11."),
        (".51..", ".11.."),
        ("5.12.", "2112."),
        ("123 5.. ... ...", "123 123 ... ..."),
        ("5.. 123", "123 123"),
    ],
)
def test_pictures_fold_out_to_the_marked_side(before: str, after: str) -> None:
    assert fold_out(picture(before), 5) == picture(after)


def test_marks_give_way_to_the_picture() -> None:
    grid = picture("12... 3.... ...5. .5.55")
    assert replace_marks(grid, 5) == picture("..... ..... ...12 .123.")
    assert replace_marks(picture("12"), 5) == picture("..")


def test_groups_line_up() -> None:
    grid = picture("2.... 2.... .11.3 .11..")
    assert align(grid, 1, UP) == picture("..... ..... 211.3 211..")
    assert align(grid, 1, DOWN) == picture("..... ..... 211.. 211.3")
    assert align(grid, 1, LEFT) == picture(".2... .2... .31.. .11..")
    assert align(grid, 1, (1, -1)) == picture("..... ..... .21.. .31..")


def test_groups_hop_by_their_own_size() -> None:
    assert hop(picture("...2 .... 11.. 11.."), UP) == picture("11.. 11.. .... ....")
    assert hop(picture("1.22..."), RIGHT) == picture(".1..22.")
    assert hop(picture("1... .... .... ...."), UNITY) == picture(".... .1.. .... ....")


def test_halves_of_parts_are_painted() -> None:
    grid = picture("1.2 1.2 1.2 1..")
    assert paint_half(grid, 8, DOWN) == picture("1.2 1.2 8.8 8..")
    assert paint_half(grid, 8, UP) == picture("8.8 8.2 1.2 1..")
    assert paint_half(picture("11 11"), 8, (1, -1)) == picture("11 81")


def test_places_beside_boxes() -> None:
    grid = picture("..... .11.. .1... ....2")
    assert beside_boxes(grid, UP) == {(0, 1), (0, 2), (2, 4)}
    assert beside_boxes(grid, UNITY) == {(3, 3)}
    assert beside_boxes(grid, RIGHT) == {(1, 3), (2, 3)}
    assert beside_boxes(empty(2, 2), UP) == frozenset()


def test_beams_are_as_wide_as_the_box() -> None:
    assert beam(picture("11.... 11..2. ......"), 1, RIGHT) == picture("111111 11112. ......")
    assert beam(picture("11.... 11.... ..2..."), 1, UNITY) == picture("11.... 11.... ..2...")
    assert beam(picture("... .2. ..."), 2, (-1, 1)) == picture("..2 .2. ...")


@given(grids(max_side=5), DIRECTIONS)
def test_striped_rays_go_where_plain_ones_do(grid: Grid, direction: tuple[int, int]) -> None:
    striped, plain = smear_striped(grid, 5, direction), smear(grid, direction)
    for row, other in zip(striped, plain, strict=True):
        assert all(bool(a) == bool(b) and a in (b, 5) for a, b in zip(row, other, strict=True))


def test_rays_ricochet() -> None:
    grid = picture("......2 ......2 ......2 ......2 ......2 .1....2 1.....2")
    assert ricochet(grid, 3) == picture("....3.2 .....32 ....3.2 ...3..2 ..3...2 .1....2 1.....2")
    # A single cell is no line, nor are cells side by side.
    for text in ("... .1. ...", "... .11 ...", "1.. 1.. 11."):
        assert ricochet(picture(text), 3) == picture(text)
    assert ricochet(picture("1.. .1. ..2"), 3)[2] == (0, 0, 2)


def test_gaps_and_sizes() -> None:
    found = gaps(picture(".1. .11 ..."))
    assert found == {frozenset({(0, 2)}), frozenset({(0, 0), (1, 0), (2, 0), (2, 1), (2, 2)})}
    assert largest_members(found) | smallest_members(found) == found
    assert smallest_members(found) == {frozenset({(0, 2)})}
    assert [rectangular(one) for one in sorted(found, key=len)] == [True, False]


def test_columns_are_kept() -> None:
    assert keep_columns(picture("123456"), 3) == picture("1..4..")
    assert keep_columns(picture("12 34"), 1) == picture("12 34")
    assert keep_columns(picture("12 34"), 9) == picture("1. 3.")


def test_holes_are_shut_off_by_edges() -> None:
    assert keep_holed(picture(".1. 1.1 .1.")) == picture(".1. 1.1 .1.")
    assert keep_holed(picture("111 1.1 1.1")) == empty(3, 3)


def test_grids_lie_centered() -> None:
    assert overlay_centered((picture("1...1 ..... 1...1"), picture("2"))) == picture(
        "1...1 ..2.. 1...1"
    )
    assert overlay_centered((picture("1"), picture("22 22"))) == picture("22 22")
    assert overlay_centered((picture("1"), picture(".. .."))) == picture("1. ..")
    assert overlay_centered(((), ())) == ()


def test_compartments_have_places() -> None:
    grid = picture("1.5..5.. ..5..5.. 55555555 ..5.25..")
    assert compartment_at(grid, (0, 0)) == {(3, 3), (3, 4)}
    assert compartment_at(grid, (-7, -1)) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert compartment_at(grid, UNITY) == {(3, 6), (3, 7)}
    assert fill_fullest(grid) == picture("115..5.. 115..5.. 55555555 ..5225..")


GRID = picture("12 34")
ONE = frozenset({(0, 0)})
DIRECTED: list[tuple[Callable[..., Value], tuple[Value, ...]]] = [
    (known.body, (*((GRID, 1) if known.arity == 3 else (GRID,)), direction))
    for name, known in REGISTRY.items()
    if known.family == "drawings"
    and known.parameters[-1].name == "direction"
    and name != "compartment_at"
    for direction in ((0, 0), (2, 0), 1)
]


@each(
    ("body", "args"),
    [
        *DIRECTED,
        (complete_copies, (5,)),
        (mirror_around, (GRID, frozenset())),
        (mirror_around, (5, ONE)),
        (reflect_at, (GRID, 1000)),
        (fold_out, (GRID, 9)),
        (fold_out, (((1,),), 1)),
        (fold_out, (picture("151"), 5)),
        (replace_marks, (empty(2, 2), 1)),
        (align, (GRID, 9, UP)),
        (ricochet, (GRID, None)),
        (gaps, (ONE,)),
        (rectangular, (frozenset(),)),
        (largest_members, ((ONE,),)),
        (largest_members, (ONE | {5},)),
        (smallest_members, (frozenset({5}),)),
        (keep_columns, (GRID, 0)),
        (keep_columns, (GRID, GRID)),
        (keep_holed, (ONE,)),
        (tint_by, (GRID, ())),
        (overlay_centered, ((),)),
        (overlay_centered, ((5,),)),
        (overlay_centered, (frozenset({GRID}),)),
        (compartment_at, (GRID, UP)),
        (compartment_at, (((5, 5),), UP)),
        (fill_fullest, (GRID,)),
    ],
)
def test_there_is_no_answer(body: Callable[..., Value], args: tuple[Value, ...]) -> None:
    with pytest.raises(CallFailure) as raised:
        body(*args)
    assert raised.value.kind is FailureKind.ARGUMENT


def test_copies_are_bounded() -> None:
    with metered(Meter(value_leaves=4)), pytest.raises(CallFailure) as raised:
        complete_copies(picture("12. ... ..1"))
    assert raised.value.kind is FailureKind.SIZE


@given(grids(max_side=6, colors=2))
def test_groups_with_a_hole_stay_as_they_are(grid: Grid) -> None:
    holed = keep_holed(grid)
    assert keep_holed(holed) == holed
    for row, kept in zip(grid, holed, strict=True):
        assert all(x in (0, cell) for cell, x in zip(row, kept, strict=True))
