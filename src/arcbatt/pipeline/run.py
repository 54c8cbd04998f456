"""Run the phases on batches of tasks, save their programs and choose the attempts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import Any, Self

from arcbatt import interrupts
from arcbatt.archive import CAPACITY, AddStatus, Archive, NewEntry
from arcbatt.candidates import Candidate, Counts, Weighted, Work, check_scalars
from arcbatt.contract import Known, Source, SourceBudget, TaskView
from arcbatt.differs import Differs
from arcbatt.engine import Budget, Engine
from arcbatt.engine.outcome import is_arc_grid
from arcbatt.pipeline.filter import filter_candidates
from arcbatt.pipeline.nearness import differ_entries, score_nearness, tally
from arcbatt.pipeline.score import score_proposals
from arcbatt.pipeline.validate import cross_check, validate_candidates
from arcbatt.ranking.attempts import Attempt, TestAttempts, choose_attempts
from arcbatt.ranking.evidence import gather_evidence
from arcbatt.ranking.weights import weight_to_keep
from arcbatt.tasks import Task, TaskKey
from arcbatt.timings import Timings

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
        result = cls(
            task=document["task"],
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
            exact=document["exact"],
            attempts=tuple(
                tuple(
                    Attempt(**{**attempt, "grid": tuple(map(tuple, attempt["grid"]))})
                    for attempt in attempts
                )
                for attempts in document["attempts"]
            ),
            problem=document["problem"],
            stopped=dict(document["stopped"]),
        )
        attempts = [each for test in result.attempts for each in test]
        check_scalars(result, result.counts, *attempts, *([result.best] if result.best else ()))
        if not all(is_arc_grid(attempt.grid) for attempt in attempts):
            raise ValueError("an attempt is no grid of ARC")
        return result


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
    on_saved: Callable[[Sequence[TaskResult]], None] = lambda results: None
    timings: Timings = field(default_factory=Timings)
    results: dict[str, TaskResult] = field(default_factory=dict)

    def execute(self, on_progress: Callable[[TaskResult], None] | None = None) -> RunReport:
        """Run all phases on all tasks; a signal ends the run and keeps the finished batches.

        Args:
            on_progress: callback, called with each result once it is saved.

        Raises ArchiveError if the archive can't be written; `results` then has the results of the
        batch that was not saved, too.
        """
        before = len(self.results)
        todo = [task for task in self.tasks if task.id not in self.results]
        report = RunReport()
        with interrupts.hold():
            try:
                for tasks in self._batches(todo):
                    with interrupts.release():
                        works = self.work_on(tasks)
                    for result in self._finish(works):
                        if on_progress:
                            on_progress(result)
            except KeyboardInterrupt:
                report.stopped = f"{interrupts.cause()} after {_tasks(len(self.results))}"
            else:
                report.stopped = f"{_tasks(len(self.results))} done"
                report.finished = True
        report.stopped = f"stopped: {report.stopped}" + (f" ({before} before)" if before else "")
        report.results = [self.results[task.id] for task in self.tasks if task.id in self.results]
        return report

    def work_on(self, tasks: Sequence[Task]) -> list[Work]:
        """Run the phases up to validation on some tasks; nothing is saved."""
        works = [Work(task) for task in tasks]
        for source in self.sources:
            self._propose(works, source)
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
            is_brought=source.is_brought,
            threads=settings.jobs,
            timings=timings,
        )

    def _finish(self, works: Sequence[Work]) -> list[TaskResult]:
        """Choose the attempts of some tasks and save their programs."""
        with self.timings.measure("run_batt.attempts"):
            results = [TaskResult.of(work) for work in works]
        # Before they are saved: their attempts count even if the archive can't be written.
        self.results.update((result.task, result) for result in results)
        with self.timings.measure("run_batt.phase3b_file_ops"):
            if self.archive is None:
                self.on_saved(results)
            else:
                with self.archive.together():
                    save_works(works, self.archive, differs=self.differs)
                    self.on_saved(results)
        return results

    def _batches(self, tasks: Sequence[Task]) -> Iterator[Sequence[Task]]:
        size = self.settings.batch
        if self.engine.name == "reference" or any(source.is_slow for source in self.sources):
            size = min(size, SLOW_BATCH * self.settings.jobs)
        for start in range(0, len(tasks), size):
            yield tasks[start : start + size]


def _proposed(work: Work) -> Sequence[Weighted]:
    """Return all programs that were proposed for a task; of a single proposal, its own sequence."""
    given = [proposal.programs for proposal in work.proposals.values() if proposal.programs]
    return given[0] if len(given) == 1 else tuple(chain.from_iterable(given))


def _tasks(count: int) -> str:
    return f"{count} task" + ("" if count == 1 else "s")


def new_entry(
    task: TaskKey,
    candidate: Candidate,
    *,
    aliases: tuple[str, ...] = (),
    parents: tuple[str, ...] = (),
) -> NewEntry:
    """Return the archive's entry of a candidate that passed validation.

    Args:
        task: the key of the task.
        candidate: the solver.
        aliases: names of programs with the same behaviour.
        parents: md5s of the programs from which it was bred.
    """
    return NewEntry(
        task=task,
        program=candidate.program,
        score=candidate.score,
        fuel=candidate.fuel,
        nanoseconds=candidate.nanoseconds,
        source=candidate.source,
        aliases=aliases,
        parents=parents,
        weight=weight_to_keep(candidate),
    )


def save_works(works: Sequence[Work], archive: Archive, *, differs: Differs | None = None) -> None:
    """Add all candidates that passed validation, and the differs, in one transaction.

    The numbers of saved programs are noted in the counts of the works.

    Raises ArchiveError if the archive can't be written; nothing is added then.
    """
    saved = {work.task.key: 0 for work in works}
    solvers = [
        new_entry(work.task.key, candidate, aliases=candidate.aliases)
        for work in works
        for candidate in work.passed
    ]
    others = [] if differs is None else differ_entries(works, differs)
    statuses = archive.add_many([*solvers, *others])
    for entry, status in zip(solvers, statuses, strict=False):
        saved[entry.task] += status is not AddStatus.REFUSED
    for work in works:
        work.counts.saved = saved[work.task.key]
