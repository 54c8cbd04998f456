"""The benchmarks, and the process that measures one of them.

To add a benchmark, add an entry to `BENCHMARKS`. A workload imports the modules that it measures
when it is prepared, and most workloads run the command `batt`, so that another version of arcbatt
can be measured with the same code.

    python -m lab.workloads --spec JSON --result FILE    # and pyperf's own options of a worker
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arcbatt.engine import Case, Engine
    from arcbatt.tasks import Task

ENGINE_TASKS = 20
"""Number of training tasks that the engines and search are measured on."""
BATT_PROGRAMS = 32
"""Number of programs of a small batt."""
TASK = "007bbfb7"
PREFIX = "arcbatt_"
"""Prefix of the metadata that the worker adds to pyperf's."""
KEPT = (
    "name",
    "unit",
    "date",
    "duration",
    "loops",
    "load_avg_1min",
    "cpu_count",
    "cpu_model_name",
    "perf_version",
    "python_implementation",
    "python_version",
    "timer",
)
"""The metadata of pyperf that are saved; the others have the name of the machine and its paths."""


@dataclass(frozen=True, slots=True)
class Options:
    """The amount of work of a benchmark.

    Attributes:
        size: number of training tasks, 1..400, for benchmarks that have a size.
        jobs: number of threads, > 0.
    """

    size: int | None = None
    jobs: int = 1


@dataclass(frozen=True, slots=True)
class Spent:
    """The time that a workload took once.

    Attributes:
        wall_s: wall-clock time, in seconds.
        cpu_s: CPU time of this process and of its child processes, in seconds.
    """

    wall_s: float
    cpu_s: float


Workload = Callable[[], Spent]


def clocked(work: Callable[[], object]) -> Workload:
    """Return a workload that calls a function and measures the time."""

    def measure() -> Spent:
        cpu_s, started = _cpu_seconds(), time.perf_counter()
        work()
        return Spent(time.perf_counter() - started, _cpu_seconds() - cpu_s)

    return measure


def _cpu_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def run_command(*words: str) -> Callable[[Options], Workload]:
    """Measure `batt` with some arguments, each time in a new process and an empty folder."""
    return lambda options: _command(*words)


def _command(*words: str) -> Workload:
    command = [sys.executable, "-m", "arcbatt", *words]

    def measure() -> Spent:
        with TemporaryDirectory() as folder:
            run = clocked(
                lambda: subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
            )
            return run()

    return measure


def solve_tasks(options: Options) -> Workload:
    """Measure `batt solve` with the library and an empty archive on the disk."""
    return _command(
        "solve", "--split", "training", "--count", str(options.size), "--sources", "library",
        "--jobs", str(options.jobs), "--json",
    )  # fmt: skip


def solve_with_batt(options: Options) -> Workload:
    """Measure `batt solve` on 100 tasks with a batt of a few programs."""
    from arcbatt.library import load_library
    from arcbatt.program.merge import merge, save_batt

    file = Path(os.environ.get("TMPDIR", "/tmp"), f"arcbatt-bench-{os.getpid()}.batt")
    programs = load_library()
    few = programs[:: len(programs) // BATT_PROGRAMS][:BATT_PROGRAMS]
    save_batt(merge((source.name, source.program) for source in few), file)
    return _command(
        "solve", "--split", "training", "--count", "100", "--batt", str(file),
        "--jobs", str(options.jobs), "--json",
    )  # fmt: skip


def parse_library(options: Options) -> Workload:
    """Measure parsing and merging the library."""
    from arcbatt.library import load_merged_library

    return clocked(lambda: load_merged_library(cached=False))


def merge_library(options: Options) -> Workload:
    """Measure merging the parsed programs of the library into a batt."""
    from arcbatt.library import load_library
    from arcbatt.program.merge import merge

    programs = [(source.name, source.program) for source in load_library()]
    return clocked(lambda: merge(programs))


def evaluate_batt(threads: int | None) -> Callable[[Options], Workload]:
    """Measure the library as one batt in the native engine; None uses one thread per core."""

    def prepare(options: Options) -> Workload:
        from arcbatt.engine import Budget, Job, open_engine
        from arcbatt.library import load_merged_library

        graph = load_merged_library().graph
        jobs = [Job(graph, _cases(task)) for task in training_tasks(ENGINE_TASKS)]
        engine, budget = open_engine("native"), Budget(sample_seconds=None)
        return clocked(lambda: engine.evaluate(jobs, budget, threads=threads or options.jobs))

    return prepare


def evaluate_own(name: str) -> Callable[[Options], Workload]:
    """Measure solvers in an engine, each alone on the samples of its own task."""

    def prepare(options: Options) -> Workload:
        from arcbatt.engine import Budget, Job, open_engine
        from arcbatt.library import load_library

        tasks = {task.id: task for task in training_tasks(ENGINE_TASKS)}
        jobs = [
            Job(source.program, _cases(tasks[task]))
            for source in load_library()
            if (task := source.name.rpartition("_")[2]) in tasks
        ]
        engine: Engine = open_engine(name)
        return clocked(lambda: engine.evaluate(jobs, Budget(sample_seconds=None)))

    return prepare


def search_tasks(options: Options) -> Workload:
    """Measure search for programs on one thread."""
    from arcbatt.search.grammar import load_grammar
    from arcbatt.search.run import search

    tasks, grammar = training_tasks(ENGINE_TASKS), load_grammar()
    _ = grammar.native  # made once, before the clock starts
    return clocked(lambda: search(tasks, grammar))


def training_tasks(count: int) -> list[Task]:
    """Return the first training tasks of ARC-AGI-1, by id."""
    from arcbatt.tasks import load_dataset

    return sorted(load_dataset(split="training"), key=lambda task: task.id)[:count]


def _cases(task: Task) -> list[Case]:
    from arcbatt.engine import Case

    demos = [Case(task.S, sample.input, wanted=sample.output) for sample in task.demos]
    return demos + [Case(task.S, sample.input) for sample in task.tests]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark.

    Attributes:
        name: name on the command line.
        doc: description in a few words.
        prepare: function that makes the workload in the process that measures.
        sized: whether it is measured with several numbers of tasks.
        values: number of measurements in one process, > 0; their median counts as one round.
        warmups: number of warm-ups before them, >= 0.
        native: whether it needs the native engine.
    """

    name: str
    doc: str
    prepare: Callable[[Options], Workload]
    sized: bool = False
    values: int = 3
    warmups: int = 1
    native: bool = False


SOLVE = ("solve", TASK, "--sources", "library", "--no-archive", "--jobs", "1", "--json")
_ALL = (
    Benchmark("help", "`batt --help`", run_command("--help")),
    Benchmark("one-task", "`batt solve` on one task with the library", run_command(*SOLVE)),
    Benchmark("parse", "parsing and merging the library", parse_library, values=1),
    Benchmark("merge", "merging the parsed library into a batt", merge_library),
    Benchmark("reference", "20 solvers on their tasks, reference", evaluate_own("reference")),
    Benchmark("native", "20 solvers on their tasks, native", evaluate_own("native"), native=True),
    Benchmark("batt", "the library on 20 tasks, one thread", evaluate_batt(1), native=True),
    Benchmark("threads", "the same, a thread for each core", evaluate_batt(None), native=True),
    Benchmark(
        "search", "searching 20 tasks, one thread", search_tasks, values=1, warmups=0, native=True
    ),
    Benchmark(
        "few", "`batt solve` on 100 tasks, 32 programs", solve_with_batt, values=1, warmups=0
    ),
    Benchmark("solve", "`batt solve` with the library", solve_tasks, True, values=1, warmups=0),
)
BENCHMARKS = {each.name: each for each in _ALL}
"""All benchmarks by name, in the order in which they are measured."""


def spec_of(benchmark: str, options: Options) -> str:
    """Return the specification of a measurement for a worker, as JSON."""
    return json.dumps({"benchmark": benchmark, **asdict(options)})


def main() -> None:
    """Measure one benchmark and write the values as pyperf's JSON."""
    import pyperf

    runner = pyperf.Runner()
    runner.argparser.add_argument("--spec", required=True)
    runner.argparser.add_argument("--result", required=True)
    words = runner.parse_args()
    spec = json.loads(words.spec)
    benchmark = BENCHMARKS[spec.pop("benchmark")]
    workload = benchmark.prepare(Options(**spec))
    done: list[Spent] = []

    def measure(loops: int) -> float:
        done.extend(workload() for _ in range(loops))
        return sum(spent.wall_s for spent in done[-loops:])

    measured = runner.bench_time_func(benchmark.name, measure)
    counted = done[-len(measured.get_values()) * words.loops :]
    [run] = measured.get_runs()
    kept = {name: value for name, value in run.get_metadata().items() if name in KEPT}
    own: dict[str, Any] = {
        "spec": words.spec,
        "cpu_s": statistics.median(spent.cpu_s for spent in counted),
        "peak_mb": _peak_mb(),
        "system": f"{platform.system()} {platform.machine()}",
    }
    metadata = kept | {PREFIX + key: value for key, value in own.items()}
    pyperf.Benchmark(
        [pyperf.Run(run.values, warmups=run.warmups, metadata=metadata, collect_metadata=False)]
    ).dump(words.result)


def _peak_mb() -> float:
    """Return the peak memory of this process or of its largest child process, in MB."""
    # Linux counts in KB, macOS in bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(each).ru_maxrss for each in whose) / unit


if __name__ == "__main__":
    main()
