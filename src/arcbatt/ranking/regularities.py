"""Regularities: what all demos of a task have in common, and outputs that break it.

A regularity is a program ``regularity(S, I, C)`` that reads one property off an input grid ``I``
and an output grid ``C``, such as the colours that only the output has. Where its value is the same
for all demos, an output for a test input breaks the regularity if its value there is another one,
or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from arcbatt.dsl.types import Grid
from arcbatt.engine import Case, Engine, Evaluation, Job
from arcbatt.library import REGULARITIES, load_merged_library
from arcbatt.program.merge import Batt
from arcbatt.ranking.invariance import BUDGET
from arcbatt.tasks import Task

Breaches = tuple[str, ...]
"""The names of the regularities that an output breaks."""


@cache
def load_regularities() -> Batt:
    """Return the regularities of the library, merged."""
    return load_merged_library(REGULARITIES)


def find_breaches(
    jobs: Sequence[tuple[Task, Sequence[tuple[int, Grid]]]],
    engine: Engine,
    *,
    batt: Batt | None = None,
    threads: int = 1,
) -> list[list[Breaches]]:
    """Return the names of the regularities of their task that outputs on test inputs break.

    A task with a single demo has nothing in common with itself: there they break none.

    Args:
        jobs: tasks, each with the outputs, grids of ARC, and the indices of their test inputs.
        engine: the engine that runs the regularities.
        batt: the regularities; those of the library by default.
        threads: the number of cases that may run at once, 1 or more; the breaches do not depend
            on it.
    """
    batt = batt or load_regularities()
    names = [each[0] for each in batt.names]
    evaluations = engine.evaluate(
        [Job(batt.graph, _cases(task, outputs)) for task, outputs in jobs], BUDGET, threads=threads
    )
    return [
        _read(evaluation, names, len(task.S))
        for (task, _), evaluation in zip(jobs, evaluations, strict=True)
    ]


def _cases(task: Task, outputs: Sequence[tuple[int, Grid]]) -> list[Case]:
    tests = [(task.tests[index].input, output) for index, output in outputs]
    return [Case(S=(), I=given, C=output) for given, output in (*task.S, *tests)]


def _read(evaluation: Evaluation, names: Sequence[str], demos: int) -> list[Breaches]:
    values = [evaluation.digests_of(case) for case in range(len(evaluation.outcomes))]
    if demos < 2:
        return [()] * (len(values) - demos)
    # A failure, whose digest is 0, is no value that demos have in common.
    columns = zip(*values[:demos], strict=True)
    common = [column[0] if len(set(column)) == 1 else 0 for column in columns]
    return [
        tuple(
            name
            for name, shared, value in zip(names, common, row, strict=True)
            if shared not in (0, value)
        )
        for row in values[demos:]
    ]
