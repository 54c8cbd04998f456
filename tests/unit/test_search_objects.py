"""The learner of rules about objects."""

from __future__ import annotations

from pathlib import Path

from tests.cases import each

from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.program.merge import load_batt, merge, save_batt
from arcbatt.program.parse import parse_program
from arcbatt.search.induction import Fitting, fit_learners
from arcbatt.tasks import Sample, Task


def grid(text: str) -> Grid:
    return tuple(tuple(map(int, row)) for row in text.split())


def learn(primitive: str, *pairs: str) -> list[Fitting]:
    """List what a learner makes of demos, the likeliest first."""
    samples = tuple(Sample(*map(grid, pair.split(">"))) for pair in pairs)
    task = Task("task", samples, (Sample(samples[0].input),))
    [fitting] = fit_learners([task], open_engine())
    found = [each for each in fitting if primitive in each.program.inlined]
    return sorted(found, key=lambda each: each.cost)


def make(learnt: Fitting, given: str) -> str:
    """Return what a program makes of a grid, as text."""
    jobs = [Job(learnt.program, [Case(S=(), I=grid(given))])]
    [evaluation] = open_engine().evaluate(jobs, Budget(sample_seconds=None), keep_outputs=True)
    return " ".join("".join(map(str, row)) for row in evaluation.output(0, 0))


LARGEST = (
    "3300400 3300440 0000000 0220000 > 1100400 1100440 0000000 0220000",
    "0040022 0440022 0000022 3300000 > 0040011 0440011 0000011 3300000",
    "5000066 5500000 5500700 0000000 > 1000066 1100000 1100700 0000000",
)
FALLING = (
    "300 000 000 550 > 000 000 300 550",
    "0400 0400 0000 5500 > 0000 0400 0400 5500",
    "6606 0000 0000 0555 > 0000 0000 6606 0555",
)
CUT = (
    "330040 330040 000040 > 33 33",
    "000400 022000 022000 > 22 22",
    "000500 660500 660500 000500 > 66 66",
)
LISTED = (
    "0000044 0330044 0000000 6660000 > 4 3 6",
    "7000000 7002200 0000000 0000111 > 7 2 1",
    "0000022 0500022 0500000 0000090 > 2 5 9",
)


@each(
    "demos, given, wanted",
    [
        (LARGEST, "2200000 0000077 0007777 0000000", "2200000 0000011 0001111 0000000"),
        (FALLING, "0700 0000 0000 5500", "0000 0000 0700 5500"),
        (CUT, "0000800 0110800 0110800 0000800", "11 11"),
        (LISTED, "0000001 0300001 0300000 0000080", "1 3 8"),
    ],
)
def test_rules_about_objects_hold_for_other_grids(
    demos: tuple[str, ...], given: str, wanted: str
) -> None:
    best = learn("by_objects", *demos)[0]
    assert make(best, given) == wanted
    assert best.program.inputs == {"I"}
    assert parse_program(best.program.inlined).program == best.program


def test_leave_one_out_learns_the_rule_about_objects_again() -> None:
    """Only the last demo shows what becomes of colour 4."""
    assert learn("by_objects", *LARGEST)[0].missed == 0
    demos = ("333000 333033 > 111000 111011", "033300 000330 > 011100 000110")
    shown = (*demos, "444000 000040 > 222000 000020")
    assert learn("by_objects", *shown)[0].missed


def test_no_rule_about_objects_makes_noise() -> None:
    assert not learn("by_objects", "3040 0203 5060 > 1207 3391 8820")


def test_a_rule_with_names_is_kept_in_a_batt(tmp_path: Path) -> None:
    batt = merge([("largest", learn("by_objects", *LARGEST)[0].program)])
    save_batt(batt, tmp_path / "one.batt")
    assert load_batt(tmp_path / "one.batt").graph == batt.graph
