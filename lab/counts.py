"""Count the work of a fixed small run: fuel, evaluations, statements, files, calls.

python -m lab.counts
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any
from unittest import mock

import arcbatt
from arcbatt.archive import Archive
from arcbatt.archive.schema import connect
from arcbatt.candidates import Weighted
from arcbatt.contract import GivenPrograms
from arcbatt.differs import Differs
from arcbatt.engine import Budget, Case, Engine, Evaluation, Job, NodeOutcome, open_engine
from arcbatt.engine.cases import demo_cases, test_cases
from arcbatt.library import DIFFERS, load_library, load_merged_library
from arcbatt.pipeline.run import Run, Settings
from arcbatt.program.graph import Graph
from arcbatt.program.merge import merge
from arcbatt.tasks import Task, load_dataset

BUDGET = Budget(sample_seconds=None)

_IDS = """
007bbfb7 06df4c85 0dfd9992 1b2d62fb 1f0c79e5 22233c11 25d487eb 29ec7d0e 32597951 3906de3d
3c9b0459 4258a5f9 4522001f 4938f0c2 5117e062 5582e5ca 5daaa586 662c240a 6855a6e4 6d0160f0
6f8cd79b 74dd1130 7b7f7511 810b9b61 868de0fa 8d510a79 91413438 9565186b 9aec4887 a2fd1cf0
a61f2674 a8c38be5 af902bf9 b548a754 b91ae062 bd4472b8 c3f564a4 caa06a1f d037b0a7 d2abd087
d631b094 dae9d2b5 de1cd16c e509e548 e9afcf9a ef135b50 f76d97a5 fcc82909
"""
PROGRAMS = _IDS.split()
"""Ids of the tasks whose programs are used, fixed so that a larger library changes no count."""
TASKS = PROGRAMS[::8]

FILE_CALLS = ("fsync", "mkdir", "open", "rename", "replace", "rmdir", "symlink", "unlink")
"""Functions of `os` that change files."""
PACKAGE = str(Path(arcbatt.__path__[0]))


class CountingEngine:
    """An engine that counts the evaluations of another engine."""

    def __init__(self, engine: Engine, counts: Counter[str]) -> None:
        self.engine = engine
        self.name = engine.name
        self.counts = counts

    def evaluate(
        self, jobs: Sequence[Job], budget: Budget, *, threads: int = 1, keep_outputs: bool = False
    ) -> list[Evaluation]:
        """Evaluate jobs and count them; see `Engine.evaluate`."""
        evaluations = self.engine.evaluate(jobs, budget, threads=threads, keep_outputs=keep_outputs)
        self.counts["engine calls"] += 1
        for job, evaluation in zip(jobs, evaluations, strict=True):
            self.counts["nodes evaluated"] += len(job.graph.nodes) * len(job.cases)
            for case in range(len(job.cases)):
                self.counts["fuel of roots"] += sum(evaluation.fuel_of(case))
        return evaluations

    def trace(self, graph: Graph, case: Case, budget: Budget) -> list[NodeOutcome]:
        """Evaluate every node on one case; see `Engine.trace`."""
        return self.engine.trace(graph, case, budget)


def fixed_tasks() -> list[Task]:
    """Return the tasks of the run."""
    training = load_dataset("arc-agi-1", split="training")
    return [training[task] for task in TASKS]


def fixed_programs() -> list[Weighted]:
    """Return the programs of the run."""
    library = {source.name: source for source in load_library()}
    names = [f"solve_{task}" for task in PROGRAMS]
    return [Weighted(name, library[name].program) for name in names]


def count_sharing(
    counts: Counter[str], tasks: Sequence[Task], programs: Sequence[Weighted]
) -> None:
    """Count the nodes of the batt, and their fuel on all samples."""
    batt = merge((each.name, each.program) for each in programs)
    counts["nodes of the batt"] = len(batt.graph.nodes)
    for task in tasks:
        for case in (*demo_cases(task), *test_cases(task)):
            nodes = open_engine().trace(batt.graph, case, BUDGET)
            counts["fuel of the batt"] += sum(node.fuel for node in nodes)


def run_pipeline(
    counts: Counter[str], tasks: Sequence[Task], programs: Sequence[Weighted], folder: Path
) -> None:
    """Run the pipeline with an archive and count candidates and evaluations."""
    with Archive.open(folder) as archive:
        report = Run(
            tasks=tasks,
            sources=[GivenPrograms({task.id: programs for task in tasks})],
            engine=CountingEngine(open_engine(), counts),
            settings=Settings(BUDGET),
            archive=archive,
            differs=Differs.of_batt(load_merged_library(DIFFERS)),
        ).execute()
    assert report.finished, report.stopped
    for result in report.results:
        assert not result.problem
        for name, count in asdict(result.counts).items():
            counts[f"candidates {name}"] += count


@contextmanager
def counting_statements(counts: Counter[str]) -> Iterator[None]:
    """Count the statements of SQLite, including those of triggers."""

    def watched(*words: Any, **options: Any) -> sqlite3.Connection:
        def note(statement: str) -> None:
            counts["statements of SQLite"] += 1

        connection = connect(*words, **options)
        connection.set_trace_callback(note)
        return connection

    with mock.patch("arcbatt.archive.schema.connect", watched):
        yield


@contextmanager
def counting_files(counts: Counter[str]) -> Iterator[None]:
    """Count the calls that change files."""

    def watched(name: str) -> Any:
        function = getattr(os, name)

        def call(*words: Any, **options: Any) -> Any:
            counts[f"files: os.{name}"] += 1
            return function(*words, **options)

        return call

    with ExitStack() as patches:
        for name in FILE_CALLS:
            patches.enter_context(mock.patch.object(os, name, watched(name)))
        yield


@contextmanager
def counting_calls(counts: Counter[str]) -> Iterator[None]:
    """Count the calls of the package's functions in Python, without comprehensions."""

    def note(frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(PACKAGE) and code.co_name[0] != "<":
            counts["calls in Python"] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(before)


def count_all() -> dict[str, int]:
    """Return all counts of the run, by name."""
    tasks, counts = fixed_tasks(), Counter[str]()
    count_sharing(counts, tasks, fixed_programs())
    with TemporaryDirectory(prefix="arcbatt-counts-") as folder:
        # Run once before counting, since the first run imports modules.
        run_pipeline(Counter(), tasks[:1], fixed_programs(), Path(folder) / "before")
        programs = fixed_programs()
        with counting_statements(counts), counting_files(counts), counting_calls(counts):
            run_pipeline(counts, tasks, programs, Path(folder) / "archive")
    return dict(sorted(counts.items()))


def main() -> None:
    """Print the counts."""
    for name, number in count_all().items():
        print(f"{name}  {number}")


if __name__ == "__main__":
    main()
