"""``batt verify-run``: compare the engines on whole runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from arcbatt.cli import options
from arcbatt.cli.output import open_console, print_json, warn

if TYPE_CHECKING:
    from arcbatt.pipeline.parity import Parity


def verify_run(
    tasks: Annotated[
        list[str] | None,
        typer.Argument(metavar="TASK", help="Ids of tasks; none for the first of the split."),
    ] = None,
    dataset: options.Dataset = "arc-agi-1",
    split: options.Split = None,
    count: Annotated[
        int, typer.Option("--count", "-c", min=1, metavar="N", help="Take so many tasks.")
    ] = 20,
    start: options.Start = 0,
    library: options.Library = None,
    programs: Annotated[
        int,
        typer.Option(
            "--programs",
            min=0,
            metavar="N",
            help="Deal each task so many programs of the shipped library: its own solver and"
            " those that follow it. The reference engine is slow.",
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
    """Compare runs on the native engine with one on the reference engine.

    The pipeline runs on the reference engine, task by task, then on the native engine in
    parallel. Candidate counts, scores, attempts and archived programs have to be equal. Fuel is
    the only bound: time depends on the machine. The exit code is 1 if anything differs.
    """
    from arcbatt.engine import Budget
    from arcbatt.pipeline.parity import deal_some, read_threads
    from arcbatt.pipeline.parity import verify_run as compare_runs
    from arcbatt.pipeline.run import Settings
    from arcbatt.pipeline.solve import choose_tasks, load_differs
    from arcbatt.pipeline.sources import load_card
    from arcbatt.report.parity import parity_document
    from arcbatt.report.progress import DelayedProgress
    from arcbatt.tasks import load_dataset

    numbers = read_threads(threads)
    chosen = choose_tasks(
        load_dataset(dataset, split=split), ids=tasks or (), start=start, count=count
    )
    named = load_card(sources=(), files=library or ())
    warn(named.unreadable)
    with DelayedProgress(open_console(stderr=True)) as progress:
        progress.expect(len(chosen) * (1 + len(numbers)))
        parity = compare_runs(
            list(chosen),
            deal_some(list(chosen), load_card().card, programs, others=named.card),
            load_differs(),
            Settings(budget=Budget(sample_seconds=None)),
            threads=numbers,
            on_progress=lambda _: progress.advance(),
        )
    if as_json:
        print_json(parity_document(parity))
    else:
        _print_tables(parity)
    if parity.differences:
        raise typer.Exit(1)


def _print_tables(parity: Parity) -> None:
    from arcbatt.report.parity import compared_table, differences_table, parity_summary

    console = open_console()
    console.print(compared_table(parity))
    console.print()
    if parity.differences:
        console.print(differences_table(parity.differences))
        console.print()
    console.print(parity_summary(parity))
