"""Tables and JSON of `batt archive`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.table import Table

from arcbatt.archive import CheckReport, Entry, MergedArchives, Summary
from arcbatt.report.tables import count, new_table

PROBLEMS_MAX = 20
"""Largest number of problems of an archive that are listed."""


def best_table(best: Iterable[tuple[Entry, int]]) -> Table:
    """List tasks, each with its best program and its number of programs."""
    table = new_table("task", ">programs", ">demos right", ">o_score", ">nodes", "best program")
    for entry, programs in best:
        table.add_row(
            str(entry.task),
            str(programs),
            _demos_right(entry),
            str(entry.score.total),
            str(entry.size),
            entry.md5,
            style="green" if entry.score.is_exact else "",
        )
    return table


def entries_table(entries: Iterable[Entry]) -> Table:
    """List programs with their data, the best first."""
    table = new_table(
        "task", ">demos right", ">o_score", ">nodes", ">fuel", ">ms", "program", "~source"
    )
    for entry in entries:
        table.add_row(
            str(entry.task),
            _demos_right(entry),
            str(entry.score.total),
            str(entry.size),
            str(entry.fuel),
            f"{entry.nanoseconds / 1e6:.2f}",
            entry.md5,
            entry.source,
            style="green" if entry.score.is_exact else "",
        )
    return table


def _demos_right(entry: Entry) -> str:
    return f"{entry.score.demos_right} of {len(entry.score.demos)}"


def entry_document(entry: Entry) -> dict[str, Any]:
    """Return an entry as JSON: ``task``, ``content``, ``kind``, ``md5``, scores, ``size`` ..."""
    return {
        "task": entry.task.id,
        "content": entry.task.content or None,
        "kind": entry.kind,
        "md5": entry.md5,
        "o_score": entry.score.total,
        "demos_right": entry.score.demos_right,
        "demos": len(entry.score.demos),
        "size": entry.size,
        "fuel": entry.fuel,
        "nanoseconds": entry.nanoseconds,
        "source": entry.source,
        "weight": entry.weight,
    }


def best_document(best: Iterable[tuple[Entry, int]]) -> list[dict[str, Any]]:
    """Return the best programs as JSON: an entry each, with the number of ``programs``."""
    return [{**entry_document(entry), "programs": programs} for entry, programs in best]


def summary_sentence(summary: Summary) -> str:
    """Sum up an archive in one sentence."""
    return (
        f"{count(summary.tasks, 'task')}, {summary.solved} with an exact solver;"
        f" {count(summary.solvers, 'solver')}, {count(summary.differs, 'differ')},"
        f" {count(summary.runs, 'run')} on record"
    )


def merged_sentence(merged: MergedArchives, output: Path) -> str:
    """Sum up a merge in one sentence."""
    return (
        f"{output}: {count(merged.kept, 'entry')}; of {count(merged.read, 'entry')} read,"
        f" {merged.added} new or better; {count(merged.runs, 'run')} added"
    )


def merged_document(merged: MergedArchives, output: Path) -> dict[str, Any]:
    """Return a merge as JSON: ``archive``, ``read``, ``added``, ``kept``, ``runs`` and more."""
    return {
        "archive": str(output),
        "read": merged.read,
        "added": merged.added,
        "kept": merged.kept,
        "runs": merged.runs,
        "left_out": len(merged.broken),
    }


def check_lines(report: CheckReport) -> Iterable[str]:
    """Yield a line for each problem, of many the first ones, then a summary."""
    yield from map(str, report.problems[:PROBLEMS_MAX])
    if len(report.problems) > PROBLEMS_MAX:
        yield f"... and {len(report.problems) - PROBLEMS_MAX} more, which --json lists"
    mended = len(report.problems) - len(report.unmended)
    verdict = count(len(report.problems), "problem")
    if report.is_clean:
        verdict = "all is well"
    elif mended == len(report.problems):
        verdict += ", all mended"
    else:
        verdict += f", {mended} mended"
    rows = f"{count(report.programs, 'program')}, {count(report.entries, 'entry')}"
    if not report.is_readable:
        rows = "its rows can't be trusted"
    yield f"{report.path}: {rows}: {verdict}"


def check_document(report: CheckReport) -> dict[str, Any]:
    """Return a check as JSON: ``path``, ``programs``, ``entries`` and ``problems``."""
    return {
        "path": str(report.path),
        "programs": report.programs,
        "entries": report.entries,
        "problems": [
            {
                "kind": str(problem.kind),
                "place": problem.place,
                "mending": problem.mending or None,
                "mended": problem.mended,
                "advice": problem.advice or None,
            }
            for problem in report.problems
        ],
    }
