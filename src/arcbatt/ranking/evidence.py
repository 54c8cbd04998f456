"""Evidence against programs that fit all demos: what they miss, and what they break.

Programs that read the samples are run without each demo in turn, and the regularities that outputs
break are counted; where programs that fit all demos disagree about a test input, so are the
symmetries that each of them breaks.
"""

from __future__ import annotations

from collections.abc import Sequence

from arcbatt.candidates import Candidate, Work
from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Engine, Evaluation, Job
from arcbatt.engine.cases import left_out_cases
from arcbatt.engine.outcome import EXACT, PatientEngine
from arcbatt.program.graph import Program
from arcbatt.ranking.invariance import BUDGET, count_broken, is_answer
from arcbatt.ranking.regularities import find_breaches
from arcbatt.tasks import Task


def gather_evidence(works: Sequence[Work], engine: Engine, budget: Budget, *, threads: int) -> None:
    """Fill in `missed` and `broken` of the programs that are right on all demos, and `breaches`.

    Args:
        works: the tasks with their candidates.
        engine: the engine that runs the programs on left-out demos and on turned samples.
        budget: the bounds of programs that people brought; others have only the fuel as a limit.
        threads: the number of cases that may run at once, 1 or more; the results do not depend
            on it.
    """
    exact = [
        (work, candidate)
        for work in works
        for candidate in work.candidates
        if candidate.score.is_exact
    ]
    brought = {
        id(member.program)
        for _, candidate in exact
        for member in candidate.members
        if member.is_brought
    }
    engine = PatientEngine(engine, budget.of_brought, lambda graph: id(graph) in brought)
    unknown = [
        (work.task, member)
        for work, candidate in exact
        for member in candidate.members
        if member.missed is None
    ]
    jobs = [(task, member.program) for task, member in unknown]
    counts = count_missed(jobs, engine, threads=threads)
    for (_, member), missed in zip(unknown, counts, strict=True):
        member.missed = missed
    disputed = {id(work) for work in works if _is_disputed(work)}
    doubted = [
        (work.task, member, outputs)
        for work, candidate in exact
        if id(work) in disputed
        for outputs in [_outputs(candidate)]
        for member in candidate.members
    ]
    turned = [(task, member.program, outputs) for task, member, outputs in doubted]
    counts = count_broken(turned, engine, threads=threads)
    for (_, member, _), broken in zip(doubted, counts, strict=True):
        member.broken = broken
    answered = [(work, outputs) for work in works if (outputs := _distinct_outputs(work))]
    given = [
        (work.task, [(i, grid) for (i, _), grid in outputs.items()]) for work, outputs in answered
    ]
    breaches = find_breaches(given, engine, threads=threads)
    for (work, outputs), broken_by in zip(answered, breaches, strict=True):
        work.breaches = dict(zip(outputs, broken_by, strict=True))


def _is_disputed(work: Work) -> bool:
    """Return whether candidates that fit all demos disagree about a test input."""
    answers = {each.test_digests for each in work.candidates if each.score.is_exact}
    return len(answers) > 1


def _outputs(candidate: Candidate) -> list[Grid | None]:
    """Return the outputs on the test inputs; None for an output that is no grid of ARC."""
    outputs: list[Grid | None] = []
    for index, digest in enumerate(candidate.test_digests):
        output = candidate.test_output(index) if digest else None
        outputs.append(output if is_answer(output) else None)
    return outputs


def _distinct_outputs(work: Work) -> dict[tuple[int, int], Grid]:
    """Return the outputs that are grids of ARC, by test input and digest."""
    outputs: dict[tuple[int, int], Grid] = {}
    for candidate in work.candidates:
        if candidate.score.is_exact:
            for index, digest in enumerate(candidate.test_digests):
                if digest and (index, digest) not in outputs:
                    grid = candidate.scored.tests.held_grid_of(index, candidate.position)
                    if grid is not None:
                        outputs[index, digest] = grid
    return outputs


def count_missed(
    jobs: Sequence[tuple[Task, Program]], engine: Engine, *, threads: int = 1
) -> list[int]:
    """Count the demos that each program misses when they are left out of ``S``.

    The count is 0 for a program that does not read ``S``, and for a task with a single demo, which
    leaves nothing to learn from.

    Args:
        jobs: tasks, each with a program that is right on all its demos.
        engine: the engine that runs the programs.
        threads: number of threads, 1 or more; the counts do not depend on it.
    """
    evaluations = iter(
        engine.evaluate(
            [
                Job(program, left_out_cases(task))
                for task, program in jobs
                if _learns(program, task)
            ],
            BUDGET,
            threads=threads,
        )
    )
    return [_count(next(evaluations)) if _learns(program, task) else 0 for task, program in jobs]


def _learns(program: Program, task: Task) -> bool:
    return len(task.S) > 1 and "S" in program.inputs


def _count(evaluation: Evaluation) -> int:
    return sum(outcome.score != EXACT for (outcome,) in evaluation.outcomes)
