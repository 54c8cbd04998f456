"""Journal: the record of a run in the archive, with which the run can be continued."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from arcbatt.archive import Archive, RunRecord
from arcbatt.errors import ArcbattError, ArchiveError
from arcbatt.library import read_library
from arcbatt.pipeline.passes import NOTHING_DONE
from arcbatt.pipeline.result import TaskResult
from arcbatt.search.grammar import FILE
from arcbatt.tasks import Task, TaskKey
from arcbatt.timings import Timings

COMMAND = "solve"
NOT_FINISHED = "not finished: still running, or killed"


@cache
def digests_of_build() -> dict[str, str | None]:
    """Return digests of the parts of this build with which another one may find other programs."""
    engine = find_spec("arcbatt._engine")
    return {
        "the library of arcbatt": _digest(read_library().encode()),
        "the grammar of search": _digest(FILE.read_bytes()),
        "the native engine": (
            _digest(Path(engine.origin).read_bytes()) if engine and engine.origin else None
        ),
    }


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def fingerprint(settings: Mapping[str, Any], tasks: Sequence[Task]) -> str:
    """Return a digest (hexadecimal) that is the same for two runs that do the same work.

    Args:
        settings: the settings that change the results of a run, in a form that JSON can hold.
        tasks: the tasks, which are identified by their ids: each result has the content of its
            task.
    """
    text = json.dumps([settings, [task.id for task in tasks]], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass
class Journal:
    """The record of one run, written after each saved batch and at the end of the run.

    Attributes:
        archive: the archive that holds the record; None for no record.
        settings: the settings that change the results of the run, in a form that JSON can hold.
        fingerprint: the fingerprint of the run.
        keys: the key of each task, by its id.
        timings: the timings of the run.
        effort: the largest effort for a task of the runs under this number, in evaluations.
        reads_archive: whether a source of the run proposes the programs of the archive.
        done_before: the results, by task, of the runs with the same settings; of a task that
            several of them tried, the one with the most effort.
        was_finished: whether the earlier run with this fingerprint had nothing left to do.
        again: ids of the tasks that are then tried again: where the archive has other programs for
            them since, or a source had failed, and all of them with another build of arcbatt;
            ascending.
        changed: ids of the tasks that the earlier runs had tried and that have another content
            now, ascending.
        damaged: an error for each result of a task of this run that can't be read; it is lost.
    """

    archive: Archive | None
    settings: Mapping[str, Any]
    fingerprint: str
    keys: Mapping[str, TaskKey]
    timings: Timings
    effort: int = 0
    reads_archive: bool = False
    done_before: Mapping[str, TaskResult] = field(default_factory=dict)
    was_finished: bool = False
    again: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    damaged: tuple[ArchiveError, ...] = ()
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    _number: int = 0

    @classmethod
    def begin(
        cls,
        archive: Archive | None,
        *,
        settings: Mapping[str, Any],
        tasks: Sequence[Task],
        timings: Timings,
        effort: int = 0,
        reads_archive: bool = False,
    ) -> Journal:
        """Look for runs that did a part of the same work, and begin or go on with a record.

        Args:
            archive: the archive with the earlier records.
            settings: the settings that change the results of the run.
            tasks: the tasks of the run.
            timings: the timings of the run.
            effort: the largest effort for a task, in evaluations.
            reads_archive: whether a source of the run proposes the programs of the archive.
        """
        keys = {task.id: task.key for task in tasks}
        digest = fingerprint(settings, tasks)
        journal = cls(archive, settings, digest, keys, timings, effort, reads_archive)
        if archive is not None:
            journal._go_on(archive)
        return journal

    def _go_on(self, archive: Archive) -> None:
        """Take over earlier results, and the number of the last run with the same tasks."""
        plain = json.loads(json.dumps(self.settings))
        runs = [
            run
            for run in archive.runs()
            if run.command == COMMAND and run.details.get("settings") == plain
        ]
        same = [run for run in runs if run.details.get("fingerprint") == self.fingerprint]
        is_other_build = False
        if same:
            details = same[-1].details
            self._number = same[-1].number
            self.was_finished = bool(details.get("finished"))
            is_other_build = details.get("build") != digests_of_build()
            if type(had := details.get("effort")) is int:
                self.effort = max(self.effort, had)
        results: dict[str, TaskResult] = {}
        changed, again = set[str](), set[str]()
        for run in runs:
            for task, document in archive.results(run.number).items():
                try:
                    result = self._read(task, document, changed)
                except (ArcbattError, KeyError, TypeError, ValueError, AttributeError) as error:
                    told = f"{type(error).__name__}: {error!s:.80}"
                    where = f"the result of task {task!r:.80} in run {run.number}"
                    problem = f"{where} can't be read and is left out: {told}"
                    self.damaged += (ArchiveError(path=archive.path, problem=problem),)
                    continue
                if result is None:
                    continue
                if self.was_finished and (is_other_build or self._is_behind(task, document)):
                    result = replace(result, progress=NOTHING_DONE, earlier={})
                    again.add(task)
                known = results.get(task, result)
                if result.progress.evaluations >= known.progress.evaluations:
                    results[task] = result
        self.done_before = results
        self.changed = tuple(sorted(changed.difference(results)))
        self.again = tuple(sorted(task for task in again if not results[task].progress.passes))

    def _read(self, task: str, document: Any, changed: set[str]) -> TaskResult | None:
        """Read the result of a task of this run; None if it is lost, or of another content."""
        key = self.keys.get(task)
        if key is None:
            return None
        result, content = TaskResult.read(document), document["content"]
        if content != key.content:
            changed.add(task)
            return None
        return result if result.task == task and not result.problem else None

    def _is_behind(self, task: str, document: Mapping[str, Any]) -> bool:
        """Return whether the archive has other programs for a task now, or a source had failed."""
        is_other = self.reads_archive and document.get("kept") != self._kept(task)
        return is_other or bool(document["troubled"])

    def _kept(self, task: str) -> str:
        """Return a digest of the programs that the archive has for a task, and their weights."""
        if self.archive is None or not self.reads_archive:
            return ""
        broken: list[ArchiveError] = []
        entries = self.archive.entries(self.keys[task], broken=broken)
        return _digest("".join(sorted(f"{each.md5} {each.weight} " for each in entries)).encode())

    def note(self, results: Sequence[TaskResult]) -> None:
        """Record that the tasks of a batch are done and saved.

        Raises ArchiveError if the archive can't be written.
        """
        documents = {
            result.task: {
                **result.document(),
                "content": self.keys[result.task].content,
                "kept": self._kept(result.task),
            }
            for result in results
        }
        self._write(documents, reason=NOT_FINISHED, finished=False)

    def close(self, *, reason: str, finished: bool) -> None:
        """Record the end of the run; raises ArchiveError if the archive can't be written."""
        self._write({}, reason=reason, finished=finished)

    def _write(self, results: Mapping[str, Any], *, reason: str, finished: bool) -> None:
        if self.archive is None:
            return
        details = {
            "fingerprint": self.fingerprint,
            "settings": dict(self.settings),
            "effort": self.effort,
            "finished": finished,
            "build": digests_of_build(),
        }
        total = self.timings.total
        record = self.archive.record_run(
            RunRecord(
                command=COMMAND,
                started=self.started,
                wall_s=total.wall_s,
                cpu_s=total.cpu_s,
                reason=reason,
                details=details,
                number=self._number,
            ),
            results,
        )
        self._number = record.number
