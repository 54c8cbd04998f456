"""Run the phases on batches of tasks, save their programs and choose the attempts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from arcbatt import interrupts
from arcbatt.archive import CAPACITY, Archive
from arcbatt.candidates import Proposal, Weighted, Work
from arcbatt.contract import Known, Source, SourceBudget, TaskView
from arcbatt.differs import Differs
from arcbatt.engine import Budget, Engine
from arcbatt.engine.processes import memory_share
from arcbatt.engine.workers import Workers
from arcbatt.pipeline.filter import filter_candidates
from arcbatt.pipeline.nearness import score_nearness, tally
from arcbatt.pipeline.passes import RunLimits, Schedule, TaskProgress, Turn
from arcbatt.pipeline.result import (
    TIME_IS_UP,
    RunReport,
    TaskResult,
    cpu_s_of,
    describe_end,
    progress_of,
)
from arcbatt.pipeline.saving import TaskOutcome, save_programs
from arcbatt.pipeline.score import score_proposals
from arcbatt.pipeline.spread import EVALUATION_BYTES, outcomes_on
from arcbatt.pipeline.validate import cross_check, validate_candidates
from arcbatt.ranking.evidence import gather_evidence
from arcbatt.tasks import Task
from arcbatt.timings import Timings, cpu_ns

GRACE_S = 0.3
"""Seconds beyond the time of a run after which a batch that is still at work is dropped."""
SLOW_BATCH = 4
"""Number of tasks per thread in a batch where a source or the engine takes seconds for a task."""


@dataclass(frozen=True)
class Settings:
    """The settings of a run: bounds and sizes.

    Attributes:
        budget: the bounds of every evaluation.
        jobs: the number of threads of the native engine, or worker processes of the reference
            engine, >= 1.
        capacity: the largest number of solvers that are kept per task, >= 1.
        batch: the number of tasks that go through the phases and are saved together, >= 1.
        sources: the limits of every source.
        limits: the limits of the run.
    """

    budget: Budget = field(default_factory=Budget)
    jobs: int = 1
    capacity: int = CAPACITY
    batch: int = 20
    sources: SourceBudget = field(default_factory=SourceBudget)
    limits: RunLimits = field(default_factory=RunLimits)


@dataclass
class Run:
    """One run of the pipeline.

    Attributes:
        tasks: the tasks to solve.
        sources: the sources, in the order in which they propose programs.
        engine: the engine that evaluates.
        settings: bounds and sizes.
        archive: the archive to which programs are added; None saves nothing.
        differs: the differs for partial credit; None for the share of equal cells.
        reference: the engine of the cross-check; None for no cross-check.
        workers: the workers that try the turns; None for threads of this process.
        memory: the memory that all processes of a machine may use, in bytes; None for the default.
        on_saved: callback, called with the results of each batch in the transaction that saves its
            programs.
        timings: the timings of the run, filled while it runs.
        results: the results so far, by task: at first those of an earlier run that was
            interrupted, whose tasks are not done again.
    """

    tasks: Sequence[Task]
    sources: Sequence[Source]
    engine: Engine
    settings: Settings = field(default_factory=Settings)
    archive: Archive | None = None
    differs: Differs | None = None
    reference: Engine | None = None
    workers: Workers | None = None
    memory: int | None = None
    on_saved: Callable[[Sequence[TaskResult]], None] = lambda results: None
    timings: Timings = field(default_factory=Timings)
    results: dict[str, TaskResult] = field(default_factory=dict)

    @cached_property
    def _by_id(self) -> Mapping[str, Task]:
        return {task.id: task for task in self.tasks}

    def execute(
        self,
        on_progress: Callable[[TaskResult], None] = lambda result: None,
        on_pass: Callable[[Sequence[Turn]], None] = lambda turns: None,
    ) -> RunReport:
        """Run passes over the tasks until a limit is reached; see `arcbatt.pipeline.passes`.

        A signal ends the run and keeps the finished batches; so does the end of its time.

        Args:
            on_progress: callback, called with each result once it is saved.
            on_pass: callback, called with the turns of each pass before it begins.

        Raises ArchiveError if the archive can't be written; `results` then has the results of the
        batch that was not saved, too.
        """
        before = len(self.results)
        report = RunReport()
        schedule = Schedule(self.settings.limits, threads=self.settings.jobs)
        left = schedule.seconds_left
        with interrupts.hold(), interrupts.expire(None if left is None else left + GRACE_S):
            try:
                for outcomes in self._outcomes(schedule, on_pass):
                    for result in self._finish(outcomes):
                        on_progress(result)
            except KeyboardInterrupt:
                report.interrupted = not interrupts.is_expired()
        why = ""
        if report.interrupted:
            why = interrupts.cause()
        elif interrupts.is_expired() or schedule.is_out_of_time:
            why = TIME_IS_UP
        else:
            # With more time there may be more to do.
            endless = Schedule(RunLimits(self.settings.limits.evaluations))
            ids = [task.id for task in self.tasks]
            report.finished = not endless.turns(ids, self.results)
        report.results = [self.results[task.id] for task in self.tasks if task.id in self.results]
        report.stopped = describe_end(len(report.results), len(self.tasks), before=before, why=why)
        return report

    def _outcomes(
        self, schedule: Schedule, on_pass: Callable[[Sequence[Turn]], None]
    ) -> Iterator[list[TaskOutcome]]:
        """Try turns until none is due, and yield the outcomes of some at a time."""
        if self.workers is not None:
            yield from outcomes_on(self.workers, self, schedule, on_pass)
            return
        ids = [task.id for task in self.tasks]
        while turns := schedule.turns(ids, self.results):
            on_pass(turns)
            for batch, others in self._batches(turns):
                if schedule.is_out_of_time:
                    break
                with interrupts.release():
                    works, progress = self.try_turns(batch, schedule.seconds_for(batch, others))
                with self.timings.measure("run_batt.attempts"):
                    outcomes = list(map(TaskOutcome.of, works, progress))
                yield outcomes

    def try_turns(
        self, turns: Sequence[Turn], seconds: float | None = None
    ) -> tuple[list[Work], list[TaskProgress]]:
        """Run the phases up to validation for some turns; nothing is saved.

        Programs that an earlier turn of the same task found to fit are among its programs.

        Args:
            turns: turns with the same effort, one for each task.
            seconds: wall-clock limit of each source for a task, in seconds; None for none.
        """
        tasks = [self._by_id[turn.task] for turn in turns]
        evaluations = turns[0].evaluations
        budget = replace(
            self.settings.sources,
            evaluations=evaluations,
            seconds=seconds,
            threads=self._threads_for(turns),
        )
        began, began_s = cpu_ns(), time.monotonic()
        earlier = {
            task.id: self.results[task.id].earlier for task in tasks if task.id in self.results
        }
        works = self.work_on(tasks, budget, earlier)
        cpu_s = (cpu_ns() - began) / 1e9
        wall_s = (time.monotonic() - began_s) / len(works)
        own = [cpu_s_of(work) for work in works]
        shared = max(0.0, cpu_s - sum(own)) / len(works)
        progress = [
            progress_of(
                work, turn.before, evaluations, cpu_s=each + shared, wall_s=wall_s, seconds=seconds
            )
            for turn, work, each in zip(turns, works, own, strict=True)
        ]
        return works, progress

    def _threads_for(self, turns: Sequence[Turn]) -> int:
        """Return how many tasks are worked on at once, so that each has the memory that it needs.

        A task that used up its memory is put aside: it is tried again alone.
        """
        if any(turn.before.is_full for turn in turns):
            return 1
        needed = max(turn.evaluations for turn in turns) * EVALUATION_BYTES
        return max(1, min(self.settings.jobs, memory_share(1) // needed))

    def work_on(
        self,
        tasks: Sequence[Task],
        budget: SourceBudget | None = None,
        earlier: Mapping[str, Mapping[str, Proposal]] | None = None,
    ) -> list[Work]:
        """Run the phases up to validation on some tasks; nothing is saved.

        Args:
            tasks: the tasks.
            budget: the limits of every source; None for those of the settings.
            earlier: for each task that was tried before, the proposals of its sources; those that
                can't use more effort are not called again.
        """
        budget, earlier = budget or self.settings.sources, earlier or {}
        works = [Work(task, earlier.get(task.id, {})) for task in tasks]
        for source in self.sources:
            self._propose(works, source, budget)
            interrupts.check()
        settings, timings, threads = self.settings, self.timings, self.settings.jobs
        with timings.measure("run_batt.phase1_filter"):
            for work in works:
                filter_candidates(work, capacity=settings.capacity)
        if self.differs is not None:
            with timings.measure("run_batt.phase4_differs"):
                score_nearness(
                    works,
                    self.differs,
                    self.engine,
                    settings.budget,
                    threads=threads,
                    timings=timings,
                )
        with timings.measure("run_batt.phase2_inline_batch"):
            for work in works:
                for each in work.candidates:
                    each.text, each.md5 = each.program.inlined, each.program.md5
        with timings.measure("run_batt.evidence"):
            gather_evidence(works, self.engine, settings.budget, threads=threads)
        with timings.measure("run_batt.phase3a_validate_batch"):
            validate_candidates(
                works, self.engine, settings.budget, threads=threads, timings=timings
            )
        if self.reference is not None:
            with timings.measure("run_batt.cross_check"):
                cross_check(works, self.reference, settings.budget, threads=threads)
        with timings.measure("run_batt.phase4_differs"):
            for work in works:
                tally(work)
        return works

    def _propose(self, works: Sequence[Work], source: Source, budget: SourceBudget) -> None:
        """Call a source for some tasks, and score the new programs."""
        settings, timings, name = self.settings, self.timings, source.name
        asked = [
            work
            for work in works
            if name not in work.earlier or work.earlier[name].stopped.takes_more
        ]
        for work in works:
            if name in work.earlier:
                work.proposals[name] = work.earlier[name]
        if asked:
            views = [TaskView(work.task) for work in asked]
            known = Known(
                {work.task.id: _proposed(work) for work in asked},
                lambda: frozenset(
                    work.task.id for work in asked if any(each.has_exact for each in work.scored)
                ),
            )
            with timings.measure(f"run_batt.source_{name}"):
                proposals = source.propose(views, known, budget)
            for work, proposal in zip(asked, proposals, strict=True):
                earlier = work.proposals.get(name)
                work.proposals[name] = proposal.after(earlier) if earlier else proposal
        score_proposals(
            works,
            source.name,
            self.engine,
            settings.budget,
            is_brought=source.is_brought,
            threads=settings.jobs,
            timings=timings,
        )

    def _finish(self, outcomes: Sequence[TaskOutcome]) -> list[TaskResult]:
        """Note the results of some turns and save their programs."""
        results = []
        for each in outcomes:
            result, earlier = each.result, self.results.get(each.result.task)
            results.append(result.after(earlier) if earlier else result)
            if self.workers is not None:
                self.timings.add("run_batt.workers", cpu_s=result.progress.last_seconds)
        # Before they are saved: their attempts count even if the archive can't be written.
        self.results.update((result.task, result) for result in results)
        with self.timings.measure("run_batt.phase3b_file_ops"):
            if self.archive is None:
                self.on_saved(results)
            else:
                with self.archive.together():
                    programs = [each.programs for each in outcomes]
                    saved = save_programs(programs, self.archive, differs=self.differs)
                    for result, number in zip(results, saved, strict=True):
                        result.counts.saved = max(result.counts.saved, number)
                    self.on_saved(results)
        return results

    def _batches(self, turns: Sequence[Turn]) -> Iterator[tuple[Sequence[Turn], int]]:
        """Yield turns with the same effort together, and the number of those that follow."""
        size = self.settings.batch
        if self.engine.name == "reference" or any(source.is_slow for source in self.sources):
            size = min(size, SLOW_BATCH * self.settings.jobs)
        if self.settings.limits.are_timed and turns and turns[0].before.evaluations:
            # The time may end within a batch, which is lost then.
            size = min(size, self.settings.jobs)
        start = 0
        while start < len(turns):
            end = start + 1
            while (
                end < min(start + size, len(turns))
                and turns[end].evaluations == turns[start].evaluations
                and turns[end].before.is_full == turns[start].before.is_full
            ):
                end += 1
            yield turns[start:end], len(turns) - end
            start = end


def _proposed(work: Work) -> Sequence[Weighted]:
    """Return all programs that were proposed for a task; of a single proposal, its own sequence."""
    given = [proposal.programs for proposal in work.proposals.values() if proposal.programs]
    return given[0] if len(given) == 1 else tuple(chain.from_iterable(given))
