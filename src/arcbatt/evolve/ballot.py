"""Ballot: what the programs of a task that a run has found count for their test outputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from arcbatt.engine.breeder import Bred

NODES_TO_HALVE = 4
"""A program with so many nodes more counts half as much."""


def weigh(bodies: int, size: int, all_bodies: int) -> float:
    """Return what a program that is right on all demos counts for its outputs.

    Args:
        bodies: that were seen and do what it does.
        size: in nodes.
        all_bodies: that were seen and are right on all demos.
    """
    return bodies / all_bodies * float(2 ** (-size / NODES_TO_HALVE))


@dataclass
class Ballot:
    """The behaviours that are right on all demos, and who shows them.

    Attributes:
        bodies: of each behaviour, how many were seen in all rounds.
        sizes: nodes of the smallest program of each behaviour.
        shown: behaviours of the programs that the archive was told, by md5.
        waiting: md5s of programs that it was told and whose behaviour is not known yet, by line.
    """

    bodies: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read what `dataclasses.asdict` made of one; of nothing make an empty one."""
        return cls(
            bodies={str(name): int(count) for name, count in document.get("bodies", {}).items()},
            sizes={str(name): int(size) for name, size in document.get("sizes", {}).items()},
            shown={str(md5): str(name) for md5, name in document.get("shown", {}).items()},
            waiting={str(line): str(md5) for line, md5 in document.get("waiting", {}).items()},
        )

    def count(self, members: Iterable[Bred]) -> None:
        """Count what an island has after a round, with the bodies that were seen in it."""
        for each in members:
            if each.is_exact:
                name = str(each.behaviour)
                self.bodies[name] = self.bodies.get(name, 0) + each.bodies
                self.sizes[name] = min(self.sizes.get(name, each.size), each.size)
                md5 = self.waiting.pop(each.line, None)
                if md5 is not None:
                    self.shown[md5] = name

    def tell(self, md5: str, line: str, behaviour: int | None) -> None:
        """Note that the archive is told of a program; None for a behaviour not known yet."""
        if behaviour is None:
            self.waiting[line] = md5
        else:
            self.shown[md5] = str(behaviour)

    @property
    def votes(self) -> dict[str, float]:
        """What the programs count that the archive was told, by md5."""
        total = sum(self.bodies.values())
        return {
            md5: weigh(self.bodies[name], self.sizes[name], total)
            for md5, name in self.shown.items()
            if name in self.bodies
        }
