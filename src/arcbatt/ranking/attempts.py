"""Attempts: output grids, two per test input, from the candidates that passed validation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from arcbatt.candidates import Candidate, Work
from arcbatt.dsl.types import Grid
from arcbatt.engine.outcome import is_arc_grid
from arcbatt.ranking.confidence import probability
from arcbatt.ranking.score import rank_of
from arcbatt.ranking.weights import weight_of_output

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
        confidence: the probability that the guess is right, 0..1; 0 for a program
            that is not right on all demos.
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
    ranked by their weights, then by their best member. If fewer groups than attempts have a grid of
    ARC as their output, the outputs of the best other candidates follow, and last the test input
    itself. Attempts are ranked: a smaller ``count`` returns the first of them.

    Args:
        work: a task with verdicts, whose outputs were kept by scoring.
        count: the number of attempts per test input, 1 or more.
    """
    chosen = []
    for index, sample in enumerate(work.task.tests):
        outputs: list[_Output] = []
        # All exact ones, for their weights; others only as far as attempts are lacking.
        for output in _outputs(work, index):
            if len(outputs) >= count and not output.is_exact:
                break
            outputs.append(output)
        weights = [output.weight for output in outputs if output.is_exact]
        attempts = [output.attempt(weights) for output in outputs[:count]]
        attempts += [Attempt(sample.input)] * (count - len(attempts))
        chosen.append(tuple(attempts))
    return tuple(chosen)


def confidence_of(attempts: Sequence[TestAttempts]) -> float:
    """Return the probability, 0..1, that each test input of a task has a right attempt.

    Attempts for a test input differ, so the probabilities that they are right add up. Of several
    test inputs the one with the least counts: they are right or wrong together most of the time.
    """
    return min(
        (min(1.0, sum(attempt.confidence for attempt in test)) for test in attempts), default=0.0
    )


def groups_of_outputs(work: Work, index: int) -> list[tuple[list[Candidate], float]]:
    """Group the programs that are right on all demos by their output on a test input.

    The group with the largest weight comes first, and the best program first in each. Returns each
    group with its weight.
    """
    exact = takewhile(lambda output: output.is_exact, _outputs(work, index))
    return [(output.programs, output.weight) for output in exact]


@dataclass(frozen=True, slots=True)
class _Output:
    """A grid that programs have as their output on a test input, and these, the best first."""

    grid: Grid
    programs: list[Candidate]
    weight: float

    @property
    def leader(self) -> Candidate:
        return self.programs[0]

    @property
    def is_exact(self) -> bool:
        return self.leader.score.is_exact

    def attempt(self, weights: Sequence[float]) -> Attempt:
        confidence = probability(self.weight, weights) if self.is_exact else 0.0
        return Attempt(
            self.grid, self.leader.md5, self.leader.source, self.is_exact, self.weight, confidence
        )


def _outputs(work: Work, index: int) -> Iterator[_Output]:
    """Yield the outputs on a test input that are grids of ARC, ranked, the exact ones first."""
    for programs, weight in _groups(work, index):
        grid = programs[0].test_output(index)
        if is_arc_grid(grid):
            yield _Output(grid, programs, weight)


def _groups(work: Work, index: int) -> Iterator[tuple[list[Candidate], float]]:
    """Yield the candidates with equal outputs on a test input, the best first, ranked."""
    groups: dict[tuple[bool, int], list[Candidate]] = {}
    seen: set[int] = set()
    for candidate in work.passed:
        digest = candidate.test_digests[index]
        exact = candidate.score.is_exact
        if digest == 0 or (not exact and digest in seen):
            continue
        groups.setdefault((exact, digest), []).append(candidate)
        seen.add(digest)
    weighed = [(group, weight_of_output(work, group, index)) for group in groups.values()]
    weighed.sort(
        key=lambda one: (
            not one[0][0].score.is_exact,
            -one[1] if one[0][0].score.is_exact else 0.0,
            rank_of(one[0][0]),
        )
    )
    yield from weighed
