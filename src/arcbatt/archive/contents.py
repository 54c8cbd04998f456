"""What an archive ought to have: worked out from its index, and from its files where need be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from arcbatt.archive.head import ProgramFile, read_program_file, write_head
from arcbatt.archive.index import Index, entry_row, read_entry
from arcbatt.archive.layout import Layout, list_folder, md5_of_name
from arcbatt.archive.ranking import Shelf
from arcbatt.archive.records import KINDS, AddStatus, Entry
from arcbatt.archive.report import ProblemKind
from arcbatt.errors import ParseError
from arcbatt.program.parse import parse_program
from arcbatt.program.render import md5_of_text

ProgramKey = tuple[str, str]
"""Kind and md5."""
Report = Callable[[ProblemKind, str, str], None]
"""Takes a problem, its place, and what mends it."""

_LOOSE_ROWS = (
    """
    DELETE FROM lineage WHERE NOT EXISTS (
        SELECT 1 FROM programs WHERE programs.kind = lineage.kind AND programs.md5 = lineage.md5
    )
    """,
    """
    DELETE FROM aliases WHERE NOT EXISTS (
        SELECT 1 FROM entries WHERE entries.kind = aliases.kind
            AND entries.task = aliases.task AND entries.md5 = aliases.md5
    )
    """,
)


@dataclass
class Contents:
    """Programs and entries of an archive as they ought to be.

    Attributes:
        layout: paths of the archive.
        capacity: programs that may stay per task and kind.
        report: is told each problem.
        files: what the program files hold; None for one that is damaged.
        texts: of all programs.
        sizes: of all programs, in nodes.
        parents: of programs.
        shelves: the entries by kind and task.
        refused_files: files of programs that are not kept.
    """

    layout: Layout
    capacity: int
    report: Report
    files: dict[ProgramKey, ProgramFile | None] = field(default_factory=dict)
    texts: dict[ProgramKey, str] = field(default_factory=dict)
    sizes: dict[ProgramKey, int] = field(default_factory=dict)
    parents: dict[ProgramKey, tuple[str, ...]] = field(default_factory=dict)
    shelves: dict[tuple[str, str], Shelf] = field(default_factory=dict)
    refused_files: list[ProgramKey] = field(default_factory=list)
    _program_rows: dict[tuple[Any, Any], tuple[Any, Any]] = field(default_factory=dict)
    _entry_rows: dict[tuple[Any, Any, Any], tuple[Any, ...]] = field(default_factory=dict)
    _alias_keys: set[tuple[Any, Any, Any]] = field(default_factory=set)
    _loose_rows: bool = False

    def entries(self) -> list[Entry]:
        """Return all entries."""
        return [entry for shelf in self.shelves.values() for entry in shelf.kept.values()]

    def file_contents(self) -> dict[ProgramKey, str]:
        """Return what each program file ought to hold."""
        entries: dict[ProgramKey, list[Entry]] = defaultdict(list)
        for entry in self.entries():
            entries[entry.kind, entry.md5].append(entry)
        return {
            key: write_head(of_program, self.parents.get(key, ())) + self.texts[key]
            for key, of_program in entries.items()
        }

    def read(self, index: Index) -> None:
        """Work out what ought to be there.

        Raises OSError or sqlite3.Error if something can't be read.
        """
        self._read_files()
        self._read_rows(index)
        entries = self._read_entries()
        wanted = {(entry.kind, entry.md5) for entry in entries}
        self._settle_programs(wanted)
        self._fill_shelves(entry for entry in entries if (entry.kind, entry.md5) in self.texts)
        for key in sorted(self.files.keys() - wanted - self._program_rows.keys()):
            self._settle_unknown_file(key)
        self._refuse_unused()
        self._find_loose_rows()

    def _read_files(self) -> None:
        for kind in KINDS:
            for item in list_folder(self.layout.program_folder(kind)):
                md5 = md5_of_name(item.name)
                if md5 is not None:
                    path = self.layout.program_file(kind, md5)
                    self.files[kind, md5] = read_program_file(path, md5)

    def _read_rows(self, index: Index) -> None:
        for kind, md5, size, text in index.rows("SELECT kind, md5, size, text FROM programs"):
            self._program_rows[kind, md5] = (size, text)
        for row in index.rows(f"SELECT {index.entry_columns} FROM entries"):
            self._entry_rows[tuple(row[:3])] = tuple(row)
        parents: dict[ProgramKey, list[str]] = defaultdict(list)
        for kind, md5, parent in index.rows("SELECT kind, md5, parent FROM lineage"):
            parents[kind, md5].append(parent)
        self.parents = {key: tuple(of_program) for key, of_program in parents.items()}
        self._alias_keys = set(index.rows("SELECT DISTINCT kind, task, md5 FROM aliases"))

    def _index_problem(self, kind: ProblemKind, mending: str) -> None:
        self.report(kind, self.layout.relative(self.layout.index), mending)

    def _file_problem(self, kind: ProblemKind, key: ProgramKey, mending: str) -> None:
        self.report(kind, self.layout.relative(self.layout.program_file(*key)), mending)

    def _read_entries(self) -> list[Entry]:
        entries = []
        for key, row in self._entry_rows.items():
            try:
                entry = read_entry(row, size=0)
            except ValueError:
                self._index_problem(ProblemKind.ROW_DAMAGED, f"entry {key} removed")
                continue
            if entry_row(entry) != row:
                self._index_problem(ProblemKind.ROW_DAMAGED, f"entry {key} corrected")
            entries.append(entry)
        return entries

    def _settle_programs(self, wanted: set[ProgramKey]) -> None:
        for key in self._program_rows.keys() - wanted:
            self._index_problem(ProblemKind.PROGRAM_UNUSED, f"program {key} removed")
            if key in self.files:
                self.refused_files.append(key)
        for key in sorted(wanted):
            size, text = self._program_rows.get(key, (None, None))
            if not isinstance(text, str) or md5_of_text(text) != key[1]:
                file = self.files.get(key)
                if file is None:
                    self._file_problem(ProblemKind.PROGRAM_LOST, key, "its entries removed")
                    if key in self.files:
                        self.refused_files.append(key)
                    continue
                text = file.text
                if key not in self._program_rows:
                    self.parents[key] = file.parents
                self._file_problem(ProblemKind.TEXT_DAMAGED, key, "taken from the file")
                size = None
            self._settle_program(key, text, size)

    def _settle_program(self, key: ProgramKey, text: str, size: Any) -> None:
        nodes = _count_nodes(text)
        if nodes is None:
            self._file_problem(ProblemKind.PROGRAM_UNREADABLE, key, "")
            nodes = size if type(size) is int else 0
        elif size is not None and size != nodes:
            self._index_problem(ProblemKind.ROW_DAMAGED, f"size of program {key} corrected")
        self.texts[key] = text
        self.sizes[key] = nodes

    def _shelf(self, entry: Entry) -> Shelf:
        key = entry.kind, entry.task
        if key not in self.shelves:
            self.shelves[key] = Shelf((), capacity=self.capacity)
        return self.shelves[key]

    def _fill_shelves(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            size = self.sizes[entry.kind, entry.md5]
            self._shelf(entry).kept[entry.md5] = replace(entry, size=size)
        for (kind, task), shelf in self.shelves.items():
            surplus = len(shelf.kept) - self.capacity
            if surplus > 0:
                self._index_problem(
                    ProblemKind.SHELF_OVERFULL, f"the {surplus} worst {kind}s of {task} removed"
                )
                shelf.trim()

    def _refuse_unused(self) -> None:
        used = {(entry.kind, entry.md5) for entry in self.entries()}
        for key in self.texts.keys() - used:
            del self.texts[key]
            if key in self.files:
                self.refused_files.append(key)

    def _settle_unknown_file(self, key: ProgramKey) -> None:
        """Take a file into the index if it says what the program scored and that is good enough.

        Such a file is what a process leaves that dies before the index has its program.
        """
        file = self.files[key]
        if file is None:
            self._file_problem(ProblemKind.FILE_DAMAGED, key, "removed")
            self.refused_files.append(key)
            return
        size = _count_nodes(file.text)
        if size is None:
            self._file_problem(ProblemKind.PROGRAM_UNREADABLE, key, "")
            return
        entries = [replace(entry, size=size) for entry in file.entries if entry.kind == key[0]]
        if not entries:
            # It may be somebody's own; no process leaves a program without its scores.
            self._file_problem(ProblemKind.FILE_UNKNOWN, key, "")
            return
        statuses = [self._shelf(entry).place(entry) for entry in entries]
        if max(statuses) is AddStatus.REFUSED:
            self._file_problem(ProblemKind.FILE_UNKNOWN, key, "removed, the kept ones are better")
            self.refused_files.append(key)
            return
        self._file_problem(ProblemKind.FILE_UNKNOWN, key, "taken into the index")
        self.texts[key] = file.text
        self.sizes[key] = size
        self.parents[key] = file.parents

    def _find_loose_rows(self) -> None:
        """Look for parents and aliases of what is not there and is not brought back either."""
        entries = {(entry.kind, entry.task, entry.md5) for entry in self.entries()}
        loose = len(self.parents.keys() - self._program_rows.keys() - self.texts.keys())
        loose += len(self._alias_keys - self._entry_rows.keys() - entries)
        if loose:
            self._loose_rows = True
            self._index_problem(ProblemKind.ROW_LOOSE, "parents or aliases of nothing removed")

    def write_rows(self, index: Index) -> None:
        """Make the rows of the index what they ought to be, in one transaction."""
        rows = {(e.kind, e.task, e.md5): (entry_row(e), e) for e in self.entries()}
        with index.transaction():
            index.remove_entries(self._entry_rows.keys() - rows.keys())
            index.remove_programs(self._program_rows.keys() - self.texts.keys())
            changed = [
                (*key, self.sizes[key], text)
                for key, text in self.texts.items()
                if self._program_rows.get(key) != (self.sizes[key], text)
            ]
            index.save_programs(changed)
            index.save_parents(
                (kind, md5, parent)
                for kind, md5, _, _ in changed
                for parent in self.parents.get((kind, md5), ())
            )
            index.save_entries(
                [entry for key, (row, entry) in rows.items() if self._entry_rows.get(key) != row]
            )
            if self._loose_rows:
                for statement in _LOOSE_ROWS:
                    index.change(statement, [()])


def _count_nodes(text: str) -> int | None:
    """Return the size of a program, or None if this version can't read it."""
    try:
        return parse_program(text).program.size
    except ParseError:
        return None
