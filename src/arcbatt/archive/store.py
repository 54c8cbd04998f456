"""The archive: a folder with the best programs of each task, which people browse."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import chain, count
from pathlib import Path
from types import TracebackType
from typing import Self

from arcbatt.archive.database import connect, create_index
from arcbatt.archive.guard import hold_lock, translate_errors
from arcbatt.archive.head import read_program_file
from arcbatt.archive.index import Index
from arcbatt.archive.layout import INDEX, PREFIXES, Layout, list_folder, md5_of_name
from arcbatt.archive.ranking import CAPACITY
from arcbatt.archive.records import (
    KINDS,
    SOLVER,
    AddStatus,
    Entry,
    KeptProgram,
    KeptPrograms,
    NewEntry,
    RunRecord,
    Summary,
)
from arcbatt.archive.writing import Writer, prepare_addition
from arcbatt.errors import ArchiveError, ParseError
from arcbatt.files import write_atomically
from arcbatt.program.graph import Program
from arcbatt.program.parse import parse_program
from arcbatt.score import Score

TIMEOUT_S = 30.0
"""How long to wait for another writer."""


class Archive:
    """An open archive; `Archive.open` makes one.

    It is used by the thread and the process that opened it; any number of processes may have the
    same archive open, and write to it.
    """

    def __init__(
        self, layout: Layout, index: Index, *, capacity: int, timeout_s: float, writable: bool
    ) -> None:
        self._layout = layout
        self._index = index
        self._timeout_s = timeout_s
        self.capacity = capacity
        self.writable = writable

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        create: bool = True,
        capacity: int = CAPACITY,
        timeout_s: float = TIMEOUT_S,
    ) -> Self:
        """Open an archive; one in a folder that can't be written can still be read.

        Args:
            path: of the folder.
            create: make one where there is none, in a new or an empty folder.
            capacity: programs kept per task and kind, 1 or more; the worst one gives way.
            timeout_s: seconds to wait for another writer.

        Raises ArchiveError if there is something else, nothing, or an archive of a newer version.
        """
        layout = Layout(Path(path))
        if capacity < 1:
            raise ArchiveError(
                path=layout.root, problem=f"expected a capacity of 1 or more, got {capacity}"
            )
        with translate_errors(layout):
            if not layout.index.exists():
                check_absence(layout, create=create)
                layout.root.mkdir(parents=True, exist_ok=True)
                with hold_lock(layout, timeout_s=timeout_s):
                    if not layout.index.exists():
                        create_index(layout)
                        for folder in layout.folders:
                            folder.mkdir(exist_ok=True)
            writable = is_writable(layout)
            index = open_index(layout, timeout_s=timeout_s, writable=writable)
        return cls(layout, index, capacity=capacity, timeout_s=timeout_s, writable=writable)

    def open_again(self) -> Self:
        """Open the same archive once more, for another thread."""
        return type(self).open(
            self.path, create=False, capacity=self.capacity, timeout_s=self._timeout_s
        )

    @property
    def path(self) -> Path:
        """The folder."""
        return self._layout.root

    def close(self) -> None:
        """Close the archive; nothing can be read from it or added to it afterwards."""
        with translate_errors(self._layout):
            self._index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def add(
        self,
        task: str,
        program: Program,
        *,
        score: Score,
        fuel: int,
        nanoseconds: int,
        source: str,
        parents: Iterable[str] = (),
        aliases: Iterable[str] = (),
        kind: str = SOLVER,
        vote: float | None = None,
    ) -> AddStatus:
        """Add one program; see `NewEntry` for the arguments and `add_many` for the rest."""
        new = NewEntry(
            task=task,
            program=program,
            score=score,
            fuel=fuel,
            nanoseconds=nanoseconds,
            source=source,
            parents=tuple(parents),
            aliases=tuple(aliases),
            kind=kind,
            vote=vote,
        )
        return self.add_many([new])[0]

    def add_many(
        self, entries: Iterable[NewEntry], *, votes: Mapping[str, Mapping[str, float]] | None = None
    ) -> list[AddStatus]:
        """Add programs, all of them or, where that fails, none.

        A program that is there already is improved if its score is higher now, or the same with
        less fuel. Time does not count, it is never the same twice. Where a task has too many
        programs the worst by `arcbatt.score.rank_key` gives way. The aliases of a program that
        stays are always added to those on record, and a vote replaces the one before.

        Args:
            entries: what to add.
            votes: new ones of solvers that are kept, by task and md5; others are left out.

        Returns:
            A status for each entry, in order.

        Raises ArchiveError if an entry can't be kept, or the archive can't be written; it says
        what was kept.
        """
        additions = [prepare_addition(new, layout=self._layout) for new in entries]
        if not additions and not votes:
            return []
        self._check_writable()
        with translate_errors(self._layout), hold_lock(self._layout, timeout_s=self._timeout_s):
            return Writer(self._layout, self._index, self.capacity).add(additions, votes or {})

    def _check_writable(self) -> None:
        if not self.writable:
            raise ArchiveError(path=self.path, problem="is read-only, nothing was added")

    def _check_kind(self, kind: str) -> None:
        if kind not in KINDS:
            raise ArchiveError(
                path=self.path,
                problem=f"expected one of the kinds {', '.join(KINDS)}, got {kind!r}",
            )

    def entries(
        self, task: str | None = None, *, kind: str = SOLVER, limit: int | None = None
    ) -> list[Entry]:
        """Return what is kept for a task, the best first, or for all tasks, one after the other.

        Args:
            task: its id; None for all tasks.
            kind: ``solver`` or ``differ``.
            limit: at most so many a task.
        """
        self._check_kind(kind)
        with translate_errors(self._layout):
            entries = self._index.entries(kind, task)
        if limit is None:
            return entries
        taken: Counter[str] = Counter()
        best = []
        for entry in entries:
            taken[entry.task] += 1
            if taken[entry.task] <= limit:
                best.append(entry)
        return best

    def programs(
        self,
        task: str,
        *,
        kind: str = SOLVER,
        limit: int | None = None,
        known: Container[str] = (),
    ) -> KeptPrograms:
        """Load what is kept for a task, the best first.

        A damaged program costs only itself: it is among the errors of the result. One that
        another process has removed meanwhile is left out, and so are those whose md5 is known.
        """
        kept: list[KeptProgram] = []
        errors: list[ArchiveError] = []
        for entry in self.entries(task, kind=kind, limit=limit):
            if entry.md5 in known:
                continue
            try:
                kept.append(KeptProgram(entry, self.load(entry.md5, kind=kind)))
            except ArchiveError as error:
                with translate_errors(self._layout):
                    if self._index.text(kind, entry.md5) is not None:
                        errors.append(error)
        return KeptPrograms(tuple(kept), tuple(errors))

    def tasks(self, *, kind: str = SOLVER) -> list[str]:
        """Return the ids of the tasks that have a program, ascending."""
        self._check_kind(kind)
        with translate_errors(self._layout):
            return self._index.tasks(kind)

    def text(self, md5: str, *, kind: str = SOLVER) -> str:
        """Return the text of a program, without the comments at the head of its file.

        Raises ArchiveError if no such program is kept, or if the file does not hold it.
        """
        self._check_kind(kind)
        with translate_errors(self._layout):
            if md5_of_name(f"{md5}.py") is None or self._index.text(kind, md5) is None:
                raise ArchiveError(path=self.path, problem=f"keeps no {kind} {md5}")
            path = self._layout.program_file(kind, md5)
            content = None
            with suppress(FileNotFoundError):
                content = read_program_file(path, md5)
        if content is None:
            raise ArchiveError(
                path=self.path,
                problem=f"{self._layout.relative(path)} is missing or does not hold the program"
                " of its name; a check with repair writes it again",
            )
        return content.text

    def load(self, md5: str, *, kind: str = SOLVER) -> Program:
        """Return a program, read from its file.

        Raises ArchiveError as `text` does, and if this version can't read the program.
        """
        text = self.text(md5, kind=kind)
        name = self._layout.relative(self._layout.program_file(kind, md5))
        try:
            return parse_program(text, file=name).program
        except ParseError as error:
            raise ArchiveError(path=self.path, problem=str(error)) from error

    def parents(self, md5: str, *, kind: str = SOLVER) -> tuple[str, ...]:
        """Return what a program was bred from, ascending; they may be gone by now."""
        self._check_kind(kind)
        with translate_errors(self._layout):
            return self._index.parents(kind, md5)

    def aliases(self, task: str, md5: str, *, kind: str = SOLVER) -> tuple[str, ...]:
        """Return names of programs that behave as this one does on a task, ascending."""
        self._check_kind(kind)
        with translate_errors(self._layout):
            return self._index.aliases(kind, task, md5)

    def record_run(self, run: RunRecord) -> RunRecord:
        """Put a run on record and return it with its number.

        A run that has a number already replaces what is on record under it.

        Raises ArchiveError if its details are no JSON, or if the archive can't be written.
        """
        self._check_writable()
        try:
            with translate_errors(self._layout), self._index.transaction():
                return replace(run, number=self._index.save_run(run))
        except (TypeError, ValueError) as error:
            raise ArchiveError(path=self.path, problem=f"details of a run: {error}") from error

    def runs(self) -> list[RunRecord]:
        """Return the runs on record, the oldest first."""
        with translate_errors(self._layout):
            return self._index.runs()

    def summary(self) -> Summary:
        """Count tasks, programs and runs."""
        with translate_errors(self._layout):
            return self._index.summary()

    def export(self, path: Path | str, *, kind: str = SOLVER, limit: int | None = None) -> int:
        """Write the kept programs as one file of DSL text and return how many they are.

        The best program of a task is called ``solve_<task>``, the next ones
        ``solve_<task>_2`` and so on; differs are called ``differ_<task>``.

        Args:
            path: of the file to write.
            kind: ``solver`` or ``differ``.
            limit: at most so many a task.

        Raises ArchiveError if a program can't be read or the file can't be written.
        """
        names: set[str] = set()
        texts = []
        for entry in self.entries(kind=kind, limit=limit):
            first = f"{PREFIXES[kind]}_{re.sub(r'[^A-Za-z0-9_]', '_', entry.task)}"
            choices = chain([first], (f"{first}_{number}" for number in count(2)))
            name = next(choice for choice in choices if choice not in names)
            names.add(name)
            text = self.text(entry.md5, kind=kind)
            texts.append(text.replace("def solve(", f"def {name}(", 1))
        with translate_errors(self._layout):
            write_atomically(Path(path), "\n\n".join(texts))
        return len(texts)


def is_writable(layout: Layout) -> bool:
    """Tell whether this process may write to an archive."""
    folder = os.access(layout.root, os.W_OK | os.X_OK)
    return folder and (os.access(layout.index, os.W_OK) or not layout.index.exists())


def open_index(layout: Layout, *, timeout_s: float, writable: bool) -> Index:
    """Open an index that is there.

    Raises ArchiveError if it is none that this version can read, sqlite3.Error if it is damaged.
    """
    if layout.index.stat().st_size == 0:
        raise ArchiveError(
            path=layout.root, problem=f"its {INDEX} is empty; a check with repair builds it again"
        )
    connection = connect(layout, timeout_s=timeout_s, writable=writable)
    try:
        index = Index(connection, root=layout.root)
        if writable:
            index.upgrade()
        return index
    except BaseException:
        connection.close()
        raise


def check_absence(layout: Layout, *, create: bool) -> None:
    """Check that a path without an index may become an archive.

    Raises ArchiveError if it is a file, or a folder that belongs to something else, or an archive
    that has lost its index, or if none is wanted; OSError if the folder can't be read.
    """
    if layout.root.exists() and not layout.root.is_dir():
        raise ArchiveError(path=layout.root, problem="is a file, expected a folder")
    names = [item.name for item in list_folder(layout.root)]
    if layout.index.exists():
        # Another process has made it just now.
        return
    if any(folder.name in names for folder in layout.folders):
        raise ArchiveError(
            path=layout.root,
            problem=f"its {INDEX} is missing; a check with repair builds it again from the"
            " program files",
        )
    if any(not name.startswith(".") for name in names):
        raise ArchiveError(path=layout.root, problem=f"holds other files and no {INDEX}")
    if not create:
        raise ArchiveError(path=layout.root, problem="there is no archive here")
