"""Submissions: Kaggle's form, all forms that people write, grades by the competitions' rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.commands import Batt

from arcbatt.errors import SubmissionError
from arcbatt.pipeline.answers import Form, Oddity, read_submission
from arcbatt.pipeline.submission import Grade, grade, submission_of, write_submission
from arcbatt.ranking.attempts import Attempt
from arcbatt.tasks import Dataset, Sample, Task, load_dataset

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
    assert (graded.whole.tasks_solved, graded.whole.tests_right, graded.whole.tests) == (1, 2, 4)
    assert graded.ungradable == 1
    assert graded.whole.task_mean == pytest.approx((0.5 + 1 + 0) / 3)
    assert graded.whole.kaggle_score == pytest.approx(2 / 4)
    assert graded.is_accepted


def test_missing_tasks_and_attempts_count_as_wrong(tmp_path: Path) -> None:
    file = tmp_path / "submission.json"
    document = {"aaaaaaaa": [{"attempt_1": [[1, 2], [3, 4]]}], "unknown": []}
    write_submission(file, document)
    graded = grade(read_submission(file), list(dataset()))
    assert (graded.whole.tasks_solved, graded.whole.tests_right, graded.whole.tests) == (0, 1, 4)
    assert (graded.covered.tasks, graded.covered.tests_right, graded.covered.tests) == (1, 1, 2)
    assert graded.unknown_tasks == ("unknown",)
    assert [task.submitted for task in graded.tasks] == [True, False, False]


DEMO = [{"input": [[1]], "output": [[2]]}]
TESTS = {"aa000000": 1, "aa000001": 2, "aa000002": 1}
ANSWERS = {
    task: [[[number, test], [3, 4]] for test in range(count)]
    for number, (task, count) in enumerate(TESTS.items())
}
GOOD = {
    task: [{"attempt_1": grid, "attempt_2": [[0]]} for grid in grids]
    for task, grids in ANSWERS.items()
}


def rows(grid: list[list[int]]) -> str:
    return "|" + "|".join("".join(map(str, row)) for row in grid) + "|"


def each(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """Return the good submission with each answer changed."""
    return {task: [change(dict(entry)) for entry in entries] for task, entries in GOOD.items()}


def tasks() -> list[Task]:
    demo = Sample(((1,),), ((2,),))
    return [
        Task(task, (demo,), tuple(Sample(((1,),), tuple(map(tuple, grid))) for grid in grids))
        for task, grids in ANSWERS.items()
    ]


def graded(folder: Path, content: Any, *, name: str = "submission.json") -> Grade:
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return grade(read_submission(file), tasks())


def oddities(one: Grade) -> set[str]:
    return {str(remark.kind) for remark in one.remarks}


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (GOOD, set()),
        ({task: entries[0] if len(entries) == 1 else entries for task, entries in GOOD.items()},
         {"form"}),
        ({task: {"attempt_1": grids, "attempt_2": grids} for task, grids in ANSWERS.items()},
         {"form"}),
        ({task: dict(enumerate(entries)) for task, entries in GOOD.items()}, {"form"}),
        (each(lambda entry: list(entry.values())), {"form"}),
        (each(lambda entry: {key: {"answer": grid} for key, grid in entry.items()}), {"form"}),
        (each(lambda entry: {"output": list(entry.values())}), {"form"}),
        (each(lambda entry: {key: rows(grid) for key, grid in entry.items()}), {"form"}),
        (each(lambda entry: " ".join(map(rows, entry.values()))), {"form"}),
        (each(lambda entry: {key: json.dumps(grid) for key, grid in entry.items()}), {"form"}),
        (ANSWERS, {"form", "missing-attempt"}),
        ([{"task_id": task, **entry} for task, entries in GOOD.items() for entry in entries],
         {"form"}),
        ([{"id": task, "predictions": entries} for task, entries in GOOD.items()], {"form"}),
        ("\ufeff" + json.dumps(GOOD), {"form"}),
        (each(lambda entry: {key.title(): grid for key, grid in entry.items()}), {"spelling"}),
        ({task.upper(): entries for task, entries in GOOD.items()}, {"spelling"}),
        ({f"{task}.json": entries for task, entries in GOOD.items()}, {"spelling"}),
        (each(lambda entry: {"attempt_1": entry["attempt_1"]}), {"missing-attempt"}),
        (GOOD | {"bb000000": []}, {"extra-task"}),
        ({task: [*entries, entries[0]] for task, entries in GOOD.items()}, {"many-answers"}),
    ],
)  # fmt: skip
def test_what_a_competition_refuses_is_named_and_the_rest_is_graded(
    tmp_path: Path, content: Any, kinds: set[str]
) -> None:
    one = graded(tmp_path, content)
    assert (one.whole.tasks_solved, one.whole.tests_right) == (3, 4)
    assert oddities(one) == kinds
    assert one.is_accepted == (not kinds)


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        ("null", "null"),
        ("[]", "empty"),
        ("[[]]", "empty"),
        ("[[], []]", "empty"),
        ("[[0, 1], [2]]", "ragged"),
        ("[[NaN]]", "not of colours 0 to 9"),
        ("[[Infinity, 1.0]]", "not of colours 0 to 9"),
        ("[[0.5]]", "not of colours 0 to 9"),
        ("[[10]]", "not of colours 0 to 9"),
        ("[[true]]", "not of colours 0 to 9"),
        ('[["1"]]', "not of colours 0 to 9"),
        ("[[null]]", "not of colours 0 to 9"),
        (json.dumps([[0]] * 31), "larger than 30x30"),
        (json.dumps([[0] * 31]), "larger than 30x30"),
        ("5", "no list of rows"),
        ("[1, 2]", "no list of rows"),
        ('"what?"', "no list of rows"),
    ],
)
def test_a_bad_attempt_counts_as_wrong_and_the_rest_is_graded(
    tmp_path: Path, bad: str, fault: str
) -> None:
    text = json.dumps(GOOD).replace('"attempt_2": [[0]]', f'"attempt_2": {bad}')
    one = graded(tmp_path, text)
    assert (one.whole.tasks_solved, one.whole.tests_right) == (3, 4)
    assert dict(one.bad_attempts) == {fault: 4}
    [remark] = [remark for remark in one.remarks if remark.kind is Oddity.BAD_ATTEMPT]
    assert remark.places[1] == "aa000001 test 1 attempt_2"
    assert not remark.refused


def test_whole_floats_are_read_as_integers(tmp_path: Path) -> None:
    one = graded(tmp_path, json.dumps(GOOD).replace("[3, 4]", "[3.0, 4]"))
    assert one.whole.tests_right == 4
    assert oddities(one) == {"numbers"}
    assert one.is_accepted


def test_a_third_attempt_counts_only_if_it_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "submission.json"
    document = each(
        lambda entry: {"attempt_1": [[0]], "attempt_2": [[0]], "attempt_3": entry["attempt_1"]}
    )
    file.write_text(json.dumps(document))
    submission = read_submission(file)
    assert grade(submission, tasks()).whole.tests_right == 0
    assert oddities(grade(submission, tasks())) == {"extra-attempt"}
    assert grade(submission, tasks(), attempts=3).whole.tests_right == 4


def test_answers_in_the_wrong_order_are_named(tmp_path: Path) -> None:
    one = graded(tmp_path, GOOD | {"aa000001": GOOD["aa000001"][::-1]})
    assert one.whole.tests_right == 2
    [remark] = one.remarks
    assert remark.kind is Oddity.ORDER
    assert remark.places == ("aa000001 test 1 for test 2", "aa000001 test 2 for test 1")


def test_missing_answers_are_named(tmp_path: Path) -> None:
    content = {"aa000000": GOOD["aa000000"], "aa000001": GOOD["aa000001"][:1]}
    one = graded(tmp_path, content)
    assert {(str(remark.kind), remark.places) for remark in one.remarks} == {
        ("few-answers", ("aa000001 test 2",)),
        ("missing-task", ("aa000002",)),
    }


def test_grids_for_the_only_test_input_are_attempts(tmp_path: Path) -> None:
    one = graded(tmp_path, ANSWERS | {"aa000000": [[[0]], ANSWERS["aa000000"][0]]})
    assert one.tasks[0].tests[0].right_attempt == 2


def test_a_key_that_stands_twice_is_noted(tmp_path: Path) -> None:
    text = json.dumps(GOOD)
    one = graded(tmp_path, text[:-1] + ', "aa000002": []}')
    assert one.whole.tests_right == 3
    [twice] = [remark for remark in one.remarks if remark.kind is Oddity.TWICE]
    assert twice.places == ("aa000002",)


def test_a_file_of_2020_has_three_attempts(tmp_path: Path) -> None:
    lines = [
        f"{task}_{test},|0| |0| {rows(grid)} "
        for task, grids in ANSWERS.items()
        for test, grid in enumerate(grids)
    ]
    one = graded(tmp_path, "\n".join(["output_id,output", *lines]), name="submission.csv")
    assert one.form is Form.KAGGLE_2020
    assert (one.attempts, one.whole.tests_right, one.is_accepted) == (3, 4, True)
    lines[1] = lines[1].replace("aa000001_0", "aa000001_7").replace("|0| |0|", "|0|0a| |12|3|")
    one = graded(tmp_path, "\r\n".join(["\ufeffoutput_id,output", *lines]), name="submission.csv")
    assert one.whole.tests_right == 3
    assert oddities(one) == {"few-answers", "many-answers", "bad-attempt"}
    assert dict(one.bad_attempts) == {"no list of rows": 1, "ragged": 1}


def test_a_folder_has_a_file_for_each_task(tmp_path: Path) -> None:
    folder = tmp_path / "answers"
    folder.mkdir()
    for task, grids in ANSWERS.items():
        entries = [
            {
                "attempt_1": {"answer": grid, "metadata": {"pair_index": index}},
                "attempt_2": None,
            }
            for index, grid in enumerate(grids)
        ]
        (folder / f"{task}.json").write_text(json.dumps(entries[::-1]))
    # An answer that failed says nothing of its test input.
    first, second = json.loads((folder / "aa000001.json").read_text())[::-1]
    failed = {"attempt_1": None, "attempt_2": None}
    (folder / "aa000001.json").write_text(json.dumps([second, failed]))
    one = grade(read_submission(folder), tasks())
    assert [test.right_attempt for test in one.tasks[1].tests] == [None, 1]
    (folder / "aa000001.json").write_text(json.dumps([second, first]))
    (folder / "results.json").write_text('{"score": 1}')
    (folder / "._aa000001.json").write_text("?")
    one = grade(read_submission(folder), tasks())
    assert one.form is Form.FOLDER
    assert (one.whole.tests_right, one.is_accepted) == (4, True)
    assert dict(one.bad_attempts) == {"null": 4}
    assert one.unknown_tasks == ("results",)
    (folder / "aa000002.json").write_text("[{")
    one = grade(read_submission(folder), tasks())
    assert one.whole.tests_right == 3
    assert ("a file can't be read", ("aa000002.json",)) in {
        (remark.problem, remark.places) for remark in one.remarks
    }


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.json", "", "got an empty file"),
        ("a.json", "{}", "expected 1 task or more, got none"),
        ("a.json", "[]", "expected 1 task or more, got none"),
        ("a.json", "{", "expected JSON"),
        ("a.json", json.dumps(GOOD)[:200], "the file seems to be cut off"),
        ("a.json", "5", "expected an object with answers by the ids of tasks, got a int"),
        ("a.json", "[[[1]]]", "a list whose members have no id"),
        ("a.json", '{"a":' + "[" * 100_000 + "]" * 100_000 + "}", "expected JSON, got maximum"),
        ("a.csv", "output_id,output\naa_0\n", "a.csv:2: expected output_id,output such as"),
        ("a.csv", f"output_id,output\naa_{'9' * 5000},|1|\n", "a test input below 1000"),
        ("a.txt", "hello", "a.txt:1: expected output_id,output such as"),
    ],
)  # fmt: skip
def test_files_without_answers_are_errors(
    tmp_path: Path, name: str, content: str, problem: str
) -> None:
    file = tmp_path / name
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
    (tmp_path / "inner").mkdir()
    with pytest.raises(SubmissionError, match=r"files ID\.json .*the folders inner"):
        read_submission(tmp_path)


def write_set(folder: Path) -> None:
    """Write tasks with answers in Kaggle's form, as two splits with different ids."""
    for split, prefix in (("training", "aa"), ("evaluation", "ee")):
        ids = {task: prefix + task[2:] for task in TESTS}
        challenges = {
            ids[task]: {"train": DEMO, "test": [{"input": [[1]]}] * count}
            for task, count in TESTS.items()
        }
        solutions = {ids[task]: grids for task, grids in ANSWERS.items()}
        (folder / f"x_{split}_challenges.json").write_text(json.dumps(challenges))
        (folder / f"x_{split}_solutions.json").write_text(json.dumps(solutions))


def test_the_split_is_found_by_the_ids(batt: Batt, place: Path) -> None:
    (place / "k").mkdir()
    write_set(place / "k")
    document = {"ee" + task[2:]: entries for task, entries in GOOD.items()}
    (place / "s.json").write_text(json.dumps(document))
    answer = batt("grade", "s.json", "--dataset", "k")
    assert answer.code == 0
    assert "tasks: k evaluation, found by the ids" in answer.out
    assert "test inputs right  4 of 4 (100.0 %), Kaggle's score" in answer.out
    wrong = batt("grade", "s.json", "--dataset", "k", "--split", "training")
    assert wrong.code == 1
    assert "expected answers for tasks of k training, got 3 other ids" in wrong.err


def test_named_datasets_are_found_by_the_ids(batt: Batt, place: Path) -> None:
    for name, split in (("arc-agi-1", "training"), ("arc-agi-2", "training")):
        found = list(load_dataset(name, split=split))
        document = submission_of(Dataset(name, found), {})
        (place / "s.json").write_text(json.dumps(document))
        answer = batt("grade", "s.json", "--json")
        assert (answer.code, answer.json["dataset"]) == (0, f"{name} {split}")
        assert answer.json["accepted"]
        assert answer.json["guessed"]


def test_a_part_is_graded_as_a_part(batt: Batt, place: Path) -> None:
    (place / "k").mkdir()
    write_set(place / "k")
    (place / "s.json").write_text(json.dumps({"aa000001": GOOD["aa000001"]}))
    whole = batt("grade", "s.json", "--dataset", "k", "--json")
    assert whole.code == 1
    assert (whole.json["tasks"], whole.json["tasks_solved"]) == (3, 1)
    assert whole.json["covered"]["tasks"] == whole.json["covered"]["tasks_solved"] == 1
    assert whole.json["missing"] == ["aa000000", "aa000002"]
    assert not whole.json["accepted"]
    lines = batt("grade", "s.json", "--dataset", "k").out.splitlines()
    assert "refused[missing-task]: the file does not have the task: aa000000, aa000002" in lines
    assert "A competition would refuse this file." in lines
    part = batt("grade", "s.json", "--dataset", "k", "--ids", "aa000001", "--json")
    assert (part.code, part.json["tasks"], part.json["accepted"]) == (0, 1, True)
    assert part.json["unknown"] == []
    named = batt("grade", "s.json", "--dataset", "k", "--split", "training", "--json")
    assert (whole.json["guessed"], named.json["guessed"]) == (True, False)


def test_without_known_outputs_only_the_form_is_checked(batt: Batt, place: Path) -> None:
    task = {"train": DEMO, "test": [{"input": [[1]]}]}
    (place / "t.json").write_text(json.dumps({"aa000000": task}))
    (place / "s.json").write_text(json.dumps({"aa000000": GOOD["aa000000"]}))
    answer = batt("grade", "s.json", "--dataset", "t.json")
    assert answer.code == 0
    assert "no test output is known" in answer.out
    assert "%" not in answer.out
