"""What is learnt from the demos about cells, pictures and tiles."""

from __future__ import annotations

import pytest

from arcbatt.dsl.learnt import learn_cells, learn_pick, learn_tiles
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
    for learn in (learn_pick, learn_tiles, lambda shown, given: learn_cells(shown, 1, given)):
        for empty in ((), ((),)):
            with fails():
                learn(samples("3>4"), empty)
            with fails():
                learn((((), ()),), grid("3"))


@pytest.mark.parametrize(
    ("shown", "given", "wanted"),
    [
        (samples("3000 0044 > 44", "3300 3300 0006 > 33 33"), "5005 0005", "5 5"),
        (samples("330 000 004 > 4", "0444 0000 3000 > 3"), "05 05 70", "7"),
        (samples("303 000 400 > 4", "505 000 060 > 6"), "8080 0000 0070", "7"),
        (samples("1113111 2113333 > 333"), "1", None),
        (samples("77733 77777 37777 > 33"), "2211 2222 1222", "11"),
    ],
    ids=["largest", "smallest", "rarest", "nothing", "background"],
)
def test_a_picture_is_picked_by_what_tells_it_from_the_others(
    shown: tuple[tuple[Grid, Grid], ...], given: str, wanted: str | None
) -> None:
    if wanted is None:
        with fails():
            learn_pick(shown, grid(given))
    else:
        assert learn_pick(shown, grid(given)) == grid(wanted)


def test_tiles_are_laid_out_as_in_the_demos() -> None:
    shown = samples("12 30 > 1221 3003 0000 0000")
    assert learn_tiles(shown, grid("45 67")) == grid("4554 6776 0000 0000")
    assert learn_tiles(shown, grid("456")) == grid("456654 000000")


def test_a_tile_may_have_its_two_colors_swapped() -> None:
    swapped = samples("110 > 110001")
    assert learn_tiles(swapped, grid("220")) == grid("220002")
    with fails():
        learn_tiles(swapped, grid("234"))


def test_a_turned_tile_has_to_fit() -> None:
    turned = samples("12 34 > 1231 3442")
    assert learn_tiles(turned, grid("56 78")) == grid("5675 7886")
    with fails():
        learn_tiles(turned, grid("567"))


@pytest.mark.parametrize("pair", ["12>12", "12>121", "12>1233", "1>12 34"])
def test_outputs_that_are_no_tiles_fail(pair: str) -> None:
    with fails():
        learn_tiles(samples(pair), grid("12"))


def test_outputs_are_equally_many_times_as_big() -> None:
    with fails():
        learn_tiles(samples("1>11", "1>111"), grid("1"))
