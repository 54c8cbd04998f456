"""Checks an archive, and removes what is broken in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arcbatt.archive.capacity import CAPACITY, Shelf
from arcbatt.archive.records import ENTRY_COLUMNS, Entry, entry_row, is_word, read_entry
from arcbatt.archive.schema import TIMEOUT_S, transaction, translate_errors
from arcbatt.archive.store import open_connection, read_run
from arcbatt.errors import ArchiveError, ParseError
from arcbatt.program.parse import parse_program
from arcbatt.program.render import md5_of_text
from arcbatt.tasks import TaskKey

if TYPE_CHECKING:
    import sqlite3

_DAMAGES_MAX = 10
"""Largest number of messages of SQLite's own check."""


class ProblemKind(StrEnum):
    """The kinds of problems of an archive."""

    FILE_DAMAGED = "the file is damaged"
    PROGRAM_DAMAGED = "the text is not the program of this md5"
    PROGRAM_UNREADABLE = "this version can't read the program"
    PROGRAM_UNUSED = "no task has the program"
    ENTRY_BROKEN = "the row makes no sense"
    ENTRY_LOOSE = "its program is missing"
    PARENT_BROKEN = "the parent makes no sense, or its program is missing"
    RUN_BROKEN = "the record makes no sense"
    TASK_OVERFULL = "the task has too many programs"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of an archive.

    Attributes:
        kind: kind of the problem.
        place: row with the problem, such as ``program <md5>``.
        mending: description of the repair; empty if there is none.
        mended: whether the repair was done.
    """

    kind: ProblemKind
    place: str
    mending: str
    mended: bool = False

    def __str__(self) -> str:
        text = f"{self.place}: {self.kind}"
        if self.mending:
            text += f"; {'mended' if self.mended else 'mending'}: {self.mending}"
        return text


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The result of a check.

    Attributes:
        path: path of the archive.
        problems: problems by their places; they are the same whether mended or not.
        programs: number of programs that are sound.
        entries: number of entries that are sound.
    """

    path: Path
    problems: tuple[Problem, ...]
    programs: int
    entries: int

    @property
    def is_clean(self) -> bool:
        """Whether no problem was found."""
        return not self.problems

    @property
    def unmended(self) -> tuple[Problem, ...]:
        """The problems that are still there."""
        return tuple(problem for problem in self.problems if not problem.mended)

    @property
    def counts(self) -> dict[ProblemKind, int]:
        """The number of problems of each kind."""
        return dict(Counter(problem.kind for problem in self.problems))


def check_archive(
    path: Path | str,
    *,
    repair: bool,
    capacity: int = CAPACITY,
    timeout_s: float = TIMEOUT_S,
) -> CheckReport:
    """Find the problems of an archive and, on request, remove broken rows.

    Args:
        path: path of the archive.
        repair: whether broken rows are removed; the other rows are sound.
        capacity: number of programs that may stay per task and kind.
        timeout_s: longest wait for another writer, in seconds.

    Raises ArchiveError if there is no archive, if it is of a newer version, or if it can't be read
    or, for a repair, written.
    """
    path = Path(path)
    with translate_errors(path, timeout_s=timeout_s, outcome="the check was not completed"):
        connection, writable = open_connection(path, create=False, timeout_s=timeout_s)
        with closing(connection):
            if repair and not writable:
                raise ArchiveError(path=path, problem="is read-only, nothing can be mended")
            check = _Check(connection, capacity, repair=repair)
            if not check.is_whole():
                pass
            elif repair:
                with transaction(connection):
                    check.run()
            else:
                check.run()
    problems = sorted(check.problems, key=lambda problem: (problem.place, str(problem)))
    sound = {entry.md5 for entry in check.entries}
    return CheckReport(path, tuple(problems), len(sound), len(check.entries))


@dataclass
class _Check:
    connection: sqlite3.Connection
    capacity: int
    repair: bool
    problems: list[Problem] = field(default_factory=list)
    sizes: dict[Any, int] = field(default_factory=dict)
    damaged: set[Any] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)

    def is_whole(self) -> bool:
        """Run SQLite's own check; where it fails, rows can't be trusted."""
        found = self.connection.execute(f"PRAGMA integrity_check({_DAMAGES_MAX})").fetchall()
        if found == [("ok",)]:
            return True
        for (message,) in found:
            self._find(ProblemKind.FILE_DAMAGED, str(message), "")
        return False

    def run(self) -> None:
        """Find all problems; with repair, remove broken rows."""
        self._read_programs()
        used = self._read_entries()
        for md5 in self.sizes.keys() - used:
            self._remove(ProblemKind.PROGRAM_UNUSED, f"program {md5}", "programs", md5=md5)
        self._trim()
        known = self.sizes.keys() | self.damaged
        for md5, parent in self.connection.execute("SELECT md5, parent FROM parents").fetchall():
            if md5 not in known or not is_word(parent):
                place = f"parent {parent} of {md5}"
                self._remove(ProblemKind.PARENT_BROKEN, place, "parents", md5=md5, parent=parent)
        self._read_runs()
        if self.repair:
            # Programs whose last entry was removed are no problems of their own.
            statement = "DELETE FROM programs WHERE md5 NOT IN (SELECT md5 FROM entries)"
            self.connection.execute(statement)

    def _find(self, kind: ProblemKind, place: str, mending: str) -> None:
        self.problems.append(Problem(kind, place, mending, self.repair and bool(mending)))

    def _remove(self, problem: ProblemKind, place: str, table: str, **key: Any) -> None:
        self._find(problem, place, "removed")
        if self.repair:
            condition = " AND ".join(f"{column} IS ?" for column in key)
            self.connection.execute(f"DELETE FROM {table} WHERE {condition}", (*key.values(),))

    def _read_programs(self) -> None:
        rows = self.connection.execute("SELECT md5, size, text FROM programs").fetchall()
        for md5, size, text in rows:
            if not isinstance(text, str) or md5_of_text(text) != md5 or type(size) is not int:
                self._drop_program(md5)
                continue
            try:
                if parse_program(text).program.size != size:
                    self._drop_program(md5)
                    continue
            except ParseError:
                self._find(ProblemKind.PROGRAM_UNREADABLE, f"program {md5}", "")
            self.sizes[md5] = size

    def _drop_program(self, md5: Any) -> None:
        # Its entries refer to it, so they go first; they are no problems of their own.
        if self.repair:
            self.connection.execute("DELETE FROM entries WHERE md5 IS ?", (md5,))
        self._remove(ProblemKind.PROGRAM_DAMAGED, f"program {md5}", "programs", md5=md5)
        self.damaged.add(md5)

    def _read_entries(self) -> set[Any]:
        """Find the sound entries, and return the md5s in all rows."""
        rows = self.connection.execute(f"SELECT {ENTRY_COLUMNS} FROM entries").fetchall()
        for row in rows:
            md5 = row[3]
            if md5 in self.damaged:
                continue
            if md5 not in self.sizes:
                self._remove_entry(ProblemKind.ENTRY_LOOSE, *row[:4])
                continue
            try:
                entry = read_entry(row, size=self.sizes[md5])
            except ValueError:
                entry = None
            if entry is None or entry_row(entry) != row:
                self._remove_entry(ProblemKind.ENTRY_BROKEN, *row[:4])
            else:
                self.entries.append(entry)
        return {row[3] for row in rows}

    def _remove_entry(
        self, problem: ProblemKind, kind: Any, task: Any, content: Any, md5: Any
    ) -> None:
        place = f"{kind} {md5} of {task}/{content or 'unknown'}"
        self._remove(problem, place, "entries", task=task, content=content, kind=kind, md5=md5)

    def _trim(self) -> None:
        shelves: dict[tuple[TaskKey, str], list[Entry]] = defaultdict(list)
        for entry in self.entries:
            shelves[entry.task, entry.kind].append(entry)
        self.entries = []
        for (task, kind), entries in shelves.items():
            shelf = Shelf(entries, capacity=self.capacity)
            shelf.trim()
            self.entries.extend(shelf.kept.values())
            surplus = [entry for entry in entries if entry.md5 not in shelf.kept]
            if surplus:
                mending = f"the {len(surplus)} worst {kind}s removed"
                self._find(ProblemKind.TASK_OVERFULL, f"task {task}", mending)
            if self.repair:
                self.connection.executemany(
                    "DELETE FROM entries WHERE task = ? AND content = ? AND kind = ? AND md5 = ?",
                    [(task.id, task.content, kind, entry.md5) for entry in surplus],
                )

    def _read_runs(self) -> None:
        columns = "command, started, wall_s, cpu_s, reason, details, number"
        for row in self.connection.execute(f"SELECT {columns} FROM runs").fetchall():
            try:
                read_run(row)
            except ValueError:
                number = row[-1]
                self._remove(ProblemKind.RUN_BROKEN, f"run {number}", "runs", number=number)
