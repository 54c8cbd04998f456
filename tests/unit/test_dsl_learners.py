"""Learners: what the demos show, found among a list of answers or of rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from tests.cases import each
from tests.property.strategies import grids

from arcbatt.dsl.cuts import halves
from arcbatt.dsl.learners import learn_answer, learn_cells, learn_mosaic, learn_pick, learn_stamps
from arcbatt.dsl.ranks import mir_rot
from arcbatt.dsl.types import Grid, Samples, Value
from arcbatt.dsl.values import CallFailure, FailureKind

LEARNERS = [learn_pick, learn_mosaic, learn_stamps, learn_answer]


def demos_of(rule: Callable[[Grid], Grid], *inputs: Grid) -> Samples:
    """Make demos of a rule."""
    return tuple((each, rule(each)) for each in inputs)


@each("learner", LEARNERS)
@each("odd", [(), 7, (((1,), (2,)),), ((((1,),), 7),)])
def test_odd_samples_fail(learner: Callable[..., Value], odd: Value) -> None:
    with pytest.raises(CallFailure):
        learner(odd, ((1,),))


@each("learner", LEARNERS)
@each("odd", [(), ((),), 7, ((1, 2), (3,))])
def test_odd_grids_fail(learner: Callable[..., Value], odd: Value) -> None:
    demos = ((((3, 0),), ((1,),)), (((0, 4),), ((1,),)), (((3, 3),), ((2,),)))
    with pytest.raises(CallFailure):
        learner(demos, odd)


class TestPick:
    def test_the_measure_is_one_that_all_demos_share(self) -> None:
        """By the first demo it may be the largest or the one of colour 4."""
        larger = ((0, 3, 0, 4, 4), (0, 0, 0, 4, 4))
        smaller = ((3, 3, 3, 0, 4),)
        grid = ((4, 0, 6, 6, 6, 6),)
        assert learn_pick(((larger, ((4, 4), (4, 4))),), grid) == ((6, 6, 6, 6),)
        both = ((larger, ((4, 4), (4, 4))), (smaller, ((4,),)))
        assert learn_pick(both, grid) == ((4,),)

    def test_the_odd_one_has_a_shape_of_its_own(self) -> None:
        given = ((3, 3, 0, 5, 0, 6), (0, 0, 0, 5, 0, 6))
        demos = ((given, ((3, 3),)), (tuple(zip(*given, strict=True)), ((3,), (3,))))
        assert learn_pick(demos, ((1, 0, 2, 2, 0, 9),)) == ((2, 2),)

    def test_equal_pictures_are_one(self) -> None:
        demos = ((((3, 0, 4, 4, 0, 4, 4),), ((4, 4),)),)
        assert learn_pick(demos, ((5, 5, 0, 5, 5, 0, 6),)) == ((5, 5),)

    def test_there_is_no_pick_where_several_are_greatest(self) -> None:
        demos = ((((3, 0, 4, 4),), ((4, 4),)),)
        with pytest.raises(CallFailure, match="measure"):
            learn_pick(demos, ((5, 5, 0, 6, 6),))

    def test_a_picture_has_to_be_the_output(self) -> None:
        with pytest.raises(CallFailure, match="measure"):
            learn_pick(((((3, 0, 4, 4),), ((4, 4, 4),)),), ((3, 0, 4, 4),))

    @given(grids(max_side=6), grids(max_side=6))
    def test_a_demo_gets_its_own_output(self, one: Grid, two: Grid) -> None:
        try:
            demos = demos_of(lambda grid: halves(grid)[0], one, two)
            picked = learn_pick(demos, one)
        except CallFailure:
            return
        assert picked == demos[0][1]


class TestMosaic:
    @given(grids(max_side=4), grids(max_side=4))
    def test_it_does_with_a_grid_what_the_demos_show(self, one: Grid, two: Grid) -> None:
        def rule(grid: Grid) -> Grid:
            turned = mir_rot(grid, 2)
            above = [(*row, *other) for row, other in zip(grid, turned, strict=True)]
            return (*above, *[(0,) * len(row) for row in above])

        assert learn_mosaic(demos_of(rule, one, two), one) == rule(one)
        # This one is no mirror image of itself, so it leaves no doubt.
        assert learn_mosaic(demos_of(rule, ((1, 2, 3), (4, 5, 6))), two) == rule(two)

    def test_the_swapped_form_needs_one_colour(self) -> None:
        demos = ((((3, 0),), ((3, 0), (0, 3))), (((0, 4, 4),), ((0, 4, 4), (4, 0, 0))))
        assert learn_mosaic(demos, ((5, 5, 0),)) == ((5, 5, 0), (0, 0, 5))
        with pytest.raises(CallFailure, match="consist"):
            learn_mosaic(demos, ((5, 6, 0),))

    def test_quarter_turns_need_square_grids(self) -> None:
        demos = ((((1, 2), (3, 4)), ((1, 2, 3, 1), (3, 4, 4, 2))),)
        assert learn_mosaic(demos, ((5, 6), (7, 8))) == ((5, 6, 7, 5), (7, 8, 8, 6))
        with pytest.raises(CallFailure, match="consist"):
            learn_mosaic(demos, ((5, 6, 7),))

    @each(
        "demos",
        [
            ((((1,),), ((1,),)),),
            ((((1,),), ()),),
            ((((1,),), ((1,) * 65,)),),
            ((((1,),), ((1, 1),)), (((1,),), ((1,), (1,)))),
            ((((1, 2),), ((1, 2, 1),)),),
        ],
    )
    def test_outputs_that_are_no_mosaic_fail(self, demos: Samples) -> None:
        with pytest.raises(CallFailure, match="outputs"):
            learn_mosaic(demos, ((1,),))


class TestStamps:
    def test_a_stamp_is_cut_off_at_the_edges_and_below_coloured_cells(self) -> None:
        demos = ((((0, 0, 0), (0, 3, 0), (0, 0, 0)), ((4, 0, 5), (0, 3, 0), (0, 0, 0))),)
        assert learn_stamps(demos, ((0, 0, 7, 0), (3, 3, 0, 0))) == ((4, 5, 7, 0), (3, 3, 0, 0))

    def test_cells_may_change_themselves(self) -> None:
        assert learn_stamps(((((3, 0, 4),), ((5, 0, 5),)),), ((4, 0, 6),)) == ((5, 0, 5),)
        assert learn_stamps(((((3, 0, 0),), ((0, 0, 3),)),), ((4, 0, 0, 0),)) == ((0, 0, 4, 0),)

    def test_the_colour_of_the_cell_itself_may_be_drawn(self) -> None:
        demos = ((((3, 0, 0, 4, 0),), ((3, 3, 0, 4, 4),)),)
        assert learn_stamps(demos, ((0, 7, 0),)) == ((0, 7, 7),)

    def test_a_stamp_has_to_make_all_outputs(self) -> None:
        """To the right of 3 there is 5 in one demo and nothing in the other."""
        demos = ((((3, 0),), ((3, 5),)), (((3, 0, 0),), ((3, 0, 0),)))
        with pytest.raises(CallFailure, match="stamp"):
            learn_stamps(demos, ((0, 3, 0),))

    def test_other_shapes_fail(self) -> None:
        with pytest.raises(CallFailure, match="shape"):
            learn_stamps(((((3, 0),), ((3,),)),), ((3,),))


class TestAnswer:
    def test_the_first_key_that_tells_outputs_apart_counts(self) -> None:
        """The number of cells does not tell these apart, the number of colours does."""
        demos = ((((3, 4),), ((1,),)), (((5, 6),), ((1,),)), (((7, 7),), ((2,),)))
        assert learn_answer(demos, ((8, 8),)) == ((2,),)
        assert learn_answer(demos, ((8, 9),)) == ((1,),)

    def test_a_demo_counts_once(self) -> None:
        demos = ((((3, 4),), ((1,),)), (((7, 7),), ((2,),)))
        with pytest.raises(CallFailure, match="several"):
            learn_answer((*demos, *demos), ((8, 8),))

    def test_a_key_that_no_demo_has_fails(self) -> None:
        demos = ((((3, 0),), ((1,),)), (((0, 3),), ((1,),)), (((3, 3),), ((2,),)))
        with pytest.raises(CallFailure, match="apart"):
            learn_answer(demos, ((4, 4, 4), (5, 6, 7), (8, 9, 1)))

    @each("outputs", [(1, 1, 1), (1, 2, 3)])
    def test_outputs_that_are_all_equal_or_all_different_fail(
        self, outputs: tuple[int, ...]
    ) -> None:
        demos = tuple((((3,) * size,), ((color,),)) for size, color in enumerate(outputs, 1))
        with pytest.raises(CallFailure, match="several"):
            learn_answer(demos, ((3,),))


# Rules about cells.


def grid_of(text: str) -> Grid:
    return tuple(tuple(map(int, row)) for row in text.split())


def samples(*pairs: str) -> tuple[tuple[Grid, Grid], ...]:
    return tuple(
        (grid_of(given), grid_of(wanted)) for given, wanted in (pair.split(">") for pair in pairs)
    )


def fails(kind: FailureKind = FailureKind.ARGUMENT) -> pytest.RaisesExc[CallFailure]:
    return pytest.RaisesExc(CallFailure, check=lambda failure: failure.kind is kind)


def test_one_feature_is_preferred_and_colors_of_cells_do_not_matter() -> None:
    by_size = samples("00300 33000 > 00500 44000", "60600 60000 > 40500 40000")
    assert learn_cells(by_size, 1, grid_of("07700 00000 00070")) == grid_of("04400 00000 00050")


def test_any_background_takes_the_place_of_zero() -> None:
    by_size = samples("77377 33777 > 77577 44777", "20222 20202 > 24222 24252")
    assert learn_cells(by_size, 1, grid_of("11211 22111")) == grid_of("11511 44111")


def test_a_color_may_be_copied() -> None:
    copied = samples("3000 0000 0040 > 3333 0000 4444", "0000 0600 0000 > 0000 6666 0000")
    assert learn_cells(copied, 1, grid_of("0080 0000 0900")) == grid_of("8888 0000 9999")


def test_two_features_tell_more_than_one() -> None:
    striped = samples(
        "00000 33333 44444 33333 00000 00000 > 00000 35353 44444 35353 00000 00000",
        "000 444 000 333 000 > 000 444 000 353 000",
    )
    given = grid_of("0000 3333 0000 4444 0000")
    with fails():
        learn_cells(striped, 1, given)
    assert learn_cells(striped, 2, given) == grid_of("0000 3535 0000 4444 0000")


@each(
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
        learn_cells(shown, k, grid_of(given))


def test_no_cells_fail() -> None:
    for empty in ((), ((),)):
        with fails():
            learn_cells(samples("3>4"), 1, empty)
        with fails():
            learn_cells((((), ()),), 1, grid_of("3"))
