"""``batt evolve``: evolve programs for tasks, round by round."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from arcbatt import interrupts
from arcbatt.cli import limits, options
from arcbatt.cli.output import note, note_left_out, open_console, print_json, warn
from arcbatt.contract import TIME
from arcbatt.sources.evolution import EvolutionSource
from arcbatt.timings import Timings

if TYPE_CHECKING:
    from arcbatt.commands.evolve import Evolved, EvolveRequest, EvolveStart
    from arcbatt.evolve.state import RunState


def evolve(
    source_options: dict[str, Any],
    tasks: options.Tasks = None,
    dataset: options.Dataset = "arc-agi-1",
    split: options.Split = None,
    ids: options.Ids = None,
    count: options.Count = None,
    start: options.Start = 0,
    strict: options.Strict = False,
    total_time: Annotated[
        Any,
        typer.Option(
            "--total-time",
            parser=limits.read_duration,
            metavar=TIME,
            help="Begin no round after this time, such as 20m.",
            show_default=False,
        ),
    ] = None,
    sources: options.Sources = "library,archive",
    archive: options.Archive = None,
    hold_out: options.HoldOut = False,
    keep_solved: Annotated[
        bool, typer.Option("--keep-solved", help="Continue with tasks that are solved.")
    ] = False,
    no_differs: Annotated[
        bool, typer.Option("--no-differs", help="Score by the share of equal cells alone.")
    ] = False,
    jobs: options.Jobs = None,
    ray: options.Ray = None,
    mutations: Annotated[
        bool,
        typer.Option("--mutations", help="Only list the mutations and their weights."),
    ] = False,
    timing: Annotated[bool, typer.Option("--timing", help="Print where the time went.")] = False,
    as_json: options.Json = False,
) -> None:
    """Evolve programs from those of library, archive and files.

    New programs are added to the archive after each round. q ends the run after the current round,
    Ctrl-C at once; the same command continues from the last round, also after a crash.
    """
    if mutations:
        _show_mutations(as_json=as_json)
        return
    timings = Timings()
    with timings.measure("evolve.start"):
        from dataclasses import replace

        from arcbatt.commands.evolve import EvolveRequest
        from arcbatt.context import DEFAULT_ARCHIVE, count_cores

        request = EvolveRequest(
            choice=options.read_task_choice(
                tasks,
                ids,
                dataset=dataset,
                split=split,
                start=start,
                count=count,
                strict=strict,
            ),
            archive=archive or DEFAULT_ARCHIVE,
            sources=options.choose_sources(sources, source_options) or (),
            source_options=source_options,
            total_seconds=total_time,
            options=replace(source_options[EvolutionSource.name], hold_out=hold_out),
            keep_solved=keep_solved,
            differs=not no_differs,
            jobs=jobs or count_cores(),
            ray=ray,
        )
    evolved = _run(request, timings)
    warn(evolved.damaged)
    for task, known in evolved.state.progress.tasks.items():
        if known.is_lost:
            note(f"warning[lost]: {task}: {known.problem}")
    if as_json:
        _print_json(evolved, timings if timing else None)
    else:
        _print_tables(evolved, timings if timing else None)
    if evolved.interrupted:
        raise SystemExit(interrupts.exit_code())


def _show_mutations(*, as_json: bool) -> None:
    from arcbatt.report.evolve import mutations_document, mutations_table

    if as_json:
        print_json(mutations_document())
    else:
        open_console().print(mutations_table())


def _run(request: EvolveRequest, timings: Timings) -> Evolved:
    """Evolve with a live table; q ends the run after a round."""
    from arcbatt.commands.evolve import evolve as evolve_request
    from arcbatt.report.evolve import LiveTable

    def begin(start: EvolveStart, state: RunState) -> None:
        warn(start.unreadable)
        note_left_out(start.left_out)
        if start.rounds_before:
            note(f"going on after round {start.rounds_before}")
        live.show(state)

    with KeyPressed() as pressed, LiveTable(open_console(stderr=True)) as live:
        return evolve_request(
            request,
            timings=timings,
            on_start=begin,
            on_round=live.show,
            should_stop=pressed,
        )


def _print_json(evolved: Evolved, timings: Timings | None) -> None:
    from arcbatt.report.evolve import evolved_document
    from arcbatt.report.profile import timings_document

    document = evolved_document(evolved)
    print_json(document | (timings_document(timings) if timings else {}))


def _print_tables(evolved: Evolved, timings: Timings | None) -> None:
    from arcbatt.report.evolve import evolved_summary, state_table
    from arcbatt.report.profile import timings_table
    from arcbatt.report.tasks import data_line

    console = open_console()
    console.print(state_table(evolved.state))
    console.print()
    console.print(evolved_summary(evolved))
    console.print()
    if timings is not None:
        console.print(timings_table(timings))
        console.print()
    console.print(data_line(evolved.start.dataset), soft_wrap=True)
    again = "; the same command goes on from the last round" if evolved.interrupted else ""
    console.print(f"archive: {evolved.request.archive}{again}", soft_wrap=True)
    console.print(evolved.stopped, soft_wrap=True)


KEY = "q"


class KeyPressed:
    """Listens for q, which ends the run after a round.

    Inside the context, the terminal delivers keys without waiting for Enter.
    """

    def __init__(self) -> None:
        self._terminal: list[Any] | None = None

    def __enter__(self) -> Self:
        if sys.stdin is not None and sys.stdin.isatty():
            import termios
            import tty

            self._terminal = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._terminal is not None:
            import termios

            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._terminal)

    def __call__(self) -> bool:
        """Read the keys that were pressed; return whether one of them ends the run."""
        import select

        if self._terminal is None:
            return False
        pressed = False
        while select.select([sys.stdin], [], [], 0)[0]:
            key = sys.stdin.read(1)
            if not key:
                break
            pressed |= key.lower() == KEY
        return pressed
