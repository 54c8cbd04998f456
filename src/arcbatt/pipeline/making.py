"""Making: sources that make programs for single tasks out of what others have dealt to them.

The pipeline comes before evolution, so it knows no more of it than this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from arcbatt.batt import Batt
from arcbatt.engine import Budget, Engine, Job
from arcbatt.engine.outcome import EXACT
from arcbatt.pipeline.work import Card, Work
from arcbatt.search.run import Limits
from arcbatt.tasks import Task

LEFT_OUT = "left out: another source has a program that fits all demos"
"""Why nothing is made for a task."""
BRIEFLY = 4
"""Where a program of the library or a file fits, search may try so manieth part of the nodes."""


@dataclass(frozen=True)
class Made:
    """What was made for a task, and why it ended, in a sentence."""

    card: Card
    reason: str


class Maker(Protocol):
    """Makes programs for tasks.

    Attributes:
        source: its name.
        spares_fitting: whether tasks are left out that a program of another source fits.
    """

    @property
    def source(self) -> str: ...  # pragma: no cover  # noqa: D102

    @property
    def spares_fitting(self) -> bool: ...  # pragma: no cover  # noqa: D102

    def make(self, tasks: Sequence[tuple[Task, Card]]) -> list[Made]:
        """Make programs for tasks, each with what other sources have dealt to it.

        What is made for a task does not depend on the others.
        """
        ...  # pragma: no cover


class MakerPlan(Protocol):
    """How programs are to be made."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """What changes what is made; JSON can hold it."""
        ...  # pragma: no cover

    def open(self, parents: Card, *, engine: Engine, threads: int) -> Maker:
        """Get ready to make programs.

        Args:
            parents: programs that others are made from, for every task.
            engine: what evaluates them.
            threads: how many may run at once.
        """
        ...  # pragma: no cover


def brief_limits(limits: Limits) -> Limits:
    """Return how long to search for a task that a program of the library or a file fits."""
    return replace(limits, nodes=max(1, limits.nodes // BRIEFLY))


def find_fitting(
    tasks: Sequence[Task], card: Card, batt: Batt, engine: Engine, budget: Budget, *, threads: int
) -> set[str]:
    """Return the ids of the tasks that a program of a card is right on all demos of.

    Args:
        tasks: to look at.
        card: with the programs.
        batt: of the card.
        engine: what evaluates.
        budget: bounds of that.
        threads: how many samples may run at once.
    """
    if not card:
        return set()
    jobs = [Job(batt.graph, Work(task).demo_cases) for task in tasks]
    evaluations = engine.evaluate(jobs, budget, threads=threads)
    return {
        task.id
        for task, evaluation in zip(tasks, evaluations, strict=True)
        if any(
            set(scores) == {EXACT}
            for scores in zip(*map(evaluation.scores_of, range(len(task.demos))), strict=True)
        )
    }
