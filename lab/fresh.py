"""Judge programs on fresh samples of training tasks, which `make fresh` writes.

Generators vary more than the demos of a task do, most of all colours. So the colours of a sample
are renamed until they are those of the demos, and a sample is kept if the library's solver for the
task is right on it then.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Self

from arcbatt.dsl.objects import mostcolor
from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Engine, Job
from arcbatt.engine.outcome import EXACT, Case
from arcbatt.errors import TaskError, UsageError
from arcbatt.library import load_library
from arcbatt.program.graph import Program
from arcbatt.tasks import Task
from arcbatt.tasks.model import grid_from_json

LEAST = 5
"""The number of samples that a label needs."""
HOLDS = 0.95
"""Share of the samples on which a program that holds is right."""
PREFIX = "solve_"
TRIES = 200
"""Renamings of the colours of a sample that are tried at most."""

Samples = Sequence[tuple[Grid, Grid]]


def load_fresh(path: Path) -> dict[str, list[tuple[Grid, Grid]]]:
    """Read the samples of tasks.

    Raises UsageError if the file can't be read or has another form.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {
            task: [_pair(sample, f"{path}: {task}") for sample in samples]
            for task, samples in found.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, TaskError) as error:
        problem = f"{path}: expected the samples of tasks, which `make fresh` writes: {error!r}"
        raise UsageError(problem=problem) from error


def _pair(sample: Mapping[str, Any], where: str) -> tuple[Grid, Grid]:
    given, wanted = (
        grid_from_json(sample[side], where=f"{where}: {side}") for side in ("input", "output")
    )
    return given, wanted


@dataclass(frozen=True)
class Convention:
    """The colours of a task, as its demos show them.

    Attributes:
        backgrounds: the most common colours of the inputs.
        sides: for inputs, for outputs, and for what outputs have and their inputs lack: the colours
            that all demos have, and those that any has.
    """

    backgrounds: frozenset[int]
    sides: tuple[tuple[frozenset[int], frozenset[int]], ...]

    @classmethod
    def of(cls, task: Task) -> Self:
        """Return the convention of a task."""
        backgrounds = frozenset(mostcolor(given) for given, _ in task.S)
        shown = zip(*[_sides(given, wanted) for given, wanted in task.S], strict=True)
        sides = tuple((frozenset.intersection(*one), frozenset.union(*one)) for one in shown)
        return cls(backgrounds, sides)

    def keeps(self, given: Grid, wanted: Grid) -> bool:
        """Return whether a sample has the colours of every demo, and none that no demo has."""
        return mostcolor(given) in self.backgrounds and all(
            common <= found <= known
            for found, (common, known) in zip(_sides(given, wanted), self.sides, strict=True)
        )

    def rename(self, given: Grid, wanted: Grid, random: Random) -> tuple[Grid, Grid] | None:
        """Rename the colours of a sample by chance until it keeps the convention.

        Returns None if it never does. The most common colour becomes that of an input of the
        demos.
        """
        ground = mostcolor(given)
        others = sorted(
            {cell for grid in (given, wanted) for row in grid for cell in row} - {ground}
        )
        known = frozenset.union(*(any_has for _, any_has in self.sides))
        names = {color: color for color in (ground, *others)}
        for _ in range(TRIES):
            sample = _renamed(given, names), _renamed(wanted, names)
            if self.keeps(*sample):
                return sample
            new = random.choice(sorted(self.backgrounds))
            left = sorted(known - {new})
            if len(left) < len(others):
                return None
            names = {
                ground: new,
                **dict(zip(others, random.sample(left, len(others)), strict=True)),
            }
        return None


def _sides(given: Grid, wanted: Grid) -> tuple[frozenset[int], ...]:
    before, after = (frozenset(cell for row in grid for cell in row) for grid in (given, wanted))
    return before, after, after - before


def _renamed(grid: Grid, names: Mapping[int, int]) -> Grid:
    return tuple([tuple([names[cell] for cell in row]) for row in grid])


@cache
def _solvers() -> dict[str, list[Program]]:
    """Return the library's solvers, by task."""
    solvers = defaultdict(list)
    for source in load_library():
        solvers[source.name.removeprefix(PREFIX)].append(source.program)
    return solvers


@dataclass(frozen=True)
class Examiner:
    """Tells whether programs hold on fresh samples.

    Attributes:
        samples: for each task, its samples.
        engine: the engine that runs the programs.
    """

    samples: Mapping[str, Samples]
    engine: Engine

    def kept(self, task: Task) -> list[tuple[Grid, Grid]]:
        """Return the samples of a task that keep its conventions."""
        colors = Convention.of(task)
        random = Random(task.id)
        renamed = [colors.rename(*sample, random) for sample in self.samples.get(task.id, ())]
        samples = [sample for sample in renamed if sample]
        rights = self._right(task, _solvers().get(task.id, []), samples)
        return [sample for place, sample in enumerate(samples) if any(one[place] for one in rights)]

    def holds(self, task: Task, programs: Sequence[Program]) -> list[bool | None]:
        """Return for each program whether it holds on the samples of its task.

        None for all of them where too few samples keep the conventions of the task.
        """
        kept = self.kept(task)
        if len(kept) < LEAST:
            return [None] * len(programs)
        return [sum(right) >= HOLDS * len(kept) for right in self._right(task, programs, kept)]

    def _right(self, task: Task, programs: Sequence[Program], samples: Samples) -> list[list[bool]]:
        """Return whether each program, which reads the task's demos, is right on each sample."""
        cases = [Case(S=task.S, I=given, wanted=wanted) for given, wanted in samples]
        if not cases:
            return [[] for _ in programs]
        jobs = [Job(program, cases) for program in programs]
        return [
            [outcome.score == EXACT for (outcome,) in evaluation.outcomes]
            for evaluation in self.engine.evaluate(jobs, Budget(sample_seconds=None))
        ]
