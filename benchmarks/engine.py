"""Measures the engines: reference against native, threads, batts, memory, single primitives.

Ratios are of runs that alternate, so that a machine that slows down slows both sides.

    python benchmarks/engine.py
    python benchmarks/engine.py --json engine.json
    python benchmarks/engine.py --programs my_programs.py --tasks 50 --rounds 5
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arcbatt.batt import Batt, merge
from arcbatt.engine import Budget, Case, Engine, Job
from arcbatt.engine.native import NativeEngine
from arcbatt.engine.reference import ReferenceEngine
from arcbatt.library import load_library
from arcbatt.program.graph import Op
from arcbatt.program.parse import SourceProgram, parse_text
from arcbatt.tasks import Task, load_dataset

BUDGET = Budget(sample_seconds=None)
TRACES = 3


@dataclass(frozen=True)
class Measured:
    """Seconds of one side of a comparison, round by round."""

    cpu_s: list[float]
    wall_s: list[float]

    @property
    def cpu(self) -> float:
        """The median of the CPU seconds."""
        return statistics.median(self.cpu_s)


def alternate(rounds: int, *sides: Callable[[], object]) -> list[Measured]:
    """Run the sides in turn, so many rounds, and measure each."""
    measured = [Measured([], []) for _ in sides]
    for _ in range(rounds):
        for run, times in zip(sides, measured, strict=True):
            cpu, wall = time.process_time(), time.perf_counter()
            run()
            times.cpu_s.append(time.process_time() - cpu)
            times.wall_s.append(time.perf_counter() - wall)
    return measured


def cases_of(task: Task) -> list[Case]:
    """Return a case for each sample, tests included."""
    demos = [Case(task.S, sample.input, wanted=sample.output) for sample in task.demos]
    return demos + [Case(task.S, sample.input) for sample in task.tests]


def own_jobs(programs: Sequence[SourceProgram], tasks: dict[str, Task]) -> list[Job]:
    """Pair each program with the samples of the task that it is named after."""
    named = ((source, tasks.get(source.name.rpartition("_")[2])) for source in programs)
    return [Job(source.program, cases_of(task)) for source, task in named if task is not None]


def count(jobs: Sequence[Job]) -> int:
    """Count the evaluations of a program on a sample."""
    return sum(len(job.graph.roots) * len(job.cases) for job in jobs)


def compare_engines(jobs: list[Job], rounds: int) -> dict[str, float]:
    """Run every program alone, on the samples of its own task, in both engines."""
    reference, native = ReferenceEngine(), NativeEngine()
    slow, fast = alternate(
        rounds,
        lambda: reference.evaluate(jobs, BUDGET),
        lambda: native.evaluate(jobs, BUDGET),
    )
    return {
        "evaluations": count(jobs),
        "reference_ms": 1e3 * slow.cpu / count(jobs),
        "native_ms": 1e3 * fast.cpu / count(jobs),
        "ratio": statistics.median(a / b for a, b in zip(slow.cpu_s, fast.cpu_s, strict=True)),
    }


def compare_threads(jobs: list[Job], rounds: int) -> dict[str, float]:
    """Run the batt on all tasks with one thread and with two; the quickest run of each counts.

    Whatever else the machine does takes a thread's core away, so that other runs tell about that.
    """
    native = NativeEngine()
    one, two = alternate(
        rounds,
        lambda: native.evaluate(jobs, BUDGET, threads=1),
        lambda: native.evaluate(jobs, BUDGET, threads=2),
    )
    return {
        "evaluations": count(jobs),
        "one_thread_wall_s": min(one.wall_s),
        "two_threads_wall_s": min(two.wall_s),
        "ratio": min(one.wall_s) / min(two.wall_s),
        "evaluations_per_cpu_second": count(jobs) / one.cpu,
        "evaluations_per_cpu_second_two_threads": count(jobs) / two.cpu,
    }


def describe_batt(batt: Batt) -> dict[str, float]:
    """Return the size of a batt."""
    return {
        "programs": batt.programs_merged,
        "nodes": len(batt.graph.nodes),
        "sharing": batt.sharing,
    }


def time_primitives(engine: Engine, jobs: Sequence[Job]) -> dict[str, tuple[int, int]]:
    """Return calls and nanoseconds of each primitive, inner calls within their caller's time.

    Of each call the quickest of several runs counts: the first one finds everything cold.
    """
    spent: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for job in jobs:
        for case in job.cases:
            runs = [engine.trace(job.graph, case, BUDGET) for _ in range(TRACES)]
            for node, *outcomes in zip(job.graph.nodes, *runs, strict=True):
                if node.op is Op.CALL and outcomes[0].fuel:
                    spent[node.name][0] += 1
                    spent[node.name][1] += min(outcome.nanoseconds for outcome in outcomes)
    return {name: (calls, nanoseconds) for name, (calls, nanoseconds) in spent.items()}


def compare_primitives(jobs: list[Job]) -> list[dict[str, float | str]]:
    """Return the ten primitives whose calls are slowest in the native engine."""
    native = time_primitives(NativeEngine(), jobs)
    reference = time_primitives(ReferenceEngine(), jobs)
    rows: list[dict[str, float | str]] = []
    for name, (calls, nanoseconds) in native.items():
        slow = reference[name][1] / reference[name][0]
        fast = nanoseconds / calls
        rows.append(
            {
                "primitive": name,
                "calls": calls,
                "native_us": fast / 1e3,
                "reference_us": slow / 1e3,
                "ratio": slow / fast,
            }
        )
    return sorted(rows, key=lambda row: -float(row["native_us"]))[:10]


def measure_peak(options: argparse.Namespace) -> float:
    """Return the peak memory in MB of a process that runs the batt on all tasks."""
    command = [sys.executable, __file__, "--peak", "--tasks", str(options.tasks)]
    if options.programs:
        command += ["--programs", str(options.programs)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def run_peak(jobs: list[Job]) -> None:
    """Run the batt on all tasks and print the peak memory of this process in MB."""
    NativeEngine().evaluate(jobs, BUDGET, threads=2)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def machine() -> dict[str, str | int | None]:
    """Describe this machine and the state of the sources."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        )
        if Path("/proc/cpuinfo").exists()
        else iter(()),
        platform.processor(),
    )
    commit = subprocess.run(
        ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
    )
    return {
        "processor": model,
        "system": platform.platform(),
        "python": platform.python_version(),
        "commit": commit.stdout.strip() or None,
    }


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    parser.add_argument("--programs", type=Path, help="a program file instead of the library")
    parser.add_argument("--tasks", type=int, default=400, help="how many training tasks (400)")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each side (5)")
    parser.add_argument("--peak", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options = parse_options()
    if options.programs:
        programs = parse_text(options.programs.read_text(), file=str(options.programs)).programs
    else:
        programs = load_library()
    tasks = {task.id: task for task in list(load_dataset(split="training"))[: options.tasks]}
    batt = merge((source.name, source.program) for source in programs)
    batt_jobs = [Job(batt.graph, cases_of(task)) for task in tasks.values()]
    if options.peak:
        run_peak(batt_jobs)
        return
    own = own_jobs(programs, tasks)
    results = {
        "machine": machine(),
        "batt": describe_batt(batt),
        "alone": compare_engines(own, options.rounds),
        "threads": compare_threads(batt_jobs, options.rounds),
        "peak_mb": measure_peak(options),
        "slowest": compare_primitives(own),
    }
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    show(results)


def show(results: dict[str, Any]) -> None:
    """Print the results as text."""
    batt, alone, threads = results["batt"], results["alone"], results["threads"]
    for name, value in results["machine"].items():
        print(f"{name}: {value}")
    print(
        f"""
{batt["programs"]} programs, merged into {batt["nodes"]} nodes (sharing {batt["sharing"]:.2f})

each program on the samples of its own task ({alone["evaluations"]} evaluations)
  reference   {alone["reference_ms"]:9.4f} ms of CPU each
  native      {alone["native_ms"]:9.4f} ms of CPU each
  ratio       {alone["ratio"]:9.1f}

the batt on all tasks ({threads["evaluations"]} evaluations)
  1 thread    {threads["one_thread_wall_s"]:9.3f} s
  2 threads   {threads["two_threads_wall_s"]:9.3f} s, {threads["ratio"]:.2f} times as fast
  1 thread    {threads["evaluations_per_cpu_second"]:9,.0f} evaluations a CPU-second
  2 threads   {threads["evaluations_per_cpu_second_two_threads"]:9,.0f}
  peak memory {results["peak_mb"]:9.0f} MB

slowest primitives, time of a call
  {"":16}{"calls":>8}{"native us":>12}{"reference us":>14}{"ratio":>8}"""
    )
    for row in results["slowest"]:
        print(
            f"  {row['primitive']:16}{row['calls']:8}{row['native_us']:12.2f}"
            f"{row['reference_us']:14.1f}{row['ratio']:8.1f}"
        )


if __name__ == "__main__":
    main()
