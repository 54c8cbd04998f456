"""Merge archives of several runs or machines into one, which ranks their programs anew.

The result depends on what the archives hold and not on their order, and merging them again changes
nothing. Scores and fuel are taken as they are; `batt import` would measure them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from arcbatt.archive.capacity import CAPACITY
from arcbatt.archive.records import (
    KINDS,
    AddStatus,
    Entry,
    NewEntry,
    RunRecord,
    entry_of,
)
from arcbatt.archive.store import Archive
from arcbatt.errors import ArchiveError, ParseError
from arcbatt.program.parse import parse_program
from arcbatt.tasks import TaskKey

Place = tuple[str, TaskKey, str]
"""Where a program is kept: kind, task and md5."""


@dataclass
class MergedArchives:
    """The result of a merge.

    Attributes:
        read: number of entries that the given archives hold together, each counted once.
        added: number of entries that are new or better in the output.
        kept: number of entries that the output holds now.
        runs: number of records of runs that are new or longer in the output.
        broken: the errors of what could not be read.
    """

    read: int = 0
    added: int = 0
    kept: int = 0
    runs: int = 0
    broken: list[ArchiveError] = field(default_factory=list)


@dataclass
class Held:
    """What the archives hold of a program for a task.

    Attributes:
        entries: its entries.
        text: its text.
        parents: the md5s or names of the programs that it was bred from.
    """

    entries: list[Entry]
    text: str
    parents: set[str]

    def entry(self) -> NewEntry:
        """Return the best entry, with the largest weight and the aliases of all.

        Raises ParseError if this version can't read the program.
        """
        best = min(self.entries, key=lambda each: (each.rank, each.nanoseconds, each.source))
        weights = [each.weight for each in self.entries if each.weight is not None]
        return NewEntry(
            task=best.task,
            program=parse_program(self.text, file=best.md5).program,
            score=best.score,
            fuel=best.fuel,
            nanoseconds=best.nanoseconds,
            source=best.source,
            parents=tuple(sorted(self.parents)),
            aliases=tuple({alias for each in self.entries for alias in each.aliases}),
            kind=best.kind,
            weight=max(weights, default=None),
        )


def merge_archives(
    paths: Sequence[Path], output: Path, *, capacity: int = CAPACITY
) -> MergedArchives:
    """Add what some archives hold to another one, which is made if it is not there.

    Records of runs are taken over as well, so that a run that is started again finds the tasks that
    were done elsewhere.

    Args:
        paths: the archives to read.
        output: the archive to write; what it holds stays in the competition.
        capacity: number of programs kept per task and kind, 1 or more.

    Raises ArchiveError if an archive can't be opened, or the output can't be written.
    """
    merged = MergedArchives()
    with ExitStack() as stack:
        given = [
            stack.enter_context(Archive.open(path, create=False, salvages=True)) for path in paths
        ]
        target = stack.enter_context(Archive.open(output, capacity=capacity))
        own, held = _collect([target], merged), _collect(given, merged)
        merged.read = len(held)
        new = []
        for place, each in held.items():
            if place in own:
                each.entries += own[place].entries
                each.parents |= own[place].parents
            try:
                new.append(each.entry())
            except ParseError as error:
                merged.broken.append(ArchiveError(path=output, problem=str(error)))
        # The best first, so that what has no room is never added.
        new.sort(key=lambda each: entry_of(each).rank)
        with target.together():
            statuses = target.add_many(new)
            merged.added = sum(status is not AddStatus.REFUSED for status in statuses)
            merged.runs = sum(_add_run(target, run, each) for each in given for run in each.runs())
        merged.kept = target.summary().entries
    return merged


def _collect(archives: Iterable[Archive], merged: MergedArchives) -> dict[Place, Held]:
    """Return all programs of some archives by their places."""
    held: dict[Place, Held] = {}
    for archive in archives:
        for kind in KINDS:
            for entry, (text, parents) in archive.readable(kind=kind, broken=merged.broken).items():
                each = held.setdefault((kind, entry.task, entry.md5), Held([], text, set()))
                each.entries.append(entry)
                each.parents.update(parents)
    return held


def _add_run(target: Archive, run: RunRecord, archive: Archive) -> bool:
    """Add the record of a run, unless the target has it already and as long."""
    for known in target.runs():
        if _name(known) == _name(run):
            if known.wall_s >= run.wall_s:
                return False
            break
    else:
        known = replace(run, number=0)
    target.record_run(replace(run, number=known.number), archive.results(run.number))
    return True


def _name(run: RunRecord) -> tuple[object, ...]:
    return run.command, run.started, run.details.get("fingerprint")
