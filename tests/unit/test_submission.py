"""Submissions: Kaggle's form, reading what others wrote, grading with the set as denominator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arcbatt.errors import SubmissionError
from arcbatt.pipeline.submission import grade, read_submission, submission_of, write_submission
from arcbatt.ranking.attempts import Attempt
from arcbatt.tasks import Dataset, Sample, Task

GRID, WRONG = ((1, 2), (3, 4)), ((0,),)


def dataset() -> Dataset:
    demo = Sample(GRID, GRID)
    return Dataset(
        "set",
        [
            Task("aaaaaaaa", (demo,), (Sample(GRID, GRID), Sample(WRONG, GRID))),
            Task("bbbbbbbb", (demo,), (Sample(GRID, GRID),)),
            Task("cccccccc", (demo,), (Sample(GRID),)),
        ],
    )


def attempt(grid: tuple[tuple[int, ...], ...]) -> Attempt:
    return Attempt(grid, "", exact=False, weight=0.0)


def test_the_file_holds_every_task_and_both_attempts(tmp_path: Path) -> None:
    attempts = {"bbbbbbbb": ((attempt(WRONG), attempt(GRID)),)}
    file = tmp_path / "submission.json"
    write_submission(file, submission_of(dataset(), attempts))
    assert json.loads(file.read_text()) == {
        "aaaaaaaa": [
            {"attempt_1": [[1, 2], [3, 4]], "attempt_2": [[1, 2], [3, 4]]},
            {"attempt_1": [[0]], "attempt_2": [[0]]},
        ],
        "bbbbbbbb": [{"attempt_1": [[0]], "attempt_2": [[1, 2], [3, 4]]}],
        "cccccccc": [{"attempt_1": [[1, 2], [3, 4]], "attempt_2": [[1, 2], [3, 4]]}],
    }
    graded = grade(read_submission(file), list(dataset()))
    assert [task.solved for task in graded.tasks] == [False, True, False]
    assert [[test.right_attempt for test in task.tests] for task in graded.tasks] == [
        [1, None],
        [2],
        [None],
    ]
    assert (graded.tasks_solved, graded.tests_right, graded.test_count) == (1, 2, 4)
    assert graded.ungradable == 1
    assert graded.kaggle_score == pytest.approx((0.5 + 1 + 0) / 3)


def test_missing_tasks_and_attempts_count_as_wrong(tmp_path: Path) -> None:
    file = tmp_path / "submission.json"
    document = {"aaaaaaaa": [{"attempt_1": [[1, 2], [3, 4]]}], "unknown": []}
    write_submission(file, document)
    graded = grade(read_submission(file), list(dataset()))
    assert graded.tasks_solved == 0
    assert graded.tests_right == 1
    assert graded.test_count == 4
    assert graded.unknown_tasks == ("unknown",)
    assert [task.submitted for task in graded.tasks] == [True, False, False]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "expected JSON"),
        ("[]", "expected an object, got a list"),
        ('{"a": 5}', "a: expected a list of test inputs, got a int"),
        ('{"a": [5]}', "a: test 0: expected an object with attempt_1 and attempt_2"),
        ('{"a": [{"attempt_3": [[1]]}]}', "attempt_3"),
        ('{"a": [{"attempt_1": [[1], [2, 3]]}]}', "a: test 0: attempt_1"),
        ('{"a": [{"attempt_1": [[10]]}]}', "a colour from 0 to 9"),
        ('{"a": [{"attempt_1": []}]}', "1 to 30 rows"),
    ],
)
def test_files_of_another_form_are_refused(tmp_path: Path, content: str, problem: str) -> None:
    file = tmp_path / "submission.json"
    file.write_text(content)
    with pytest.raises(SubmissionError, match=r".") as caught:
        read_submission(file)
    assert problem in str(caught.value)
    assert str(file) in str(caught.value)


def test_files_that_can_not_be_read_or_written_are_errors(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="can be read"):
        read_submission(tmp_path / "missing.json")
    with pytest.raises(SubmissionError, match="can be written"):
        write_submission(tmp_path / "missing" / "x.json", {})
