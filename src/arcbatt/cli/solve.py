"""``batt solve``: run the pipeline on tasks."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arcbatt.cli import options
from arcbatt.cli.output import note, open_console, print_json, require_writable, warn
from arcbatt.cli.settings import explain_engine, make_limits, make_settings
from arcbatt.profile.timings import Timings

if TYPE_CHECKING:
    from arcbatt.evolve.source import Evolution
    from arcbatt.pipeline.run import Settings
    from arcbatt.pipeline.solve import Request, Solved, Start

SUBMISSION = Path("submission.json")
ARCHIVE = Path("archive")


def solve(
    tasks: options.Tasks = None,
    dataset: options.Dataset = "arc-agi-1",
    split: options.Split = None,
    ids: options.Ids = None,
    count: options.Count = None,
    start: options.Start = 0,
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
    sources: options.Sources = None,
    search_nodes: options.SearchNodes = None,
    search_seconds: options.SearchSeconds = None,
    search_memory: options.SearchMemory = None,
    mutants: options.Mutants = options.MUTANTS,
    rounds: options.Rounds = options.ROUNDS,
    functions: options.Functions = "none",
    library: options.Library = None,
    archive: options.Archive = None,
    no_archive: Annotated[
        bool, typer.Option("--no-archive", help="Read and keep no programs.")
    ] = False,
    no_differs: options.NoDiffers = False,
    timeout: options.Timeout = None,
    engine: options.Engine = None,
    jobs: options.Jobs = None,
    array_backend: Annotated[
        str | None,
        typer.Option(
            "--array-backend",
            metavar="NAME",
            help="Score by arrays of numpy, torch or cupy instead of in the engine.",
            show_default=False,
        ),
    ] = None,
    seed: options.Seed = 0,
    without: options.Without = None,
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
    trace: Annotated[
        Path | None,
        typer.Option(
            "--trace",
            metavar="FILE",
            help="Write the phases on a time line, in Chrome's trace format, for Perfetto.",
            show_default=False,
        ),
    ] = None,
    separation: Annotated[
        bool,
        typer.Option(
            "--separation", help="Say how well each differ told exact outputs from others."
        ),
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Solve tasks, keep the best programs and write a submission.

    Every task gets a batt of the programs that are dealt; what it produces is scored, filtered,
    validated and kept.

    Ctrl-C keeps what is done; the same command goes on from there. Where the test outputs are
    known, the submission is graded.
    """
    timings = Timings()
    with timings.measure("run_batt.start"):
        from arcbatt.pipeline.deal import EVOLVE
        from arcbatt.pipeline.solve import Request, read_ids

        _check_words(batt, sources, library, archive, no_archive)
        _check_report(separation, no_differs)
        for path in filter(None, (timing_json, trace)):
            require_writable(path)
        settings = make_settings(timeout, jobs, without)
        _check_engine(engine, settings)
        chosen = _choose_sources(sources, batt, settings.switches.choose_engine(engine))
        request = Request(
            dataset=dataset,
            split=split,
            ids=(*(tasks or ()), *read_ids(ids or ())),
            start=start,
            count=count,
            sources=chosen,
            library=tuple(library or ()),
            batt=batt,
            archive=None if no_archive else archive or ARCHIVE,
            engine=engine,
            settings=settings,
            search=make_limits(search_nodes, search_seconds, search_memory),
            functions=functions,
            evolution=_plan(mutants, rounds, seed, functions) if EVOLVE in chosen else None,
            seed=seed,
            submission=submission,
            differs=not no_differs,
            # JSON always holds it.
            separation=separation or as_json,
            array_backend=array_backend,
        )
    solved = _run(request, timings)
    warn(solved.damaged)
    with timings.measure("run_batt.report"):
        if as_json:
            document = _document(solved)
        else:
            _print_tables(solved, separation=separation)
    if as_json:
        print_json(document | (_timings_document(timings) if timing else {}))
    elif timing:
        _print_timings(timings)
    if timing_json is not None:
        _write_json(timing_json, _timings_document(timings))
    if trace is not None:
        _write_json(trace, _trace_document(timings))
    if not as_json:
        open_console().print(*_closing_lines(solved), sep="\n", markup=False, soft_wrap=True)
    if not solved.report.finished:
        raise SystemExit(130)


def _choose_sources(sources: str | None, batt: Path | None, engine: str | None) -> tuple[str, ...]:
    from arcbatt.engine.native import native_available
    from arcbatt.pipeline.sources import default_sources, parse_sources
    from arcbatt.pipeline.switches import NATIVE

    if sources is not None:
        return parse_sources(sources)
    native = engine in (None, NATIVE) and native_available()
    return default_sources(searches=native and batt is None)


def _plan(mutants: int, rounds: int, seed: int, functions: str) -> Evolution:
    from arcbatt.evolve.alone import Plan
    from arcbatt.evolve.source import Evolution

    return Evolution(Plan(mutants=mutants, rounds=rounds, seed=seed), functions)


def _check_words(
    batt: Path | None,
    sources: str | None,
    library: list[Path] | None,
    archive: Path | None,
    no_archive: bool,
) -> None:
    from arcbatt.errors import UsageError

    if batt is not None and (sources is not None or library):
        raise UsageError(problem="--batt is dealt instead of --sources and --library")
    if no_archive and archive is not None:
        raise UsageError(problem="--archive and --no-archive contradict each other")


def _check_engine(engine: str | None, settings: Settings) -> None:
    from arcbatt.errors import UsageError
    from arcbatt.pipeline.switches import NATIVE

    if engine == NATIVE and not settings.switches.native:
        raise UsageError(problem="--engine native and --without native contradict each other")


def _check_report(separation: bool, no_differs: bool) -> None:
    from arcbatt.errors import UsageError

    if separation and no_differs:
        raise UsageError(problem="--separation and --no-differs contradict each other")


def _run(request: Request, timings: Timings) -> Solved:
    """Solve with a progress bar."""
    with timings.measure("run_batt.start"):
        from arcbatt.pipeline.solve import solve as solve_request
        from arcbatt.report.progress import DelayedProgress

        progress = DelayedProgress(open_console(stderr=True) if sys.stderr.isatty() else None)

    def begin(start: Start) -> None:
        warn(start.unreadable)
        asked = request.settings.switches.choose_engine(request.engine)
        explain_engine(asked, start.engine)
        if start.done_before:
            note(f"going on: {len(start.done_before)} of {start.tasks} tasks were done")
        progress.expect(start.tasks)

    with progress:
        return solve_request(
            request, timings=timings, on_start=begin, on_progress=lambda _: progress.advance()
        )


def _document(solved: Solved) -> dict[str, Any]:
    from arcbatt.report.results import solved_document

    return solved_document(solved)


def _print_tables(solved: Solved, *, separation: bool) -> None:
    from arcbatt.report.differs import separations_table
    from arcbatt.report.grades import grade_summary
    from arcbatt.report.results import TASKS_IN_FULL, results_table, totals_summary

    console = open_console()
    results = solved.report.results
    if results and len(results) <= TASKS_IN_FULL:
        console.print(results_table(results))
        console.print()
    console.print(totals_summary(solved.totals))
    if solved.grade is not None:
        console.print()
        console.print(grade_summary(solved.grade))
    console.print()
    if separation:
        console.print(separations_table(solved.separations))
        console.print()


def _print_timings(timings: Timings) -> None:
    from arcbatt.report.timings import timings_table

    console = open_console()
    console.print(timings_table(timings))
    console.print()


def _timings_document(timings: Timings) -> dict[str, Any]:
    from arcbatt.report.timings import timings_document

    return timings_document(timings)


def _closing_lines(solved: Solved) -> list[str]:
    request, report = solved.request, solved.report
    lines = []
    if request.submission is not None:
        lines.append(f"submission: {request.submission}")
    if not report.finished and request.archive is not None:
        kept = f"what is done is kept in {request.archive}"
        again = "; the same command goes on from there" if request.deals_from_archive else ""
        lines.append(kept + again)
    return [*lines, report.stopped]


def _trace_document(timings: Timings) -> dict[str, Any]:
    from arcbatt.profile.trace import chrome_trace

    return chrome_trace(timings)


def _write_json(path: Path, document: dict[str, Any]) -> None:
    from arcbatt.files import write_atomically

    write_atomically(path, json.dumps(document, indent=2) + "\n")
