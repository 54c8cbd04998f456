"""Induction: rules that are learnt from the demos and written down, tried beside the search.

A learner gets features: expressions over the grid at hand, see `arcbatt.search.features`. What it
learns is a literal about some of them, which a primitive applies: ``by_tree((I, hmirror(I)),
(0, 0, 0, (1,), (0,)))``. A template is the older form: a program of one call, such as
``learn_mosaic(S, I)``, which learns its rule again whenever it runs. As productions both would
end the search at a cost of a few bits, though the rules have many more. So they are tried
apart from the search, with costs that reflect how often such programs that fit all demos are right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from arcbatt.dsl import REGISTRY
from arcbatt.engine import Budget, Engine, Evaluation, Job
from arcbatt.engine.cases import demo_cases, test_cases
from arcbatt.engine.outcome import EXACT, Case
from arcbatt.program.graph import GraphBuilder, Program
from arcbatt.search.features import PLAIN, Base, bases_of
from arcbatt.search.transforms import Transform, transforms_of
from arcbatt.tasks import Task

if TYPE_CHECKING:
    from arcbatt.engine.native_induction import Graph, LearntRule

BUDGET = Budget(sample_seconds=None)
"""Fuel is the only limit, so that results are the same on every machine."""


@dataclass(frozen=True)
class Fitting:
    """A program that is right on all demos of a task.

    Attributes:
        program: the program.
        cost: the description length of the program with the rule that it follows, in bits.
        missed: the number of demos that are not made by what is learnt without them; None where
            they were not counted.
    """

    program: Program
    cost: float
    missed: int | None = None


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


def fit_learners(tasks: Sequence[Task], engine: Engine, *, threads: int = 1) -> list[list[Fitting]]:
    """List for each task the programs of learners that are right on all demos.

    A program that fails on a test input is left out.

    Args:
        tasks: the tasks to fit.
        engine: the engine that runs the programs.
        threads: number of threads, 1 or more; the results do not depend on it.
    """
    transforms = [[one for one in transforms_of(task) if not one.is_late] for task in tasks]
    learnt = _learn(tasks, transforms, threads)
    tried = [_instantiate(its) for its in transforms]
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
    for task, rules, programs in zip(tasks, learnt, tried, strict=True):
        first: dict[str, Fitting] = {}
        for name, program, cost in programs:
            if _fits(next(evaluations), len(task.demos)):
                first.setdefault(name, Fitting(program, cost))
        fitting.append([*first.values(), *rules])
    return fitting


@dataclass(frozen=True)
class Setting:
    """A way to learn a rule: under a transform, about features of a picture.

    Attributes:
        transform: the transform of the task.
        base: the pictures that the features are about.
    """

    transform: Transform
    base: Base

    @property
    def cost(self) -> int:
        """The description length that it adds to a rule, in bits."""
        return self.transform.cost + self.base.bits

    def _add_features(self, builder: GraphBuilder, numbers: Sequence[int]) -> list[int]:
        """Add the nodes of some features, and return the index of the last of each."""
        grid = self.transform.add_input(builder, "I")
        pictures = [picture.add(builder, grid) for picture in self.base.pictures]
        chosen = [self.base.features[number] for number in numbers]
        return [feature.add(builder, pictures[place]) for place, feature in chosen]

    def graph(self) -> Graph:
        """Return the expressions of all features."""
        from arcbatt.engine.native_induction import Graph

        builder = GraphBuilder()
        roots = self._add_features(builder, range(len(self.base.features)))
        return Graph(tuple(builder.nodes), tuple(roots))

    def program(self, learner: Learner, rule: LearntRule) -> Program:
        """Return the program that follows a rule."""
        builder = GraphBuilder()
        features = self._add_features(builder, rule.features)
        made = features[0]
        if rule.literal != COPY:
            argument = made if learner.takes_picture else builder.tuple_of(*features)
            made = builder.call(learner.primitive, argument, builder.constant(rule.literal))
        return builder.program(self.transform.add_result(builder, made))


@lru_cache(100)
def _graph(setting: Setting) -> Graph:
    return setting.graph()


COPY = (0,)
"""The tree that copies the first plane: the plane itself is the program."""
PICTURE_TRANSFORMS = ("plain", "background")
"""The transforms under which rules about the grid as it is are learnt: they name no other colours
than the background."""


@dataclass(frozen=True)
class Learner:
    """A learner of the engine.

    Attributes:
        name: its name.
        primitive: the primitive that applies its rules.
        bits: the description length of a rule beside its literal and features, in bits.
        takes_picture: whether its rules are about the grid at hand as it is, which the primitive
            takes in the place of a tuple of features.
    """

    name: str
    primitive: str
    bits: int
    takes_picture: bool = False

    def settings(self, task: Task, transforms: Sequence[Transform]) -> Iterator[Setting]:
        """Yield the ways to learn a rule for a task under its transforms."""
        for transform in transforms:
            if not self.takes_picture:
                for base in bases_of(transform.apply_to(task.S)):
                    yield Setting(transform, base)
            elif transform.name in PICTURE_TRANSFORMS:
                yield Setting(transform, PLAIN)


LEARNERS = (
    Learner("trees", "by_tree", 20),
    Learner("objects", "by_objects", 12, takes_picture=True),
)
"""All learners."""


def _learn(
    tasks: Sequence[Task], transforms: Sequence[Sequence[Transform]], threads: int
) -> list[list[Fitting]]:
    """List for each task the programs that follow rules learnt under its transforms."""
    from arcbatt.engine.native_induction import InductionProblem, induce

    tried = [
        (place, learner, setting)
        for place, task in enumerate(tasks)
        for learner in LEARNERS
        for setting in learner.settings(task, transforms[place])
    ]
    problems = [
        InductionProblem(
            learner.name,
            _graph(setting),
            [*_cases(setting.transform, tasks[place]), *test_cases(tasks[place])],
            kinds=[feature.kind for _, feature in setting.base.features],
            bits=[feature.bits for _, feature in setting.base.features],
        )
        for place, learner, setting in tried
    ]
    learnt = induce(
        problems,
        node_fuel=BUDGET.node_fuel,
        value_leaves=BUDGET.value_leaves,
        threads=threads,
    )
    fitting: list[list[Fitting]] = [[] for _ in tasks]
    for (place, learner, setting), rules in zip(tried, learnt, strict=True):
        fitting[place] += [
            Fitting(
                setting.program(learner, rule),
                learner.bits + setting.cost + rule.bits,
                rule.missed,
            )
            for rule in rules
        ]
    return fitting


def _cases(transform: Transform, task: Task) -> list[Case]:
    """Make one case per demo; its output under a transform is the wanted grid."""
    return [
        Case(S=task.S, I=given, wanted=transform.wanted(wanted, given)) for given, wanted in task.S
    ]


def _instantiate(transforms: Sequence[Transform]) -> list[tuple[str, Program, int]]:
    """List name, program and cost of each template under each of some transforms."""
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
