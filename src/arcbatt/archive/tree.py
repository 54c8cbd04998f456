"""The tree of an archive: a folder of program files and links, to browse."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from arcbatt.archive.records import KINDS, Entry, write_head
from arcbatt.archive.store import PREFIXES, Archive
from arcbatt.errors import ArchiveError
from arcbatt.tasks import CONTENT_SHOWN

SCORE_DIGITS = 5
FUEL_DIGITS = 10
"""Numbers in paths are padded with zeros, so that a listing sorts them."""


def write_tree(archive: Archive, folder: Path | str) -> int:
    """Write the programs of an archive as files and links, and return the number of entries.

    ``solver_md5/<md5>.py`` holds a program, and
    ``solver_dir/solve_<task>/<score>/<speed>/<md5>.py`` is a relative link to it; the same for
    differs. If an archive has several tasks with one id, their folders are called
    ``solve_<task>-<content>``.

    Args:
        archive: archive to read.
        folder: folder to write, new or empty.

    Raises ArchiveError if the folder is not empty or can't be written, or a program is damaged.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ArchiveError(path=archive.path, problem=f"{folder} is not empty")
        return sum(_write_kind(archive, folder, kind) for kind in KINDS)
    except OSError as error:
        problem = f"{error.filename or folder}: {error.strerror or error}"
        raise ArchiveError(path=archive.path, problem=problem) from error


def _write_kind(archive: Archive, folder: Path, kind: str) -> int:
    entries = archive.entries(kind=kind)
    by_program: dict[str, list[Entry]] = defaultdict(list)
    contents: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        by_program[entry.md5].append(entry)
        if entry.task.content:
            contents[entry.task.id].add(entry.task.content)
    files, links = folder / f"{kind}_md5", folder / f"{kind}_dir"
    files.mkdir()
    links.mkdir()
    for md5, of_program in by_program.items():
        head = write_head(of_program, archive.parents(md5))
        (files / f"{md5}.py").write_text(head + archive.text(md5), encoding="utf-8")
    for entry in entries:
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
    return len(entries)
