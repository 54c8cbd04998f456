"""``batt verify``: compare the engines on whole runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from arcbatt.cli import options
from arcbatt.cli.output import open_console, print_json, warn
from arcbatt.contract import COUNT_MAX

if TYPE_CHECKING:
    from arcbatt.commands.verify import Verification


def verify(
    source_options: dict[str, Any],
    tasks: Annotated[
        list[str] | None,
        typer.Argument(metavar="TASK...", help="Ids of tasks; none for the first of the split."),
    ] = None,
    dataset: options.Dataset = "arc-agi-1",
    split: options.Split = None,
    count: Annotated[
        int,
        typer.Option(
            "--count", "-c", min=1, max=COUNT_MAX, metavar="N", help="Take at most N tasks."
        ),
    ] = 20,
    start: options.Start = 0,
    programs: Annotated[
        int,
        typer.Option(
            "--programs",
            min=0,
            max=COUNT_MAX,
            metavar="N",
            help="Run N programs of the shipped library on each task: its own solver and the"
            " next ones. The reference engine is slow.",
        ),
    ] = 8,
    threads: Annotated[
        str,
        typer.Option(
            "--threads",
            metavar="NUMBERS",
            help="Run the native engine with each of these numbers of threads.",
        ),
    ] = "1,2,8",
    as_json: options.Json = False,
) -> None:
    """Compare runs on the native engine and the reference engine.

    The pipeline runs on the reference engine, task by task, then on the native engine in
    parallel. Candidate counts, scores, attempts and archived programs have to be equal. Fuel is
    the only bound: time depends on the machine. The exit code is 1 if anything differs.
    """
    from arcbatt.candidates import MergedPrograms
    from arcbatt.commands.verify import choose_programs, read_threads
    from arcbatt.commands.verify import verify as compare_runs
    from arcbatt.context import Context
    from arcbatt.engine import Budget
    from arcbatt.library import load_merged_library
    from arcbatt.pipeline.run import Settings
    from arcbatt.report.progress import DelayedProgress
    from arcbatt.report.results import verification_document
    from arcbatt.sources.files import read_programs

    numbers = read_threads(threads)
    choice = options.read_task_choice(
        tasks, None, dataset=dataset, split=split, start=start, count=count
    )
    chosen = list(choice.load())
    with Context() as context, DelayedProgress(open_console(stderr=True)) as progress:
        named = read_programs(source_options["files"], context)
        warn(context.warnings)
        progress.expect(len(chosen) * (1 + len(numbers)))
        verification = compare_runs(
            chosen,
            choose_programs(
                chosen, MergedPrograms.of(load_merged_library()), programs, others=named
            ),
            context.differs,
            Settings(budget=Budget(sample_seconds=None)),
            threads=numbers,
            on_progress=lambda _: progress.advance(),
        )
    if as_json:
        print_json(verification_document(verification))
    else:
        _print_tables(verification)
    if verification.differences:
        raise typer.Exit(1)


def _print_tables(verification: Verification) -> None:
    from arcbatt.report.results import compared_table, differences_table, verification_summary

    console = open_console()
    console.print(compared_table(verification))
    console.print()
    if verification.differences:
        console.print(differences_table(verification.differences))
        console.print()
    console.print(verification_summary(verification))
