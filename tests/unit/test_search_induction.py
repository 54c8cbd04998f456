"""Learners: templates that read the demos, and rules that are written down."""

from __future__ import annotations

from collections.abc import Sequence

from arcbatt.dsl.types import Grid
from arcbatt.engine import open_engine
from arcbatt.program.parse import parse_program
from arcbatt.search.induction import TEMPLATES, Fitting, fit_learners
from arcbatt.tasks import Sample, Task


def grid(text: str) -> Grid:
    return tuple(tuple(map(int, row)) for row in text.split())


def task(name: str, given: str, *pairs: str) -> Task:
    samples = [Sample(*map(grid, pair.split(">"))) for pair in pairs]
    return Task(name, tuple(samples), (Sample(grid(given)),))


BY_SIZE = task(
    "by_size", "07700 00000 00070", "00300 33000 > 00500 44000", "60600 66000 > 40500 44000"
)
MIRRORED = task("mirrored", "56", "12 > 1221", "34 > 3443")
NOTHING = task("nothing", "56", "12 > 5", "34 > 7")
OTHER_BACKGROUND = task(
    "other_background",
    "44444 44544 44444 44444",
    "7777 7577 7777 > 7677 6567 7677",
    "2222 2222 2252 2222 > 2222 2262 2656 2262",
)


def calls(fitting: Sequence[Fitting]) -> dict[str, float]:
    """Return the costs of the programs that read the demos, by their text."""
    return {
        each.program.inlined.split("return ")[1].strip(): each.cost
        for each in fitting
        if "S" in each.program.inputs
    }


def trees(task: Task) -> list[Fitting]:
    """List the programs with a decision tree, the likeliest first."""
    [fitting] = fit_learners([task], open_engine())
    found = [each for each in fitting if "by_tree" in each.program.inlined]
    return sorted(found, key=lambda each: each.cost)


def test_all_templates_that_fit_are_listed_with_their_costs() -> None:
    costs = {(one.name, one.numbers): one.cost for one in TEMPLATES}
    fitting = fit_learners([BY_SIZE, MIRRORED, NOTHING], open_engine())
    assert list(map(calls, fitting)) == [
        {"learn_cells(S, ONE, I)": costs["learn_cells", (1,)]},
        {"learn_mosaic(S, I)": costs["learn_mosaic", ()]},
        {},
    ]


def test_a_template_may_fit_under_a_transform() -> None:
    [fitting] = fit_learners([OTHER_BACKGROUND], open_engine())
    changed = "learn_stamps(map_samples(S, swap_background), swap_background(I, I))"
    [plain] = [one for one in TEMPLATES if one.name == "learn_stamps"]
    assert calls(fitting)[f"swap_background({changed}, I)"] > plain.cost


def test_a_program_that_fails_on_a_test_input_is_left_out() -> None:
    demos = ("07000 00000 > 05000 00000", "00070 00000 > 00050 00000")
    known, unknown = task("known", "00000 00700", *demos), task("unknown", "", *demos)
    fitting = fit_learners([known, unknown], open_engine(), threads=2)
    assert [len(calls(each)) for each in fitting] == [2, 0]


PART_SIZES = (
    "330303330 > 220208880",
    "444044000 > 888022000",
    "050550555 > 020220888",
    "066606060 > 088802020",
)


def test_a_rule_about_the_sizes_of_parts_is_learnt_and_written_down() -> None:
    best = trees(task("sizes", "033033303", *PART_SIZES))[0]
    assert best.missed == 0
    assert "part_sizes(I)" in best.program.inlined
    assert best.program.inputs == {"I"}
    assert parse_program(best.program.inlined).program == best.program


def test_leave_one_out_learns_again_without_the_demo() -> None:
    best = trees(task("sizes", "033033303", *PART_SIZES, "077077770 > 022011110"))[0]
    assert best.missed == 1


def test_outputs_of_one_color_need_no_tree() -> None:
    assert not trees(task("empty", "1200", "00120 > 00000", "30010 > 00000"))


def test_a_picture_that_is_right_needs_no_tree() -> None:
    [fitting] = fit_learners([task("turned", "1230", "1204 > 4021", "3042 > 2403")], open_engine())
    assert "return vmirror(I)\n" in "".join(each.program.inlined for each in fitting)


def test_halves_are_compared_cell_by_cell() -> None:
    demos = (
        "00220022002220 > 0005000",
        "00200002022222 > 0050000",
        "20200020222222 > 0050005",
    )
    best = trees(task("halves", "20220022020220", *demos))[0]
    assert "by_tree" in best.program.inlined and "righthalf(I)" in best.program.inlined


def test_a_rule_as_long_as_the_outputs_is_refused() -> None:
    assert not trees(task("noise", "012", "0123456789 > 3107922851"))
