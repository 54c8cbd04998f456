"""Sets of tasks that other people publish, in small: each form is read as it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from tests.commands import Batt

from arcbatt.errors import UsageError
from arcbatt.tasks import Dataset, TaskChoice, load_dataset

PAIR = {"input": [[0, 1]], "output": [[1, 0]]}
TASK = {"train": [PAIR, PAIR], "test": [PAIR]}


def write(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def samples(count: int) -> list[dict[str, Any]]:
    """Return different samples that mirror a grid."""
    numbers = [list(map(int, f"{number:04d}")) for number in range(count)]
    return [{"input": [number], "output": [number[::-1]]} for number in numbers]


def remarks(dataset: Dataset) -> str:
    return "\n".join(dataset.describe())


def test_concept_arc(tmp_path: Path) -> None:
    task = {**TASK, "test": [PAIR] * 3}
    for concept in ("AboveBelow", "Center"):
        for number in (1, 2):
            write(tmp_path / "corpus" / concept / f"{concept}{number}.json", task)
        write(tmp_path / "MinimalTasks" / concept / f"{concept}Minimal1.json", task)
    corpus = load_dataset(tmp_path / "corpus")
    assert corpus.groups == {
        "AboveBelow1": "AboveBelow",
        "AboveBelow2": "AboveBelow",
        "Center1": "Center",
        "Center2": "Center",
    }
    assert {len(each.tests) for each in corpus} == {3}
    assert load_dataset(tmp_path).groups["CenterMinimal1"] == "MinimalTasks/Center"
    center = load_dataset(tmp_path / "corpus", split="Center")
    assert (center.ids, center.groups) == (("Center1", "Center2"), {})
    assert corpus.choose(("Center1", "AboveBelow2")).groups == {
        "AboveBelow2": "AboveBelow",
        "Center1": "Center",
    }


def test_1d_arc(tmp_path: Path) -> None:
    for kind in ("1d_denoising_1c", "1d_fill"):
        for number in range(3):
            write(tmp_path / "dataset" / kind / f"{kind}_{number}.json", TASK)
    dataset = load_dataset(tmp_path)
    assert dataset.ids[0] == "1d_denoising_1c_0"
    assert set(dataset.groups.values()) == {"1d_denoising_1c", "1d_fill"}
    assert remarks(dataset) == ""


def test_mini_arc(tmp_path: Path) -> None:
    grid = {"input": [["0", "5"], ["3", "0"]], "output": [["5", "0"], ["0", "3"]]}
    long = "Rotate the picture by 90° and then swap the two colours that are rarest_l6aftz9iv0xe3dx"
    for name in (long, f"{long}2"):
        write(tmp_path / "data" / "MiniARC" / f"{name}.json", {"train": [grid], "test": [grid]})
    dataset = load_dataset(tmp_path)
    assert len(dataset) == 2
    assert dataset[long].demos[0].input == ((0, 5), (3, 0))
    assert dataset[long].id.startswith("Rotate_the_picture_by_90_and_then_swap")
    assert dataset.groups == {}
    assert 'digits in quotes, such as "6", are read as colours' in remarks(dataset)


def re_arc(folder: Path, tasks: int = 2, count: int = 1000) -> Path:
    """Write a zip file as that of re-arc, and return it."""
    with ZipFile(folder / "re_arc.zip", "w") as packed:
        packed.writestr("re_arc/metadata.json", json.dumps({"0000aaaa": {"n": 1000}}))
        for number in range(tasks):
            packed.writestr(f"re_arc/tasks/0000aaa{number}.json", json.dumps(samples(count)))
    return folder / "re_arc.zip"


def test_re_arc(tmp_path: Path) -> None:
    dataset = load_dataset(re_arc(tmp_path))
    assert dataset.ids == ("0000aaa0", "0000aaa1")
    task = dataset["0000aaa0"]
    assert [demo.input[0][-1] for demo in (*task.demos, *task.tests)] == list(range(8))
    assert (len(task.demos), len(task.tests)) == (4, 4)
    assert "the first 4 are demos and the next 4 are tests" in remarks(dataset)


def test_other_draws_of_samples_have_a_seed(tmp_path: Path) -> None:
    path = re_arc(tmp_path)
    draws = [load_dataset(f"{path}#{seed}") for seed in (0, 0, 1)]
    assert [str(draw) for draw in draws] == [f"{path}#0", f"{path}#0", f"{path}#1"]
    one, same, other = [draw["0000aaa0"] for draw in draws]
    assert one == same
    assert one.content != other.content
    for task in (one, other):
        inputs = [sample.input for sample in (*task.demos, *task.tests)]
        assert len(set(inputs)) == 8
        assert all(sample.output == (sample.input[0][::-1],) for sample in task.tests)
    # The draw is the same on every machine.
    assert [sample.input[0] for sample in one.demos] == FIRST_DEMOS
    assert "draw 1 has 4 as demos and 4 as tests" in remarks(draws[2])
    with pytest.raises(UsageError, match=f"expected a draw from 0 to {2**32 - 1}, got 9999999999"):
        load_dataset(f"{path}#9999999999")
    with pytest.raises(UsageError, match="no dataset"):
        load_dataset(f"{path}#x")


FIRST_DEMOS = [(0, 9, 4, 2), (0, 9, 3, 1), (0, 4, 2, 0), (0, 0, 3, 0)]


def test_a_file_with_such_a_name_is_no_draw(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json#1", TASK)
    write(tmp_path / "a.json", samples(20))
    assert len(load_dataset(path)) == 1
    assert "list of samples" not in remarks(load_dataset(path))


def test_arc_gen(tmp_path: Path) -> None:
    path = write(tmp_path / "ARC-GEN-100K" / "00d62c1b.json", samples(250))
    assert len(load_dataset(tmp_path)["00d62c1b"].tests) == 4
    # A single file is named as a task.
    chosen = TaskChoice(ids=(f"{path}#3",)).load()
    assert chosen.ids == ("00d62c1b",)
    assert "draw 3" in remarks(chosen)
    # In a competition's form the generated samples stand beside the others.
    write(path, {**TASK, "arc-gen": samples(250)})
    assert len(load_dataset(path)["00d62c1b"].demos) == 2


def test_lines_in_nested_folders(tmp_path: Path) -> None:
    for group in ("easy", "hard"):
        lines = [json.dumps({"task_id": f"{group}{number}", **TASK}) for number in (1, 2)]
        path = tmp_path / "sets" / group / "v1" / "tasks.jsonl"
        path.parent.mkdir(parents=True)
        path.write_text("\n".join(lines))
    dataset = load_dataset(tmp_path)
    assert dataset.groups == {
        "easy1": "easy/v1",
        "easy2": "easy/v1",
        "hard1": "hard/v1",
        "hard2": "hard/v1",
    }


class TestScores:
    @pytest.fixture
    def concepts(self, place: Path) -> Path:
        """Return a set with two groups of two tasks; the programs are right on three of them."""
        for group, tasks in {"Mirror": ("0000aaaa", "0000bbbb"), "Turn": ("0000cccc",)}.items():
            (place / "set" / group).mkdir(parents=True)
            for task in tasks:
                shutil.copy(place / "tasks" / f"{task}.json", place / "set" / group)
        shutil.copy(place / "tasks" / "0000aaaa.json", place / "set" / "Turn" / "0000dddd.json")
        return place / "set"

    EVAL = ("eval", "--sources", "none", "--library", "programs.py", "--jobs", "1", "--dataset")

    def test_each_group_has_its_own(self, batt: Batt, concepts: Path) -> None:
        totals = batt(*self.EVAL, concepts, "--json").json["totals"]
        right = {name: group["tasks_right"] for name, group in totals["groups"].items()}
        assert right == {"Mirror": [2, 2, 2], "Turn": [1, 1, 1]}
        assert totals["groups"]["Turn"]["tasks"] == totals["groups"]["Turn"]["tests"] == 2
        assert totals["tasks_right"] == [3, 3, 3]
        out = batt(*self.EVAL, concepts).out
        rows = {row.split()[0]: " ".join(row.split()[1:]) for row in out.splitlines() if row}
        assert rows["group"] == "tasks right of all test inputs right of all"
        assert rows["Mirror"] == "2 of 2 100.0 % 2 of 2 100.0 %"
        assert rows["Turn"] == "1 of 2 50.0 % 1 of 2 50.0 %"

    def test_a_folder_for_each_task_is_no_group(self, batt: Batt, concepts: Path) -> None:
        (concepts / "Mirror" / "0000bbbb.json").unlink()
        (concepts / "Turn" / "0000dddd.json").unlink()
        assert "group" not in batt(*self.EVAL, concepts).out

    def test_without_folders_there_are_no_groups(self, batt: Batt, place: Path) -> None:
        assert batt(*self.EVAL, "tasks", "--json").json["totals"]["groups"] == {}
        assert "group" not in batt(*self.EVAL, "tasks").out
