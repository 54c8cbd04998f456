"""``batt solve``: run the pipeline on tasks."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arcbatt import interrupts
from arcbatt.cli import limits, options
from arcbatt.cli.options import explain_engine, make_settings
from arcbatt.cli.output import note, note_changed, open_console, print_json, require_writable, warn
from arcbatt.timings import Timings

if TYPE_CHECKING:
    from arcbatt.commands.solve import Solved, SolveRequest, SolveStart
    from arcbatt.pipeline.submission import SubmissionFile

SUBMISSION = Path("submission.json")


def solve(
    source_options: dict[str, Any],
    tasks: options.Tasks = None,
    dataset: options.Dataset = "arc-agi-1",
    split: options.Split = None,
    ids: options.Ids = None,
    count: options.Count = None,
    start: options.Start = 0,
    strict: options.Strict = False,
    sources: options.Sources = None,
    archive: options.Archive = None,
    no_archive: Annotated[
        bool, typer.Option("--no-archive", help="Do without an archive.")
    ] = False,
    submission: Annotated[
        Path,
        typer.Option("--submission", metavar="FILE", help="Where the attempts go."),
    ] = SUBMISSION,
    effort: limits.Effort = None,
    time_per_task: limits.TimePerTask = None,
    total_time: limits.TotalTime = None,
    memory: limits.Memory = None,
    timeout: options.Timeout = None,
    fuel: options.Fuel = None,
    jobs: options.Jobs = None,
    ray: options.Ray = None,
    as_json: options.Json = False,
    engine: options.Engine = None,
    cross_check: Annotated[
        bool,
        typer.Option(
            "--cross-check",
            help="Run what fits on the reference engine too.",
            rich_help_panel=options.MORE,
        ),
    ] = False,
    array_backend: Annotated[
        str | None,
        typer.Option(
            "--array-backend",
            metavar="NAME",
            help="Score by arrays of numpy, torch or cupy.",
            show_default=False,
            rich_help_panel=options.MORE,
        ),
    ] = None,
    no_differs: Annotated[
        bool,
        typer.Option(
            "--no-differs",
            help="Score by the share of equal cells alone.",
            rich_help_panel=options.MORE,
        ),
    ] = False,
    timing: Annotated[
        bool,
        typer.Option("--timing", help="Print where the time went.", rich_help_panel=options.MORE),
    ] = False,
    trace: Annotated[
        Path | None,
        typer.Option(
            "--trace",
            metavar="FILE",
            help="Write the phases for Perfetto.",
            show_default=False,
            rich_help_panel=options.MORE,
        ),
    ] = None,
) -> None:
    """Solve tasks, keep the best programs and write a submission.

    Every task is tried briefly, then the unsure ones again with more effort. Ctrl-C keeps what is
    found; the same command goes on. The submission keeps other answers.
    """
    timings = Timings()
    with timings.measure("run_batt.start"):
        from arcbatt.commands.solve import SolveRequest
        from arcbatt.context import DEFAULT_ARCHIVE
        from arcbatt.errors import UsageError

        if no_archive and archive is not None:
            raise UsageError(problem="--archive and --no-archive contradict each other")
        if trace is not None:
            require_writable(trace)
        run_limits = limits.make_limits(
            effort, source_options, task_seconds=time_per_task, total_seconds=total_time
        )
        request = SolveRequest(
            choice=options.read_task_choice(
                tasks,
                ids,
                dataset=dataset,
                split=split,
                start=start,
                count=count,
                strict=strict,
            ),
            sources=options.choose_sources(sources, source_options),
            options=source_options,
            archive=None if no_archive else archive or DEFAULT_ARCHIVE,
            engine=engine,
            array_backend=array_backend,
            settings=make_settings(timeout, jobs, fuel, run_limits),
            differs=not no_differs,
            cross_check=cross_check,
            submission=submission,
            memory=memory,
            ray=ray,
        )
    solved = _run(request, timings, quiet=as_json)
    warn(solved.damaged)
    _print_notes(solved)
    with timings.measure("run_batt.report"):
        if as_json:
            document = _document(solved)
        else:
            _print_tables(solved)
    if as_json:
        print_json(document | (_timings_document(timings) if timing else {}))
    elif timing:
        _print_timings(timings)
    if trace is not None:
        _write_json(trace, _trace_document(timings))
    if not as_json:
        open_console().print(*_closing_lines(solved), sep="\n", soft_wrap=True)
    if solved.report.interrupted:
        raise SystemExit(interrupts.exit_code())


def _run(request: SolveRequest, timings: Timings, *, quiet: bool) -> Solved:
    """Solve with progress on stderr."""
    with timings.measure("run_batt.start"):
        from arcbatt.commands.solve import solve as solve_request
        from arcbatt.report.progress import SolveProgress

        progress = SolveProgress(None if quiet else sys.stderr)

    def begin(start: SolveStart) -> None:
        progress.workers = start.workers
        warn(start.unreadable)
        explain_engine(request.engine, start.engine)
        if start.done_before:
            note(_describe_start(start))
        note_changed(start.changed)

    with progress:
        return solve_request(
            request,
            timings=timings,
            on_start=begin,
            on_progress=progress.add,
            on_pass=progress.begin_pass,
        )


def _describe_start(start: SolveStart) -> str:
    """Say what earlier runs have done, and with what this one goes on."""
    words = [f"{len(start.done_before)} of {start.tasks} tasks were tried"]
    if start.ahead:
        words.append(f"{len(start.ahead)} of them with more effort: their answers stay")
    if start.again:
        why = "a source had failed, or arcbatt or the archive has changed"
        words.append(f"{len(start.again)} of them are tried again, since {why}")
    if start.next_pass:
        return f"going on with pass {start.next_pass}: {', '.join(words)}"
    hint = "give more --effort or time to go on, another --archive to begin anew"
    return f"finished before: {', '.join(words)}; {hint}"


def _print_notes(solved: Solved) -> None:
    from arcbatt.report.results import lost_tasks, near_misses, source_problems

    results = solved.report.results
    for line in (*lost_tasks(results), *source_problems(results), *near_misses(results)):
        note(line)


def _document(solved: Solved) -> dict[str, Any]:
    from arcbatt.report.results import solved_document

    return solved_document(solved)


def _print_tables(solved: Solved) -> None:
    from arcbatt.report.results import TASKS_IN_FULL, grade_summary, results_table, totals_summary

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


def _print_timings(timings: Timings) -> None:
    from arcbatt.report.profile import timings_table

    console = open_console()
    console.print(timings_table(timings))
    console.print()


def _timings_document(timings: Timings) -> dict[str, Any]:
    from arcbatt.report.profile import timings_document

    return timings_document(timings)


def _closing_lines(solved: Solved) -> list[str]:
    from arcbatt.report.tasks import data_line

    request, report = solved.request, solved.report
    lines = [data_line(solved.dataset)]
    if solved.submission is not None:
        lines.append(f"submission: {_describe(solved.submission)}")
    if not report.finished and request.archive is not None:
        kept = f"what is done is kept in {request.archive}"
        lines.append(f"{kept}; the same command goes on from there")
    return [*lines, report.stopped]


def _describe(submission: SubmissionFile) -> str:
    """Return the path of a submission, and what was kept of the file that was there before."""
    words = [str(submission.path)]
    if submission.kept:
        tasks = "1 other task" if submission.kept == 1 else f"{submission.kept} other tasks"
        words.append(f"the answers for {tasks} stay")
    if submission.backup is not None:
        words.append(f"the former file is {submission.backup}")
    return "; ".join(words)


def _trace_document(timings: Timings) -> dict[str, Any]:
    from arcbatt.timings import chrome_trace

    return chrome_trace(timings)


def _write_json(path: Path, document: dict[str, Any]) -> None:
    from arcbatt.files import write_atomically

    write_atomically(path, json.dumps(document, indent=2) + "\n")
