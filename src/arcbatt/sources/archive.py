"""The source ``archive``: the programs of earlier runs for a task."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from arcbatt.candidates import Proposal, Weighted
from arcbatt.contract import (
    Known,
    NoOptions,
    SourceBudget,
    SourceKind,
    TaskView,
)

if TYPE_CHECKING:
    from arcbatt.archive import Archive, Entry, KeptPrograms
    from arcbatt.context import Context
    from arcbatt.errors import ArcbattError, ArchiveError
    from arcbatt.program.graph import Program
    from arcbatt.tasks import TaskKey


class Snapshot:
    """What an archive has for one task, where the archive itself can't be opened.

    Args:
        archive: the archive, or a snapshot of it.
        task: the task.

    Attributes:
        errors: the errors of programs that can't be read.
    """

    def __init__(self, archive: Archive | Snapshot, task: TaskView) -> None:
        broken: list[ArchiveError] = []
        self._entries = archive.entries(task.task.key, broken=broken)
        self._kept = archive.programs(task.task.key)
        self.errors = self._kept.errors or tuple(broken)

    def entries(self, task: TaskKey, *, broken: list[ArchiveError]) -> list[Entry]:
        """Return the entries of the task, the best first."""
        return self._entries

    def programs(self, task: TaskKey, *, known: Container[str] = ()) -> KeptPrograms:
        """Return the programs of the task that are not known by their md5, the best first."""
        from arcbatt.archive import KeptPrograms

        new = (each for each in self._kept.programs if each.entry.md5 not in known)
        return KeptPrograms(tuple(new))


class ArchiveSource(SourceKind):
    """Proposes for each task the programs that an archive has for it, with the stored weights.

    Args:
        archive: the archive, or what it has for a task; None proposes nothing.
        warnings: the list to which an error is added for each program that can't be read.
    """

    name: ClassVar[str] = "archive"
    summary: ClassVar[str] = "programs that earlier runs kept in the archive"
    is_default: ClassVar[bool] = True
    is_brought: ClassVar[bool] = True

    def __init__(self, archive: Archive | Snapshot | None, warnings: list[ArcbattError]) -> None:
        self._archive = archive
        self._warnings = warnings
        self._md5s: dict[int, Mapping[str, Program]] = {}

    @classmethod
    def open(cls, options: NoOptions, context: Context) -> Self:
        """Open the source with the archive of the command."""
        return cls(context.archive, context.warnings)

    def __reduce__(self) -> tuple[type[ArchiveSource], tuple[Snapshot | None, list[Any]]]:
        """Travel without an archive, which stays on its machine; see `send`."""
        return ArchiveSource, (self._archive if isinstance(self._archive, Snapshot) else None, [])

    def send(self, task: TaskView) -> ArchiveSource:
        """Return a source with the programs for a task, which can be sent to a worker."""
        if self._archive is None:
            return self
        snapshot = Snapshot(self._archive, task)
        self._warnings.extend(snapshot.errors)
        return ArchiveSource(snapshot, [])

    def propose(
        self, tasks: Sequence[TaskView], known: Known, budget: SourceBudget
    ) -> list[Proposal]:
        """Propose the programs of each task, the best first."""
        if self._archive is None:
            return [Proposal(())] * len(tasks)
        return [Proposal(self._kept(self._archive, task, known)) for task in tasks]

    def _kept(self, archive: Archive | Snapshot, task: TaskView, known: Known) -> list[Weighted]:
        key = task.task.key
        broken: list[ArchiveError] = []
        entries = archive.entries(key, broken=broken)
        if not entries:
            self._warnings.extend(broken)
            return []
        programs = self._by_md5(known.programs.get(task.id, ()))
        kept = archive.programs(key, known=programs)
        self._warnings.extend(kept.errors)
        # A known program is proposed again only where the archive has a weight for it.
        again = [
            (entry, programs[entry.md5])
            for entry in entries
            if entry.weight and entry.md5 in programs
        ]
        return [
            Weighted(
                entry.md5,
                program,
                math.log2(entry.weight) if entry.weight else None,
                is_total=True,
            )
            for entry, program in [*((each.entry, each.program) for each in kept.programs), *again]
        ]

    def _by_md5(self, programs: Sequence[Weighted]) -> Mapping[str, Program]:
        """Return programs by md5, computed once for a sequence that many tasks share."""
        key = id(programs)
        if key not in self._md5s:
            self._md5s = {key: {each.program.md5: each.program for each in programs}}
        return self._md5s[key]
