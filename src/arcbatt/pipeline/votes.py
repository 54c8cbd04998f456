"""Votes: what programs that behave alike count for their test outputs."""

from __future__ import annotations

from dataclasses import dataclass

from arcbatt.program.graph import Program


@dataclass(frozen=True, slots=True)
class Votes:
    """What programs count together; those of other programs are added.

    What the archive has on record for a program was said of all that behaved like it, so of several
    such numbers the largest one counts, and beside what sources say now the larger.

    Attributes:
        dealt: by the sources that found them.
        kept: by the archive.
        simple: of those of which nobody said anything: simpler ones count more.
    """

    dealt: float = 0.0
    kept: float = 0.0
    simple: float = 0.0

    def __add__(self, other: Votes) -> Votes:
        return Votes(
            self.dealt + other.dealt, max(self.kept, other.kept), self.simple + other.simple
        )

    @property
    def total(self) -> float:
        """What they count."""
        return max(self.dealt, self.kept) + self.simple

    @property
    def to_keep(self) -> float | None:
        """What the archive is told, None where nobody said anything.

        The share of the simple ones is not in it: they are dealt again.
        """
        return max(self.dealt, self.kept) or None


NO_VOTES = Votes()
"""Where nobody said anything."""


def vote_of_size(program: Program) -> Votes:
    """Return the vote of one program of which nobody said anything: the share of a node in it."""
    return Votes(simple=1.0 / program.size)


def best_votes(one: Votes, other: Votes) -> Votes:
    """Return the votes of one body that was dealt, or counted, twice."""
    dealt, kept = max(one.dealt, other.dealt), max(one.kept, other.kept)
    # Once something is said of it, its size does not matter any more.
    return Votes(dealt, kept, 0.0 if dealt or kept else max(one.simple, other.simple))
