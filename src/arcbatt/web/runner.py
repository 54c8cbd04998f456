"""Runner: starts `batt solve` or `batt evolve` for the page, and stops it as Ctrl-C does."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from arcbatt.archive.schema import archive_file
from arcbatt.context import count_cores
from arcbatt.contract import EFFORTS
from arcbatt.errors import UsageError
from arcbatt.sources import SOURCES
from arcbatt.web.desk import Desk

COMMANDS = ("solve", "evolve")
NEVER = ("files", "command")
"""Sources that read files or start commands: the page names neither."""
PAGE_SOURCES = tuple(kind for kind in SOURCES if kind.name not in NEVER)
COUNT_MAX = 10_000
MINUTES_MAX = 24 * 60
LOG_BYTES = 4096
"""Bytes of the end of the log that are shown."""
STOP_S = 10.0
"""Longest wait for the end of a run when the server ends, in seconds."""


def read_command(words: Mapping[str, Any], desk: Desk) -> list[str]:
    """Return the words of a command from the form of the page, each of them checked.

    Args:
        words: the values of the form: ``command``, ``split``, ``ids``, ``start``, ``count``,
            ``effort``, ``minutes``, ``jobs`` and ``sources``; empty ones are left out.
        desk: the tasks and the archive.

    Raises UsageError if a value is none that the form offers.
    """
    if desk.archive is None:
        raise UsageError(problem="there is no archive for a run: name one for `batt serve`")
    command = words.get("command", "solve")
    if command not in COMMANDS:
        raise UsageError(problem=f"expected {' or '.join(COMMANDS)}, got {str(command)[:40]!r}")
    home = _set_called(words.get("split"), desk)
    ids = re.findall(r"[^\s,;]+", str(words.get("ids") or ""))
    unknown = [each for each in ids if each not in home.ids]
    if unknown:
        raise UsageError(problem=f"no task {unknown[0][:70]!r} in {home}")
    argv = [command, *ids, f"--dataset={home.name}", f"--archive={desk.archive}"]
    if home.split is not None:
        argv.append(f"--split={home.split}")
    for name, most in (("start", COUNT_MAX), ("count", COUNT_MAX), ("jobs", count_cores())):
        if (number := _number(words, name, most)) is not None:
            argv.append(f"--{name}={number}")
    minutes = _number(words, "minutes", MINUTES_MAX)
    chosen = words.get("sources") or []
    names = [kind.name for kind in PAGE_SOURCES]
    if not isinstance(chosen, list) or not set(map(str, chosen)) <= set(names):
        raise UsageError(problem=f"expected sources among {', '.join(names)}")
    if chosen:
        argv.append(f"--sources={','.join(chosen)}")
    argv += [f"--total-time={minutes}m"] if minutes is not None else []
    if command == "evolve":
        return argv
    effort = words.get("effort") or ""
    if effort and effort not in list(EFFORTS):
        raise UsageError(problem=f"expected an effort of {', '.join(EFFORTS)}")
    argv += [f"--effort={effort}"] if effort else []
    folder = archive_file(desk.archive).parent
    return [*argv, f"--submission={folder / 'submission.json'}"]


def _set_called(split: Any, desk: Desk) -> Any:
    if not split:
        return desk.shelf.sets[0]
    for name, each in zip(desk.shelf.splits, desk.shelf.sets, strict=False):
        if name == split:
            return each
    raise UsageError(problem=f"expected a split of {', '.join(desk.shelf.splits)}")


def _number(words: Mapping[str, Any], name: str, most: int) -> int | None:
    text = str(words.get(name) or "").strip()
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", text) or int(text) > most:
        raise UsageError(problem=f"{name}: expected a whole number up to {most}, got {text[:40]!r}")
    return int(text)


class Runner:
    """The one run that the page has started.

    Attributes:
        words: the words of its command; empty before the first run.
    """

    def __init__(self) -> None:
        self.words: tuple[str, ...] = ()
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._lock = threading.Lock()

    @property
    def is_running(self) -> bool:
        """Whether the run is at work."""
        return self._process is not None and self._process.poll() is None

    @property
    def code(self) -> int | None:
        """The exit code of the run; None if there is none, or while it is at work."""
        return self._process.poll() if self._process is not None else None

    def start(self, words: Sequence[str], archive: Path) -> None:
        """Start a run; raises UsageError if one is at work.

        Args:
            words: the words of the command, from `read_command`.
            archive: the archive; its folder is made if it is not there.
        """
        with self._lock:
            if self.is_running:
                raise UsageError(problem="a run is at work: stop it first")
            self._forget()
            archive_file(archive).parent.mkdir(parents=True, exist_ok=True)
            self._log = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the run
            self.words = tuple(words)
            # In a group of its own: Ctrl-C in the terminal of the server reaches it once, by us.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "arcbatt", *words],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "COLUMNS": "100"},
            )

    def stop(self) -> None:
        """End the run as Ctrl-C does: what is done is kept. Nothing happens if there is none."""
        if self.is_running and self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGINT)

    def log(self) -> str:
        """Return the end of what the run has printed."""
        with self._lock:
            if self._log is None:
                return ""
            length = os.fstat(self._log.fileno()).st_size
            start = max(0, length - LOG_BYTES)
            text = os.pread(self._log.fileno(), LOG_BYTES, start).decode(errors="replace")
        return text if not start else text.partition("\n")[2]

    def close(self) -> None:
        """End the run and wait for it."""
        self.stop()
        if self._process is not None:
            try:
                self._process.wait(timeout=STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None
