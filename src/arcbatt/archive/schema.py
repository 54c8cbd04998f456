"""The SQLite file of an archive: its path and its tables; creating and opening it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from arcbatt.archive.records import ENTRY_COLUMNS
from arcbatt.errors import ArchiveError
from arcbatt.files import require_regular

if TYPE_CHECKING:
    import sqlite3

FILE = "archive.db"
"""Name of the file in an archive that is named by a folder."""
OLD_FILE = "index.sqlite"
"""Name of the index of archives of the formats 1 and 2, which were folders."""
FORMAT_VERSION = 3
APPLICATION_ID = int.from_bytes(b"batt", "big")
"""Marks a file as an archive, in SQLite's header."""
TIMEOUT_S = 30.0
"""Longest wait for another writer, in seconds."""
VALUE_BYTES_MAX = 64 * 2**20
"""Largest length of a text that is read, in bytes, since the file may come from anywhere."""

TABLES = {
    "programs": "md5, size, text",
    "entries": ENTRY_COLUMNS,
    "parents": "md5, parent",
    "runs": "number, command, started, wall_s, cpu_s, reason, details",
    "results": "run, task, document",
}
"""The columns of each table."""

_SUFFIXES = (".db", ".sqlite", ".sqlite3")
_BUSY = 5
_IO_ERROR = 10
_CORRUPT = 11
_NOT_A_DATABASE = 26
"""Codes of SQLite: SQLITE_BUSY, SQLITE_IOERR, SQLITE_CORRUPT and SQLITE_NOTADB."""
HOW_TO_SAVE = (
    "`batt archive export -o FILE` writes the programs that can still be read, and `batt import"
    " FILE --archive OTHER` adds them to a new archive"
)
"""Advice for a damaged file."""

# No key begins with the kind: SQLite would take it for rare and walk through all rows of it.
_SCHEMA = f"""
CREATE TABLE programs (
    md5 TEXT NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL,
    text TEXT NOT NULL
);
CREATE TABLE entries (
    task TEXT NOT NULL,
    content TEXT NOT NULL,
    kind TEXT NOT NULL,
    md5 TEXT NOT NULL REFERENCES programs (md5),
    score INTEGER NOT NULL,
    demos TEXT NOT NULL,
    exact INTEGER NOT NULL,
    fuel INTEGER NOT NULL,
    nanoseconds INTEGER NOT NULL,
    source TEXT NOT NULL,
    weight REAL,
    aliases TEXT NOT NULL,
    PRIMARY KEY (task, content, kind, md5)
) WITHOUT ROWID;
CREATE INDEX entries_of_program ON entries (md5);
CREATE TABLE parents (
    md5 TEXT NOT NULL REFERENCES programs (md5) ON DELETE CASCADE,
    parent TEXT NOT NULL,
    PRIMARY KEY (md5, parent)
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
CREATE TABLE results (
    run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
    task TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (run, task)
) WITHOUT ROWID;
CREATE VIEW ranked AS
    SELECT task, content, kind,
        row_number() OVER (
            PARTITION BY task, content, kind ORDER BY score DESC, size, fuel, md5
        ) AS place,
        md5, score, demos, exact, size, fuel, nanoseconds, source, weight, aliases, text
    FROM entries JOIN programs USING (md5);
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {FORMAT_VERSION};
"""

Fill = Callable[["sqlite3.Connection"], None]
"""A function that fills a new archive inside its first transaction; may raise ArchiveError."""


def archive_file(path: Path | str) -> Path:
    """Return the database file of the archive that a path names.

    A folder, or a path with nothing there yet, names the file ``archive.db`` in that folder; a
    file, or a new path that ends in ``.db``, ``.sqlite`` or ``.sqlite3``, names itself.
    """
    path = Path(path)
    if path.is_file() or (path.suffix in _SUFFIXES and not path.is_dir()):
        return path
    return path / FILE


def is_writable(file: Path) -> bool:
    """Return whether this process may write to an archive; SQLite needs files beside it too."""
    # In this order: another process may be making the file.
    return os.access(file.parent, os.W_OK | os.X_OK) and (
        not file.exists() or os.access(file, os.W_OK)
    )


def error_code(error: sqlite3.Error) -> int:
    """Return the primary result code of SQLite; 0 for an error of Python's module."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error of SQLite means that the file itself is broken."""
    return error_code(error) in (_CORRUPT, _NOT_A_DATABASE)


def open_connection(
    path: Path, *, create: bool, timeout_s: float, salvages: bool = False
) -> tuple[sqlite3.Connection, bool]:
    """Open the database of an archive; return the connection and whether it can be written.

    With ``salvages`` a file that is cut off is opened for what can still be read of it.

    Raises ArchiveError, OSError or sqlite3.Error, see `connect`.
    """
    import sqlite3

    file = archive_file(path)
    if not os.path.lexists(file):
        if path.exists() and not path.is_dir():
            raise ArchiveError(path=path, problem="is neither a file nor a folder")
        from arcbatt.archive.takeover import find_old

        fill = find_old(path)
        if fill is None and not create:
            raise ArchiveError(path=path, problem="there is no archive here")
        if fill is not None and not is_writable(file):
            connection = sqlite3.connect(":memory:", isolation_level=None)
            build(connection, fill)
            return connection, False
        create_file(file, fill)
    writable = is_writable(file)
    connection = connect(path, file, timeout_s=timeout_s, writable=writable, salvages=salvages)
    return connection, writable


def create_file(file: Path, fill: Fill | None) -> None:
    """Make the database file of an archive, completely or not at all.

    Where another process makes it at the same time, the first one stays.

    Args:
        file: path of the file.
        fill: function that fills the new archive; None leaves it empty.

    Raises OSError or sqlite3.Error if it can't be written, ArchiveError if ``fill`` does.
    """
    import sqlite3

    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with closing(sqlite3.connect(temporary, isolation_level=None)) as connection:
            # No process reads it before it is complete and on the disk.
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            build(connection, fill)
            connection.execute("PRAGMA journal_mode = WAL")
        os.fchmod(descriptor, 0o644)
        os.fsync(descriptor)
        try:
            os.link(temporary, file)
        except FileExistsError:
            return
        except OSError:  # this file system has no links
            os.replace(temporary, file)
    finally:
        os.close(descriptor)
        for ending in ("", "-wal", "-shm"):
            with suppress(OSError):
                os.unlink(f"{temporary}{ending}")


def build(connection: sqlite3.Connection, fill: Fill | None) -> None:
    """Make the tables of an archive in an empty database and fill them."""
    with transaction(connection):
        for statement in _SCHEMA.split(";\n"):
            connection.execute(statement)
        if fill is not None:
            fill(connection)


def connect(
    path: Path, file: Path, *, timeout_s: float, writable: bool, salvages: bool = False
) -> sqlite3.Connection:
    """Open the database file of an archive.

    Args:
        path: path that the user gave, for messages.
        file: path of the database file.
        timeout_s: longest wait for another writer, in seconds.
        writable: whether the file may be changed.
        salvages: whether a file that is cut off is opened for what can still be read of it.

    Raises:
        ArchiveError: if the file is no archive, or one of a newer version, or damaged so much that
            nothing can be read, or a read-only one whose last changes can't be read.
        OSError: if it is no regular file, or a link that leads out of the folder of an archive.
        sqlite3.Error: if it can't be opened.
    """
    import sqlite3

    if path == file:
        # A link that the user names is followed; SQLite puts its own files beside its target.
        file = Path(os.path.realpath(file))
    _check_files(path, file)
    address = f"{file.absolute().as_uri()}?mode=rw" if writable else _read_only_address(file)
    connection = sqlite3.connect(address, uri=True, timeout=timeout_s, isolation_level=None)
    try:
        _bound(connection)
        try:
            _check_schema(connection, path)
        except sqlite3.DatabaseError as error:
            if not salvages or error_code(error) != _CORRUPT:
                raise
            # SQLite refuses a file that is shorter than its header says, but for this.
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("PRAGMA query_only = ON")
            _check_schema(connection, path)
        if writable:
            # Commits don't wait for the disk: a killed process loses nothing, a loss of power may
            # take the last transactions and never damages the file.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.DatabaseError as error:
        connection.close()
        is_open = isinstance(error, sqlite3.OperationalError) and Path(f"{file}-wal").exists()
        if is_open and not writable:
            raise ArchiveError(
                path=path,
                problem="is read-only and was not closed; copy it to where it can be written",
            ) from error
        if error_code(error) == _CORRUPT:
            advice = HOW_TO_SAVE
            if salvages:
                advice = f"nothing can be read: bring back a copy, or try `sqlite3 {file} .recover`"
            raise ArchiveError(
                path=path,
                problem=f"{error}; the file is cut off, or damaged at its beginning: {advice}",
            ) from error
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def _check_files(path: Path, file: Path) -> None:
    require_regular(file)
    if file.stat().st_size == 0:
        raise ArchiveError(
            path=path, problem=f"{file.name} is an empty file; remove it to begin a new archive"
        )
    for ending in ("-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            require_regular(Path(f"{file}{ending}"))


def _bound(connection: sqlite3.Connection) -> None:
    """Limit what a file from anywhere can do."""
    import sqlite3

    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX)
    # The schema of a foreign file must not do anything.
    connection.execute("PRAGMA trusted_schema = OFF")
    # Text that is no UTF-8 is no reason to fail where it is not used.
    connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")


def _read_only_address(file: Path) -> str:
    address = f"{file.absolute().as_uri()}?mode=ro"
    # Without the promise that no process writes, SQLite would have to make files beside this one.
    return address if Path(f"{file}-wal").exists() else f"{address}&immutable=1"


def open_old(file: Path) -> sqlite3.Connection:
    """Open the index of an archive of an older format; raises OSError or sqlite3.Error."""
    import sqlite3

    require_regular(file)
    connection = sqlite3.connect(_read_only_address(file), uri=True, isolation_level=None)
    _bound(connection)
    return connection


def read_header(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return application id and format version of a database."""
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return owner, version


def refuse_foreign(connection: sqlite3.Connection, path: Path, tables: Iterable[str]) -> None:
    """Raise ArchiveError if a database would do something when tables are read or written."""
    foreign = connection.execute(
        "SELECT type, name FROM sqlite_master WHERE type = 'trigger' OR"
        f" (type = 'view' OR sql LIKE 'CREATE VIRTUAL%') AND name IN {(*tables,)}"
    ).fetchone()
    if foreign:
        kind, name = foreign
        raise ArchiveError(path=path, problem=f"has the {kind} {name!r}, which no archive has")


def _check_schema(connection: sqlite3.Connection, path: Path) -> None:
    import sqlite3

    owner, version = read_header(connection)
    if owner != APPLICATION_ID:
        raise ArchiveError(path=path, problem="is a file that belongs to something else")
    if version > FORMAT_VERSION:
        raise ArchiveError(
            path=path,
            problem=f"has format version {version}, this arcbatt reads {FORMAT_VERSION}; a newer"
            " arcbatt is needed",
        )
    if version < FORMAT_VERSION:
        raise ArchiveError(path=path, problem="is the index of an older archive; name its folder")
    refuse_foreign(connection, path, TABLES)
    for table, columns in TABLES.items():
        try:
            connection.execute(f"SELECT {columns} FROM {table} LIMIT 0")
        except sqlite3.OperationalError as error:
            raise ArchiveError(
                path=path,
                problem=f"{error}: the tables were changed by something else than arcbatt; bring"
                " back a copy of the file",
            ) from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Change a database completely or not at all; raises sqlite3.Error.

    A transaction inside another one is a part of it.
    """
    inside = connection.in_transaction
    if inside:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has ended the transaction itself after some errors.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def translate_errors(path: Path, *, timeout_s: float, outcome: str = "") -> Iterator[None]:
    """Turn errors of files and of SQLite into ArchiveError.

    Args:
        path: path that the user gave.
        timeout_s: longest wait for another writer, in seconds.
        outcome: the state that such an error leaves behind, for the message.
    """
    import sqlite3

    try:
        yield
    except sqlite3.Error as error:
        cause: Exception = error
        problem = _problem_of(error, timeout_s)
    except OSError as error:
        cause = error
        problem = f"{error.filename or 'writing a file'}: {error.strerror or error}"
    except UnicodeDecodeError as error:
        # SQLite's message quotes a part of the damaged file.
        cause = error
        problem = f"the file is damaged: {HOW_TO_SAVE}"
    except MemoryError as error:
        cause = error
        problem = "there is not enough memory"
    else:
        return
    if outcome:
        problem += f"; {outcome}"
    raise ArchiveError(path=path, problem=problem) from cause


def _problem_of(error: sqlite3.Error, timeout_s: float) -> str:
    code = error_code(error)
    if code == _BUSY:
        return f"another process has been writing for {timeout_s:g} s"
    if code == _NOT_A_DATABASE:
        return "is a file, but no archive, or a damaged one"
    if code == _IO_ERROR:
        return f"{error}: is the disk full?"
    return f"{error}; the file is damaged: {HOW_TO_SAVE}" if code == _CORRUPT else str(error)
