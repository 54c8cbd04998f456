"""Cases of a task: the inputs and wanted grids on which programs are evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arcbatt.engine.outcome import EXACT, Budget, Case, Engine, Job
from arcbatt.program.graph import Program
from arcbatt.tasks import Task


def demo_cases(task: Task) -> list[Case]:
    """Make one case per demo; its output is the wanted grid."""
    return [Case(S=task.S, I=given, wanted=wanted) for given, wanted in task.S]


def further_cases(task: Task) -> list[Case]:
    """Make one case per further demo; its output is the wanted grid."""
    return [Case(S=task.S, I=sample.input, wanted=sample.output) for sample in task.further]


def test_cases(task: Task) -> list[Case]:
    """Make one case per test input, without a wanted grid: only grading reads test outputs."""
    return [Case(S=task.S, I=sample.input) for sample in task.tests]


def left_out_cases(task: Task) -> list[Case]:
    """Make one leave-one-out case per demo, whose output is wanted and which `S` lacks."""
    return [
        Case(S=(*task.S[:place], *task.S[place + 1 :]), I=given, wanted=wanted)
        for place, (given, wanted) in enumerate(task.S)
    ]


CHUNK = 100
"""Number of cases on which programs are tried before the next ones."""


def first_wrong(
    programs: Sequence[Program],
    cases: Sequence[Case],
    engine: Engine,
    budget: Budget,
    *,
    threads: int = 1,
) -> list[int | None]:
    """Return for each program the index of the first case on which it is wrong; None for none.

    Args:
        programs: the programs.
        cases: the cases, with their wanted grids.
        engine: the engine that runs the programs.
        budget: the bounds of each run.
        threads: the number of cases that may run at once, 1 or more.
    """
    found: list[int | None] = [None] * len(programs)
    for start in range(0, len(cases), CHUNK):
        some = cases[start : start + CHUNK]
        places = [place for place, wrong in enumerate(found) if wrong is None]
        jobs = [Job(programs[place], some) for place in places]
        for place, evaluation in zip(
            places, engine.evaluate(jobs, budget, threads=threads), strict=True
        ):
            outcomes = enumerate(evaluation.outcomes, start)
            found[place] = next((at for at, (one,) in outcomes if one.score != EXACT), None)
    return found


@dataclass(frozen=True)
class TaskCases:
    """All cases of a task.

    Attributes:
        task: the task whose samples they are.
        demos: the demo cases.
        tests: the test cases.
        probes: the leave-one-out cases; none for a task with a single demo.
    """

    task: Task
    demos: tuple[Case, ...]
    tests: tuple[Case, ...]
    probes: tuple[Case, ...]

    @classmethod
    def of(cls, task: Task) -> TaskCases:
        """Make the cases of a task."""
        return cls(
            task=task,
            demos=tuple(demo_cases(task)),
            tests=tuple(test_cases(task)),
            probes=tuple(left_out_cases(task)) if len(task.S) > 1 else (),
        )
