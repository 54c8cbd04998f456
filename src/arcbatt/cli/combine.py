"""``batt combine``: of several submissions for the same tasks, make one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arcbatt.cli import options
from arcbatt.cli.output import open_console, print_json, require_writable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from arcbatt.pipeline.combine import RatedSubmission
    from arcbatt.tasks import Task


def combine(
    submissions: Annotated[
        list[Path],
        typer.Argument(
            metavar="SUBMISSION...", help="Two or more, in the forms that `batt grade` reads."
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The submission to write.")
    ],
    confidences: Annotated[
        list[str] | None,
        typer.Option(
            "--confidences",
            metavar="SUBMISSION=FILE",
            help="The confidences of a submission; without it, the file beside it that `batt solve`"
            " writes; may be repeated.",
            show_default=False,
        ),
    ] = None,
    graded: Annotated[
        bool, typer.Option("--grade", help="Compare with the known outputs: what does each add?")
    ] = False,
    dataset: Annotated[
        str | None,
        options.dataset_option(
            "For --grade: arc-agi-1, arc-agi-2, a folder or a file; without it, found by the ids."
        ),
    ] = None,
    split: Annotated[
        str | None,
        options.split_option(
            "For --grade: training, evaluation or development; without it, found by the ids."
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Make one submission of several, by confidence and rank.

    An attempt without a confidence counts as 1/2, a second one as 1/4. A grid that several
    submissions have gains by it; no grid is there twice.
    """
    from arcbatt.pipeline.combine import (
        combine as combine_submissions,
    )
    from arcbatt.pipeline.combine import entries_of, grade_choices, require_alike, share_of
    from arcbatt.pipeline.confidences import ConfidencesFile
    from arcbatt.pipeline.submission import write_submission
    from arcbatt.report.combine import combination_document, shares_table

    _check_paths(submissions, output)
    rated = _read(submissions, confidences or ())
    _keep_confidences(rated, output)
    require_alike(rated)
    require_writable(output)
    tasks = _find_tasks(rated[0], dataset, split) if graded else []
    choices = combine_submissions(rated)
    # Those of what is replaced would be wrong for this one.
    ConfidencesFile(output).remove()
    write_submission(output, entries_of(choices))
    whole = grade_choices(choices, tasks) if graded else None
    shares = [share_of(place, rated, tasks) for place in range(len(rated)) if graded]
    if as_json:
        print_json(combination_document(output, choices, rated, whole, shares))
        return
    console = open_console()
    console.print(shares_table(choices, rated, whole, shares))
    console.print(f"\nsubmission: {output}", soft_wrap=True)


def _check_paths(submissions: Sequence[Path], output: Path) -> None:
    from arcbatt.errors import UsageError

    if len(submissions) < 2:
        raise UsageError(problem=f"expected two submissions or more, got only {submissions[0]}")
    places = [path.resolve() for path in submissions]
    for number, place in enumerate(places):
        if place in places[:number]:
            raise UsageError(problem=f"{submissions[number]} is named twice")
        if output.resolve() in (place, place / "submission.json"):
            problem = f"--output {output} would replace a submission: name another file"
            raise UsageError(problem=problem)


def _keep_confidences(rated: Sequence[RatedSubmission], output: Path) -> None:
    """Check that the output replaces no confidences that were read, nor removes those beside it."""
    from arcbatt.errors import UsageError
    from arcbatt.pipeline.confidences import path_beside

    changed = output.resolve(), path_beside(output).resolve()
    for each in rated:
        if each.file is not None and each.file.resolve() in changed:
            problem = f"--output {output} would replace the confidences {each.file}: name another"
            raise UsageError(problem=f"{problem} file")


def _read(submissions: Sequence[Path], confidences: Sequence[str]) -> list[RatedSubmission]:
    from arcbatt.pipeline.combine import read_rated

    files = _files(submissions, confidences)
    return [read_rated(path, files.get(path)) for path in submissions]


def _files(submissions: Sequence[Path], confidences: Sequence[str]) -> Mapping[Path, Path]:
    """Return the files of ``--confidences`` by submission."""
    from arcbatt.errors import UsageError

    files: dict[Path, Path] = {}
    for word in confidences:
        name, _, file = word.rpartition("=")
        named = [path for path in submissions if name in (str(path), path.name, path.stem)]
        if not file or len(named) != 1:
            names = ", ".join(map(str, submissions))
            problem = f"--confidences: expected SUBMISSION=FILE with one of {names}, got {word}"
            raise UsageError(problem=problem)
        files[named[0]] = Path(file)
    return files


def _find_tasks(rated: RatedSubmission, dataset: str | None, split: str | None) -> list[Task]:
    from arcbatt.errors import UsageError
    from arcbatt.pipeline.submission import find_tasks

    found = find_tasks(rated.submission, dataset=dataset, split=split)
    tasks = list(found)
    if not any(task.has_answers for task in tasks):
        raise UsageError(problem=f"--grade: no test output of {found} is known")
    return tasks
