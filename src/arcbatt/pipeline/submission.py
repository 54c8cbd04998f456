"""Submissions: write one in Kaggle's form, read any, grade it.

Grading is the only place that reads the outputs of test samples.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arcbatt.dsl.types import Grid
from arcbatt.errors import SubmissionError
from arcbatt.files import check_writable, read_bounded, write_atomically
from arcbatt.ranking.attempts import ATTEMPTS, TestAttempts
from arcbatt.tasks import Dataset, Task, grid_from_json

MAX_FILE_BYTES = 256 * 2**20
KEYS = tuple(f"attempt_{number}" for number in range(1, ATTEMPTS + 1))

Submission = dict[str, list[tuple[Grid, ...]]]
"""The attempts for each task and test input."""

Entries = list[dict[str, Grid]]
"""The attempts for the test inputs of one task, in the form of a file."""


def submission_of(
    dataset: Dataset, attempts: Mapping[str, Sequence[TestAttempts]]
) -> dict[str, Entries]:
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
    _write(Path(path), text_of(document))


def text_of(document: Mapping[str, object]) -> str:
    """Return the text of a submission file."""
    return json.dumps(document) + "\n"


def _write(path: Path, text: str) -> None:
    try:
        write_atomically(path, text)
    except OSError as error:
        raise SubmissionError(
            where=str(path), expected="a file that can be written", got=error.strerror
        ) from error


class SubmissionFile:
    """The submission of a run, which can be written at any moment from the results so far.

    The file is replaced only by something as complete: its answers for other tasks of the same set
    stay, and so do those for tasks of the run that are not done. What was there before the run is
    kept beside it, with the ending ``.bak``.

    Args:
        path: path of the file.
        dataset: the tasks of the run.
        load_whole: function that loads the set from which the tasks were chosen.

    Attributes:
        path: as given.
        backup: path of the copy of the file that was there before the run; None for no copy.
        kept: number of tasks that are not in the run and whose answers are kept.
        goes_on: whether the run goes on after an interruption, so that a backup has been made.

    Raises SubmissionError if the file can't be written, or holds anything but a submission for
    tasks of the same set.
    """

    def __init__(self, path: Path, dataset: Dataset, load_whole: Callable[[], Dataset]) -> None:
        self.path = path
        self.backup: Path | None = None
        self.kept = 0
        self.goes_on = False
        self._dataset = dataset
        self._load_whole = load_whole
        self._whole = dataset
        try:
            check_writable(path)
        except OSError as error:
            raise SubmissionError(
                where=str(path),
                expected="a file that can be written",
                got=error.strerror or str(error),
            ) from error
        self._before, self._former = self._read()

    def write(self, attempts: Mapping[str, Sequence[TestAttempts]]) -> dict[str, Entries]:
        """Write the file, if that changes it, and return the answers for the tasks of the run.

        Without any attempts a file that is there already stays as it is.

        Args:
            attempts: the attempts for the tasks that are done.

        Raises SubmissionError if the file can't be written.
        """
        text, former = self._before, self._former
        # Another run may have added the answers for its tasks. What is no submission any more is
        # replaced by this one.
        with suppress(SubmissionError):
            text, former = self._read()
        document = {**submission_of(self._dataset, attempts)}
        document |= {task: former[task] for task in former if task not in attempts}
        self.kept = sum(task not in self._dataset for task in document)
        document = dict(sorted(document.items()))
        if text_of(document) != text and (attempts or not former):
            self._back_up()
            write_submission(self.path, document)
        return {task: document[task] for task in self._dataset.ids}

    def _back_up(self) -> None:
        """Keep what was there before the run."""
        backup = self.path.with_name(f"{self.path.name}.bak")
        if self._former and self.backup is None and not (self.goes_on and backup.exists()):
            _write(backup, self._before)
            self.backup = backup

    def _read(self) -> tuple[str, dict[str, Entries]]:
        """Return the text of the file, empty if there is none, and its answers."""
        advice = "; name another file with --submission, or move this one away"
        try:
            text = read_bounded(self.path, bytes_max=MAX_FILE_BYTES).decode("utf-8-sig")
            document = json.loads(text) if text.strip() else {}
        except FileNotFoundError:
            return "", {}
        except OSError as error:
            raise SubmissionError(
                where=str(self.path), expected="a file that can be read", got=error.strerror
            ) from error
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise SubmissionError(
                where=str(self.path),
                expected="a submission to replace, or nothing",
                got=f"something else{advice}",
            )
        tasks = {task: self._find(task, entries) for task, entries in document.items()}
        others = [task for task, known in tasks.items() if known is None]
        if others:
            number = f"{len(others)} other task{'' if len(others) == 1 else 's'}"
            raise SubmissionError(
                where=str(self.path),
                expected=f"answers for tasks of {self._dataset}",
                got=f"answers for {number}, such as {others[0]}{advice}",
            )
        return text, {
            task: _entries(known, document[task]) for task, known in tasks.items() if known
        }

    def _find(self, task_id: str, entries: object) -> Task | None:
        """Return the task of the set with an id and as many tests as answers; None for none."""
        if task_id not in self._whole and self._whole is self._dataset:
            self._whole = self._load_whole()
        if task_id not in self._whole:
            return None
        task = self._whole[task_id]
        return task if isinstance(entries, list) and len(entries) == len(task.tests) else None


def _entries(task: Task, entries: Sequence[object]) -> Entries:
    """Return the answers for a task; a test input stands in for an attempt that is no grid."""

    def grid(entry: object, key: str, stand_in: Grid) -> Grid:
        with suppress(SubmissionError, LookupError, TypeError):
            return grid_from_json(entry[key], where=key, error=SubmissionError)  # type: ignore[index]
        return stand_in

    return [
        {key: grid(entry, key, test.input) for key in KEYS}
        for entry, test in zip(entries, task.tests, strict=True)
    ]


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
