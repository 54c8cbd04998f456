"""Finds: what rounds have found for a task, of each behaviour the best program."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from arcbatt.engine.breeder import Bred
from arcbatt.evolve.state import SURE_NODES

INEXACT_MAX = 32
"""So many programs that are not right on all demos may stand in where attempts are left over."""


@dataclass(frozen=True)
class Crop:
    """What rounds have found for a task so far.

    Attributes:
        rounds: that were done.
        mutants: that were tried in them.
        evaluations: runs of one of them on a sample.
        finds: programs right on all demos, and the best of the others; the best first. Each has
            the bodies that were seen in all rounds and do the same.
        problem: why there is nothing, or empty.
        sure_in: the round in which a program was found that is simple enough to be believed; 0
            for none.
    """

    rounds: int
    mutants: int
    evaluations: int
    finds: tuple[Bred, ...]
    problem: str = ""
    sure_in: int = 0

    @property
    def reason(self) -> str:
        """Why no further round was done, in a sentence."""
        if self.problem:
            return f"stopped: {self.problem}"
        after = self.rounds - self.sure_in
        why = f"{_count(self.rounds, 'round')} done"
        if self.sure_in and after:
            why = f"{_count(after, 'round')} after a program of at most {SURE_NODES} nodes"
        exact = sum(find.is_exact for find in self.finds)
        if not exact:
            return f"stopped: {why}"
        verb = "is" if exact == 1 else "are"
        return f"stopped: {why}, found {_count(exact, 'program')} that {verb} right on all demos"


NO_CROP = Crop(0, 0, 0, ())


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")


class Finds:
    """The programs that were found so far: of each behaviour the best."""

    def __init__(self) -> None:
        self._finds: dict[int, Bred] = {}

    def add(self, members: Iterable[Bred]) -> None:
        """Add the members of an island after a round, with the bodies seen in it."""
        for new in members:
            known = self._finds.get(new.behaviour)
            self._finds[new.behaviour] = new if known is None else _joined(known, new)
        best = sorted(self._finds.values(), key=lambda find: find.rank)
        others = [find for find in best if not find.is_exact][:INEXACT_MAX]
        kept = [find for find in best if find.is_exact] + others
        self._finds = {find.behaviour: find for find in kept}

    @property
    def is_sure(self) -> bool:
        """Whether one that is right on all demos is simple enough to be believed."""
        return any(find.is_exact and find.size <= SURE_NODES for find in self._finds.values())

    def all(self) -> tuple[Bred, ...]:
        """Return them, those that are right on all demos first, the best first."""
        return tuple(self._finds.values())


def _joined(known: Bred, new: Bred) -> Bred:
    best = min(known, new, key=lambda find: find.rank)
    return replace(best, bodies=known.bodies + new.bodies)
