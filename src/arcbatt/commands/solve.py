"""Solve: choose tasks, run the pipeline, write the submission, grade it, record the run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from arcbatt import interrupts
from arcbatt.candidates import Counts
from arcbatt.context import Context
from arcbatt.engine.processes import limit_memory
from arcbatt.engine.workers import Workers
from arcbatt.errors import ArcbattError, UsageError
from arcbatt.pipeline.answers import Answer, Form, Submission
from arcbatt.pipeline.journal import Journal
from arcbatt.pipeline.passes import Schedule, Turn
from arcbatt.pipeline.result import RunReport, TaskResult
from arcbatt.pipeline.run import Run, Settings
from arcbatt.pipeline.submission import Entries, Grade, SubmissionFile, grade
from arcbatt.sources import default_sources, describe_options, open_sources
from arcbatt.sources.archive import ArchiveSource
from arcbatt.tasks import Dataset, TaskChoice
from arcbatt.timings import Timings

WRITE_S = 30.0
"""Seconds after which the submission is written again, once a batch is done."""
FIRST_WRITE_S = 2.0
"""Seconds after which it is written for the first time."""
LOADED_S = 0.1
"""The least time that is left for the tasks once they are loaded, in seconds."""


@dataclass(frozen=True, kw_only=True)
class SolveRequest:
    """A request to solve tasks.

    Attributes:
        choice: the tasks.
        sources: names of sources, see `arcbatt.sources.SOURCES`; None for the default ones.
        options: the options of each source, by its name; a source without an entry has its
            defaults.
        archive: the path of the archive; None for no archive.
        engine: the name of the engine; None for the native one where it is built.
        array_backend: the library that scores outputs by arrays; None leaves that to the engine.
        settings: bounds and sizes.
        differs: whether the differs give partial credit; without them it is the share of equal
            cells.
        cross_check: whether programs that are right on all demos have to do the same on the
            reference engine.
        submission: the file to write; None for none.
        memory: the memory that all processes together may use, in bytes; None for 80 % of what
            the machine has. With a cluster, those of each machine.
        ray: the address of the Ray cluster that tries the tasks, ``auto`` for that of this machine;
            None for threads of this process.
    """

    choice: TaskChoice = field(default_factory=TaskChoice)
    sources: tuple[str, ...] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    archive: Path | None = None
    engine: str | None = None
    array_backend: str | None = None
    settings: Settings = field(default_factory=Settings)
    differs: bool = True
    cross_check: bool = False
    submission: Path | None = None
    memory: int | None = None
    ray: str | None = None


@dataclass(frozen=True)
class SolveStart:
    """The facts about a run that are known when it begins.

    Attributes:
        tasks: the number of tasks.
        done_before: the ids of the tasks for which earlier runs with the same settings have
            results.
        ahead: the ids of those of them that had more effort than this run may use; their answers
            stay.
        again: the ids of those that are tried again, since a source had failed, or arcbatt or the
            programs of the archive for them have changed after the run had finished.
        next_pass: the number of the pass with which the run begins or goes on, from 1; 0 if nothing
            is left to do.
        changed: the ids of the tasks that it had tried and that have changed since.
        engine: the name of the engine.
        sources: the names of the sources.
        unreadable: programs of the files, and results of earlier runs, that could not be read.
        workers: the workers that try the tasks; None for threads of this process.
    """

    tasks: int
    done_before: tuple[str, ...]
    ahead: tuple[str, ...]
    again: tuple[str, ...]
    next_pass: int
    changed: tuple[str, ...]
    engine: str
    sources: tuple[str, ...]
    unreadable: tuple[ArcbattError, ...]
    workers: Workers | None = None


@dataclass(frozen=True)
class SolveTotals:
    """Sums over the tasks of a run.

    Attributes:
        tasks: the number of tasks that are done.
        exact: the number of tasks with a solver that is right on all demos.
        lost: the number of tasks whose evaluation was lost.
        o_score: the sum of the o_scores of the best solvers.
        counts: the numbers of candidates after each phase, summed over the tasks.
    """

    tasks: int
    exact: int
    lost: int
    o_score: int
    counts: Counts

    @classmethod
    def of(cls, results: Sequence[TaskResult]) -> SolveTotals:
        """Sum up the results of a run."""
        names = [item.name for item in fields(Counts)]
        return cls(
            tasks=len(results),
            exact=sum(result.exact > 0 for result in results),
            lost=sum(bool(result.problem) for result in results),
            o_score=sum(sum(result.best.demo_scores) for result in results if result.best),
            counts=Counts(
                **{name: sum(getattr(result.counts, name) for result in results) for name in names}
            ),
        )


@dataclass(frozen=True)
class Solved:
    """The result of a request.

    Attributes:
        request: the request.
        dataset: the tasks that were chosen.
        start: the facts that were known when the run began.
        report: a result for each task that is done, and the reason why the run stopped.
        totals: sums over these results.
        submission: the file of the submission; None for none.
        grade: the grade of the submission that was written; None if no test output is known.
        damaged: programs of the archive that could not be read.
    """

    request: SolveRequest
    dataset: Dataset
    start: SolveStart
    report: RunReport
    totals: SolveTotals
    submission: SubmissionFile | None
    grade: Grade | None
    damaged: tuple[ArcbattError, ...] = ()


def solve(
    request: SolveRequest,
    *,
    timings: Timings | None = None,
    on_start: Callable[[SolveStart], None] = lambda start: None,
    on_progress: Callable[[TaskResult], None] = lambda result: None,
    on_pass: Callable[[Sequence[Turn]], None] = lambda turns: None,
) -> Solved:
    """Run the pipeline as requested.

    A signal (Ctrl-C) ends the run early, and so does the end of its time: what is found is in the
    archive, in the result and in the submission, and the same request continues from there. An
    error that ends the run leaves the submission written, too.

    Args:
        request: the tasks, the sources and the settings.
        timings: the timings of the run, filled while it runs.
        on_start: callback, called once before the first task.
        on_progress: callback, called with each result.
        on_pass: callback, called with the tasks of each pass before it begins.

    Raises ArcbattError if a file of the request can't be read, opened or written; this is checked
    before the run as far as possible.
    """
    started = time.monotonic()
    timings = timings or Timings()
    settings = request.settings
    limit_memory(request.memory)
    with (
        interrupts.receive(),
        Context(
            engine=request.engine,
            jobs=settings.jobs,
            archive=request.archive,
            keeps=True,
            capacity=settings.capacity,
            array_backend=request.array_backend,
            timings=timings,
        ) as context,
    ):
        with timings.measure("run_batt.load_tasks"):
            dataset = request.choice.load()
            tasks = list(dataset)
            submission = _open_submission(request, dataset)
        with timings.measure("run_batt.open"):
            engine = context.engine
            names = request.sources
            if names is None:
                names = default_sources(native=engine.name == "native")
            if not names:
                raise UsageError(problem="no sources and no files: there is nothing to try")
        workers = None
        if request.ray is not None:
            if request.array_backend is not None:
                raise UsageError(
                    problem="--ray and --array-backend contradict each other: workers score by"
                    " their engine"
                )
            with timings.measure("run_batt.open"):
                workers = context.open_workers(request.ray)
        with timings.measure("run_batt.load_programs"):
            sources = open_sources(names, request.options, context)
            differs = context.differs if request.differs else None
            unreadable = tuple(context.warnings)
        with timings.measure("run_batt.open"):
            archive = context.archive
            journal = Journal.begin(
                archive,
                settings=_settings(request, names),
                effort=settings.limits.evaluations,
                reads_archive=ArchiveSource.name in names,
                tasks=tasks,
                timings=timings,
            )
        before, effort = journal.done_before, settings.limits.evaluations
        turns = Schedule(settings.limits).turns([task.id for task in tasks], before)
        start = SolveStart(
            tasks=len(tasks),
            done_before=tuple(sorted(before)),
            ahead=tuple(
                sorted(task for task, each in before.items() if each.progress.evaluations > effort)
            ),
            again=journal.again,
            next_pass=min((turn.number for turn in turns), default=0),
            changed=journal.changed,
            engine=engine.name,
            sources=names,
            unreadable=(*unreadable, *journal.damaged),
            workers=workers,
        )
        on_start(start)
        limits = settings.limits
        if limits.total_seconds is not None:
            # What loading took is part of the time.
            left = limits.total_seconds - (time.monotonic() - started)
            settings = replace(settings, limits=replace(limits, total_seconds=max(LOADED_S, left)))
        run = Run(
            tasks=tasks,
            sources=sources,
            engine=engine,
            settings=settings,
            archive=archive,
            differs=differs,
            reference=context.reference if request.cross_check else None,
            on_saved=journal.note,
            timings=timings,
            results=dict(before),
            workers=workers,
            memory=request.memory,
        )
        with interrupts.hold():
            if submission is not None:
                submission.goes_on = bool(before) and not journal.was_finished
            report, answers = _execute(run, journal, submission, on_progress, on_pass)
        # Without a result, the answers are those of an earlier run.
        graded = _grade(dataset, answers) if report.results else None
        damaged = tuple(context.warnings[len(unreadable) :])
    totals = SolveTotals.of(report.results)
    return Solved(request, dataset, start, report, totals, submission, graded, damaged)


def _settings(request: SolveRequest, names: Sequence[str]) -> dict[str, Any]:
    """Return the settings that change the results of a run; threads and batches do not."""
    return {
        "dataset": request.choice.dataset,
        "split": request.choice.split,
        "sources": describe_options(names, request.options),
        "budget": asdict(request.settings.budget),
        "capacity": request.settings.capacity,
        "differs": request.differs,
        "cross_check": request.cross_check,
    }


def _open_submission(request: SolveRequest, dataset: Dataset) -> SubmissionFile | None:
    if request.submission is None:
        return None
    whole = replace(request.choice, ids=(), start=0, count=None)
    return SubmissionFile(request.submission, dataset, whole.load)


def _execute(
    run: Run,
    journal: Journal,
    submission: SubmissionFile | None,
    on_progress: Callable[[TaskResult], None],
    on_pass: Callable[[Sequence[Turn]], None],
) -> tuple[RunReport, dict[str, Entries]]:
    """Execute a run; return its report and its answers, which are in the submission.

    Finished tasks are recorded and their answers written even if an error ends the run.
    """
    written = time.monotonic() - WRITE_S + min(FIRST_WRITE_S, WRITE_S)

    def write() -> dict[str, Entries]:
        with run.timings.measure("run_batt.submission"):
            # A task that was lost is not done.
            done = {task: each.attempts for task, each in run.results.items() if not each.problem}
            return {} if submission is None else submission.write(done)

    def show(result: TaskResult) -> None:
        nonlocal written
        on_progress(result)
        if time.monotonic() - written > WRITE_S:
            write()
            written = time.monotonic()

    def begin_pass(turns: Sequence[Turn]) -> None:
        nonlocal written
        if run.results:
            write()
            written = time.monotonic()
        on_pass(turns)

    try:
        report = run.execute(show, begin_pass)
        answers = write()
        with run.timings.measure("run_batt.record"):
            journal.close(reason=report.stopped, finished=report.finished)
    except Exception as error:
        # The archive, or the disk, may be what broke.
        with suppress(ArcbattError):
            journal.close(reason=f"stopped: {error}", finished=False)
            if run.archive is not None:
                error.add_note(f"the programs are kept in {run.archive.path}")
        with suppress(ArcbattError):
            write()
            if submission is not None:
                tasks = "1 task" if len(run.results) == 1 else f"{len(run.results)} tasks"
                error.add_note(f"the answers for {tasks} are in {submission.path}")
        raise
    return report, answers


def _grade(dataset: Dataset, answers: Mapping[str, Entries]) -> Grade | None:
    """Grade the answers, where there are any and a test output is known."""
    if not answers:
        return None
    submitted = {
        task: {
            number: Answer(dict(enumerate(each.values(), start=1)))
            for number, each in enumerate(tests)
        }
        for task, tests in answers.items()
    }
    graded = grade(Submission("the run", Form.ARC_PRIZE, submitted), list(dataset))
    return graded if graded.ungradable < len(graded.tasks) else None
