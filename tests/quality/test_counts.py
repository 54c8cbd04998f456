"""Costs that no clock is needed for: a small fixed run may not count more than it did.

`make counts` writes what the run counts now; the commit says why it is more.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import pytest

import arcbatt
from arcbatt.archive import Archive
from arcbatt.archive.database import connect
from arcbatt.batt import merge
from arcbatt.engine import Budget, Case, Engine, Evaluation, Job, NodeOutcome, open_engine
from arcbatt.library import load_library
from arcbatt.pipeline.deal import deal_programs
from arcbatt.pipeline.run import Run, Settings
from arcbatt.pipeline.solve import load_differs
from arcbatt.pipeline.work import Card, Work
from arcbatt.program.graph import Graph
from arcbatt.tasks import Task, load_dataset

KEPT = Path(__file__).with_name("counts.txt")
TOLERANCE = 0.02
"""A count may rise by so much of itself; versions of Python differ by less."""
BUDGET = Budget(sample_seconds=None)

_IDS = """
007bbfb7 06df4c85 0dfd9992 1b2d62fb 1f0c79e5 22233c11 25d487eb 29ec7d0e 32597951 3906de3d
3c9b0459 4258a5f9 4522001f 4938f0c2 5117e062 5582e5ca 5daaa586 662c240a 6855a6e4 6d0160f0
6f8cd79b 74dd1130 7b7f7511 810b9b61 868de0fa 8d510a79 91413438 9565186b 9aec4887 a2fd1cf0
a61f2674 a8c38be5 af902bf9 b548a754 b91ae062 bd4472b8 c3f564a4 caa06a1f d037b0a7 d2abd087
d631b094 dae9d2b5 de1cd16c e509e548 e9afcf9a ef135b50 f76d97a5 fcc82909
"""
PROGRAMS = _IDS.split()
"""Tasks whose library programs are dealt, fixed so that a growing library does not count."""
TASKS = PROGRAMS[::8]

FILE_CALLS = ("fsync", "mkdir", "open", "rename", "replace", "rmdir", "symlink", "unlink")
"""Functions of `os` through which an archive changes files; each call counts."""
PACKAGE = str(Path(arcbatt.__path__[0]))


class CountingEngine:
    """Passes work on to an engine and counts it."""

    def __init__(self, engine: Engine, counts: Counter[str]) -> None:
        self.engine = engine
        self.name = engine.name
        self.counts = counts

    def evaluate(
        self, jobs: Sequence[Job], budget: Budget, *, threads: int = 1, keep_outputs: bool = False
    ) -> list[Evaluation]:
        evaluations = self.engine.evaluate(jobs, budget, threads=threads, keep_outputs=keep_outputs)
        self.counts["engine calls"] += 1
        for job, evaluation in zip(jobs, evaluations, strict=True):
            self.counts["nodes evaluated"] += len(job.graph.nodes) * len(job.cases)
            for case in range(len(job.cases)):
                self.counts["fuel of roots"] += sum(evaluation.fuel_of(case))
        return evaluations

    def trace(self, graph: Graph, case: Case, budget: Budget) -> list[NodeOutcome]:
        return self.engine.trace(graph, case, budget)


def fixed_tasks() -> list[Task]:
    training = load_dataset("arc-agi-1", split="training")
    return [training[task] for task in TASKS]


def fixed_card() -> Card:
    library = {source.name: source for source in load_library()}
    return deal_programs(library[f"solve_{task}"] for task in PROGRAMS)


def count_sharing(counts: Counter[str], tasks: Sequence[Task], card: Card) -> None:
    """Count the nodes of the batt and the fuel of each of them, on all samples."""
    batt = merge((dealt.name, dealt.program) for dealt in card)
    counts["nodes of the batt"] = len(batt.graph.nodes)
    for task in tasks:
        work = Work(task)
        for case in (*work.demo_cases, *work.test_cases):
            nodes = open_engine().trace(batt.graph, case, BUDGET)
            counts["fuel of the batt"] += sum(node.fuel for node in nodes)


def run_pipeline(counts: Counter[str], tasks: Sequence[Task], card: Card, folder: Path) -> None:
    """Run the pipeline with an archive and count what its phases see and do."""
    with Archive.open(folder) as archive:
        report = Run(
            tasks=tasks,
            card=card,
            engine=CountingEngine(open_engine(), counts),
            settings=Settings(BUDGET),
            archive=archive,
            differs=load_differs(),
        ).execute()
    assert report.finished, report.stopped
    for result in report.results:
        assert not result.problem
        for name, count in asdict(result.counts).items():
            counts[f"candidates {name}"] += count


@contextmanager
def counting_statements(counts: Counter[str]) -> Iterator[None]:
    """Count the statements that the index of an archive runs, those of triggers too."""

    def watched(*words: Any, **options: Any) -> sqlite3.Connection:
        def note(statement: str) -> None:
            counts["statements of SQLite"] += 1

        connection = connect(*words, **options)
        connection.set_trace_callback(note)
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("arcbatt.archive.store.connect", watched)
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

    with pytest.MonkeyPatch.context() as patch:
        for name in FILE_CALLS:
            patch.setattr(os, name, watched(name))
        yield


@contextmanager
def counting_calls(counts: Counter[str]) -> Iterator[None]:
    """Count the calls of the package's functions in Python; comprehensions are none.

    What is made and thrown away, and what is done again for each candidate, shows here.
    """

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
    """Return everything that a fixed small run counts."""
    tasks, counts = fixed_tasks(), Counter[str]()
    count_sharing(counts, tasks, fixed_card())
    with TemporaryDirectory(prefix="arcbatt-counts-") as folder:
        # Once before, since the first run imports what it needs.
        run_pipeline(Counter(), tasks[:1], fixed_card(), Path(folder) / "before")
        card = fixed_card()
        with counting_statements(counts), counting_files(counts), counting_calls(counts):
            run_pipeline(counts, tasks, card, Path(folder) / "archive")
    return dict(sorted(counts.items()))


def read_kept() -> dict[str, int]:
    lines = KEPT.read_text(encoding="utf-8").splitlines()
    return {name: int(count) for name, _, count in (line.rpartition("  ") for line in lines)}


def write_kept(counts: Mapping[str, int]) -> None:
    KEPT.write_text("".join(f"{name}  {count}\n" for name, count in counts.items()))


def risen(kept: Mapping[str, int], counts: Mapping[str, int]) -> list[str]:
    """Return a line for each count that rose beyond the tolerance, or that is new or gone."""
    lines = [f"{name}: is counted no more" for name in kept if name not in counts]
    for name, count in counts.items():
        if name not in kept:
            lines.append(f"{name}: {count}, is counted for the first time")
        elif count > kept[name] * (1 + TOLERANCE):
            rise = f"by {count / kept[name] - 1:.1%}" if kept[name] else "from nothing"
            lines.append(f"{name}: rose {rise}, from {kept[name]} to {count}")
    return lines


def test_nothing_costs_more_than_it_did() -> None:
    pytest.importorskip("arcbatt._engine")
    lines = risen(read_kept(), count_all())
    assert not lines, "\n".join(
        [
            "A small fixed run counts more than it did:",
            *lines,
            "If that is meant: run `make counts`, commit tests/quality/counts.txt, say why.",
        ]
    )


def test_a_rise_beyond_the_tolerance_is_told() -> None:
    kept = {"fuel": 1000, "links": 0, "gone": 1}
    assert risen(kept, {"fuel": 1020, "links": 0, "gone": 0}) == []
    assert risen(kept, {"fuel": 1021, "links": 2, "new": 5}) == [
        "gone: is counted no more",
        "fuel: rose by 2.1%, from 1000 to 1021",
        "links: rose from nothing, from 0 to 2",
        "new: 5, is counted for the first time",
    ]


def test_every_kind_of_cost_is_counted() -> None:
    kept = read_kept()
    assert all(count >= 0 for count in kept.values())
    for name in ("calls in Python", "engine calls", "fuel of the batt", "nodes evaluated"):
        assert kept[name] > 0
    assert kept["statements of SQLite"] > 0
    assert kept["candidates dealt"] == len(PROGRAMS) * len(TASKS)


if __name__ == "__main__":
    write_kept(count_all())
    print(KEPT.read_text(encoding="utf-8"), end="")
