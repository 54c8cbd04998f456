"""Workloads: what the benchmarks do. Each is prepared once in a process, then done some times."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from arcbatt.archive import Archive
from arcbatt.batt import merge
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.engine.cases import demo_cases, test_cases
from arcbatt.library import load_library, load_merged_library
from arcbatt.pipeline.deal import LIBRARY
from arcbatt.pipeline.run import Run, RunReport, Settings, TaskResult
from arcbatt.pipeline.solve import (
    Request,
    choose_tasks,
    load_differs,
    opened_engine,
    opened_referee,
    solve,
)
from arcbatt.pipeline.sources import load_card
from arcbatt.pipeline.switches import switch_off
from arcbatt.pipeline.work import Card
from arcbatt.search.run import Searcher
from arcbatt.tasks import Task, load_dataset

ENGINE_TASKS = 20
"""Tasks that the engines are measured on."""
ONE_TASK = "007bbfb7"


@dataclass(frozen=True, slots=True)
class Options:
    """How much work there is, and how it is done.

    Attributes:
        size: training tasks, where a benchmark has a size.
        programs: dealt to every task, where a benchmark chooses; else the library.
        jobs: threads, or processes of the reference engine.
        without: names of switches that are off.
    """

    size: int | None = None
    programs: int | None = None
    jobs: int = 1
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spent:
    """What doing a workload once took.

    Attributes:
        wall_s: seconds on the clock.
        cpu_s: CPU seconds, those of worker processes included.
        attempts: digest of the grids that were found, or empty.
        programs: digest of the programs that were found and of their scores, or empty.
    """

    wall_s: float
    cpu_s: float
    attempts: str = ""
    programs: str = ""


Workload = Callable[[], Spent]


class Clock:
    """Measures from its start on, on the clock and in CPU time of this process and its children."""

    def __init__(self) -> None:
        self._cpu_s = _cpu_seconds()
        self._started = time.perf_counter()

    def read(self, *, attempts: str = "", programs: str = "") -> Spent:
        """Return what was spent, with what was found."""
        wall_s = time.perf_counter() - self._started
        return Spent(wall_s, max(0.0, _cpu_seconds() - self._cpu_s), attempts, programs)


def _cpu_seconds() -> float:
    """Add up CPU seconds: of this process, of children that ended, and of those that live.

    Workers are children of a server that lives as long as this process.
    """
    import psutil

    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = time.process_time() + ended.ru_utime + ended.ru_stime
    for child in psutil.Process().children(recursive=True):
        try:
            total += sum(child.cpu_times()[:4])
        except psutil.Error:  # it has ended meanwhile; its parent has its time by now
            continue
    return total


def clocked(work: Callable[[], object]) -> Workload:
    """Measure all that a function does."""

    def measure() -> Spent:
        clock = Clock()
        work()
        return clock.read()

    return measure


def run_command(*words: str) -> Callable[[Options], Workload]:
    """Measure `batt` with some words, a process of its own each time, in a folder of its own."""

    def prepare(options: Options) -> Workload:
        command = [sys.executable, "-m", "arcbatt", *words]

        def measure() -> Spent:
            with TemporaryDirectory() as folder:
                clock = Clock()
                subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
                return clock.read()

        return measure

    return prepare


def parse_library(options: Options) -> Workload:
    """Measure how long the library takes to be parsed and merged."""
    return clocked(lambda: load_merged_library(cached=False))


def evaluate_batt(threads: int | None) -> Callable[[Options], Workload]:
    """Measure the library as a batt in the native engine; without a number on all threads."""

    def prepare(options: Options) -> Workload:
        graph = load_merged_library().graph
        jobs = [Job(graph, _cases(task)) for task in training_tasks(ENGINE_TASKS)]
        engine, budget = open_engine("native"), Budget(sample_seconds=None)
        return clocked(lambda: engine.evaluate(jobs, budget, threads=threads or options.jobs))

    return prepare


def evaluate_own(engine: str) -> Callable[[Options], Workload]:
    """Measure solvers in an engine, each alone on the samples of its own task."""

    def prepare(options: Options) -> Workload:
        tasks = {task.id: task for task in training_tasks(ENGINE_TASKS)}
        jobs = [
            Job(source.program, _cases(tasks[task]))
            for source in load_library()
            if (task := source.name.rpartition("_")[2]) in tasks
        ]
        opened, budget = open_engine(engine), Budget(sample_seconds=None)
        return clocked(lambda: opened.evaluate(jobs, budget))

    return prepare


def merge_library(options: Options) -> Workload:
    """Measure how long it takes to merge the programs of the library into a batt."""
    programs = [(source.name, source.program) for source in load_library()]
    return clocked(lambda: merge(programs))


def search_tasks(options: Options) -> Workload:
    """Measure how long it takes to search for programs, one thread."""
    tasks, searcher = training_tasks(ENGINE_TASKS), Searcher()
    return clocked(lambda: searcher.search(tasks))


def solve_tasks(options: Options) -> Workload:
    """Measure `solve` on training tasks with the library and an empty archive on the disk."""

    def measure() -> Spent:
        with TemporaryDirectory() as folder:
            request = Request(
                split="training",
                count=options.size,
                sources=(LIBRARY,),
                archive=Path(folder, "archive"),
                submission=Path(folder, "submission.json"),
                settings=Settings(jobs=options.jobs, switches=switch_off(options.without)),
            )
            clock = Clock()
            report = solve(request).report
            return clock.read(**digests(_whole(report)))

    return measure


def run_with_switches(options: Options) -> Workload:
    """Measure the pipeline on a few tasks with a few programs, some optimisations switched off.

    Fuel is the only bound: a bound in seconds would not mean the same to both engines.
    """
    switches = switch_off(options.without)
    settings = Settings(Budget(sample_seconds=None), jobs=options.jobs, switches=switches)
    threads = switches.count_threads(options.jobs)
    tasks = training_tasks(options.size or ENGINE_TASKS)

    def measure() -> Spent:
        with TemporaryDirectory() as folder, ExitStack() as opened:
            clock = Clock()
            card = load_card(cached=switches.caches).card
            engine = opened.enter_context(
                opened_engine(switches.choose_engine(None), processes=threads)
            )
            run = Run(
                tasks=tasks,
                card=choose_programs(card, tasks, options.programs or len(card)),
                engine=engine,
                settings=settings,
                archive=opened.enter_context(Archive.open(Path(folder, "archive"))),
                referee=opened.enter_context(opened_referee(engine, threads)),
                differs=load_differs(sharing=switches.sharing),
            )
            report = run.execute()
            opened.close()
            return clock.read(**digests(_whole(report)))

    return measure


def _whole(report: RunReport) -> list[TaskResult]:
    """Return the results of a run; one that was interrupted is no value to keep."""
    if not report.finished:
        raise KeyboardInterrupt
    return report.results


def training_tasks(count: int) -> list[Task]:
    """Return the first training tasks of ARC-AGI-1 by id."""
    return list(choose_tasks(load_dataset(split="training"), count=count))


def choose_programs(card: Card, tasks: Sequence[Task], count: int) -> Card:
    """Choose programs of a card: the solvers of the tasks first, then others in their order."""
    ids = {task.id for task in tasks}
    ranked = sorted(
        range(len(card)), key=lambda place: card[place].name.rpartition("_")[2] not in ids
    )
    return tuple(card[place] for place in sorted(ranked[:count]))


def digests(results: Sequence[TaskResult]) -> dict[str, str]:
    """Return digests of what was found: the attempts, and the programs with their scores."""
    attempts = [
        [result.task, [[attempt.grid for attempt in test] for test in result.attempts]]
        for result in results
    ]
    programs = [[result.task, list(result.o_scores.items())] for result in results]
    return {"attempts": _digest(attempts), "programs": _digest(programs)}


def _digest(document: Any) -> str:
    return hashlib.blake2b(json.dumps(document).encode(), digest_size=8).hexdigest()


def _cases(task: Task) -> list[Case]:
    return [*demo_cases(task), *test_cases(task)]


def peak_mb() -> float:
    """Return the most memory that this process has had, in MB."""
    # Linux counts in KB, macOS in bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def count_cores() -> int:
    """Return how many cores this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return cores or 1
