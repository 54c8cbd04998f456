"""Attempts: output grids, two per test input, from the candidates that passed validation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from arcbatt.candidates import Candidate, Work
from arcbatt.dsl.types import Grid
from arcbatt.engine.outcome import is_arc_grid
from arcbatt.ranking.score import rank_of
from arcbatt.ranking.weights import weight_of

ATTEMPTS = 2
"""The attempts per test input that a competition allows."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A guess at a test output.

    Attributes:
        grid: the guess, 1..30 rows and columns of colours 0..9.
        md5: the md5 of the program that made it; empty where the test input itself stands in.
        source: the source of that program; empty where there is none.
        exact: whether that program is right on all demos.
        weight: the weight of all programs that make this guess, 0 or more.
        confidence: the probability that the guess is right, 0..1; see `rate_attempts`.
    """

    grid: Grid
    md5: str = ""
    source: str = ""
    exact: bool = False
    weight: float = 0.0
    confidence: float = 0.0

    def document(self) -> dict[str, object]:
        """Return the attempt as JSON, with a key for each attribute."""
        return {name: getattr(self, name) for name in self.__slots__}


TestAttempts = tuple[Attempt, ...]


def choose_attempts(work: Work, *, count: int = ATTEMPTS) -> tuple[TestAttempts, ...]:
    """Choose attempts, two by default, for each test input of a task.

    The candidates that are exact on all demos are grouped by their test output. The groups are
    ranked by the sum of the weights of their members, then by their best member. If fewer groups
    than attempts have a grid of ARC as their output, the outputs of the best other candidates
    follow, and last the test input itself. Attempts are ranked: a smaller ``count`` returns the
    first of them.

    Args:
        work: a task with verdicts, whose outputs were kept by scoring.
        count: the number of attempts per test input, 1 or more.
    """
    passed = work.passed
    chosen = []
    for index, sample in enumerate(work.task.tests):
        attempts: list[Attempt] = []
        for candidate, weight in _leaders(passed, index):
            if len(attempts) == count:
                break
            output = candidate.test_output(index)
            if is_arc_grid(output):
                exact = candidate.score.is_exact
                attempts.append(Attempt(output, candidate.md5, candidate.source, exact, weight))
        attempts += [Attempt(sample.input)] * (count - len(attempts))
        chosen.append(tuple(attempts))
    return tuple(chosen)


def weights_of_outputs(work: Work, index: int) -> list[float]:
    """Return the weights of all outputs on a test input that are grids of ARC, descending.

    Only outputs of programs that are right on all demos count.
    """
    exact = [candidate for candidate in work.passed if candidate.score.is_exact]
    return [
        weight
        for candidate, weight in _leaders(exact, index)
        if is_arc_grid(candidate.test_output(index))
    ]


def _leaders(passed: list[Candidate], index: int) -> Iterator[tuple[Candidate, float]]:
    """Yield the best candidate of each group of equal outputs on a test input, ranked."""
    groups: dict[tuple[bool, int], list[Candidate]] = {}
    seen: set[int] = set()
    for candidate in passed:
        digest = candidate.test_digests[index]
        exact = candidate.score.is_exact
        if digest == 0 or (not exact and digest in seen):
            continue
        groups.setdefault((exact, digest), []).append(candidate)
        seen.add(digest)
    leaders = [(group[0], sum(map(weight_of, group))) for group in groups.values()]
    leaders.sort(
        key=lambda leader: (
            not leader[0].score.is_exact,
            -leader[1] if leader[0].score.is_exact else 0.0,
            rank_of(leader[0]),
        )
    )
    yield from leaders
