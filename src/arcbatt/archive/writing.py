"""Adding programs: files first, then the index, then links; what is not needed goes last.

Whenever the process dies, the index is whole. A file without a row or a row without a link is
what may be left, and `arcbatt.archive.check` mends both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from arcbatt.archive.folders import LinkMaker, remove_link, settle_programs
from arcbatt.archive.guard import translate_errors
from arcbatt.archive.index import Index, is_vote
from arcbatt.archive.layout import Layout, is_task_id, link_folders
from arcbatt.archive.ranking import Shelf
from arcbatt.archive.records import KINDS, SOLVER, AddStatus, Entry, NewEntry
from arcbatt.dsl.values import INTEGER_MAX
from arcbatt.engine.outcome import EXACT
from arcbatt.errors import ArchiveError

WORD_LENGTH_MAX = 500
"""Characters of a source, a parent or an alias."""

Votes = Mapping[str, Mapping[str, float]]
"""New votes of solvers, by task and md5."""


@dataclass(frozen=True, slots=True)
class Addition:
    """A new entry, checked and written out."""

    entry: Entry
    text: str
    parents: tuple[str, ...]
    aliases: tuple[str, ...]


def prepare_addition(new: NewEntry, *, layout: Layout) -> Addition:
    """Check a new entry and write its program as text.

    Raises ArchiveError if a part of it can't be kept.
    """
    for problem in _problems(new):
        raise ArchiveError(path=layout.root, problem=f"can't add to task {new.task!r}: {problem}")
    entry = Entry(
        kind=new.kind,
        task=new.task,
        md5=new.program.md5,
        score=new.score,
        size=new.program.size,
        fuel=new.fuel,
        nanoseconds=new.nanoseconds,
        source=new.source,
        vote=None if new.vote is None else float(new.vote) + 0.0,
    )
    return Addition(entry, new.program.inlined, tuple(new.parents), tuple(new.aliases))


def _problems(new: NewEntry) -> Iterable[str]:
    if new.kind not in KINDS:
        yield f"expected one of the kinds {', '.join(KINDS)}, got {new.kind!r}"
    if not is_task_id(new.task):
        yield "expected 1 to 64 letters, digits, dots, dashes or underscores as its id"
    for name, number in (("fuel", new.fuel), ("nanoseconds", new.nanoseconds)):
        if not 0 <= number <= INTEGER_MAX:
            yield f"expected {name} in 0..{INTEGER_MAX}, got {number}"
    if new.vote is not None and not is_vote(float(new.vote)):
        yield f"expected a finite vote of 0 or more, got {new.vote}"
    for score in new.score.demos:
        if not 0 <= score <= EXACT:
            yield f"expected scores in 0..{EXACT}, got {score}"
    for name, words in (("source", [new.source]), ("parent", new.parents), ("alias", new.aliases)):
        for word in words:
            if not word or len(word) > WORD_LENGTH_MAX or not word.isprintable():
                yield f"expected one line of 1 to {WORD_LENGTH_MAX} characters as {name}"


@dataclass
class Writer:
    """One change of an archive; the caller holds the lock.

    Attributes:
        layout: paths of the archive.
        index: of the archive.
        capacity: programs that stay per task and kind.
    """

    layout: Layout
    index: Index
    capacity: int
    _shelves: dict[tuple[str, str], Shelf] = field(default_factory=dict)
    _changes: list[tuple[Entry | None, Entry | None]] = field(default_factory=list)
    _removed: list[tuple[str, str]] = field(default_factory=list)

    def add(self, additions: Sequence[Addition], votes: Votes) -> list[AddStatus]:
        """Add programs and note votes, at once or not at all; returns statuses in order.

        Raises ArchiveError; it says what was kept.
        """
        for task, noted in votes.items():
            for md5, vote in noted.items():
                if not is_vote(vote):
                    problem = f"can't note a vote of {vote} for {md5} of task {task}"
                    raise ArchiveError(path=self.layout.root, problem=problem)
        nothing = f"nothing was added ({len(additions)} asked for), what was there is kept"
        with translate_errors(self.layout, outcome=nothing):
            statuses = self._save(additions, votes)
        links = "the programs are kept, but not all links; a check with repair makes them"
        with translate_errors(self.layout, outcome=links):
            try:
                self._follow()
            except KeyboardInterrupt:
                # The index has it: a run that is stopped leaves nothing to mend.
                self._follow()
                raise
        return statuses

    def _save(self, additions: Sequence[Addition], votes: Votes) -> list[AddStatus]:
        touched: dict[str, list[str]] = {}
        try:
            with self.index.transaction():
                statuses = [self._shelf(addition).place(addition.entry) for addition in additions]
                for task, noted in votes.items():
                    for md5, vote in noted.items():
                        self._shelf_of(SOLVER, task).note_vote(md5, vote)
                self._changes = [
                    change for shelf in self._shelves.values() for change in shelf.changes()
                ]
                self._save_rows(additions, statuses)
                touched = _by_kind(self._programs() - set(self._removed))
                self._settle(touched)
        except BaseException:
            # One after the other: what can't be written now must not keep the rest.
            _undo(
                lambda key: self._settle({key[0]: [key[1]]}),
                [(kind, md5) for kind, md5s in touched.items() for md5 in md5s],
            )
            raise
        return statuses

    def _settle(self, programs: Mapping[str, Sequence[str]]) -> None:
        for kind, md5s in programs.items():
            settle_programs(self.layout, self.index, kind, md5s)

    def _shelf(self, addition: Addition) -> Shelf:
        return self._shelf_of(addition.entry.kind, addition.entry.task)

    def _shelf_of(self, kind: str, task: str) -> Shelf:
        key = kind, task
        if key not in self._shelves:
            self._shelves[key] = Shelf(self.index.entries(*key), capacity=self.capacity)
        return self._shelves[key]

    def _programs(self) -> set[tuple[str, str]]:
        entries = [now or before for before, now in self._changes]
        return {(entry.kind, entry.md5) for entry in entries if entry}

    def _save_rows(self, additions: Sequence[Addition], statuses: Sequence[AddStatus]) -> None:
        taken = [
            addition
            for addition, status in zip(additions, statuses, strict=True)
            if status is not AddStatus.REFUSED and self._is_kept(addition)
        ]
        programs = {(each.entry.kind, each.entry.md5): each for each in taken}
        self.index.save_programs(
            [(*key, each.entry.size, each.text) for key, each in programs.items()]
        )
        self.index.save_parents(
            (each.entry.kind, each.entry.md5, parent) for each in taken for parent in each.parents
        )
        self.index.save_entries([now for _, now in self._changes if now])
        gone = [before for before, now in self._changes if before and not now]
        self.index.remove_entries([(entry.kind, entry.task, entry.md5) for entry in gone])
        self._removed = [
            (entry.kind, entry.md5)
            for entry in gone
            if not self.index.has_entries(entry.kind, entry.md5)
        ]
        self.index.remove_programs(self._removed)
        for addition in additions:
            entry = addition.entry
            if addition.aliases and self._is_kept(addition):
                self.index.save_aliases(entry.kind, entry.task, entry.md5, addition.aliases)

    def _is_kept(self, addition: Addition) -> bool:
        return addition.entry.md5 in self._shelf(addition).kept

    def _follow(self) -> None:
        """Bring links and removals up to date with the index."""
        links = LinkMaker(self.layout)
        moved = [
            (before, now)
            for before, now in self._changes
            if not before or not now or link_folders(before) != link_folders(now)
        ]
        for _, now in moved:
            if now:
                links.make(now)
        for before, _ in moved:
            if before:
                remove_link(self.layout, before.kind, self.layout.link(before))
        self._settle(_by_kind(self._removed))


def _by_kind(programs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the md5s of programs by kind, ascending."""
    found: dict[str, list[str]] = {}
    for kind, md5 in sorted(programs):
        found.setdefault(kind, []).append(md5)
    return found


def _undo(settle: Callable[[tuple[str, str]], None], programs: Iterable[tuple[str, str]]) -> None:
    """Make files agree with the index again; a check does what is not possible now."""
    import sqlite3

    for key in programs:
        with suppress(OSError, sqlite3.Error, ArchiveError):
            settle(key)
