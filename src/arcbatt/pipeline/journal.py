"""Journal: the record of a run in the archive, with which an interrupted run can be continued."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from arcbatt.archive import Archive, RunRecord
from arcbatt.errors import ArcbattError
from arcbatt.pipeline.result import TaskResult
from arcbatt.tasks import Task
from arcbatt.timings import Timings

COMMAND = "solve"
NOT_FINISHED = "not finished: still running, or killed"


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
        contents: the content of each task, by its id.
        timings: the timings of the run.
        effort: the largest effort for a task, in evaluations.
        done_before: results, by task, of an earlier run with this fingerprint that was
            interrupted or killed, or that had less effort; the run goes on under its number.
        changed: ids of the tasks that the earlier run had finished and that have another content
            now, ascending.
    """

    archive: Archive | None
    settings: Mapping[str, Any]
    fingerprint: str
    contents: Mapping[str, str]
    timings: Timings
    effort: int = 0
    done_before: Mapping[str, TaskResult] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    _number: int = 0
    _superseded: tuple[int, ...] = ()

    @classmethod
    def begin(
        cls,
        archive: Archive | None,
        *,
        settings: Mapping[str, Any],
        tasks: Sequence[Task],
        timings: Timings,
        effort: int = 0,
    ) -> Journal:
        """Look for a run that did a part of the same work, and begin or go on with a record.

        Args:
            archive: the archive with the earlier records.
            settings: the settings that change the results of the run.
            tasks: the tasks of the run.
            timings: the timings of the run.
            effort: the largest effort for a task, in evaluations.
        """
        digest = fingerprint(settings, tasks)
        contents = {task.id: task.content for task in tasks}
        journal = cls(archive, settings, digest, contents, timings, effort)
        if archive is not None:
            runs = archive.runs()
            number = find_unfinished(runs, digest, effort)
            journal._superseded = tuple(
                run.number for run in runs if _is_of(run, digest) and run.number != number
            )
            if number:
                journal._go_on(archive.results(number))
                journal._number = number
        return journal

    def _go_on(self, documents: Mapping[str, Any]) -> None:
        """Take over results; the task of one that can't be read is done again."""
        results, changed = {}, []
        for task, document in documents.items():
            try:
                result, content = TaskResult.read(document), document["content"]
            except (ArcbattError, KeyError, TypeError, ValueError, AttributeError):
                continue
            if content == self.contents.get(task):
                results[task] = result
            else:
                changed.append(task)
        self.done_before, self.changed = results, tuple(sorted(changed))

    def note(self, results: Sequence[TaskResult]) -> None:
        """Record that the tasks of a batch are done and saved.

        Raises ArchiveError if the archive can't be written.
        """
        documents = {
            result.task: {**result.document(), "content": self.contents[result.task]}
            for result in results
        }
        self._write(documents, reason=NOT_FINISHED, finished=False)

    def close(self, *, reason: str, finished: bool) -> None:
        """Record the end of the run; raises ArchiveError if the archive can't be written."""
        forget = self._superseded if finished else ()
        self._write({}, reason=reason, finished=finished, forget=forget)

    def _write(
        self,
        results: Mapping[str, Any],
        *,
        reason: str,
        finished: bool,
        forget: Sequence[int] = (),
    ) -> None:
        if self.archive is None:
            return
        details = {
            "fingerprint": self.fingerprint,
            "settings": dict(self.settings),
            "effort": self.effort,
            "finished": finished,
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
            forget=forget,
        )
        self._number = record.number


def find_unfinished(runs: Sequence[RunRecord], digest: str, effort: int = 0) -> int:
    """Return the number of the last run with a fingerprint if there is more to do, else 0.

    There is more to do if it did not end by itself, or if it had less effort.

    Args:
        runs: the records of the runs of an archive, the oldest first.
        digest: the fingerprint.
        effort: the effort of the run that begins, in evaluations.
    """
    for run in reversed(runs):
        if _is_of(run, digest):
            had = run.details.get("effort")
            is_less = isinstance(had, int) and had < effort
            return run.number if is_less or not run.details.get("finished") else 0
    return 0


def _is_of(run: RunRecord, digest: str) -> bool:
    return run.command == COMMAND and run.details.get("fingerprint") == digest
