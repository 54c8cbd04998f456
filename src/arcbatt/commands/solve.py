"""Solve: choose tasks, run the pipeline, write the submission, grade it, record the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from arcbatt.candidates import Counts
from arcbatt.context import Context
from arcbatt.errors import ArcbattError, SubmissionError, UsageError
from arcbatt.files import check_writable
from arcbatt.pipeline.journal import Journal
from arcbatt.pipeline.run import Run, RunReport, Settings, TaskResult
from arcbatt.pipeline.submission import (
    Grade,
    grade,
    read_submission,
    submission_of,
    write_submission,
)
from arcbatt.sources import default_sources, describe_options, open_sources
from arcbatt.tasks import Dataset, TaskChoice
from arcbatt.timings import Timings


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


@dataclass(frozen=True)
class SolveStart:
    """The facts about a run that are known when it begins.

    Attributes:
        tasks: the number of tasks.
        done_before: the ids of the tasks that an earlier, interrupted run had finished.
        engine: the name of the engine.
        sources: the names of the sources.
        unreadable: programs of the files that could not be read.
    """

    tasks: int
    done_before: tuple[str, ...]
    engine: str
    sources: tuple[str, ...]
    unreadable: tuple[ArcbattError, ...]


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
        grade: the grade of the submission that was written; None if no test output is known.
        damaged: programs of the archive that could not be read.
    """

    request: SolveRequest
    dataset: Dataset
    start: SolveStart
    report: RunReport
    totals: SolveTotals
    grade: Grade | None
    damaged: tuple[ArcbattError, ...] = ()


def solve(
    request: SolveRequest,
    *,
    timings: Timings | None = None,
    on_start: Callable[[SolveStart], None] = lambda start: None,
    on_progress: Callable[[TaskResult], None] = lambda result: None,
) -> Solved:
    """Run the pipeline as requested.

    Ctrl-C ends the run early: the finished tasks are in the archive, in the result and in the
    submission, and the same request continues from there.

    Args:
        request: the tasks, the sources and the settings.
        timings: the timings of the run, filled while it runs.
        on_start: callback, called once before the first task.
        on_progress: callback, called with each result.

    Raises ArcbattError if a file of the request can't be read, opened or written; this is checked
    before the run as far as possible.
    """
    timings = timings or Timings()
    settings = request.settings
    with Context(
        engine=request.engine,
        jobs=settings.jobs,
        archive=request.archive,
        keeps=True,
        capacity=settings.capacity,
        array_backend=request.array_backend,
        timings=timings,
    ) as context:
        with timings.measure("run_batt.load_tasks"):
            _check_submission(request.submission)
            dataset = request.choice.load()
            tasks = list(dataset)
        with timings.measure("run_batt.open"):
            engine = context.engine
            names = request.sources
            if names is None:
                names = default_sources(native=engine.name == "native")
            if not names:
                raise UsageError(problem="no sources and no files: there is nothing to try")
        with timings.measure("run_batt.load_programs"):
            sources = open_sources(names, request.options, context)
            differs = context.differs if request.differs else None
            unreadable = tuple(context.warnings)
        with timings.measure("run_batt.open"):
            archive = context.archive
            journal = Journal.begin(
                archive,
                settings=_settings(request, names),
                tasks=tasks,
                timings=timings,
            )
        before = journal.done_before
        todo = [task for task in tasks if task.id not in before]
        on_start(SolveStart(len(tasks), tuple(sorted(before)), engine.name, names, unreadable))
        run = Run(
            tasks=todo,
            sources=sources,
            engine=engine,
            settings=settings,
            archive=archive,
            differs=differs,
            reference=context.reference if request.cross_check else None,
            on_saved=journal.note,
            timings=timings,
        )
        report = _execute(run, journal, on_progress)
        if before:
            results = {**before, **{result.task: result for result in report.results}}
            report.results = [results[task.id] for task in tasks if task.id in results]
        with timings.measure("run_batt.submission"):
            graded = _submit(request, dataset, report)
        with timings.measure("run_batt.record"):
            journal.close(reason=report.stopped, finished=report.finished)
        start = SolveStart(len(tasks), tuple(sorted(before)), engine.name, names, unreadable)
        damaged = tuple(context.warnings[len(unreadable) :])
    totals = SolveTotals.of(report.results)
    return Solved(request, dataset, start, report, totals, graded, damaged)


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


def _execute(run: Run, journal: Journal, on_progress: Callable[[TaskResult], None]) -> RunReport:
    """Execute a run; finished tasks are recorded even if an error ends the run."""
    try:
        return run.execute(on_progress)
    except ArcbattError as error:
        # The archive itself may be what broke.
        with suppress(ArcbattError):
            journal.close(reason=f"stopped: {error}", finished=False)
        raise


def _check_submission(path: Path | None) -> None:
    if path is not None:
        try:
            check_writable(path)
        except OSError as error:
            raise SubmissionError(
                where=str(path),
                expected="a file that can be written",
                got=error.strerror or str(error),
            ) from error


def _submit(request: SolveRequest, dataset: Dataset, report: RunReport) -> Grade | None:
    """Write the submission and, where a test output is known, grade it."""
    path = request.submission
    if path is None:
        return None
    attempts = {result.task: result.attempts for result in report.results}
    try:
        write_submission(path, submission_of(dataset, attempts))
    except SubmissionError as error:
        if request.archive is None:
            raise
        kept = f"{error.context['got']}; the programs are kept in {request.archive}"
        raise SubmissionError(**{**error.context, "got": kept}) from error
    graded = grade(read_submission(path), list(dataset))
    return graded if graded.ungradable < len(graded.tasks) else None
