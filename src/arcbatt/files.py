"""Reading files of bounded size, locks, and writing: after a crash the old content or the new."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import cast

_TOKEN = os.urandom(6).hex()
_numbers = count()
"""Makes the names of temporary files unique, together with the id of the process."""
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
"""From linux/fcntl.h and linux/fs.h."""
_KINDS = (
    (stat.S_ISLNK, "a link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)
LOCK_POLL_S = 0.002
"""Seconds between two attempts to take a lock."""


def read_bounded(path: Path, *, bytes_max: int) -> bytes:
    """Read a file that may come from anywhere.

    Raises OSError as `open` does, and if the file is larger or no regular file, such as a pipe,
    which its ``strerror`` explains.
    """
    # Opening a pipe would wait for a writer.
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, f"expected a regular file, got {_kind_of(mode)}", str(path))
    with path.open("rb") as handle:
        data = handle.read(bytes_max + 1)
    if len(data) > bytes_max:
        raise OSError(errno.EFBIG, f"has more than {bytes_max} bytes", str(path))
    return data


def digest_of_file(path: Path) -> str:
    """Return a digest (32 hexadecimal digits) of a file's content; empty if it can't be read."""
    import hashlib

    try:
        if not path.is_file():
            return ""
        with path.open("rb") as handle:
            found = hashlib.file_digest(handle, partial(hashlib.blake2b, digest_size=16))
    except (OSError, ValueError):
        return ""
    return found.hexdigest()


def require_regular(path: Path) -> None:
    """Refuse a file that is no regular one, before it is opened.

    A link could lead anywhere, and opening a pipe or a device could wait for ever.

    Raises OSError if there is something else than a regular file, whose ``strerror`` says what;
    FileNotFoundError if there is nothing.
    """
    mode = os.lstat(path).st_mode
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, f"expected a regular file, got {_kind_of(mode)}", str(path))


def _kind_of(mode: int) -> str:
    return next((name for is_kind, name in _KINDS if is_kind(mode)), "a special file")


def write_atomically(path: Path, text: str | bytes, *, sync: bool = True) -> None:
    """Write a file through a temporary file beside it.

    Args:
        path: path of the file; the name of the temporary one begins with a dot and this name.
        text: content of the file, as text or bytes; line ends are written as they are.
        sync: whether to wait until the content is on the disk. Without it, a loss of power can
            leave an empty file or a part of one; a killed process can't in either case.

    Raises OSError as `open` does; the temporary file is gone then.
    """
    data = text.encode() if isinstance(text, str) else text
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}.{_TOKEN}{os.getpid():x}.{next(_numbers):x}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        try:
            written = 0
            while written < len(data):
                written += os.write(descriptor, data[written:])
            os.fchmod(descriptor, 0o644)
            if sync:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if sync:
            os.replace(temporary, path)
        else:
            _replace(temporary, str(path))
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _replace(temporary: str, path: str) -> None:
    """Replace a file by another one without waiting for the disk.

    `os.replace` makes ext4 write the new file out at once (``auto_da_alloc`` in ext4(5)), which
    takes up to a hundred times as long as all else. Exchanging the two files does not.
    """
    if _is_regular(path):
        exchange = _renameat2()
        names = os.fsencode(temporary), os.fsencode(path)
        if exchange and exchange(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
            os.unlink(temporary)
            return
    os.replace(temporary, path)


def _is_regular(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


@cache
def _renameat2() -> Callable[..., int] | None:
    """Return Linux's call; Python has no name for it."""
    if sys.platform != "linux":
        return None
    import ctypes

    try:
        function = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError):
        return None
    function.argtypes = (
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_uint,
    )
    return cast("Callable[..., int]", function)


def check_writable(path: Path) -> None:
    """Find out whether `write_atomically` can write a file, without writing it.

    Raises OSError as `write_atomically` would. Anything but a regular file counts as not writable:
    a folder can't be replaced, and a device must not be.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "is there already and is no file", str(path))
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}."):
        pass


def lock_file(path: Path, *, timeout_s: float = 0.0) -> int:
    """Lock a file, which is made if necessary, and return the descriptor that holds the lock.

    The system releases the lock when the process dies.

    Raises BlockingIOError if another process holds the lock for longer than ``timeout_s`` seconds,
    another OSError if the file can't be locked.
    """
    import fcntl

    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o644)
    try:
        until = time.monotonic() + timeout_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise
            else:
                return descriptor
            time.sleep(LOCK_POLL_S)
    except BaseException:
        os.close(descriptor)
        raise


def unlock_file(descriptor: int) -> None:
    """Release the lock that a descriptor holds, and close it."""
    import fcntl

    try:
        # A child process may have a copy of the descriptor: closing would not be enough.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)
