"""Submissions: write one in Kaggle's form, grade any.

Grading is the only place that reads the outputs of test samples.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from arcbatt.dsl.types import Grid
from arcbatt.errors import ArcbattError, SubmissionError
from arcbatt.files import read_bounded, write_atomically
from arcbatt.pipeline.answers import Answer, Fault, Form, Oddity, Remark, Remarks, Submission
from arcbatt.pipeline.confidences import ConfidencesFile, require_writable
from arcbatt.ranking.attempts import ATTEMPTS, TestAttempts
from arcbatt.tasks import DATASETS, SPLITS, Dataset, Task, grid_from_json, load_dataset

MAX_FILE_BYTES = 256 * 2**20
KEYS = tuple(f"attempt_{number}" for number in range(1, ATTEMPTS + 1))
FALLBACK: Grid = ((0, 0), (0, 0))
"""The attempt for a test of a task that could not be read, as in Kaggle's sample submission."""

Entries = list[dict[str, Grid]]
"""The attempts for the test inputs of one task, in the form of a file."""


def submission_of(
    dataset: Dataset, attempts: Mapping[str, Sequence[TestAttempts]]
) -> dict[str, Entries]:
    """Return the content of a submission file: every task of the set, one entry per test input.

    A task without attempts gets its test inputs as attempts, and one that could not be read gets
    `FALLBACK`, so that the file is always complete.
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
    for skipped in dataset.skipped:
        document[skipped.id] = [dict.fromkeys(KEYS, FALLBACK) for _ in range(skipped.tests)]
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
    """The submission of a run, with its confidences: written at any moment from the results so far.

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
        require_writable(path)
        self._before, self._former = self._read()
        self._confidences = ConfidencesFile(path)

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
        skipped = {each.id for each in self._dataset.skipped}
        self.kept = sum(task not in self._dataset and task not in skipped for task in document)
        document = dict(sorted(document.items()))
        tests = {task: len(entries) for task, entries in document.items()}
        confidences = self._confidences.gather(tests, attempts, former)
        if text_of(document) != text and (attempts or not former):
            self._back_up()
            self._confidences.remove()
            write_submission(self.path, document)
        self._confidences.write(confidences)
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
        found = {task: self._find(task, entries) for task, entries in document.items()}
        others = [task for task, entries in found.items() if entries is None]
        if others:
            number = f"{len(others)} other task{'' if len(others) == 1 else 's'}"
            raise SubmissionError(
                where=str(self.path),
                expected=f"answers for tasks of {self._dataset}",
                got=f"answers for {number}, such as {others[0]}{advice}",
            )
        return text, {task: entries for task, entries in found.items() if entries}

    def _find(self, task_id: str, entries: object) -> Entries | None:
        """Return the answers for a task; None if the set has no such task with as many tests."""
        stand_ins = self._stand_ins(task_id)
        if stand_ins is None and self._whole is self._dataset:
            self._whole = self._load_whole()
            stand_ins = self._stand_ins(task_id)
        if stand_ins is None or not isinstance(entries, list) or len(entries) != len(stand_ins):
            return None
        return _entries(entries, stand_ins)

    def _stand_ins(self, task_id: str) -> list[Grid] | None:
        """Return what stands in for an attempt on each test of a task; None if it is not there."""
        if task_id in self._whole:
            return [test.input for test in self._whole[task_id].tests]
        skipped = {each.id: each.tests for each in self._whole.skipped}
        return [FALLBACK] * skipped[task_id] if task_id in skipped else None


def _entries(entries: Sequence[object], stand_ins: Sequence[Grid]) -> Entries:
    """Return the answers for a task; something stands in for an attempt that is no grid."""

    def grid(entry: object, key: str, stand_in: Grid) -> Grid:
        with suppress(SubmissionError, LookupError, TypeError):
            return grid_from_json(entry[key], where=key, error=SubmissionError)  # type: ignore[index]
        return stand_in

    return [
        {key: grid(entry, key, stand_in) for key in KEYS}
        for entry, stand_in in zip(entries, stand_ins, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class TestGrade:
    """The first right attempt on a test input, or None, and whether the output is known."""

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
    def tests_right(self) -> int:
        """The number of test inputs with a right attempt."""
        return sum(test.right_attempt is not None for test in self.tests)

    @property
    def solved(self) -> bool:
        """Whether every test input has a right attempt."""
        return self.tests_right == len(self.tests)


@dataclass(frozen=True, slots=True)
class Figures:
    """The results on some tasks.

    Attributes:
        tasks: the number of tasks.
        tasks_solved: the number of tasks with a right attempt for every test input.
        tests: the number of test inputs of all tasks.
        tests_right: the number of test inputs with a right attempt.
        task_mean: the mean over tasks of the share of right test inputs, 0..1.
    """

    tasks: int
    tasks_solved: int
    tests: int
    tests_right: int
    task_mean: float

    @property
    def kaggle_score(self) -> float:
        """The share of right test inputs, 0..1, by which ARC Prize on Kaggle ranks."""
        return self.tests_right / self.tests if self.tests else 0.0


def figures_of(tasks: Sequence[TaskGrade]) -> Figures:
    """Sum up the grades of some tasks."""
    shares = [task.tests_right / len(task.tests) for task in tasks]
    return Figures(
        tasks=len(tasks),
        tasks_solved=sum(task.solved for task in tasks),
        tests=sum(len(task.tests) for task in tasks),
        tests_right=sum(task.tests_right for task in tasks),
        task_mean=sum(shares) / len(shares) if shares else 0.0,
    )


@dataclass(frozen=True, slots=True)
class Grade:
    """The grades of a submission.

    Attributes:
        form: the form of the submission, which decides about its rules.
        attempts: the number of attempts that count for a test input.
        tasks: the grades of all tasks of the set.
        unknown_tasks: the tasks of the submission that the set does not have.
        bad_attempts: the numbers of attempts that are no grids, by the reason.
        remarks: the oddities of the submission.
    """

    form: Form
    attempts: int
    tasks: tuple[TaskGrade, ...]
    unknown_tasks: tuple[str, ...]
    bad_attempts: Mapping[Fault, int]
    remarks: tuple[Remark, ...]

    @property
    def whole(self) -> Figures:
        """The results on all tasks of the set; a task that was not submitted is wrong."""
        return figures_of(self.tasks)

    @property
    def covered(self) -> Figures:
        """The results on the tasks that were submitted."""
        return figures_of([task for task in self.tasks if task.submitted])

    @property
    def missing_tasks(self) -> tuple[str, ...]:
        """The tasks of the set that the submission does not have."""
        return tuple(task.task for task in self.tasks if not task.submitted)

    @property
    def ungradable(self) -> int:
        """The number of tasks of the set with an unknown test output."""
        return sum(not task.known for task in self.tasks)

    @property
    def is_accepted(self) -> bool:
        """Whether no remark is a reason for a competition to refuse the file."""
        return not any(remark.refused for remark in self.remarks)


def grade(
    submission: Submission,
    tasks: Sequence[Task],
    *,
    others: Iterable[str] = (),
    attempts: int | None = None,
) -> Grade:
    """Grade a submission against the tasks of a set; a missing task counts as wrong.

    Args:
        submission: the answers.
        tasks: the tasks to grade.
        others: the ids of tasks that the submission may have too, but which are not graded.
        attempts: the number of attempts that count for a test input; None for that of the form.
    """
    count = attempts or submission.form.attempts
    remarks = Remarks(submission.form)
    remarks.extend(submission.remarks)
    answers, unknown = _match(submission, {task.id for task in tasks} | {*others}, remarks)
    grades = []
    bad: Counter[Fault] = Counter()
    for task in tasks:
        its = answers.get(task.id)
        if its is None:
            remarks.add(Oddity.MISSING_TASK, "the file does not have the task", task.id)
        else:
            its = _fit(its, task)
            _note_faults(its, task, submission.form, remarks, bad)
        grades.append(_grade_task(task, its, count))
        if its is not None:
            _note_order(its, task, grades[-1], count, remarks)
    return Grade(submission.form, count, tuple(grades), unknown, dict(bad), remarks.all())


def _match(
    submission: Submission, ids: set[str], remarks: Remarks
) -> tuple[dict[str, Mapping[int, Answer]], tuple[str, ...]]:
    """Return the answers by the ids of the set, and the ids that it does not have."""
    plain = {_plain(task): task for task in ids}
    answers = {task: its for task, its in submission.answers.items() if task in ids}
    unknown = []
    for task, its in submission.answers.items():
        meant = plain.get(_plain(task))
        if task in ids:
            continue
        if meant is None:
            unknown.append(task)
            remarks.add(Oddity.EXTRA_TASK, "the set does not have the task", task)
        elif meant in answers:
            remarks.add(Oddity.TWICE, "a task stands twice, the first one counts", task)
        else:
            answers[meant] = its
            problem = "an id is not written as in the set"
            remarks.add(Oddity.SPELLING, problem, f"{task} for {meant}")
    return answers, tuple(unknown)


def _plain(task: str) -> str:
    return task.strip().lower().removesuffix(".json")


def _fit(its: Mapping[int, Answer], task: Task) -> Mapping[int, Answer]:
    """Return the answers of a task; several grids for its only test input are attempts."""
    if len(task.tests) > 1 or len(its) < 2 or not all(one.bare for one in its.values()):
        return its
    grids = [grid for _, one in sorted(its.items()) for grid in one.attempts.values()]
    return {0: Answer(dict(enumerate(grids, 1)))}


def _note_faults(
    its: Mapping[int, Answer], task: Task, form: Form, remarks: Remarks, bad: Counter[Fault]
) -> None:
    """Note answers and attempts that are missing, too many, or no grids."""
    tests = len(task.tests)
    missing = [index + 1 for index in range(tests) if index not in its]
    if missing:
        problem = "a test input has no answer"
        remarks.add(Oddity.FEW_ANSWERS, problem, *(f"{task.id} test {one}" for one in missing))
    extra = sorted(index + 1 for index in its if index >= tests)
    if extra:
        problem = "there is an answer for a test input that the task does not have"
        remarks.add(Oddity.MANY_ANSWERS, problem, *(f"{task.id} test {one}" for one in extra))
    for index in sorted(its):
        place = f"{task.id} test {index + 1}"
        attempts = its[index].attempts
        # The competition of 2020 took up to three.
        needed = range(1, 2 if form is Form.KAGGLE_2020 else form.attempts + 1)
        for number in needed:
            if number not in attempts and index < tests:
                remarks.add(Oddity.MISSING_ATTEMPT, f"attempt_{number} is missing", place)
        for number, attempt in attempts.items():
            if number > form.attempts:
                problem = f"only {form.attempts} attempts count"
                remarks.add(Oddity.EXTRA_ATTEMPT, problem, f"{place} attempt_{number}")
            if isinstance(attempt, Fault):
                bad[attempt] += 1
                problem = f"an attempt counts as wrong: it is {attempt}"
                remarks.add(Oddity.BAD_ATTEMPT, problem, f"{place} attempt_{number}")


def _grade_task(task: Task, its: Mapping[int, Answer] | None, count: int) -> TaskGrade:
    tests = []
    for index, sample in enumerate(task.tests):
        right = None
        if sample.output is not None and its is not None and index in its:
            right = _first_right(its[index], sample.output, count)
        tests.append(TestGrade(right, sample.output is not None))
    return TaskGrade(task.id, tuple(tests), its is not None)


def _first_right(answer: Answer, wanted: Grid, count: int) -> int | None:
    """Return the number of the first right attempt among those that count."""
    right = (number for number, grid in sorted(answer.attempts.items()) if grid == wanted)
    return next((number for number in right if number <= count), None)


def _note_order(
    its: Mapping[int, Answer], task: Task, graded: TaskGrade, count: int, remarks: Remarks
) -> None:
    """Note wrong answers that are right for another test input of the task."""
    for index, test in enumerate(graded.tests):
        if test.right_attempt is None and index in its:
            for other, sample in enumerate(task.tests):
                if sample.output is not None and _first_right(its[index], sample.output, count):
                    problem = "an answer is right for another test input"
                    places = f"{task.id} test {index + 1} for test {other + 1}"
                    remarks.add(Oddity.ORDER, problem, places)


def find_tasks(
    submission: Submission, *, dataset: str | None = None, split: str | None = None
) -> Dataset:
    """Load the tasks that a submission answers: those of the set with the most of its ids.

    Args:
        submission: the answers.
        dataset: the name or path of the dataset; None to find it among those that have a name.
        split: the split; None to find it.

    Raises SubmissionError if no set has one of the ids, and what `load_dataset` raises.
    """
    ids = set(map(_plain, submission.answers))

    def fitness(tasks: Dataset) -> tuple[int, float]:
        has = len(ids & set(map(_plain, tasks.ids)))
        return has, has / max(len(tasks), 1)

    best = max(_candidates(dataset, split), key=fitness)
    if fitness(best)[0] == 0:
        named = max(_candidates(None, None), key=fitness)
        number = fitness(named)[0]
        hint = f"; {named} has {number} of them" if number else ""
        raise SubmissionError(
            where=submission.path,
            expected=f"answers for tasks of {best}",
            got=f"{len(ids)} other ids, such as {next(iter(submission.answers))}{hint}",
        )
    return best


def _candidates(dataset: str | None, split: str | None) -> Iterator[Dataset]:
    """Yield the sets that may be meant; raises what `load_dataset` raises if there is none."""
    problem: ArcbattError | None = None
    found = False
    splits = (None, *SPLITS, "test") if split is None else (split,)
    for name in DATASETS if dataset is None else (dataset,):
        for one in splits[1:] if name in DATASETS and split is None else splits:
            try:
                yield load_dataset(name, split=one)
                found = True
            except ArcbattError as error:
                problem = problem or error
    if problem is not None and not found:
        raise problem
