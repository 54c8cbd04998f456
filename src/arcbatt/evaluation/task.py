"""Evaluate one task: run the pipeline on it and note the effort; the answers are not read."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from arcbatt.candidates import Effort, Work
from arcbatt.context import Context
from arcbatt.contract import SourceBudget, TaskView
from arcbatt.engine.outcome import BROUGHT_FUEL, Budget
from arcbatt.errors import ArcbattError
from arcbatt.pipeline.run import Run, Settings
from arcbatt.ranking.attempts import TestAttempts, choose_attempts
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
        seconds: wall-clock limit of each source per task, in seconds, > 0; None for no limit.
        fuel: fuel of a call of programs that people brought; None for the default.
    """

    sources: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    archive: Path | None = None
    hold_out: bool = False
    seconds: float | None = None
    fuel: int | None = None


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
        share: the part of the sources' limits that was used, in (0, 1].
        attempts: the attempts for each test input, the best first.
        fitting: the programs that fit all demos, the best first.
        efforts: the effort of each source, by its name.
        cpu_s: CPU time of all phases, in seconds.
        wall_s: wall-clock time of all phases, in seconds.
        process_bytes: peak memory of the process so far, in bytes.
        stopped: the reasons why sources stopped, a sentence each.
        can_go_on: whether a larger share of the limits could find more.
        problem: the reason why the task was lost; empty if it was not.
    """

    task: str
    share: float = 1.0
    attempts: tuple[TestAttempts, ...] = ()
    fitting: tuple[FittingProgram, ...] = ()
    efforts: Mapping[str, Effort] = field(default_factory=dict)
    cpu_s: float = 0.0
    wall_s: float = 0.0
    process_bytes: int = 0
    stopped: str = ""
    can_go_on: bool = False
    problem: str = ""


class Bench:
    """Evaluates one task after the other with the engine and the sources of a setup.

    Everything runs in this process, so that its CPU time is that of the task at hand.

    Args:
        setup: the sources and their limits.

    Raises ArcbattError if a source can't be opened.
    """

    def __init__(self, setup: EvaluationSetup) -> None:
        self.setup = setup
        self._context = Context(archive=setup.archive, hold_out=setup.hold_out)
        try:
            self._sources = open_sources(setup.sources, setup.options, self._context)
        except ArcbattError:
            self._context.close()
            raise
        self._all_fit = all(kind.all_fit for kind in SOURCES if kind.name in setup.sources)

    @property
    def warnings(self) -> tuple[ArcbattError, ...]:
        """The errors of programs of files that could not be read."""
        return tuple(self._context.warnings)

    def close(self) -> None:
        """Close the engine and the sources."""
        self._context.close()

    def evaluate(self, task: Task, shares: Sequence[float]) -> list[Ungraded]:
        """Run the pipeline on a task, once for each share of the sources' limits.

        Args:
            task: the task; its answers, if it has any, are removed first.
            shares: the shares of the limits, in (0, 1], ascending.
        """
        task = TaskView(task).task
        done: list[Ungraded] = []
        for share in shares:
            if done and not done[-1].can_go_on:
                done.append(replace(done[-1], share=share))
            else:
                done.append(self._evaluate(task, share))
        return done

    def _evaluate(self, task: Task, share: float) -> Ungraded:
        cpu, wall = cpu_ns(), time.perf_counter()
        run = Run(
            tasks=[task],
            sources=self._sources,
            engine=self._context.engine,
            # Without a time limit, so that results do not depend on the machine.
            settings=Settings(
                Budget(sample_seconds=None, brought_fuel=self.setup.fuel or BROUGHT_FUEL),
                sources=SourceBudget(share=share, seconds=self.setup.seconds),
            ),
            # Sources whose programs all fit need no partial credit.
            differs=None if self._all_fit else self._context.differs,
        )
        [work] = run.work_on([task])
        attempts = choose_attempts(work, count=ATTEMPTS_MAX)
        stops = [proposal.stopped for proposal in work.proposals.values()]
        return Ungraded(
            task=task.id,
            share=share,
            attempts=attempts,
            fitting=_fitting(work),
            efforts={name: proposal.effort for name, proposal in work.proposals.items()},
            cpu_s=max(0, cpu_ns() - cpu) / 1e9,
            wall_s=time.perf_counter() - wall,
            process_bytes=_process_bytes(),
            stopped="; ".join(stop.note for stop in stops if stop.note),
            can_go_on=any(stop.can_go_on for stop in stops),
            problem=work.problem,
        )


def _fitting(work: Work) -> tuple[FittingProgram, ...]:
    return tuple(
        FittingProgram(each.md5, each.text, each.program.size, each.test_digests)
        for each in work.passed
        if each.score.is_exact
    )


def _process_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


_bench: Bench | None = None


def evaluate_in_worker(
    setup: EvaluationSetup, task: Task, shares: Sequence[float]
) -> list[Ungraded]:
    """Evaluate a task in a worker process, which opens the sources once."""
    global _bench
    if _bench is None or _bench.setup != setup:
        _bench = Bench(setup)
    return _bench.evaluate(task, shares)
