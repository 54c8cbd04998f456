"""Grounds: the cases of a task, for the breeder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from arcbatt.engine import Case
from arcbatt.engine.cases import demo_cases, left_out_cases, test_cases
from arcbatt.tasks import Task


@dataclass(frozen=True)
class Grounds:
    """What programs run on.

    Attributes:
        task: whose samples they are.
        demos: with what is wanted.
        tests: the test inputs.
        probes: for each demo one whose S lacks it, as S lacks the tests; none for a single demo.
    """

    task: Task
    demos: tuple[Case, ...]
    tests: tuple[Case, ...]
    probes: tuple[Case, ...]

    @classmethod
    def of(cls, task: Task) -> Grounds:
        """Make the cases of a task."""
        return cls(
            task=task,
            demos=tuple(demo_cases(task)),
            tests=tuple(test_cases(task)),
            probes=tuple(left_out_cases(task)) if len(task.S) > 1 else (),
        )


def seeds_of(seed: int, number: int, task: str, island: int) -> tuple[int, ...]:
    """Return what the random numbers of an island depend on in a round.

    Args:
        seed: of the run.
        number: of the round.
        task: its id.
        island: its place.
    """
    digest = hashlib.blake2b(task.encode(), digest_size=8).digest()
    return seed % 2**64, number, int.from_bytes(digest, "little"), island
