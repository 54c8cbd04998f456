"""``batt archive``: list the programs of an archive, write them to files, check them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arcbatt.cli import options
from arcbatt.cli.options import explain_engine, make_settings
from arcbatt.cli.output import note, open_console, print_json, require_writable, warn
from arcbatt.contract import COUNT_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arcbatt.errors import ArchiveError

app = typer.Typer(
    help="List, write, merge and check the programs of archives.",
    no_args_is_help=False,
    invoke_without_command=True,
)
ARCHIVE = Path("archive")
WARNINGS_MAX = 20
"""Largest number of warnings about programs that can't be written."""

Kind = Annotated[
    str, typer.Option("--kind", metavar="NAME", help="The kind of programs: solver or differ.")
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit", min=1, max=COUNT_MAX, metavar="N", help="At most N per task.", show_default=False
    ),
]


@app.callback()
def archive(context: typer.Context) -> None:
    """List, write, merge and check the programs of archives."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


@app.command("list")
def list_tasks(
    archive: options.Archive = None, kind: Kind = "solver", as_json: options.Json = False
) -> None:
    """List the tasks, each with its best program."""
    from arcbatt.archive import Archive
    from arcbatt.inspect import best_of_tasks
    from arcbatt.report.archives import best_document, best_table, summary_sentence

    with Archive.open(archive or ARCHIVE, create=False) as opened:
        best = best_of_tasks(opened, kind=kind)
        summary = opened.summary()
    if as_json:
        print_json(best_document(best))
        return
    console = open_console()
    console.print(best_table(best))
    console.print(f"\n{summary_sentence(summary)}")


@app.command("show")
def show_task(
    task: Annotated[
        str,
        typer.Argument(
            metavar="TASK|MD5",
            help="The id of a task; with / and the first digits of its content where several tasks"
            " have this id; or the first 8 or more digits of a program's md5.",
        ),
    ],
    archive: options.Archive = None,
    kind: Kind = "solver",
    as_json: options.Json = False,
) -> None:
    """List the programs of a task, or the tasks of a program.

    The best programs come first. The exit code is 1 if there are none.
    """
    from arcbatt.archive import Archive
    from arcbatt.inspect import entries_called
    from arcbatt.report.archives import entries_table, entry_document

    with Archive.open(archive or ARCHIVE, create=False) as opened:
        entries = entries_called(opened, task, kind=kind)
    if as_json:
        print_json(list(map(entry_document, entries)))
    else:
        open_console().print(entries_table(entries))


@app.command("export")
def export(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The file to write.")
    ],
    archive: options.Archive = None,
    kind: Kind = "solver",
    limit: Limit = None,
    as_json: options.Json = False,
) -> None:
    """Write the programs to one file, which `batt import` reads.

    The comments above each program keep its weight, source, aliases and ancestors. What can't be
    read is left out with a warning; the exit code is 1 then.
    """
    from arcbatt.archive import Archive, write_programs

    require_writable(output)
    broken: list[ArchiveError] = []
    with Archive.open(archive or ARCHIVE, create=False, salvages=True) as opened:
        count = write_programs(opened, output, kind=kind, limit=limit, broken=broken)
    _warn_some(broken)
    if as_json:
        print_json({"file": str(output), "programs": count, "left_out": len(broken)})
    else:
        open_console().print(f"{count} programs written to {output}", soft_wrap=True)
    if broken:
        raise typer.Exit(1)


@app.command("tree")
def tree(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder to write; it is new or empty.")
    ],
    archive: options.Archive = None,
    as_json: options.Json = False,
) -> None:
    """Write a folder to browse: programs as files, and links by task.

    The names of folders order the links by score and speed. `batt import` reads the files of
    solvers, as those of `batt archive export`. What can't be read is left out with a warning; the
    exit code is 1 then.
    """
    from arcbatt.archive import Archive, write_tree

    broken: list[ArchiveError] = []
    with Archive.open(archive or ARCHIVE, create=False, salvages=True) as opened:
        count = write_tree(opened, folder, broken=broken)
    _warn_some(broken)
    if as_json:
        print_json({"folder": str(folder), "entries": count, "left_out": len(broken)})
    else:
        open_console().print(f"{count} entries written to {folder}", soft_wrap=True)
    if broken:
        raise typer.Exit(1)


def _warn_some(broken: Sequence[ArchiveError]) -> None:
    """Print a warning for each program that was left out, of many the first ones."""
    warn(broken[:WARNINGS_MAX])
    if len(broken) > WARNINGS_MAX:
        note(f"note: {len(broken) - WARNINGS_MAX} more warnings of this kind")


@app.command("merge")
def merge_archives(
    archives: Annotated[list[Path], typer.Argument(metavar="DIR...", help="The archives to read.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="The archive to write; new or not."),
    ],
    as_json: options.Json = False,
) -> None:
    """Merge archives of several runs or machines into one.

    Their programs are ranked anew, and the best of each task are kept, with the records of the
    runs. Merging again changes nothing. What can't be read is left out with a warning; the exit
    code is 1 then.
    """
    from arcbatt.archive import merge_archives as merge_all
    from arcbatt.report.archives import merged_document, merged_sentence

    merged = merge_all(archives, output)
    _warn_some(merged.broken)
    if as_json:
        print_json(merged_document(merged, output))
    else:
        open_console().print(merged_sentence(merged, output), soft_wrap=True)
    if merged.broken:
        raise typer.Exit(1)


@app.command("check")
def check(
    archive: options.Archive = None,
    repair: Annotated[bool, typer.Option("--repair", help="Remove what is broken.")] = False,
    as_json: options.Json = False,
) -> None:
    """Check the file of an archive, its rows and its programs.

    The exit code is 1 if something is wrong and stays so.
    """
    from arcbatt.archive import check_archive
    from arcbatt.report.archives import check_document, check_lines

    report = check_archive(archive or ARCHIVE, repair=repair)
    if as_json:
        print_json(check_document(report))
    else:
        console = open_console()
        for line in check_lines(report):
            console.print(line, soft_wrap=True)
    if report.unmended:
        raise typer.Exit(1)


def import_programs(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Files of programs, such as arc-dsl's."),
    ],
    archive: options.Archive = None,
    dataset: options.Dataset = "arc-agi-1",
    split: options.Split = None,
    task: Annotated[
        str | None,
        typer.Option(
            "--task",
            metavar="ID",
            help="The task of programs whose name has none; without it they are run on all tasks.",
            show_default=False,
        ),
    ] = None,
    timeout: options.Timeout = None,
    fuel: options.Fuel = None,
    engine: options.Engine = None,
    jobs: options.Jobs = None,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose",
            "-v",
            help="List all warnings and programs that solve nothing, with pictures.",
        ),
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Add programs from files to the archive.

    Each program is parsed, type-checked and run on the task in its name, such as solve_<id> or
    verify_<id>; the best of each task are kept. Files are read as data; nothing in them is ever
    executed. The exit code is 1 if something can't be read or has no task.
    """
    from arcbatt.commands.importing import import_programs as import_files
    from arcbatt.context import DEFAULT_ARCHIVE, Context
    from arcbatt.inspect import explain_shortfalls
    from arcbatt.report.programs import draw_trial
    from arcbatt.report.progress import DelayedProgress
    from arcbatt.report.results import (
        import_document,
        import_problems,
        import_shortfalls,
        import_summary,
        import_warnings,
    )

    settings = make_settings(timeout, jobs, fuel)
    tasks = options.load_tasks(dataset, split)
    with (
        Context(
            engine=engine, jobs=settings.jobs, archive=archive or DEFAULT_ARCHIVE, keeps=True
        ) as context,
        DelayedProgress(open_console(stderr=True)) as progress,
    ):
        explain_engine(engine, context.engine.name)
        context.require_archive()
        report = import_files(files, tasks, context, settings, task=task, on_progress=progress.show)
        tried = report.programs if report.finished else ()
        shortfalls = explain_shortfalls(
            tried, tasks, context.engine, settings.budget, trials=verbose
        )
    if as_json:
        print_json(import_document(report, shortfalls))
    else:
        console = open_console()
        for line in import_problems(report, every=verbose):
            note(line)
        for line in import_warnings(report) if verbose else ():
            console.print(line, soft_wrap=True)
        for line in import_shortfalls(shortfalls, every=verbose):
            console.print(line, soft_wrap=True)
        for trial in (each.trial for each in shortfalls if each.trial is not None):
            console.print()
            for block in draw_trial(trial, width=console.width):
                console.print(*block.lines, sep="\n")
            console.print()
        console.print(import_summary(report))
        console.print(report.stopped)
    if not report.finished:
        raise SystemExit(130)
    if report.errors or not report.parsed:
        raise typer.Exit(1)


def merge(
    source_options: dict[str, Any],
    task: Annotated[
        str | None,
        typer.Argument(
            metavar="TASK",
            help="Only the archive's programs for this task; without it, for all tasks.",
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The batt file to write.")
    ] = Path("batt.json"),
    sources: options.Sources = "library,archive",
    archive: options.Archive = None,
    as_json: options.Json = False,
) -> None:
    """Merge programs into a batt and write it to a file."""
    from arcbatt.context import Context, existing_archive
    from arcbatt.program.merge import save_batt
    from arcbatt.report.programs import batt_document, batt_summary
    from arcbatt.sources import merge_sources

    require_writable(output)
    with Context(archive=existing_archive(archive)) as context:
        names = options.choose_sources(sources, source_options) or ()
        batt = merge_sources(names, source_options, context, task=task)
        warn(context.warnings)
    save_batt(batt, output)
    if as_json:
        print_json(batt_document(batt, output))
    else:
        open_console().print(batt_summary(batt, output))
