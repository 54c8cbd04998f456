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
from arcbatt.dsl.transforms import without_separators
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

    def seen(self, given: Grid) -> Grid:
        """Change an input grid.

        Raises CallFailure if the transform can't be applied to it.
        """
        if self.forward is None:
            return given
        args = (given, given) if self.inverse else (given,)
        changed: Value = REGISTRY[self.forward].body(*args)
        return changed  # type: ignore[no-any-return]

    def wanted(self, output: Grid, given: Grid) -> Grid:
        """Change an output grid of a sample with the input grid ``given``.

        Raises CallFailure if the transform can't be applied to these grids.
        """
        if self.forward is None or self.inverse is None:
            return output
        changed: Value = REGISTRY[self.forward].body(output, given)
        return changed  # type: ignore[no-any-return]

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
            mapper = "map_samples" if self.inverse else "map_inputs"
            return builder.call(mapper, node, builder.function(self.forward))
        given = [builder.input("I")] if self.inverse else []
        return builder.call(self.forward, node, *given)

    def add_result(self, builder: GraphBuilder, node: int) -> int:
        """Add the nodes that invert a result, and return the index of the last."""
        if self.inverse is None:
            return node
        return builder.call(self.inverse, node, builder.input("I"))


def _inputs(task: Task) -> list[Grid]:
    return [sample.input for sample in (*task.demos, *task.tests)]


def _has_other_background(task: Task) -> bool:
    return any(mostcolor(grid) != 0 for grid in _inputs(task))


def _has_other_colors(task: Task) -> bool:
    """Return whether samples have different colours, which ranks of colours make equal."""
    palettes = [{cell for row in grid for cell in row} for grid in _inputs(task)]
    return len(set(map(frozenset, palettes))) > 1


def _has_colored_separators(task: Task) -> bool:
    try:
        for grid in _inputs(task):
            without_separators(grid, grid)
    except CallFailure:
        return False
    return True


def _has_both_formats(task: Task) -> bool:
    return len({portrait(grid) for grid in _inputs(task)}) > 1


def _has_margins(task: Task) -> bool:
    try:
        return any(cut_to_cells(grid) != grid for grid in _inputs(task))
    except CallFailure:
        return False


TRANSFORMS = (
    Transform("plain", 0, None, None, lambda _: True),
    Transform("background", 6, "swap_background", "swap_background", _has_other_background),
    Transform("ranks", 8, "rank_colors", "unrank_colors", _has_other_colors),
    Transform("landscape", 8, "lay_down", "lay_down", _has_both_formats),
    Transform("separators", 8, "without_separators", "with_separators", _has_colored_separators),
    Transform("content", 8, "cut_to_cells", None, _has_margins),
    Transform("places", 8, "place_colors", "unplace_colors", _has_other_colors, is_late=True),
)
"""All transforms; the first is the identity."""


def transforms_of(task: Task) -> list[Transform]:
    """List the transforms that change a task and can be applied to all its demos."""
    fitting = []
    for transform in TRANSFORMS:
        try:
            if transform.changes(task):
                transform.apply_to(task.S)
                fitting.append(transform)
        except CallFailure:
            continue
    return fitting
