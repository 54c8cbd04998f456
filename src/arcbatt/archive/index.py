"""The index of an archive: an SQLite file that a person may query too.

The index decides what is kept. It has the text of every program, so that program files can be
written again from it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arcbatt.archive.database import (
    APPLICATION_ID,
    FORMAT_VERSION,
    read_version,
    upgrade_index,
)
from arcbatt.archive.layout import INDEX, is_task_id, md5_of_name
from arcbatt.archive.records import KINDS, SOLVER, Entry, RunRecord, Summary
from arcbatt.errors import ArchiveError
from arcbatt.score import Score

if TYPE_CHECKING:
    import sqlite3

ALIASES_PER_ENTRY = 32
"""Of more names the first ones in ascending order stay, whatever order they came in."""

PROGRAMS_AT_ONCE = 500
"""Values of one query; SQLite takes no more than 999 in some builds."""

ENTRY_COLUMNS = "kind, task, md5, score, demos, exact, fuel, nanoseconds, source, vote"


def read_entry(row: Sequence[Any], *, size: int) -> Entry:
    """Make an entry of a row with `ENTRY_COLUMNS`; raises ValueError if the row is damaged.

    Args:
        row: of the table of entries.
        size: of the program, in nodes.
    """
    kind, task, md5, _, demos, _, fuel, nanoseconds, source, vote = row
    words = all(isinstance(word, str) for word in (task, md5, demos, source))
    if not words or kind not in KINDS or not is_task_id(task) or not md5_of_name(f"{md5}.py"):
        raise ValueError(f"a row of task {task} is damaged")
    scores = json.loads(demos)
    numbers = [fuel, nanoseconds, *scores] if isinstance(scores, list) else [None]
    whole = all(type(number) is int and number >= 0 for number in numbers)
    if not whole or not (vote is None or is_vote(vote)):
        raise ValueError(f"a row of task {task} is damaged")
    return Entry(kind, task, md5, Score(tuple(scores)), size, fuel, nanoseconds, source, vote)


def is_vote(number: object) -> bool:
    """Tell whether a number can be a vote."""
    return isinstance(number, float) and 0.0 <= number < math.inf


_known_entries: dict[tuple[Any, ...], Entry] = {}
"""Entries by size and row: those of a task and of a program are read again with each change."""
_KNOWN_MAX = 2**14


def _read_entry_once(row: tuple[Any, ...]) -> Entry:
    """Make an entry of the size of its program and its row."""
    entry = _known_entries.get(row)
    if entry is None:
        size, *columns = row
        entry = read_entry(columns, size=size)
        _remember(row, entry)
    return entry


def _remember(row: tuple[Any, ...], entry: Entry) -> None:
    if len(_known_entries) >= _KNOWN_MAX:
        _known_entries.clear()
    _known_entries[row] = entry


@dataclass(frozen=True, slots=True)
class ProgramRows:
    """What the index has of one program."""

    text: str
    entries: list[Entry]
    parents: list[str]


def entry_row(entry: Entry) -> tuple[str | int | float | None, ...]:
    """Return the row of an entry, with `ENTRY_COLUMNS`."""
    return (
        entry.kind,
        entry.task,
        entry.md5,
        entry.score.total,
        f"[{', '.join(map(str, entry.score.demos))}]",
        int(entry.score.is_exact),
        entry.fuel,
        entry.nanoseconds,
        entry.source,
        entry.vote,
    )


class Index:
    """Queries and changes of an open index.

    Args:
        connection: to the SQLite file.
        root: the folder of the archive, for messages.

    Raises ArchiveError if the file is not an index that this version can read, sqlite3.Error if
    it is damaged.
    """

    def __init__(self, connection: sqlite3.Connection, *, root: Path) -> None:
        self._connection = connection
        self._root = root
        (owner,) = connection.execute("PRAGMA application_id").fetchone()
        version = read_version(connection)
        if owner != APPLICATION_ID:
            raise ArchiveError(path=root, problem=f"{INDEX} belongs to something else")
        if version > FORMAT_VERSION:
            raise ArchiveError(
                path=root,
                problem=f"has format version {version}, this arcbatt reads {FORMAT_VERSION};"
                " a newer arcbatt is needed",
            )
        # The first version had no votes.
        self._votes = "vote" if version > 1 else "NULL"

    def upgrade(self) -> None:
        """Bring an index of an older version up to date, at once or not at all."""
        if self._votes == "NULL":
            with self.transaction():
                upgrade_index(self._connection)
            self._votes = "vote"

    @property
    def entry_columns(self) -> str:
        """What to select for `read_entry`; an older index has less than `ENTRY_COLUMNS`."""
        return f"{ENTRY_COLUMNS.removesuffix('vote')}{self._votes}"

    def close(self) -> None:
        """Close the connection; the last one to close leaves a single file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Change the index at once or not at all; raises sqlite3.Error."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            # SQLite has ended the transaction itself after some errors.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return all rows of a query."""
        return self._connection.execute(query, values).fetchall()

    def change(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each row of values."""
        self._connection.executemany(statement, rows)

    def _entries(self, condition: str, values: Sequence[Any]) -> list[Entry]:
        query = (
            f"SELECT size, {self.entry_columns} FROM entries JOIN programs USING (kind, md5)"
            f" WHERE {condition}"
        )
        try:
            entries = list(map(_read_entry_once, self.rows(query, values)))
        except ValueError as error:
            raise ArchiveError(
                path=self._root,
                problem=f"a row of its index is damaged ({error}); a check with repair removes it",
            ) from error
        return entries

    def entries(self, kind: str, task: str | None = None) -> list[Entry]:
        """Return the entries of a kind by task, in each the best first."""
        if task is None:
            found = self._entries("kind = ?", (kind,))
        else:
            found = self._entries("kind = ? AND task = ?", (kind, task))
        return sorted(found, key=lambda entry: (entry.task, entry.rank))

    def has_entries(self, kind: str, md5: str) -> bool:
        """Tell whether a program is kept for any task."""
        query = "SELECT 1 FROM entries WHERE kind = ? AND md5 = ? LIMIT 1"
        return bool(self.rows(query, (kind, md5)))

    def programs(self, kind: str, md5s: Iterable[str]) -> dict[str, ProgramRows | None]:
        """Return what is there of programs, in their order; None for those that are not."""
        wanted = list(md5s)
        found: dict[str, ProgramRows | None] = dict.fromkeys(wanted)
        for start in range(0, len(wanted), PROGRAMS_AT_ONCE):
            some = wanted[start : start + PROGRAMS_AT_ONCE]
            condition = f"kind = ? AND md5 IN ({', '.join('?' * len(some))})"
            query = f"SELECT md5, text FROM programs WHERE {condition}"
            rows = {md5: ProgramRows(text, [], []) for md5, text in self.rows(query, (kind, *some))}
            for entry in self._entries(condition, (kind, *some)):
                rows[entry.md5].entries.append(entry)
            query = f"SELECT md5, parent FROM lineage WHERE {condition}"
            for md5, parent in self.rows(query, (kind, *some)):
                rows[md5].parents.append(parent)
            found.update(rows)
        return found

    def text(self, kind: str, md5: str) -> str | None:
        """Return the text of a program, or None if it is not kept."""
        query = "SELECT text FROM programs WHERE kind = ? AND md5 = ?"
        rows = self.rows(query, (kind, md5))
        return str(rows[0][0]) if rows else None

    def parents(self, kind: str, md5: str) -> tuple[str, ...]:
        """Return the parents of a program, ascending."""
        query = "SELECT parent FROM lineage WHERE kind = ? AND md5 = ? ORDER BY parent"
        return tuple(parent for (parent,) in self.rows(query, (kind, md5)))

    def aliases(self, kind: str, task: str, md5: str) -> tuple[str, ...]:
        """Return the other names of a program on a task, ascending."""
        query = "SELECT name FROM aliases WHERE kind = ? AND task = ? AND md5 = ? ORDER BY name"
        return tuple(name for (name,) in self.rows(query, (kind, task, md5)))

    def tasks(self, kind: str) -> list[str]:
        """Return the tasks that have a program of a kind, ascending."""
        query = "SELECT DISTINCT task FROM entries WHERE kind = ? ORDER BY task"
        return [task for (task,) in self.rows(query, (kind,))]

    def save_programs(self, programs: Iterable[tuple[str, str, int, str]]) -> None:
        """Write rows of programs, given as (kind, md5, size, text)."""
        self.change(
            "INSERT INTO programs (kind, md5, size, text) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (md5, kind) DO UPDATE SET size = excluded.size, text = excluded.text",
            programs,
        )

    def save_parents(self, parents: Iterable[tuple[str, str, str]]) -> None:
        """Add parents of programs that have rows, given as (kind, md5, parent)."""
        self.change("INSERT OR IGNORE INTO lineage (kind, md5, parent) VALUES (?, ?, ?)", parents)

    def save_entries(self, entries: Iterable[Entry]) -> None:
        """Write rows of entries whose programs have rows."""
        rows = []
        for entry in entries:
            row = entry_row(entry)
            _remember((entry.size, *row), entry)
            rows.append(row)
        self.change(
            f"INSERT INTO entries ({ENTRY_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (task, kind, md5) DO UPDATE SET"
            " score = excluded.score, demos = excluded.demos, exact = excluded.exact,"
            " fuel = excluded.fuel, nanoseconds = excluded.nanoseconds, source = excluded.source,"
            " vote = excluded.vote",
            rows,
        )

    def save_aliases(self, kind: str, task: str, md5: str, names: Iterable[str]) -> None:
        """Add names of programs that behave as an entry does."""
        key = (kind, task, md5)
        self.change(
            "INSERT OR IGNORE INTO aliases (kind, task, md5, name) VALUES (?, ?, ?, ?)",
            [(*key, name) for name in names],
        )
        surplus = self.aliases(*key)[ALIASES_PER_ENTRY:]
        self.change(
            "DELETE FROM aliases WHERE kind = ? AND task = ? AND md5 = ? AND name = ?",
            [(*key, name) for name in surplus],
        )

    def remove_entries(self, entries: Iterable[tuple[str, str, str]]) -> None:
        """Remove entries given as (kind, task, md5); their programs stay."""
        self.change("DELETE FROM entries WHERE kind IS ? AND task IS ? AND md5 IS ?", entries)

    def remove_programs(self, programs: Iterable[tuple[str, str]]) -> None:
        """Remove programs without entries, given as (kind, md5)."""
        self.change("DELETE FROM programs WHERE kind IS ? AND md5 IS ?", programs)

    def save_run(self, run: RunRecord) -> int:
        """Write a run and return its number, a new one where it has none."""
        cursor = self._connection.execute(
            "INSERT OR REPLACE INTO runs"
            " (number, command, started, wall_s, cpu_s, reason, details)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                run.number or None,
                run.command,
                run.started,
                run.wall_s,
                run.cpu_s,
                run.reason,
                json.dumps(dict(run.details), sort_keys=True, allow_nan=False),
            ),
        )
        return int(cursor.lastrowid or 0)

    def runs(self) -> list[RunRecord]:
        """Return all runs, the oldest first."""
        query = (
            "SELECT command, started, wall_s, cpu_s, reason, details, number"
            " FROM runs ORDER BY number"
        )
        return [
            RunRecord(command, started, wall_s, cpu_s, reason, json.loads(details), number)
            for command, started, wall_s, cpu_s, reason, details, number in self.rows(query)
        ]

    def summary(self) -> Summary:
        """Count everything."""
        count = "SELECT count(*) FROM programs WHERE kind = "
        ((tasks, solved, solvers, differs, entries, runs),) = self.rows(
            "SELECT (SELECT count(DISTINCT task) FROM entries WHERE kind = ?),"
            " (SELECT count(DISTINCT task) FROM entries WHERE kind = ? AND exact),"
            f" ({count} 'solver'), ({count} 'differ'),"
            " (SELECT count(*) FROM entries), (SELECT count(*) FROM runs)",
            (SOLVER, SOLVER),
        )
        return Summary(tasks, solved, solvers, differs, entries, runs)
