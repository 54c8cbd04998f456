"""The lock that writers hold, and errors of the system told as errors of the archive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from arcbatt.archive.database import is_damage
from arcbatt.archive.layout import INDEX, Layout
from arcbatt.errors import ArchiveError
from arcbatt.files import lock_file, unlock_file


@contextmanager
def translate_errors(layout: Layout, *, outcome: str = "") -> Iterator[None]:
    """Turn errors of files and of SQLite into ArchiveError.

    Args:
        layout: of the archive.
        outcome: what such an error leaves behind, for the message.
    """
    import sqlite3

    try:
        yield
    except sqlite3.Error as error:
        cause: Exception = error
        problem = f"{INDEX}: {error}"
        if is_damage(error):
            problem += "; a check with repair builds it again from the program files"
    except OSError as error:
        cause = error
        problem = f"{error.filename or 'writing a file'}: {error.strerror or error}"
    else:
        return
    if outcome:
        problem += f"; {outcome}"
    raise ArchiveError(path=layout.root, problem=problem) from cause


@contextmanager
def hold_lock(layout: Layout, *, timeout_s: float) -> Iterator[None]:
    """Hold the archive's lock for writing; the system takes it back when a process dies.

    SQLite's own lock covers the index only, this one covers the files and links as well.

    Raises ArchiveError if another writer holds it for too long, OSError if there can't be a lock.
    """
    try:
        descriptor = lock_file(layout.lock, timeout_s=timeout_s)
    except BlockingIOError as error:
        raise ArchiveError(
            path=layout.root, problem=f"another process has been writing for {timeout_s:g} s"
        ) from error
    try:
        yield
    finally:
        unlock_file(descriptor)
