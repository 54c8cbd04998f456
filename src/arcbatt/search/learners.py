"""Learners: programs of one call that learn all they do from the demos, tried on every task.

What such a call learns is worth more bits than the call, so its cost is not that of a move: it is
set by how often the programs of one learner that fit all demos are right. Within the search they
would end it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arcbatt.engine import Evaluation, Job, open_engine
from arcbatt.engine.cases import demo_cases, test_cases
from arcbatt.engine.outcome import EXACT
from arcbatt.program.graph import GraphBuilder, Program
from arcbatt.search.symmetry import BUDGET
from arcbatt.search.views import View, views_of
from arcbatt.tasks import Task


@dataclass(frozen=True)
class Learner:
    """A program of one call on the demos and the grid at hand.

    Attributes:
        name: of the primitive.
        cost: bits that a program of it counts for.
        numbers: its arguments between the demos and the grid.
        takes_views: whether it sees something else of a task under another view.
    """

    name: str
    cost: int
    numbers: tuple[int, ...] = ()
    takes_views: bool = True

    def program(self, view: View) -> Program:
        """Write it under a view."""
        builder = GraphBuilder()
        samples, grid = (view.before(builder, builder.input(name), name) for name in "SI")
        numbers = [builder.constant(number) for number in self.numbers]
        call = builder.call(self.name, samples, *numbers, grid)
        return builder.program(view.after(builder, call))


LEARNERS = (
    Learner("learn_mosaic", 16),
    Learner("learn_pick", 16),
    Learner("learn_answer", 16),
    Learner("learn_stamps", 20),
    Learner("learn_cells", 28, (1,), takes_views=False),
    Learner("learn_cells", 64, (2,), takes_views=False),
)
"""All learners. Of those of one primitive the first that fits counts, under its first view: what
the next would learn is the same or less sure."""


def fit_learners(tasks: Sequence[Task], *, threads: int = 1) -> list[list[tuple[Program, int]]]:
    """List the learners that are right on all demos of each task, with their costs."""
    tried = [_tried(task) for task in tasks]
    evaluations = iter(
        open_engine("native").evaluate(
            [
                Job(program, cases)
                for task, learners in zip(tasks, tried, strict=True)
                for cases in [[*demo_cases(task), *test_cases(task)]]
                for _, program, _ in learners
            ],
            BUDGET,
            threads=threads,
        )
    )
    fitting = []
    for task, learners in zip(tasks, tried, strict=True):
        found: dict[str, tuple[Program, int]] = {}
        for name, program, cost in learners:
            if _fits(next(evaluations), len(task.demos)):
                found.setdefault(name, (program, cost))
        fitting.append(list(found.values()))
    return fitting


def _tried(task: Task) -> list[tuple[str, Program, int]]:
    """List what is tried for a task: names, programs and costs."""
    views = views_of(task)
    return [
        (learner.name, learner.program(view), learner.cost + view.cost)
        for learner in LEARNERS
        for view in views
        if learner.takes_views or view.seeing is None
    ]


def _fits(evaluation: Evaluation, demos: int) -> bool:
    outcomes = [outcome for (outcome,) in evaluation.outcomes]
    return all(outcome.score == EXACT for outcome in outcomes[:demos]) and not any(
        outcome.failure for outcome in outcomes[demos:]
    )
