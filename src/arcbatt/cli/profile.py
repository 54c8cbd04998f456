"""``batt profile``: say where the whole time of a run goes."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arcbatt.cli import options
from arcbatt.cli.output import note, open_console, print_json, require_writable
from arcbatt.cli.settings import explain_engine, make_limits, make_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from arcbatt.pipeline.solve import Request, Solved
    from arcbatt.profile.compare import Comparison
    from arcbatt.profile.model import Profile
    from arcbatt.profile.run import Profiled

EXIT_INTERRUPTED = 130
OUTPUTS = ("top", "detailed")


def profile(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="TASK", help="Ids of tasks; none to draw some.")
    ] = None,
    tasks: Annotated[
        int, typer.Option("--tasks", min=1, metavar="N", help="Draw so many tasks at random.")
    ] = 100,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Which tasks are drawn depends on it.")
    ] = 0,
    dataset: options.Dataset = "arc-agi-1",
    split: options.Split = None,
    sources: Annotated[
        str,
        typer.Option("--sources", metavar="NAMES", help="Deal these: library, search, or none."),
    ] = "library",
    search_nodes: options.SearchNodes = None,
    library: options.Library = None,
    no_archive: Annotated[
        bool,
        typer.Option("--no-archive", help="Keep no programs, not even in a temporary archive."),
    ] = False,
    timeout: options.Timeout = None,
    engine: options.Engine = None,
    jobs: options.Jobs = None,
    repeats: Annotated[
        int,
        typer.Option(
            "--repeats", min=1, metavar="N", help="Run so often; medians and ranges are shown."
        ),
    ] = 1,
    output: Annotated[
        str,
        typer.Option(
            "--output", metavar="NAME", help="top, or detailed: all primitives, parts and phases."
        ),
    ] = OUTPUTS[0],
    top: Annotated[
        int, typer.Option("--top", min=0, metavar="N", help="Give so many primitives a line each.")
    ] = 20,
    save: Annotated[
        str | None,
        typer.Option(
            "--save",
            metavar="NAME|FILE",
            help="Keep the profile, as .batt/profiles/NAME.json or in a file.",
            show_default=False,
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="NAME|FILE",
            help="Say what changed since a profile that --save kept.",
            show_default=False,
        ),
    ] = None,
    pstats: Annotated[
        Path | None,
        typer.Option(
            "--pstats",
            metavar="FILE",
            help="Run once more under cProfile and write what it says of the Python code.",
            show_default=False,
        ),
    ] = None,
    trace: Annotated[
        Path | None,
        typer.Option(
            "--trace",
            metavar="FILE",
            help="Write phases and evaluations of the last run on a time line, for Perfetto.",
            show_default=False,
        ),
    ] = None,
    flame: Annotated[
        Path | None,
        typer.Option(
            "--flame", metavar="FILE", help="Draw CPU time as an SVG file.", show_default=False
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Run the pipeline on tasks and say where the whole time went.

    Every moment belongs to one category, so the categories add up to the total, on the clock and
    in CPU time. Calls, failures, fuel and the digest of all outputs do not depend on the machine.
    Nothing of the run is kept: archive and submission go into a temporary folder.
    """
    began_ns = time.perf_counter_ns(), time.process_time_ns()
    from arcbatt.errors import UsageError
    from arcbatt.evolve.source import Evolution
    from arcbatt.pipeline.solve import Request
    from arcbatt.pipeline.sources import parse_sources
    from arcbatt.profile.record import Began
    from arcbatt.profile.run import choose_ids
    from arcbatt.profile.store import file_of, load_profile, save_profile

    if output not in OUTPUTS:
        raise UsageError(problem=f"--output {output}: expected one of {', '.join(OUTPUTS)}")
    kept_in = None if save is None else _file_to_save(file_of(save))
    for path in filter(None, (pstats, trace, flame)):
        require_writable(path)
    earlier = None if against is None else load_profile(file_of(against))
    request = Request(
        dataset=dataset,
        split=split,
        ids=tuple(ids or ()),
        sources=parse_sources(sources),
        library=tuple(library or ()),
        engine=engine,
        settings=make_settings(timeout, jobs),
        search=make_limits(search_nodes, None),
        evolution=Evolution(),
    )
    request = _with_ids(request, choose_ids(request, count=tasks, seed=seed))
    done = _run(request, repeats, not no_archive, Began(*began_ns))
    explain_engine(engine, done.profile.engine)
    if kept_in is not None:
        save_profile(done.profile, kept_in)
    if trace is not None:
        from arcbatt.profile.trace import profile_trace

        _write(trace, json.dumps(profile_trace(done.recorder)) + "\n")
    if flame is not None:
        from arcbatt.report.profile_flame import flame_graph

        _write(flame, flame_graph(done.profile))
    if pstats is not None:
        from arcbatt.profile.run import write_python_profile

        write_python_profile(request, pstats, archive=not no_archive)
    comparison = _compare(earlier, done.profile)
    if as_json:
        print_json(_document(done.profile, comparison))
        return
    rows = None if output == "detailed" else top
    _print_tables(done.profile, rows)
    if comparison is not None:
        _print_changes(comparison, rows)


def _file_to_save(path: Path) -> Path:
    from arcbatt.errors import UsageError
    from arcbatt.profile.store import FOLDER

    if path.parent == FOLDER:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            problem = f"{path} can't be written: {error.strerror or error}"
            raise UsageError(problem=problem) from error
    require_writable(path)
    return path


def _with_ids(request: Request, ids: tuple[str, ...]) -> Request:
    from dataclasses import replace

    return replace(request, ids=ids)


def _run(request: Request, repeats: int, archive: bool, began: Any) -> Profiled:
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
    """Return what writes the tables of `batt solve` to nowhere."""

    def report(solved: Solved) -> None:
        from io import StringIO

        from rich.console import Console

        from arcbatt.report.results import results_table, totals_summary

        console = Console(file=StringIO(), width=120)
        console.print(results_table(solved.report.results))
        console.print(totals_summary(solved.totals))

    return report


def _write(path: Path, text: str) -> None:
    from arcbatt.files import write_atomically

    write_atomically(path, text)


def _compare(earlier: Profile | None, now: Profile) -> Comparison | None:
    if earlier is None:
        return None
    from arcbatt.profile.compare import compare_profiles

    return compare_profiles(earlier, now)


def _document(profile: Profile, comparison: Comparison | None) -> dict[str, Any]:
    from arcbatt.report.profile import profile_summary_document
    from arcbatt.report.profile_changes import comparison_document

    changes = None if comparison is None else comparison_document(comparison)
    return profile_summary_document(profile) | {"changes": changes}


def _print_tables(profile: Profile, top: int | None) -> None:
    from arcbatt.report.profile import (
        categories_table,
        phases_table,
        primitives_table,
        profile_summary,
        referee_line,
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
    if profile.runs[0].referee:
        console.print()
        console.print(referee_line(profile), markup=False, soft_wrap=True)
        if detailed:
            console.print(primitives_table(profile, referee=True))


def _print_changes(comparison: Comparison, top: int | None) -> None:
    from arcbatt.report.profile_changes import (
        comparison_summary,
        primitive_changes_table,
        times_table,
    )

    console = open_console()
    for block in (
        comparison_summary(comparison),
        times_table(comparison),
        primitive_changes_table(comparison, top=top),
    ):
        console.print()
        console.print(block)
