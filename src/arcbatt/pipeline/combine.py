"""Combine submissions: of several for the same tasks, make one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from arcbatt.dsl.types import Grid
from arcbatt.errors import SubmissionError
from arcbatt.pipeline.answers import Answer, Fault, Form, Submission, read_submission
from arcbatt.pipeline.confidences import Confidences, path_beside, read_confidences
from arcbatt.pipeline.submission import FALLBACK, KEYS, Entries, Figures, grade
from arcbatt.ranking.combine import Choice, Guesses, choose_grids
from arcbatt.tasks import Task

STAND_INS: tuple[Grid, ...] = (FALLBACK, ((0,),))
"""Grids that stand in for attempts where all submissions together have fewer than two."""


@dataclass(frozen=True, slots=True)
class RatedSubmission:
    """A submission with its confidences.

    Attributes:
        submission: the submission.
        confidences: the confidences of its attempts; none for those that are missing.
        file: the file with the confidences; None if there is none.
    """

    submission: Submission
    confidences: Confidences
    file: Path | None

    @property
    def path(self) -> str:
        """The path of the submission."""
        return self.submission.path

    def guesses(self, task: str, index: int) -> Guesses:
        """Return the ranked attempts for a test input that are grids, with their confidences."""
        tests = self.confidences.get(task)
        rated = tests[index] if tests else {}
        answer = self.submission.answers[task].get(index, Answer({}))
        return [
            (attempt, rated.get(f"attempt_{number}"))
            for number, attempt in sorted(answer.attempts.items())
            if not isinstance(attempt, Fault)
        ]


def _count(answers: Mapping[int, Answer]) -> int:
    """Return the number of test inputs of a task, by the last one that has an answer."""
    return max(answers, default=-1) + 1


def read_rated(path: Path, confidences: Path | None = None) -> RatedSubmission:
    """Read a submission and its confidences.

    Args:
        path: the submission, in any form that `read_submission` reads.
        confidences: the file with its confidences; None for the one beside it, if there is one.

    Raises SubmissionError if a file can't be read, or the confidences are not for its test inputs.
    """
    submission = read_submission(path)
    beside = path_beside(Path(submission.path))
    file = confidences or (beside if beside.is_file() else None)
    rated = {} if file is None else read_confidences(file)
    for task, tests in rated.items():
        if task not in submission.answers:
            raise SubmissionError(
                where=f"{file}: {task}", expected=f"a task of {submission.path}", got="another one"
            )
        if len(tests) != (count := _count(submission.answers[task])):
            expected = f"{count} test inputs, as in {submission.path}"
            raise SubmissionError(where=f"{file}: {task}", expected=expected, got=str(len(tests)))
    return RatedSubmission(submission, rated, file)


def require_alike(submissions: Sequence[RatedSubmission]) -> None:
    """Check that submissions are for the same tasks and test inputs; raises SubmissionError."""
    first, *others = [each.submission for each in submissions]
    for other in others:
        for one, another in ((first, other), (other, first)):
            for task, its in one.answers.items():
                if task not in another.answers:
                    expected = f"answers for {task}, which {one.path} has"
                    raise SubmissionError(where=another.path, expected=expected, got="none")
                if (want := _count(its)) != (got := _count(another.answers[task])):
                    raise SubmissionError(
                        where=f"{another.path}: {task}",
                        expected=f"answers for {want} test inputs, as in {one.path}",
                        got=str(got),
                    )


Choices = Mapping[str, Sequence[Sequence[Choice]]]
"""The attempts that were chosen for each task and test input."""


def combine(submissions: Sequence[RatedSubmission]) -> Choices:
    """Choose two attempts for each test input among those of all submissions.

    Args:
        submissions: submissions for the same tasks, see `require_alike`; 1 or more.
    """
    return {
        task: [
            choose_grids([each.guesses(task, index) for each in submissions])
            for index in range(_count(its))
        ]
        for task, its in submissions[0].submission.answers.items()
    }


def entries_of(choices: Choices) -> dict[str, Entries]:
    """Return the content of the submission with the attempts that were chosen."""
    return {
        task: [
            dict(
                zip(KEYS, dict.fromkeys([*(each.grid for each in test), *STAND_INS]), strict=False)
            )
            for test in tests
        ]
        for task, tests in choices.items()
    }


@dataclass(frozen=True, slots=True)
class Share:
    """What one submission adds to a combination.

    Attributes:
        alone: the figures of the submission by itself.
        without: the figures of the combination of all others.
    """

    alone: Figures
    without: Figures


def grade_choices(choices: Choices, tasks: Sequence[Task]) -> Figures:
    """Grade a combination on the tasks that it has."""
    answers = {
        task: {
            index: Answer({number: each.grid for number, each in enumerate(test, 1)})
            for index, test in enumerate(tests)
        }
        for task, tests in choices.items()
    }
    return grade(Submission("the combination", Form.ARC_PRIZE, answers), tasks).covered


def share_of(position: int, submissions: Sequence[RatedSubmission], tasks: Sequence[Task]) -> Share:
    """Return what a submission adds to the combination.

    Args:
        position: the position of the submission, from 0.
        submissions: all submissions, 2 or more.
        tasks: the tasks that they answer, with known outputs.
    """
    others = [each for place, each in enumerate(submissions) if place != position]
    alone = grade(submissions[position].submission, tasks, attempts=len(KEYS)).covered
    return Share(alone, grade_choices(combine(others), tasks))
