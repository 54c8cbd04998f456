"""``batt eval``: what a set of tasks comes to, and what it costs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arcbatt.cli import options
from arcbatt.cli.output import note, note_left_out, open_console, print_json, require_writable, warn
from arcbatt.cli.settings import make_limits, make_settings

if TYPE_CHECKING:
    from arcbatt.evaluation.run import Evaluated, Request, Start
    from arcbatt.evaluation.why import Reasons
    from arcbatt.report.progress import DelayedProgress

SOURCES = "search"
CURVE_FORMS = (".json", ".svg")


def evaluate(
    tasks: options.Tasks = None,
    dataset: options.Dataset = "arc-agi-1",
    split: options.Split = None,
    ids: options.Ids = None,
    count: options.Count = None,
    start: options.Start = 0,
    sources: Annotated[
        str,
        typer.Option(
            "--sources",
            metavar="NAMES",
            help="Where programs come from, with commas between: library, archive, search; evolve"
            " breeds mutants of what is dealt, and fresh, to compare with, tries the same random"
            " ones on all tasks.",
        ),
    ] = SOURCES,
    library: options.Library = None,
    archive: Annotated[
        Path,
        typer.Option(
            "--archive", metavar="DIR", help="What the source archive reads; nothing is kept in it."
        ),
    ] = Path("archive"),
    attempts: Annotated[
        int,
        typer.Option(
            "--attempts", min=1, max=3, metavar="N", help="Attempts that count for a test input."
        ),
    ] = 2,
    search_nodes: options.SearchNodes = None,
    search_memory: options.SearchMemory = None,
    mutants: options.Mutants = options.MUTANTS,
    rounds: options.Rounds = options.ROUNDS,
    seed: options.Seed = 0,
    hold_out: options.HoldOut = False,
    functions: options.Functions = "none",
    time_per_task: Annotated[
        float | None,
        typer.Option(
            "--time-per-task",
            min=0.001,
            metavar="SECONDS",
            help="Wall time that search may take for a task; without it the result does not"
            " depend on the machine.",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            min=1,
            metavar="N",
            help="Tasks at a time, each in a process; one a core if it is left out.",
            show_default=False,
        ),
    ] = None,
    results: Annotated[
        Path | None,
        typer.Option(
            "--results",
            metavar="FILE",
            help="Append a line of JSON for each task; the same command goes on from there.",
            show_default=False,
        ),
    ] = None,
    curve: Annotated[
        Path | None,
        typer.Option(
            "--curve",
            metavar="FILE",
            help="Measure fewer mutants too, or nodes where there are none, and write tasks right"
            " against these and CPU-seconds: a drawing (.svg) or numbers (.json).",
            show_default=False,
        ),
    ] = None,
    why: Annotated[
        bool,
        typer.Option(
            "--why",
            help="Say of the tasks that search does not solve what holds each one back, from the"
            " programs that are known; of evaluation tasks only how many there are of each class.",
        ),
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Measure how many tasks are right, and what that costs.

    The attempts for each test input are fixed before the outputs are looked at. Evaluation splits
    are for measuring only: don't read their tasks, and don't choose settings by them.

    Ctrl-C keeps what is done; with --results the same command goes on from there.
    """
    from arcbatt.evaluation.measure import Setup
    from arcbatt.evaluation.run import Request
    from arcbatt.evolve.alone import FRESH, Plan
    from arcbatt.pipeline.solve import read_ids
    from arcbatt.pipeline.sources import parse_sources

    if curve is not None:
        _check_curve(curve)
    request = Request(
        dataset=dataset,
        split=split,
        ids=(*(tasks or ()), *read_ids(ids or ())),
        start=start,
        count=count,
        setup=Setup(
            sources=parse_sources(sources, also=(FRESH,)),
            library=tuple(library or ()),
            plan=Plan(mutants=mutants, rounds=rounds, seed=seed, hold_out=hold_out),
            search=make_limits(search_nodes, time_per_task, search_memory),
            functions=functions,
            archive=archive,
        ),
        attempts=attempts,
        jobs=make_settings(None, jobs).jobs,
        results=results,
        curve=curve is not None,
    )
    if why:
        from arcbatt.evaluation.why import check_why

        check_why(request)
    evaluated = _run(request)
    if not as_json:
        _print_tables(evaluated)
    reasons = _find_reasons(evaluated) if why and evaluated.finished else None
    if as_json:
        _print_document(evaluated, reasons)
    elif reasons is not None:
        _print_reasons(reasons)
    if curve is not None and evaluated.curve:
        _write_curve(curve, evaluated)
    if not as_json:
        open_console().print(
            *_closing_lines(evaluated, curve), sep="\n", markup=False, soft_wrap=True
        )
    if not evaluated.finished:
        raise SystemExit(130)


def _check_curve(path: Path) -> None:
    from arcbatt.errors import UsageError

    if path.suffix not in CURVE_FORMS:
        raise UsageError(
            problem=f"--curve: expected a file that ends in {' or '.join(CURVE_FORMS)}, got {path}"
        )
    require_writable(path)


def _run(request: Request) -> Evaluated:
    """Measure with a progress bar."""
    from arcbatt.evaluation.run import evaluate as evaluate_request

    progress = _progress()

    def begin(start: Start) -> None:
        warn(start.unreadable)
        note_left_out(start.left_out)
        if start.done_before:
            note(f"going on: {start.done_before} of {start.measurements} were done")
        progress.expect(start.measurements - start.done_before)

    with progress:
        return evaluate_request(
            request, on_start=begin, on_progress=lambda record: progress.advance()
        )


def _print_tables(evaluated: Evaluated) -> None:
    from arcbatt.report.evaluation import (
        TASKS_IN_FULL,
        attempts_table,
        curve_table,
        evaluation_summary,
        records_table,
    )

    console = open_console()
    if 0 < len(evaluated.records) <= TASKS_IN_FULL:
        console.print(records_table(evaluated))
        console.print()
    console.print(attempts_table(evaluated.totals))
    console.print()
    console.print(evaluation_summary(evaluated.totals))
    console.print()
    if evaluated.curve:
        console.print(curve_table(evaluated))
        console.print()


def _find_reasons(evaluated: Evaluated) -> Reasons:
    """Say why tasks are not solved, with a progress bar."""
    from arcbatt.evaluation.why import find_reasons

    with _progress() as progress:
        right = evaluated.totals.tasks_right[evaluated.request.attempts - 1]
        progress.expect(evaluated.totals.tasks - right)
        return find_reasons(evaluated, on_progress=progress.advance)


def _progress() -> DelayedProgress:
    from arcbatt.report.progress import DelayedProgress

    return DelayedProgress(open_console(stderr=True) if sys.stderr.isatty() else None)


def _print_document(evaluated: Evaluated, reasons: Reasons | None) -> None:
    from arcbatt.report.evaluation import evaluation_document
    from arcbatt.report.why import reasons_document

    why = None if reasons is None else reasons_document(reasons)
    print_json({**evaluation_document(evaluated), "why": why})


def _print_reasons(reasons: Reasons) -> None:
    from arcbatt.report.why import (
        classes_table,
        reasons_summary,
        reasons_table,
        wants_table,
    )

    console = open_console()
    console.print(classes_table(reasons))
    console.print()
    if reasons.is_closed:
        note("tasks of an evaluation split are for measuring only: no more is said of them")
        return
    if reasons.reasons:
        console.print(reasons_table(reasons))
        console.print()
    if reasons.wants:
        console.print(wants_table(reasons))
        console.print()
    console.print(reasons_summary(reasons))
    console.print()


def _write_curve(path: Path, evaluated: Evaluated) -> None:
    import json

    from arcbatt.files import write_atomically
    from arcbatt.report.curves import draw_curve
    from arcbatt.report.evaluation import curve_document

    document = curve_document(evaluated)
    is_drawn = path.suffix == ".svg"
    text = draw_curve(document) if is_drawn else json.dumps(document, indent=2) + "\n"
    write_atomically(path, text)


def _closing_lines(evaluated: Evaluated, curve: Path | None) -> list[str]:
    lines = []
    if curve is not None and evaluated.curve:
        lines.append(f"curve: {curve}")
    results = evaluated.request.results
    if results is not None:
        again = "" if evaluated.finished else "; the same command goes on from there"
        lines.append(f"results: {results}{again}")
    return [*lines, evaluated.stopped]
