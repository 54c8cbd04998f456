"""The programs that are kept, per task, ranked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arcbatt.archive.ranking import CAPACITY
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
    from arcbatt.archive.check import check_archive
    from arcbatt.archive.report import CheckReport, Problem, ProblemKind

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
    "NewEntry",
    "Problem",
    "ProblemKind",
    "RunRecord",
    "Summary",
    "check_archive",
]


def __getattr__(name: str) -> Any:
    """Import what checks archives when it is first asked for: a run has no use for it."""
    if name == "check_archive":
        from arcbatt.archive import check

        return check.check_archive
    if name in ("CheckReport", "Problem", "ProblemKind"):
        from arcbatt.archive import report

        return getattr(report, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
