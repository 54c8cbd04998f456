"""Spread: try the turns of a run on workers, which return records that the driver saves.

There are no barriers: a task goes on with its next pass as soon as a worker is free. The longest
turns come first, so that no worker is left alone with one at the end.
"""

from __future__ import annotations

import platform
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from arcbatt.candidates import Work
from arcbatt.contract import Source, TaskView, sent_with
from arcbatt.engine.processes import MEMORY_PARTS, limit_memory
from arcbatt.engine.workers import WHOLE_MACHINE, Lost, Shared, Workers
from arcbatt.errors import ClusterError
from arcbatt.pipeline.journal import digests_of_build
from arcbatt.pipeline.result import TaskResult
from arcbatt.pipeline.saving import NewPrograms, TaskOutcome

if TYPE_CHECKING:
    from arcbatt.differs import Differs
    from arcbatt.engine import Engine
    from arcbatt.pipeline.passes import Schedule, Turn
    from arcbatt.pipeline.run import Run, Settings
    from arcbatt.tasks import Task

CALLS_PER_S = 100
"""Calls per second that the driver serves with ease; shorter turns are sent several at a time."""
WORKER_BYTES = 256 * 2**20
"""Memory of a worker that does nothing, in bytes."""
EVALUATION_BYTES = 600
"""Memory that search needs for an evaluation, in bytes."""


@dataclass(frozen=True)
class Kit:
    """What every worker needs of a run, sent once to each.

    Attributes:
        sources: the sources; of one that reads what is on the driver's machine, an empty one.
        engine: the engine that evaluates.
        settings: bounds and sizes.
        differs: the differs for partial credit; None for the share of equal cells.
        reference: the engine of the cross-check; None for no cross-check.
        memory: the memory that all workers of a machine may use, in bytes; None for the default.
        build: digests of the driver's build.
    """

    sources: Sequence[Source]
    engine: Engine
    settings: Settings
    differs: Differs | None
    reference: Engine | None
    memory: int | None
    build: Mapping[str, str | None] = field(default_factory=digests_of_build)

    @classmethod
    def of(cls, run: Run) -> Kit:
        """Return what workers need of a run; each of them works on one task at a time."""
        settings = run.settings
        alone = replace(settings, jobs=1, sources=replace(settings.sources, threads=1))
        return cls(run.sources, run.engine, alone, run.differs, run.reference, run.memory)


@dataclass(frozen=True, slots=True)
class Errand:
    """A turn with all that a worker needs for it beyond its kit.

    Attributes:
        task: the task, without its test outputs.
        turn: the turn.
        seconds: wall-clock limit of each source, in seconds; None for none.
        earlier: the result so far; None before the first pass.
        sent: sources that stand in for those of the kit, by name.
    """

    task: Task
    turn: Turn
    seconds: float | None
    earlier: TaskResult | None
    sent: Mapping[str, Source]


def check_build(build: Mapping[str, str | None]) -> None:
    """Check that a worker has the build of the driver; raises ClusterError if not.

    Args:
        build: digests of the driver's build.
    """
    own = digests_of_build()
    other = [name for name, digest in build.items() if own.get(name) != digest]
    if other:
        raise ClusterError(
            address=platform.node(),
            problem=f"expected the arcbatt of the driver, got another one: {', '.join(other)}"
            " differ",
        )


def try_in_worker(shared: Shared, errands: Sequence[Errand]) -> list[TaskOutcome]:
    """Try some turns in a worker, one after the other."""
    from arcbatt.pipeline.run import Run

    kit: Kit = shared.get()
    check_build(kit.build)
    limit_memory(kit.memory)
    outcomes = []
    for each in errands:
        run = Run(
            tasks=[each.task],
            sources=[each.sent.get(source.name, source) for source in kit.sources],
            engine=kit.engine,
            settings=kit.settings,
            differs=kit.differs,
            reference=kit.reference,
            results={} if each.earlier is None else {each.task.id: each.earlier},
        )
        [work], [progress] = run.try_turns([each.turn], each.seconds)
        outcomes.append(TaskOutcome.of(work, progress).prepared())
    return outcomes


def outcomes_on(
    workers: Workers, run: Run, schedule: Schedule, on_pass: Callable[[Sequence[Turn]], None]
) -> Iterator[list[TaskOutcome]]:
    """Try turns on workers until none is due, and yield the outcomes as they arrive.

    Args:
        workers: the workers.
        run: the run, which notes each outcome in its results before it asks for the next.
        schedule: chooses the turns.
        on_pass: callback, called with the first turns of each pass.

    Raises what a worker raises, and KeyboardInterrupt after a signal.
    """
    tasks = {task.id: task for task in run.tasks}
    kit = workers.share(Kit.of(run))
    flying: dict[int, Sequence[Errand]] = {}
    queue: deque[Turn] = deque()
    number = passes = 0
    lasted = [each.progress.last_seconds for each in run.results.values()]
    done, done_s = len(lasted), sum(lasted)

    def submit(errands: Sequence[Errand]) -> None:
        nonlocal number
        number += 1
        flying[number] = errands
        memory = max(memory_of(each.turn) for each in errands)
        workers.submit(number, try_in_worker, (kit, errands), memory=memory)

    while True:
        if not queue:
            busy = {each.task.id for errands in flying.values() for each in errands}
            turns = schedule.turns([each for each in tasks if each not in busy], run.results)
            if not run.settings.limits.are_timed:
                turns.sort(key=lambda turn: -turn.seconds)
            queue.extend(turns)
            if turns and turns[0].number > passes:
                passes = turns[0].number
                on_pass(turns)
        schedule.threads = workers.count
        while queue and workers.has_room and not schedule.is_out_of_time:
            size = _size(queue, done_s / done if done else 1.0, workers.count)
            some = [queue.popleft() for _ in range(size)]
            seconds = schedule.seconds_for(some, len(queue))
            submit([_errand(tasks[turn.task], turn, seconds, run) for turn in some])
        if not flying:
            return
        outcomes: list[TaskOutcome] = []
        for key, result in workers.take():
            errands = flying.pop(key)
            if not isinstance(result, Lost):
                outcomes += result
            elif len(errands) == 1:
                outcomes.append(_lost(errands[0], result.problem))
            else:
                # One of them is at fault.
                for each in errands:
                    submit([each])
        if outcomes:
            done += len(outcomes)
            done_s += sum(each.result.progress.last_seconds for each in outcomes)
            yield outcomes


def memory_of(turn: Turn) -> int:
    """Return the memory that a worker needs for a turn, in bytes."""
    return WHOLE_MACHINE if turn.before.is_full else memory_for(turn.evaluations)


def memory_for(evaluations: int) -> int:
    """Return the memory that a worker needs for an effort, in bytes."""
    return WORKER_BYTES + MEMORY_PARTS * EVALUATION_BYTES * evaluations


def _errand(task: Task, turn: Turn, seconds: float | None, run: Run) -> Errand:
    view = TaskView(task)
    return Errand(view.task, turn, seconds, run.results.get(task.id), sent_with(run.sources, view))


def _size(queue: Sequence[Turn], mean: float, workers: int) -> int:
    """Return the number of turns of the next call: one, unless calls would come too fast.

    Args:
        queue: the turns that are due.
        mean: the seconds of a turn, for turns of which nothing else is known.
        workers: the number of workers.
    """
    seconds = queue[0].seconds or mean
    size = int(workers / (CALLS_PER_S * max(seconds, 0.001)))
    return max(1, min(size, len(queue) // (2 * workers)))


def _lost(errand: Errand, problem: str) -> TaskOutcome:
    """Return the outcome of a turn whose workers have died: the task is given up."""
    turn = errand.turn
    progress = replace(
        turn.before,
        evaluations=turn.evaluations,
        is_over=True,
        passes=turn.before.passes + 1,
    )
    work = Work(errand.task, problem=problem)
    return TaskOutcome(TaskResult.of(work, progress), NewPrograms(errand.task.key))
