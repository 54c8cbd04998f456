"""Writes the programs of an archive as text: one file, or a tree, a folder to browse.

`batt import` reads both; the comments above each program keep its data.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from itertools import chain, count
from pathlib import Path

from arcbatt.archive.records import DIFFER, KINDS, SOLVER, Entry, write_head
from arcbatt.archive.store import Archive, best_entries
from arcbatt.errors import ArchiveError
from arcbatt.files import write_atomically
from arcbatt.tasks import CONTENT_SHOWN

PREFIXES = {SOLVER: "solve", DIFFER: "differ"}
"""First words of the names of functions and of task folders, by kind."""
SCORE_DIGITS = 5
FUEL_DIGITS = 10
"""Numbers in paths are padded with zeros, so that a listing sorts them."""


def write_programs(
    archive: Archive,
    path: Path | str,
    *,
    kind: str = SOLVER,
    limit: int | None = None,
    broken: list[ArchiveError] | None = None,
) -> int:
    """Write the programs of an archive to one file of DSL text and return their number.

    The best program of a task is called ``solve_<task>``, the next ones ``solve_<task>_2`` and so
    on; differs are called ``differ_<task>``.

    Args:
        archive: archive to read.
        path: path of the file to write.
        kind: ``solver`` or ``differ``.
        limit: largest number of programs per task; None for all.
        broken: list to which errors are added for what can't be read, of a damaged file too; None
            to raise the first.

    Raises ArchiveError if a program can't be read or the file can't be written.
    """
    readable = archive.readable(kind=kind, broken=broken)
    names: set[str] = set()
    texts = []
    for entry in best_entries(readable, limit):
        text, parents = readable[entry]
        first = f"{PREFIXES[kind]}_{re.sub(r'[^A-Za-z0-9_]', '_', entry.task.id)}"
        choices = chain([first], (f"{first}_{number}" for number in count(2)))
        name = next(choice for choice in choices if choice not in names)
        names.add(name)
        head = write_head([entry], parents)
        texts.append(head + text.replace("def solve(", f"def {name}(", 1))
    try:
        write_atomically(Path(path), "\n\n".join(texts))
    except OSError as error:
        problem = f"{error.filename or path}: {error.strerror or error}"
        raise ArchiveError(path=archive.path, problem=problem) from error
    return len(texts)


def write_tree(
    archive: Archive, folder: Path | str, *, broken: list[ArchiveError] | None = None
) -> int:
    """Write the programs of an archive as files and links, and return the number of entries.

    ``solver_md5/<md5>.py`` holds a program below its data, see `write_head`, and
    ``solver_dir/solve_<task>/<score>/<speed>/<md5>.py`` is a relative link to it; the same for
    differs. If an archive has several tasks with one id, their folders are called
    ``solve_<task>-<content>``.

    Args:
        archive: archive to read.
        folder: folder to write, new or empty.
        broken: list to which errors are added for what can't be read; None to raise the first,
            with nothing written.

    Raises ArchiveError if the folder is not empty or can't be written, or a program is damaged.
    """
    folder = Path(folder)
    readable = {kind: archive.readable(kind=kind, broken=broken) for kind in KINDS}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ArchiveError(path=archive.path, problem=f"{folder} is not empty")
        return sum(_write_kind(folder, kind, found) for kind, found in readable.items())
    except OSError as error:
        problem = f"{error.filename or folder}: {error.strerror or error}"
        raise ArchiveError(path=archive.path, problem=problem) from error


def _write_kind(
    folder: Path, kind: str, readable: Mapping[Entry, tuple[str, tuple[str, ...]]]
) -> int:
    by_program: dict[str, list[Entry]] = defaultdict(list)
    contents: dict[str, set[str]] = defaultdict(set)
    for entry in readable:
        by_program[entry.md5].append(entry)
        if entry.task.content:
            contents[entry.task.id].add(entry.task.content)
    files, links = folder / f"{kind}_md5", folder / f"{kind}_dir"
    files.mkdir()
    links.mkdir()
    for md5, of_program in by_program.items():
        text, parents = readable[of_program[0]]
        head = write_head(of_program, parents)
        (files / f"{md5}.py").write_text(head + text, encoding="utf-8")
    for entry in readable:
        name = f"{PREFIXES[kind]}_{entry.task.id}"
        if entry.task.content and len(contents[entry.task.id]) > 1:
            name += f"-{entry.task.content[:CONTENT_SHOWN]}"
        place = links / name / f"{entry.score.total:0{SCORE_DIGITS}}"
        place /= f"{entry.fuel:0{FUEL_DIGITS}}"
        place.mkdir(parents=True, exist_ok=True)
        link = place / f"{entry.md5}.py"
        # An entry without content may have the same path as another one.
        if not link.is_symlink():
            link.symlink_to(f"../../../../{kind}_md5/{entry.md5}.py")
    return len(readable)
