"""The programs that are kept, per task, ranked."""

from __future__ import annotations

from arcbatt.archive.check import check_archive
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
from arcbatt.archive.report import CheckReport, Problem, ProblemKind
from arcbatt.archive.store import Archive

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
