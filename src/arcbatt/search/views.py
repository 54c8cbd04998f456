"""Views: other ways to look at a task, under which a simpler program fits.

A view changes the grid at hand before a program and the result after it, so that what is found is
one program for the task as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from arcbatt.dsl.geometry import dmirror, portrait
from arcbatt.dsl.grids import switch
from arcbatt.dsl.objects import mostcolor
from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import CallFailure
from arcbatt.dsl.views import rank_colors
from arcbatt.program.graph import GraphBuilder
from arcbatt.tasks import Task

Add = Callable[[GraphBuilder, int], int]
"""Adds nodes to a graph, given the node of a grid, and returns the node of the result."""


@dataclass(frozen=True)
class View:
    """A way to look at a task.

    Attributes:
        name: for reports.
        cost: bits of description that it adds to a program.
        look: takes a grid and the input that belongs to it to the grid as it is seen.
        before: adds the nodes that make the grid at hand seen.
        after: adds the nodes that make the result unseen.
        keeps_samples: whether the demo samples mean the same under it.
        fits: tells whether it shows something new of a task.
    """

    name: str
    cost: int
    look: Callable[[Grid, Grid], Grid]
    before: Add
    after: Add
    keeps_samples: bool
    fits: Callable[[Task], bool]


def _identity(builder: GraphBuilder, node: int) -> int:
    return node


def _swap_background(builder: GraphBuilder, node: int) -> int:
    zero = builder.constant(0)
    background = builder.call("mostcolor", builder.input("I"))
    return builder.call("switch", node, zero, background)


def _rank(builder: GraphBuilder, node: int) -> int:
    return builder.call("rank_colors", node, builder.input("I"))


def _unrank(builder: GraphBuilder, node: int) -> int:
    return builder.call("unrank_colors", node, builder.input("I"))


def _lay_down(builder: GraphBuilder, node: int) -> int:
    stands = builder.call("portrait", builder.input("I"))
    return builder.call("branch", stands, builder.call("dmirror", node), node)


def _as_landscape(grid: Grid, given: Grid) -> Grid:
    if not portrait(given):
        return grid
    seen: Value = dmirror(grid)
    return seen  # type: ignore[no-any-return]


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
    View("plain", 0, lambda grid, _: grid, _identity, _identity, True, lambda _: True),
    View(
        "background",
        6,
        lambda grid, given: switch(grid, 0, mostcolor(given)),
        _swap_background,
        _swap_background,
        False,
        _has_other_background,
    ),
    View("ranks", 8, rank_colors, _rank, _unrank, False, _has_other_colors),
    View(
        "landscape",
        8,
        _as_landscape,
        _lay_down,
        _lay_down,
        False,
        _has_both_formats,
    ),
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
