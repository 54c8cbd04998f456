"""The table of all benchmarks: to add one, add a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from arcbatt.bench import workloads as work
from arcbatt.bench.workloads import Options, Workload
from arcbatt.errors import UsageError

SOLVE = ("solve", work.ONE_TASK, "--sources", "library", "--no-archive", "--jobs", "1", "--json")


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Something that is measured.

    Attributes:
        name: what a user calls it.
        doc: what is done, in a few words.
        prepare: makes the workload in the process that measures.
        sized: whether it is measured with several numbers of tasks.
        values: how often one process does it; their median counts as one round.
        warmups: how often a process does it before that.
        native: whether it needs the native engine.
    """

    name: str
    doc: str
    prepare: Callable[[Options], Workload]
    sized: bool = False
    values: int = 3
    warmups: int = 1
    native: bool = False


TABLE = (
    Benchmark("help", "`batt --help` in a new process", work.run_command("--help")),
    Benchmark("one-task", "`batt solve` on one task in a new process", work.run_command(*SOLVE)),
    Benchmark("parse", "parsing and merging the library", work.parse_library, values=1),
    Benchmark("merge", "merging the parsed library into a batt", work.merge_library),
    Benchmark("reference", "20 solvers on their tasks, reference", work.evaluate_own("reference")),
    Benchmark(
        "native", "20 solvers on their tasks, native", work.evaluate_own("native"), native=True
    ),
    Benchmark(
        "batt", "the library on 20 tasks, native, one thread", work.evaluate_batt(1), native=True
    ),
    Benchmark("threads", "the same, a thread for each core", work.evaluate_batt(None), native=True),
    Benchmark(
        "search",
        "searching 20 tasks, one thread",
        work.search_tasks,
        values=1,
        warmups=0,
        native=True,
    ),
    Benchmark("solve", "`solve` with the library", work.solve_tasks, True, values=1, warmups=0),
)
"""All that `batt bench` measures if nothing is named."""

ABLATION = Benchmark(
    "run",
    "the pipeline with switches off",
    work.run_with_switches,
    sized=True,
    values=1,
    warmups=0,
)
"""What `batt bench --ablate` measures."""

BENCHMARKS = {each.name: each for each in (*TABLE, ABLATION)}


def find_benchmarks(names: tuple[str, ...]) -> tuple[Benchmark, ...]:
    """Return the benchmarks of the table with some names; without names all of them.

    Raises UsageError if one is unknown.
    """
    known = [each.name for each in TABLE]
    for name in names:
        if name not in known:
            raise UsageError(
                problem=f"no benchmark is called {name!r}: expected some of {', '.join(known)}"
            )
    return tuple(each for each in TABLE if not names or each.name in names)
