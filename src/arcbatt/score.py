"""What "better" means, said once.

The o_score of a solver on a task is the sum over its demo samples of 1000 for an exact output and
less for any other (`arcbatt.engine.outcome.agreement`). Of two solvers the one with the higher
o_score is better, then the simpler one (fewer nodes), then the faster one (less fuel, which does
not depend on the machine), then the one whose text comes first, so that no two are equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

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


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return the rank correlation of two equally long sequences, -1..1.

    Equal values share the mean of their ranks (Spearman 1904; ties as in Kendall 1948). None
    where it is undefined: where one of the sequences does not vary.

    >>> spearman([1, 2, 3], [10, 20, 30]), spearman([1, 2, 2], [5, 5, 5])
    (1.0, None)
    """
    a, b = _ranks(first), _ranks(second)
    mean = (len(a) + 1) / 2
    spread_a = sum((rank - mean) ** 2 for rank in a)
    spread_b = sum((rank - mean) ** 2 for rank in b)
    if spread_a == 0 or spread_b == 0:
        return None
    shared = sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True))
    return float(shared / (spread_a * spread_b) ** 0.5)


def _ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of every value, 1 for the least, the mean rank for equal ones."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    for _, group in groupby(enumerate(order, 1), key=lambda item: values[item[1]]):
        places = list(group)
        mean = (places[0][0] + places[-1][0]) / 2
        for _, index in places:
            ranks[index] = mean
    return ranks
