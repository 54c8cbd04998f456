"""What an evaluation came to."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from arcbatt.evaluation.judge import TaskRecord, Totals
from arcbatt.evaluation.run import Evaluated
from arcbatt.report.tables import NOTHING, new_table, pairs, share

TASKS_IN_FULL = 30
"""Up to so many tasks have a line each."""
MEBIBYTE = 2**20


def attempts_table(totals: Totals) -> Table:
    """List tasks and test inputs that are right with 1, 2 and 3 attempts."""
    table = new_table("attempts", ">tasks right", ">of all", ">test inputs right", ">of all")
    for place, (tasks, tests) in enumerate(
        zip(totals.tasks_right, totals.tests_right, strict=True), start=1
    ):
        table.add_row(
            str(place),
            f"{tasks} of {totals.tasks}",
            share(tasks, totals.tasks),
            f"{tests} of {totals.tests}",
            share(tests, totals.tests),
            style="green" if place == totals.attempts else "",
        )
    return table


def evaluation_summary(totals: Totals) -> Text:
    """Sum up what was found, and what it took."""
    tasks = totals.tasks
    rows = [("tasks done", f"{totals.done} of {tasks}")] if totals.done < tasks else []
    rows += [
        ("a program fits all demos", f"{totals.fitting} of {tasks} tasks"),
        (
            "found but not ranked",
            f"{totals.not_ranked} of {tasks} tasks, with {_attempts(totals.attempts)}",
        ),
        ("right, by source", _listed(totals.by_source)),
        ("right, by layers", _listed(totals.by_layers)),
        ("CPU-seconds a task", _spread(totals)),
        ("CPU-seconds", f"{totals.cpu_s:.1f}, search {totals.search_cpu_s:.1f} of them"),
    ]
    if totals.mutants:
        rows += [
            ("mutants", f"{totals.mutants:,}, {totals.mutants / max(1, totals.done):,.0f} a task"),
            ("runs of mutants on a sample", f"{totals.evaluations:,}"),
            (
                "CPU-seconds of mutants",
                f"{totals.mutants_cpu_s:.1f}, {totals.mutants_per_cpu_s:,.0f} in each",
            ),
        ]
    if totals.nodes:
        rows += [
            ("nodes", f"{totals.nodes:,}, {totals.nodes_per_cpu_s:,.0f} in a CPU-second of search"),
            ("states", f"{totals.states:,}"),
            ("memory of search", f"{totals.bytes_per_node:,.0f} bytes a node"),
            ("memory on one task", f"{totals.search_bytes_max / MEBIBYTE:,.1f} MiB at most"),
        ]
    rows.append(("memory of a process", f"{totals.process_bytes_max / MEBIBYTE:,.1f} MiB at most"))
    if totals.lost:
        rows.append(("lost", f"{totals.lost} of {tasks} tasks; they count as wrong"))
    if totals.unknown:
        rows.append(
            ("without known outputs", f"{totals.unknown} of {tasks} tasks; they count as wrong")
        )
    return pairs(rows)


def _spread(totals: Totals) -> str:
    mean, middle, most = totals.cpu_mean_s, totals.cpu_median_s, totals.cpu_max_s
    return f"{mean:.3f} mean, {middle:.3f} median, {most:.3f} at most"


def _attempts(count: int) -> str:
    return f"{count} attempt" + ("" if count == 1 else "s")


def _listed(counts: Any) -> str:
    return ", ".join(f"{name}: {count}" for name, count in counts.items()) or NOTHING


def records_table(evaluated: Evaluated) -> Table:
    """List the tasks with the attempt that was right on each test input, and what they took."""
    table = new_table(
        "task", "right attempts", ">fitting", ">layers", ">nodes", ">CPU s", "~program or reason"
    )
    for record in evaluated.records:
        table.add_row(
            record.task,
            ", ".join(_attempt(test.right_attempt, test.found) for test in record.tests),
            str(record.fitting),
            NOTHING if record.layers is None else str(record.layers),
            f"{record.effort.nodes:,}",
            f"{record.effort.cpu_s:.3f}",
            record.problem or (f"{record.right.size} nodes" if record.right else record.reason),
            style="green" if record.is_right(evaluated.request.attempts) else "",
        )
    return table


def _attempt(right: int | None, found: bool) -> str:
    return str(right) if right is not None else "not ranked" if found else "none"


def curve_table(evaluated: Evaluated) -> Table:
    """List what each number of mutants, or of nodes, comes to."""
    by_mutants = evaluated.request.setup.makes_mutants
    table = new_table(
        ">mutants a task" if by_mutants else ">search nodes",
        ">CPU s a task",
        ">fit all demos",
        ">right with 1",
        ">with 2",
        ">with 3 attempts",
    )
    for point in curve_document(evaluated)["points"]:
        table.add_row(
            f"{point['mutants_max' if by_mutants else 'nodes_max']:,}",
            f"{point['cpu_mean_s']:.3f}",
            str(point["fitting"]),
            *map(str, point["tasks_right"]),
        )
    return table


def evaluation_document(evaluated: Evaluated) -> dict[str, Any]:
    """Return an evaluation as JSON.

    Keys: ``dataset``, ``attempts`` (that count), ``stopped``, ``finished``, ``totals``, ``curve``
    (see `curve_document`; empty if none was asked for) and ``results``, one for each task that
    came to an end.
    """
    return {
        "dataset": str(evaluated.dataset),
        "attempts": evaluated.request.attempts,
        "stopped": evaluated.stopped,
        "finished": evaluated.finished,
        "totals": totals_document(evaluated.totals),
        "curve": curve_document(evaluated)["points"],
        "results": [record_document(record) for record in evaluated.records],
    }


def totals_document(totals: Totals) -> dict[str, Any]:
    """Return sums as JSON; lists have a value each for 1, 2 and 3 attempts."""
    return {
        **asdict(totals),
        "mutants_per_cpu_s": totals.mutants_per_cpu_s,
        "nodes_per_cpu_s": totals.nodes_per_cpu_s,
        "bytes_per_node": totals.bytes_per_node,
    }


def record_document(record: TaskRecord) -> dict[str, Any]:
    """Return what one task came to as JSON, the effort beside the rest."""
    document = record.document()
    effort = document.pop("effort")
    return {**document, **effort}


def curve_document(evaluated: Evaluated) -> dict[str, Any]:
    """Return a curve as JSON.

    Keys: ``dataset``, ``tasks``, ``against`` (what the points differ in: ``mutants`` or ``nodes``)
    and ``points``, the fewest first.
    """
    setup = evaluated.request.setup
    return {
        "dataset": str(evaluated.dataset),
        "tasks": evaluated.totals.tasks,
        "against": "mutants" if setup.makes_mutants else "nodes",
        "points": [
            {
                "nodes_max": reach.nodes,
                "nodes_mean": totals.nodes / totals.tasks,
                "mutants_max": reach.rounds * setup.plan.mutants,
                "mutants_mean": totals.mutants / totals.tasks,
                "cpu_mean_s": totals.cpu_mean_s,
                "cpu_s": totals.cpu_s,
                "tasks_right": list(totals.tasks_right),
                "tests_right": list(totals.tests_right),
                "fitting": totals.fitting,
            }
            for reach, totals in evaluated.curve
        ],
    }
