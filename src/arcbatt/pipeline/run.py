"""The run: phases over batches of tasks, then attempts."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from arcbatt.archive import CAPACITY, Archive
from arcbatt.batt import Batt
from arcbatt.differs import Differs
from arcbatt.engine import Budget, Engine
from arcbatt.engine.arrays_backends import ArrayBackend
from arcbatt.errors import ArcbattError, ArchiveError
from arcbatt.pipeline.attempts import TestAttempts, choose_attempts
from arcbatt.pipeline.deal import (
    NOTHING,
    SEARCH,
    KnownPrograms,
    deal_archive,
    deal_found,
    join_cards,
)
from arcbatt.pipeline.differs import Separation, measure_separation, score_nearness, tally
from arcbatt.pipeline.filter import filter_candidates, keep_best
from arcbatt.pipeline.inline import inline_candidates
from arcbatt.pipeline.making import LEFT_OUT, Maker, find_fitting
from arcbatt.pipeline.plainly import (
    Forgetful,
    OneByOne,
    join_behaviours,
    keep_best_behaviours,
)
from arcbatt.pipeline.save import Saving, save_candidates
from arcbatt.pipeline.score import merge_card, merge_cards, score_candidates
from arcbatt.pipeline.switches import NATIVE, Switches
from arcbatt.pipeline.validate import (
    Hearing,
    ParsedTexts,
    Referee,
    ask_referee,
    hear_referee,
    validate_candidates,
)
from arcbatt.pipeline.votes import Votes
from arcbatt.pipeline.work import Candidate, Card, Counts, Work
from arcbatt.profile.timings import Timings
from arcbatt.search.run import Searcher
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
        reasons: of each source that looks for programs: why it stopped, in a sentence.
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
    reasons: Mapping[str, str] = field(default_factory=dict)
    o_scores: Mapping[str, int] = field(default_factory=dict)
    d_scores: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    s_scores: tuple[int, ...] = ()


@dataclass
class RunReport:
    """Results of a run, in the order of the tasks, with the reason why it stopped."""

    results: list[TaskResult] = field(default_factory=list)
    stopped: str = ""
    finished: bool = False


@dataclass(frozen=True)
class _Validated:
    """Tasks that went through all phases, but for what the referee says of them."""

    works: list[Work]
    hearing: Hearing | None


@dataclass
class _Batch:
    """Tasks that went through all phases, and are being saved."""

    works: list[Work]
    saving: Saving | None = None
    attempts: dict[str, tuple[TestAttempts, ...]] | None = None


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
        votes: those of an earlier run that count again, by task and md5.
        separation: whether it is measured how well each differ tells exact outputs from others.
        on_saved: is called with the archive and the works of each batch that is saved, in the
            thread that saves.
        arrays: scores outputs in the engine's place; None leaves that to the engine.
        timings: filled while running.
        searcher: searches for more programs for each task; None does not.
        brief: searches in its place for tasks that a program of the card fits; None does not.
        makers: make more of them, one after the other, out of what is dealt by then.
        damaged: filled while running: programs of the archive that can't be read.
        separations: filled while running, if that is measured.
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
    votes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    separation: bool = False
    on_saved: Callable[[Archive, Sequence[Work]], None] | None = None
    searcher: Searcher | None = None
    brief: Searcher | None = None
    makers: Sequence[Maker] = ()
    arrays: ArrayBackend | None = None
    timings: Timings = field(default_factory=Timings)
    damaged: list[ArchiveError] = field(default_factory=list)
    separations: list[Separation] = field(default_factory=list)
    _parsed: ParsedTexts = field(default_factory=ParsedTexts, init=False, repr=False)
    _validated: _Validated | None = field(default=None, init=False, repr=False)
    _unfinished: _Batch | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.differs is not None and self.separation:
            self.separations = [Separation(name) for name in self.differs.names]
        if not self.settings.switches.caches and self.engine.name == NATIVE:
            self.engine = Forgetful(self.engine)

    def execute(self, on_progress: Callable[[TaskResult], None] | None = None) -> RunReport:
        """Run all phases on all tasks; Ctrl-C ends the run and keeps what is done.

        While the referee is at one batch and another one is saved, the next one is at work; where
        programs are looked for that would gain little, and whoever watches would wait for seconds.
        A result is reported once it is saved.
        """
        report = RunReport()

        def deliver() -> None:
            with self.timings.measure("run_batt.results"):
                for result in self._finish_batch():
                    report.results.append(result)
                    if on_progress:
                        on_progress(result)

        def hand_on() -> None:
            validated, self._validated = self._validated, None
            if validated is not None:
                self._hear(validated)
                deliver()
                self._begin_saving(validated.works)

        try:
            for tasks in self._batches():
                works = self._score(tasks)
                hand_on()
                self._validated = self._validate(works)
                if self._looks:
                    hand_on()
                    deliver()
            hand_on()
            deliver()
        except KeyboardInterrupt:
            hand_on()
            deliver()
            report.stopped = f"stopped: interrupted after {_tasks(len(report.results))}"
        except ArcbattError:
            hand_on()
            deliver()
            raise
        else:
            report.stopped = f"stopped: {_tasks(len(report.results))} done"
            report.finished = True
        return report

    def _batches(self) -> Iterator[Sequence[Task]]:
        for start in range(0, len(self.tasks), self.settings.batch):
            yield self.tasks[start : start + self.settings.batch]

    def work_on(self, tasks: Sequence[Task]) -> list[Work]:
        """Run the phases up to validation on some tasks; nothing is saved."""
        works = self._score(tasks)
        self._hear(self._validate(works))
        return works

    def _score(self, tasks: Sequence[Task]) -> list[Work]:
        budget, threads, timings = self._budget, self._threads, self.timings
        switches = self.settings.switches
        works = [Work(task) for task in tasks]
        with timings.measure("run_batt.deal"):
            self._deal(works)
        with timings.measure("run_batt.fitting"):
            fitting = self._find_fitting(works)
        if self.searcher is not None:
            with timings.measure("run_batt.search"):
                self._search(works, fitting)
        for maker in self.makers:
            with timings.measure(f"run_batt.{maker.source}"):
                self._make(works, maker, fitting)
        with timings.measure("run_batt.merge"):
            merge_cards(works, switches, common=(self.card, lambda: self._batt))
        with timings.measure("run_batt.check_batt"):
            score_candidates(
                works, self.engine, budget, threads=threads, timings=timings, arrays=self.arrays
            )
        with timings.measure("run_batt.phase1_filter"):
            for work in works:
                self._filter(work)
        return works

    def _validate(self, works: list[Work]) -> _Validated:
        budget, threads, timings = self._budget, self._threads, self.timings
        capacity, hearing, switches = self.settings.capacity, None, self.settings.switches
        if self.referee is not None:
            with timings.measure("run_batt.phase3a_referee"):
                hearing = ask_referee(works, self.referee, budget, capacity=self._heard(works))
        if self.differs is not None:
            with timings.measure("run_batt.phase4_differs"):
                score_nearness(
                    works, self.differs, self.engine, budget, threads=threads, timings=timings
                )
                if self.separation:
                    measure_separation(works, self.separations)
        with timings.measure("run_batt.phase2_inline_batch"):
            for work in works:
                self._keep_best(work, capacity)
            inline_candidates(works)
            self._recall_votes(works)
        with timings.measure("run_batt.phase3a_validate_batch"):
            validate_candidates(
                works,
                self.engine if switches.batches else OneByOne(self.engine),
                budget,
                threads=threads,
                timings=timings,
                parsed=self._parsed if switches.caches else None,
            )
        return _Validated(works, hearing)

    def _hear(self, validated: _Validated) -> None:
        works = validated.works
        if validated.hearing is not None:
            with self.timings.measure("run_batt.phase3a_referee"):
                hear_referee(validated.hearing, timings=self.timings)
        if not self.settings.switches.behaviours:
            with self.timings.measure("run_batt.phase3a_validate_batch"):
                for work in works:
                    join_behaviours(work)
                self._recall_votes(works)
        with self.timings.measure("run_batt.phase4_differs"):
            for work in works:
                tally(work)

    def _filter(self, work: Work) -> None:
        switches = self.settings.switches
        capacity = NEARNESS_FACTOR * self.settings.capacity if switches.cut else None
        if switches.behaviours:
            filter_candidates(work, capacity=capacity)
            return
        filter_candidates(work, by_behaviour=False)
        if capacity is not None:
            keep_best_behaviours(work, capacity=capacity)

    def _keep_best(self, work: Work, capacity: int) -> None:
        keep = keep_best if self.settings.switches.behaviours else keep_best_behaviours
        keep(work, capacity=capacity)

    def _heard(self, works: Sequence[Work]) -> int:
        """Return how many candidates of a work may come to validation."""
        if self.settings.switches.behaviours:
            return self.settings.capacity
        return max((len(work.candidates) for work in works), default=0)

    @property
    def _budget(self) -> Budget:
        return self.settings.switches.bound(self.settings.budget)

    @property
    def _threads(self) -> int:
        return self.settings.switches.count_threads(self.settings.jobs)

    def _begin_saving(self, works: list[Work]) -> None:
        batch = self._unfinished = _Batch(works)
        with self.timings.measure("run_batt.attempts"):
            if self.archive is not None:
                batch.saving = Saving(self.archive, lambda archive: self._save(works, archive))
            batch.attempts = self._choose_attempts(works)

    def _save(self, works: Sequence[Work], archive: Archive) -> None:
        save_candidates(works, archive, differs=self.differs)
        if self.on_saved is not None:
            self.on_saved(archive, works)

    def _choose_attempts(self, works: Sequence[Work]) -> dict[str, tuple[TestAttempts, ...]]:
        return choose_attempts(works, self.engine, self._budget, threads=self._threads)

    def _finish_batch(self) -> list[TaskResult]:
        """Wait until the last batch is saved and return its results, once."""
        batch = self._unfinished
        if batch is None:
            return []
        if batch.saving is not None:
            with self.timings.measure("run_batt.phase3b_wait"):
                try:
                    batch.saving.wait()
                except ArcbattError:
                    self._unfinished = None
                    raise
            self.timings.add_beside(
                "run_batt.phase3b_file_ops",
                started=batch.saving.started,
                wall_s=batch.saving.wall_s,
                cpu_s=batch.saving.cpu_s,
            )
        attempts = batch.attempts
        if attempts is None:  # it was interrupted
            attempts = self._choose_attempts(batch.works)
        self._unfinished = None
        return [_result(work, attempts[work.task.id]) for work in batch.works]

    def _deal(self, works: Sequence[Work]) -> None:
        for work in works:
            work.card = self.cards.get(work.task.id, self.card)
            if self.archive is not None and self.deal_from_archive:
                known = self._known if work.card is self.card else NOTHING
                kept = deal_archive(self.archive, work.task.id, known=known, damaged=self.damaged)
                work.card = join_cards([work.card, kept])

    def _find_fitting(self, works: Sequence[Work]) -> set[str]:
        """Return the tasks that a program of the library or a file fits, if it matters."""
        if not self._looks:
            return set()
        tasks = [work.task for work in self._new(works)]
        return find_fitting(
            tasks, self.card, self._batt, self.engine, self._budget, threads=self._threads
        )

    def _search(self, works: Sequence[Work], fitting: set[str]) -> None:
        """Search for programs, and add the tasks that one is found for to those that one fits."""
        new = self._new(works)
        found_for = set()
        for searcher, todo in (
            (self.searcher, [work for work in new if work.task.id not in fitting]),
            (self.brief, [work for work in new if work.task.id in fitting]),
        ):
            if searcher is None or not todo:
                continue
            found = searcher.search([work.task for work in todo], threads=self._threads)
            for work, searched in zip(todo, found, strict=True):
                work.card = join_cards([work.card, deal_found(searched)])
                work.reasons[SEARCH] = searched.reason
                if searched.found:
                    found_for.add(work.task.id)
        fitting |= found_for

    def _make(self, works: Sequence[Work], maker: Maker, fitting: Container[str]) -> None:
        todo = []
        for work in self._new(works):
            if maker.spares_fitting and (work.task.id in fitting or self._has_kept(work.task)):
                work.reasons[maker.source] = LEFT_OUT
            else:
                todo.append(work)
        done = maker.make([(work.task, work.card) for work in todo])
        for work, made in zip(todo, done, strict=True):
            work.card = join_cards([work.card, made.card])
            work.reasons[maker.source] = made.reason

    def _has_kept(self, task: Task) -> bool:
        """Tell whether a program that the archive deals fits a task."""
        if self.archive is None or not self.deal_from_archive:
            return False
        return any(entry.score.is_exact for entry in self.archive.entries(task.id))

    def _new(self, works: Sequence[Work]) -> list[Work]:
        """Return the works that have something dealt: those done before have nothing."""
        return [work for work in works if work.task.id not in self.cards]

    def _recall_votes(self, works: Sequence[Work]) -> None:
        for work in works:
            votes = self.votes.get(work.task.id, {})
            for candidate in work.candidates:
                if candidate.md5 in votes:
                    candidate.votes = Votes(simple=votes[candidate.md5])

    @property
    def _looks(self) -> bool:
        """Whether programs are looked for, task by task."""
        return self.searcher is not None or bool(self.makers)

    @cached_property
    def _known(self) -> KnownPrograms:
        return KnownPrograms(self.card)

    @cached_property
    def _batt(self) -> Batt:
        return merge_card(self.card, self.settings.switches)


def _result(work: Work, attempts: tuple[TestAttempts, ...]) -> TaskResult:
    passed = work.passed
    return TaskResult(
        task=work.task.id,
        counts=work.counts,
        best=passed[0] if passed else None,
        exact=sum(candidate.score.is_exact for candidate in passed),
        attempts=attempts,
        problem=work.problem,
        reasons=work.reasons,
        o_scores={candidate.md5: candidate.score.total for candidate in passed},
        d_scores=work.d_scores,
        s_scores=tuple(map(sum, zip(*work.s_scores, strict=True))),
    )


def _tasks(count: int) -> str:
    return f"{count} task" + ("" if count == 1 else "s")
