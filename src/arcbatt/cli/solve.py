"""``batt solve``: run the pipeline on tasks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arcbatt.cli import options
from arcbatt.cli.output import note, open_console, print_json, require_writable, warn
from arcbatt.profile.timings import Timings

if TYPE_CHECKING:
    from arcbatt.pipeline.solve import Request, Solved, Start

CHOICE, PROGRAMS, LIMITS, RESULTS = "What to solve", "With what", "How", "What comes out"
SUBMISSION = Path("submission.json")


def solve(
    tasks: Annotated[
        list[str] | None, typer.Argument(metavar="[TASK]...", help="Ids of tasks; none for all.")
    ] = None,
    dataset: options.Dataset = "arc-agi-1",
    split: options.Split = None,
    ids: Annotated[
        list[str] | None,
        typer.Option(
            "--ids",
            "-i",
            metavar="ID|FILE",
            help="More ids, with commas between, or a file with one id a line. May be repeated.",
            show_default=False,
        ),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(
            "--count", "-c", min=1, metavar="N", help="Take so many tasks.", show_default=False
        ),
    ] = None,
    start: Annotated[
        int,
        typer.Option(
            "--start", "-s", min=0, metavar="N", help="Skip so many tasks; they are sorted by id."
        ),
    ] = 0,
    batt: Annotated[
        Path | None,
        typer.Option(
            "--batt",
            "-b",
            metavar="FILE",
            help="Deal this batt, made by `batt deal`, instead of library and archive.",
            show_default=False,
        ),
    ] = None,
    sources: options.Sources = "library,archive",
    library: options.Library = None,
    archive: options.Archive = None,
    no_archive: Annotated[
        bool, typer.Option("--no-archive", help="Read and keep no programs.")
    ] = False,
    timeout: options.Timeout = None,
    engine: options.Engine = None,
    jobs: options.Jobs = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Kept on record; no phase is random yet.")
    ] = 0,
    submission: Annotated[
        Path,
        typer.Option(
            "--submission",
            metavar="FILE",
            help="Where two attempts for each test input are written, in Kaggle's form.",
        ),
    ] = SUBMISSION,
    timing: Annotated[bool, typer.Option("--timing", help="Say where the time went.")] = False,
    timing_json: Annotated[
        Path | None,
        typer.Option(
            "--timing-json",
            metavar="FILE",
            help="Write where the time went as JSON.",
            show_default=False,
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Solve tasks: deal programs, score them, keep the best, write a submission.

    Ctrl-C keeps what is done; the same command goes on from there. Where the test outputs are
    known, the submission is graded.
    """
    timings = Timings()
    with timings.measure("run_batt.start"):
        from arcbatt.pipeline.solve import read_ids
        from arcbatt.pipeline.sources import parse_sources

        if timing_json is not None:
            require_writable(timing_json)
        check_words(batt, sources, library, archive, no_archive)
        request = make_request(
            dataset=dataset,
            split=split,
            ids=(*(tasks or ()), *read_ids(ids or ())),
            start=start,
            count=count,
            batt=batt,
            sources=parse_sources(sources),
            library=tuple(library or ()),
            archive=None if no_archive else archive or Path("archive"),
            engine=engine,
            timeout=timeout,
            jobs=jobs,
            seed=seed,
            submission=submission,
        )
