"""Take over the programs of an archive of an older format, a folder with an index and links."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arcbatt.archive.records import (
    ENTRY_COLUMNS,
    KINDS,
    entry_row,
    first_aliases,
    has_md5,
    is_word,
    read_run,
)
from arcbatt.archive.records import read_entry as read_row
from arcbatt.archive.schema import (
    APPLICATION_ID,
    OLD_FILE,
    Fill,
    open_old,
    read_header,
    refuse_foreign,
)
from arcbatt.errors import ArchiveError

if TYPE_CHECKING:
    import sqlite3

    from arcbatt.archive.records import Entry


def find_old(path: Path) -> Fill | None:
    """Return a function that fills a new archive from the older one in a folder; None without one.

    Raises ArchiveError if the older one has lost its index.
    """
    if (path / OLD_FILE).is_file():
        return partial(take_over, path=path)
    if any((path / f"{kind}_md5").is_dir() for kind in KINDS):
        raise ArchiveError(
            path=path,
            problem="holds an archive of an older format without its index; `batt import"
            f" {path}/solver_md5/*.py --archive OTHER` reads its programs",
        )
    return None


def take_over(connection: sqlite3.Connection, *, path: Path) -> None:
    """Copy everything in an older archive into a new one, whose transaction has begun.

    The older archive is not changed. Its entries get no content, since it did not record on which
    samples they were scored. Broken rows are left out.

    Raises ArchiveError if there is no archive of an older format, sqlite3.Error if it can't be
    read.
    """
    with closing(open_old(path / OLD_FILE)) as old:
        owner, version = read_header(old)
        if owner != APPLICATION_ID or version not in (1, 2):
            raise ArchiveError(
                path=path, problem=f"{OLD_FILE} is no index of an archive of format 1 or 2"
            )
        refuse_foreign(old, path, ("programs", "lineage", "entries", "aliases", "runs"))
        sizes = _copy_programs(old, connection)
        entries, broken = _copy_entries(old, connection, sizes, has_votes=version == 2)
        _copy_runs(old, connection)
    _report(path, entries, broken)


def _copy_programs(old: sqlite3.Connection, new: sqlite3.Connection) -> dict[str, int]:
    """Copy the programs and their parents, and return the sizes of the programs."""
    sizes = {}
    for md5, size, text in old.execute("SELECT md5, size, text FROM programs"):
        if has_md5(text, md5) and type(size) is int:
            sizes[md5] = size
            values = (md5, size, text)
            new.execute("INSERT OR IGNORE INTO programs (md5, size, text) VALUES (?, ?, ?)", values)
    new.executemany(
        "INSERT OR IGNORE INTO parents (md5, parent) VALUES (?, ?)",
        [
            (md5, parent)
            for md5, parent in old.execute("SELECT md5, parent FROM lineage")
            if md5 in sizes and is_word(parent)
        ],
    )
    return sizes


def _copy_entries(
    old: sqlite3.Connection, new: sqlite3.Connection, sizes: dict[str, int], *, has_votes: bool
) -> tuple[int, int]:
    """Copy the entries with their aliases; return the numbers of copied and of broken entries."""
    aliases: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for kind, task, md5, name in old.execute("SELECT kind, task, md5, name FROM aliases"):
        if is_word(name):
            aliases[kind, task, md5].append(name)
    copied: list[Entry] = []
    broken = 0
    rows = old.execute(
        "SELECT kind, task, md5, score, demos, exact, fuel, nanoseconds, source,"
        f" {'vote' if has_votes else 'NULL'} FROM entries"
    )
    for kind, task, md5, *values in rows:
        names = json.dumps(first_aliases(aliases.get((kind, task, md5), ())))
        try:
            copied.append(read_row((kind, task, "", md5, *values, names), size=sizes[md5]))
        except (ValueError, KeyError):
            broken += 1
    new.executemany(
        f"INSERT INTO entries ({ENTRY_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        map(entry_row, copied),
    )
    new.execute("DELETE FROM programs WHERE md5 NOT IN (SELECT md5 FROM entries)")
    return len(copied), broken


def _copy_runs(old: sqlite3.Connection, new: sqlite3.Connection) -> None:
    columns = "command, started, wall_s, cpu_s, reason, details, number"
    for row in old.execute(f"SELECT {columns} FROM runs"):
        with suppress(ValueError):
            read_run(row)
            new.execute(f"INSERT INTO runs ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def _report(path: Path, entries: int, broken: int) -> None:
    # Where logging is not set up, Python writes the message of a warning to stderr, without more.
    import logging

    lost = f", {broken} broken ones were left out" if broken else ""
    logging.getLogger("arcbatt").warning(
        "note: archive %s: %d entries of an older format were copied into archive.db%s; the older"
        " files are not used any more",
        path,
        entries,
        lost,
    )
