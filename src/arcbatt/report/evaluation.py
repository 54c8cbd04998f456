"""Results of an evaluation, as tables, as JSON and, for curves, as SVG."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from arcbatt.errors import UsageError
from arcbatt.evaluation.grade import EvaluationTotals
from arcbatt.evaluation.run import Evaluated
from arcbatt.files import write_atomically
from arcbatt.report.tables import NOTHING, count, new_table, pairs
from arcbatt.report.tables import share as percentage
from arcbatt.report.tasks import data_document

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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


def groups_table(totals: EvaluationTotals) -> Table:
    """List the groups of tasks, with the attempts that count; those of no folder as ``.``."""
    table = new_table("group", ">tasks right", ">of all", ">test inputs right", ">of all")
    for name, group in totals.groups.items():
        tasks = group.tasks_right[totals.attempts - 1]
        tests = group.tests_right[totals.attempts - 1]
        table.add_row(
            name or ".",
            f"{tasks} of {group.tasks}",
            percentage(tasks, group.tasks),
            f"{tests} of {group.tests}",
            percentage(tests, group.tests),
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
            record.problem
            or (count(found.size, "node") if found else "; ".join(record.stopped.values())),
            style="green" if record.is_right(evaluated.request.attempts) else "",
        )
    return table


def _attempt(right: int | None, found: bool) -> str:
    return str(right) if right is not None else "not ranked" if found else "none"


def curve_table(evaluated: Evaluated) -> Table:
    """List the results for each effort."""
    table = new_table(
        ">effort",
        ">CPU s per task",
        ">fit all demos",
        ">right with 1",
        ">with 2",
        ">with 3 attempts",
    )
    for point in curve_document(evaluated)["points"]:
        table.add_row(
            f"{point['effort']:,}",
            f"{point['cpu_mean_s']:.3f}",
            str(point["fitting"]),
            *map(str, point["tasks_right"]),
        )
    return table


def evaluation_document(evaluated: Evaluated) -> dict[str, Any]:
    """Return an evaluation as JSON.

    Keys: ``dataset``, ``data`` (see `data_document`), ``sources``, ``attempts`` (the number that
    counts), ``stopped``, ``finished``, ``totals``, ``curve`` (see `curve_document`; empty if none
    was requested) and ``results``, one for each task that is done.
    """
    return {
        "dataset": str(evaluated.dataset),
        "data": data_document(evaluated.dataset),
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

    Keys: ``dataset``, ``tasks``, ``sources`` and ``points``, the smallest effort first.
    """
    return {
        "dataset": str(evaluated.dataset),
        "tasks": evaluated.totals.tasks,
        "sources": list(evaluated.request.setup.sources),
        "points": [
            {
                "effort": effort,
                "evaluations": {name: each.evaluations for name, each in totals.efforts.items()},
                "cpu_mean_s": totals.cpu_mean_s,
                "cpu_s": totals.cpu_s,
                "tasks_right": list(totals.tasks_right),
                "tests_right": list(totals.tests_right),
                "fitting": totals.fitting,
            }
            for effort, totals in evaluated.curve
        ],
    }


HOW_TO_GET_IT = "pip install 'arcbatt[charts]'"
CURVE_COLORS = ("#9ecae1", "#4292c6", "#08519c")
"""Colours of 1, 2 and 3 attempts; they differ in lightness, for all eyes and for print."""
CURVE_STYLE = {
    # Text stays text, and equal data give an equal file.
    "svg.fonttype": "none",
    "svg.hashsalt": "arcbatt",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
SHARE_MIN = 1e-6
"""The value that replaces 0 on a logarithmic axis."""


def require_matplotlib() -> None:
    """Check that curves can be drawn; raises UsageError if matplotlib is not installed."""
    if find_spec("matplotlib") is None:
        raise UsageError(problem=f"a drawing needs matplotlib: {HOW_TO_GET_IT}")


def draw_curve(document: Mapping[str, Any], path: Path) -> None:
    """Draw a curve as SVG; needs matplotlib.

    Args:
        document: the curve as `curve_document` returns it, with at least one point.
        path: the file to write.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(CURVE_STYLE):
        figure = Figure(figsize=(9, 3.4))
        left, right = figure.subplots(1, 2, sharey=True)
        _draw_panel(left, document, "effort", "effort, in evaluations a task")
        _draw_panel(right, document, "cpu_mean_s", "CPU-seconds a task, mean")
        left.set_ylim(bottom=0)
        left.set_ylabel("tasks right")
        left.legend(frameon=False, loc="lower right")
        figure.suptitle(f"{document['dataset']}: tasks right of {document['tasks']}", fontsize=10)
        write_atomically(path, write_svg(figure))


def _draw_panel(axes: Axes, document: Mapping[str, Any], key: str, label: str) -> None:
    points = document["points"]
    xs = [max(point[key], SHARE_MIN) for point in points]
    for place, color in enumerate(CURVE_COLORS):
        name = f"{place + 1} attempt" + ("s" if place else "")
        rights = [point["tasks_right"][place] for point in points]
        axes.plot(xs, rights, "o-", color=color, markersize=4, label=name)
    axes.set_xscale("log")
    axes.set_xlabel(label)
    axes.grid(color="#d9d9d9", linewidth=0.6)


def write_svg(figure: Figure) -> str:
    """Return a figure as SVG, the same text for the same figure."""
    text = io.StringIO()
    figure.savefig(
        text, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None}
    )
    # matplotlib leaves blanks at the ends of lines.
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())
