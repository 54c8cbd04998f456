"""``batt deal``: build a batt and write it to a file."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from arcbatt.cli import options
from arcbatt.cli.output import open_console, print_json, require_writable, warn


def deal(
    task: Annotated[
        str | None,
        typer.Argument(
            metavar="TASK",
            help="Take the archive's programs for this task only; for all tasks if left out.",
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The batt file to write.")
    ] = Path("batt.json"),
    sources: options.KeptSources = "library,archive",
    library: options.Library = None,
    archive: options.Archive = None,
    as_json: options.Json = False,
) -> None:
    """Merge programs into a batt and write it to a file."""
    from arcbatt.archive import Archive
    from arcbatt.batt import save_batt
    from arcbatt.pipeline.lookup import existing_archive
    from arcbatt.pipeline.sources import build_batt, parse_sources
    from arcbatt.report.batts import batt_document, batt_summary

    require_writable(output)
    path = existing_archive(archive)
    with nullcontext() if path is None else Archive.open(path, create=False) as opened:
        dealt = build_batt(
            task=task,
            sources=parse_sources(sources),
            files=library or (),
            archive=opened,
        )
    save_batt(dealt.batt, output)
    warn(dealt.unreadable)
    if as_json:
        print_json(batt_document(dealt.batt, output))
    else:
        open_console().print(batt_summary(dealt.batt, output))
