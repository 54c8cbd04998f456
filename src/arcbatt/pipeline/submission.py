"""Submissions: write one in Kaggle's form, read any, grade it.

Grading is the only place that reads the outputs of test samples.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arcbatt.dsl.types import Grid
from arcbatt.errors import SubmissionError
from arcbatt.files import read_bounded, write_atomically
from arcbatt.ranking.attempts import ATTEMPTS, TestAttempts
from arcbatt.tasks import Dataset, Task, grid_from_json

MAX_FILE_BYTES = 256 * 2**20
KEYS = tuple(f"attempt_{number}" for number in range(1, ATTEMPTS + 1))

Submission = dict[str, list[tuple[Grid, ...]]]
"""The attempts for each task and test input."""


def submission_of(
    dataset: Dataset, attempts: Mapping[str, Sequence[TestAttempts]]
) -> dict[str, list[dict[str, Grid]]]:
    """Return the content of a submission file: every task of the set, one entry per test input.

    A task without attempts gets its test inputs as attempts, so that the file is always complete.
    """
    document = {}
    for task in dataset:
        entries = []
        for index, sample in enumerate(task.tests):
            grids = (
                [attempt.grid for attempt in attempts[task.id][index]]
                if (task.id in attempts)
                else [sample.input] * ATTEMPTS
            )
            entries.append(dict(zip(KEYS, grids, strict=True)))
        document[task.id] = entries
    return document


def write_submission(path: Path | str, document: Mapping[str, object]) -> None:
    """Write a submission, completely or not at all; raises SubmissionError if that fails."""
    try:
        write_atomically(Path(path), json.dumps(document) + "\n")
    except OSError as error:
        raise SubmissionError(
            where=str(path), expected="a file that can be written", got=error.strerror
        ) from error


def read_submission(path: Path | str) -> Submission:
    """Read a submission file; tasks and attempts may be missing.

    Raises SubmissionError if the file does not have Kaggle's form or an attempt is no grid of
    ARC; the error names the task, the test input and the attempt.
    """
    try:
        document = json.loads(read_bounded(Path(path), bytes_max=MAX_FILE_BYTES))
    except OSError as error:
        raise SubmissionError(
            where=str(path), expected="a file that can be read", got=error.strerror
        ) from error
    except (ValueError, RecursionError) as error:
        raise SubmissionError(where=str(path), expected="JSON", got=str(error)) from error
    if not isinstance(document, dict):
        raise SubmissionError(where=str(path), expected="an object", got=_kind(document))
    return {
        task: [
            _read_entry(entry, where=f"{path}: {task}: test {index}")
            for index, entry in enumerate(_read_list(entries, where=f"{path}: {task}"))
        ]
        for task, entries in document.items()
    }


def _read_list(entries: Any, *, where: str) -> list[Any]:
    if not isinstance(entries, list):
        raise SubmissionError(where=where, expected="a list of test inputs", got=_kind(entries))
    return entries


def _read_entry(entry: Any, *, where: str) -> tuple[Grid, ...]:
    if not isinstance(entry, dict) or not set(entry) <= set(KEYS):
        raise SubmissionError(
            where=where, expected=f"an object with {' and '.join(KEYS)}", got=_kind(entry)
        )
    return tuple(
        grid_from_json(entry[key], where=f"{where}: {key}", error=SubmissionError)
        for key in sorted(entry)
    )


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return f"an object with {', '.join(map(repr, list(value)[:4]))}"
    return f"a {type(value).__name__}"


@dataclass(frozen=True, slots=True)
class TestGrade:
    """The right attempt (1 or 2) on a test input, or None, and whether the output is known."""

    right_attempt: int | None
    known: bool


@dataclass(frozen=True, slots=True)
class TaskGrade:
    """The grades of the test inputs of one task."""

    task: str
    tests: tuple[TestGrade, ...]
    submitted: bool

    @property
    def known(self) -> bool:
        """Whether all test outputs are known."""
        return all(test.known for test in self.tests)

    @property
    def solved(self) -> bool:
        """Whether every test input has a right attempt."""
        return all(test.right_attempt is not None for test in self.tests)


@dataclass(frozen=True, slots=True)
class Grade:
    """The grades of a submission; the denominators are those of the task set."""

    tasks: tuple[TaskGrade, ...]
    unknown_tasks: tuple[str, ...]
    """Tasks of the submission that the task set does not have."""

    @property
    def tasks_solved(self) -> int:
        """Tasks with a right attempt for every test input."""
        return sum(task.solved for task in self.tasks)

    @property
    def tests_right(self) -> int:
        """Test inputs with a right attempt."""
        return sum(test.right_attempt is not None for task in self.tasks for test in task.tests)

    @property
    def test_count(self) -> int:
        """Test inputs of the task set."""
        return sum(len(task.tests) for task in self.tasks)

    @property
    def missing_tasks(self) -> tuple[str, ...]:
        """Tasks of the set that the submission does not have."""
        return tuple(task.task for task in self.tasks if not task.submitted)

    @property
    def ungradable(self) -> int:
        """The number of tasks of the set with an unknown test output."""
        return sum(not task.known for task in self.tasks)

    @property
    def kaggle_score(self) -> float:
        """The mean over tasks of the share of right test inputs, 0..1, which is Kaggle's score."""
        shares = [
            sum(test.right_attempt is not None for test in task.tests) / len(task.tests)
            for task in self.tasks
        ]
        return sum(shares) / len(shares) if shares else 0.0


def grade(submission: Submission, tasks: Sequence[Task]) -> Grade:
    """Grade a submission against the tasks of a set; a missing task counts as wrong."""
    ids = {task.id for task in tasks}
    return Grade(
        tasks=tuple(_grade_task(task, submission.get(task.id)) for task in tasks),
        unknown_tasks=tuple(task for task in submission if task not in ids),
    )


def _grade_task(task: Task, entries: list[tuple[Grid, ...]] | None) -> TaskGrade:
    tests = []
    for index, sample in enumerate(task.tests):
        attempts = entries[index] if entries is not None and index < len(entries) else ()
        right = None
        if sample.output is not None and sample.output in attempts:
            right = attempts.index(sample.output) + 1
        tests.append(TestGrade(right, sample.output is not None))
    return TaskGrade(task.id, tuple(tests), entries is not None)
