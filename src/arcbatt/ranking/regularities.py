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
from arcbatt.engine import Budget, Case, Engine, Evaluation, Job
from arcbatt.library import REGULARITIES, load_merged_library
from arcbatt.program.merge import Batt
from arcbatt.tasks import Task

BUDGET = Budget(sample_seconds=None)
"""Fuel is the only limit, so that counts are the same on every machine."""


@cache
def load_regularities() -> Batt:
    """Return the regularities of the library, merged."""
    return load_merged_library(REGULARITIES)


def count_breaches(
    jobs: Sequence[tuple[Task, Sequence[tuple[int, Grid]]]],
    engine: Engine,
    *,
    batt: Batt | None = None,
    threads: int = 1,
) -> list[list[int]]:
    """Count for outputs on test inputs how many of the regularities of their task they break.

    A task with a single demo has nothing in common with itself: its counts are 0.

    Args:
        jobs: tasks, each with the outputs, grids of ARC, and the indices of their test inputs.
        engine: the engine that runs the regularities.
        batt: the regularities; those of the library by default.
        threads: the number of cases that may run at once, 1 or more; the counts do not depend on
            it.
    """
    graph = (batt or load_regularities()).graph
    evaluations = engine.evaluate(
        [Job(graph, _cases(task, outputs)) for task, outputs in jobs], BUDGET, threads=threads
    )
    return [
        _count(evaluation, len(task.S))
        for (task, _), evaluation in zip(jobs, evaluations, strict=True)
    ]


def _cases(task: Task, outputs: Sequence[tuple[int, Grid]]) -> list[Case]:
    tests = [(task.tests[index].input, output) for index, output in outputs]
    return [Case(S=(), I=given, C=output) for given, output in (*task.S, *tests)]


def _count(evaluation: Evaluation, demos: int) -> list[int]:
    values = [evaluation.digests_of(case) for case in range(len(evaluation.outcomes))]
    if demos < 2:
        return [0] * (len(values) - demos)
    # A failure, whose digest is 0, is no value that demos have in common.
    columns = zip(*values[:demos], strict=True)
    common = [column[0] if len(set(column)) == 1 else 0 for column in columns]
    return [
        sum(shared not in (0, value) for shared, value in zip(common, row, strict=True))
        for row in values[demos:]
    ]
