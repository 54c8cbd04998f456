"""The SQLite file of an archive: its tables, how it is made and how it is opened."""

from __future__ import annotations

import os
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from arcbatt.archive.layout import INDEX, INDEX_COMPANIONS, Layout
from arcbatt.errors import ArchiveError

if TYPE_CHECKING:
    import sqlite3

FORMAT_VERSION = 2
APPLICATION_ID = int.from_bytes(b"batt", "big")
"""What SQLite's header says whose file this is."""

_DAMAGE_CODES = (11, 26)
"""SQLITE_CORRUPT and SQLITE_NOTADB."""

# No key begins with the kind: SQLite takes a kind for something rare and would look through all
# programs of it.
_SCHEMA = """
CREATE TABLE programs (
    kind TEXT NOT NULL,
    md5 TEXT NOT NULL,
    size INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (md5, kind)
) WITHOUT ROWID;
CREATE TABLE entries (
    kind TEXT NOT NULL,
    task TEXT NOT NULL,
    md5 TEXT NOT NULL,
    score INTEGER NOT NULL,
    demos TEXT NOT NULL,
    exact INTEGER NOT NULL,
    fuel INTEGER NOT NULL,
    nanoseconds INTEGER NOT NULL,
    source TEXT NOT NULL,
    vote REAL,
    PRIMARY KEY (task, kind, md5),
    FOREIGN KEY (md5, kind) REFERENCES programs (md5, kind)
) WITHOUT ROWID;
CREATE INDEX entries_of_program ON entries (md5, kind);
CREATE TABLE lineage (
    kind TEXT NOT NULL,
    md5 TEXT NOT NULL,
    parent TEXT NOT NULL,
    PRIMARY KEY (md5, kind, parent),
    FOREIGN KEY (md5, kind) REFERENCES programs (md5, kind) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE TABLE aliases (
    kind TEXT NOT NULL,
    task TEXT NOT NULL,
    md5 TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (task, kind, md5, name),
    FOREIGN KEY (task, kind, md5) REFERENCES entries (task, kind, md5) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE TABLE runs (
    number INTEGER PRIMARY KEY,
    command TEXT NOT NULL,
    started TEXT NOT NULL,
    wall_s REAL NOT NULL,
    cpu_s REAL NOT NULL,
    reason TEXT NOT NULL,
    details TEXT NOT NULL
);
"""
_VIEW = """
CREATE VIEW ranked AS
    SELECT kind, task,
        row_number() OVER (
            PARTITION BY kind, task ORDER BY score DESC, size, fuel, md5
        ) AS place,
        md5, score, demos, exact, size, fuel, nanoseconds, source, text, vote
    FROM entries JOIN programs USING (kind, md5);
"""

_UPGRADES = {1: ("ALTER TABLE entries ADD COLUMN vote REAL", "DROP VIEW IF EXISTS ranked", _VIEW)}
"""What makes the next version of an index out of the one of a number."""


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an error of SQLite says that the file itself is broken."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _DAMAGE_CODES


def create_index(layout: Layout) -> None:
    """Make an empty index; it is there completely or not at all. The caller holds the lock.

    Raises OSError or sqlite3.Error if it can't be written.
    """
    import sqlite3

    # What SQLite left beside an index that is gone would be taken for a part of the new one.
    for companion in INDEX_COMPANIONS:
        Path(f"{layout.index}{companion}").unlink(missing_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=layout.root, prefix=f".{INDEX}.")
    os.close(descriptor)
    try:
        with closing(sqlite3.connect(temporary, isolation_level=None)) as connection:
            # Nobody reads it before it is whole and on the disk: no journal, and one wait.
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            connection.executescript(
                f"BEGIN; {_SCHEMA} {_VIEW} PRAGMA application_id = {APPLICATION_ID};"
                f" PRAGMA user_version = {FORMAT_VERSION}; COMMIT;"
            )
            connection.execute("PRAGMA journal_mode = WAL")
        os.chmod(temporary, 0o644)
        _sync(temporary)
        os.replace(temporary, layout.index)
    except BaseException:
        for name in (temporary, *(f"{temporary}{ending}" for ending in INDEX_COMPANIONS)):
            with suppress(OSError):
                os.unlink(name)
        raise


def read_version(connection: sqlite3.Connection) -> int:
    """Return the version of an index."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def upgrade_index(connection: sqlite3.Connection) -> None:
    """Bring an index of an older version up to date; the caller has begun a transaction.

    Raises sqlite3.Error if that fails.
    """
    for version in range(read_version(connection), FORMAT_VERSION):
        for statement in _UPGRADES.get(version, ()):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {FORMAT_VERSION}")


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def connect(layout: Layout, *, timeout_s: float, writable: bool) -> sqlite3.Connection:
    """Open the SQLite file of an archive, without looking into it.

    Raises sqlite3.Error if that fails, ArchiveError if the folder can't be written and the index
    has changes that SQLite could only read by writing.
    """
    import sqlite3

    address = layout.index.resolve().as_uri()
    mode = "mode=rw" if writable else "mode=ro"
    wal = Path(f"{layout.index}-wal")
    if not writable and not wal.exists():
        # SQLite would have to make files beside the index, if it did not know that nobody writes.
        mode += "&immutable=1"
    connection = sqlite3.connect(
        f"{address}?{mode}", uri=True, timeout=timeout_s, isolation_level=None
    )
    try:
        if writable:
            # Without waiting for the disk at each commit: a loss of power may take the last
            # transactions, nothing else.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
        else:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if not writable and wal.exists():
            raise ArchiveError(
                path=layout.root,
                problem="the folder is read-only and its index was not closed; copy the folder to"
                " where it can be written",
            ) from error
        raise
    except BaseException:
        connection.close()
        raise
    return connection
