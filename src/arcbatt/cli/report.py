"""``batt report``: a run as one HTML file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from arcbatt.cli import options
from arcbatt.cli.output import note, open_console, print_json, require_writable
from arcbatt.cli.serve import open_shelf


def report(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="ARCHIVE|RESULTS", help="An archive, or a file of results of `batt eval`."
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The HTML file to write.")
    ],
    archives: Annotated[
        list[Path] | None,
        typer.Option(
            "--archive",
            metavar="DIR",
            help="An archive with the programs of the results; may be repeated.",
            show_default=False,
        ),
    ] = None,
    dataset: options.RunDataset = None,
    split: options.Split = None,
    engine: options.Engine = None,
    as_json: options.Json = False,
) -> None:
    """Write a run as one HTML file to send to somebody.

    It has summary, curve, and each task with its attempts and its program explained, and opens
    without network. For tasks of evaluation splits
    the wanted outputs are shown on a click.
    """
    from importlib.metadata import version

    from arcbatt.errors import UsageError
    from arcbatt.files import write_atomically
    from arcbatt.findings import require_findings
    from arcbatt.report.html import report_html, require_jinja
    from arcbatt.report.progress import DelayedProgress
    from arcbatt.report.tables import count
    from arcbatt.web.desk import Desk

    require_jinja()
    require_writable(output)
    for path in (source, *(archives or ())):
        if not path.exists():
            raise UsageError(problem=f"there is no archive or file {path}")
    desk = Desk(open_shelf([source], dataset, split), [source, *(archives or ())], engine)
    findings = desk.findings()
    require_findings(findings)
    console = open_console(stderr=True) if sys.stderr.isatty() and not as_json else None
    stories = []
    with DelayedProgress(console) as progress:
        progress.expect(len(findings.by_task))
        for finding in findings.by_task.values():
            stories.append(desk.story(finding))
            progress.advance()
    text = report_html(findings, stories, set_name=desk.shelf.name, version=version("arcbatt"))
    write_atomically(output, text)
    size = len(text.encode())
    if as_json:
        print_json({"file": str(output), "tasks": len(stories), "bytes": size})
    else:
        note(f"report: {output}, {count(len(stories), 'task')}, {size / 1e6:.1f} MB")
