"""Grades of a submission."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from arcbatt.pipeline.submission import Grade, TaskGrade, TestGrade
from arcbatt.report.tables import new_table, pairs, share

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


def grade_summary(grade: Grade) -> Text:
    """Sum up a grade; the denominators are those of the task set."""
    tasks, tests = len(grade.tasks), grade.test_count
    rows = [
        (
            "tasks solved",
            f"{grade.tasks_solved} of {tasks} ({share(grade.tasks_solved, tasks)})",
        ),
        (
            "test inputs right",
            f"{grade.tests_right} of {tests} ({share(grade.tests_right, tests)})",
        ),
        ("Kaggle's score", f"{100 * grade.kaggle_score:.2f} %"),
    ]
    if grade.missing_tasks:
        rows.append(
            ("not submitted", f"{len(grade.missing_tasks)} of {tasks}; they count as wrong")
        )
    if grade.ungradable:
        rows.append(
            ("without known outputs", f"{grade.ungradable} of {tasks}; they count as wrong")
        )
    if grade.unknown_tasks:
        rows.append(("unknown tasks", ", ".join(grade.unknown_tasks)))
    return pairs(rows)


def grades_table(tasks: Iterable[TaskGrade]) -> Table:
    """List the tasks with the attempt that was right on each test input."""
    table = new_table("task", "solved", "~right attempt of each test input")
    for task in tasks:
        words = [_written(test) for test in task.tests] if task.submitted else ["not submitted"]
        table.add_row(
            task.task,
            "yes" if task.solved else "no",
            ", ".join(words),
            style="green" if task.solved else "",
        )
    return table


def _written(test: TestGrade) -> str:
    if not test.known:
        return "unknown"
    return "none" if test.right_attempt is None else str(test.right_attempt)


def grade_document(grade: Grade, *, details: bool = True) -> dict[str, Any]:
    """Return a grade as JSON.

    Keys: ``tasks``, ``tasks_solved``, ``tests``, ``tests_right``, ``kaggle_score`` (0..1),
    ``ungradable``, ``missing`` and ``unknown`` (ids); with details ``by_task``: for each id
    ``solved``, ``submitted`` and ``right_attempts`` (1, 2 or null for each test input).
    """
    document: dict[str, Any] = {
        "tasks": len(grade.tasks),
        "tasks_solved": grade.tasks_solved,
        "tests": grade.test_count,
        "tests_right": grade.tests_right,
        "kaggle_score": grade.kaggle_score,
        "ungradable": grade.ungradable,
        "missing": list(grade.missing_tasks),
        "unknown": list(grade.unknown_tasks),
    }
    if details:
        document["by_task"] = {
            task.task: {
                "solved": task.solved,
                "submitted": task.submitted,
                "right_attempts": [test.right_attempt for test in task.tests],
            }
            for task in grade.tasks
        }
    return document
