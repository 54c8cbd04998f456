"""Evaluate one task: run the pipeline on it and note the effort; the answers are not read."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from arcbatt.candidates import Effort, Work
from arcbatt.context import Context
from arcbatt.contract import Source, TaskView, sent_with
from arcbatt.engine.outcome import BROUGHT_FUEL, Budget
from arcbatt.engine.processes import limit_memory
from arcbatt.engine.workers import Shared, Workers
from arcbatt.errors import ArcbattError
from arcbatt.pipeline.passes import WORTH_S, RunLimits, Schedule
from arcbatt.pipeline.result import TaskResult
from arcbatt.pipeline.run import Run, Settings
from arcbatt.pipeline.spread import check_build
from arcbatt.program.parse import SourceProgram
from arcbatt.ranking.attempts import TestAttempts, choose_attempts
from arcbatt.showing import Shown
from arcbatt.sources import SOURCES, open_sources
from arcbatt.tasks import Task
from arcbatt.timings import cpu_ns

ATTEMPTS_MAX = 3
"""The number of attempts that are made; a grade may count only the first of them."""


@dataclass(frozen=True)
class EvaluationSetup:
    """The setup of an evaluation: the sources and their limits.

    Attributes:
        sources: names of sources, see `arcbatt.sources.SOURCES`.
        options: the options of each source, by its name; a source without an entry has its
            defaults.
        archive: the path of the archive that the source ``archive`` reads; None for none.
        hold_out: whether no task may get programs that are named after it.
        limits: the limits of effort and time.
        fuel: fuel of a call of programs that people brought; None for the default.
        memory: the memory that all processes together may use, in bytes; None for 80 % of what
            the machine has.
    """

    sources: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    archive: Path | None = None
    hold_out: bool = False
    limits: RunLimits = field(default_factory=RunLimits)
    fuel: int | None = None
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class FittingProgram:
    """A program that fits all demos and passed validation.

    Attributes:
        md5: the md5 of its inlined text.
        text: the inlined text.
        size: the number of nodes.
        test_digests: the digests of its outputs on the test inputs, 0 for a failure.
    """

    md5: str
    text: str
    size: int
    test_digests: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ungraded:
    """The outcome of a task, before its answers are read.

    Attributes:
        task: the id of the task.
        effort: the largest effort that was allowed, in evaluations.
        attempts: the attempts for each test input, the best first.
        fitting: the programs that fit all demos, the best first.
        efforts: the effort of each source, by its name.
        cpu_s: CPU time of all passes, in seconds.
        wall_s: wall-clock time of all passes, in seconds.
        process_bytes: peak memory of the process so far, in bytes.
        stopped: the reasons why sources stopped, a sentence each, by name of the source.
        confidence: the probability that one of the first two attempts is right, 0..1.
        problem: the reason why the task was lost; empty if it was not.
        reached: whether the effort was tried, or nothing was left to try; else the time ended
            before.
    """

    task: str
    effort: int = 0
    attempts: tuple[TestAttempts, ...] = ()
    fitting: tuple[FittingProgram, ...] = ()
    efforts: Mapping[str, Effort] = field(default_factory=dict)
    cpu_s: float = 0.0
    wall_s: float = 0.0
    process_bytes: int = 0
    stopped: Mapping[str, str] = field(default_factory=dict)
    confidence: float = 0.0
    problem: str = ""
    reached: bool = True


@dataclass(frozen=True)
class Solution(Shown):
    """What `solve` has found for a task; a notebook shows it as a picture.

    Attributes:
        task: the task.
        attempts: two attempts for each test input, the better first; empty before the first effort
            is done.
        confidence: the probability that one of them is right, 0..1.
        programs: the programs that are right on all demos, the best first.
        effort: the name of the largest effort that is done; empty for none.
        cpu_s: CPU time, in seconds.
        stopped: the reason why it ended, a sentence.
    """

    task: Task
    attempts: tuple[TestAttempts, ...] = ()
    confidence: float = 0.0
    programs: tuple[SourceProgram, ...] = field(default=(), repr=False)
    effort: str = ""
    cpu_s: float = 0.0
    stopped: str = ""

    def __repr__(self) -> str:
        found = f"programs={len(self.programs)}, confidence={self.confidence:.2f}"
        return f"<Solution of {self.task.id}: {found}>"


@dataclass(frozen=True, slots=True)
class TimeShare:
    """The part of the time of a command that a task gets.

    Attributes:
        end: the time at which the command ends, by `time.monotonic` of this machine.
        tasks: the number of tasks that are left, this one included, divided by the number of
            processes; > 0.
    """

    end: float
    tasks: float

    def __reduce__(self) -> tuple[Any, tuple[float, float]]:
        """Travel as the time that is left: another machine has another clock."""
        return TimeShare.of_seconds, (self.end - time.monotonic(), self.tasks)

    @classmethod
    def of_seconds(cls, seconds: float, tasks: float) -> Self:
        """Return a share of a time that begins now.

        Args:
            seconds: the time, in seconds.
            tasks: as in the attributes.
        """
        return cls(time.monotonic() + seconds, tasks)

    def seconds(self) -> float:
        """Return the time for the task, in seconds, > 0: an equal part of what is left."""
        return max(WORTH_S, (self.end - time.monotonic()) / max(1.0, self.tasks))


class Bench:
    """Evaluates one task after the other with the engine and the sources of a setup.

    Everything runs in this process, so that its CPU time is that of the task at hand.

    Args:
        setup: the sources and their limits.
        sources: the opened sources; None to open them.

    Raises ArcbattError if a source can't be opened.
    """

    def __init__(self, setup: EvaluationSetup, sources: list[Source] | None = None) -> None:
        self.setup = setup
        limit_memory(setup.memory)
        self._context = Context(archive=setup.archive, hold_out=setup.hold_out)
        try:
            self._sources = (
                open_sources(setup.sources, setup.options, self._context)
                if sources is None
                else sources
            )
        except ArcbattError:
            self._context.close()
            raise
        self._all_fit = all(kind.all_fit for kind in SOURCES if kind.name in setup.sources)

    def __reduce__(self) -> tuple[type[Bench], tuple[EvaluationSetup, list[Source]]]:
        """Travel with the opened sources: the files that they read may be on this machine alone."""
        return Bench, (self.setup, self._sources)

    def send(self, task: Task) -> dict[str, Source]:
        """Return the sources that a worker on another machine needs for a task, by name."""
        return sent_with(self._sources, TaskView(task))

    @property
    def warnings(self) -> tuple[ArcbattError, ...]:
        """The errors of programs of files that could not be read."""
        return tuple(self._context.warnings)

    def open_workers(self, address: str) -> Workers:
        """Return the workers of a Ray cluster; see `Context.open_workers`."""
        return self._context.open_workers(address)

    def close(self) -> None:
        """Close the engine and the sources."""
        self._context.close()

    def evaluate(
        self,
        task: Task,
        efforts: Sequence[int],
        turn: TimeShare | None = None,
        sent: Mapping[str, Source] | None = None,
    ) -> list[Ungraded]:
        """Run passes on a task, and return the outcome up to each of some efforts.

        Args:
            task: the task; its answers, if it has any, are removed first.
            efforts: the efforts, in evaluations, ascending. If there are several, each is a pass.
            turn: the part of the time of a whole command that the task gets; None for no limit.
            sent: sources that stand in for those of this bench, by name; see `send`.
        """
        cpu, wall = cpu_ns(), time.perf_counter()
        task = TaskView(task).task
        limits = replace(
            self.setup.limits,
            evaluations=efforts[-1],
            total_seconds=None if turn is None else turn.seconds(),
            steps=tuple(efforts) if len(efforts) > 1 else (),
        )
        run = Run(
            tasks=[task],
            sources=[(sent or {}).get(each.name, each) for each in self._sources],
            engine=self._context.engine,
            # Without a time limit, so that results do not depend on the machine.
            settings=Settings(
                Budget(sample_seconds=None, brought_fuel=self.setup.fuel or BROUGHT_FUEL),
                limits=limits,
            ),
            # Sources whose programs all fit need no partial credit.
            differs=None if self._all_fit else self._context.differs,
        )
        schedule = Schedule(limits)
        outcome, result = Ungraded(task.id), None
        done: list[Ungraded] = []
        while turns := schedule.turns([task.id], {} if result is None else {task.id: result}):
            effort = turns[0].evaluations
            done += [
                replace(outcome, effort=each) for each in efforts[len(done) :] if each < effort
            ]
            [work], [progress] = run.try_turns(turns, schedule.seconds_for(turns, 0))
            later = TaskResult.of(work, progress)
            run.results[task.id] = result = later if result is None else later.after(result)
            outcome = replace(
                outcome,
                attempts=(
                    choose_attempts(work, count=ATTEMPTS_MAX)
                    if result.attempts == later.attempts
                    else outcome.attempts
                ),
                fitting=_fitting(work),
                efforts={name: proposal.effort for name, proposal in work.proposals.items()},
                cpu_s=max(0, cpu_ns() - cpu) / 1e9,
                wall_s=time.perf_counter() - wall,
                process_bytes=_process_bytes(),
                stopped=result.stopped,
                confidence=result.confidence,
                problem=result.problem,
            )
        tried = 0 if result is None else result.progress.evaluations
        # Without the time limits the task would be due again.
        has_more = bool(Schedule(RunLimits(efforts[-1])).turns([task.id], run.results))
        return done + [
            replace(outcome, effort=each, reached=not has_more or each <= tried)
            for each in efforts[len(done) :]
        ]


def _fitting(work: Work) -> tuple[FittingProgram, ...]:
    return tuple(
        FittingProgram(each.md5, each.text, each.program.size, each.test_digests)
        for each in work.passed
        if each.score.is_exact
    )


def _process_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def evaluate_on_worker(
    shared: Shared,
    task: Task,
    efforts: Sequence[int],
    turn: TimeShare | None,
    sent: Mapping[str, Source],
) -> list[Ungraded]:
    """Evaluate a task on a worker of a cluster.

    Args:
        shared: the bench, with digests of the driver's build.
        task: the task, without its answers.
        efforts: the efforts, in evaluations, ascending.
        turn: the part of the time that the task gets; None for no limit.
        sent: sources that stand in for those of the bench, by name.
    """
    bench, build = shared.get()
    check_build(build)
    outcomes: list[Ungraded] = bench.evaluate(task, efforts, turn, sent)
    return outcomes


_bench: Bench | None = None


def evaluate_in_worker(
    setup: EvaluationSetup, task: Task, efforts: Sequence[int], turn: TimeShare | None
) -> list[Ungraded]:
    """Evaluate a task in a worker process, which opens the sources once."""
    global _bench
    if _bench is None or _bench.setup != setup:
        _bench = Bench(setup)
    return _bench.evaluate(task, efforts, turn)
