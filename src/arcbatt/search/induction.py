"""Induction: templates that learn their rule from the demos, tried beside the search.

A template is a program of one call, such as ``learn_mosaic(S, I)``. As a production it would end
the search at a cost of a few bits, though the rule that it learns has many more. So it is tried
apart from the search, with a cost that reflects how often its programs that fit all demos are
right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arcbatt.dsl import REGISTRY
from arcbatt.engine import Budget, Engine, Evaluation, Job
from arcbatt.engine.cases import demo_cases, test_cases
from arcbatt.engine.outcome import EXACT
from arcbatt.program.graph import GraphBuilder, Program
from arcbatt.search.transforms import Transform, transforms_of
from arcbatt.tasks import Task

BUDGET = Budget(sample_seconds=None)
"""Fuel is the only limit, so that results are the same on every machine."""


@dataclass(frozen=True)
class Template:
    """A program of one call that learns a rule from the demos and applies it to the grid at hand.

    Attributes:
        name: the name of the primitive.
        cost: description length of the call and the rule that it learns, in bits.
        numbers: the integer arguments between the demos and the grid.
        takes_transforms: whether a transform of the task can change the rule that it learns.
    """

    name: str
    cost: int
    numbers: tuple[int, ...] = ()
    takes_transforms: bool = True

    def program(self, transform: Transform) -> Program:
        """Return the program for a task under a transform."""
        builder = GraphBuilder()
        samples, grid = (transform.add_input(builder, name) for name in "SI")
        numbers = [builder.constant(number) for number in self.numbers]
        call = builder.call(self.name, samples, *numbers, grid)
        return builder.program(transform.add_result(builder, call))


TEMPLATES = tuple(
    Template(primitive.name, call.bits, call.numbers, takes_transforms=call.transforms)
    for primitive in REGISTRY.values()
    for call in primitive.facts.learner
)
"""All templates, in order. For each primitive only the first program that fits all demos is used;
later ones would learn the same rule or a less certain one."""


def fit_learners(
    tasks: Sequence[Task], engine: Engine, *, threads: int = 1
) -> list[list[tuple[Program, int]]]:
    """List for each task the programs of templates that are right on all demos, with their costs.

    A program that fails on a test input is left out.

    Args:
        tasks: the tasks to fit.
        engine: the engine that runs the programs.
        threads: number of threads, 1 or more; the results do not depend on it.
    """
    tried = [_instantiate(task) for task in tasks]
    evaluations = iter(
        engine.evaluate(
            [
                Job(program, cases)
                for task, programs in zip(tasks, tried, strict=True)
                for cases in [[*demo_cases(task), *test_cases(task)]]
                for _, program, _ in programs
            ],
            BUDGET,
            threads=threads,
        )
    )
    fitting = []
    for task, programs in zip(tasks, tried, strict=True):
        first: dict[str, tuple[Program, int]] = {}
        for name, program, cost in programs:
            if _fits(next(evaluations), len(task.demos)):
                first.setdefault(name, (program, cost))
        fitting.append(list(first.values()))
    return fitting


def _instantiate(task: Task) -> list[tuple[str, Program, int]]:
    """List name, program and cost of each template under each transform of a task."""
    transforms = [one for one in transforms_of(task) if not one.is_late]
    return [
        (template.name, template.program(transform), template.cost + transform.cost)
        for template in TEMPLATES
        for transform in transforms
        if template.takes_transforms or transform.is_identity
    ]


def _fits(evaluation: Evaluation, demos: int) -> bool:
    outcomes = [outcome for (outcome,) in evaluation.outcomes]
    return all(outcome.score == EXACT for outcome in outcomes[:demos]) and not any(
        outcome.failure for outcome in outcomes[demos:]
    )
