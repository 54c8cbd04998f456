"""The comparison of engines on whole splits finds what differs, and tells by its exit code."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from tests.cases import each
from tests.conformance import agreement
from tests.conformance.agreement import Tally, compare_task

from arcbatt.engine import Budget, Case, Engine, Evaluation, Job, NodeOutcome, open_engine
from arcbatt.program.graph import Graph
from arcbatt.program.parse import parse_program
from arcbatt.tasks import Sample, Task

PROGRAM = parse_program(
    """
def solve(S, I, C):
    mirrored = vmirror(I)
    nothing = first(ZERO)
    return mirrored
"""
).program
TASK = Task("0000aaaa", (Sample(((1, 2),), ((2, 1),)),), (Sample(((3, 4),)),))


class Altered:
    """An engine that gets something wrong."""

    name = "altered"

    def __init__(
        self,
        node: Callable[[NodeOutcome], NodeOutcome] = lambda outcome: outcome,
        *,
        fuel: int = 0,
    ) -> None:
        self.engine: Engine = open_engine("reference")
        self.node = node
        self.fuel = fuel

    def evaluate(
        self, jobs: Sequence[Job], budget: Budget, *, threads: int = 1, keep_outputs: bool = False
    ) -> list[Evaluation]:
        return [
            replace(
                evaluation,
                outcomes=[
                    [replace(outcome, fuel=outcome.fuel + self.fuel) for outcome in row]
                    for row in evaluation.outcomes
                ],
            )
            for evaluation in self.engine.evaluate(jobs, budget)
        ]

    def trace(self, graph: Graph, case: Case, budget: Budget) -> list[NodeOutcome]:
        return [self.node(outcome) for outcome in self.engine.trace(graph, case, budget)]


def compare(other: Engine) -> Tally:
    return compare_task(PROGRAM, TASK, open_engine("reference"), other)


@pytest.mark.native
def test_both_engines_agree() -> None:
    tally = compare(open_engine("native"))
    assert tally == Tally(tasks=1, samples=2, nodes=4, roots=2)


def test_differences_are_counted_by_primitive() -> None:
    def wrong_value(outcome: NodeOutcome) -> NodeOutcome:
        return replace(outcome, value=((2, 2),)) if outcome.fuel else outcome

    def wrong_fuel(outcome: NodeOutcome) -> NodeOutcome:
        return replace(outcome, fuel=outcome.fuel + 1) if outcome.fuel else outcome

    assert compare(Altered()).differences == Counter()
    assert compare(Altered(wrong_value)).differences == {"vmirror: value": 2}
    assert compare(Altered(wrong_fuel)).differences == {"vmirror: fuel": 2}
    assert compare(Altered(fuel=1)).differences == {"vmirror: fuel of a root": 2}


@pytest.mark.native
@each(("differences", "code"), [({}, 0), ({"fill: value": 3}, 1)])
def test_the_exit_code_tells(
    differences: dict[str, int],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def compare_split(dataset: str, split: str, *, stride: int, jobs: int) -> Tally:
        assert (stride, jobs) == (10, 1)
        return Tally(tasks=2, samples=8, nodes=9, roots=8, differences=Counter(differences))

    monkeypatch.setattr(agreement, "compare_split", compare_split)
    monkeypatch.setattr("sys.argv", ["agreement", "--stride", "10", "--jobs", "1"])
    assert agreement.main() == code
    out = capsys.readouterr().out
    assert "arc-agi-1 training: 2 tasks, 8 samples" in out
    assert "arc-agi-2 training: 2 tasks, 8 samples" in out
    assert ("3 fill: value" in out) == bool(differences)


def die(dataset: str, split: str, task: str) -> Tally:
    os._exit(3)


@pytest.mark.native
def test_a_worker_that_dies_ends_the_comparison(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(agreement, "_compare_in_worker", die)
    monkeypatch.setattr("sys.argv", ["agreement", "--stride", "1000", "--jobs", "1"])
    assert agreement.main() == 1
    error = "task 007bbfb7: its worker died with exit code 3"
    assert error in capsys.readouterr().err
