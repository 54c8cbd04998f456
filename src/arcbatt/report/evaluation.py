"""Results of an evaluation, as tables and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from arcbatt.evaluation.grade import EvaluationTotals
from arcbatt.evaluation.run import Evaluated
from arcbatt.report.tables import NOTHING, count, new_table, pairs
from arcbatt.report.tables import share as percentage

TASKS_IN_FULL = 30
"""Largest number of tasks that are listed one by one."""
MEBIBYTE = 2**20


def attempts_table(totals: EvaluationTotals) -> Table:
    """List tasks and test inputs that are right with 1, 2 and 3 attempts."""
    table = new_table("attempts", ">tasks right", ">of all", ">test inputs right", ">of all")
    for place, (tasks, tests) in enumerate(
        zip(totals.tasks_right, totals.tests_right, strict=True), start=1
    ):
        table.add_row(
            str(place),
            f"{tasks} of {totals.tasks}",
            percentage(tasks, totals.tasks),
            f"{tests} of {totals.tests}",
            percentage(tests, totals.tests),
            style="green" if place == totals.attempts else "",
        )
    return table


def evaluation_summary(totals: EvaluationTotals) -> Text:
    """Sum up the results, with CPU time and memory."""
    tasks = totals.tasks
    rows = [("tasks done", f"{totals.done} of {tasks}")] if totals.done < tasks else []
    spread = (
        f"{totals.cpu_mean_s:.3f} mean, {totals.cpu_median_s:.3f} median,"
        f" {totals.cpu_max_s:.3f} at most"
    )
    by_source = ", ".join(f"{name}: {number}" for name, number in totals.by_source.items())
    rows += [
        ("a program fits all demos", f"{totals.fitting} of {tasks} tasks"),
        (
            "found but not ranked",
            f"{totals.not_ranked} of {tasks} tasks, with {count(totals.attempts, 'attempt')}",
        ),
        ("right, by source", by_source or NOTHING),
        ("CPU-seconds", f"{totals.cpu_s:.1f}"),
        ("CPU-seconds per task", spread),
        ("memory of a process", f"{totals.process_bytes_max / MEBIBYTE:,.1f} MiB at most"),
    ]
    if totals.lost:
        rows.append(("lost", f"{totals.lost} of {tasks} tasks; they count as wrong"))
    if totals.unknown:
        rows.append(
            ("without known outputs", f"{totals.unknown} of {tasks} tasks; they count as wrong")
        )
    return pairs(rows)


def efforts_table(totals: EvaluationTotals) -> Table:
    """List the effort of each source."""
    table = new_table(
        "source", ">CPU s", ">evaluations", ">per CPU s", ">MiB on one task", "further counts"
    )
    for name, effort in totals.efforts.items():
        rate = effort.evaluations / effort.cpu_s if effort.cpu_s else 0.0
        details = ", ".join(f"{number:,} {what}" for what, number in effort.details.items())
        table.add_row(
            name,
            f"{effort.cpu_s:.1f}",
            f"{effort.evaluations:,}" if effort.evaluations else NOTHING,
            f"{rate:,.0f}" if effort.evaluations else NOTHING,
            f"{effort.bytes / MEBIBYTE:,.1f}" if effort.bytes else NOTHING,
            details or NOTHING,
        )
    return table


def records_table(evaluated: Evaluated) -> Table:
    """List the tasks with the right attempt on each test input, and the effort."""
    table = new_table(
        "task", "right attempts", ">fitting", ">evaluations", ">CPU s", "~program or reason"
    )
    for record in evaluated.records:
        found = record.right
        table.add_row(
            record.task,
            ", ".join(_attempt(test.right_attempt, test.found) for test in record.tests),
            str(record.fitting),
            f"{sum(effort.evaluations for effort in record.efforts.values()):,}",
            f"{record.cpu_s:.3f}",
            record.problem or (count(found.size, "node") if found else record.stopped),
            style="green" if record.is_right(evaluated.request.attempts) else "",
        )
    return table


def _attempt(right: int | None, found: bool) -> str:
    return str(right) if right is not None else "not ranked" if found else "none"


def curve_table(evaluated: Evaluated) -> Table:
    """List the results for each share of the sources' limits."""
    table = new_table(
        ">part of the limits",
        ">CPU s per task",
        ">fit all demos",
        ">right with 1",
        ">with 2",
        ">with 3 attempts",
    )
    for point in curve_document(evaluated)["points"]:
        table.add_row(
            f"{point['share']:g}",
            f"{point['cpu_mean_s']:.3f}",
            str(point["fitting"]),
            *map(str, point["tasks_right"]),
        )
    return table


def evaluation_document(evaluated: Evaluated) -> dict[str, Any]:
    """Return an evaluation as JSON.

    Keys: ``dataset``, ``sources``, ``attempts`` (the number that counts), ``stopped``,
    ``finished``, ``totals``, ``curve`` (see `curve_document`; empty if none was requested) and
    ``results``, one for each task that is done.
    """
    return {
        "dataset": str(evaluated.dataset),
        "sources": list(evaluated.request.setup.sources),
        "attempts": evaluated.request.attempts,
        "stopped": evaluated.stopped,
        "finished": evaluated.finished,
        "totals": asdict(evaluated.totals),
        "curve": curve_document(evaluated)["points"],
        "results": [record.document() for record in evaluated.records],
    }


def curve_document(evaluated: Evaluated) -> dict[str, Any]:
    """Return a curve as JSON.

    Keys: ``dataset``, ``tasks``, ``sources`` and ``points``, the smallest share of the sources'
    limits first.
    """
    return {
        "dataset": str(evaluated.dataset),
        "tasks": evaluated.totals.tasks,
        "sources": list(evaluated.request.setup.sources),
        "points": [
            {
                "share": share,
                "evaluations": {
                    name: effort.evaluations for name, effort in totals.efforts.items()
                },
                "cpu_mean_s": totals.cpu_mean_s,
                "cpu_s": totals.cpu_s,
                "tasks_right": list(totals.tasks_right),
                "tests_right": list(totals.tests_right),
                "fitting": totals.fitting,
            }
            for share, totals in evaluated.curve
        ],
    }
