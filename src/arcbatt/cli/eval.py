"""``batt eval``: how many tasks of a set are solved, and the CPU time used."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arcbatt import interrupts
from arcbatt.cli import limits, options
from arcbatt.cli.output import note, note_changed, open_console, print_json, require_writable, warn

if TYPE_CHECKING:
    from arcbatt.engine.workers import Workers
    from arcbatt.evaluation.grade import TaskRecord
    from arcbatt.evaluation.run import Evaluated, EvaluationRequest, EvaluationStart


SOURCES = "search,learners"
CURVE_FORMS = (".json", ".svg")


def evaluate(
    source_options: dict[str, Any],
    tasks: options.Tasks = None,
    dataset: options.Dataset = "arc-agi-1",
    split: options.Split = None,
    ids: options.Ids = None,
    count: options.Count = None,
    start: options.Start = 0,
    strict: options.Strict = False,
    sources: options.Sources = SOURCES,
    archive: options.Archive = None,
    attempts: Annotated[
        int,
        typer.Option(
            "--attempts", min=1, max=3, metavar="N", help="Attempts that count for a test input."
        ),
    ] = 2,
    hold_out: options.HoldOut = False,
    effort: limits.MeasuredEffort = None,
    time_per_task: limits.TimePerTask = None,
    total_time: limits.TotalTime = None,
    memory: limits.Memory = None,
    fuel: options.Fuel = None,
    jobs: options.Jobs = None,
    ray: options.Ray = None,
    results: Annotated[
        Path | None,
        typer.Option(
            "--results",
            metavar="FILE",
            help="Append a line of JSON per task; the same command continues from there.",
            show_default=False,
        ),
    ] = None,
    curve: Annotated[
        Path | None,
        typer.Option(
            "--curve",
            metavar="FILE",
            help="Also measure smaller efforts; write a chart (.svg) or numbers (.json).",
            show_default=False,
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Measure how many tasks are solved, and the CPU time used.

    The attempts for each test input are fixed before the outputs are read. Evaluation splits are
    for measuring only: don't read their tasks, and don't choose settings by them.

    Ctrl-C keeps the finished tasks; with --results the same command continues from there.
    """
    from arcbatt.context import count_cores, existing_archive
    from arcbatt.evaluation.run import EvaluationRequest
    from arcbatt.evaluation.task import EvaluationSetup

    if curve is not None:
        _check_curve(curve)
    chosen = options.choose_sources(sources, source_options) or ()
    request = EvaluationRequest(
        choice=options.read_task_choice(
            tasks,
            ids,
            dataset=dataset,
            split=split,
            start=start,
            count=count,
            strict=strict,
        ),
        setup=EvaluationSetup(
            sources=chosen,
            options=source_options,
            archive=existing_archive(archive) if "archive" in chosen else None,
            hold_out=hold_out,
            memory=memory,
            limits=limits.make_limits(
                effort,
                source_options,
                default=limits.MEASURED,
                task_seconds=time_per_task,
                total_seconds=total_time,
            ),
            fuel=fuel,
        ),
        attempts=attempts,
        jobs=jobs or count_cores(),
        results=results,
        curve=curve is not None,
        ray=ray,
    )
    evaluated = _run(request, quiet=as_json)
    if as_json:
        from arcbatt.report.evaluation import evaluation_document

        print_json(evaluation_document(evaluated))
    else:
        _print_tables(evaluated)
    if curve is not None and evaluated.curve:
        _write_curve(curve, evaluated)
    if not as_json:
        lines = _closing_lines(evaluated, curve)
        open_console().print(*lines, sep="\n", soft_wrap=True)
    if not evaluated.finished:
        raise SystemExit(interrupts.exit_code())


def _check_curve(path: Path) -> None:
    from arcbatt.errors import UsageError

    if path.suffix not in CURVE_FORMS:
        raise UsageError(
            problem=f"--curve: expected a file that ends in {' or '.join(CURVE_FORMS)}, got {path}"
        )
    if path.suffix == ".svg":
        from arcbatt.report.evaluation import require_matplotlib

        require_matplotlib()
    require_writable(path)


def _run(request: EvaluationRequest, *, quiet: bool) -> Evaluated:
    """Evaluate with progress on stderr."""
    from arcbatt.evaluation.run import evaluate as evaluate_request
    from arcbatt.report.progress import DelayedProgress

    progress = DelayedProgress(
        open_console(stderr=True) if sys.stderr.isatty() and not quiet else None
    )

    def begin(start: EvaluationStart) -> None:
        warn(start.unreadable)
        if start.done_before:
            note(f"going on: {start.done_before} of {start.measurements} were done")
        note_changed(start.changed)
        progress.expect(start.measurements - start.done_before)
        workers.append(start.workers)

    def advance(record: TaskRecord) -> None:
        progress.advance()
        if workers[0] is not None:
            progress.describe(f"tasks; {workers[0].describe()}")

    workers: list[Workers | None] = []
    with progress:
        return evaluate_request(request, on_start=begin, on_progress=advance)


def _print_tables(evaluated: Evaluated) -> None:
    from arcbatt.report.evaluation import (
        TASKS_IN_FULL,
        attempts_table,
        curve_table,
        efforts_table,
        evaluation_summary,
        groups_table,
        records_table,
    )

    console = open_console()
    if 0 < len(evaluated.records) <= TASKS_IN_FULL:
        console.print(records_table(evaluated))
        console.print()
    console.print(attempts_table(evaluated.totals))
    console.print()
    # A folder for each task is no group.
    if 0 < len(evaluated.totals.groups) < evaluated.totals.tasks:
        console.print(groups_table(evaluated.totals))
        console.print()
    console.print(evaluation_summary(evaluated.totals))
    console.print()
    console.print(efforts_table(evaluated.totals))
    console.print()
    if evaluated.curve:
        console.print(curve_table(evaluated))
        console.print()


def _write_curve(path: Path, evaluated: Evaluated) -> None:
    import json

    from arcbatt.files import write_atomically
    from arcbatt.report.evaluation import curve_document

    document = curve_document(evaluated)
    if path.suffix == ".json":
        write_atomically(path, json.dumps(document, indent=2) + "\n")
        return
    from arcbatt.report.evaluation import draw_curve

    draw_curve(document, path)


def _closing_lines(evaluated: Evaluated, curve: Path | None) -> list[str]:
    from arcbatt.report.tasks import data_line

    lines = [data_line(evaluated.dataset)]
    if curve is not None:
        lines += _curve_lines(evaluated, curve)
    results = evaluated.request.results
    if results is not None:
        again = "" if evaluated.finished else "; the same command goes on from there"
        lines.append(f"results: {results}{again}")
    return [*lines, evaluated.stopped]


def _curve_lines(evaluated: Evaluated, curve: Path) -> list[str]:
    """Say where a curve was written, and which efforts it lacks."""
    reached = [effort for effort, _ in evaluated.curve]
    missing = [f"{each:,}" for each in evaluated.request.efforts if each not in reached]
    lines = [f"curve: {curve}"] if reached else []
    if missing:
        lines.append(f"not on the curve, since not all tasks reached it: {', '.join(missing)}")
    return lines


def grade(
    submission: Annotated[
        Path,
        typer.Argument(
            metavar="SUBMISSION",
            help="A submission in Kaggle's form (JSON, or 2020's CSV), or a folder with a file of"
            " answers for each task.",
        ),
    ],
    dataset: Annotated[
        str | None,
        options.dataset_option(
            "arc-agi-1, arc-agi-2, a folder or a JSON file; without it, found by the ids."
        ),
    ] = None,
    split: Annotated[
        str | None,
        options.split_option("training, evaluation or development; without it, found by the ids."),
    ] = None,
    ids: Annotated[
        list[str] | None,
        typer.Option(
            "--ids",
            "-i",
            metavar="ID|FILE",
            help="Grade these tasks only: an id, or a file of ids; may be repeated.",
            show_default=False,
        ),
    ] = None,
    attempts: Annotated[
        int | None,
        typer.Option(
            "--attempts",
            min=1,
            max=3,
            metavar="N",
            help="Attempts that count for a test input; default: 2, for a CSV file 3.",
            show_default=False,
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="List every task, however many there are.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Compare a submission with the known outputs.

    Whatever can be graded is graded; what a competition would refuse is listed, and the exit code
    is 1 then. A task that was not submitted is wrong: name the tasks of a part with --ids.
    """
    from arcbatt.pipeline.answers import read_submission
    from arcbatt.pipeline.submission import find_tasks
    from arcbatt.pipeline.submission import grade as grade_submission
    from arcbatt.report.results import (
        TASKS_IN_FULL,
        grade_document,
        grade_remarks,
        grade_summary,
        grades_table,
    )
    from arcbatt.report.tables import count
    from arcbatt.tasks import read_ids

    answers = read_submission(submission)
    found = find_tasks(answers, dataset=dataset, split=split)
    chosen = list(found.choose(tuple(read_ids(ids))) if ids else found)
    others = [*found.ids, *(each.id for each in found.skipped)]
    graded = grade_submission(answers, chosen, others=others, attempts=attempts)
    is_guessed = dataset is None or (split is None and found.split is not None)
    if as_json:
        print_json({"dataset": str(found), "guessed": is_guessed, **grade_document(graded)})
    else:
        console = open_console()
        listed = graded.tasks if every else [task for task in graded.tasks if task.submitted]
        if every or len(listed) <= TASKS_IN_FULL:
            console.print(grades_table(listed))
            console.print()
        guessed = ", found by the ids" if is_guessed else ""
        part = f"{len(chosen)} of the {len(found)} tasks of " if len(chosen) < len(found) else ""
        lines = [
            f"submission: {answers.path}",
            f"tasks: {part}{found}{guessed}",
            f"rules: {graded.form}, {count(graded.attempts, 'attempt')} for a test input",
            "",
        ]
        console.print(*lines, sep="\n", soft_wrap=True)
        console.print(grade_summary(graded))
        remarks = list(grade_remarks(graded))
        if remarks:
            console.print("", *remarks, sep="\n", soft_wrap=True)
        if not graded.is_accepted:
            console.print("A competition would refuse this file.")
    if not graded.is_accepted:
        raise typer.Exit(1)
