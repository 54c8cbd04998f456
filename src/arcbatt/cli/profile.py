"""``batt profile``: show where the time of a run goes."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arcbatt.cli import options
from arcbatt.cli.options import explain_engine, make_settings
from arcbatt.cli.output import note, open_console, print_json, require_writable
from arcbatt.contract import COUNT_MAX, SEED_MAX
from arcbatt.timings import cpu_ns

if TYPE_CHECKING:
    from collections.abc import Callable

    from arcbatt.commands.solve import Solved, SolveRequest
    from arcbatt.profile.model import Profile
    from arcbatt.profile.run import Profiled

EXIT_INTERRUPTED = 130
OUTPUTS = ("top", "detailed")


def profile(
    source_options: dict[str, Any],
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="TASK...", help="Ids of tasks; none to draw tasks at random."),
    ] = None,
    tasks: Annotated[
        int,
        typer.Option(
            "--tasks", min=1, max=COUNT_MAX, metavar="N", help="Number of tasks to draw at random."
        ),
    ] = 100,
    draw_seed: Annotated[
        int,
        typer.Option(
            "--draw-seed", min=0, max=SEED_MAX, metavar="N", help="Seed of the draw of tasks."
        ),
    ] = 0,
    dataset: options.Dataset = "arc-agi-1",
    split: options.Split = None,
    sources: options.Sources = None,
    no_archive: Annotated[
        bool,
        typer.Option("--no-archive", help="Keep no programs, not even in a temporary archive."),
    ] = False,
    timeout: options.Timeout = None,
    engine: options.Engine = None,
    cross_check: Annotated[
        bool, typer.Option("--cross-check", help="Run what fits on the reference engine too.")
    ] = False,
    jobs: options.Jobs = None,
    repeats: Annotated[
        int,
        typer.Option(
            "--repeats",
            min=1,
            max=COUNT_MAX,
            metavar="N",
            help="Number of runs; medians and ranges are shown.",
        ),
    ] = 1,
    output: Annotated[
        str,
        typer.Option(
            "--output", metavar="NAME", help="top, or detailed: all primitives, parts and phases."
        ),
    ] = OUTPUTS[0],
    top: Annotated[
        int,
        typer.Option(
            "--top", min=0, max=COUNT_MAX, metavar="N", help="Number of primitives listed."
        ),
    ] = 20,
    pstats: Annotated[
        Path | None,
        typer.Option(
            "--pstats",
            metavar="FILE",
            help="Run once more under cProfile and write its statistics of the Python code.",
            show_default=False,
        ),
    ] = None,
    trace: Annotated[
        Path | None,
        typer.Option(
            "--trace",
            metavar="FILE",
            help="Write the last run as a time line for Perfetto: phases and evaluations.",
            show_default=False,
        ),
    ] = None,
    speedscope: Annotated[
        Path | None,
        typer.Option(
            "--speedscope",
            metavar="FILE",
            help="Write the stacks of all runs for https://www.speedscope.app (flame graph).",
            show_default=False,
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Run the pipeline on tasks and show where the time went.

    Every moment belongs to one category, so the categories add up to the total, on the clock and
    in CPU time. Calls, failures, fuel and the digest of all outputs do not depend on the machine.
    Nothing of the run is kept: archive and submission go into a temporary folder.
    """
    began_ns = time.perf_counter_ns(), cpu_ns()
    from arcbatt.commands.solve import SolveRequest
    from arcbatt.errors import UsageError
    from arcbatt.profile.record import Began, profile_trace, speedscope_document
    from arcbatt.profile.run import draw_tasks, write_python_profile
    from arcbatt.tasks import TaskChoice

    if output not in OUTPUTS:
        raise UsageError(problem=f"--output {output}: expected one of {', '.join(OUTPUTS)}")
    for path in filter(None, (pstats, trace, speedscope)):
        require_writable(path)
    choice = TaskChoice(dataset=dataset, split=split, ids=tuple(ids or ()))
    request = SolveRequest(
        choice=draw_tasks(choice, count=tasks, seed=draw_seed),
        sources=options.choose_sources(sources, source_options) or ("library",),
        options=source_options,
        engine=engine,
        settings=make_settings(timeout, jobs),
        cross_check=cross_check,
    )
    done = _run(request, repeats, not no_archive, Began(*began_ns))
    explain_engine(engine, done.profile.engine)
    if trace is not None:
        _write(trace, profile_trace(done.recorder))
    if speedscope is not None:
        _write(speedscope, speedscope_document(done.profile))
    if pstats is not None:
        write_python_profile(request, pstats, archive=not no_archive)
    if as_json:
        from arcbatt.report.profile import profile_summary_document

        print_json(profile_summary_document(done.profile))
    else:
        _print_tables(done.profile, None if output == "detailed" else top)


def _run(request: SolveRequest, repeats: int, archive: bool, began: Any) -> Profiled:
    from arcbatt.profile.run import profile_request
    from arcbatt.report.progress import DelayedProgress

    with DelayedProgress(open_console(stderr=True), noun="runs") as progress:
        progress.expect(repeats)
        done = profile_request(
            request,
            repeats=repeats,
            archive=archive,
            began=began,
            report=_reporter(),
            on_run=progress.advance,
        )
    if done is None:
        note("stopped: interrupted; a part of a run makes no profile")
        raise SystemExit(EXIT_INTERRUPTED)
    return done


def _reporter() -> Callable[[Solved], None]:
    """Return a function that renders the tables of `batt solve` and discards them."""

    def report(solved: Solved) -> None:
        from io import StringIO

        from rich.console import Console

        from arcbatt.report.results import results_table, totals_summary

        console = Console(file=StringIO(), width=120)
        console.print(results_table(solved.report.results))
        console.print(totals_summary(solved.totals))

    return report


def _write(path: Path, document: dict[str, Any]) -> None:
    from arcbatt.files import write_atomically

    write_atomically(path, json.dumps(document) + "\n")


def _print_tables(profile: Profile, top: int | None) -> None:
    from arcbatt.report.profile import (
        categories_table,
        cross_check_line,
        phases_table,
        primitives_table,
        profile_summary,
    )

    console = open_console()
    detailed = top is None
    console.print(profile_summary(profile))
    console.print()
    console.print(categories_table(profile, parts=detailed))
    console.print()
    if detailed:
        console.print(phases_table(profile))
        console.print()
    console.print(primitives_table(profile, top=top))
    if profile.runs[0].cross_check:
        console.print()
        console.print(cross_check_line(profile), soft_wrap=True)
        if detailed:
            console.print(primitives_table(profile, cross_check=True))
