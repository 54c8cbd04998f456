"""Finds readable programs that solve ARC-AGI tasks.

The names below are the public ones; each is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arcbatt.archive import Archive as Archive
    from arcbatt.dsl import REGISTRY as REGISTRY
    from arcbatt.engine import Budget as Budget
    from arcbatt.engine import Case as Case
    from arcbatt.engine import Job as Job
    from arcbatt.engine import open_engine as open_engine
    from arcbatt.errors import ArcbattError as ArcbattError
    from arcbatt.evaluation.task import Solution as Solution
    from arcbatt.interface import evaluate as evaluate
    from arcbatt.interface import explain as explain
    from arcbatt.interface import solve as solve
    from arcbatt.program.merge import Batt as Batt
    from arcbatt.program.merge import load_batt as load_batt
    from arcbatt.program.merge import merge as merge
    from arcbatt.program.merge import save_batt as save_batt
    from arcbatt.program.parse import parse_file as parse_file
    from arcbatt.program.parse import parse_program as parse_program
    from arcbatt.program.render import render as render
    from arcbatt.tasks import Task as Task
    from arcbatt.tasks import load_dataset as load_dataset

_HOMES = {
    "Archive": "arcbatt.archive",
    "ArcbattError": "arcbatt.errors",
    "Batt": "arcbatt.program.merge",
    "Budget": "arcbatt.engine",
    "Case": "arcbatt.engine",
    "Job": "arcbatt.engine",
    "REGISTRY": "arcbatt.dsl",
    "Solution": "arcbatt.evaluation.task",
    "Task": "arcbatt.tasks",
    "evaluate": "arcbatt.interface",
    "explain": "arcbatt.interface",
    "load_batt": "arcbatt.program.merge",
    "load_dataset": "arcbatt.tasks",
    "merge": "arcbatt.program.merge",
    "open_engine": "arcbatt.engine",
    "parse_file": "arcbatt.program.parse",
    "parse_program": "arcbatt.program.parse",
    "render": "arcbatt.program.render",
    "save_batt": "arcbatt.program.merge",
    "solve": "arcbatt.interface",
}

__all__ = [
    "REGISTRY",
    "ArcbattError",
    "Archive",
    "Batt",
    "Budget",
    "Case",
    "Job",
    "Solution",
    "Task",
    "evaluate",
    "explain",
    "load_batt",
    "load_dataset",
    "merge",
    "open_engine",
    "parse_file",
    "parse_program",
    "render",
    "save_batt",
    "solve",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("arcbatt")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
