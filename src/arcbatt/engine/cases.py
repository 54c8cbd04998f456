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
FEW = 20
"""A program is right on nearly all demos if it is wrong on at most one of so many."""
NEAR_MAX = 4
"""Largest number of programs that go on although they are wrong on a few cases."""


@dataclass(frozen=True, slots=True)
class Misses:
    """The cases on which a program is wrong.

    Attributes:
        places: their indices, ascending, as far as the program was run.
        is_whole: whether it was run on all cases.
    """

    places: tuple[int, ...] = ()
    is_whole: bool = True


def find_misses(
    programs: Sequence[Program],
    cases: Sequence[Case],
    engine: Engine,
    budget: Budget,
    *,
    most: int = 0,
    threads: int = 1,
) -> list[Misses]:
    """Run programs on many cases, and find the cases on which each is wrong.

    The cases come in chunks. A program that is wrong on too many of them does not get the next
    chunk; of those that are wrong on a few, the `NEAR_MAX` best do.

    Args:
        programs: the programs, the best of equally good ones first.
        cases: the cases, with their wanted grids.
        engine: the engine that runs the programs.
        budget: the bounds of each run.
        most: the largest number of cases on which a program may be wrong to go on, 0 or more.
        threads: the number of cases that may run at once, 1 or more.
    """
    found: list[list[int]] = [[] for _ in programs]
    running = list(range(len(programs)))
    for start in range(0, len(cases), CHUNK):
        some = cases[start : start + CHUNK]
        jobs = [Job(programs[place], some) for place in running]
        for place, evaluation in zip(
            running, engine.evaluate(jobs, budget, threads=threads), strict=True
        ):
            outcomes = enumerate(evaluation.outcomes, start)
            found[place] += [at for at, (one,) in outcomes if one.score != EXACT]
        near = [place for place in running if 0 < len(found[place]) <= most]
        near.sort(key=lambda place: len(found[place]))
        kept = {place for place in running if not found[place]}.union(near[:NEAR_MAX])
        running = [place for place in running if place in kept]
    whole = set(running)
    return [Misses(tuple(places), place in whole) for place, places in enumerate(found)]


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
