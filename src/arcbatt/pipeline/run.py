"""The run: phases over batches of tasks, then attempts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from arcbatt.archive import CAPACITY, Archive
from arcbatt.differs import Differs
from arcbatt.engine import Budget, Engine
from arcbatt.errors import ArchiveError
from arcbatt.pipeline.attempts import TestAttempts, choose_attempts
from arcbatt.pipeline.deal import deal_archive, join_cards
from arcbatt.pipeline.differs import (
    Separation,
    measure_separation,
    save_differs,
    score_nearness,
    tally,
)
from arcbatt.pipeline.filter import filter_candidates, keep_best
from arcbatt.pipeline.inline import inline_candidates
from arcbatt.pipeline.plainly import (
    Forgetful,
    OneByOne,
    join_behaviours,
    keep_best_behaviours,
)
from arcbatt.pipeline.save import save_candidates
from arcbatt.pipeline.score import merge_cards, score_candidates
from arcbatt.pipeline.switches import NATIVE, Switches
from arcbatt.pipeline.validate import Referee, validate_candidates
from arcbatt.pipeline.work import Candidate, Card, Counts, Work
from arcbatt.profile.timings import Timings
from arcbatt.tasks import Task

NEARNESS_FACTOR = 2
"""For each solver kept so many of the best by equal cells are shown to the differs."""


@dataclass(frozen=True)
class Settings:
    """How to run.

    Attributes:
        budget: bounds of every evaluation.
        jobs: threads of the native engine, or worker processes of the reference engine.
        capacity: solvers kept per task.
        batch: tasks that go through the phases together; what is done is saved after each batch.
        switches: optimisations, all on.
    """

    budget: Budget = field(default_factory=Budget)
    jobs: int = 1
    capacity: int = CAPACITY
    batch: int = 20
    switches: Switches = field(default_factory=Switches)


@dataclass(frozen=True)
class TaskResult:
    """What a run found for one task.

    Attributes:
        task: its id.
        counts: candidates after each phase.
        best: the best candidate that passed validation, or None.
        exact: how many candidates that passed are right on all demos.
        attempts: two for each test input.
        problem: why the task was lost, or empty.
        o_scores: of all solvers that passed, by md5, the best first.
        d_scores: of the same solvers, one for each differ.
        s_scores: one for each differ.
    """

    task: str
    counts: Counts
    best: Candidate | None
    exact: int
    attempts: tuple[TestAttempts, ...]
    problem: str = ""
    o_scores: Mapping[str, int] = field(default_factory=dict)
    d_scores: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    s_scores: tuple[int, ...] = ()


@dataclass
class RunReport:
    """Results of a run, in the order of the tasks, with the reason why it stopped."""

    results: list[TaskResult] = field(default_factory=list)
    stopped: str = ""
    finished: bool = False


@dataclass
class Run:
    """One run of the pipeline.

    Attributes:
        tasks: what to solve.
        card: programs that are dealt for every task.
        engine: what evaluates.
        settings: bounds and sizes.
        archive: where programs are kept; None keeps nothing.
        deal_from_archive: whether the archive's programs for a task are dealt too.
        cards: programs that are dealt instead for some tasks, by id.
        referee: on which solvers that are exact on all demos have to do the same.
        differs: give partial credit to outputs that are not exact; without them it is the share
            of equal cells.
        timings: filled while running.
        damaged: filled while running: programs of the archive that can't be read.
        separations: filled while running: how well each differ tells exact outputs from others.
    """

    tasks: Sequence[Task]
    card: Card
    engine: Engine
    settings: Settings
    archive: Archive | None = None
    deal_from_archive: bool = True
    cards: Mapping[str, Card] = field(default_factory=dict)
    referee: Referee | None = None
    differs: Differs | None = None
    timings: Timings = field(default_factory=Timings)
    damaged: list[ArchiveError] = field(default_factory=list)
    separations: list[Separation] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.differs is not None:
            self.separations = [Separation(name) for name in self.differs.names]
        if not self.settings.switches.caches and self.engine.name == NATIVE:
            self.engine = Forgetful(self.engine)

    def execute(self, on_progress: Callable[[TaskResult], None] | None = None) -> RunReport:
        """Run all phases on all tasks; Ctrl-C ends the run and keeps what is done."""
        report = RunReport()
        try:
            for tasks in self._batches():
                for result in self._run_batch(tasks):
                    report.results.append(result)
                    if on_progress:
                        on_progress(result)
        except KeyboardInterrupt:
            report.stopped = f"stopped: interrupted after {_tasks(len(report.results))}"
        else:
            report.stopped = f"stopped: {_tasks(len(report.results))} done"
            report.finished = True
        return report

    def _batches(self) -> Iterator[Sequence[Task]]:
        for start in range(0, len(self.tasks), self.settings.batch):
            yield self.tasks[start : start + self.settings.batch]

    def _run_batch(self, tasks: Sequence[Task]) -> list[TaskResult]:
        switches, timings = self.settings.switches, self.timings
        budget = switches.bound(self.settings.budget)
        threads = switches.count_threads(self.settings.jobs)
        keep = keep_best if switches.behaviours else keep_best_behaviours
        works = [Work(task) for task in tasks]
        with timings.measure("run_batt.deal"):
            self._deal(works)
        with timings.measure("run_batt.merge"):
            merge_cards(works, switches)
        with timings.measure("run_batt.check_batt"):
            score_candidates(works, self.engine, budget, threads=threads, timings=timings)
        with timings.measure("run_batt.phase1_filter"):
            for work in works:
                filter_candidates(work, by_behaviour=switches.behaviours)
                if switches.cut:
                    keep(work, capacity=NEARNESS_FACTOR * self.settings.capacity)
        if self.differs is not None:
            with timings.measure("run_batt.phase4_differs"):
                score_nearness(
                    works, self.differs, self.engine, budget, threads=threads, timings=timings
                )
                measure_separation(works, self.separations)
        for work in works:
            keep(work, capacity=self.settings.capacity)
        with timings.measure("run_batt.phase2_inline_batch"):
            inline_candidates(works)
        with timings.measure("run_batt.phase3a_validate_batch"):
            validate_candidates(
                works,
                self.engine if switches.batches else OneByOne(self.engine),
                budget,
                threads=threads,
                timings=timings,
                referee=self.referee,
            )
            if not switches.behaviours:
                for work in works:
                    join_behaviours(work)
        with timings.measure("run_batt.phase4_differs"):
            for work in works:
                tally(work)
        with timings.measure("run_batt.phase3b_file_ops"):
            if self.archive is not None:
                save_candidates(works, self.archive)
                if self.differs is not None:
                    save_differs(works, self.differs, self.archive)
        with timings.measure("run_batt.attempts"):
            attempts = choose_attempts(works, self.engine, budget, threads=threads)
        return [_result(work, attempts[work.task.id]) for work in works]

    def _deal(self, works: Sequence[Work]) -> None:
        for work in works:
            work.card = self.cards.get(work.task.id, self.card)
            if self.archive is not None and self.deal_from_archive:
                known = self._known if work.card is self.card else ()
                kept = deal_archive(self.archive, work.task.id, known=known, damaged=self.damaged)
                work.card = join_cards([work.card, kept])

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(dealt.program.md5 for dealt in self.card)


def _result(work: Work, attempts: tuple[TestAttempts, ...]) -> TaskResult:
    passed = work.passed
    return TaskResult(
        task=work.task.id,
        counts=work.counts,
        best=passed[0] if passed else None,
        exact=sum(candidate.score.is_exact for candidate in passed),
        attempts=attempts,
        problem=work.problem,
        o_scores={candidate.md5: candidate.score.total for candidate in passed},
        d_scores=work.d_scores,
        s_scores=tuple(map(sum, zip(*work.s_scores, strict=True))),
    )


def _tasks(count: int) -> str:
    return f"{count} task" + ("" if count == 1 else "s")
