"""Save: tell the archive; it keeps the best programs of each task."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Thread

from arcbatt.archive import AddStatus, Archive, NewEntry
from arcbatt.differs import Differs
from arcbatt.pipeline.differs import differ_entries
from arcbatt.pipeline.work import Candidate, Work
from arcbatt.profile.timings import beside


class Saving:
    """Something that is saved in a thread of its own, beside the phases that follow.

    Making files and folders is mostly waiting for the system, and other threads run meanwhile.

    Args:
        archive: to save to; the thread opens it for itself.
        save: saves to the archive that it is given.

    Attributes:
        started: when it began, by `time.perf_counter`.
        wall_s: seconds on the clock, once it is done.
        cpu_s: CPU seconds of the thread, once it is done.
    """

    def __init__(self, archive: Archive, save: Callable[[Archive], None]) -> None:
        self.started = time.perf_counter()
        self.wall_s = self.cpu_s = 0.0
        self._archive = archive
        self._save = save
        self._error: Exception | None = None
        self._thread = Thread(target=self._run, name="save")
        self._thread.start()

    def _run(self) -> None:
        try:
            with beside(), self._archive.open_again() as archive:
                self._save(archive)
        except Exception as error:  # raised again where it is waited for
            self._error = error
        self.wall_s = time.perf_counter() - self.started
        self.cpu_s = time.thread_time()

    def wait(self) -> None:
        """Wait until everything is saved; raises ArchiveError if that failed."""
        self._thread.join()
        if self._error is not None:
            raise self._error


def new_entry(
    task: str,
    candidate: Candidate,
    *,
    aliases: tuple[str, ...] = (),
    parents: tuple[str, ...] = (),
) -> NewEntry:
    """Make what the archive is told of a candidate that passed validation.

    Args:
        task: id of the task that it is for.
        candidate: the solver.
        aliases: names of programs that it stands for.
        parents: md5s of the programs that it was bred from.
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
        vote=candidate.votes.to_keep,
    )


def save_candidates(
    works: Sequence[Work], archive: Archive, *, differs: Differs | None = None
) -> None:
    """Add all candidates that passed validation, and the differs, in one transaction.

    Raises ArchiveError if the archive can't be written; it says what was kept.
    """
    solvers = [
        new_entry(work.task.id, candidate, aliases=candidate.aliases)
        for work in works
        for candidate in work.passed
    ]
    others = [] if differs is None else differ_entries(works, differs)
    statuses = archive.add_many([*solvers, *others])
    saved = {work.task.id: 0 for work in works}
    for entry, status in zip(solvers, statuses, strict=False):
        saved[entry.task] += status is not AddStatus.REFUSED
    for work in works:
        work.counts.saved = saved[work.task.id]
