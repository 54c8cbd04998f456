"""``batt bench``: measure how fast this is, and what each optimisation is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arcbatt.cli import options
from arcbatt.cli.output import note, open_console, print_json, require_writable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arcbatt.bench.findings import Comparison
    from arcbatt.bench.measure import Measured, Side
    from arcbatt.bench.series import Series

SIZES = "50,100,200"
ABLATION_TASKS, ABLATION_PROGRAMS = 3, 40
"""Little enough for the reference engine."""


def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Benchmarks, see --list; none for all."),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="Say what can be measured.")] = False,
    repeats: Annotated[
        int,
        typer.Option(
            "--repeats",
            "-r",
            min=1,
            metavar="N",
            help="Rounds; in each one everything takes its turn, in a process of its own.",
        ),
    ] = 5,
    sizes: Annotated[
        str,
        typer.Option(
            "--sizes", metavar="NUMBERS", help="Tasks, for benchmarks that grow with them."
        ),
    ] = SIZES,
    ablate: Annotated[
        bool,
        typer.Option(
            "--ablate",
            help="Measure runs with each optimisation switched off alone, and with all of them"
            " off.",
        ),
    ] = False,
    tasks: Annotated[
        int | None,
        typer.Option(
            "--tasks",
            min=1,
            max=400,
            metavar="N",
            help=f"Training tasks of an ablation; {ABLATION_TASKS} if it is left out: the"
            " reference engine is slow.",
            show_default=False,
        ),
    ] = None,
    programs: Annotated[
        int | None,
        typer.Option(
            "--programs",
            min=1,
            metavar="N",
            help="Programs of the library that an ablation deals, those of its tasks first;"
            f" {ABLATION_PROGRAMS} if it is left out.",
            show_default=False,
        ),
    ] = None,
    switches: Annotated[
        str | None,
        typer.Option(
            "--switches",
            metavar="SWITCHES",
            help="Of an ablation, as in `batt solve --without`; all if it is left out.",
            show_default=False,
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="PYTHON",
            help="Measure in turn with another interpreter that has arcbatt, and compare.",
            show_default=False,
        ),
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(
            "--compare", metavar="FILE", help="Compare with what --save kept.", show_default=False
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save",
            metavar="FILE",
            help="Keep what was measured, in pyperf's form.",
            show_default=False,
        ),
    ] = None,
    jobs: options.Jobs = None,
    as_json: options.Json = False,
) -> None:
    """Measure how fast this is, and what each optimisation is worth.

    Everything is measured in rounds of processes. A ratio has an interval that holds the true one
    in 95 of 100 cases; where it holds 1 too, no difference is shown. Ctrl-C keeps what is done.
    """
    from arcbatt.bench.findings import compare_with_other, compare_with_saved
    from arcbatt.bench.measure import measure, require_pyperf
    from arcbatt.bench.series import load_series, save_series
    from arcbatt.report.progress import DelayedProgress

    if listing:
        _print_list(as_json=as_json)
        return
    _check_words(names, ablate, tasks, programs, switches, against)
    sides = (
        _ablation_sides(tasks, programs, switches, jobs)
        if ablate
        else _plain_sides(names, sizes, jobs, against)
    )
    require_pyperf()
    saved = load_series(compare) if compare else ()
    if save is not None:
        require_writable(save)
    with DelayedProgress(open_console(stderr=True), noun="processes") as progress:
        measured = measure(sides, repeats, progress.show)
    if save is not None and measured.series:
        save_series(save, measured.series)
    comparisons = [
        *compare_with_other(measured.series),
        *compare_with_saved(measured.series, saved),
    ]
    _warn_of_machines(measured.series, saved)
    _print(measured, comparisons, as_json=as_json)
    if not measured.finished:
        raise SystemExit(130)


def _check_words(
    names: list[str] | None,
    ablate: bool,
    tasks: int | None,
    programs: int | None,
    switches: str | None,
    against: str | None,
) -> None:
    from arcbatt.errors import UsageError

    if ablate and (names or against):
        raise UsageError(problem="--ablate measures runs: it takes no names and no --against")
    if not ablate and (tasks or programs or switches):
        raise UsageError(problem="--tasks, --programs and --switches go with --ablate")


def _ablation_sides(
    tasks: int | None, programs: int | None, switches: str | None, jobs: int | None
) -> Sequence[Side]:
    from arcbatt.bench.measure import ablation_sides
    from arcbatt.bench.workloads import Options, count_cores
    from arcbatt.engine.native import HOW_TO_GET_IT, native_available
    from arcbatt.pipeline.switches import NATIVE, SWITCHES, parse_switches

    chosen = SWITCHES if switches is None else parse_switches(switches)
    if NATIVE in chosen and not native_available():
        note(f"note: there is no native engine to switch off: {HOW_TO_GET_IT}")
        chosen = tuple(name for name in chosen if name != NATIVE)
    size = tasks or ABLATION_TASKS
    return ablation_sides(
        Options(size, programs or ABLATION_PROGRAMS, jobs or count_cores()), chosen
    )


def _plain_sides(
    names: list[str] | None, sizes: str, jobs: int | None, against: str | None
) -> Sequence[Side]:
    from arcbatt.bench.measure import plain_sides, read_sizes
    from arcbatt.bench.table import find_benchmarks
    from arcbatt.bench.workloads import count_cores
    from arcbatt.engine.native import HOW_TO_GET_IT, native_available

    benchmarks = find_benchmarks(tuple(names or ()))
    if not names and not native_available():
        note(f"note: what needs the native engine is left out: {HOW_TO_GET_IT}")
        benchmarks = tuple(each for each in benchmarks if not each.native)
    return plain_sides(benchmarks, read_sizes(sizes), jobs or count_cores(), other=against)


def _print_list(*, as_json: bool) -> None:
    from arcbatt.bench.table import TABLE
    from arcbatt.report.bench import list_table

    if as_json:
        print_json([{"name": each.name, "measures": each.doc} for each in TABLE])
    else:
        open_console().print(list_table(TABLE))


def _warn_of_machines(series: Sequence[Series], saved: Sequence[Series]) -> None:
    from arcbatt.report.bench import machine_of

    here, there = machine_of(series), machine_of(saved)
    if series and saved and here != there:
        differing = [key for key in here if here[key] != there.get(key)]
        note(f"warning: the saved times are of another machine: {', '.join(differing)} differ")


def _print(measured: Measured, comparisons: Sequence[Comparison], *, as_json: bool) -> None:
    from arcbatt.bench.findings import find_effects, find_growth
    from arcbatt.report import bench as report

    effects, growths = find_effects(measured.series), find_growth(measured.series)
    if as_json:
        print_json(
            report.bench_document(
                measured, comparisons=comparisons, effects=effects, growths=growths
            )
        )
        return
    console = open_console()
    tables = [report.series_table(measured.series)]
    if growths:
        tables.append(report.growth_table(growths))
    if effects:
        tables.append(report.effects_table(effects))
    if comparisons:
        tables.append(report.comparisons_table(comparisons))
    for table in tables:
        console.print(table)
        console.print()
    console.print(measured.stopped, markup=False)
