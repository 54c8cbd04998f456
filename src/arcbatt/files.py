"""Writing files so that a crash leaves the old content or the new, never a part."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write_atomically(path: Path, text: str, *, sync: bool = True) -> None:
    """Write a text file by way of a temporary file beside it.

    Args:
        path: of the file; the name of the temporary one begins with a dot and this name.
        text: its content; line ends are written as they are.
        sync: wait until the content is on the disk. Without it only a loss of power can leave an
            empty file or a part, a killed process still can't.

    Raises OSError as `open` does; the temporary file is gone then.
    """
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as handle:
            handle.write(text)
            handle.flush()
            if sync:
                os.fsync(handle.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def check_writable(path: Path) -> None:
    """Find out whether `write_atomically` can write a file, without writing it.

    Raises OSError as it would. What is there and is no regular file counts as not writable: a
    folder can't be replaced, and a device must not be.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "is there already and is no file", str(path))
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}."):
        pass
