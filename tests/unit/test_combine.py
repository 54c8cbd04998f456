"""Combining submissions, and the confidences beside a submission."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.commands import Batt

from arcbatt.errors import SubmissionError
from arcbatt.pipeline.combine import combine, entries_of, read_rated, require_alike
from arcbatt.pipeline.confidences import path_beside, read_confidences
from arcbatt.pipeline.submission import SubmissionFile
from arcbatt.ranking.attempts import Attempt
from arcbatt.ranking.combine import choose_grids
from arcbatt.tasks import Dataset, Sample, Task

A, B, C, D = (((colour,),) for colour in range(1, 5))


@pytest.mark.parametrize(
    ("guesses", "chosen"),
    [
        # By confidence.
        ([[(A, 0.9), (B, 0.05)], [(C, 0.6), (D, 0.3)]], [A, C]),
        ([[(A, 0.2), (B, 0.1)], [(C, 0.6), (D, 0.3)]], [C, D]),
        # By rank, and the first submission first.
        ([[(A, None), (B, None)], [(C, None), (D, None)]], [A, C]),
        # What several have goes first.
        ([[(A, None), (B, None)], [(C, None), (B, None)], [(C, None), (D, None)]], [C, A]),
        ([[(A, 0.5), (B, 0.4)], [(C, 0.5), (B, 0.4)]], [B, A]),
        # An unsure submission leaves both attempts to the other one.
        ([[(A, 0.0), (B, 0.0)], [(C, None), (D, None)]], [C, D]),
        ([[(A, 0.9), (B, 0.1)], [(C, None), (D, None)]], [A, C]),
        # A grid that one submission has twice counts once, and is chosen once.
        ([[(A, 0.4), (A, 0.4)], [(B, 0.5), (B, 0.5)]], [B, A]),
        ([[(A, 0.4), (A, 0.4)], [(A, 0.5)]], [A]),
        ([[], []], []),
    ],
)
def test_attempts_are_chosen_by_confidence_and_rank(guesses: Any, chosen: Any) -> None:
    assert [choice.grid for choice in choose_grids(guesses)] == chosen


def test_a_choice_knows_who_has_it() -> None:
    [first, second] = choose_grids([[(A, 0.5), (B, 0.25)], [(A, 0.5)]])
    assert (first.confidence, first.submissions) == (0.75, (0, 1))
    assert (second.confidence, second.submissions) == (0.25, (0,))


def answers(**tasks: list[list[Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return a submission of the grids of each test input of each task."""
    return {
        task: [{f"attempt_{number}": grid for number, grid in enumerate(test, 1)} for test in tests]
        for task, tests in tasks.items()
    }


def write(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document))
    return path


def test_two_submissions_become_one(tmp_path: Path) -> None:
    one = write(tmp_path / "one.json", answers(t1=[[A, B]], t2=[[A, A], [B, None]]))
    other = write(tmp_path / "other.json", answers(t1=[[C, D]], t2=[[A, A], [B, "x"]]))
    write(tmp_path / "other.confidences.json", answers(t1=[[0.1, 0.05]]))
    rated = [read_rated(one), read_rated(other)]
    assert [each.file for each in rated] == [None, tmp_path / "other.confidences.json"]
    require_alike(rated)
    assert entries_of(combine(rated)) == {
        "t1": [{"attempt_1": A, "attempt_2": B}],
        # What stands in is no grid that is there already.
        "t2": [
            {"attempt_1": A, "attempt_2": ((0, 0), (0, 0))},
            {"attempt_1": B, "attempt_2": ((0, 0), (0, 0))},
        ],
    }


def test_stand_ins_differ(tmp_path: Path) -> None:
    nothing = write(tmp_path / "a.json", answers(t1=[[None, None]], t2=[[[[0, 0], [0, 0]], None]]))
    assert entries_of(combine([read_rated(nothing)])) == {
        "t1": [{"attempt_1": ((0, 0), (0, 0)), "attempt_2": ((0,),)}],
        "t2": [{"attempt_1": ((0, 0), (0, 0)), "attempt_2": ((0,),)}],
    }


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (answers(t1=[[A, B]]), "b.json: expected answers for t2, which .*a.json has, got none"),
        (
            answers(t1=[[A]], t2=[[A]], t3=[[A]]),
            "a.json: expected answers for t3, which .*b.json has, got none",
        ),
        (
            answers(t1=[[A]], t2=[[A], [B]]),
            "b.json: t2: expected answers for 1 test inputs, as in .*a.json, got 2",
        ),
    ],
)
def test_other_tasks_are_an_error_that_names_them(
    tmp_path: Path, other: object, message: str
) -> None:
    one = write(tmp_path / "a.json", answers(t1=[[A, B]], t2=[[A, B]]))
    with pytest.raises(SubmissionError, match=message):
        require_alike([read_rated(one), read_rated(write(tmp_path / "b.json", other))])


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([1], r"c.json: expected an object, \{...\}, got \[1\]"),
        ({"t1": 0.5}, "c.json: t1: expected a list with an object for each test input, got 0.5"),
        ({"t1": [[0.5]]}, r"c.json: t1 test 1: expected an object"),
        ({"t1": [{"attempt_1": 1.5}]}, "t1 test 1 attempt_1: expected a number from 0 to 1"),
        ({"t1": [{"attempt_1": True}]}, "t1 test 1 attempt_1: expected .*, got true"),
        ({"t1": [{"attempt_1": float("nan")}]}, "t1 test 1 attempt_1: expected .*, got NaN"),
        ({"t9": [{}]}, "c.json: t9: expected a task of .*a.json, got another one"),
        ({"t1": [{}, {}]}, "c.json: t1: expected 1 test inputs, as in .*a.json, got 2"),
    ],
)
def test_bad_confidences_are_errors(tmp_path: Path, document: object, message: str) -> None:
    one = write(tmp_path / "a.json", answers(t1=[[A, B]]))
    with pytest.raises(SubmissionError, match=message):
        read_rated(one, write(tmp_path / "c.json", document))


def test_confidences_that_are_no_file_are_an_error(tmp_path: Path) -> None:
    one = write(tmp_path / "a.json", answers(t1=[[A, B]]))
    with pytest.raises(SubmissionError, match=r"none\.json: expected a file that can be read"):
        read_rated(one, tmp_path / "none.json")
    (tmp_path / "c.json").write_text("{")
    with pytest.raises(SubmissionError, match=r"c\.json: expected JSON"):
        read_rated(one, tmp_path / "c.json")


class TestConfidencesOfARun:
    @staticmethod
    def dataset() -> Dataset:
        demo = Sample(A, B)
        return Dataset("set", [Task(f"t{n}", (demo,), (Sample(A, B),)) for n in (1, 2, 3)])

    @staticmethod
    def attempts(*confidences: float) -> tuple[tuple[Attempt, ...], ...]:
        grids = zip((B, C), confidences, strict=True)
        return (tuple(Attempt(grid, confidence=each) for grid, each in grids),)

    def test_they_stand_beside_the_submission(self, tmp_path: Path) -> None:
        dataset = self.dataset()
        file = tmp_path / "submission.json"
        submission = SubmissionFile(file, dataset, lambda: dataset)
        submission.write({"t1": self.attempts(0.75, 0.125)})
        beside = path_beside(file)
        assert read_confidences(beside) == answers(
            t1=[[0.75, 0.125]], t2=[[0.0, 0.0]], t3=[[0.0, 0.0]]
        )
        # Another run keeps what it does not answer.
        again = SubmissionFile(file, dataset, lambda: dataset)
        again.write({"t2": self.attempts(0.5, 0.25)})
        assert read_confidences(beside) == answers(
            t1=[[0.75, 0.125]], t2=[[0.5, 0.25]], t3=[[0.0, 0.0]]
        )
        # They are written again if only they are gone, for the answers of the run.
        beside.unlink()
        again.write({"t2": self.attempts(0.5, 0.25)})
        assert read_confidences(beside) == answers(t2=[[0.5, 0.25]])

    def test_a_killed_run_leaves_none_of_another_submission(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dataset = self.dataset()
        file = tmp_path / "submission.json"
        submission = SubmissionFile(file, dataset, lambda: dataset)
        submission.write({"t1": self.attempts(0.75, 0.125)})

        def die(path: Path, document: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("arcbatt.pipeline.submission.write_submission", die)
        with pytest.raises(KeyboardInterrupt):
            submission.write({"t2": self.attempts(0.5, 0.25)})
        assert not path_beside(file).exists()

    def test_something_else_there_is_no_file_to_replace(self, tmp_path: Path) -> None:
        dataset = self.dataset()
        write(tmp_path / "confidences.json", {"my": "own"})
        with pytest.raises(SubmissionError, match=r"confidences.json: my: expected a list"):
            SubmissionFile(tmp_path / "submission.json", dataset, lambda: dataset)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with two tasks and two submissions, each right on one of them."""
    demo = {"input": A, "output": B}
    tasks = {f"t{n}": {"train": [demo], "test": [demo]} for n in (1, 2)}
    write(tmp_path / "tasks.json", tasks)
    write(tmp_path / "a.json", answers(t1=[[B, C]], t2=[[C, D]]))
    write(tmp_path / "b.json", answers(t1=[[C, D]], t2=[[B, D]]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_writes_a_submission_and_says_what_each_adds(batt: Batt, folder: Path) -> None:
    write(folder / "ab.json", answers(t1=[[0.5, 0.4]]))
    write(folder / "out.confidences.json", {})
    words = ["a.json", "b.json", "-o", "out.json", "--confidences", "a=ab.json"]
    printed = batt("combine", *words, "--grade", "--dataset", "tasks.json", "--json").json
    assert json.loads((folder / "out.json").read_text()) == answers(
        t1=[[[[3]], [[2]]]], t2=[[[[3]], [[2]]]]
    )
    # These were of the file that was replaced.
    assert not (folder / "out.confidences.json").exists()
    assert (printed["submission"], printed["tasks"], printed["tests"]) == ("out.json", 2, 2)
    assert printed["grade"]["tasks_solved"] == 2
    one, other = printed["parts"]
    assert (one["submission"], one["confidences"], one["chosen"]) == ("a.json", "ab.json", 3)
    assert (other["submission"], other["confidences"], other["chosen"]) == ("b.json", None, 2)
    for part in (one, other):
        assert (part["alone"]["tasks_solved"], part["without"]["tasks_solved"]) == (1, 1)
    table = batt("combine", *words, "--grade", "--dataset", "tasks.json").out.splitlines()
    names = "submission confidences attempts chosen tasks solved it adds test inputs right it adds"
    assert " ".join(table[0].split()) == names
    assert table[1].split() == ["a.json", "ab.json", "3", "1", "+1", "1", "+1"]
    assert table[3].split() == ["together", "4", "2", "of", "2", "2", "of", "2"]


@pytest.mark.parametrize(
    "words",
    [["-o", "a.confidences.json"], ["-o", "o.json", "--confidences", "b=o.confidences.json"]],
    ids=["replaced", "removed"],
)
def test_confidences_that_are_read_stay(batt: Batt, folder: Path, words: list[str]) -> None:
    rated = answers(t1=[[0.5, 0.4]])
    files = [write(folder / name, rated) for name in ("a.confidences.json", "o.confidences.json")]
    answer = batt("combine", "a.json", "b.json", *words)
    assert answer.code == 2
    assert "would replace the confidences" in answer.err
    assert [json.loads(path.read_text()) for path in files] == [rated, rated]


def test_without_grade_no_output_is_read(batt: Batt, folder: Path) -> None:
    (folder / "tasks.json").unlink()
    printed = batt("combine", "a.json", "b.json", "-o", "out.json", "--json").json
    assert (printed["grade"], printed["parts"][0]["alone"]) == (None, None)
    assert "it adds" not in batt("combine", "a.json", "b.json", "-o", "out.json").out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["a.json", "-o", "o.json"], 2, "expected two submissions or more, got only a.json"),
        (["a.json", "./a.json", "-o", "o.json"], 2, "a.json is named twice"),
        (["a.json", "b.json", "-o", "b.json"], 2, "would replace a submission"),
        (["a.json", "b.json", "-o", "no/o.json"], 2, "no/o.json can't be written"),
        (
            ["a.json", "b.json", "-o", "o.json", "--confidences", "c=x.json"],
            2,
            "--confidences: expected SUBMISSION=FILE with one of a.json, b.json, got c=x.json",
        ),
        (["a.json", "none.json", "-o", "o.json"], 1, "none.json: expected a file"),
        (
            ["a.json", "b.json", "-o", "o.json", "--grade", "--dataset", "unknown.json"],
            2,
            "--grade: no test output of unknown.json is known",
        ),
    ],
)
def test_what_can_not_be_combined_is_an_error(
    batt: Batt, folder: Path, words: list[str], code: int, message: str
) -> None:
    task = {"train": [{"input": A, "output": B}], "test": [{"input": A}]}
    write(folder / "unknown.json", {"t1": task, "t2": task})
    answer = batt("combine", *words)
    assert answer.code == code
    assert message in answer.err
    assert not (folder / "o.json").exists()
