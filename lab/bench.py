"""Measure how fast arcbatt is, and compare with another version or an earlier run.

python -m lab.bench                             # everything; --list names the benchmarks
python -m lab.bench merge batt --repeats 10
python -m lab.bench merge --against ../other/.venv/bin/python
python -m lab.bench solve --save before.json    # then: --compare before.json
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from rich.table import Table

from arcbatt.cli.output import note, open_console, require_writable
from arcbatt.engine.native import HOW_TO_GET_IT, native_available
from arcbatt.errors import UsageError
from arcbatt.report.progress import DelayedProgress
from arcbatt.report.tables import NOTHING, new_table
from lab import positive, run
from lab.intervals import (
    Comparison,
    Estimate,
    Growth,
    Verdict,
    compare_with_other,
    compare_with_saved,
    find_growth,
)
from lab.measure import Series, Side, load_series, measure, read_sizes, save_series, sides_of
from lab.workloads import BENCHMARKS, PREFIX

SIZES = "50,100,200"
MACHINE = ("cpu_model_name", "cpu_count", "python_version", f"{PREFIX}system")
STYLES = {Verdict.FASTER: "green", Verdict.SLOWER: "red"}


def series_table(series: Sequence[Series]) -> Table:
    """List medians over rounds, and the least and the greatest wall-clock time."""
    table = new_table("benchmark", ">rounds", ">wall", "least to largest", ">CPU", ">peak MB")
    for each in series:
        walls = each.walls_s
        table.add_row(
            each.title,
            str(len(walls)),
            seconds(median(walls)),
            f"{seconds(min(walls))} to {seconds(max(walls))}",
            seconds(median(each.cpus_s)),
            f"{each.peak_mb:.0f}",
        )
    return table


def comparisons_table(comparisons: Sequence[Comparison]) -> Table:
    """List ratios of times; below 1 the second side is faster."""
    table = new_table("benchmark", "wall ratio", "CPU ratio", "by wall time it is")
    for each in comparisons:
        verdict = each.wall.verdict if each.wall else None
        table.add_row(
            each.second,
            interval(each.wall),
            interval(each.cpu),
            verdict or NOTHING,
            style=STYLES.get(verdict, "") if verdict else "",
        )
    return table


def growth_table(growths: Sequence[Growth]) -> Table:
    """List exponents of growth; 1 is growth in proportion to the tasks."""
    table = new_table("benchmark", "tasks", "exponent of wall", "exponent of CPU")
    for each in growths:
        sizes = ", ".join(map(str, each.sizes))
        table.add_row(each.benchmark, sizes, interval(each.wall), interval(each.cpu))
    return table


def interval(estimate: Estimate | None) -> str:
    """Write an estimate with its interval."""
    if estimate is None:
        return NOTHING
    if estimate.low is None or estimate.high is None:
        return f"{_number(estimate.value)} (one round)"
    return f"{_number(estimate.value)} ({_number(estimate.low)} to {_number(estimate.high)})"


def _number(value: float) -> str:
    # With fewer digits, an interval that begins just above 1 would seem to begin at 1.
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.3g}"


def seconds(value: float) -> str:
    """Write seconds with three digits, small ones as milliseconds.

    >>> seconds(12.34), seconds(0.0567)
    ('12.3 s', '56.7 ms')
    """
    return f"{value:.3g} s" if value >= 1 else f"{1e3 * value:.3g} ms"


def machine_of(series: Sequence[Series]) -> dict[str, Any]:
    """Return the metadata of the machine that measured."""
    metadata = series[0].rounds[0].metadata if series else {}
    return {key.removeprefix(PREFIX): metadata[key] for key in MACHINE if key in metadata}


def choose_sides(
    names: Sequence[str], sizes: str, *, jobs: int, against: str | None = None
) -> list[Side]:
    """Return the sides of some benchmarks; without names, of all that can be run here.

    Raises UsageError if a name is unknown or a size is not valid.
    """
    for name in names:
        if name not in BENCHMARKS:
            known = ", ".join(BENCHMARKS)
            raise UsageError(problem=f"no benchmark is called {name!r}: expected some of {known}")
    chosen = [each for each in BENCHMARKS.values() if not names or each.name in names]
    if not names and not native_available():
        note(f"note: what needs the native engine is left out: {HOW_TO_GET_IT}")
        chosen = [each for each in chosen if not each.native]
    return sides_of(chosen, read_sizes(sizes), jobs, other=against)


def main(words: Sequence[str] | None = None) -> int:
    """Measure, compare and print; returns the exit code."""
    options = make_parser().parse_args(words)
    console = open_console()
    if options.list:
        table = new_table("benchmark", "~measures")
        for each in BENCHMARKS.values():
            table.add_row(each.name, each.doc)
        console.print(table)
        return 0
    sides = choose_sides(options.names, options.sizes, jobs=options.jobs, against=options.against)
    saved = load_series(options.compare) if options.compare else ()
    if options.save is not None:
        require_writable(options.save)
    with DelayedProgress(open_console(stderr=True), noun="processes") as progress:
        measured = measure(sides, options.repeats, progress.show)
    if options.save is not None and measured.series:
        save_series(options.save, measured.series)
    here, there = machine_of(measured.series), machine_of(saved)
    if measured.series and saved and here != there:
        differing = [key for key in here if here[key] != there.get(key)]
        note(f"warning: the saved times are from another machine: {', '.join(differing)} differ")
    growths = find_growth(measured.series)
    comparisons = [
        *compare_with_other(measured.series),
        *compare_with_saved(measured.series, saved),
    ]
    console.print(series_table(measured.series), "")
    if growths:
        console.print(growth_table(growths), "")
    if comparisons:
        console.print(comparisons_table(comparisons), "")
    console.print(measured.stopped, markup=False)
    return 0 if measured.finished else 130


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="lab.bench",
        description="Measure how fast arcbatt is. Ratios have intervals that hold the true ratio in"
        " 95 of 100 cases; where an interval holds 1, no difference is shown.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks; none for all")
    parser.add_argument("--list", action="store_true", help="name the benchmarks")
    parser.add_argument("-r", "--repeats", type=positive, default=5, help="rounds (5)")
    parser.add_argument("--sizes", default=SIZES, help=f"numbers of tasks ({SIZES})")
    parser.add_argument(
        "--against", metavar="PYTHON", help="another interpreter with arcbatt, measured in turn"
    )
    parser.add_argument("--compare", type=Path, metavar="FILE", help="compare with a saved run")
    parser.add_argument("--save", type=Path, metavar="FILE", help="save the run, as pyperf's JSON")
    parser.add_argument("--jobs", type=positive, default=_cores(), help="threads (all cores)")
    return parser


def _cores() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return cores or 1


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
