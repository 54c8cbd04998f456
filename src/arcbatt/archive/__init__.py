"""The archive: one SQLite file with the best programs of each task, ranked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arcbatt.archive.capacity import CAPACITY
from arcbatt.archive.records import (
    DIFFER,
    KINDS,
    SOLVER,
    AddStatus,
    Entry,
    KeptProgram,
    KeptPrograms,
    NewEntry,
    RunRecord,
    Summary,
)
from arcbatt.archive.store import Archive

if TYPE_CHECKING:
    from arcbatt.archive.check import CheckReport, Problem, ProblemKind, check_archive
    from arcbatt.archive.export import write_programs, write_tree
    from arcbatt.archive.merging import MergedArchives, merge_archives

__all__ = [
    "CAPACITY",
    "DIFFER",
    "KINDS",
    "SOLVER",
    "AddStatus",
    "Archive",
    "CheckReport",
    "Entry",
    "KeptProgram",
    "KeptPrograms",
    "MergedArchives",
    "NewEntry",
    "Problem",
    "ProblemKind",
    "RunRecord",
    "Summary",
    "check_archive",
    "merge_archives",
    "write_programs",
    "write_tree",
]


def __getattr__(name: str) -> Any:
    """Import the modules that check and write archives on first use: a run needs neither."""
    if name in ("write_programs", "write_tree"):
        from arcbatt.archive import export

        return getattr(export, name)
    if name in ("merge_archives", "MergedArchives"):
        from arcbatt.archive import merging

        return getattr(merging, name)
    if name in ("check_archive", "CheckReport", "Problem", "ProblemKind"):
        from arcbatt.archive import check

        return getattr(check, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
