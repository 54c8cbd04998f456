"""Guidance: how well a differ orders outputs that are all wrong by how far they are from right.

To tell exact outputs from others is no merit of a differ: comparing with C does that. What helps
search is the order among wrong outputs. So differs are measured on those alone, of programs of
which it is known how many moves they are away from one that is right on all demos. A differ that
only tests equality says the same of all of them, which orders nothing.

The measure is the fitness distance correlation (Jones and Forrest, 1995), of ranks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from arcbatt.differs import Comparison, read_nearness
from arcbatt.dsl.types import Grid
from arcbatt.engine.outcome import EXACT
from arcbatt.evolve.grounds import Grounds
from arcbatt.score import mean_ranks


@dataclass(frozen=True, slots=True)
class WrongOutput:
    """A grid that a program returned for a demo, and that is not what is wanted.

    Attributes:
        grid: it.
        moves: how many moves, at least, lead from a program that is right on all demos to one with
            this output.
    """

    grid: Grid
    moves: int


@dataclass(frozen=True)
class Trial:
    """A demo with wrong outputs that are not all equally far away.

    Attributes:
        grounds: of its task.
        demo: its place among the demos.
        outputs: at least two of them, the same grid once.
    """

    grounds: Grounds
    demo: int
    outputs: tuple[WrongOutput, ...]

    @property
    def comparisons(self) -> list[Comparison]:
        """What a differ is asked: the wrong outputs, then the wanted one."""
        samples = self.grounds.task.S
        wanted = samples[self.demo][1]
        grids = (*(output.grid for output in self.outputs), wanted)
        return [Comparison(samples, grid, wanted) for grid in grids]


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of measuring a differ.

    Attributes:
        guidance: mean over the tasks of the mean over their demos of the rank correlation of what
            it says of the wrong outputs with how few moves they are away, -1..1; 0 for a demo where
            it says the same of all.
        standing: ranks of what it says, see `likeness`.
        is_differ: whether it said 0..1000 of all, and 1000 of every wanted grid.
    """

    guidance: float
    standing: tuple[float, ...]
    is_differ: bool

    def likeness(self, other: Measured) -> float:
        """Return the rank correlation with another differ on the same evidence, -1..1."""
        own, others = (sum(map(mul, each.standing, each.standing)) for each in (self, other))
        if not own or not others:
            return float(own == others)
        return float(sum(map(mul, self.standing, other.standing)) / (own * others) ** 0.5)


class Evidence:
    """What differs are measured on in one round.

    Args:
        trials: of any number of tasks.
    """

    def __init__(self, trials: Sequence[Trial]) -> None:
        self.trials = tuple(trials)
        ids = [trial.grounds.task.id for trial in trials]
        demos = Counter(ids)
        # Each task counts the same, and each demo of a task.
        self._shares = [1 / (demos[task] * len(demos)) for task in ids]
        self._wanted = self._standing(
            [[-output.moves for output in trial.outputs] for trial in trials]
        )

    @property
    def comparisons(self) -> list[Comparison]:
        """All that a differ is asked."""
        return [each for trial in self.trials for each in trial.comparisons]

    def measure(self, said: Sequence[int | None]) -> Measured:
        """Measure a differ.

        Args:
            said: its number for each of the comparisons, None where it returned none; what is not
                0..1000 counts as 0.
        """
        rows: list[list[int]] = []
        is_differ = True
        start = 0
        for trial in self.trials:
            *numbers, exact = said[start : start + len(trial.outputs) + 1]
            start += len(trial.outputs) + 1
            row = list(map(read_nearness, numbers))
            is_differ = is_differ and exact == EXACT and row == numbers
            rows.append(row)
        standing = self._standing(rows)
        guidance = float(sum(map(mul, standing, self._wanted)))
        return Measured(guidance, tuple(standing), is_differ)

    def _standing(self, rows: Sequence[Sequence[int]]) -> list[float]:
        """Return ranks such that the sum of products of two is a mean of rank correlations."""
        standing: list[float] = []
        for share, row in zip(self._shares, rows, strict=True):
            mean = (len(row) + 1) / 2
            ranks = [rank - mean for rank in mean_ranks(row)]
            spread = sum(map(mul, ranks, ranks))
            factor = (share / spread) ** 0.5 if spread else 0.0
            standing += [rank * factor for rank in ranks]
        return standing
