"""Save: tell the archive; it keeps the best programs of each task."""

from __future__ import annotations

from collections.abc import Sequence

from arcbatt.archive import AddStatus, Archive, NewEntry
from arcbatt.pipeline.work import Work


def save_candidates(works: Sequence[Work], archive: Archive) -> None:
    """Add all candidates that passed validation, in one transaction.

    Raises ArchiveError if the archive can't be written; it says what was kept.
    """
    entries = [
        NewEntry(
            task=work.task.id,
            program=candidate.program,
            score=candidate.score,
            fuel=candidate.fuel,
            nanoseconds=candidate.nanoseconds,
            source=candidate.source,
            aliases=candidate.aliases,
        )
        for work in works
        for candidate in work.passed
    ]
    statuses = archive.add_many(entries)
    saved = {work.task.id: 0 for work in works}
    for entry, status in zip(entries, statuses, strict=True):
        saved[entry.task] += status is not AddStatus.REFUSED
    for work in works:
        work.counts.saved = saved[work.task.id]
