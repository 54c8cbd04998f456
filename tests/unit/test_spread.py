"""A run on workers finds what one in this process finds, whatever becomes of the workers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.runs import mirror_task, weighted

from arcbatt.archive import Archive
from arcbatt.candidates import Proposal
from arcbatt.contract import GivenPrograms, Known, Source, SourceBudget, TaskView
from arcbatt.engine import Budget, open_engine
from arcbatt.engine.processes import ProcessWorkers
from arcbatt.engine.workers import run_on
from arcbatt.errors import ClusterError
from arcbatt.pipeline import spread
from arcbatt.pipeline.passes import RunLimits
from arcbatt.pipeline.result import RunReport
from arcbatt.pipeline.run import Run, Settings
from arcbatt.sources.archive import ArchiveSource
from arcbatt.sources.search import SearchSource
from arcbatt.tasks import Task, load_dataset

TRAINING = load_dataset()
SMALL = ("007bbfb7", "67a3c6ac", "68b16354", "d511f180")
"""Tasks for which a brief search finds a program, or none."""
EFFORTS = (500, 2_000)


@pytest.fixture
def workers() -> Iterator[ProcessWorkers]:
    workers = ProcessWorkers(2)
    yield workers
    workers.close()


class DeadlySource(GivenPrograms):
    """Kills the process that calls it for some tasks; a marker makes that happen only once.

    Args:
        deadly: the ids of the tasks.
        marker: the file that is made before; None to kill each time.
    """

    def __init__(self, deadly: Sequence[str], marker: Path | None = None) -> None:
        super().__init__({task: weighted("def one(I): return vmirror(I)") for task in "1234"})
        self._deadly = deadly
        self._marker = marker

    def propose(
        self, tasks: Sequence[TaskView], known: Known, budget: SourceBudget
    ) -> list[Proposal]:
        if any(task.id in self._deadly for task in tasks):
            if self._marker is None:
                os._exit(4)
            if not self._marker.exists():
                self._marker.touch()
                os._exit(4)
        return super().propose(tasks, known, budget)


def settings_for(efforts: Sequence[int] = EFFORTS, **words: Any) -> Settings:
    limits = RunLimits(efforts[-1], steps=tuple(efforts), **words)
    return Settings(Budget(sample_seconds=None), limits=limits)


def plain(report: RunReport) -> list[dict[str, Any]]:
    """Return the documents of the results, but for their times."""
    documents = [result.document() for result in report.results]
    for each in documents:
        for name in ("seconds", "last_seconds"):
            each["progress"].pop(name)
        for proposal in each["earlier"].values():
            proposal["effort"].pop("cpu_s")
    return documents


def kept(archive: Archive) -> list[object]:
    return [
        (entry.task, entry.md5, entry.score, entry.fuel, entry.source, entry.weight, entry.aliases)
        for entry in archive.entries()
    ]


def test_workers_find_what_one_process_finds(tmp_path: Path, workers: ProcessWorkers) -> None:
    tasks = [TRAINING[task] for task in SMALL]
    found = []
    for name, given in (("alone", None), ("spread", workers)):
        with Archive.open(tmp_path / name) as archive:
            sources: list[Source] = [ArchiveSource(archive, []), SearchSource()]
            words: dict[str, Any] = {"settings": settings_for(), "archive": archive}
            first = Run(tasks, sources, open_engine(), workers=given, **words).execute()
            second = Run(tasks, sources, open_engine(), workers=given, **words).execute()
            found.append((plain(first), plain(second), kept(archive), first.stopped))
            assert first.finished and second.finished
    assert found[0] == found[1]
    assert {result["progress"]["passes"] for result in found[0][0]} == {1, 2}
    # The archive's programs are sent along, so that the second run begins with them.
    assert any(
        len(result["earlier"].get("archive", {"programs": ()})["programs"])
        for result in found[1][1]
    )


def test_the_answers_are_not_sent(workers: ProcessWorkers, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Task] = []
    submit = ProcessWorkers.submit

    def look(self: ProcessWorkers, key: int, function: Any, words: Any, **options: Any) -> None:
        seen.extend(each.task for each in words[1])
        submit(self, key, function, words, **options)

    monkeypatch.setattr(ProcessWorkers, "submit", look)
    source = GivenPrograms({"00000001": weighted("def one(I): return vmirror(I)")})
    [result] = Run([mirror_task()], [source], open_engine(), workers=workers).execute().results
    assert result.exact == 1
    assert [test.output for task in seen for test in task.tests] == [None]


@pytest.mark.parametrize("together", [1, 4])
def test_a_task_that_kills_two_workers_is_given_up_and_the_others_are_done(
    workers: ProcessWorkers, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr(spread, "_size", lambda queue, run, count: min(together, len(queue)))
    tasks = [mirror_task(each) for each in "1234"]
    report = Run(tasks, [DeadlySource(["3"])], open_engine(), workers=workers).execute()
    problems = {result.task: result.problem for result in report.results}
    assert problems == {"1": "", "2": "", "3": "its worker died with exit code 4", "4": ""}
    assert [result.exact for result in report.results] == [1, 1, 0, 1]


def test_a_task_whose_worker_died_is_done_elsewhere(
    tmp_path: Path, workers: ProcessWorkers
) -> None:
    source = DeadlySource(["2"], tmp_path / "died")
    report = Run(
        [mirror_task(each) for each in "12"], [source], open_engine(), workers=workers
    ).execute()
    assert (tmp_path / "died").exists()
    assert [(result.exact, result.problem) for result in report.results] == [(1, ""), (1, "")]


def test_a_worker_with_another_build_is_an_error(workers: ProcessWorkers) -> None:
    source = GivenPrograms({})
    kit = spread.Kit([source], open_engine(), Settings(), None, None, None, {"the engine": "other"})
    calls: list[Any] = [(workers.share(kit), [])]
    with pytest.raises(ClusterError, match="expected the arcbatt of the driver, got another one"):
        list(run_on(workers, spread.try_in_worker, calls))
