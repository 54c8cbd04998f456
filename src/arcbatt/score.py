"""What "better" means, said once.

The o_score of a solver on a task is the sum over its demo samples of 1000 for an exact output and
less for any other (`arcbatt.engine.outcome.agreement`). Of two solvers the one with the higher
o_score is better, then the simpler one (fewer nodes), then the faster one (less fuel, which does
not depend on the machine), then the one whose text comes first, so that no two are equal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from arcbatt.engine.outcome import EXACT

RankKey = tuple[int, int, int, str]


@dataclass(frozen=True, slots=True)
class Score:
    """Scores of one program on the demo samples of one task, each 0..1000."""

    demos: tuple[int, ...]

    @property
    def total(self) -> int:
        """The o_score."""
        return sum(self.demos)

    @property
    def demos_right(self) -> int:
        """How many demo samples are exactly right."""
        return sum(score == EXACT for score in self.demos)

    @property
    def is_exact(self) -> bool:
        """Whether all demo samples are exactly right; never for a task without demos."""
        return bool(self.demos) and self.demos_right == len(self.demos)


def rank_key(score: Score, *, size: int, fuel: int, text: str = "") -> RankKey:
    """Return a key by which an ascending sort puts the best program first.

    Args:
        score: on the demo samples.
        size: of the program, in nodes.
        fuel: on all samples together.
        text: anything that differs between programs, such as the md5; without it programs that
            are equal in all else have the same key.
    """
    return (-score.total, size, fuel, text)


class RankCorrelation:
    """Rank correlations of one sequence with others.

    Equal values share the mean of their ranks (Spearman 1904; ties as in Kendall 1948).

    Args:
        sequence: the one.

    >>> RankCorrelation([1, 2, 3]).with_([10, 20, 30])
    1.0
    >>> RankCorrelation([1, 2, 2]).with_([5, 5, 5])
    """

    def __init__(self, sequence: Sequence[float]) -> None:
        self._mean = (len(sequence) + 1) / 2
        self._ranks = mean_ranks(sequence)
        self._spread = self._spread_of(self._ranks)

    def with_(self, other: Sequence[float]) -> float | None:
        """Return the rank correlation with an equally long sequence, -1..1.

        None where it is undefined: where one of the sequences does not vary.
        """
        ranks = mean_ranks(other)
        spread = self._spread_of(ranks)
        if self._spread == 0 or spread == 0:
            return None
        shared = sum(map(mul, self._ranks, ranks)) - len(ranks) * self._mean**2
        return float(shared / (self._spread * spread) ** 0.5)

    def _spread_of(self, ranks: Sequence[float]) -> float:
        # Ranks are halves of whole numbers: the sums are exact.
        return float(sum(map(mul, ranks, ranks)) - len(ranks) * self._mean**2)


def mean_ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of every value, 1 for the least, the mean rank for equal ones."""
    ranks: dict[float, float] = {}
    below = 0
    for value, count in sorted(Counter(values).items()):
        ranks[value] = below + (count + 1) / 2
        below += count
    return [ranks[value] for value in values]
