"""Symmetries: does a program make of a turned or mirrored task the turned or mirrored answer?

Most rules of tasks do not care which way the grid lies. Of two programs that fit all demos, the one
that keeps more symmetries is more often right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from arcbatt.dsl.geometry import cmirror, dmirror, hmirror, vmirror
from arcbatt.dsl.grids import rot90, rot180, rot270
from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import is_grid
from arcbatt.engine import Budget, Case, Evaluation, Job, open_engine
from arcbatt.engine.cases import test_cases
from arcbatt.engine.outcome import EXACT
from arcbatt.program.graph import Program
from arcbatt.tasks import Task

Turn = Callable[[Any], Any]

SYMMETRIES: tuple[Turn, ...] = (
    hmirror,
    vmirror,
    dmirror,
    cmirror,
    rot90,
    rot180,
    rot270,
)
"""All ways to turn and mirror a grid, but for leaving it as it is."""

COLORS = frozenset(range(10))

BUDGET = Budget(sample_seconds=None)
"""Fuel is the only bound: time would depend on the machine."""


def count_broken(
    work: Sequence[tuple[Task, Sequence[Program]]],
    *,
    turns: Sequence[Turn] = SYMMETRIES,
    threads: int = 1,
) -> list[list[int]]:
    """Count the symmetries that programs break, 0..7 for each.

    A symmetry is kept if on each sample, all of the task turned with it, the output is what the
    program gives otherwise, turned.

    Args:
        work: tasks, each with programs that are right on all its demos.
        turns: the symmetries: what is done to each grid.
        threads: of the engine; the results do not depend on them.
    """
    engine = open_engine("native")
    pairs = [(task, program) for task, programs in work for program in programs]
    usual = engine.evaluate(
        [Job(program, test_cases(task)) for task, program in pairs],
        BUDGET,
        threads=threads,
        keep_outputs=True,
    )
    outputs = [_outputs(evaluation) for evaluation in usual]
    turned = iter(
        engine.evaluate(
            [
                Job(program, _turned(task, made, turns))
                for (task, program), made in zip(pairs, outputs, strict=True)
                if made is not None
            ],
            BUDGET,
            threads=threads,
        )
    )
    broken = iter(
        len(turns) if made is None else _broken(next(turned), len(task.demos) + len(made))
        for (task, _), made in zip(pairs, outputs, strict=True)
    )
    return [[next(broken) for _ in programs] for _, programs in work]


def _outputs(evaluation: Evaluation) -> list[Grid] | None:
    """Return the outputs of a program's only root; None if one is no grid of a task."""
    made: list[Grid] = []
    for case, (outcome,) in enumerate(evaluation.outcomes):
        output = None if outcome.failure else evaluation.output(case, 0)
        if not _is_answer(output):
            return None
        made.append(output)  # type: ignore[arg-type]
    return made


def _is_answer(output: Value) -> bool:
    return is_grid(output) and all(row and set(row) <= COLORS for row in output or [()])


def _turned(task: Task, made: Sequence[Grid], turns: Sequence[Turn]) -> list[Case]:
    samples = [*task.S, *((test.input, grid) for test, grid in zip(task.tests, made, strict=True))]
    cases = []
    for turn in turns:
        demos = tuple((turn(given), turn(wanted)) for given, wanted in task.S)
        cases += [Case(demos, turn(given), wanted=turn(wanted)) for given, wanted in samples]
    return cases


def _broken(evaluation: Evaluation, samples: int) -> int:
    kept = [outcome.score == EXACT for (outcome,) in evaluation.outcomes]
    return sum(not all(kept[first : first + samples]) for first in range(0, len(kept), samples))
