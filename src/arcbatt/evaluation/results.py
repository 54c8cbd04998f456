"""Results: a file with one line per task, with which an evaluation can be continued."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Self

from arcbatt.errors import ResultsError
from arcbatt.evaluation.grade import TaskRecord, read_record
from arcbatt.files import read_bounded, require_regular

VERSION = 6
BYTES_MAX = 2**30
_FORM = "arcbatt_results"


class Results:
    """A file of results that is open for appending and locked for other processes.

    Attributes:
        path: path of the file.
        records: records in the file when it was opened.
    """

    def __init__(self, path: Path, handle: IO[bytes], records: tuple[TaskRecord, ...]) -> None:
        self.path = path
        self.records = records
        self._handle = handle

    @classmethod
    def open(cls, path: Path, settings: Mapping[str, Any]) -> Self:
        """Open a file of results, or make one.

        Args:
            path: path of the file.
            settings: settings that change the results, in a form that JSON can hold.

        Raises ResultsError if the file can't be opened, is no file of results, is in use, or has
        other settings.
        """
        try:
            handle = path.open("a+b")
        except OSError as error:
            raise ResultsError(path=path, problem=error.strerror or str(error)) from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise ResultsError(
                    path=path, problem="another process is writing it; wait, or name another file"
                ) from error
            return cls(path, handle, _load(path, handle, settings))
        except BaseException:
            handle.close()
            raise

    def add(self, record: TaskRecord) -> None:
        """Append a record; raises ResultsError if it can't be written."""
        try:
            _append(self._handle, record.document())
        except OSError as error:
            raise ResultsError(
                path=self.path,
                problem=f"{error.strerror or error}; what is in it stays, the same command goes on",
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._handle.close()


def is_results_file(path: Path) -> bool:
    """Return whether a file begins as one of results does."""
    begin = f'{{"{_FORM}"'.encode()
    try:
        require_regular(path)
        with path.open("rb") as handle:
            return handle.read(len(begin)) == begin
    except OSError:
        return False


def read_results(path: Path) -> tuple[dict[str, Any], tuple[TaskRecord, ...]]:
    """Read settings and records of a file of results, which another process may be writing.

    Raises ResultsError if it can't be read, or is no file of results.
    """
    try:
        content = read_bounded(path, bytes_max=BYTES_MAX)
    except OSError as error:
        raise ResultsError(path=path, problem=error.strerror or str(error)) from error
    lines = content[: content.rfind(b"\n") + 1].splitlines()
    head: Any = _decode(path, 1, lines[0]) if lines else None
    _check_form(path, head)
    settings = head.get("settings")
    records = tuple(_read(path, number, line) for number, line in enumerate(lines[1:], start=2))
    return settings if isinstance(settings, dict) else {}, records


def _append(handle: IO[bytes], document: Mapping[str, Any]) -> None:
    handle.write(json.dumps(document).encode() + b"\n")
    handle.flush()


def _load(path: Path, handle: IO[bytes], settings: Mapping[str, Any]) -> tuple[TaskRecord, ...]:
    if os.fstat(handle.fileno()).st_size > BYTES_MAX:
        raise ResultsError(path=path, problem=f"has more than {BYTES_MAX} bytes")
    handle.seek(0)
    content = handle.read()
    whole = content.rfind(b"\n") + 1
    if not whole and content and not f'{{"{_FORM}"'.encode().startswith(content[:10]):
        raise ResultsError(path=path, problem="is no file of results: its first line has no end")
    # A killed process can leave a part of a line; its task is measured again.
    handle.truncate(whole)
    lines = content[:whole].splitlines()
    head = {_FORM: VERSION, "fingerprint": fingerprint(settings), "settings": dict(settings)}
    if not lines:
        _append(handle, head)
        return ()
    _check_head(path, _decode(path, 1, lines[0]), head)
    return tuple(_read(path, number, line) for number, line in enumerate(lines[1:], start=2))


def fingerprint(settings: Mapping[str, Any]) -> str:
    """Return a digest (hexadecimal) of settings."""
    text = json.dumps(settings, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _check_form(path: Path, found: Any) -> None:
    if not isinstance(found, dict) or _FORM not in found:
        raise ResultsError(
            path=path, problem=f"is no file of results: expected {_FORM!r} in its first line"
        )
    if found[_FORM] != VERSION:
        raise ResultsError(
            path=path, problem=f"has version {found[_FORM]!r:.40}, expected version {VERSION}"
        )


def _check_head(path: Path, found: Any, wanted: Mapping[str, Any]) -> None:
    _check_form(path, found)
    if found.get("fingerprint") != wanted["fingerprint"]:
        ours, theirs = wanted["settings"], found.get("settings")
        theirs = theirs if isinstance(theirs, dict) else {}
        other = [
            f"{name} was {_written(theirs[name])} and is {_written(value)}"
            for name, value in json.loads(json.dumps(ours)).items()
            if name in theirs and theirs[name] != value
        ]
        raise ResultsError(
            path=path,
            problem="has results of other settings, name another file: "
            + ("; ".join(other) or "they can't be read"),
        )


def _written(value: Any) -> str:
    """Return the value of an option as people write it, or whether it was given."""
    if value is None or isinstance(value, bool):
        return "given" if value else "not given"
    return f"{value}" if isinstance(value, str | int | float) else json.dumps(value)


def _read(path: Path, number: int, line: bytes) -> TaskRecord:
    document = _decode(path, number, line)
    try:
        if not isinstance(document, dict):
            raise TypeError(f"expected an object of JSON, got {document!r:.40}")
        return read_record(document)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        problem = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise ResultsError(
            path=path, problem=f"line {number} is no record of a task: {problem}"
        ) from error


def _decode(path: Path, number: int, line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ResultsError(path=path, problem=f"line {number} is no JSON: {error}") from error
