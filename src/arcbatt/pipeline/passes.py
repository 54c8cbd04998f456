"""Passes: how a run spends its time.

Every task is tried briefly first. The tasks without a confident answer are tried again with more
effort, again and again, until the effort or the time that was given is used up or nothing new can
be tried. Without a time limit each pass goes up to the next effort that has a name, so that the
same effort gives the same result on every machine. With one, each pass triples the effort of a
task: where a pass begins the search anew, a growth by Euler's number loses the least time. The
tasks that are most likely to pay per second come first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arcbatt.contract import EFFORTS

if TYPE_CHECKING:
    from arcbatt.pipeline.result import TaskResult

CONFIDENT = 0.9
"""Confidence from which on a task gets no more effort."""
GROWTH = 3
"""Growth of the effort of a task from one pass to the next, where the time is limited."""
FIT_PAYS = 0.5
"""Chance that more effort solves a task whose programs fit but are not trusted, in relation to a
task that no program fits though a picture is near."""
FAR_PAYS = 0.2
"""The same for a task in which no picture has a cell right."""
OVERHEAD_S = 0.5
"""Seconds that are kept for what follows the last batch: the submission and the reports."""
SEARCH_PART = 0.8
"""Part of the time of a batch that sources get; the rest is for scoring and validation."""
WORTH_S = 0.05
"""The least time that is worth giving to a task, in seconds."""


@dataclass(frozen=True, slots=True)
class RunLimits:
    """The limits of a run, of which the first one that is reached ends it.

    Attributes:
        evaluations: the largest effort for a task, in calls of primitives, 1 or more.
        task_seconds: wall-clock limit of all passes on one task, in seconds, > 0; None for none.
        total_seconds: wall-clock limit of the run, in seconds, > 0; None for none.
        steps: the efforts of the passes, ascending; empty for the usual ones.
    """

    evaluations: int = EFFORTS["quick"]
    task_seconds: float | None = None
    total_seconds: float | None = None
    steps: tuple[int, ...] = ()

    @property
    def are_timed(self) -> bool:
        """Whether there is a time limit, so that results depend on the machine."""
        return self.task_seconds is not None or self.total_seconds is not None

    def next_effort(self, evaluations: int) -> int:
        """Return the effort of the pass that follows one with some evaluations; 0 before it."""
        if self.are_timed and evaluations and not self.steps:
            return min(evaluations * GROWTH, self.evaluations)
        steps = self.steps or tuple(EFFORTS.values())
        return min([*(each for each in steps if each > evaluations), self.evaluations])


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """What the passes have done for a task so far.

    Attributes:
        evaluations: the effort of the last pass, in evaluations; 0 before the first.
        tried: the number of evaluations that this pass made.
        seconds: the time of all passes, in seconds: CPU time, or wall time where sources wait.
        last_seconds: the time of the last pass, in CPU-seconds.
        nearness: share of the wanted cells that the nearest picture has right, 0..1.
        is_over: whether more effort could try nothing new.
        is_full: whether a source stopped since its memory was used up.
        passes: the number of passes that tried the task.
    """

    evaluations: int = 0
    tried: int = 0
    seconds: float = field(default=0.0, compare=False)
    last_seconds: float = field(default=0.0, compare=False)
    nearness: float = 0.0
    is_over: bool = False
    is_full: bool = False
    passes: int = 0


NOTHING_DONE = TaskProgress()


@dataclass(frozen=True, slots=True)
class Turn:
    """A task that is due, with the effort that it gets.

    Attributes:
        task: the id of the task.
        evaluations: the effort, in evaluations.
        before: what the passes before have done for the task.
    """

    task: str
    evaluations: int
    before: TaskProgress

    @property
    def number(self) -> int:
        """The number of the pass, from 1."""
        return self.before.passes + 1

    @property
    def seconds(self) -> float:
        """The expected time, in CPU-seconds; 0 where nothing is known."""
        if not self.before.evaluations:
            return 0.0
        return self.before.last_seconds * self.evaluations / self.before.evaluations


class Schedule:
    """Chooses which tasks are due, how much effort each gets, and for how long.

    Args:
        limits: the limits of the run.
        threads: the number of tasks that are worked on at once, 1 or more.
        clock: function that returns the time, in seconds.

    Attributes:
        limits: as given.
        threads: as given; it may change while a run goes on.
    """

    def __init__(
        self, limits: RunLimits, *, threads: int = 1, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = limits
        self.threads = threads
        self._clock = clock
        total = limits.total_seconds
        self._end = None if total is None else clock() + total - min(OVERHEAD_S, total / 4)

    @property
    def seconds_left(self) -> float | None:
        """The time that is left for the tasks, in seconds, 0 or more; None without a limit."""
        return None if self._end is None else max(0.0, self._end - self._clock())

    @property
    def is_out_of_time(self) -> bool:
        """Whether no time is left that is worth giving to a task."""
        left = self.seconds_left
        return left is not None and left < WORTH_S

    def turns(self, tasks: Sequence[str], results: Mapping[str, TaskResult]) -> list[Turn]:
        """Return the tasks of the next pass in the order in which they are tried; empty at the end.

        Args:
            tasks: the ids of all tasks of the run.
            results: the results so far, by task.
        """
        if self.is_out_of_time:
            return []
        due: list[tuple[float, Turn]] = []
        for task in tasks:
            result = results.get(task)
            before = NOTHING_DONE if result is None else result.progress
            if result is not None and not self._may_go_on(result):
                continue
            turn = Turn(task, self.limits.next_effort(before.evaluations), before)
            due.append((_worth(turn, result), turn))
        least = min((turn.before.evaluations for _, turn in due), default=0)
        # New tasks come first, and by themselves: any answer is better than none.
        due = [each for each in due if least or not each[1].before.evaluations]
        if self.limits.are_timed:
            due.sort(key=lambda each: -each[0])
        return [turn for _, turn in due]

    def _may_go_on(self, result: TaskResult) -> bool:
        progress, limits = result.progress, self.limits
        if not progress.evaluations:
            return True
        spent = limits.task_seconds is not None and (
            limits.task_seconds - progress.seconds < WORTH_S
        )
        return not (
            progress.is_over
            or spent
            or progress.evaluations >= limits.evaluations
            or result.confidence >= CONFIDENT
        )

    def seconds_for(self, turns: Sequence[Turn], others: int) -> float | None:
        """Return the wall-clock limit of each task of a batch, in seconds; None for none.

        The time that is left is shared equally with the tasks that are tried for the first time;
        later, a task may take twice what it is expected to take, and what is left is for those
        that follow.

        Args:
            turns: the batch.
            others: the number of tasks of the pass that follow the batch.
        """
        seconds: list[float] = []
        if self.limits.task_seconds is not None:
            spent = max(turn.before.seconds for turn in turns)
            seconds.append(self.limits.task_seconds - spent)
        left = self.seconds_left
        if left is not None:
            # A batch has rounds of as many tasks as there are threads.
            together = left * self.threads
            rounds = -(-len(turns) // self.threads)
            seconds.append(SEARCH_PART * left / rounds)
            if not all(turn.before.evaluations for turn in turns):
                seconds.append(together / (len(turns) + others))
        return max(WORTH_S, min(seconds)) if seconds else None


def _worth(turn: Turn, result: TaskResult | None) -> float:
    """Return how likely a turn is to solve its task per expected second, up to a factor."""
    if result is None:
        return float("inf")
    chance = 1.0 - result.confidence
    if result.exact:
        chance *= FIT_PAYS
    else:
        chance *= FAR_PAYS + (1 - FAR_PAYS) * turn.before.nearness
    return chance / max(turn.seconds, WORTH_S)
