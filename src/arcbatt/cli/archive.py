"""``batt archive``: look at the programs that are kept, write them out, check them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from arcbatt.cli import options
from arcbatt.cli.output import note, open_console, print_json, require_writable

app = typer.Typer(
    help="Look at the programs that are kept, write them out, check them.",
    no_args_is_help=False,
    invoke_without_command=True,
)
ARCHIVE = Path("archive")

Kind = Annotated[
    str, typer.Option("--kind", metavar="NAME", help="The kind of programs: solver or differ.")
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", min=1, metavar="N", help="At most so many a task.", show_default=False),
]


@app.callback()
def archive(context: typer.Context) -> None:
    """Look at the programs that are kept, write them out, check them."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


@app.command("list")
def list_tasks(
    archive: options.Archive = None, kind: Kind = "solver", as_json: options.Json = False
) -> None:
    """List the tasks, each with its best program."""
    from arcbatt.archive import Archive
    from arcbatt.pipeline.lookup import best_of_tasks
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
    task: Annotated[str, typer.Argument(metavar="TASK", help="The id of a task.")],
    archive: options.Archive = None,
    kind: Kind = "solver",
    as_json: options.Json = False,
) -> None:
    """List the programs of a task, the best first."""
    from arcbatt.archive import Archive
    from arcbatt.report.archives import entries_table, entry_document

    with Archive.open(archive or ARCHIVE, create=False) as opened:
        entries = opened.entries(task, kind=kind)
    if as_json:
        print_json(list(map(entry_document, entries)))
    else:
        open_console().print(entries_table(entries))
    if not entries:
        note(f"note: {archive or ARCHIVE} keeps no {kind} for {task}")


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
    """Write the programs to one file, which `batt import` reads."""
    from arcbatt.archive import Archive

    require_writable(output)
    with Archive.open(archive or ARCHIVE, create=False) as opened:
        count = opened.export(output, kind=kind, limit=limit)
    if as_json:
        print_json({"file": str(output), "programs": count})
    else:
        open_console().print(f"{count} programs written to {output}", markup=False, soft_wrap=True)


@app.command("check")
def check(
    archive: options.Archive = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended.")] = False,
    as_json: options.Json = False,
) -> None:
    """Check that index, files and links agree.

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
            console.print(line, markup=False, soft_wrap=True)
    if report.unmended:
        raise typer.Exit(1)
