"""Invariance: count the symmetries of a task under which a program does something else.

A program keeps a symmetry if its output turns (or is mirrored) when the whole task is. Most rules
of tasks do not depend on orientation, so of two programs that fit all demos, the one that keeps
more symmetries is right more often.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import is_grid
from arcbatt.engine import Budget, Case, Engine, Evaluation, Job
from arcbatt.engine.outcome import EXACT
from arcbatt.program.graph import Program
from arcbatt.tasks import Task

Symmetry = Callable[[Any], Any]

SYMMETRIES = ("hmirror", "vmirror", "dmirror", "cmirror", "rot90", "rot180", "rot270")
"""The primitives that turn and mirror a grid, without the identity."""
COLORS = frozenset(range(10))
BUDGET = Budget(sample_seconds=None)
"""Fuel is the only limit, so that counts are the same on every machine."""


def count_broken(
    jobs: Sequence[tuple[Task, Program, Sequence[Grid | None]]],
    engine: Engine,
    *,
    symmetries: Sequence[Symmetry] = (),
    threads: int = 1,
) -> list[int]:
    """Count the symmetries that each program breaks.

    A symmetry is kept if the program, with demos and input changed by it, returns the changed
    output on every sample. A program without a valid output on some test input breaks all.

    Args:
        jobs: tasks, each with a program that is right on all its demos and the program's outputs
            on its test inputs; None for an output that is missing.
        engine: the engine that runs the programs on the changed tasks.
        symmetries: the changes of a grid to try; those of `SYMMETRIES` if there are none.
        threads: number of threads, 1 or more; the counts do not depend on it.
    """
    if not jobs:
        return []
    # Only now, since the bodies of primitives load slowly.
    symmetries = symmetries or [REGISTRY[name].body for name in SYMMETRIES]
    answered = [job for job in jobs if all(map(is_answer, job[2]))]
    evaluations = iter(
        engine.evaluate(
            [
                Job(program, _changed_cases(task, outputs, symmetries))
                for task, program, outputs in answered
            ],
            BUDGET,
            threads=threads,
        )
    )
    return [
        _count(next(evaluations), len(task.demos) + len(outputs))
        if all(map(is_answer, outputs))
        else len(symmetries)
        for task, _, outputs in jobs
    ]


def is_answer(output: Value) -> bool:
    """Return whether a value is a grid that a task may have as an output."""
    if not is_grid(output):
        return False
    rows: Any = output
    return all(row and set(row) <= COLORS for row in rows or [()])


def _changed_cases(
    task: Task, outputs: Sequence[Grid | None], symmetries: Sequence[Symmetry]
) -> list[Case]:
    tests = ((test.input, output) for test, output in zip(task.tests, outputs, strict=True))
    samples = [*task.S, *tests]
    cases = []
    for change in symmetries:
        demos = tuple((change(given), change(wanted)) for given, wanted in task.S)
        cases += [Case(demos, change(given), wanted=change(wanted)) for given, wanted in samples]
    return cases


def _count(evaluation: Evaluation, samples: int) -> int:
    kept = [outcome.score == EXACT for (outcome,) in evaluation.outcomes]
    return sum(not all(kept[first : first + samples]) for first in range(0, len(kept), samples))
