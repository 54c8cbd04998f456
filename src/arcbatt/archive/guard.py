"""The lock that writers hold, and errors of the system told as errors of the archive."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from arcbatt.archive.database import is_damage
from arcbatt.archive.layout import INDEX, Layout
from arcbatt.errors import ArchiveError

_POLL_S = 0.002


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
    import fcntl

    descriptor = os.open(layout.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        until = time.monotonic() + timeout_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > until:
                    raise ArchiveError(
                        path=layout.root,
                        problem=f"another process has been writing for {timeout_s:g} s",
                    ) from error
            time.sleep(_POLL_S)
        try:
            yield
        finally:
            # A child process may have a copy of the descriptor: closing would not be enough.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)
