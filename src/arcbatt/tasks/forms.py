"""Forms of tasks: what is read from decoded JSON, whatever form it has.

A document holds one task, a list of samples, tasks in a list or by their ids, or such tasks by
split. A task that can't be read never affects the others. Messages count demos, tests, rows and
columns from 1.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from arcbatt.errors import TaskError
from arcbatt.tasks.decode import Members
from arcbatt.tasks.model import (
    DEMOS_MAX,
    TASK_ID,
    Remark,
    Sample,
    SkippedTask,
    Task,
    grid_from_json,
    is_grid,
    places_read,
    show,
)

if TYPE_CHECKING:
    from arcbatt.dsl.types import Grid

ID_KEYS = ("id", "task_id", "name", "task_name")
"""The keys that hold the id of a task in a list, the first one that is there."""
LISTED_DEMOS = 4
"""Demos of a task that is a list of samples, as re-arc writes them; tests are the next samples."""
LISTED_TESTS = 4
"""Tests of a task that is a list of samples, at most."""
SEED_MAX = 2**32 - 1
"""Largest number of a draw of samples."""
ID_LENGTH_MAX = 64
"""Largest length of an id that is made from a name."""
TESTS_MAX = 100
"""Largest number of fallback answers of a task that can't be read."""


Samples = tuple[tuple[Sample, ...], tuple[Sample, ...], tuple[Sample, ...]]
"""The samples of a task: demos, tests, further demos."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A task before it has an id, or the reason why it can't be read.

    Attributes:
        name: its name in the file, or the name of its file.
        group: the folders that its file is in, below the dataset.
        samples: the demos, the tests and the further demos; None if it can't be read.
        reason: the first fault.
        test_count: the number of tests of a task that can't be read.
        remarks: remarks on it; their tasks are not filled in.
    """

    name: str
    group: tuple[str, ...]
    samples: Samples | None
    reason: TaskError | None = None
    test_count: int = 1
    remarks: tuple[Remark, ...] = ()

    @property
    def digest(self) -> str:
        """The digest (6 hexadecimal digits) of the name and the group."""
        return _digest_of("/".join((*self.group, self.name)))


@dataclass
class Collection:
    """The tasks of some documents.

    Attributes:
        seed: the number of the draw of samples from lists, 0 or more; None for the first ones.
        remarks: remarks on whole documents.
    """

    seed: int | None = None
    remarks: list[Remark] = field(default_factory=list)
    _found: list[_Found] = field(default_factory=list)

    def add(
        self,
        document: Any,
        *,
        stem: str,
        where: str,
        group: tuple[str, ...] = (),
        answers: Mapping[str, Any] | None = None,
    ) -> bool:
        """Add the tasks of a document, and return whether it holds any, readable or not.

        Args:
            document: the decoded JSON, one split of it.
            stem: the name of a task that has no other name.
            where: the place of the document, for messages.
            group: the folders that the file is in, below the dataset.
            answers: the outputs of the tests by the ids of tasks, from another file.
        """
        if is_task(document) or not isinstance(document, list | dict) or not document:
            self._add_task(stem, document, where=where, group=group, answers=answers)
            return True
        if isinstance(document, list):
            if not any(map(is_task, document)) and not _some_error(document):
                return False
            for number, value in enumerate(document, 1):
                name, place = _name_of(value, f"{stem}_{number}"), f"{where}: task {number}"
                self._add_task(name, value, where=place, group=group, answers=answers)
            return True
        if not any(map(is_task, document.values())):
            return False
        for name, value in getattr(document, "pairs", document.items()):
            place = f"{where}: {name}"
            self._add_task(name, value, where=place, group=group, answers=answers)
        return True

    def add_unreadable(self, name: str, reason: TaskError, *, group: tuple[str, ...] = ()) -> None:
        """Add a task of which only the name is known."""
        self._found.append(_Found(name, group, None, reason))

    def _add_task(
        self,
        name: str,
        value: Any,
        *,
        where: str,
        group: tuple[str, ...],
        answers: Mapping[str, Any] | None,
    ) -> None:
        reader = _Reader(where, self.seed)
        outputs = (answers or {}).get(name)
        try:
            samples = reader.read(value)
            if outputs is not None:
                samples = samples[0], reader.answer(samples[1], outputs), samples[2]
        except TaskError as error:
            count = min(max(_count_tests(value, outputs), 1), TESTS_MAX)
            found = _Found(name, group, None, error, count)
        else:
            found = _Found(name, group, samples, remarks=tuple(reader.remarks))
        self._found.append(found)

    def finish(self) -> Finished:
        """Give each task its id, and return the tasks."""
        once = _drop_doubles(self._found)
        names = Counter(each.name for each in once)
        finished = Finished(remarks=list(self.remarks))
        levels = zip(*(each.group for each in once), strict=False)
        shared = sum(1 for _ in takewhile(lambda level: len(set(level)) == 1, levels))
        # Names that are ids already keep themselves, whatever ids the other names get.
        once.sort(
            key=lambda each: (
                names[each.name] > 1,
                not TASK_ID.fullmatch(each.name),
                each.samples is None,
            )
        )
        for each in once:
            folders = each.group[shared:] if names[each.name] > 1 else ()
            group = "/".join(each.group[shared:])
            finished.add(each, name="_".join((*folders, each.name)), group=group)
        return finished


@dataclass
class Finished:
    """The tasks of some documents, with their ids.

    Attributes:
        tasks: the tasks by id.
        skipped: the tasks that can't be read, by id.
        remarks: remarks on documents and tasks.
        aliases: other names of tasks, with their ids.
        groups: the folder of each task that can be read, by id, without the folders that all
            tasks share.
    """

    tasks: dict[str, Task] = field(default_factory=dict)
    skipped: dict[str, SkippedTask] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)

    def add(self, found: _Found, *, name: str, group: str) -> None:
        """Add a task of a group under an id that is made from a name."""
        task_id = name if TASK_ID.fullmatch(name) else fit_id(name) or f"task-{found.digest}"
        if task_id in self.tasks or task_id in self.skipped:
            if task_id == found.name:
                text = f"{task_id} stands there twice, with different samples: the first one counts"
                error = TaskError(where=task_id, expected="each id once", got="it twice")
                self.remarks.append(Remark(text, task_id, error))
                return
            task_id = f"{task_id[: ID_LENGTH_MAX - 7]}-{found.digest}"
        if task_id != found.name:
            text = "names that can't be ids, or are there in several folders, were changed to"
            self.remarks.append(Remark(text, task_id))
            self.aliases.setdefault(found.name, task_id)
        for depth in range(len(found.group)):
            self.aliases.setdefault("/".join((*found.group[depth:], found.name)), task_id)
        if found.samples is None:
            assert found.reason is not None
            self.skipped[task_id] = SkippedTask(task_id, found.reason, found.test_count)
        else:
            self.tasks[task_id] = Task(task_id, *found.samples)
            self.groups[task_id] = group
            self.remarks += (Remark(each.text, task_id, each.error) for each in found.remarks)


def fit_id(name: str) -> str:
    """Return a name as an id, with odd characters replaced; empty if nothing is left.

    >>> fit_id("Swap colors!_x1"), fit_id("a" * 70)[-8:]
    ('Swap_colors_x1', 'a-28cce4')
    """
    made = re.sub(r"^[^A-Za-z0-9]+", "", re.sub(r"([^A-Za-z0-9_.-]|_)+", "_", name))
    if len(made) <= ID_LENGTH_MAX:
        return made
    return f"{made[: ID_LENGTH_MAX - 7]}-{_digest_of(name)}"


def _digest_of(name: str) -> str:
    """Return a digest (6 hexadecimal digits) of a name, the same under every locale."""
    try:
        data = os.fsencode(name)  # of a file's name, the bytes on the disk
    except UnicodeEncodeError:
        data = name.encode(errors="surrogatepass")
    return hashlib.blake2b(data, digest_size=3).hexdigest()


def _drop_doubles(found: Sequence[_Found]) -> list[_Found]:
    """Return the tasks without those that stand there again with the same samples."""
    once: dict[tuple[Any, ...], _Found] = {}
    for place, each in enumerate(found):
        key = (each.name, each.samples if each.samples is not None else place)
        once.setdefault(key, each)
    return list(once.values())


def _some_error(values: Sequence[Any]) -> bool:
    return any(isinstance(value, TaskError) for value in values)


def _name_of(value: Any, otherwise: str) -> str:
    """Return the name of a task in a list."""
    if isinstance(value, dict):
        for key in ID_KEYS:
            name = value.get(key)
            if isinstance(name, str | int) and not isinstance(name, bool) and str(name).strip():
                return str(name).strip()
    return otherwise


def is_task(value: Any) -> bool:
    """Return whether a value has the form of a task, right or not: two lists, or one of samples."""
    if isinstance(value, dict):
        return any(isinstance(value.get(key), list) for key in ("train", "test"))
    return (
        isinstance(value, list)
        and bool(value)
        and isinstance(value[0], dict)
        and "input" in value[0]
    )


def read_task(value: Any, *, task_id: str, where: str) -> Task:
    """Read a task from decoded JSON; raises TaskError if it can't be read."""
    return Task(task_id, *_Reader(where).read(value))


def _count_tests(value: Any, outputs: Any) -> int:
    """Return the number of tests of a task that can't be read, as far as it can be told."""
    tests = value.get("test") if isinstance(value, dict) else outputs
    return len(tests) if isinstance(tests, list) else 1


@dataclass
class _Reader:
    """Reads one task, and notes what was passed over.

    Attributes:
        where: the place of the task, for messages.
        seed: the number of the draw of samples from a list; None for the first ones.
        remarks: the remarks on the task.
    """

    where: str
    seed: int | None = None
    remarks: list[Remark] = field(default_factory=list)

    def read(self, value: Any) -> Samples:
        """Return the samples of a task; raises TaskError if it can't be read."""
        if isinstance(value, TaskError):
            raise value
        if is_task(value) and isinstance(value, list):
            return self._read_list(value)
        members = self._object(value, self.where)
        given = self._samples(members, "train")
        answered = [pair for pair in enumerate(given, 1) if not _is_unknown(pair[1])]
        if not answered:
            expected = "1 demo or more with an output"
            raise TaskError(where=self.where, expected=expected, got="none")
        if len(answered) < len(given):
            self._remark("demos without an output are left out")
        if len(answered) > DEMOS_MAX:
            self._remark(f"of more than {DEMOS_MAX} demos, programs read {DEMOS_MAX}")
        demos = [self._sample(sample, f"demo {number}") for number, sample in answered]
        read = places_read(len(demos))
        further = sorted({*range(len(demos))}.difference(read))
        tests = [
            self._sample(sample, f"test {number}", doubtful=True)
            for number, sample in enumerate(self._samples(members, "test"), 1)
        ]
        return tuple(demos[at] for at in read), tuple(tests), tuple(demos[at] for at in further)

    def _read_list(self, values: list[Any]) -> Samples:
        """Read a list of samples: those without an output are the tests, or some after the demos.

        Of many samples only some are read, so that the task stays one that can be solved.
        """
        numbered = list(enumerate(values, 1))
        demos = [each for each in numbered if not _is_unknown(each[1])]
        tests = [each for each in numbered if _is_unknown(each[1])]
        if tests:
            remark = "of a list of samples, those without an output are the tests"
        elif self.seed is None:
            remark = f"of a list of samples, the first {LISTED_DEMOS} are demos and the next"
            remark += f" {LISTED_TESTS} are tests"
        else:
            remark = f"of a list of samples, draw {self.seed} has {LISTED_DEMOS} as demos and"
            remark += f" {LISTED_TESTS} as tests"
            demos = _shuffled(demos, self.seed)
        if not tests:
            first = min(LISTED_DEMOS, len(values) - 1)
            demos, tests = demos[:first], demos[first:][:LISTED_TESTS]
        if not demos or not tests:
            expected = "2 samples or more, at least one with an output"
            raise TaskError(where=self.where, expected=expected, got=str(len(values)))
        self._remark(remark)
        return (
            tuple(self._sample(demo, f"sample {number}") for number, demo in demos),
            tuple(self._sample(test, f"sample {number}") for number, test in tests),
            (),
        )

    def answer(self, tests: tuple[Sample, ...], outputs: Any) -> tuple[Sample, ...]:
        """Return the tests with outputs from another file; without them if they don't fit."""
        try:
            if not isinstance(outputs, list):
                raise TaskError(where=self.where, expected="a list, [...]", got=show(outputs))
            if _is_bare(outputs):
                outputs = [outputs]
            if len(outputs) != len(tests):
                expected = f"{len(tests)} outputs, one for each test"
                raise TaskError(where=self.where, expected=expected, got=str(len(outputs)))
            return tuple(
                Sample(test.input, self._grid(output, f"test {number}: output"))
                for number, (test, output) in enumerate(zip(tests, outputs, strict=True), 1)
            )
        except TaskError as error:
            self._doubt(error)
            return tests

    def _samples(self, members: dict[str, Any], key: str) -> list[Any]:
        samples = self._member(members, key, self.where)
        name = "demo" if key == "train" else "test"
        if not isinstance(samples, list):
            raise TaskError(
                where=f"{self.where}: {key}", expected="a list, [...]", got=show(samples)
            )
        if not samples:
            raise TaskError(where=self.where, expected=f"1 {name} or more", got="none")
        return samples

    def _sample(self, value: Any, name: str, *, doubtful: bool = False) -> Sample:
        """Read a sample.

        Args:
            value: the decoded sample.
            name: its name.
            doubtful: whether an output that is no grid counts as unknown, since only grading
                needs it.
        """
        members = self._object(value, f"{self.where}: {name}")
        given = self._member(members, "input", f"{self.where}: {name}")
        grid = self._grid(given, f"{name}: input")
        if _is_unknown(members):
            return Sample(grid)
        try:
            return Sample(grid, self._grid(members["output"], f"{name}: output"))
        except TaskError as error:
            if not doubtful:
                raise
            self._doubt(error)
            return Sample(grid)

    def _grid(self, value: Any, name: str) -> Grid:
        if is_grid(value):
            return tuple(map(tuple, value))
        if isinstance(value, list):
            value = [self._row(row) for row in value]
        return grid_from_json(value, where=f"{self.where}: {name}")

    def _row(self, row: Any) -> Any:
        """Return a row with integers for cells that mean one."""
        if isinstance(row, str) and row.isascii() and row.isdigit():
            row = list(row)
        if not isinstance(row, list):
            return row
        return [self._cell(cell) for cell in row]

    def _cell(self, cell: Any) -> Any:
        if isinstance(cell, bool):
            self._remark("true is read as colour 1, and false as colour 0")
            return int(cell)
        if isinstance(cell, float) and cell.is_integer():
            self._remark("whole numbers with a point, such as 6.0, are read as colours")
            return int(cell)
        if isinstance(cell, str) and cell.isascii() and cell.strip().isdigit() and len(cell) < 9:
            self._remark('digits in quotes, such as "6", are read as colours')
            return int(cell)
        return cell

    def _member(self, members: dict[str, Any], key: str, where: str) -> Any:
        if key not in members:
            got = ", ".join(map(show, list(members)[:6])) or "none"
            raise TaskError(where=where, expected=f"the key {key!r}", got=got)
        return members[key]

    def _object(self, value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise TaskError(where=where, expected="an object, {...}", got=show(value))
        if isinstance(value, Members):
            [(key, _)] = Counter(key for key, _ in value.pairs).most_common(1)
            raise TaskError(where=where, expected="each key once", got=f"{show(key)} twice")
        return value

    def _remark(self, text: str) -> None:
        if (remark := Remark(text)) not in self.remarks:
            self.remarks.append(remark)

    def _doubt(self, error: TaskError) -> None:
        text = f"{error}; the outputs of the test count as unknown"
        self.remarks.append(Remark(text, error=error))


def _shuffled(samples: list[tuple[int, Any]], seed: int) -> list[tuple[int, Any]]:
    """Return numbered samples in an order that depends on a seed alone, with every Python."""
    return sorted(samples, key=lambda each: hashlib.blake2b(b"%d %d" % (seed, each[0])).digest())


def _is_unknown(sample: Any) -> bool:
    """Return whether the output of a sample is missing, or empty as a sign that it is unknown."""
    return isinstance(sample, dict) and sample.get("output") in (None, [], [[]], "")


def _is_bare(outputs: list[Any]) -> bool:
    """Return whether the outputs of a task's tests are a single grid, without a list around it."""
    rows: Iterator[Any] = (row for row in outputs if isinstance(row, list) and row)
    return any(not isinstance(row[0], list) for row in rows)
