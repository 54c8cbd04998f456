"""Learners: programs of one call that learn all they do from the demos, tried on every task.

What such a call learns is worth more bits than the call, so its cost is not that of a move: it is
set by how often the programs of one learner that fit all demos are right. Within the search they
would end it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arcbatt.engine import Budget, Case, Evaluation, Job, open_engine
from arcbatt.engine.outcome import EXACT
from arcbatt.program.graph import GraphBuilder, Program
from arcbatt.tasks import Task

BUDGET = Budget(sample_seconds=None)
"""Fuel is the only bound: time would depend on the machine."""


@dataclass(frozen=True)
class Learner:
    """A program of one call.

    Attributes:
        name: of the primitive.
        numbers: its arguments between the demos and the grid at hand.
        cost: bits that a program of it counts for.
    """

    name: str
    numbers: tuple[int, ...]
    cost: int

    @property
    def program(self) -> Program:
        """The call on the demos and the grid at hand."""
        builder = GraphBuilder()
        numbers = [builder.constant(number) for number in self.numbers]
        call = builder.call(self.name, builder.input("S"), *numbers, builder.input("I"))
        return builder.program(call)


LEARNERS = (
    Learner("learn_tiles", (), 16),
    Learner("learn_pick", (), 20),
    Learner("learn_cells", (1,), 28),
    Learner("learn_cells", (2,), 64),
)
"""All learners. Of those of one primitive the first that fits counts: what the next would learn
is the same or less sure."""


def fit_learners(tasks: Sequence[Task], *, threads: int = 1) -> list[list[tuple[Program, int]]]:
    """List the learners that are right on all demos of each task, with their costs."""
    programs = [learner.program for learner in LEARNERS]
    evaluations = iter(
        open_engine("native").evaluate(
            [Job(program, _cases(task)) for task in tasks for program in programs],
            BUDGET,
            threads=threads,
        )
    )
    fitting = []
    for task in tasks:
        found: dict[str, tuple[Program, int]] = {}
        for learner, program in zip(LEARNERS, programs, strict=True):
            if _fits(next(evaluations), len(task.demos)):
                found.setdefault(learner.name, (program, learner.cost))
        fitting.append(list(found.values()))
    return fitting


def _cases(task: Task) -> list[Case]:
    demos = [Case(task.S, given, wanted=wanted) for given, wanted in task.S]
    return [*demos, *(Case(task.S, test.input) for test in task.tests)]


def _fits(evaluation: Evaluation, demos: int) -> bool:
    outcomes = [outcome for (outcome,) in evaluation.outcomes]
    return all(outcome.score == EXACT for outcome in outcomes[:demos]) and not any(
        outcome.failure for outcome in outcomes[demos:]
    )
