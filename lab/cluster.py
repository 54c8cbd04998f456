"""Measure what a cluster costs, and simulate many workers by sleeps of measured times.

::

    python -m lab.cluster record turns.pickle --every 8      # solve a sample, keep each turn
    python -m lab.cluster pair --every 8 --pairs 3           # two workers against two threads
    python -m lab.cluster simulate turns.pickle --workers 8 64 512

`simulate` runs the driver as it is, with Ray, an archive and a journal; only the workers are
replaced, by one actor that sleeps as long as each turn took, in as many places as there are
workers, and returns what the turn returned. Times on the clock mean little where other programs
run beside: the driver's CPU time says how many turns a second it could serve.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import pickle
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ray
from ray.cluster_utils import Cluster

from arcbatt.archive import Archive
from arcbatt.context import Context
from arcbatt.contract import EFFORTS
from arcbatt.engine import Budget
from arcbatt.engine.ray_workers import Flight, RayWorkers
from arcbatt.engine.workers import Workers
from arcbatt.pipeline.journal import Journal
from arcbatt.pipeline.passes import RunLimits, Schedule
from arcbatt.pipeline.run import Run, Settings
from arcbatt.pipeline.saving import NewPrograms, TaskOutcome
from arcbatt.pipeline.spread import Errand
from arcbatt.sources import open_sources
from arcbatt.tasks import Task, load_dataset
from arcbatt.timings import Timings

SOURCES = ("search",)
WORK_S = 40.0
"""Seconds of work for each simulated worker."""
NODE = {"num_cpus": 1, "object_store_memory": 200 * 2**20}

Records = list[dict[int, tuple[float, TaskOutcome]]]
"""For each recorded task, its turns by their effort: the seconds and the outcome."""


def tasks_of(every: int) -> list[Task]:
    """Return a sample of the tasks on which we develop."""
    return list(load_dataset("arc-agi-1", split="development"))[::every]


def make_run(
    tasks: Sequence[Task],
    context: Context,
    archive: Archive | None,
    evaluations: int,
    *,
    jobs: int = 1,
    workers: Workers | None = None,
) -> Run:
    """Return a run of search; with an archive, the journal records it."""
    settings = Settings(Budget(sample_seconds=None), jobs=jobs, limits=RunLimits(evaluations))
    timings = Timings()
    journal = Journal.begin(archive, settings={}, tasks=tasks, timings=timings)
    return Run(
        tasks,
        open_sources(SOURCES, {}, context),
        context.engine,
        settings,
        archive=archive,
        on_saved=journal.note,
        timings=timings,
        workers=workers,
    )


def record(tasks: Sequence[Task], evaluations: int, path: Path) -> None:
    """Solve tasks, one at a time, and write the turns of those that are done to a file."""
    records: Records = []
    with Context() as context:
        for task in tasks:
            run = make_run([task], context, None, evaluations)
            schedule = Schedule(run.settings.limits)
            turns: dict[int, tuple[float, TaskOutcome]] = {}
            while due := schedule.turns([task.id], run.results):
                [work], [progress] = run.try_turns(due)
                outcome = TaskOutcome.of(work, progress)
                turns[due[0].evaluations] = progress.last_seconds, outcome
                earlier = run.results.get(task.id)
                run.results[task.id] = outcome.result.after(earlier) if earlier else outcome.result
            records.append(turns)
            path.write_bytes(pickle.dumps(records))
            seconds = ", ".join(f"{each:.2f} s" for each, _ in turns.values())
            print(f"{task.id}: {seconds}", flush=True)


class Sleepers:
    """An actor that stands for many workers.

    Args:
        records: the recorded turns.
        places: for each task, the place of its turns among them.
        workers: number of workers.
    """

    def __init__(self, records: Records, places: dict[str, int], workers: int) -> None:
        self._records = records
        self._places = places
        self._free = asyncio.Semaphore(workers)

    async def run(self, errands: Sequence[Errand]) -> list[TaskOutcome]:
        """Sleep as long as some turns took, and return their outcomes."""
        async with self._free:
            outcomes = []
            for each in errands:
                seconds, outcome = self._records[self._places[each.task.id]][each.turn.evaluations]
                await asyncio.sleep(seconds)
                key = each.task.key
                solvers = tuple(replace(entry, task=key) for entry in outcome.programs.solvers)
                programs = NewPrograms(key, solvers, outcome.programs.differs)
                outcomes.append(TaskOutcome(replace(outcome.result, task=each.task.id), programs))
            return outcomes


class SimulatedWorkers(RayWorkers):
    """Workers of which all calls go to one actor.

    Args:
        address: the address of the cluster.
        actor: the actor.
        workers: the number of workers that it stands for.
    """

    def __init__(self, address: str, actor: Any, workers: int) -> None:
        super().__init__(address)
        self._actor = actor
        self._workers = workers
        self.calls = 0

    @property
    def count(self) -> int:
        """The number of workers."""
        return self._workers

    def _start(self, flight: Flight) -> None:
        self.calls += 1
        self._flights[self._actor.run.remote(flight.arguments[1])] = flight


@contextmanager
def open_cluster(nodes: int) -> Iterator[str]:
    """Start a cluster of simulated machines with one CPU each, and connect to it."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    cluster = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    try:
        for _ in range(nodes - 1):
            cluster.add_node(**NODE)
        ray.init(address=cluster.address, log_to_driver=False, logging_level=logging.ERROR)
        yield cluster.address
    finally:
        ray.shutdown()
        cluster.shutdown()


def simulate(records: Records, counts: Sequence[int]) -> None:
    """Print a table: what a run costs with some numbers of simulated workers."""
    for each in records:
        for _, outcome in each.values():
            outcome.prepared()
    evaluations = max(effort for each in records for effort in each)
    mean = sum(seconds for turns in records for seconds, _ in turns.values()) / len(records)
    print(f"{len(records)} recorded tasks, {mean:.2f} s each")
    print("workers  tasks  turns  calls  work s  wall s  efficiency  bound  driver CPU  ms/turn")
    base = tasks_of(1)
    with open_cluster(1) as address:
        for workers in counts:
            size = max(len(records), round(workers * WORK_S / mean))
            tasks = [
                replace(base[number % len(base)], id=f"{base[number % len(base)].id}_{number}")
                for number in range(size)
            ]
            places = {task.id: number % len(records) for number, task in enumerate(tasks)}
            actor = ray.remote(num_cpus=0, max_concurrency=2 * workers + 8)(Sleepers).remote(
                ray.put(records), places, workers
            )
            given = SimulatedWorkers(address, actor, workers)
            with (
                TemporaryDirectory() as folder,
                Archive.open(Path(folder) / "archive.db") as archive,
                Context() as context,
            ):
                run = make_run(tasks, context, archive, evaluations, workers=given)
                # The actor has started, and has the records.
                ray.get(actor.run.remote([]))
                wall, cpu = time.perf_counter(), time.process_time()
                report = run.execute()
                wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            assert report.finished, report.stopped
            chains = [
                sum(seconds for seconds, _ in records[places[task.id]].values()) for task in tasks
            ]
            turns = sum(result.progress.passes for result in report.results)
            bound = max(sum(chains) / workers, max(chains))
            print(
                f"{workers:7} {size:6} {turns:6} {given.calls:6} {sum(chains):7.0f} {wall:7.1f}"
                f" {sum(chains) / workers / wall:11.3f} {sum(chains) / workers / bound:6.3f}"
                f" {cpu / wall:10.0%} {1000 * cpu / turns:8.2f}",
                flush=True,
            )
            ray.kill(actor)


def cpu_of_descendants() -> tuple[float, float]:
    """Return the CPU time of Ray's workers and of its other processes here, in seconds."""
    parents, spent, is_worker = {}, {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rpartition(")")[2].split()
            is_worker[int(path.parent.name)] = b"ray::" in (path.parent / "cmdline").read_bytes()
        except OSError:
            continue
        process = int(path.parent.name)
        parents[process] = int(words[1])
        spent[process] = sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")
    totals = [0.0, 0.0]
    for process in spent:
        above = parents.get(process)
        while above not in (None, 0, os.getpid()):
            above = parents.get(above)
        if above == os.getpid():
            totals[not is_worker[process]] += spent[process]
    return totals[0], totals[1]


def pair(tasks: Sequence[Task], evaluations: int, pairs: int) -> None:
    """Print what two workers on two nodes cost, and two threads, in turn."""
    print("        wall s (threads, Ray)   CPU s (threads, Ray: driver + workers + its services)")
    with open_cluster(2) as address, Context() as context, TemporaryDirectory() as folder:
        for number in range(pairs + 1):
            row = []
            for kind in ("threads", "ray"):
                workers = RayWorkers(address) if kind == "ray" else None
                with Archive.open(Path(folder) / f"{kind}_{number}.db") as archive:
                    # The first pair only starts the workers.
                    chosen = tasks if number else tasks[:4]
                    run = make_run(chosen, context, archive, evaluations, jobs=2, workers=workers)
                    before = time.perf_counter(), time.process_time(), *cpu_of_descendants()
                    report = run.execute()
                    after = time.perf_counter(), time.process_time(), *cpu_of_descendants()
                    spent = [end - begin for begin, end in zip(before, after, strict=True)]
                    row.append((spent, report))
            (threads, here), (wide, there) = row
            assert [each.attempts for each in here.results] == [
                each.attempts for each in there.results
            ]
            if number:
                print(
                    f"pair {number}: {threads[0]:8.1f} {wide[0]:8.1f} {threads[1]:12.1f}"
                    f" {wide[1]:8.1f} + {wide[2]:.1f} + {wide[3]:.1f}",
                    flush=True,
                )


def main() -> None:
    """Run one of the measurements."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("record", "pair", "simulate"))
    parser.add_argument("file", nargs="?", type=Path, help="the recorded turns")
    parser.add_argument("--every", type=int, default=8, help="take every so many tasks")
    parser.add_argument(
        "--effort", default="quick", choices=tuple(EFFORTS), help="of record and of pair (quick)"
    )
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="+", default=[8, 64, 512])
    words = parser.parse_args()
    if words.what == "pair":
        pair(tasks_of(words.every), EFFORTS[words.effort], words.pairs)
    elif words.what == "record":
        record(tasks_of(words.every), EFFORTS[words.effort], words.file)
    else:
        simulate(pickle.loads(words.file.read_bytes()), words.workers)  # noqa: S301


if __name__ == "__main__":
    main()
