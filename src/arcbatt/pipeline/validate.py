"""Validate: parse the text of each candidate and run it alone; refuse it if anything differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from arcbatt.candidates import Candidate, Refusal, Verdict, Work
from arcbatt.dsl.types import Grid
from arcbatt.dsl.values import FailureKind
from arcbatt.engine import Budget, Case, Engine, Evaluation, Job
from arcbatt.engine.cases import demo_cases, test_cases
from arcbatt.engine.outcome import EXACT, PatientEngine, cpu_seconds
from arcbatt.errors import ParseError
from arcbatt.program.graph import Program
from arcbatt.program.parse import parse_program
from arcbatt.ranking.score import rank_of
from arcbatt.timings import Timings

Pair = tuple[Work, Candidate]

TEXTS_MAX = 4096
"""Number of parsed texts that are cached for later tasks."""
PATIENCE = 20
"""Factor of the time limit of the reference engine on a sample."""
BOUNDS = (FailureKind.FUEL, FailureKind.SIZE, FailureKind.MEMORY, FailureKind.DEADLINE)


@lru_cache(TEXTS_MAX)
def _parse(text: str) -> Program | None:
    """Return the program of a text, None if it has none; cached, since tasks share texts."""
    try:
        return parse_program(text).program
    except ParseError:
        return None


def validate_candidates(
    works: Sequence[Work],
    engine: Engine,
    budget: Budget,
    *,
    threads: int,
    timings: Timings,
) -> None:
    """Give every candidate a verdict; those that passed are kept in the order of their ranks.

    Each program runs alone, parsed from its own text, on all samples of its task. Its outputs and
    its fuel have to equal those of the batt.

    Args:
        works: the tasks, with candidates that have texts and evidence.
        engine: the engine that runs them.
        budget: bounds of each run.
        threads: the number of cases that may run at once, 1 or more.
        timings: the timings to add to.
    """
    pairs: list[Pair] = []
    for work in works:
        for candidate in work.candidates:
            if _parse(candidate.text) == candidate.program:
                pairs.append((work, candidate))
            else:
                work.verdicts.append(Verdict(candidate, Refusal.PARSE))
    engine = _patient(engine, budget, pairs)
    with timings.measure("run_batt.phase3a_alone"):
        evaluations = engine.evaluate(_jobs(pairs), budget, threads=threads)
        cpu_s = cpu_seconds(evaluations)
        timings.add("run_batt.check_solver_speed", cpu_s=cpu_s, calls=len(evaluations))
        verdicts = [
            _verdict(candidate, evaluation)
            for (_, candidate), evaluation in zip(pairs, evaluations, strict=True)
        ]
    with timings.measure("run_batt.phase3a_copying"):
        _refuse_copies(pairs, verdicts, engine, budget, threads)
    for (work, _), verdict in zip(pairs, verdicts, strict=True):
        work.verdicts.append(verdict)
    for work in works:
        work.verdicts.sort(key=lambda verdict: rank_of(verdict.candidate))
        work.counts.refused = len(work.verdicts) - len(work.passed)


def cross_check(works: Sequence[Work], reference: Engine, budget: Budget, *, threads: int) -> None:
    """Refuse programs that are right on all demos and have other results on the reference engine.

    Args:
        works: the tasks, with verdicts.
        reference: the reference engine.
        budget: bounds of the native engine; the reference engine gets more time.
        threads: the number of cases that may run at once, 1 or more.
    """
    if budget.sample_seconds is not None:
        budget = replace(budget, sample_seconds=PATIENCE * budget.sample_seconds)
    pairs = [(work, each) for work in works for each in work.passed if each.score.is_exact]
    reference = _patient(reference, budget, pairs)
    evaluations = reference.evaluate(_jobs(pairs), budget, threads=threads)
    refusals = {}
    for (_, candidate), evaluation in zip(pairs, evaluations, strict=True):
        refusal = _verdict(candidate, evaluation).refusal
        if refusal is not None:
            known = refusal in (Refusal.LOST, Refusal.BUDGET)
            refusals[id(candidate)] = refusal if known else Refusal.ENGINES
    for work in works:
        work.verdicts = [
            replace(verdict, refusal=refusals.get(id(verdict.candidate), verdict.refusal))
            for verdict in work.verdicts
        ]
        work.counts.refused = len(work.verdicts) - len(work.passed)


def _refuse_copies(
    pairs: Sequence[Pair],
    verdicts: list[Verdict],
    engine: Engine,
    budget: Budget,
    threads: int,
) -> None:
    """Refuse candidates that are right on a demo only because ``S`` holds its output.

    Such a program finds the demo at hand in ``S`` and returns its output. Here that output is
    scrambled: a program that returns the scrambled grid copies it. A program that learns from the
    demos may also learn from the scrambled one, so it passes if it predicts more than half of the
    demos from the others.
    """
    suspects = [
        (place, work, candidate)
        for place, ((work, candidate), verdict) in enumerate(zip(pairs, verdicts, strict=True))
        if verdict.refusal is None and candidate.score.is_exact and "S" in candidate.program.inputs
    ]
    cases = {id(work): _scrambled_cases(work) for _, work, _ in suspects}
    jobs = [Job(candidate.program, cases[id(work)]) for _, work, candidate in suspects]
    evaluations = engine.evaluate(jobs, budget, threads=threads)
    for (place, work, candidate), evaluation in zip(suspects, evaluations, strict=True):
        samples = range(len(evaluation.outcomes))
        if not any(EXACT in evaluation.scores_of(sample) for sample in samples):
            continue
        demos = len(work.task.S)
        # A single demo can't be predicted from others.
        predicted = demos - (candidate.members[0].missed or 0) if demos > 1 else 0
        if 2 * predicted <= demos:
            verdicts[place] = replace(verdicts[place], refusal=Refusal.COPIES)


def _scrambled_cases(work: Work) -> list[Case]:
    """Return one case per demo, with its output scrambled in ``S``; that grid is wanted."""
    cases = []
    for index, (grid, output) in enumerate(work.task.S):
        scrambled = scramble(output)
        samples = (*work.task.S[:index], (grid, scrambled), *work.task.S[index + 1 :])
        cases.append(Case(S=samples, I=grid, wanted=scrambled))
    return cases


def scramble(grid: Grid) -> Grid:
    """Return a grid of the same shape in which every cell has another, irregular colour.

    >>> scramble(((0, 0), (9, 1)))
    ((1, 6), (7, 6))
    """
    return tuple(
        tuple(
            (color + 1 + (7 * row + 5 * column + row * column) % 9) % 10
            for column, color in enumerate(colors)
        )
        for row, colors in enumerate(grid)
    )


def _patient(engine: Engine, budget: Budget, pairs: Sequence[Pair]) -> Engine:
    """Return an engine that gives the programs of candidates the fuel that scoring gave them."""
    brought = {id(one.program) for _, one in pairs if one.position in one.scored.brought}
    return PatientEngine(engine, budget.of_brought, lambda graph: id(graph) in brought)


def _jobs(pairs: Sequence[Pair]) -> list[Job]:
    """Return one job per candidate: its program alone on all samples of its task."""
    tasks = {id(work): work.task for work, _ in pairs}
    cases = {key: [*demo_cases(task), *test_cases(task)] for key, task in tasks.items()}
    return [Job(candidate.program, cases[id(work)]) for work, candidate in pairs]


def _verdict(candidate: Candidate, evaluation: Evaluation) -> Verdict:
    samples = range(len(candidate.behaviour))
    digests = tuple(evaluation.digests_of(sample)[0] for sample in samples)
    fuels = tuple(evaluation.fuel_of(sample)[0] for sample in samples)
    refusal = None
    if evaluation.problem:
        refusal = Refusal.LOST
    elif digests != candidate.behaviour:
        failures = [row[0].failure for row in evaluation.outcomes]
        over = any(failure and failure.kind in BOUNDS for failure in failures)
        refusal = Refusal.BUDGET if over else Refusal.OUTPUTS
    elif fuels != candidate.fuels:
        refusal = Refusal.FUEL
    return Verdict(candidate, refusal, sum(fuels), sum(evaluation.nanoseconds) / 1e9)
