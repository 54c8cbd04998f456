"""Transforms: changes of a task under which a simpler program may fit.

A transform is applied to the grid at hand before a program, and undone on the program's result;
the three together are a program for the original task. Where it changes the grid at hand alone,
nothing has to be undone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.cuts import cut_to_cells
from arcbatt.dsl.geometry import portrait
from arcbatt.dsl.objects import mostcolor
from arcbatt.dsl.types import Grid, Samples, Value
from arcbatt.dsl.values import CallFailure, is_grid
from arcbatt.program.graph import GraphBuilder
from arcbatt.search.views import View
from arcbatt.tasks import Task


@dataclass(frozen=True)
class Transform:
    """A change of the grids of a sample, which depends on its input grid.

    Attributes:
        name: the name in reports.
        cost: the description length that it adds to a program, in bits.
        forward: the primitive that takes a grid and the input grid of its sample to the changed
            grid; without an inverse, the input grid alone; None for the identity.
        inverse: the primitive that undoes it, with the same parameters; None for a change of
            inputs alone, under which the outputs stay as they are.
        changes: function that returns whether the transform changes anything in a task.
        is_late: whether it is left to searches with many evaluations.
    """

    name: str
    cost: int
    forward: str | None
    inverse: str | None
    changes: Callable[[Task], bool]
    is_late: bool = False

    @property
    def is_identity(self) -> bool:
        """Whether it leaves every grid as it is."""
        return self.forward is None

    @property
    def is_of_inputs(self) -> bool:
        """Whether it changes inputs alone, so that nothing has to be undone."""
        return self.forward is not None and self.inverse is None

    def seen(self, given: Grid) -> Grid:
        """Change an input grid.

        Raises CallFailure if the transform can't be applied to it.
        """
        if self.forward is None:
            return given
        return _call(self.forward, *([given] if self.is_of_inputs else [given, given]))

    def wanted(self, output: Grid, given: Grid) -> Grid:
        """Change an output grid of a sample with the input grid ``given``.

        Raises CallFailure if the transform can't be applied to these grids.
        """
        if self.forward is None or self.is_of_inputs:
            return output
        return _call(self.forward, output, given)

    def view(self, task: Task) -> View:
        """Change a task: the inputs and outputs of all samples."""
        demos = self.apply_to(task.S)
        tests = [self.seen(test.input) for test in task.tests]
        inputs = (*(given for given, _ in demos), *tests)
        return View(inputs, tuple(output for _, output in demos), (demos,) * len(inputs))

    def result(self, output: Value, given: Grid) -> Grid | None:
        """Undo the change of an output; return None if that fails or gives no grid."""
        if self.inverse is not None:
            try:
                output = REGISTRY[self.inverse].body(output, given)
            except CallFailure:
                return None
        return output if is_grid(output) else None

    def apply_to(self, demos: Samples) -> Samples:
        """Change inputs and outputs of demos."""
        return tuple((self.seen(given), self.wanted(out, given)) for given, out in demos)

    def add_input(self, builder: GraphBuilder, name: str) -> int:
        """Add the nodes of the changed input ``I`` or ``S``, and return the index of the last."""
        node = builder.input(name)
        if self.forward is None:
            return node
        if name == "S":
            mapper = "map_inputs" if self.is_of_inputs else "map_samples"
            return builder.call(mapper, node, builder.function(self.forward))
        reference = [] if self.is_of_inputs else [node]
        return builder.call(self.forward, node, *reference)

    def add_result(self, builder: GraphBuilder, node: int) -> int:
        """Add the nodes that invert a result, and return the index of the last."""
        if self.inverse is None:
            return node
        return builder.call(self.inverse, node, builder.input("I"))


def _call(primitive: str, *grids: Grid) -> Grid:
    changed: Value = REGISTRY[primitive].body(*grids)
    return changed  # type: ignore[no-any-return]


def _inputs(task: Task) -> list[Grid]:
    return [sample.input for sample in (*task.demos, *task.tests)]


def _has_other_background(task: Task) -> bool:
    return any(mostcolor(grid) != 0 for grid in _inputs(task))


def _has_other_colors(task: Task) -> bool:
    """Return whether samples have different colours, which ranks of colours make equal."""
    palettes = [{cell for row in grid for cell in row} for grid in _inputs(task)]
    return len(set(map(frozenset, palettes))) > 1


def _has_both_formats(task: Task) -> bool:
    return len({portrait(grid) for grid in _inputs(task)}) > 1


def _has_margins(task: Task) -> bool:
    return any(cut_to_cells(grid) != grid for grid in _inputs(task))


TRANSFORMS = (
    Transform("plain", 0, None, None, lambda _: True),
    Transform("background", 6, "swap_background", "swap_background", _has_other_background),
    Transform("ranks", 8, "rank_colors", "unrank_colors", _has_other_colors),
    Transform("landscape", 8, "lay_down", "lay_down", _has_both_formats),
    Transform("separators", 8, "without_separators", "with_separators", lambda _: True),
    Transform("content", 8, "cut_to_cells", None, _has_margins),
    Transform("places", 8, "place_colors", "unplace_colors", _has_other_colors, is_late=True),
)
"""All transforms; the first is the identity."""


def transforms_of(task: Task) -> list[Transform]:
    """List the transforms that change a task and can be applied to its demos and test inputs."""
    fitting = []
    for transform in TRANSFORMS:
        try:
            if transform.changes(task):
                transform.view(task)
                fitting.append(transform)
        except CallFailure:
            continue
    return fitting
