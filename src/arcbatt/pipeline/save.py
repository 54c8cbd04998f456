"""Save: add the programs that passed validation to the archive, which keeps the best ones."""

from __future__ import annotations

from collections.abc import Sequence

from arcbatt.archive import AddStatus, Archive, NewEntry
from arcbatt.candidates import Candidate, Work
from arcbatt.differs import Differs
from arcbatt.pipeline.nearness import differ_entries
from arcbatt.ranking.weights import weight_to_keep
from arcbatt.tasks import TaskKey


def new_entry(
    task: TaskKey,
    candidate: Candidate,
    *,
    aliases: tuple[str, ...] = (),
    parents: tuple[str, ...] = (),
) -> NewEntry:
    """Return the archive's entry of a candidate that passed validation.

    Args:
        task: the key of the task.
        candidate: the solver.
        aliases: names of programs with the same behaviour.
        parents: md5s of the programs from which it was bred.
    """
    return NewEntry(
        task=task,
        program=candidate.program,
        score=candidate.score,
        fuel=candidate.fuel,
        nanoseconds=candidate.nanoseconds,
        source=candidate.source,
        aliases=aliases,
        parents=parents,
        weight=weight_to_keep(candidate),
    )


def save_works(works: Sequence[Work], archive: Archive, *, differs: Differs | None = None) -> None:
    """Add all candidates that passed validation, and the differs, in one transaction.

    Raises ArchiveError if the archive can't be written; nothing is added then.
    """
    saved = {work.task.key: 0 for work in works}
    solvers = [
        new_entry(work.task.key, candidate, aliases=candidate.aliases)
        for work in works
        for candidate in work.passed
    ]
    others = [] if differs is None else differ_entries(works, differs)
    statuses = archive.add_many([*solvers, *others])
    for entry, status in zip(solvers, statuses, strict=False):
        saved[entry.task] += status is not AddStatus.REFUSED
    for work in works:
        work.counts.saved = saved[work.task.key]
