"""Printing: tables and JSON on stdout, notes on stderr."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from arcbatt.errors import ArcbattError

PIPE_WIDTH = 500
"""Columns where the output is no terminal, enough for the longest line of a table."""


def open_console(*, stderr: bool = False) -> Console:
    """Return a console; one that is no terminal has no colours.

    Texts are printed as they are: brackets in them, of names or of messages, are no markup, and
    lines that are longer than those of the terminal are left whole.
    """
    from rich.console import Console

    console = Console(highlight=False, emoji=False, markup=False, soft_wrap=True, stderr=stderr)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPE_WIDTH
    return console


class Documents:
    """The documents on stdout of a command with ``--json``: one, a result or an error.

    Attributes:
        printed: whether there is one.
    """

    def __init__(self) -> None:
        self.printed = False

    def print(self, document: Any) -> None:
        """Print a document; what is not of JSON, such as a path, as text."""
        sys.stdout.write(json.dumps(document, indent=2, default=str) + "\n")
        self.printed = True


documents = Documents()


def print_json(document: Any) -> None:
    """Print a document on stdout."""
    documents.print(document)


class Stream(io.FileIO):
    """A standard stream that may break: what can't be written is dropped and the command goes on.

    Attributes:
        problem: the first error of the system; None as long as all is well.
    """

    problem: OSError | None = None

    def write(self, data: Any) -> int:
        """Write bytes, or drop them."""
        if self.problem is None:
            try:
                return super().write(data)
            except OSError as error:
                self.problem = error
        return len(data)


def open_streams() -> Stream | None:
    """Replace stdout and stderr by streams that may break, or be closed from the start (``>&-``).

    Returns the new stdout; None if it is no stream of the system, as in tests.
    """
    opened = None
    for name in ("stdout", "stderr"):
        old = getattr(sys, name)
        if old is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
        elif old is getattr(sys, f"__{name}__"):
            raw = Stream(old.fileno(), "w", closefd=False)
            stream = io.TextIOWrapper(
                io.BufferedWriter(raw),
                encoding=old.encoding,
                # The name of a file may be no text.
                errors="backslashreplace" if old.errors == "strict" else old.errors,
                line_buffering=old.line_buffering,
            )
            setattr(sys, name, stream)
            opened = opened or raw
    return opened


def note(message: str) -> None:
    """Print a line on stderr."""
    print(message, file=sys.stderr)


def warn(errors: Iterable[ArcbattError]) -> None:
    """Print a line on stderr for each program that was left out."""
    for error in errors:
        note(f"warning[{error.slug}]: {error}")


def note_changed(ids: Sequence[str]) -> None:
    """Print the ids of the tasks that are done again, if there are any."""
    if ids:
        first = ", ".join(ids[:5]) + (", ..." if len(ids) > 5 else "")
        tasks = "1 task has" if len(ids) == 1 else f"{len(ids)} tasks have"
        note(f"note: {tasks} changed since the last run, and will be done again: {first}")


def note_left_out(names: Sequence[str]) -> None:
    """Print the names of the programs that can't be mutated, if there are any."""
    if names:
        first = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        programs = "1 program" if len(names) == 1 else f"{len(names)} programs"
        reasons = "ill typed, too large, or with a primitive that has no kernel"
        note(f"note: {programs} can't be mutated ({reasons}): {first}")


def require_writable(path: Path) -> None:
    """Check that a result can be written, before the work begins; raises UsageError if not."""
    from arcbatt.errors import UsageError
    from arcbatt.files import check_writable

    try:
        check_writable(path)
    except OSError as error:
        raise UsageError(problem=f"{path} can't be written: {error.strerror or error}") from error
