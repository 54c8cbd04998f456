"""Learners are tried on every task beside the search."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from arcbatt.dsl.types import Grid
from arcbatt.program.graph import Program
from arcbatt.search.learners import LEARNERS, fit_learners
from arcbatt.search.run import Limits, search
from arcbatt.search.table import load_table
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


def calls(programs: Sequence[Program]) -> list[str]:
    return [program.inlined.split("return ")[1].strip() for program in programs]


def test_all_learners_that_fit_are_found() -> None:
    found = fit_learners([BY_SIZE, MIRRORED, NOTHING])
    assert [calls([program for program, _ in one]) for one in found] == [
        ["learn_cells(S, ONE, I)"],
        ["learn_tiles(S, I)"],
        [],
    ]
    costs = {learner.program.body_hash: learner.cost for learner in LEARNERS}
    assert [costs[program.body_hash] for one in found for program, _ in one] == [28, 16]


def test_a_learner_that_knows_no_test_is_left_out() -> None:
    demos = ("07000 00000 > 05000 00000", "00070 00000 > 00050 00000")
    known, unknown = task("known", "00000 00700", *demos), task("unknown", "", *demos)
    assert [len(one) for one in fit_learners([known, unknown], threads=2)] == [1, 0]


def test_search_has_what_learners_find() -> None:
    [searched] = search([BY_SIZE], load_table(), Limits(nodes=1))
    assert calls([found.program for found in searched.found]) == ["learn_cells(S, ONE, I)"]
    assert searched.found[0].cost == 28
