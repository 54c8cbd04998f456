"""What became of imported programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from arcbatt.pipeline.importing import ImportReport
from arcbatt.report.tables import count, pairs


def import_summary(report: ImportReport) -> Text:
    """Sum up how far the programs came."""
    parsed, warnings = report.parsed, count(len(report.warnings), "warning")
    rows = [
        ("parsed", f"{parsed} of {parsed + len(report.unreadable)}"),
        ("well typed", f"{report.well_typed} of {parsed} ({warnings})"),
        ("ran", f"{report.ran} of {parsed}"),
        ("solved their task", f"{report.solved} of {parsed}"),
        ("saved", count(report.saved, "entry")),
    ]
    if report.refused:
        rows.append(("refused", count(report.refused, "candidate")))
    return pairs(rows)


def import_problems(report: ImportReport) -> Iterator[str]:
    """Yield a line for each program that was left out."""
    for error in (*report.unreadable, *report.homeless):
        yield f"error[{error.slug}]: {error}"


def import_warnings(report: ImportReport) -> Iterator[str]:
    """Yield a line for each argument that does not fit, and for each program that fell short."""
    for warning in report.warnings:
        yield f"warning[type]: {warning.file}:{warning.line}: {warning.program}: {warning.problem}"
    for program in report.programs:
        source = program.source
        if not program.solved:
            outcome = "did not solve its task" if program.ran else "failed on a demo of its task"
            if len(program.tasks) != 1:
                outcome = "solved no task" if program.ran else "failed on all tasks"
            yield f"note: {source.file}:{source.line}: {source.name} {outcome}"


def import_document(report: ImportReport) -> dict[str, Any]:
    """Return an import as JSON.

    Keys: ``parsed``, ``well_typed``, ``ran``, ``solved``, ``refused``, ``saved`` (counts),
    ``stopped``, ``finished``, ``errors`` and ``warnings`` (lines), ``programs`` (``name``,
    ``file``, ``line``, ``tasks``, ``ran``, ``solved``).
    """
    return {
        "parsed": report.parsed,
        "well_typed": report.well_typed,
        "ran": report.ran,
        "solved": report.solved,
        "refused": report.refused,
        "saved": report.saved,
        "stopped": report.stopped,
        "finished": report.finished,
        "errors": list(import_problems(report)),
        "warnings": [
            {
                "file": warning.file,
                "line": warning.line,
                "program": warning.program,
                "problem": warning.problem,
            }
            for warning in report.warnings
        ],
        "programs": [
            {
                "name": program.source.name,
                "file": program.source.file,
                "line": program.source.line,
                "tasks": len(program.tasks),
                "ran": program.ran,
                "solved": program.solved,
            }
            for program in report.programs
        ],
    }
