"""``batt evolve``: breed programs for tasks, round by round."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arcbatt.cli import options
from arcbatt.cli.output import note, note_left_out, open_console, print_json, warn
from arcbatt.cli.settings import make_settings
from arcbatt.errors import UsageError
from arcbatt.profile.timings import Timings

if TYPE_CHECKING:
    from arcbatt.evolve.request import Evolved, Request, Start
    from arcbatt.evolve.state import State

ARCHIVE = Path("archive")
MINUTES_MIN = 0.001


def evolve(
    tasks: options.Tasks = None,
    dataset: options.Dataset = "arc-agi-1",
    split: options.Split = None,
    ids: options.Ids = None,
    count: options.Count = None,
    start: options.Start = 0,
    rounds: options.Rounds = 10,
    minutes: Annotated[
        float | None,
        typer.Option(
            "--minutes",
            min=MINUTES_MIN,
            metavar="M",
            help="Begin no round after so many minutes.",
            show_default=False,
        ),
    ] = None,
    mutants: options.Mutants = 10_000,
    population: Annotated[
        int, typer.Option("--population", min=2, metavar="N", help="Programs of an island.")
    ] = 100,
    islands: Annotated[
        int, typer.Option("--islands", min=1, metavar="N", help="Islands of a task.")
    ] = 2,
    selection: Annotated[
        str,
        typer.Option(
            "--selection",
            metavar="NAME",
            help="How parents are selected: lexicase, tournament, best; dealt to compare with:"
            " children never become parents.",
        ),
    ] = "lexicase",
    seed: options.Seed = 0,
    sources: options.KeptSources = "library,archive",
    library: options.Library = None,
    archive: options.Archive = None,
    hold_out: options.HoldOut = False,
    keep_solved: Annotated[
        bool, typer.Option("--keep-solved", help="Go on with tasks that are solved.")
    ] = False,
    no_differs: options.NoDiffers = False,
    differ_mutants: Annotated[
        int,
        typer.Option(
            "--differ-mutants",
            min=0,
            metavar="N",
            help="Breed so many differs a round too, by what the solved tasks tell.",
        ),
    ] = 0,
    functions: options.Functions = "none",
    jobs: options.Jobs = None,
    moves: Annotated[
        bool, typer.Option("--moves", help="List the moves and their weights, and do nothing.")
    ] = False,
    timing: Annotated[bool, typer.Option("--timing", help="Say where the time went.")] = False,
    as_json: options.Json = False,
) -> None:
    """Breed programs for tasks from the library, the archive and files.

    What is found is kept in the archive after each round. q or Ctrl-C ends after the round that
    is running; the same command goes on from there, also after a crash.
    """
    if moves:
        _show_moves(as_json=as_json)
        return
    if no_differs and differ_mutants:
        raise UsageError(problem="--differ-mutants and --no-differs contradict each other")
    timings = Timings()
    with timings.measure("evolve.start"):
        from arcbatt.evolve.request import Request
        from arcbatt.pipeline.solve import read_ids
        from arcbatt.pipeline.sources import parse_sources

        request = Request(
            dataset=dataset,
            split=split,
            ids=(*(tasks or ()), *read_ids(ids or ())),
            start=start,
            count=count,
            archive=archive or ARCHIVE,
            library=tuple(library or ()),
            sources=parse_sources(sources),
            rounds=rounds,
            minutes=minutes,
            population=population,
            islands=islands,
            mutants=mutants,
            selection=selection,
            seed=seed,
            hold_out=hold_out,
            keep_solved=keep_solved,
            differs=not no_differs,
            differ_mutants=differ_mutants,
            functions=functions,
            jobs=make_settings(None, jobs).jobs,
        )
    evolved = _run(request, timings)
    warn(evolved.damaged)
    if as_json:
        _print_json(evolved, timings if timing else None)
    else:
        _print_tables(evolved, timings if timing else None)
    if evolved.interrupted:
        raise SystemExit(130)


def _show_moves(*, as_json: bool) -> None:
    from arcbatt.report.evolve import moves_document, moves_table

    if as_json:
        print_json(moves_document())
    else:
        open_console().print(moves_table())


def _run(request: Request, timings: Timings) -> Evolved:
    """Evolve with a live table; q and Ctrl-C end it after a round."""
    from arcbatt.cli.stopping import Stopping
    from arcbatt.evolve.run import evolve as evolve_request
    from arcbatt.report.evolve import LiveTable

    def begin(start: Start, state: State) -> None:
        warn(start.unreadable)
        note_left_out(start.left_out)
        if start.rounds_before:
            note(f"going on after round {start.rounds_before}")
        live.show(state)

    with Stopping() as stopping, LiveTable(open_console(stderr=True)) as live:
        return evolve_request(
            request,
            timings=timings,
            on_start=begin,
            on_round=live.show,
            should_stop=lambda: stopping.asked,
        )


def _print_json(evolved: Evolved, timings: Timings | None) -> None:
    from arcbatt.report.evolve import evolved_document
    from arcbatt.report.timings import timings_document

    document = evolved_document(evolved)
    print_json(document | (timings_document(timings) if timings else {}))


def _print_tables(evolved: Evolved, timings: Timings | None) -> None:
    from arcbatt.report.differs import guidance_table
    from arcbatt.report.evolve import evolved_summary, state_table
    from arcbatt.report.timings import timings_table

    console = open_console()
    console.print(state_table(evolved.state))
    console.print()
    if evolved.state.differs:
        console.print(guidance_table(evolved.state.differs))
        console.print()
    console.print(evolved_summary(evolved))
    console.print()
    if timings is not None:
        console.print(timings_table(timings))
        console.print()
    console.print(f"archive: {evolved.request.archive}", markup=False, soft_wrap=True)
    console.print(evolved.stopped, markup=False, soft_wrap=True)
