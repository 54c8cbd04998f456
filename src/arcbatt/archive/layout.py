"""Where things lie in an archive.

``solver_md5/<md5>.py`` holds a program, ``solver_dir/solve_<task>/<score>/<speed>/<md5>.py`` links
to it; the same for differs. Everything else that a person may read is in ``index.sqlite``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from arcbatt.archive.records import DIFFER, KINDS, SOLVER, Entry

PREFIXES = {SOLVER: "solve", DIFFER: "differ"}
"""How the names of functions and of task folders begin."""

SCORE_DIGITS = 5
FUEL_DIGITS = 10
"""Numbers in paths are padded with zeros, so that a listing sorts them."""

INDEX = "index.sqlite"
DAMAGED_INDEX = "index.sqlite.damaged"
INDEX_COMPANIONS = ("-wal", "-shm", "-journal")
"""Files that SQLite keeps beside an index end in these."""
LOCK = ".lock"

_TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_PROGRAM_FILE = re.compile(r"([0-9a-f]{32})\.py")


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one archive."""

    root: Path

    @property
    def index(self) -> Path:
        """The SQLite file."""
        return self.root / INDEX

    @property
    def lock(self) -> Path:
        """The file whose lock a writer holds."""
        return self.root / LOCK

    def program_folder(self, kind: str) -> Path:
        """Return the folder with the files of all programs of a kind."""
        return self.root / f"{kind}_md5"

    def link_folder(self, kind: str) -> Path:
        """Return the folder with the links to them, by task."""
        return self.root / f"{kind}_dir"

    @property
    def folders(self) -> tuple[Path, ...]:
        """All folders that an archive has."""
        return tuple(
            folder
            for kind in KINDS
            for folder in (self.program_folder(kind), self.link_folder(kind))
        )

    def program_file(self, kind: str, md5: str) -> Path:
        """Return the path of a program's file."""
        return self.root / f"{kind}_md5" / f"{md5}.py"

    def link(self, entry: Entry) -> Path:
        """Return the path of the link of an entry."""
        return Path(self.root, *link_folders(entry), f"{entry.md5}.py")

    def relative(self, path: Path) -> str:
        """Return a path as seen from the archive."""
        return path.relative_to(self.root).as_posix()


def link_folders(entry: Entry) -> tuple[str, str, str, str]:
    """Return the names of the folders that the link of an entry lies in, the outermost first."""
    return (
        f"{entry.kind}_dir",
        f"{PREFIXES[entry.kind]}_{entry.task}",
        f"{entry.score.total:0{SCORE_DIGITS}}",
        f"{entry.fuel:0{FUEL_DIGITS}}",
    )


def link_target(entry: Entry) -> str:
    """Return what the link of an entry holds: the way from its folder to the program's file."""
    return f"../../../../{entry.kind}_md5/{entry.md5}.py"


def md5_of_name(name: str) -> str | None:
    """Return the md5 in the name of a program's file, or None if it is no such name."""
    found = _PROGRAM_FILE.fullmatch(name)
    return found.group(1) if found else None


@lru_cache(maxsize=4096)
def is_task_id(text: str) -> bool:
    """Tell whether a text can be the id of a task, which is a part of paths here."""
    return _TASK_ID.fullmatch(text) is not None


def list_folder(folder: Path) -> list[os.DirEntry[str]]:
    """List a folder in the order of names; one that is not there has nothing in it."""
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda item: item.name)
    except FileNotFoundError:
        return []


def walk_folder(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Yield everything below a folder, what is inside a folder before it, as (path, is folder)."""
    for item in list_folder(folder):
        path = Path(item.path)
        is_folder = item.is_dir(follow_symlinks=False)
        if is_folder:
            yield from walk_folder(path)
        yield path, is_folder
