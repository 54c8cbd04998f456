"""Geometry: bounds, claims and laws that single calls don't show."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each

from arcbatt.dsl.geometry import (
    adjacent,
    backdrop,
    bordering,
    box,
    center,
    cmirror,
    connect,
    delta,
    dmirror,
    dneighbors,
    gravitate,
    hmirror,
    lrcorner,
    manhattan,
    outbox,
    shoot,
    uppermost,
    vline,
    vmirror,
    width,
)
from arcbatt.dsl.meter import Meter, metered
from arcbatt.dsl.objects import asobject, shift
from arcbatt.dsl.types import Grid, Indices, Value
from arcbatt.dsl.values import CallFailure, FailureKind

LOCATIONS = st.tuples(st.integers(-6, 6), st.integers(-6, 6))
PATCHES = st.frozensets(LOCATIONS, min_size=1, max_size=12)
GRIDS = st.integers(1, 5).flatmap(
    lambda columns: st.lists(st.tuples(*[st.integers(0, 9)] * columns), min_size=1, max_size=5).map(
        tuple
    )
)


@given(PATCHES, PATCHES)
def test_adjacent_patches_are_one_step_apart(a: Indices, b: Indices) -> None:
    assert adjacent(a, b) == (manhattan(a, b) == 1)


@given(PATCHES, PATCHES)
def test_a_patch_touches_where_it_falls_to(source: Indices, destination: Indices) -> None:
    offset = gravitate(source, destination)
    if 42 not in map(abs, offset):
        assert adjacent(shift(source, offset), destination)


@each("mirror", [hmirror, vmirror, dmirror, cmirror])
@given(grid=GRIDS)
def test_a_mirror_does_the_same_to_a_grid_and_to_its_cells(
    mirror: Callable[[Value], Value], grid: Grid
) -> None:
    assert mirror(asobject(grid)) == asobject(mirror(grid))
    assert mirror(mirror(grid)) == grid


@given(PATCHES)
def test_a_box_is_filled_by_a_patch_and_its_delta(patch: Indices) -> None:
    assert patch | delta(patch) == backdrop(patch)
    assert box(backdrop(patch)) == box(patch) <= backdrop(patch)
    assert outbox(patch).isdisjoint(backdrop(patch))


@given(LOCATIONS, LOCATIONS)
def test_a_line_has_no_direction(a: tuple[int, int], b: tuple[int, int]) -> None:
    line = connect(a, b)
    assert line == connect(b, a)
    if line:
        assert {a, b} <= line
        assert len(line) == 1 + max(abs(a[0] - b[0]), abs(a[1] - b[1]))


@each(
    ("call", "leaves"),
    [
        (lambda: connect((0, 0), (9, 9)), 20),
        (lambda: shoot((0, 0), (2, 2)), 170),
        (lambda: backdrop(frozenset({(0, 0), (4, 5)})), 60),
        (lambda: box(frozenset({(0, 0), (4, 5)})), 36),
        (lambda: box(frozenset({(0, 0), (0, 5)})), 12),
        (lambda: outbox(frozenset({(0, 0)})), 16),
    ],
)
def test_room_is_claimed_to_the_leaf(call: Callable[[], Value], leaves: int) -> None:
    with metered(Meter(value_leaves=leaves)):
        assert 2 * len(call()) == leaves
    with metered(Meter(value_leaves=leaves - 1)), pytest.raises(CallFailure) as caught:
        call()
    assert caught.value.kind is FailureKind.SIZE


def test_a_box_around_far_cells_is_refused_before_it_is_built() -> None:
    with pytest.raises(CallFailure) as caught:
        backdrop(frozenset({(-32768, -32768), (32767, 32767)}))
    assert caught.value.kind is FailureKind.SIZE


def test_distances_claim_a_step_for_each_pair() -> None:
    a, b = frozenset({(0, 0), (0, 1)}), frozenset((9, column) for column in range(100))
    with metered(Meter(value_leaves=2)):
        assert manhattan(a, b) == 9
    with metered(Meter(value_leaves=1)), pytest.raises(CallFailure) as caught:
        manhattan(a, b)
    assert caught.value.kind is FailureKind.SIZE


def test_a_result_may_leave_the_coordinates_but_is_no_patch_then() -> None:
    outside = dneighbors((32767, 0))
    assert (32768, 0) in outside
    with pytest.raises(CallFailure, match="coordinates"):
        uppermost(outside)
    with pytest.raises(CallFailure, match="coordinates"):
        dneighbors((32768, 0))


@each(
    "patch",
    [
        frozenset({(0, 0), (1, (0, 0))}),
        frozenset({(0, 0), (0, 1, 2)}),
        frozenset({(0, 0), 3}),
        (0, 1),
    ],
)
def test_every_member_of_a_patch_has_to_fit(patch: Value) -> None:
    with pytest.raises(CallFailure):
        uppermost(patch)


def test_a_tuple_is_a_patch_but_among_pieces_a_grid() -> None:
    locations: Value = ((3, 1), (2, 7), (4, 4))
    assert uppermost(locations) == 2
    assert width(locations) == 2
    assert center(locations) == (3, 2)
    assert vline(((3, 1), (4, 1))) is False  # type: ignore[arg-type]


def test_a_colour_of_a_cell_may_be_anything_where_only_its_place_counts() -> None:
    tagged: Value = frozenset({((1, 2), (0, 0)), (300, (2, 1))})
    assert lrcorner(tagged) == (2, 1)
    assert hmirror(tagged) == frozenset({((1, 2), (2, 0)), (300, (0, 1))})


def test_the_grid_is_looked_at_only_where_it_decides() -> None:
    assert bordering(frozenset({(0, 5)}), 2)  # type: ignore[arg-type]
    with pytest.raises(CallFailure, match="a tuple or a set"):
        bordering(frozenset({(1, 5)}), 2)  # type: ignore[arg-type]
