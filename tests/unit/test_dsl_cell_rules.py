"""What is learnt from the demos about cells."""

from __future__ import annotations

import pytest

from arcbatt.dsl.cell_rules import learn_cells
from arcbatt.dsl.types import Grid
from arcbatt.dsl.values import CallFailure, FailureKind


def grid(text: str) -> Grid:
    return tuple(tuple(map(int, row)) for row in text.split())


def samples(*pairs: str) -> tuple[tuple[Grid, Grid], ...]:
    return tuple(
        (grid(given), grid(wanted)) for given, wanted in (pair.split(">") for pair in pairs)
    )


def fails(kind: FailureKind = FailureKind.ARGUMENT) -> pytest.RaisesExc[CallFailure]:
    return pytest.RaisesExc(CallFailure, check=lambda failure: failure.kind is kind)


def test_one_feature_is_preferred_and_colors_of_cells_do_not_matter() -> None:
    by_size = samples("00300 33000 > 00500 44000", "60600 60000 > 40500 40000")
    assert learn_cells(by_size, 1, grid("07700 00000 00070")) == grid("04400 00000 00050")


def test_any_background_takes_the_place_of_zero() -> None:
    by_size = samples("77377 33777 > 77577 44777", "20222 20202 > 24222 24252")
    assert learn_cells(by_size, 1, grid("11211 22111")) == grid("11511 44111")


def test_a_color_may_be_copied() -> None:
    copied = samples("3000 0000 0040 > 3333 0000 4444", "0000 0600 0000 > 0000 6666 0000")
    assert learn_cells(copied, 1, grid("0080 0000 0900")) == grid("8888 0000 9999")


def test_two_features_tell_more_than_one() -> None:
    striped = samples(
        "00000 33333 44444 33333 00000 00000 > 00000 35353 44444 35353 00000 00000",
        "000 444 000 333 000 > 000 444 000 353 000",
    )
    given = grid("0000 3333 0000 4444 0000")
    with fails():
        learn_cells(striped, 1, given)
    assert learn_cells(striped, 2, given) == grid("0000 3535 0000 4444 0000")


@pytest.mark.parametrize(
    ("shown", "k", "given"),
    [
        ((), 1, "30"),
        (samples("30>40"), 0, "30"),
        (samples("30>40"), 3, "30"),
        (samples("30>400"), 1, "30"),
        (samples("30>40", "30>50"), 2, "30"),
        (((((3, 0),), ((11, 0),)),), 1, "30"),
        (((((3, -1),), ((3, 0),)),), 1, "30"),
    ],
)
def test_what_cannot_be_learnt_fails(
    shown: tuple[tuple[Grid, Grid], ...], k: int, given: str
) -> None:
    with fails():
        learn_cells(shown, k, grid(given))


def test_no_cells_fail() -> None:
    for empty in ((), ((),)):
        with fails():
            learn_cells(samples("3>4"), 1, empty)
        with fails():
            learn_cells((((), ()),), 1, grid("3"))
