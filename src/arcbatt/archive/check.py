"""Checking an archive, and mending what a crash, a full disk or a person left behind.

What ought to be there is worked out first; then index, files and links are made to agree with it,
in the order in which programs are added. A check finds the same problems whether it mends them or
not, and a check after a repair finds none that can be mended.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path

from arcbatt.archive.contents import Contents, ProgramKey
from arcbatt.archive.database import create_index, is_damage
from arcbatt.archive.folders import LinkMaker, remove_link, settle_program
from arcbatt.archive.guard import hold_lock, translate_errors
from arcbatt.archive.index import Index
from arcbatt.archive.layout import (
    DAMAGED_INDEX,
    INDEX,
    INDEX_COMPANIONS,
    Layout,
    link_target,
    list_folder,
    md5_of_name,
    walk_folder,
)
from arcbatt.archive.ranking import CAPACITY
from arcbatt.archive.records import KINDS, Entry
from arcbatt.archive.report import CheckReport, Problem, ProblemKind
from arcbatt.archive.store import TIMEOUT_S, check_absence, is_writable, open_index
from arcbatt.errors import ArchiveError

_TEMPORARY_INDEX = re.compile(rf"\.{re.escape(INDEX)}\..+")
_TEMPORARY_PROGRAM = re.compile(r"\.[0-9a-f]{32}\.py\..+")


def check_archive(
    path: Path | str,
    *,
    repair: bool,
    capacity: int = CAPACITY,
    timeout_s: float = TIMEOUT_S,
) -> CheckReport:
    """Find what is wrong in an archive, and mend it if asked to.

    Where the index itself is missing or damaged, nothing else is looked at without repair.

    Args:
        path: of the archive.
        repair: mend what can be mended.
        capacity: programs that may stay per task and kind.
        timeout_s: seconds to wait for another writer.

    Raises ArchiveError if there is no archive, or one of a newer version, or if it can't be read
    or, for a repair, written.
    """
    layout = Layout(Path(path))
    with translate_errors(layout, outcome="the check did not come to its end"):
        if not _has_parts(layout):
            check_absence(layout, create=False)
        writable = is_writable(layout)
        if repair and not writable:
            raise ArchiveError(path=layout.root, problem="is read-only, nothing can be mended")
        check = _Check(layout, repair=repair, capacity=capacity)
        with hold_lock(layout, timeout_s=timeout_s) if writable else nullcontext():
            index = check.open_index(timeout_s=timeout_s, writable=writable)
            if index is not None:
                with closing(index):
                    check.run(index)
        return check.report()


def _has_parts(layout: Layout) -> bool:
    return layout.index.exists() or any(folder.is_dir() for folder in layout.folders)


class _Check:
    """Finds problems first, and does what mends them last."""

    def __init__(self, layout: Layout, *, repair: bool, capacity: int) -> None:
        self.layout = layout
        self.repair = repair
        self.problems: list[Problem] = []
        self.foreign: list[str] = []
        self.actions: list[Callable[[], None]] = []
        self.contents = Contents(layout, capacity, self.find)

    def find(self, kind: ProblemKind, place: str, mending: str) -> None:
        mended = self.repair and bool(mending)
        self.problems.append(Problem(kind, place, mending, mended))

    def _find(
        self, kind: ProblemKind, path: Path, mending: str, action: Callable[[], None]
    ) -> None:
        self.find(kind, self.layout.relative(path), mending)
        self.actions.append(action)

    def report(self) -> CheckReport:
        return CheckReport(
            path=self.layout.root,
            problems=tuple(
                sorted(self.problems, key=lambda problem: (problem.place, str(problem)))
            ),
            programs=len(self.contents.texts),
            entries=len(self.contents.entries()),
            foreign=tuple(sorted(self.foreign)),
        )

    def open_index(self, *, timeout_s: float, writable: bool) -> Index | None:
        """Open the index, a new one where it is broken and may be mended."""
        index, problem = self._try_index(timeout_s=timeout_s, writable=writable)
        if problem is None:
            return index
        mending = "built again from the program files"
        if problem is ProblemKind.INDEX_DAMAGED:
            mending += f", the old one is {DAMAGED_INDEX} now"
        self.find(problem, INDEX, mending)
        if not self.repair:
            return None
        if problem is ProblemKind.INDEX_DAMAGED:
            for companion in INDEX_COMPANIONS:
                Path(f"{self.layout.index}{companion}").unlink(missing_ok=True)
            os.replace(self.layout.index, self.layout.root / DAMAGED_INDEX)
        create_index(self.layout)
        return open_index(self.layout, timeout_s=timeout_s, writable=True)

    def _try_index(
        self, *, timeout_s: float, writable: bool
    ) -> tuple[Index | None, ProblemKind | None]:
        import sqlite3

        if not self.layout.index.exists():
            return None, ProblemKind.INDEX_MISSING
        if self.layout.index.stat().st_size == 0:
            return None, ProblemKind.INDEX_DAMAGED
        index = None
        try:
            index = open_index(self.layout, timeout_s=timeout_s, writable=writable)
            if index.rows("PRAGMA integrity_check") == [("ok",)]:
                return index, None
        except sqlite3.DatabaseError as error:
            if not is_damage(error) or not any(map(Path.is_dir, self.layout.folders)):
                raise
        if index is not None:
            index.close()
        return None, ProblemKind.INDEX_DAMAGED

    def run(self, index: Index) -> None:
        """Find all problems; with repair, mend them."""
        self.contents.read(index)
        self._check_root()
        for kind in KINDS:
            self._check_program_folder(kind)
        self._check_program_files(index)
        for kind in KINDS:
            self._check_links(kind)
        if self.repair and self.problems:
            self.contents.write_rows(index)
            for action in self.actions:
                action()

    def _check_root(self) -> None:
        own = {INDEX, DAMAGED_INDEX, *(INDEX + companion for companion in INDEX_COMPANIONS)}
        own.update(folder.name for folder in self.layout.folders)
        for item in list_folder(self.layout.root):
            path = Path(item.path)
            if _TEMPORARY_INDEX.fullmatch(item.name):
                self._find(ProblemKind.FILE_TEMPORARY, path, "removed", path.unlink)
            elif item.name not in own and not item.name.startswith("."):
                self.foreign.append(item.name)

    def _check_program_folder(self, kind: str) -> None:
        for item in list_folder(self.layout.program_folder(kind)):
            path = Path(item.path)
            if _TEMPORARY_PROGRAM.fullmatch(item.name):
                self._find(ProblemKind.FILE_TEMPORARY, path, "removed", path.unlink)
            elif md5_of_name(item.name) is None and not item.name.startswith("."):
                self.foreign.append(self.layout.relative(path))

    def _check_program_files(self, index: Index) -> None:
        def settle(key: ProgramKey) -> Callable[[], None]:
            return lambda: settle_program(self.layout, index, *key)

        files = self.contents.files
        for key, content in self.contents.file_contents().items():
            file = files.get(key)
            if key not in files:
                problem, mending = ProblemKind.FILE_MISSING, "written from the index"
            elif file is None:
                problem, mending = ProblemKind.FILE_DAMAGED, "written from the index"
            elif file.whole != content:
                problem, mending = ProblemKind.FILE_OUTDATED, "written from the index"
            else:
                continue
            self._find(problem, self.layout.program_file(*key), mending, settle(key))
        self.actions.extend(settle(key) for key in self.contents.refused_files)

    def _check_links(self, kind: str) -> None:
        folder = self.layout.link_folder(kind)
        missing = {
            self.layout.link(entry): entry
            for entry in self.contents.entries()
            if entry.kind == kind
        }
        for path, is_folder in list(walk_folder(folder)):
            if is_folder:
                if not list_folder(path):
                    self._find_unknown(ProblemKind.FOLDER_EMPTY, kind, path)
            elif path in missing:
                self._check_link(path, missing.pop(path))
            elif md5_of_name(path.name):
                self._find_unknown(ProblemKind.LINK_UNKNOWN, kind, path)
            elif not path.name.startswith("."):
                self.foreign.append(self.layout.relative(path))
        for path, entry in missing.items():
            self._find_link(ProblemKind.LINK_MISSING, path, entry)

    def _check_link(self, path: Path, entry: Entry) -> None:
        if not path.is_symlink() or os.readlink(path) != link_target(entry):
            self._find_link(ProblemKind.LINK_WRONG, path, entry)

    def _find_link(self, kind: ProblemKind, path: Path, entry: Entry) -> None:
        self._find(kind, path, "made", lambda: LinkMaker(self.layout).make(entry))

    def _find_unknown(self, problem: ProblemKind, kind: str, path: Path) -> None:
        self._find(problem, path, "removed", lambda: remove_link(self.layout, kind, path))
