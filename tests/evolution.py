"""What tests of evolution share: a small run on the tasks and programs of the place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from arcbatt.evolve.request import Request


def small_request(name: str, **changes: Any) -> Request:
    """Return a request for a few rounds with few mutants, that keeps programs in an archive.

    Args:
        name: of the archive's folder.
        changes: other settings.
    """
    settings: dict[str, Any] = {
        "dataset": "tasks",
        "archive": Path(name),
        "library": (Path("programs.py"),),
        "sources": ("archive",),
        "rounds": 3,
        "mutants": 60,
        "population": 12,
        "keep_solved": True,
    }
    return Request(**(settings | changes))
