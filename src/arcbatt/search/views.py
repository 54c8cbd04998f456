"""Views: a task as one search of it sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from arcbatt.dsl.types import Grid, Samples, Value
from arcbatt.program.graph import GraphBuilder
from arcbatt.tasks import Task


@dataclass(frozen=True)
class View:
    """The samples of a task as a search sees them.

    Attributes:
        inputs: the grids at hand, those of the demos first, those of the tests last.
        wanted: the grid that is searched for each demo.
        samples: the demo samples that a program reads, for each of the inputs.
    """

    inputs: tuple[Grid, ...]
    wanted: tuple[Grid, ...]
    samples: tuple[Samples, ...]


class Configuration(Protocol):
    """A way to search for programs for a task: in a view of it, from which the way back is known.

    Attributes:
        cost: the description length that it adds to a program, in bits.
        is_identity: whether the view is the task as it is.
    """

    @property
    def cost(self) -> int: ...  # noqa: D102

    @property
    def is_identity(self) -> bool: ...  # noqa: D102

    def view(self, task: Task) -> View:
        """Return the view of a task."""
        ...

    def add_input(self, builder: GraphBuilder, name: str) -> int:
        """Add the nodes of the input ``I`` or ``S`` of the view; return the index of the last."""
        ...

    def add_result(self, builder: GraphBuilder, node: int) -> int:
        """Add the nodes from a result in the view to that of the task; return the last's index."""
        ...

    def result(self, output: Value, given: Grid) -> Grid | None:
        """Return the output of the task for one of the view; None if that fails.

        Args:
            output: the output in the view.
            given: the input grid of the sample, in the task.
        """
        ...
