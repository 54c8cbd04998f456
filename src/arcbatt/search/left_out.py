"""Leaving demos out: does a program that reads the demos predict one that it does not see?

Of a program that learns from the demos it says little that it is right on them. What it makes of a
demo's input when that demo is left out of `S` says more: most that are right on the tests predict
all demos or all but one, most others none (leave-one-out cross-validation, Stone, 1974).
"""

from __future__ import annotations

from collections.abc import Sequence

from arcbatt.engine import Evaluation, Job, open_engine
from arcbatt.engine.cases import left_out_cases
from arcbatt.engine.outcome import EXACT
from arcbatt.program.graph import Program
from arcbatt.search.symmetry import BUDGET
from arcbatt.tasks import Task


def count_missed(
    work: Sequence[tuple[Task, Sequence[Program]]], *, threads: int = 1
) -> list[list[int]]:
    """Count the demos that programs miss when these are left out of `S`.

    0 for programs that do not read `S`, and where a single demo leaves nothing to learn from.

    Args:
        work: tasks, each with programs that are right on all its demos.
        threads: of the engine; the results do not depend on them.
    """
    evaluations = iter(
        open_engine("native").evaluate(
            [
                Job(program, left_out_cases(task))
                for task, programs in work
                for program in programs
                if _learns(program, task)
            ],
            BUDGET,
            threads=threads,
        )
    )
    return [
        [_misses(next(evaluations)) if _learns(program, task) else 0 for program in programs]
        for task, programs in work
    ]


def _learns(program: Program, task: Task) -> bool:
    return len(task.S) > 1 and "S" in program.inputs


def _misses(evaluation: Evaluation) -> int:
    return sum(outcome.score != EXACT for (outcome,) in evaluation.outcomes)
