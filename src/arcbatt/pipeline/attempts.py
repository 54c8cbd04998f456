"""Attempts: output grids, two per test input, from the candidates that passed validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from arcbatt.dsl.types import Grid, Value
from arcbatt.engine import Budget, Engine, Job
from arcbatt.engine.outcome import is_arc_grid
from arcbatt.pipeline.work import Candidate, Work

ATTEMPTS = 2
READ_AHEAD = 4
"""Leaders whose outputs are read: an output that is no grid of ARC gives way to the next."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A guess at a test output.

    Attributes:
        grid: 1..30 rows and columns of colours 0..9.
        md5: of the program that made it; empty where the test input itself stands in.
        exact: whether that program is right on all demo samples.
        weight: votes of the programs behind it.
    """

    grid: Grid
    md5: str
    exact: bool
    weight: float


TestAttempts = tuple[Attempt, ...]


def choose_attempts(
    works: Sequence[Work],
    engine: Engine,
    budget: Budget,
    *,
    threads: int,
    count: int = ATTEMPTS,
) -> dict[str, tuple[TestAttempts, ...]]:
    """Choose attempts, two by default, for each test input of every work, by task id.

    The candidates that are exact on all demos are grouped by their test output. The groups are
    ranked by the votes of their members, each weighted by its simplicity, then by their best
    member. Where fewer groups than attempts have a grid of ARC, the outputs of the best other
    candidates follow, and last the test input itself. Fewer attempts are the first of more.
    """
    leaders: list[tuple[Work, int, Candidate, float]] = []
    jobs: list[Job] = []
    for work in works:
        for index, case in enumerate(work.test_cases):
            for candidate, weight in islice(_leaders(work, index), READ_AHEAD):
                leaders.append((work, index, candidate, weight))
                jobs.append(Job(candidate.program, [case]))
    evaluations = engine.evaluate(jobs, budget, threads=threads, keep_outputs=True)
    chosen: dict[tuple[str, int], list[Attempt]] = {}
    for (work, index, candidate, weight), evaluation in zip(leaders, evaluations, strict=True):
        attempts = chosen.setdefault((work.task.id, index), [])
        if evaluation.outcomes[0][0].failure is None and len(attempts) < count:
            output: Value = evaluation.output(0, 0)
            if is_arc_grid(output):
                attempts.append(Attempt(output, candidate.md5, candidate.score.is_exact, weight))
    return {
        work.task.id: tuple(
            _filled(chosen.get((work.task.id, index), []), sample.input, count)
            for index, sample in enumerate(work.task.tests)
        )
        for work in works
    }


def _leaders(work: Work, index: int) -> list[tuple[Candidate, float]]:
    """Return the best candidate of each group of equal outputs on a test input, ranked."""
    groups: dict[tuple[bool, int], list[Candidate]] = {}
    seen: set[int] = set()
    for candidate in work.passed:
        digest = candidate.test_digests[index]
        exact = candidate.score.is_exact
        if digest == 0 or (not exact and digest in seen):
            continue
        groups.setdefault((exact, digest), []).append(candidate)
        seen.add(digest)
    ranked = sorted(
        ((group[0], sum(member.votes.total for member in group)) for group in groups.values()),
        key=lambda leader: (
            not leader[0].score.is_exact,
            -leader[1] if leader[0].score.is_exact else 0.0,
            leader[0].rank,
        ),
    )
    return ranked


def _filled(attempts: list[Attempt], test_input: Grid, count: int) -> TestAttempts:
    missing = count - len(attempts)
    return (*attempts, *[Attempt(test_input, "", False, 0.0)] * missing)
