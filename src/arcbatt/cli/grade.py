"""``batt grade``: compare a submission with the known outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from arcbatt.cli import options
from arcbatt.cli.output import open_console, print_json


def grade(
    submission: Annotated[
        Path, typer.Argument(metavar="SUBMISSION", help="A submission in Kaggle's form.")
    ],
    dataset: options.Dataset = "arc-agi-1",
    split: options.Split = None,
    every: Annotated[
        bool, typer.Option("--all", help="List every task, however many there are.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Compare a submission with the known outputs.

    The denominators are those of the task set: a task that was not submitted is wrong.
    """
    from arcbatt.pipeline.submission import grade as grade_submission
    from arcbatt.pipeline.submission import read_submission
    from arcbatt.report.grades import grade_document, grade_summary, grades_table
    from arcbatt.report.results import TASKS_IN_FULL
    from arcbatt.tasks import load_dataset

    attempts = read_submission(submission)
    graded = grade_submission(attempts, list(load_dataset(dataset, split=split)))
    if as_json:
        print_json(grade_document(graded))
        return
    console = open_console()
    listed = graded.tasks if every else [task for task in graded.tasks if task.submitted]
    if every or len(listed) <= TASKS_IN_FULL:
        console.print(grades_table(listed))
        console.print()
    console.print(grade_summary(graded))
