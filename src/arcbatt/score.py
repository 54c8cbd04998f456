"""What "better" means, said once.

The o_score of a solver on a task is the sum over its demo samples of 1000 for an exact output and
less for any other (`arcbatt.engine.outcome.agreement`). Of two solvers the one with the higher
o_score is better, then the simpler one (fewer nodes), then the faster one (less fuel, which does
not depend on the machine), then the one whose text comes first, so that no two are equal.
"""

from __future__ import annotations

from dataclasses import dataclass

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


def rank_key(score: Score, *, size: int, fuel: int, text: str) -> RankKey:
    """Return a key by which an ascending sort puts the best program first.

    Args:
        score: on the demo samples.
        size: of the program, in nodes.
        fuel: on all samples together.
        text: anything that differs between programs, such as the md5.
    """
    return (-score.total, size, fuel, text)
