"""Confidences: the file beside a submission with the probability that each attempt is right.

It has the form of a submission, with a number from 0 to 1 in place of each grid. It is written
after the submission and removed before that changes, so that it always belongs to the submission
that it stands beside, even if the process is killed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from arcbatt.errors import SubmissionError
from arcbatt.files import check_writable, read_bounded, write_atomically
from arcbatt.pipeline.answers import FILE_BYTES_MAX
from arcbatt.ranking.attempts import TestAttempts

DIGITS = 6
"""Digits of a confidence after the point."""

Confidences = Mapping[str, Sequence[Mapping[str, float]]]
"""For each task and test input, the confidences by the keys of the attempts."""


def path_beside(submission: Path) -> Path:
    """Return the path of the confidences of a submission.

    >>> path_beside(Path("out/submission.json")), path_beside(Path("mine.json"))
    (PosixPath('out/confidences.json'), PosixPath('mine.confidences.json'))
    """
    is_usual = submission.name == "submission.json"
    return submission.with_name(
        "confidences.json" if is_usual else f"{submission.stem}.confidences.json"
    )


def read_confidences(path: Path) -> Confidences:
    """Read confidences; raises SubmissionError if the file can't be read or has another form."""
    try:
        document = json.loads(read_bounded(path, bytes_max=FILE_BYTES_MAX))
    except OSError as error:
        got = error.strerror or str(error)
        raise SubmissionError(
            where=str(path), expected="a file that can be read", got=got
        ) from error
    except (ValueError, RecursionError) as error:
        raise SubmissionError(where=str(path), expected="JSON", got=str(error)) from error
    for task, tests in _members(document, where=str(path)).items():
        if not isinstance(tests, list):
            expected = "a list with an object for each test input"
            raise SubmissionError(where=f"{path}: {task}", expected=expected, got=_shown(tests))
        for number, test in enumerate(tests, 1):
            where = f"{path}: {task} test {number}"
            for key, value in _members(test, where=where).items():
                # What is not a number, nan too, is in no range.
                if type(value) not in (int, float) or not 0 <= value <= 1:
                    expected = "a number from 0 to 1"
                    raise SubmissionError(
                        where=f"{where} {key}", expected=expected, got=_shown(value)
                    )
    return document  # type: ignore[no-any-return]


def _members(value: Any, *, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SubmissionError(where=where, expected="an object, {...}", got=_shown(value))
    return value


def _shown(value: Any) -> str:
    return json.dumps(value)[:60]


def require_writable(path: Path) -> None:
    """Check that a file can be written, without writing it; raises SubmissionError if not."""
    try:
        check_writable(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> SubmissionError:
    got = error.strerror or str(error)
    return SubmissionError(where=str(path), expected="a file that can be written", got=got)


class ConfidencesFile:
    """The confidences of a submission that a run writes.

    Args:
        submission: the path of the submission.

    Attributes:
        path: the path of the confidences.

    Raises SubmissionError if the file can't be written, or holds anything but confidences.
    """

    def __init__(self, submission: Path) -> None:
        self.path = path_beside(submission)
        if self.path.exists():
            read_confidences(self.path)
        require_writable(self.path)

    def remove(self) -> None:
        """Remove the file, if it is there; raises SubmissionError if that fails."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def gather(
        self,
        tests: Mapping[str, int],
        attempts: Mapping[str, Sequence[TestAttempts]],
        former: Mapping[str, object],
    ) -> Confidences:
        """Return the confidences of a new submission.

        Args:
            tests: the number of test inputs of each of its tasks.
            attempts: the attempts of the run by task.
            former: the tasks of the submission that is there; their confidences stay, where they
                have some. An answer that only stands in for one has none but 0.
        """
        known: Confidences = {}
        with suppress(SubmissionError):
            known = read_confidences(self.path)
        found: dict[str, Sequence[Mapping[str, float]]] = {}
        for task, count in tests.items():
            if task in attempts:
                found[task] = [
                    {
                        f"attempt_{number}": round(attempt.confidence, DIGITS)
                        for number, attempt in enumerate(test, 1)
                    }
                    for test in attempts[task]
                ]
            elif task not in former:
                found[task] = [{"attempt_1": 0.0, "attempt_2": 0.0}] * count
            elif len(known.get(task, ())) == count:
                found[task] = known[task]
        return found

    def write(self, confidences: Confidences) -> None:
        """Write the file, if that changes it; raises SubmissionError if that fails."""
        text = json.dumps(confidences) + "\n"
        try:
            with suppress(FileNotFoundError):
                if read_bounded(self.path, bytes_max=FILE_BYTES_MAX) == text.encode():
                    return
            write_atomically(self.path, text)
        except OSError as error:
            raise _unwritable(self.path, error) from error
