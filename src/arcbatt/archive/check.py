"""Checks an archive, and removes what is broken in it."""

from __future__ import annotations

import ast
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from arcbatt.archive.capacity import CAPACITY, Shelf
from arcbatt.archive.records import (
    Entry,
    entry_row,
    has_md5,
    is_word,
    read_document,
    read_entry,
    read_run,
    shown,
)
from arcbatt.archive.schema import (
    HOW_TO_SAVE,
    TABLES,
    TIMEOUT_S,
    VALUE_BYTES_MAX,
    is_damage,
    open_connection,
    transaction,
    translate_errors,
)
from arcbatt.errors import ArchiveError, ParseError
from arcbatt.program.parse import parse_program
from arcbatt.tasks import TaskKey

_DAMAGES_MAX = 10
"""Largest number of messages of SQLite's own check."""
_LENGTH_MAX = 2**31 - 1
"""Largest length of a value that SQLite can handle, in bytes."""
_MENDABLE = ("missing from index", "wrong # of entries in index", "NULL value in ")
"""Parts of messages of SQLite's own check about what is mended together with the rows."""


class ProblemKind(StrEnum):
    """The kinds of problems of an archive."""

    FILE_DAMAGED = "the file is damaged"
    INDEX_DAMAGED = "the index of a table is damaged"
    PROGRAM_DAMAGED = "the text is not the program of this md5"
    PROGRAM_UNREADABLE = "this version can't read the program"
    PROGRAM_UNUSED = "no task has the program"
    ENTRY_BROKEN = "the row makes no sense"
    ENTRY_LOOSE = "its program is missing"
    PARENT_BROKEN = "the parent makes no sense, or its program is missing"
    RUN_BROKEN = "the record makes no sense"
    RESULT_BROKEN = "the result makes no sense, or its run is missing"
    TASK_OVERFULL = "the task has too many programs"


ADVICE = {
    ProblemKind.FILE_DAMAGED: HOW_TO_SAVE,
    ProblemKind.PROGRAM_UNREADABLE: "it is kept and left out by other commands; a newer arcbatt"
    " may read it",
}
"""What a user can do about problems that a repair leaves."""


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

    @property
    def advice(self) -> str:
        """What to do where there is no repair; empty where there is one."""
        return "" if self.mending else ADVICE[self.kind]

    def __str__(self) -> str:
        text = f"{self.place}: {self.kind}; "
        if self.mending:
            return text + f"{'mended' if self.mended else 'mending'}: {self.mending}"
        return text + self.advice


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
    def is_readable(self) -> bool:
        """Whether the rows could be looked at."""
        return not any(problem.kind is ProblemKind.FILE_DAMAGED for problem in self.problems)

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
            # Values that other commands refuse to read have to be found here.
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LENGTH_MAX)
            check = _Check(connection, capacity, repair=repair)
            try:
                if repair:
                    # Rows may go before those that refer to them, which the check removes itself.
                    connection.execute("PRAGMA foreign_keys = OFF")
                    with transaction(connection):
                        check.run()
                else:
                    # All reads see the same state, whatever other processes write meanwhile.
                    connection.execute("BEGIN")
                    check.run()
            except _DamagedError as error:
                check = _Check(connection, capacity, repair=False)
                check.find_damages(error.messages)
    problems = sorted(check.problems, key=lambda problem: (problem.place, str(problem)))
    sound = {entry.md5 for entry in check.entries}
    return CheckReport(path, tuple(problems), len(sound), len(check.entries))


class _DamagedError(Exception):
    """Damage of the file that no change of rows mends; never leaves this module."""

    def __init__(self, messages: Iterable[str]) -> None:
        self.messages = tuple(messages)
        super().__init__(*self.messages)


@dataclass
class _Check:
    """The check of one archive.

    Attributes:
        connection: connection to the database, inside a transaction if rows are removed.
        capacity: number of programs that may stay per task and kind.
        repair: whether broken rows are removed.
        problems: problems that were found.
        sizes: numbers of nodes of the sound programs, by md5.
        damaged: md5s of the programs whose text is damaged.
        entries: the sound entries.
        is_rewritten: whether the tables with indexes are written anew, since the indexes are
            damaged.
    """

    connection: sqlite3.Connection
    capacity: int
    repair: bool
    problems: list[Problem] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    damaged: set[Any] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    is_rewritten: bool = False

    def run(self) -> None:
        """Find all problems; with repair, remove broken rows.

        Raises _DamagedError if the rows can't be trusted, or are still damaged afterwards.
        """
        try:
            self._check_file()
            self._check_programs()
            self._check_entries()
            self._check_parents()
            self._check_runs()
            damages = self._damages() if self.repair and self.problems else []
        except UnicodeDecodeError as error:
            raise _DamagedError(["SQLite's message about it is no text"]) from error
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            raise _DamagedError([str(error)]) from error
        if damages:
            raise _DamagedError(damages)

    def find_damages(self, messages: Iterable[str]) -> None:
        """Add the problems of a damaged file."""
        for message in messages:
            self._find(ProblemKind.FILE_DAMAGED, shown(message.replace("\n", " ")), "")

    def _find(self, kind: ProblemKind, place: str, mending: str) -> None:
        self.problems.append(Problem(kind, place, mending, self.repair and bool(mending)))

    def _damages(self) -> list[str]:
        found = self.connection.execute(f"PRAGMA integrity_check({_DAMAGES_MAX})").fetchall()
        return [str(message) for (message,) in found if message != "ok"]

    def _check_file(self) -> None:
        damages = self._damages()
        if not all(any(part in message for part in _MENDABLE) for message in damages):
            raise _DamagedError(damages)
        for message in damages:
            self._find(ProblemKind.INDEX_DAMAGED, shown(message), "made anew")
        self.is_rewritten = bool(damages)

    def _rows(self, table: str, first: str = "") -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a table; a value that is too long to read is replaced by bytes."""
        values = ", ".join(
            f"CASE WHEN length(CAST({name} AS BLOB)) > {VALUE_BYTES_MAX} THEN x'' ELSE {name} END"
            for name in TABLES[table].split(", ")
        )
        yield from self.connection.execute(f"SELECT {first}{values} FROM {table} NOT INDEXED")

    def _replace(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Replace all rows of a table.

        Keys of broken rows may not be comparable. SQLite clears the table and its indexes without
        looking at their rows.
        """
        if self.repair:
            names = TABLES[table]
            places = ", ".join("?" for _ in names.split(", "))
            self.connection.execute(f"DELETE FROM {table}")
            self.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)

    def _remove(self, table: str, rowids: Iterable[int]) -> None:
        if self.repair:
            self.connection.executemany(
                f"DELETE FROM {table} WHERE rowid = ?", ((rowid,) for rowid in rowids)
            )

    def _check_programs(self) -> None:
        broken = []
        sound = []
        for rowid, md5, size, text in self._rows("programs", "rowid, "):
            is_right = has_md5(text, md5) and md5 not in self.sizes
            if is_right and self._read_size(md5, text, size) == size:
                self.sizes[md5] = size
                if self.is_rewritten:
                    sound.append((md5, size, text))
            else:
                broken.append(rowid)
                self.damaged.add(md5)
                self._find(ProblemKind.PROGRAM_DAMAGED, f"program {shown(md5)}", "removed")
        if self.is_rewritten:
            self._replace("programs", sound)
        else:
            self._remove("programs", broken)

    def _read_size(self, md5: str, text: str, size: Any) -> int | None:
        """Return the number of nodes of a program, None if its text is none.

        A program that may be of a newer version is taken at its word.
        """
        try:
            return parse_program(text).program.size
        except ParseError:
            if not _may_be_newer(text) or type(size) is not int or size < 1:
                return None
        self._find(ProblemKind.PROGRAM_UNREADABLE, f"program {md5}", "")
        return size

    def _check_entries(self) -> None:
        """Find the sound entries, and remove the others and the programs without any."""
        sound: dict[tuple[Any, ...], Entry] = {}
        used = set()
        broken = False
        for row in self._rows("entries"):
            kind, task, content, md5, *_ = row
            used.add(md5)
            entry = None
            problem = ProblemKind.ENTRY_LOOSE
            if md5 in self.sizes:
                problem = ProblemKind.ENTRY_BROKEN
                entry = _sound_entry(row, self.sizes[md5])
            if entry is not None:
                sound[row[:4]] = entry
                continue
            broken = True
            # The entries of a damaged program are no problems of their own.
            if md5 not in self.damaged:
                place = f"{shown(kind)} {shown(md5)} of {shown(task)}/{shown(content or 'unknown')}"
                self._find(problem, place, "removed")
        for md5 in self.sizes.keys() - used:
            self._find(ProblemKind.PROGRAM_UNUSED, f"program {md5}", "removed")
        kept = self._trim(sound.values())
        if broken or len(kept) < len(sound) or self.is_rewritten:
            self._replace("entries", map(entry_row, kept))
        self.entries = kept
        if self.repair and len(self.sizes) > len({entry.md5 for entry in kept}):
            self.connection.execute(
                "DELETE FROM programs WHERE md5 NOT IN (SELECT md5 FROM entries)"
            )

    def _trim(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the entries that stay within the capacity."""
        shelves: dict[tuple[TaskKey, str], list[Entry]] = defaultdict(list)
        for entry in entries:
            shelves[entry.task, entry.kind].append(entry)
        kept: list[Entry] = []
        for (task, kind), all_entries in shelves.items():
            shelf = Shelf(all_entries, capacity=self.capacity)
            shelf.trim()
            kept.extend(shelf.kept.values())
            if surplus := len(all_entries) - len(shelf.kept):
                mending = f"the {surplus} worst {kind}s removed"
                self._find(ProblemKind.TASK_OVERFULL, f"task {task}", mending)
        return kept

    def _check_parents(self) -> None:
        sound = []
        broken = False
        for md5, parent in self._rows("parents"):
            if md5 in self.sizes and is_word(parent):
                sound.append((md5, parent))
                continue
            broken = True
            if md5 not in self.damaged:
                place = f"parent {shown(parent)} of {shown(md5)}"
                self._find(ProblemKind.PARENT_BROKEN, place, "removed")
        used = {entry.md5 for entry in self.entries}
        kept = [row for row in sound if row[0] in used]
        if broken or len(kept) < len(sound):
            self._replace("parents", kept)

    def _check_runs(self) -> None:
        sound = set()
        broken = []
        for number, *values in self._rows("runs"):
            try:
                read_run((*values, number))
                sound.add(number)
            except ValueError:
                broken.append(number)
                self._find(ProblemKind.RUN_BROKEN, f"run {number}", "removed")
        self._remove("runs", broken)
        self._check_results(sound, broken)

    def _check_results(self, runs: Container[Any], broken_runs: Container[Any]) -> None:
        broken = False
        sound = []
        for row in self._rows("results"):
            run, task, document = row
            if run in runs and is_word(task) and _is_document(document):
                sound.append(row)
                continue
            broken = True
            # The results of a broken run are no problems of their own.
            if run not in broken_runs:
                place = f"result of run {shown(run)} for {shown(task)}"
                self._find(ProblemKind.RESULT_BROKEN, place, "removed")
        if broken:
            self._replace("results", sound)


def _sound_entry(row: tuple[Any, ...], size: int) -> Entry | None:
    try:
        entry = read_entry(row, size=size)
    except ValueError:
        return None
    return entry if entry_row(entry) == row else None


def _is_document(text: object) -> bool:
    try:
        read_document(text)
    except ValueError:
        return False
    return True


def _may_be_newer(text: str) -> bool:
    """Return whether a text that this version can't read has the form of a program."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return len(body) == 1 and isinstance(body[0], ast.FunctionDef) and body[0].name == "solve"
