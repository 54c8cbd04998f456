"""Views: other ways to look at a task, under which a simpler program fits.

A view changes the grid at hand before a program and the result after it, so that what is found is
one program for the task as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.geometry import portrait
from arcbatt.dsl.objects import mostcolor
from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import CallFailure
from arcbatt.program.graph import GraphBuilder
from arcbatt.tasks import Task


@dataclass(frozen=True)
class View:
    """A way to look at a task.

    Attributes:
        name: for reports.
        cost: bits of description that it adds to a program.
        seeing: the primitive that takes a grid and the input that belongs to it to the grid as it
            is seen; None if that is the grid.
        unseeing: the primitive that undoes it; None if nothing is to be undone.
        fits: tells whether it shows something new of a task.
    """

    name: str
    cost: int
    seeing: str | None
    unseeing: str | None
    fits: Callable[[Task], bool]

    def look(self, grid: Grid, given: Grid) -> Grid:
        """Return a grid as it is seen, with the input that belongs to it."""
        if self.seeing is None:
            return grid
        seen: Value = REGISTRY[self.seeing].body(grid, given)
        return seen  # type: ignore[no-any-return]

    def before(self, builder: GraphBuilder, node: int, name: str) -> int:
        """Add the nodes that make an input, the grid at hand or the demo samples, seen."""
        if self.seeing is None:
            return node
        if name == "S":
            return builder.call("map_samples", node, builder.function(self.seeing))
        return builder.call(self.seeing, node, builder.input("I"))

    def after(self, builder: GraphBuilder, node: int) -> int:
        """Add the nodes that make the result unseen."""
        if self.unseeing is None:
            return node
        return builder.call(self.unseeing, node, builder.input("I"))


def _grids(task: Task) -> list[Grid]:
    return [sample.input for sample in (*task.demos, *task.tests)]


def _has_other_background(task: Task) -> bool:
    return any(mostcolor(grid) != 0 for grid in _grids(task))


def _has_other_colors(task: Task) -> bool:
    """Tell whether renaming by frequency gives samples colours in common that they lacked."""
    palettes = [{cell for row in grid for cell in row} for grid in _grids(task)]
    return len(set(map(frozenset, palettes))) > 1


def _has_both_formats(task: Task) -> bool:
    return len({portrait(grid) for grid in _grids(task)}) > 1


VIEWS = (
    View("plain", 0, None, None, lambda _: True),
    View("background", 6, "swap_background", "swap_background", _has_other_background),
    View("ranks", 8, "rank_colors", "unrank_colors", _has_other_colors),
    View("landscape", 8, "lay_down", "lay_down", _has_both_formats),
)
"""All views; the first is the task as it is."""


def views_of(task: Task) -> list[View]:
    """List the views that show something of a task."""
    fitting = []
    for view in VIEWS:
        try:
            if view.fits(task):
                for sample in task.demos:
                    view.look(sample.input, sample.input)
                    if sample.output is not None:
                        view.look(sample.output, sample.input)
                fitting.append(view)
        except CallFailure:
            continue
    return fitting
