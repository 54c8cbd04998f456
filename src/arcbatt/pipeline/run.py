"""Run the phases on batches of tasks and choose the attempts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import Any, Self

from arcbatt.archive import CAPACITY, Archive
from arcbatt.candidates import Candidate, Counts, Weighted, Work
from arcbatt.contract import Known, Source, SourceBudget, TaskView
from arcbatt.differs import Differs
from arcbatt.engine import Budget, Engine
from arcbatt.pipeline.filter import filter_candidates
from arcbatt.pipeline.nearness import score_nearness, tally
from arcbatt.pipeline.save import save_works
from arcbatt.pipeline.score import score_proposals
from arcbatt.pipeline.validate import cross_check, validate_candidates
from arcbatt.ranking.attempts import Attempt, TestAttempts, choose_attempts
from arcbatt.ranking.evidence import gather_evidence
from arcbatt.tasks import Task
from arcbatt.timings import Timings

SLOW_BATCH = 4
"""Number of tasks per thread in a batch where a source takes seconds for a task."""


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
    """

    budget: Budget = field(default_factory=Budget)
    jobs: int = 1
    capacity: int = CAPACITY
    batch: int = 20
    sources: SourceBudget = field(default_factory=SourceBudget)


@dataclass(frozen=True, slots=True)
class BestProgram:
    """The best program of a task, for reports.

    Attributes:
        md5: the md5 of its inlined text.
        names: its names, in the order in which they were proposed.
        source: the source that proposed it.
        demo_scores: its scores on the demos, 0..1000 each.
        size: its size, in nodes.
        fuel: its fuel on all samples together.
    """

    md5: str
    names: tuple[str, ...]
    source: str
    demo_scores: tuple[int, ...]
    size: int
    fuel: int

    @classmethod
    def of(cls, candidate: Candidate) -> Self:
        """Return the record of a candidate."""
        return cls(
            candidate.md5,
            candidate.names,
            candidate.source,
            candidate.score.demos,
            candidate.program.size,
            candidate.fuel,
        )


@dataclass(frozen=True)
class TaskResult:
    """The result of a run for one task.

    Attributes:
        task: the id of the task.
        counts: the number of candidates after each phase.
        best: the best program that passed validation, or None.
        exact: the number of programs that passed and are right on all demos.
        attempts: two attempts for each test input, see `choose_attempts`.
        problem: the reason why the task was lost; empty if it was not.
        stopped: the reasons why sources stopped, a sentence each, by name of the source.
        troubled: the names of the sources whose reason is a problem.
        o_scores: the o_scores of all solvers that passed, by md5, the best first.
        d_scores: the d_scores of the same solvers, one for each differ.
        s_scores: the s_score of each differ.
    """

    task: str
    counts: Counts
    best: BestProgram | None
    exact: int
    attempts: tuple[TestAttempts, ...]
    problem: str = ""
    stopped: Mapping[str, str] = field(default_factory=dict)
    troubled: tuple[str, ...] = ()
    o_scores: Mapping[str, int] = field(default_factory=dict)
    d_scores: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    s_scores: tuple[int, ...] = ()

    @classmethod
    def of(cls, work: Work) -> Self:
        """Return the result of a task that went through all phases."""
        passed = work.passed
        return cls(
            task=work.task.id,
            counts=work.counts,
            best=BestProgram.of(passed[0]) if passed else None,
            exact=sum(candidate.score.is_exact for candidate in passed),
            attempts=choose_attempts(work),
            problem=work.problem,
            stopped={
                name: proposal.stopped.note
                for name, proposal in work.proposals.items()
                if proposal.stopped.note
            },
            troubled=tuple(
                name for name, proposal in work.proposals.items() if proposal.stopped.is_problem
            ),
            o_scores={candidate.md5: candidate.score.total for candidate in passed},
            d_scores=work.d_scores,
            s_scores=tuple(map(sum, zip(*work.s_scores, strict=True))),
        )

    def document(self) -> dict[str, Any]:
        """Return what a resumed run needs of the result, as JSON; see `read`."""
        return {
            "task": self.task,
            "counts": asdict(self.counts),
            "best": asdict(self.best) if self.best else None,
            "exact": self.exact,
            # Much faster than asdict, which copies every cell.
            "attempts": [[attempt.document() for attempt in each] for each in self.attempts],
            "problem": self.problem,
            "stopped": dict(self.stopped),
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read a result from JSON; raises KeyError, TypeError or ValueError if it is not one."""
        best = document["best"]
        return cls(
            task=str(document["task"]),
            counts=Counts(**document["counts"]),
            best=None
            if best is None
            else BestProgram(
                **{
                    **best,
                    "names": tuple(best["names"]),
                    "demo_scores": tuple(best["demo_scores"]),
                }
            ),
            exact=int(document["exact"]),
            attempts=tuple(
                tuple(
                    Attempt(**{**attempt, "grid": tuple(map(tuple, attempt["grid"]))})
                    for attempt in attempts
                )
                for attempts in document["attempts"]
            ),
            problem=str(document["problem"]),
            stopped=dict(document["stopped"]),
        )


@dataclass
class RunReport:
    """The results of a run, in the order of the tasks, with the reason why it stopped."""

    results: list[TaskResult] = field(default_factory=list)
    stopped: str = ""
    finished: bool = False


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
        on_saved: callback, called with the results of each batch once its programs are saved.
        timings: the timings of the run, filled while it runs.
    """

    tasks: Sequence[Task]
    sources: Sequence[Source]
    engine: Engine
    settings: Settings = field(default_factory=Settings)
    archive: Archive | None = None
    differs: Differs | None = None
    reference: Engine | None = None
    on_saved: Callable[[Sequence[TaskResult]], None] = lambda results: None
    timings: Timings = field(default_factory=Timings)

    def execute(self, on_progress: Callable[[TaskResult], None] | None = None) -> RunReport:
        """Run all phases on all tasks; Ctrl-C ends the run and keeps the finished batches.

        Args:
            on_progress: callback, called with each result once it is saved.
        """
        report = RunReport()
        try:
            for tasks in self._batches():
                for result in self._finish(self.work_on(tasks)):
                    report.results.append(result)
                    if on_progress:
                        on_progress(result)
        except KeyboardInterrupt:
            report.stopped = f"stopped: interrupted after {_tasks(len(report.results))}"
        else:
            report.stopped = f"stopped: {_tasks(len(report.results))} done"
            report.finished = True
        return report

    def work_on(self, tasks: Sequence[Task]) -> list[Work]:
        """Run the phases up to validation on some tasks; nothing is saved."""
        works = [Work(task) for task in tasks]
        for source in self.sources:
            self._propose(works, source)
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
            gather_evidence(works, self.engine, threads=threads)
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

    def _propose(self, works: Sequence[Work], source: Source) -> None:
        """Call a source for some tasks, and score the new programs."""
        settings, timings = self.settings, self.timings
        views = [TaskView(work.task) for work in works]
        known = Known(
            {work.task.id: _proposed(work) for work in works},
            lambda: frozenset(
                work.task.id for work in works if any(each.has_exact for each in work.scored)
            ),
        )
        with timings.measure(f"run_batt.source_{source.name}"):
            proposals = source.propose(views, known, settings.sources)
        for work, proposal in zip(works, proposals, strict=True):
            work.proposals[source.name] = proposal
        score_proposals(
            works,
            source.name,
            self.engine,
            settings.budget,
            threads=settings.jobs,
            timings=timings,
        )

    def _finish(self, works: Sequence[Work]) -> list[TaskResult]:
        """Save the programs of some tasks and choose the attempts."""
        if self.archive is not None:
            with self.timings.measure("run_batt.phase3b_file_ops"):
                save_works(works, self.archive, differs=self.differs)
        with self.timings.measure("run_batt.attempts"):
            results = [TaskResult.of(work) for work in works]
        with self.timings.measure("run_batt.record"):
            self.on_saved(results)
        return results

    def _batches(self) -> Iterator[Sequence[Task]]:
        size = self.settings.batch
        if any(source.is_slow for source in self.sources):
            size = min(size, SLOW_BATCH * self.settings.jobs)
        for start in range(0, len(self.tasks), size):
            yield self.tasks[start : start + size]


def _proposed(work: Work) -> Sequence[Weighted]:
    """Return all programs that were proposed for a task; of a single proposal, its own sequence."""
    given = [proposal.programs for proposal in work.proposals.values() if proposal.programs]
    return given[0] if len(given) == 1 else tuple(chain.from_iterable(given))


def _tasks(count: int) -> str:
    return f"{count} task" + ("" if count == 1 else "s")
