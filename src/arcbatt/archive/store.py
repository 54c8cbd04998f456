"""The archive: one SQLite file with the best programs of each task."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from arcbatt.archive.capacity import CAPACITY, SELECT_ENTRIES, Saver, Weights
from arcbatt.archive.records import (
    DIFFER,
    ENTRY_COLUMNS,
    KINDS,
    SOLVER,
    AddStatus,
    Entry,
    KeptProgram,
    KeptPrograms,
    NewEntry,
    RunRecord,
    Summary,
    check_new,
    has_md5,
    is_weight,
    is_word,
    read_document,
    read_entry,
    read_run,
)
from arcbatt.archive.schema import (
    TIMEOUT_S,
    archive_file,
    open_connection,
    transaction,
    translate_errors,
)
from arcbatt.errors import ArchiveError, ParseError
from arcbatt.program.graph import Program
from arcbatt.program.parse import parse_program
from arcbatt.tasks import TaskKey

if TYPE_CHECKING:
    import sqlite3

_VALUES_MAX = 500
"""Largest number of values in one query; some builds of SQLite allow no more than 999."""


class Archive:
    """An open archive; `Archive.open` makes one.

    Only the thread that opened it may use it; any number of processes may have the same archive
    open, and write to it.

    Attributes:
        path: path by which it was opened, a file or a folder.
        file: path of the database file.
        capacity: number of programs kept per task and kind.
        writable: whether programs can be added.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        *,
        capacity: int,
        timeout_s: float,
        writable: bool,
    ) -> None:
        self.path = path
        self.file = archive_file(path)
        self.capacity = capacity
        self.writable = writable
        self._connection = connection
        self._timeout_s = timeout_s

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        create: bool = True,
        capacity: int = CAPACITY,
        timeout_s: float = TIMEOUT_S,
        salvages: bool = False,
    ) -> Self:
        """Open an archive; one that can't be written can still be read.

        If the folder holds an archive of an older format, a file is made from it first.

        Args:
            path: path of the file, or of a folder with a file ``archive.db``; see `archive_file`.
            create: whether an archive is made if there is none.
            capacity: number of programs kept per task and kind, 1 or more.
            timeout_s: longest wait for another writer, in seconds.
            salvages: whether a file that is cut off is opened for what can still be read of it.

        Raises ArchiveError if there is no archive, or something else, or one of a newer version.
        """
        path = Path(path)
        if capacity < 1:
            raise ArchiveError(
                path=path, problem=f"expected a capacity of 1 or more, got {capacity}"
            )
        with translate_errors(path, timeout_s=timeout_s):
            connection, writable = open_connection(
                path, create=create, timeout_s=timeout_s, salvages=salvages
            )
        return cls(path, connection, capacity=capacity, timeout_s=timeout_s, writable=writable)

    def close(self) -> None:
        """Close the archive; nothing can be read from it or added to it afterwards."""
        with self._translated():
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _translated(self, outcome: str = "") -> Iterator[None]:
        with translate_errors(self.path, timeout_s=self._timeout_s, outcome=outcome):
            try:
                yield
            except UnicodeDecodeError:
                raise
            except ValueError as error:
                problem = f"{error}; `batt archive check --repair` removes it"
                raise ArchiveError(path=self.path, problem=problem) from error

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._translated():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make all changes of a block in one transaction: all of them or, at an error, none.

        Raises ArchiveError if the archive can't be written.
        """
        self._check_writable()
        with (
            self._translated("nothing was added, the archive is unchanged"),
            transaction(self._connection),
        ):
            yield

    def add_many(
        self, entries: Iterable[NewEntry], *, weights: Weights | None = None
    ) -> list[AddStatus]:
        """Add programs in one transaction: all of them or, where that fails, none.

        A program that the archive has already is improved if its score is higher now, or the same
        with less fuel. Time is ignored, since it differs from run to run. If a task has too many
        programs, the worst by `arcbatt.ranking.score.rank_key` is removed. The aliases of a program
        that stays are always added to those that it has, and a weight replaces the previous one.

        Args:
            entries: programs to add.
            weights: new weights of solvers that are kept, by task and md5; others are ignored.

        Returns:
            A status for each entry, in order.

        Raises ArchiveError if an entry is not valid, or the archive can't be written; then nothing
        is added.
        """
        new = list(entries)
        self._check_new(new, weights or {})
        if not new and not weights:
            return []
        self._check_writable()
        nothing = f"nothing was added ({len(new)} requested), the archive is unchanged"
        with self._translated(nothing), transaction(self._connection):
            return Saver(self._connection, self.capacity).save(new, weights or {})

    def _check_new(self, new: Sequence[NewEntry], weights: Weights) -> None:
        for each in new:
            for problem in check_new(each):
                raise ArchiveError(
                    path=self.path, problem=f"can't add to task {each.task.id!r}: {problem}"
                )
        for task, noted in weights.items():
            for md5, weight in noted.items():
                if not is_weight(weight):
                    raise ArchiveError(
                        path=self.path,
                        problem=f"can't set the weight of {md5} of task {task} to {weight}",
                    )

    def _check_writable(self) -> None:
        if not self.writable:
            raise ArchiveError(path=self.path, problem="is read-only, nothing was added")

    def _check_kind(self, kind: str) -> None:
        if kind not in KINDS:
            problem = f"expected one of the kinds {', '.join(KINDS)}, got {kind!r}"
            raise ArchiveError(path=self.path, problem=problem)

    def tasks(self, *, kind: str = SOLVER) -> list[TaskKey]:
        """Return the keys of the tasks that have a program, ascending."""
        self._check_kind(kind)
        rows = self._rows(
            "SELECT task, content, length(demos) - length(replace(demos, ',', '')) + 1"
            " FROM entries WHERE kind = ? AND typeof(task) = 'text' AND typeof(content) = 'text'"
            " GROUP BY task, content ORDER BY task, content",
            (kind,),
        )
        return [TaskKey(task, content, demos if content else 0) for task, content, demos in rows]

    def find(self, word: str, *, kind: str = SOLVER) -> list[TaskKey]:
        """Return the tasks with an id, or with ``id/content``, whose content may be shortened."""
        task, _, content = word.partition("/")
        return [
            key
            for key in self.tasks(kind=kind)
            if key.id == task and (key.content or "unknown").startswith(content)
        ]

    def entries(
        self,
        task: TaskKey | None = None,
        *,
        kind: str = SOLVER,
        limit: int | None = None,
        broken: list[ArchiveError] | None = None,
    ) -> list[Entry]:
        """Return the entries of a task, the best first, or of all tasks, one task after the other.

        Entries of an archive of an older format, which have no content, count for every task
        of their id with as many demos.

        Args:
            task: key of the task; None for all tasks.
            kind: ``solver`` or ``differ``.
            limit: largest number of entries per task; None for all.
            broken: list to which an error is added for each broken row; None to raise the first.

        Raises ArchiveError if a row is broken, or the archive can't be read.
        """
        self._check_kind(kind)
        if task is None:
            return best_entries(self._entries("kind = ?", (kind,), broken), limit)
        condition = "task = ? AND content IN (?, '') AND kind = ?"
        found = self._entries(condition, (task.id, task.content, kind), broken)
        own = {entry.md5 for entry in found if entry.task == task}
        fitting = [
            entry
            for entry in found
            if entry.task == task or (entry.md5 not in own and entry.task.demos == task.demos)
        ]
        return sorted(fitting, key=lambda entry: entry.rank)[:limit]

    def entries_of(self, md5: str) -> list[Entry]:
        """Return the entries of a program, one task after the other; broken ones are left out."""
        return best_entries(self._entries("md5 = ?", (md5,), []), None)

    def _entries(
        self, condition: str, values: Sequence[Any], broken: list[ArchiveError] | None
    ) -> list[Entry]:
        entries = []
        for *row, size in self._rows(f"{SELECT_ENTRIES} WHERE {condition}", values):
            try:
                with self._translated():
                    entries.append(read_entry(row, size=size))
            except ArchiveError as error:
                if broken is None:
                    raise
                broken.append(error)
        return entries

    def programs(
        self,
        task: TaskKey,
        *,
        kind: str = SOLVER,
        limit: int | None = None,
        known: Container[str] = (),
    ) -> KeptPrograms:
        """Load the programs of a task, the best first.

        A damaged program or row does not affect the others: it is among the errors of the result. A
        program that another process has removed meanwhile is left out, and so are those with a
        known md5.
        """
        errors: list[ArchiveError] = []
        entries = self.entries(task, kind=kind, limit=limit, broken=errors)
        wanted = [entry for entry in entries if entry.md5 not in known]
        texts = self._texts([entry.md5 for entry in wanted])
        kept: list[KeptProgram] = []
        for entry in wanted:
            if entry.md5 in texts:
                try:
                    kept.append(KeptProgram(entry, self._parse(entry.md5, texts[entry.md5])))
                except ArchiveError as error:
                    errors.append(error)
        return KeptPrograms(tuple(kept), tuple(errors))

    def _texts(self, md5s: Sequence[str]) -> dict[str, object]:
        texts: dict[str, object] = {}
        for start in range(0, len(md5s), _VALUES_MAX):
            some = md5s[start : start + _VALUES_MAX]
            places = ", ".join("?" * len(some))
            texts.update(
                self._rows(f"SELECT md5, text FROM programs WHERE md5 IN ({places})", some)
            )
        return texts

    def _checked(self, md5: str, text: object) -> str:
        if not isinstance(text, str) or not has_md5(text, md5):
            raise ArchiveError(
                path=self.path,
                problem=f"program {md5} is damaged; `batt archive check --repair` removes it",
            )
        return text

    def _parse(self, md5: str, text: object) -> Program:
        try:
            return parse_program(self._checked(md5, text), file=md5).program
        except ParseError as error:
            raise ArchiveError(path=self.path, problem=str(error)) from error

    def md5s(self, digits: str) -> list[str]:
        """Return the md5s of the programs, 20 at most, that begin with some digits, ascending."""
        query = "SELECT md5 FROM programs WHERE md5 GLOB ? ORDER BY md5 LIMIT 20"
        return [str(md5) for (md5,) in self._rows(query, (f"{digits}*",))]

    def text(self, md5: str) -> str:
        """Return the text of a program.

        Raises ArchiveError if no such program is kept, or if the text is damaged.
        """
        texts = self._texts([md5])
        if md5 not in texts:
            raise ArchiveError(path=self.path, problem=f"keeps no program {md5}")
        return self._checked(md5, texts[md5])

    def load(self, md5: str) -> Program:
        """Return a program, parsed from its text.

        Raises ArchiveError as `text` does, and if this version can't read the program.
        """
        return self._parse(md5, self.text(md5))

    def parents(self, md5: str) -> tuple[str, ...]:
        """Return the parents of a program, ascending; they may have been removed by now."""
        query = "SELECT parent FROM parents WHERE md5 = ? ORDER BY parent"
        return tuple(parent for (parent,) in self._rows(query, (md5,)) if is_word(parent))

    def record_run(self, run: RunRecord, results: Mapping[str, Any] | None = None) -> RunRecord:
        """Record a run and return it with its number.

        A run that has a number already replaces the record with that number.

        Args:
            run: the record.
            results: by task, what the run has done since its last record, for `results`.

        Raises ArchiveError if details or results are no JSON, or if the archive can't be written.
        """
        self._check_writable()
        try:
            details = json.dumps(dict(run.details), sort_keys=True, allow_nan=False)
            rows = [
                (task, json.dumps(result, separators=(",", ":"), allow_nan=False))
                for task, result in (results or {}).items()
            ]
        except (TypeError, ValueError) as error:
            raise ArchiveError(path=self.path, problem=f"details of a run: {error}") from error
        names = ("command", "started", "wall_s", "cpu_s", "reason", "details")
        updates = ", ".join(f"{name} = excluded.{name}" for name in names)
        with self._translated("the run was not recorded"), transaction(self._connection):
            cursor = self._connection.execute(
                f"INSERT INTO runs (number, {', '.join(names)}) VALUES (?, ?, ?, ?, ?, ?, ?)"
                f" ON CONFLICT (number) DO UPDATE SET {updates}",
                (run.number or None, *(getattr(run, name) for name in names[:-1]), details),
            )
            number = run.number or int(cursor.lastrowid or 0)
            self._connection.executemany(
                "INSERT OR REPLACE INTO results (run, task, document) VALUES (?, ?, ?)",
                [(number, *row) for row in rows],
            )
            return replace(run, number=number)

    def results(self, run: int) -> dict[str, Any]:
        """Return the results of a run by task; None for one that is broken.

        Args:
            run: the number of the run.
        """
        found: dict[str, Any] = {}
        with self._translated():
            query = "SELECT task, document FROM results WHERE run = ?"
            for task, document in self._rows(query, (run,)):
                found[str(task)] = None
                with suppress(ValueError):
                    found[str(task)] = read_document(document)
        return found

    def runs(self) -> list[RunRecord]:
        """Return the recorded runs, the oldest first; broken records are left out."""
        query = (
            "SELECT command, started, wall_s, cpu_s, reason, details, number"
            " FROM runs ORDER BY number"
        )
        found = []
        for row in self._rows(query):
            with suppress(ValueError):
                found.append(read_run(row))
        return found

    def summary(self) -> Summary:
        """Count tasks, programs and runs."""
        tasks = "SELECT count(*) FROM (SELECT DISTINCT task, content FROM entries WHERE kind = ?"
        programs = "SELECT count(DISTINCT md5) FROM entries WHERE kind = ?"
        ((tasks_, solved, solvers, differs, entries, runs),) = self._rows(
            f"SELECT ({tasks})), ({tasks} AND exact)), ({programs}), ({programs}),"
            " (SELECT count(*) FROM entries), (SELECT count(*) FROM runs)",
            (SOLVER, SOLVER, SOLVER, DIFFER),
        )
        return Summary(tasks_, solved, solvers, differs, entries, runs)

    def readable(
        self, *, kind: str = SOLVER, broken: list[ArchiveError] | None = None
    ) -> dict[Entry, tuple[str, tuple[str, ...]]]:
        """Return all entries with the texts and the parents of their programs.

        Each program is looked up alone, so that damage of the file does not affect the others.

        Args:
            kind: ``solver`` or ``differ``.
            broken: list to which errors are added for what can't be read, of a damaged file too;
                None to raise the first.

        Raises ArchiveError if something can't be read, unless ``broken`` is given.
        """
        self._check_kind(kind)
        errors: list[ArchiveError] = []
        found = {}
        for row in self._readable_rows(kind, errors):
            md5 = row[3]
            try:
                size = self._rows("SELECT size FROM programs WHERE md5 = ?", (md5,))
                with self._translated():
                    entry = read_entry(row, size=size[0][0] if size else -1)
                found[entry] = self.text(md5), self.parents(md5)
            except ArchiveError as error:
                errors.append(error)
        if errors and broken is None:
            raise errors[0]
        if broken is not None:
            broken.extend(errors)
        return found

    def _readable_rows(self, kind: str, errors: list[ArchiveError]) -> list[tuple[Any, ...]]:
        """Return the rows of entries; around damaged pages, those from both ends of the table."""
        found: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        for order in ("ASC", "DESC"):
            keys = ", ".join(f"{name} {order}" for name in ("task", "content", "kind", "md5"))
            query = f"SELECT {ENTRY_COLUMNS} FROM entries WHERE kind = ? ORDER BY {keys}"
            try:
                with self._translated():
                    for row in self._connection.execute(query, (kind,)):
                        found.setdefault(row[:4], row)
            except ArchiveError as error:
                errors.append(error)
            else:
                break
        return list(found.values())


def best_entries(entries: Iterable[Entry], limit: int | None) -> list[Entry]:
    """Sort entries by task and rank, and take the best ones of each task."""
    ordered = sorted(entries, key=lambda entry: (entry.task, entry.rank))
    taken: Counter[TaskKey] = Counter()
    best = []
    for entry in ordered:
        taken[entry.task] += 1
        if limit is None or taken[entry.task] <= limit:
            best.append(entry)
    return best
