"""Measures `batt solve` as a user runs it: whole commands, each in a process of its own.

Every round runs all variants in turn, so that a machine that slows down slows them all. The
library's cache is warm; every run begins with an empty archive and saves all that it finds. What
the runs leave is removed when all have ended: for some minutes ext4 is up to ten times as slow at
making files and folders where it has just removed many. For Linux.

    python benchmarks/pipeline.py
    python benchmarks/pipeline.py --json pipeline.json
    python benchmarks/pipeline.py --rounds 3 --tasks 50 100 200 --folder /mnt/disk
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from engine import machine

from arcbatt.archive import KINDS, Archive
from arcbatt.batt import merge, save_batt
from arcbatt.library import load_library

TASK = "007bbfb7"
CANDIDATES_MIN = 149
"""Programs that the first system had for this task."""
BATT_PROGRAMS = 32
FIRST_SYSTEM = {
    "one task": {"wall_s": 0.88},
    "100 tasks, 32 programs": {"wall_s": 48.0, "cpu_s": 84.0, "peak_mb": 336.0},
}
"""The first system's figures, measured on two cores."""
CORE = ("run_batt.check_batt", "run_batt.phase")
"""How the names of the phases from scoring to the differs begin."""
WHOLE = "total"
"""The event of a trace that is no phase."""
PR_SET_CHILD_SUBREAPER = 36
"""From linux/prctl.h."""


@dataclass
class Variant:
    """One command that is measured, and what was measured of it, round by round."""

    name: str
    words: tuple[str, ...]
    rounds: list[dict[str, Any]] = field(default_factory=list)

    def median(self, key: str) -> float:
        """Return the median of a figure."""
        return float(statistics.median(figures[key] for figures in self.rounds))

    def spread(self, key: str) -> tuple[float, float]:
        """Return the least and the largest value of a figure."""
        values = [figures[key] for figures in self.rounds]
        return min(values), max(values)

    def phases(self) -> dict[str, float]:
        """Return the median wall seconds of each phase, the longest first."""
        names = dict.fromkeys(name for figures in self.rounds for name in figures["phases"])
        medians = {
            name: statistics.median(figures["phases"].get(name, 0.0) for figures in self.rounds)
            for name in names
        }
        return dict(sorted(medians.items(), key=lambda item: -item[1]))

    def document(self) -> dict[str, Any]:
        """Return all of it for JSON."""
        figures = [key for key, value in self.rounds[0].items() if isinstance(value, int | float)]
        return {
            "name": self.name,
            "command": ["batt", *self.words],
            "median": {key: self.median(key) for key in figures},
            "spread": {key: self.spread(key) for key in figures},
            "phases_wall_s": self.phases(),
        }


def run(words: Sequence[str], folder: Path) -> dict[str, Any]:
    """Run `batt solve` in an empty folder and return wall, CPU, peak memory and its phases."""
    place = Path(mkdtemp(dir=folder))
    command = [
        sys.executable, "-m", "arcbatt", *words, "--json",
        "--timing-json", "timings.json", "--trace", "trace.json",
    ]  # fmt: skip
    used = spend(command, place)
    totals = json.loads((place / "out.json").read_text())["totals"]
    timings = json.loads((place / "timings.json").read_text())
    phases = outermost(json.loads((place / "trace.json").read_text())["traceEvents"])
    with Archive.open(place / "archive", create=False) as archive:
        entries = sum(len(archive.entries(kind=kind)) for kind in KINDS)
    inner = timings["timings"]
    return {
        **used,
        "phases_s": sum(phases.values()),
        "core_s": sum(value for name, value in phases.items() if name.startswith(CORE)),
        "unaccounted_s": timings["unaccounted_wall_s"],
        "candidates": totals["bodies"],
        "exact": totals["exact"],
        "saved": entries,
        "filter_ms_per_100": 1e5 * inner["run_batt.phase1_filter"]["wall_s"] / totals["bodies"],
        "saved_per_s": entries / inner["run_batt.phase3b_file_ops"]["wall_s"],
        "phases": phases,
    }


def spend(command: Sequence[str], folder: Path) -> dict[str, float]:
    """Run a command with its output in out.json; return what it and its workers used.

    The peak is that of the largest process.
    """
    started = time.perf_counter()
    with open(folder / "out.json", "wb") as out:
        child = subprocess.Popen(command, cwd=folder, stdout=out)
        _, status, usage = os.wait4(child.pid, 0)
    wall_s = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}")
    used = [usage]
    try:
        while True:
            used.append(os.wait4(-1, 0)[2])
    except ChildProcessError:
        return {
            "wall_s": wall_s,
            "cpu_s": sum(each.ru_utime + each.ru_stime for each in used),
            "peak_mb": max(each.ru_maxrss for each in used) / 1024,
        }


def adopt_orphans() -> None:
    """Become the parent of workers whose parent ends, so that their CPU time can be read."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def outermost(events: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return the wall seconds of the main thread's blocks that lie in no other, by name."""
    seconds: dict[str, float] = {}
    ended = 0.0
    main = next(event["tid"] for event in events if event["name"] == WHOLE)
    for event in events:
        if event["name"] != WHOLE and event["tid"] == main and event["ts"] >= ended:
            seconds[event["name"]] = seconds.get(event["name"], 0.0) + event["dur"] / 1e6
            ended = event["ts"] + event["dur"]
    return seconds


def variants(folder: Path, tasks: Sequence[int]) -> list[Variant]:
    """Return the commands to measure, and write the batt that some of them deal."""
    programs = load_library()
    if len(programs) < CANDIDATES_MIN:
        raise SystemExit(f"the library has {len(programs)} programs, {CANDIDATES_MIN} are needed")
    first = sorted(programs, key=lambda source: source.name)[:BATT_PROGRAMS]
    batt = folder / "first.batt"
    save_batt(merge((source.name, source.program) for source in first), batt)
    common = ("--split", "training", "--jobs", "2", "--engine", "native")
    dealt = ("--sources", "library,archive", *common)
    library = len(programs)
    return [
        Variant("one task", ("solve", TASK, *dealt)),
        *(
            Variant(
                f"{count} tasks, {BATT_PROGRAMS} programs",
                ("solve", "-c", str(count), "-b", str(batt), *common),
            )
            for count in tasks
        ),
        *(
            Variant(f"{count} tasks, {library} programs", ("solve", "-c", str(count), *dealt))
            for count in tasks
        ),
    ]


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each variant (5)")
    parser.add_argument(
        "--tasks", type=int, nargs="+", default=[50, 100, 200], help="how many (50 100 200)"
    )
    parser.add_argument("--folder", type=Path, help="where the archives lie; else a temporary one")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options = parse_options()
    adopt_orphans()
    with TemporaryDirectory(prefix="arcbatt-benchmark-", dir=options.folder) as place:
        measured = variants(Path(place), options.tasks)
        run(measured[0].words, Path(place))
        for _ in range(options.rounds):
            for variant in measured:
                variant.rounds.append(run(variant.words, Path(place)))
    if options.json:
        document = {"machine": machine(), "variants": [each.document() for each in measured]}
        options.json.write_text(json.dumps(document, indent=2) + "\n")
    show(measured)


def show(measured: Sequence[Variant]) -> None:
    """Print the results as text."""
    for name, value in machine().items():
        print(f"{name}: {value}")
    print(f"\nmedians of {len(measured[0].rounds)} runs, wall with the least and the largest")
    for each in measured:
        least, largest = each.spread("wall_s")
        print(
            f"\n{each.name}: {each.median('candidates'):,.0f} candidates,"
            f" {each.median('exact'):.0f} tasks with an exact solver,"
            f" {each.median('saved'):,.0f} entries saved\n"
            f"  wall {each.median('wall_s'):.2f} s ({least:.2f} to {largest:.2f}),"
            f" CPU {each.median('cpu_s'):.2f} s, peak {each.median('peak_mb'):.0f} MB\n"
            f"  phases {each.median('phases_s'):.2f} s,"
            f" from scoring to differs {each.median('core_s'):.3f} s,"
            f" unaccounted {each.median('unaccounted_s'):.3f} s,"
            f" filter {each.median('filter_ms_per_100'):.2f} ms a hundred candidates,"
            f" archive {each.median('saved_per_s'):,.0f} entries a second"
        )
        for name, seconds in each.phases().items():
            if seconds >= each.median("phases_s") / 100:
                print(f"    {name:34}{seconds:8.3f} s")
    show_growth(measured)
    show_ratios(measured)


def show_growth(measured: Sequence[Variant]) -> None:
    """Print what a task costs as their number grows."""
    print("\nmilliseconds a task")
    for each in measured[1:]:
        count = int(each.name.partition(" ")[0])
        print(
            f"  {each.name:28}{1e3 * each.median('wall_s') / count:8.1f} wall"
            f"{1e3 * each.median('cpu_s') / count:8.1f} CPU"
        )


def show_ratios(measured: Sequence[Variant]) -> None:
    """Print how the figures compare with those of the first system."""
    print("\ncompared with the first system, on two cores")
    for each in measured:
        for key, before in FIRST_SYSTEM.get(each.name, {}).items():
            now = each.median(key)
            print(f"  {each.name:28}{key:8}{before:8.2f} -> {now:7.2f}, ratio {before / now:6.1f}")


if __name__ == "__main__":
    main()
