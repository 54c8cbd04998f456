"""Differs: measure how near an output grid is to the wanted one, in many respects at once.

A differ is a program ``differ(S, I, C)`` that returns the nearness of the grid ``I`` to the grid
``C`` in one respect, 0..1000, or a tuple that starts with it. Any other value, and a failure,
counts as 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from arcbatt.dsl.types import Grid, Samples
from arcbatt.engine import Budget, Case, Engine, Evaluation, Job
from arcbatt.engine.outcome import EXACT
from arcbatt.program.graph import Program
from arcbatt.program.merge import Batt, merge
from arcbatt.program.parse import SourceProgram

NEAREST = EXACT - 1
"""The largest score of an output that is not exactly right."""

Nearness = tuple[int, ...]
"""The nearness of one grid by each differ, 0..1000."""


@dataclass(frozen=True)
class Comparison:
    """A grid to compare with the wanted one.

    Attributes:
        samples: the demos of the task.
        grid: the grid at hand.
        wanted: the grid to compare it with.
    """

    samples: Samples
    grid: Grid
    wanted: Grid


@dataclass(frozen=True, slots=True)
class Compared:
    """The nearness of one grid to the wanted one by all differs.

    Attributes:
        nearness: 0..1000 for each differ.
        fuels: the fuel that each differ used.
    """

    nearness: Nearness
    fuels: tuple[int, ...]


@dataclass(frozen=True)
class Differs:
    """A set of differs, merged into one batt.

    Attributes:
        names: the names, one per differ.
        programs: the programs, one per differ.
        batt: the batt of all programs; its roots stand in the order of the names.
    """

    names: tuple[str, ...]
    programs: tuple[Program, ...]
    batt: Batt

    @classmethod
    def of(cls, sources: Iterable[SourceProgram]) -> Differs:
        """Merge parsed differs; of equal ones the first stays."""
        return cls.of_batt(merge((source.name, source.program) for source in sources))

    @classmethod
    def of_batt(cls, batt: Batt) -> Differs:
        """Take differs that are merged already."""
        return cls(tuple(names[0] for names in batt.names), batt.programs, batt)

    def compare(
        self, comparisons: Sequence[Comparison], engine: Engine, budget: Budget, *, threads: int
    ) -> list[Compared]:
        """Run all differs on all comparisons, each node of the batt once per comparison.

        Args:
            comparisons: the comparisons in any order; it is faster if those of one task are
                adjacent.
            engine: the engine that evaluates.
            budget: the bounds of each comparison.
            threads: the number of comparisons that may run at once, 1 or more.
        """
        cases = [Case(S=each.samples, I=each.grid, C=each.wanted) for each in comparisons]
        [evaluation] = engine.evaluate(
            [Job(self.batt.graph, cases)], budget, threads=threads, keep_outputs=True
        )
        return [_read(evaluation, case) for case in range(len(cases))]


def _read(evaluation: Evaluation, case: int) -> Compared:
    nearness = tuple(map(read_nearness, evaluation.numbers_of(case)))
    return Compared(nearness, tuple(evaluation.fuel_of(case)))


def read_nearness(number: int | None) -> int:
    """Return the number that a differ returned, if it is 0..1000; else 0.

    >>> read_nearness(730), read_nearness(1001), read_nearness(None)
    (730, 0, 0)
    """
    return number if number is not None and 0 <= number <= EXACT else 0


def partial_credit(nearness: Nearness) -> int:
    """Return the score 0..999 of an output that is not exact, from its nearness by each differ.

    The score is floor(999 * sum / (1000 * number)), so it never falls when a nearness rises.

    >>> partial_credit((1000, 1000)), partial_credit((1000, 500)), partial_credit(())
    (999, 749, 0)
    """
    return NEAREST * sum(nearness) // (EXACT * len(nearness)) if nearness else 0


def gain(baseline: int, nearness: int) -> int:
    """Return the gain of a candidate over the input in one demo and one respect: 0..2000.

    It is (1000 - baseline) + nearness, where the baseline is the nearness of the input itself.
    """
    return EXACT - baseline + nearness
