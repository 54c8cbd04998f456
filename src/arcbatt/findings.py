"""Findings: what an archive or a file of results has for each task, for pages and reports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from arcbatt.archive import Archive, Entry, RunRecord
from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import Grid
from arcbatt.engine.outcome import EXACT
from arcbatt.errors import ArcbattError, ArchiveError, ResultsError, TaskNotFoundError
from arcbatt.evaluation.grade import TaskRecord
from arcbatt.evaluation.results import is_results_file, read_results
from arcbatt.pipeline.journal import COMMAND
from arcbatt.ranking.attempts import ATTEMPTS
from arcbatt.tasks import DATASETS, SPLITS, Dataset, Task, grid_from_json, load_dataset

NEAR_MIN = 0.9
"""Least mean score of a program on the demos, 0..1, with which a task counts as near."""
_CALLED = re.compile(r"\b[a-z][a-z0-9_]*\b")
_MEASURING = ("evaluation", "test")
"""Words in the names of splits whose answers are hidden until they are asked for."""


class TaskState(StrEnum):
    """How far a task is, from the best state to the worst."""

    RIGHT = "right"
    """For every test input an attempt is the known output."""
    FITS = "fits the demos"
    """A program is right on all demos."""
    NEAR = "near"
    """A program has nearly all cells of the demos right."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Guess:
    """An attempt at a test input.

    Attributes:
        grid: the attempt; None where only its program is known.
        md5: md5 of its program; empty where the test input itself stands in.
        source: source of that program; empty where it is not known.
        confidence: probability that it is right, 0..1; None if it is not known.
    """

    grid: Grid | None
    md5: str
    source: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found for one task.

    Attributes:
        task: id of the task.
        guesses: attempts for each test input, the best first; empty if there are none.
        rights: number of the first right attempt for each test input, from 1 on, or None; empty
            where that is not known.
        confidence: probability that one of the attempts is right, 0..1; None if it is not known.
        programs: number of programs that are kept.
        fitting: number of programs that are right on all demos.
        nearness: mean score of the best program on the demos, 0..1.
        md5: md5 of the best program; empty if there is none.
        text: text of the best program; empty if it is not known.
        size: size of the best program, in nodes.
        source: source of the best program.
        cpu_s: CPU time for the task, in seconds; None if it is not known.
        problem: reason why the task was lost; empty if it was not.
    """

    task: str
    guesses: tuple[tuple[Guess, ...], ...] = ()
    rights: tuple[int | None, ...] = ()
    confidence: float | None = None
    programs: int = 0
    fitting: int = 0
    nearness: float = 0.0
    md5: str = ""
    text: str = ""
    size: int = 0
    source: str = ""
    cpu_s: float | None = None
    problem: str = ""

    @property
    def is_right(self) -> bool:
        """Whether every test input has a right attempt among those that count."""
        return bool(self.rights) and all(
            right is not None and right <= ATTEMPTS for right in self.rights
        )

    @property
    def state(self) -> TaskState:
        """How far the task is."""
        if self.is_right:
            return TaskState.RIGHT
        if self.fitting:
            return TaskState.FITS
        return TaskState.NEAR if self.nearness >= NEAR_MIN else TaskState.NOTHING

    @property
    def primitives(self) -> frozenset[str]:
        """The primitives that the best program uses."""
        return frozenset(_CALLED.findall(self.text)) & REGISTRY.keys()


@dataclass(frozen=True)
class Findings:
    """What an archive or a file of results has, task by task.

    Attributes:
        path: path of the archive or of the file.
        is_archive: whether it is an archive.
        by_task: what was found, by the id of the task; tasks without anything are left out.
        runs: recorded runs of the archive, the oldest first.
        curve: for each effort that was measured, in evaluations, the mean CPU time of a task in
            seconds and the number of tasks that are right; empty if only one was.
        unreadable: errors of what could not be read.
    """

    path: Path
    is_archive: bool
    by_task: Mapping[str, Finding] = field(default_factory=dict)
    runs: tuple[RunRecord, ...] = ()
    curve: tuple[tuple[int, float, int], ...] = ()
    unreadable: tuple[ArcbattError, ...] = ()

    def of(self, task: str) -> Finding:
        """Return what was found for a task."""
        return self.by_task.get(task) or Finding(task)


class Shelf:
    """Tasks of several splits of a dataset, by id.

    Args:
        sets: the splits; an id in several of them belongs to the first.
    """

    def __init__(self, sets: Sequence[Dataset]) -> None:
        self.sets = tuple(sets)
        self._homes: dict[str, Dataset] = {}
        for each in self.sets:
            for task in each.ids:
                self._homes.setdefault(task, each)

    @classmethod
    def open(cls, dataset: str, split: str | None) -> Shelf:
        """Load the tasks of a dataset.

        Args:
            dataset: name or path of a dataset, see `load_dataset`.
            split: split of the dataset; None for the training and the evaluation split of a
                dataset with a name, or for the default of another one.

        Raises ArcbattError if there is no such dataset or split, or none of its tasks can be read.
        """
        if split is not None or dataset not in DATASETS:
            return cls([load_dataset(dataset, split=split)])
        return cls([load_dataset(dataset, split=each) for each in SPLITS[:2]])

    def __len__(self) -> int:
        return len(self._homes)

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __contains__(self, task: object) -> bool:
        return task in self._homes

    def __getitem__(self, task: str) -> Task:
        """Return a task; raises TaskNotFoundError or TaskError if that is not possible."""
        if task not in self._homes:
            raise TaskNotFoundError(task=task, dataset=self.name, hint="")
        return self._homes[task][task]

    @property
    def name(self) -> str:
        """The names of the sets."""
        return " and ".join(map(str, self.sets))

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return tuple(dict.fromkeys(_split_name(each) for each in self.sets))

    def split_of(self, task: str) -> str:
        """Return the name of the split of a task."""
        return _split_name(self._homes[task])

    def hides(self, task: str) -> bool:
        """Return whether the answers of a task are for measuring, so that they are hidden."""
        home = self._homes[task]
        name = f"{home.split or ''} {Path(home.name).name}".lower()
        return any(word in name for word in _MEASURING)


def _split_name(dataset: Dataset) -> str:
    return dataset.split or Path(dataset.name).name


def is_archive(path: Path) -> bool:
    """Return whether a path names an archive, and no file of results."""
    return not (path.is_file() and is_results_file(path))


def read_findings(path: Path, shelf: Shelf) -> Findings:
    """Read what an archive or a file of results has for the tasks of a shelf.

    Raises ArchiveError or ResultsError if it can't be read.
    """
    return _read_archive(path, shelf) if is_archive(path) else _read_results(path, shelf)


def shelf_of(path: Path) -> tuple[str, str | None] | None:
    """Return dataset and split of the tasks of an archive's last run, or of results.

    None if they are not known. Raises ArchiveError or ResultsError if the file can't be read.
    """
    if not is_archive(path):
        settings, _ = read_results(path)
        name, _, split = str(settings.get("dataset", "")).partition(" ")
        return _known_set(name, split or None)
    with Archive.open(path, create=False) as archive:
        for run in reversed(archive.runs()):
            used: Any = run.details.get("settings")
            if isinstance(used, dict):
                return _known_set(used.get("dataset"), used.get("split"))
    return None


def _known_set(name: Any, split: Any) -> tuple[str, str | None] | None:
    """Return the set if it can be loaded: that of a file may be gone, or of another machine."""
    if name in DATASETS:
        return (name, split if split in SPLITS else None)
    return None


def _read_results(path: Path, shelf: Shelf) -> Findings:
    _, records = read_results(path)
    efforts = sorted({record.effort for record in records})
    largest: dict[str, TaskRecord] = {}
    for record in records:
        known = largest.get(record.task)
        if record.task in shelf and (known is None or known.effort <= record.effort):
            largest[record.task] = record
    curve = []
    for effort in efforts if len(efforts) > 1 else ():
        its = [each for each in records if each.effort == effort]
        mean = sum(each.cpu_s for each in its) / len(its)
        curve.append((effort, mean, sum(each.is_right(ATTEMPTS) for each in its)))
    by_task = {task: _of_record(record) for task, record in sorted(largest.items())}
    return Findings(path, is_archive=False, by_task=by_task, curve=tuple(curve))


def _of_record(record: TaskRecord) -> Finding:
    right = record.right
    return Finding(
        task=record.task,
        guesses=tuple(
            tuple(Guess(None, md5, source=record.source) for md5 in attempts)
            for attempts in record.programs
        ),
        rights=tuple(test.right_attempt for test in record.tests) if record.known else (),
        confidence=record.confidence,
        programs=record.fitting,
        fitting=record.fitting,
        nearness=1.0 if record.fitting else 0.0,
        md5=right.md5 if right else "",
        text=right.text if right else "",
        size=right.size if right else 0,
        source=record.source,
        cpu_s=record.cpu_s,
        problem=record.problem,
    )


def _read_archive(path: Path, shelf: Shelf) -> Findings:
    broken: list[ArchiveError] = []
    with Archive.open(path, create=False) as archive:
        entries: dict[str, list[Entry]] = {}
        for entry in archive.entries(broken=broken):
            if entry.task.id in shelf and entry.task.content in ("", _content(shelf, entry)):
                entries.setdefault(entry.task.id, []).append(entry)
        runs = archive.runs()
        results: dict[str, Any] = {}
        for run in runs:
            if run.command == COMMAND:
                results |= {
                    task: document
                    for task, document in archive.results(run.number).items()
                    if task in shelf
                }
        by_task = {}
        for task in sorted({*entries, *results}):
            kept = sorted(entries.get(task, ()), key=lambda entry: entry.rank)
            text = ""
            if kept:
                # Another process may have removed it.
                with suppress(ArcbattError):
                    text = archive.text(kept[0].md5)
            with suppress(ArcbattError):
                by_task[task] = _of_entries(shelf[task], kept, text, results.get(task))
    return Findings(
        path,
        is_archive=True,
        by_task=by_task,
        runs=tuple(runs),
        unreadable=tuple(broken),
    )


def _content(shelf: Shelf, entry: Entry) -> str | None:
    with suppress(ArcbattError):
        return shelf[entry.task.id].content
    return None


def _of_entries(task: Task, kept: Sequence[Entry], text: str, document: Any) -> Finding:
    """Return what an archive has for a task.

    Args:
        task: the task.
        kept: its entries, the best first.
        text: text of the best program.
        document: result of the last run that tried it, as JSON of any form; None for none.
    """
    guesses, confidence, cpu_s, problem = _read_document(task, document)
    best = kept[0] if kept else None
    rights: tuple[int | None, ...] = ()
    if guesses and task.has_answers:
        rights = tuple(
            _first_right(its, test.output)
            for its, test in zip(guesses, task.tests, strict=True)
            if test.output is not None
        )
    return Finding(
        task=task.id,
        guesses=guesses,
        rights=rights,
        confidence=confidence,
        programs=len(kept),
        fitting=sum(entry.score.is_exact for entry in kept),
        nearness=_mean(best.score.demos) if best else 0.0,
        md5=best.md5 if best else "",
        text=text,
        size=best.size if best else 0,
        source=best.source if best else "",
        cpu_s=cpu_s,
        problem=problem,
    )


def _mean(scores: Sequence[int]) -> float:
    return sum(scores) / (EXACT * len(scores)) if scores else 0.0


def _first_right(guesses: Iterable[Guess], wanted: Grid) -> int | None:
    numbers = (number for number, each in enumerate(guesses, 1) if each.grid == wanted)
    return next(numbers, None)


_NOTHING: tuple[tuple[tuple[Guess, ...], ...], float | None, float | None, str] = (
    (),
    None,
    None,
    "",
)


def _read_document(
    task: Task, document: Any
) -> tuple[tuple[tuple[Guess, ...], ...], float | None, float | None, str]:
    """Return attempts, confidence, CPU-seconds and problem of a result in an archive.

    What does not have the form that a run writes counts as nothing: the file may come from anyone.
    """
    with suppress(ArcbattError, KeyError, TypeError, ValueError, AttributeError, OverflowError):
        guesses = tuple(
            tuple(
                Guess(
                    grid_from_json(each["grid"], where="attempt"),
                    _text(each["md5"]),
                    _text(each["source"]),
                    _share(each["confidence"]),
                )
                for each in attempts
            )
            for attempts in document["attempts"]
        )
        confidence = _share(document["confidence"])
        cpu_s = float(document["progress"]["seconds"])
        if len(guesses) in (0, len(task.tests)):
            return guesses, confidence, cpu_s, _text(document["problem"])
    return _NOTHING


def _share(value: Any) -> float:
    """Return a number of JSON, or the nearest one from 0 to 1."""
    return min(1.0, max(0.0, float(value)))


def _text(value: Any) -> str:
    """Return a value of JSON as text; raises ValueError if that can't be encoded."""
    text = str(value)
    text.encode()
    return text


def count_states(findings: Findings, tasks: Iterable[str]) -> dict[TaskState, int]:
    """Return the number of tasks in each state, from the best state to the worst."""
    counts = dict.fromkeys(TaskState, 0)
    for task in tasks:
        counts[findings.of(task).state] += 1
    return counts


def solved_by_time(findings: Findings) -> list[tuple[float, int]]:
    """Return how many tasks fit or are right after some CPU time, the tasks in ascending order.

    The pairs are the summed CPU time, in seconds, and the number of tasks.
    """
    known = [each for each in findings.by_task.values() if each.cpu_s is not None]
    known.sort(key=lambda each: each.cpu_s or 0.0)
    points, seconds, solved = [(0.0, 0)], 0.0, 0
    for each in known:
        seconds += each.cpu_s or 0.0
        if each.is_right or (not each.rights and each.fitting):
            solved += 1
            points.append((seconds, solved))
    if known:
        points.append((seconds, solved))
    return points


@dataclass(frozen=True, slots=True)
class Difference:
    """A task whose state differs between two findings."""

    task: str
    one: Finding
    other: Finding

    @property
    def is_won(self) -> bool:
        """Whether the other is better."""
        states = list(TaskState)
        return states.index(self.other.state) < states.index(self.one.state)


def compare(one: Findings, other: Findings, tasks: Iterable[str]) -> list[Difference]:
    """List the tasks that are in another state in the other findings, those that are won first."""
    found = [Difference(task, one.of(task), other.of(task)) for task in tasks]
    differing = [each for each in found if each.one.state is not each.other.state]
    return sorted(differing, key=lambda each: (not each.is_won, each.task))


def require_findings(findings: Findings) -> None:
    """Raise ResultsError if nothing was found for any task of the shelf."""
    if not findings.by_task:
        problem = "has nothing for the tasks of this dataset: name another one with --dataset"
        raise ResultsError(path=findings.path, problem=problem)
