"""Many demos: search on a sample of them, which grows while programs fail on the others."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Case, open_engine
from arcbatt.engine.cases import FEW, find_misses
from arcbatt.tasks import Sample, Task

if TYPE_CHECKING:
    from arcbatt.search.run import SearchLimits, SearchResult

DEMOS_MAX = 10
"""Number of demos up to which all of them are searched at once, as tasks of ARC have."""
SAMPLE = 5
"""Number of demos of the first sample."""
ROUNDS = 4
"""Largest number of samples."""
ADDED = 3
"""Largest number of demos by which a sample grows."""
BUDGET = Budget(sample_seconds=None)
"""Fuel is the only limit, so that results are the same on every machine."""


class Growing:
    """The search for one task in rounds, a single one if the task has few demos.

    Attributes:
        task: the task.
        parts: the results of all searches; only programs that are right on all demos, the further
            ones too, are solutions. A few that are right on nearly all are near.
        is_done: whether no round is left.

    Args:
        task: the task.
        limits: the limits of all rounds together.
    """

    def __init__(self, task: Task, limits: SearchLimits) -> None:
        self.task = task
        self.parts: list[SearchResult] = []
        self.is_done = False
        self._limits = limits
        self._checked = 0.0  # seconds in which programs were tried on all demos
        self._demos = (*task.demos, *task.further)
        is_small = len(self._demos) <= DEMOS_MAX
        self._rounds = 1 if is_small else ROUNDS
        self._sample = list(range(len(task.demos))) if is_small else choose_sample(self._demos)

    def next_round(self) -> tuple[Task, SearchLimits]:
        """Return the task with the demos of the next round, and the limits of that round."""
        limits, used = self._limits, sum(part.evaluations for part in self.parts)
        seconds = limits.seconds
        if seconds is not None:
            searched = sum(part.seconds for part in self.parts)
            seconds = max(0.0, seconds - searched - self._checked) / self._rounds
        part = replace(
            limits, evaluations=(limits.evaluations - used) // self._rounds, seconds=seconds
        )
        if len(self._sample) == len(self._demos):
            return self.task, part
        demos = tuple(self._demos[place] for place in sorted(self._sample))
        return replace(self.task, demos=demos, further=()), part

    def end_round(self, parts: Sequence[SearchResult], *, threads: int) -> None:
        """Take the results of a round, and choose the demos of the next one.

        Args:
            parts: the results of the searches of the round.
            threads: the number of demos on which programs are tried at once, 1 or more.
        """
        self._rounds -= 1
        if len(self._sample) == len(self._demos):
            self.parts += parts
            self.is_done = True
            return
        solutions = [one for part in parts for one in part.solutions]
        solutions.sort(key=lambda one: one.cost)
        cases = [Case(S=self.task.S, I=demo.input, wanted=demo.output) for demo in self._demos]
        programs = [one.program for one in solutions]
        engine, most = open_engine("native"), len(self._demos) // FEW
        began = time.monotonic()
        misses = find_misses(programs, cases, engine, BUDGET, most=most, threads=threads)
        self._checked += time.monotonic() - began
        failed = {id(one): each for one, each in zip(solutions, misses, strict=True) if each.places}
        self.parts += [
            replace(
                part,
                solutions=tuple(one for one in part.solutions if id(one) not in failed),
                near=tuple(
                    one for one in part.solutions if id(one) in failed and failed[id(one)].is_whole
                ),
            )
            for part in parts
        ]
        spent = sum(part.seconds for part in self.parts) + self._checked
        is_late = self._limits.seconds is not None and spent >= self._limits.seconds
        self.is_done = len(failed) < len(solutions) or not self._rounds or is_late
        if not solutions:
            # A larger sample has no more solutions: what is left goes into one deeper search, of
            # another sample, since a demo of this one may be wrong.
            self._rounds = min(self._rounds, 1)
            rest = [place for place in range(len(self._demos)) if place not in self._sample]
            if len(rest) > SAMPLE:
                chosen = choose_sample([self._demos[place] for place in rest])
                self._sample = [rest[place] for place in chosen]
        added = [failed[id(one)].places[0] for one in solutions if id(one) in failed]
        self._sample += [place for place in dict.fromkeys(added) if place not in self._sample][
            :ADDED
        ]


def choose_sample(demos: Sequence[Sample]) -> list[int]:
    """Choose small demos that differ: first those with further colours, then some of each size.

    Args:
        demos: more demos than a sample has.
    """
    by_size = sorted(range(len(demos)), key=lambda place: (_size(demos[place]), place))
    chosen: list[int] = []
    seen: set[int] = set()
    for place in by_size:
        colors = {cell for grid in _grids(demos[place]) for row in grid for cell in row}
        if not colors <= seen and len(chosen) < SAMPLE:
            chosen.append(place)
            seen |= colors
    # Of the smaller half, as large grids take long.
    rest = [place for place in by_size if place not in chosen][: len(demos) // 2]
    missing = SAMPLE - len(chosen)
    return chosen + [rest[(2 * turn + 1) * len(rest) // (2 * missing)] for turn in range(missing)]


def _grids(demo: Sample) -> tuple[Grid, ...]:
    return (demo.input, demo.output) if demo.output is not None else (demo.input,)


def _size(demo: Sample) -> int:
    return sum(len(row) for grid in _grids(demo) for row in grid)
