"""``batt import``: bring programs from files into the archive."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from arcbatt.cli import options
from arcbatt.cli.output import note, open_console, print_json
from arcbatt.cli.settings import explain_engine, make_settings

ARCHIVE = Path("archive")


def import_programs(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Files with programs, such as arc-dsl's."),
    ],
    archive: options.Archive = None,
    dataset: options.Dataset = "arc-agi-1",
    split: options.Split = None,
    task: Annotated[
        str | None,
        typer.Option(
            "--task",
            metavar="ID",
            help="The task of programs whose name has none; they are tried on all tasks if it is"
            " left out.",
            show_default=False,
        ),
    ] = None,
    timeout: options.Timeout = None,
    engine: options.Engine = None,
    jobs: options.Jobs = None,
    verbose: Annotated[
        bool,
        typer.Option("--verbose", "-v", help="List warnings, and programs that solve nothing."),
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Bring programs from files into the archive.

    Each is parsed, type-checked and run on the task in its name, solve_<id> or verify_<id>; the
    best of each task are kept. Files are read as data, nothing in them is ever executed.
    """
    from arcbatt.pipeline.importing import import_programs as import_files
    from arcbatt.pipeline.solve import open_archive_to_keep, opened_engine
    from arcbatt.report.imports import (
        import_document,
        import_problems,
        import_summary,
        import_warnings,
    )
    from arcbatt.report.progress import DelayedProgress
    from arcbatt.tasks import load_dataset

    settings = make_settings(timeout, jobs)
    tasks = load_dataset(dataset, split=split)
    with (
        opened_engine(engine, processes=settings.jobs) as opened,
        open_archive_to_keep(archive or ARCHIVE) as kept,
        DelayedProgress(open_console(stderr=True)) as progress,
    ):
        explain_engine(engine, opened.name)
        report = import_files(
            files, tasks, kept, opened, settings, task=task, on_progress=progress.show
        )
    if as_json:
        print_json(import_document(report))
    else:
        console = open_console()
        for line in import_problems(report):
            note(line)
        for line in import_warnings(report) if verbose else ():
            console.print(line, markup=False, soft_wrap=True)
        console.print(import_summary(report))
        console.print(report.stopped)
    if not report.finished:
        raise SystemExit(130)
    if not report.parsed:
        raise typer.Exit(1)
