"""Differs: how near an output grid is to the wanted one, in many respects at once.

A differ is a program ``differ(S, I, C)`` that returns 0..1000, or a tuple that starts with it:
how near the grid I is to the grid C in one respect. Whatever else one returns, and a failure,
counts as 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from arcbatt.batt import Batt, join, merge
from arcbatt.dsl.types import Grid, Samples
from arcbatt.engine import Budget, Case, Engine, Evaluation, Job
from arcbatt.engine.outcome import EXACT
from arcbatt.program.graph import Program
from arcbatt.program.parse import SourceProgram

NEAREST = EXACT - 1
"""The most that an output gets which is not exactly right."""

Nearness = tuple[int, ...]
"""What each differ says of one grid, 0..1000."""


@dataclass(frozen=True)
class Comparison:
    """A grid to compare with the wanted one.

    Attributes:
        samples: the demos of the task.
        grid: at hand.
        wanted: to compare with.
    """

    samples: Samples
    grid: Grid
    wanted: Grid


@dataclass(frozen=True, slots=True)
class Compared:
    """What all differs said of one grid.

    Attributes:
        nearness: 0..1000 for each differ.
        fuels: what each differ used.
    """

    nearness: Nearness
    fuels: tuple[int, ...]


@dataclass(frozen=True)
class Differs:
    """A set of differs, merged into one batt.

    Attributes:
        names: one per differ.
        programs: one per differ.
        batt: all of them; its roots stand in the order of the names.
    """

    names: tuple[str, ...]
    programs: tuple[Program, ...]
    batt: Batt

    @classmethod
    def of(cls, sources: Iterable[SourceProgram], *, sharing: bool = True) -> Differs:
        """Merge differs; of equal ones the first stays.

        Args:
            sources: parsed.
            sharing: whether equal calls are one node.
        """
        named = ((source.name, source.program) for source in sources)
        return cls.of_batt(merge(named) if sharing else join(named, sharing=False, bodies=True))

    @classmethod
    def of_batt(cls, batt: Batt) -> Differs:
        """Take differs that are merged already."""
        return cls(tuple(names[0] for names in batt.names), batt.programs, batt)

    def compare(
        self, comparisons: Sequence[Comparison], engine: Engine, budget: Budget, *, threads: int
    ) -> list[Compared]:
        """Run all differs on all comparisons, each node of the batt once per comparison.

        Args:
            comparisons: in any order; those of one task had better stand together.
            engine: what evaluates.
            budget: bounds for each comparison.
            threads: how many comparisons may run at once.
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
    """Return what a differ said, if it is 0..1000; else 0.

    >>> read_nearness(730), read_nearness(1001), read_nearness(None)
    (730, 0, 0)
    """
    return number if number is not None and 0 <= number <= EXACT else 0


def partial_credit(nearness: Nearness) -> int:
    """Return the score 0..999 of an output that is not exact, from what the differs say.

    floor(999 * sum / (1000 * number)): it never falls when a differ says more.

    >>> partial_credit((1000, 1000)), partial_credit((1000, 500)), partial_credit(())
    (999, 749, 0)
    """
    return NEAREST * sum(nearness) // (EXACT * len(nearness)) if nearness else 0


def gain(baseline: int, nearness: int) -> int:
    """Return how far a candidate came from the input in one demo and one respect: 0..2000.

    (1000 - baseline) + nearness, where the baseline is what the differ says of the input itself.
    """
    return EXACT - baseline + nearness
