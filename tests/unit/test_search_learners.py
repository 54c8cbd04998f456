"""Learners are tried on every task beside the search."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from arcbatt.dsl.types import Grid
from arcbatt.program.graph import Program
from arcbatt.program.parse import parse_program
from arcbatt.search.learners import LEARNERS, fit_learners
from arcbatt.search.left_out import count_missed
from arcbatt.search.run import MISSED_BITS, Found, Limits, search
from arcbatt.search.table import load_table
from arcbatt.search.views import VIEWS
from arcbatt.tasks import Sample, Task

pytest.importorskip("arcbatt._engine")


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
VIEWED = task(
    "viewed",
    "44444 44544 44444 44444",
    "7777 7577 7777 > 7677 6567 7677",
    "2222 2222 2252 2222 > 2222 2262 2656 2262",
)
"""The background is no 0."""


def calls(programs: Sequence[Program]) -> list[str]:
    return [program.inlined.split("return ")[1].strip() for program in programs]


def test_all_learners_that_fit_are_found() -> None:
    found = fit_learners([BY_SIZE, MIRRORED, NOTHING])
    assert [calls([program for program, _ in one]) for one in found] == [
        ["learn_cells(S, ONE, I)"],
        ["learn_mosaic(S, I)"],
        [],
    ]
    costs = {(learner.name, learner.numbers): learner.cost for learner in LEARNERS}
    assert [cost for one in found for _, cost in one] == [
        costs["learn_cells", (1,)],
        costs["learn_mosaic", ()],
    ]


def test_learners_see_a_task_under_its_views() -> None:
    [found] = fit_learners([VIEWED])
    programs, bits = zip(*found, strict=True)
    costs = dict(zip(calls(programs), bits, strict=True))
    seen = "learn_stamps(map_samples(S, swap_background), swap_background(I, I))"
    [plain] = [learner for learner in LEARNERS if learner.name == "learn_stamps"]
    assert costs[f"swap_background({seen}, I)"] > plain.cost


def test_a_learner_that_knows_no_test_is_left_out() -> None:
    demos = ("07000 00000 > 05000 00000", "00070 00000 > 00050 00000")
    known, unknown = task("known", "00000 00700", *demos), task("unknown", "", *demos)
    assert [len(one) for one in fit_learners([known, unknown], threads=2)] == [2, 0]


@pytest.mark.parametrize("threads", [1, 2])
def test_demos_that_are_missed_when_left_out_are_counted(threads: int) -> None:
    """The first demo alone shows what becomes of large groups, the last two of small ones."""
    large, small = "0330 0000 > 0440 0000", "0300 0000 > 0500 0000"
    sure = task("sure", "0070 0000", large, small, "000 330 > 000 440", "000 030 > 000 050")
    unsure = task("unsure", "0070 0000", large, small, "000 030 > 000 050")
    single = task("single", "0300 0000", small)
    learns = parse_program("def solve(S, I, C): return learn_cells(S, ONE, I)").program
    reads_nothing = parse_program("def solve(S, I, C): return vmirror(I)").program
    work = [(sure, [learns, reads_nothing]), (unsure, [reads_nothing, learns]), (single, [learns])]
    assert count_missed(work, threads=threads) == [[0, 0], [0, 1], [0]]


def test_each_demo_that_is_missed_costs_bits() -> None:
    learns = LEARNERS[0].program(VIEWS[0])
    assert Found(learns, 20, 1, 1, missed=2).bits == 20 + 2 * MISSED_BITS


def test_without_learners_none_are_tried() -> None:
    [searched] = search([BY_SIZE], load_table(), Limits(nodes=1, learners=False))
    assert searched.found == ()


def test_search_has_what_learners_find() -> None:
    [searched] = search([BY_SIZE], load_table(), Limits(nodes=1))
    assert calls([found.program for found in searched.found]) == ["learn_cells(S, ONE, I)"]
    assert searched.found[0].missed == 2  # one demo alone does not show what becomes of a size
