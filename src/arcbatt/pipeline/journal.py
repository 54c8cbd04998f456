"""Journal: a run on record in the archive, so that one that was interrupted or killed can go on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from arcbatt.archive import Archive, RunRecord
from arcbatt.pipeline.work import Card, Work
from arcbatt.profile.timings import Timings

COMMAND = "solve"
NOT_FINISHED = "not finished: still running, or killed"

Done = Mapping[str, Mapping[str, float]]
"""Tasks that are done, by id; of each the votes of its exact solvers, by md5, so that a run that
goes on orders its attempts alike: the archive does not keep what else behaves as a program does."""


def fingerprint(settings: Mapping[str, Any], card: Card, tasks: Sequence[str]) -> str:
    """Return a digest (hexadecimal) that two runs share when they do the same work.

    Args:
        settings: whatever changes what a run finds; JSON can hold it.
        card: the programs that are dealt for every task.
        tasks: ids.
    """
    words = [settings, [dealt.program.body_hash for dealt in card], list(tasks)]
    text = json.dumps(words, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass
class Journal:
    """The record of one run, written with each batch that is saved and when the run ends.

    Attributes:
        archive: where it is written; None keeps no record.
        settings: whatever changes what the run finds; JSON can hold it.
        fingerprint: of the run.
        done_before: tasks that an earlier run with this fingerprint had finished before it was
            interrupted or killed.
        done: tasks that this run has finished.
    """

    archive: Archive | None
    settings: Mapping[str, Any]
    fingerprint: str
    done_before: Done = field(default_factory=dict)
    done: dict[str, Mapping[str, float]] = field(default_factory=dict)
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    _number: int = 0

    @classmethod
    def begin(
        cls,
        archive: Archive | None,
        *,
        settings: Mapping[str, Any],
        card: Card,
        tasks: Sequence[str],
        resumes: bool,
    ) -> Journal:
        """Look for an interrupted run that did the same work, and begin a new record.

        Args:
            archive: with the earlier records.
            settings: whatever changes what the run finds.
            card: the programs that are dealt for every task.
            tasks: ids.
            resumes: whether an interrupted run is gone on with.
        """
        digest = fingerprint(settings, card, tasks)
        done: Done = {}
        if archive is not None and resumes:
            done = find_unfinished(archive.runs(), digest)
        return cls(archive, settings, digest, done)

    def note(self, archive: Archive, works: Sequence[Work], *, timings: Timings) -> None:
        """Put on record that the tasks of a batch are done and saved.

        Args:
            archive: that the calling thread has open.
            works: of the batch.
            timings: of the run.

        Raises ArchiveError if the archive can't be written.
        """
        self.done.update((work.task.id, work.exact_votes) for work in works)
        self._write(archive, reason=NOT_FINISHED, finished=False, timings=timings)

    def write(self, *, reason: str, finished: bool, timings: Timings) -> None:
        """Put the end of the run on record; raises ArchiveError if the archive can't be written."""
        if self.archive is not None:
            self._write(self.archive, reason=reason, finished=finished, timings=timings)

    def _write(self, archive: Archive, *, reason: str, finished: bool, timings: Timings) -> None:
        details: dict[str, Any] = {
            "fingerprint": self.fingerprint,
            "settings": dict(self.settings),
            "finished": finished,
        }
        if not finished:
            details["done"] = {**self.done_before, **self.done}
        total = timings.total
        record = archive.record_run(
            RunRecord(
                command=COMMAND,
                started=self.started,
                wall_s=total.wall_s,
                cpu_s=total.cpu_s,
                reason=reason,
                details=details,
                number=self._number,
            )
        )
        self._number = record.number


def find_unfinished(runs: Sequence[RunRecord], digest: str) -> Done:
    """Return the tasks that the last run with a fingerprint finished, if it did not end itself."""
    for run in reversed(runs):
        if run.command == COMMAND and run.details.get("fingerprint") == digest:
            return {} if run.details.get("finished") else _read_done(run.details.get("done"))
    return {}


def _read_done(done: object) -> Done:
    """Read what a run had done; the first versions listed the ids alone."""
    if isinstance(done, list):
        return {task: {} for task in done}
    return done if isinstance(done, dict) else {}
