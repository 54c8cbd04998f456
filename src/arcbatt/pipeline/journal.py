"""Journal: a run on record in the archive, so that an interrupted one can go on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from arcbatt.archive import Archive, RunRecord
from arcbatt.pipeline.work import Card
from arcbatt.profile.timings import Timings

COMMAND = "solve"


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
    """The record of one run, written when it ends.

    Attributes:
        archive: where it is written; None keeps no record.
        settings: whatever changes what the run finds; JSON can hold it.
        fingerprint: of the run.
        done_before: ids of the tasks that an earlier run with this fingerprint had finished
            before it was interrupted.
        done: ids of the tasks that this run has finished.
    """

    archive: Archive | None
    settings: Mapping[str, Any]
    fingerprint: str
    done_before: tuple[str, ...] = ()
    done: list[str] = field(default_factory=list)
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

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
        done: tuple[str, ...] = ()
        if archive is not None and resumes:
            done = find_unfinished(archive.runs(), digest)
        return cls(archive, settings, digest, done)

    def write(self, *, reason: str, finished: bool, timings: Timings) -> None:
        """Put the run on record; raises ArchiveError if the archive can't be written."""
        if self.archive is None:
            return
        details: dict[str, Any] = {
            "fingerprint": self.fingerprint,
            "settings": dict(self.settings),
            "finished": finished,
        }
        if not finished:
            details["done"] = sorted({*self.done_before, *self.done})
        total = timings.total
        self.archive.record_run(
            RunRecord(
                command=COMMAND,
                started=self.started,
                wall_s=total.wall_s,
                cpu_s=total.cpu_s,
                reason=reason,
                details=details,
            )
        )


def find_unfinished(runs: Sequence[RunRecord], digest: str) -> tuple[str, ...]:
    """Return the tasks that the last run with a fingerprint finished, if it was interrupted."""
    for run in reversed(runs):
        if run.command == COMMAND and run.details.get("fingerprint") == digest:
            return () if run.details.get("finished") else tuple(run.details.get("done", ()))
    return ()
