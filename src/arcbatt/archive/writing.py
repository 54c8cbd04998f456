"""Adding programs: files first, then the index, then links; what is not needed goes last.

Whenever the process dies, the index is whole. A file without a row or a row without a link is
what may be left, and `arcbatt.archive.check` mends both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from arcbatt.archive.folders import make_link, remove_link, settle_program
from arcbatt.archive.guard import translate_errors
from arcbatt.archive.index import Index
from arcbatt.archive.layout import Layout, is_task_id
from arcbatt.archive.ranking import Shelf
from arcbatt.archive.records import KINDS, AddStatus, Entry, NewEntry
from arcbatt.dsl.values import INTEGER_MAX
from arcbatt.engine.outcome import EXACT
from arcbatt.errors import ArchiveError

WORD_LENGTH_MAX = 500
"""Characters of a source, a parent or an alias."""


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

    def add(self, additions: Sequence[Addition]) -> list[AddStatus]:
        """Add programs at once or not at all; returns their statuses in order.

        Raises ArchiveError; it says what was kept.
        """
        nothing = f"nothing was added ({len(additions)} asked for), what was there is kept"
        with translate_errors(self.layout, outcome=nothing):
            statuses = self._save(additions)
        links = "the programs are kept, but not all links; a check with repair makes them"
        with translate_errors(self.layout, outcome=links):
            try:
                self._follow()
            except KeyboardInterrupt:
                # The index has it: a run that is stopped leaves nothing to mend.
                self._follow()
                raise
        return statuses

    def _save(self, additions: Sequence[Addition]) -> list[AddStatus]:
        touched: list[tuple[str, str]] = []
        try:
            with self.index.transaction():
                statuses = [self._shelf(addition).place(addition.entry) for addition in additions]
                self._save_rows(additions, statuses)
                for kind, md5 in self._programs():
                    if self.index.text(kind, md5) is not None:
                        touched.append((kind, md5))
                        settle_program(self.layout, self.index, kind, md5)
        except BaseException:
            _undo(lambda key: settle_program(self.layout, self.index, *key), touched)
            raise
        return statuses

    def _shelf(self, addition: Addition) -> Shelf:
        key = addition.entry.kind, addition.entry.task
        if key not in self._shelves:
            self._shelves[key] = Shelf(self.index.entries(*key), capacity=self.capacity)
        return self._shelves[key]

    def _changes(self) -> list[tuple[Entry | None, Entry | None]]:
        return [change for shelf in self._shelves.values() for change in shelf.changes()]

    def _programs(self) -> list[tuple[str, str]]:
        entries = [now or before for before, now in self._changes()]
        return list(dict.fromkeys((entry.kind, entry.md5) for entry in entries if entry))

    def _save_rows(self, additions: Sequence[Addition], statuses: Sequence[AddStatus]) -> None:
        for addition, status in zip(additions, statuses, strict=True):
            entry = addition.entry
            if status is not AddStatus.REFUSED and self._is_kept(addition):
                self.index.save_program(
                    entry.kind,
                    entry.md5,
                    size=entry.size,
                    text=addition.text,
                    parents=addition.parents,
                )
        changes = self._changes()
        self.index.save_entries([now for _, now in changes if now])
        gone = [before for before, now in changes if before and not now]
        self.index.remove_entries([(entry.kind, entry.task, entry.md5) for entry in gone])
        self.index.remove_programs(
            [
                (entry.kind, entry.md5)
                for entry in gone
                if not self.index.entries_of(entry.kind, entry.md5)
            ]
        )
        for addition in additions:
            entry = addition.entry
            if addition.aliases and self._is_kept(addition):
                self.index.save_aliases(entry.kind, entry.task, entry.md5, addition.aliases)

    def _is_kept(self, addition: Addition) -> bool:
        return addition.entry.md5 in self._shelf(addition).kept

    def _follow(self) -> None:
        """Bring links and removals up to date with the index."""
        for before, now in self._changes():
            old = self.layout.link(before) if before else None
            if now and self.layout.link(now) != old:
                make_link(self.layout, now)
            if before and old and (not now or self.layout.link(now) != old):
                remove_link(self.layout, before.kind, old)
        for kind, md5 in self._programs():
            if self.index.text(kind, md5) is None:
                settle_program(self.layout, self.index, kind, md5)


def _undo(settle: Callable[[tuple[str, str]], None], programs: Iterable[tuple[str, str]]) -> None:
    """Make files agree with the index again; a check does what is not possible now."""
    import sqlite3

    for key in programs:
        with suppress(OSError, sqlite3.Error, ArchiveError):
            settle(key)
