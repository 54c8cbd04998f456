"""Showing: objects that draw themselves in a notebook, without importing what draws them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arcbatt.inspect import Walk
    from arcbatt.program.graph import Program
    from arcbatt.tasks import Task


class Shown:
    """An object that a notebook shows as a picture or a page; see `arcbatt.report.notebook`."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        # By name, since what draws comes after what is drawn.
        html: str = import_module("arcbatt.report.notebook").html_of(self)
        return html


class Explained(Shown):
    """A program, which can be explained on a task; see `arcbatt.interface.explain`."""

    __slots__ = ()

    name: str
    program: Program

    def __str__(self) -> str:
        text: str = import_module("arcbatt.program.render").render(self.program, name=self.name)
        return text.rstrip("\n")

    def explain(self, task: Task, sample: str = "demo 1") -> Walk:
        """Run the program on a sample of a task and return the value of each line."""
        walk: Walk = import_module("arcbatt.interface").explain(self, task, sample)
        return walk
