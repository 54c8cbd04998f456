"""The interface for people who work in Python: solve a task, run a program, explain it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from typing import overload

from rich.console import Console

from arcbatt import interrupts
from arcbatt.context import native_engine_is_built
from arcbatt.contract import EFFORTS
from arcbatt.engine import Budget, open_engine
from arcbatt.errors import UsageError
from arcbatt.evaluation.task import Bench, EvaluationSetup, Solution, Ungraded
from arcbatt.inspect import Trial, Walk, try_program, walk_program
from arcbatt.pipeline.passes import CONFIDENT
from arcbatt.program.graph import Program
from arcbatt.program.parse import SourceProgram, parse_program
from arcbatt.ranking.attempts import ATTEMPTS
from arcbatt.report.progress import DelayedProgress
from arcbatt.sources import default_sources
from arcbatt.tasks import Task


@overload
def solve(task: Task, effort: str = "quick", *, sources: Sequence[str] = ()) -> Solution: ...


@overload
def solve(
    task: Iterable[Task], effort: str = "quick", *, sources: Sequence[str] = ()
) -> list[Solution]: ...


def solve(
    task: Task | Iterable[Task], effort: str = "quick", *, sources: Sequence[str] = ()
) -> Solution | list[Solution]:
    """Look for programs that fit a task, and return the attempts that they make.

    Each task is tried with the smaller efforts first, until an attempt is trusted. Ctrl-C, or the
    button that interrupts a notebook, keeps what is done.

    Args:
        task: the task, or several of them.
        effort: ``quick``, ``normal``, ``deep`` or ``max``: about 0.5, 4, 16 or 64 CPU-seconds.
        sources: the names of sources, see `batt sources`; none for the default ones.

    Returns a solution, or for several tasks a list: of those that were tried.

    Raises UsageError if there is no such effort or source.
    """
    if effort not in EFFORTS:
        known = ", ".join(EFFORTS)
        raise UsageError(problem=f"no effort is called {effort!r}: expected one of {known}")
    names = tuple(sources) or default_sources(native=native_engine_is_built())
    efforts = [name for name, size in EFFORTS.items() if size <= EFFORTS[effort]]
    tasks = [task] if isinstance(task, Task) else list(task)
    solutions: list[Solution] = []
    with (
        interrupts.receive(),
        closing(Bench(EvaluationSetup(sources=names))) as bench,
        DelayedProgress(Console(stderr=True, highlight=False)) as progress,
    ):
        progress.expect(len(tasks))
        for each in tasks:
            solution, goes_on = _solve(each, efforts, bench)
            solutions.append(solution)
            progress.advance()
            if not goes_on:
                break
    return solutions[0] if isinstance(task, Task) else solutions


def _solve(task: Task, efforts: Sequence[str], bench: Bench) -> tuple[Solution, bool]:
    """Try a task with one effort after the other; return the solution, and whether to go on."""
    found = Solution(task, stopped="interrupted before the first effort was done")
    cpu_s = 0.0
    try:
        for effort in efforts:
            [outcome] = bench.evaluate(task, [EFFORTS[effort]])
            cpu_s += outcome.cpu_s
            found = _solution(task, outcome, effort, cpu_s)
            if found.confidence >= CONFIDENT:
                break
    except KeyboardInterrupt:
        if found.effort:
            reason = f"interrupted after the effort {found.effort}"
            return replace(found, stopped=reason), False
        return found, False
    return found, True


def _solution(task: Task, outcome: Ungraded, effort: str, cpu_s: float) -> Solution:
    return Solution(
        task=task,
        attempts=tuple(its[:ATTEMPTS] for its in outcome.attempts),
        confidence=outcome.confidence,
        programs=tuple(parse_program(each.text, file=each.md5) for each in outcome.fitting),
        effort=effort,
        cpu_s=cpu_s,
        stopped=outcome.problem or "; ".join(outcome.stopped.values()),
    )


def _source_of(program: Program | SourceProgram | str) -> SourceProgram:
    if isinstance(program, SourceProgram):
        return program
    text = program if isinstance(program, str) else program.inlined
    return parse_program(text)


def evaluate(program: Program | SourceProgram | str, task: Task, *, answers: bool = False) -> Trial:
    """Run a program on all samples of a task; a notebook shows the outputs beside the wanted ones.

    Args:
        program: the program, or its text.
        task: the task.
        answers: whether the outputs on the tests are compared with the known ones.

    Raises ParseError if the text is no program.
    """
    budget = Budget().of_brought
    return try_program(_source_of(program), task, open_engine(), budget, answers=answers)


def explain(program: Program | SourceProgram | str, task: Task, sample: str = "demo 1") -> Walk:
    """Run a program on a sample line by line; a notebook shows the value of each as a picture.

    Args:
        program: the program, or its text.
        task: the task.
        sample: the sample, such as ``demo 1`` or ``test 1``.

    Raises ParseError if the text is no program, UsageError if the task has no such sample.
    """
    return walk_program(_source_of(program), task, sample, open_engine(), Budget().of_brought)
