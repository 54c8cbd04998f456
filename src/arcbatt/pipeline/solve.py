"""Solve: choose tasks, deal a card, run, write the submission, grade it, put it on record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

from arcbatt.archive import CAPACITY, Archive
from arcbatt.differs import Differs
from arcbatt.engine import Engine, open_engine
from arcbatt.engine.arrays_backends import open_arrays
from arcbatt.engine.pool import PooledEngine
from arcbatt.errors import ArcbattError, ArchiveError, ParseError, SubmissionError, UsageError
from arcbatt.files import check_writable
from arcbatt.library import DIFFERS, load_library, load_merged_library
from arcbatt.pipeline.deal import ARCHIVE, EVOLVE, FINDERS, KEPT, SEARCH
from arcbatt.pipeline.differs import Separation
from arcbatt.pipeline.journal import Journal
from arcbatt.pipeline.making import Maker, MakerPlan, brief_limits
from arcbatt.pipeline.run import Run, RunReport, Settings, TaskResult
from arcbatt.pipeline.sources import load_card, parent_sources
from arcbatt.pipeline.submission import (
    Grade,
    grade,
    read_submission,
    submission_of,
    write_submission,
)
from arcbatt.pipeline.switches import NATIVE
from arcbatt.pipeline.validate import Referee
from arcbatt.pipeline.work import Card, Counts
from arcbatt.profile.timings import Timings
from arcbatt.search.functions import NONE, digest_functions, load_moves
from arcbatt.search.run import Limits, Searcher
from arcbatt.tasks import DATASETS, Dataset, load_dataset


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to solve, with what.

    Attributes:
        dataset: name or path, see `load_dataset`.
        split: of the dataset.
        ids: of the tasks; none for all.
        start: how many of these tasks to skip, in ascending order of their ids.
        count: how many tasks to take; None for all that are left.
        sources: those of `SOURCES`.
        library: files with programs that are dealt too.
        batt: a batt file that is dealt instead of sources and files.
        archive: folder where programs are kept; None keeps nothing.
        engine: by name; None for the native one where it is built.
        settings: bounds and sizes.
        search: how long to search for each task, if the sources name search.
        functions: that search uses as moves, see `load_functions`.
        evolution: how programs are bred for each task, if the sources name evolve.
        seed: of random phases.
        submission: the file to write; None for none.
        differs: whether the differs give partial credit; without them it is the share of equal
            cells.
        separation: whether it is measured how well each differ tells exact outputs from others.
        array_backend: the library that scores outputs by arrays; None leaves that to the engine.
    """

    dataset: str = DATASETS[0]
    split: str | None = None
    ids: tuple[str, ...] = ()
    start: int = 0
    count: int | None = None
    sources: tuple[str, ...] = KEPT
    library: tuple[Path, ...] = ()
    batt: Path | None = None
    archive: Path | None = None
    engine: str | None = None
    settings: Settings = field(default_factory=Settings)
    search: Limits = field(default_factory=Limits)
    functions: str = NONE
    evolution: MakerPlan | None = None
    seed: int = 0
    submission: Path | None = None
    differs: bool = True
    separation: bool = False
    array_backend: str | None = None

    @property
    def is_long(self) -> bool:
        """Whether more tasks are asked for than go through the phases together."""
        bounds = [self.count, len(self.ids) or None]
        return all(bound is None or bound > self.settings.batch for bound in bounds)

    @property
    def deals_from_archive(self) -> bool:
        """Whether the programs that the archive keeps for a task are dealt."""
        return self.archive is not None and self.batt is None and ARCHIVE in self.sources


@dataclass(frozen=True)
class Start:
    """What is known when the run begins.

    Attributes:
        tasks: how many there are.
        done_before: ids of those that an earlier, interrupted run had finished.
        engine: name of the engine.
        unreadable: programs of the files that could not be read.
    """

    tasks: int
    done_before: tuple[str, ...]
    engine: str
    unreadable: tuple[ParseError, ...]


@dataclass(frozen=True)
class Totals:
    """Sums over the tasks of a run.

    Attributes:
        tasks: that came to an end.
        exact: tasks with a solver that is right on all demos.
        lost: tasks whose evaluation was lost.
        o_score: sum of the o_scores of the best solvers.
        counts: of candidates.
    """

    tasks: int
    exact: int
    lost: int
    o_score: int
    counts: Counts


@dataclass(frozen=True)
class Solved:
    """What came of a request.

    Attributes:
        request: what was asked for.
        dataset: the tasks that were chosen.
        start: what was known when the run began.
        report: a result for each task that came to an end, and why the run stopped.
        totals: sums over these results.
        grade: of the submission that was written; None if no test output is known.
        separations: how well each differ told exact outputs from others; none if it was not asked.
        damaged: programs of the archive that could not be read.
    """

    request: Request
    dataset: Dataset
    start: Start
    report: RunReport
    totals: Totals
    grade: Grade | None
    separations: tuple[Separation, ...] = ()
    damaged: tuple[ArchiveError, ...] = ()


def read_ids(words: Iterable[str]) -> Iterator[str]:
    """Yield the ids of tasks that words stand for: ids with commas between, or a file of them.

    Raises UsageError if a file can't be read as text.
    """
    for word in words:
        text = word
        if Path(word).is_file():
            try:
                text = Path(word).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise UsageError(
                    problem=f"{word}: expected a text file with ids: {error}"
                ) from error
        yield from text.replace(",", " ").split()


def choose_tasks(
    dataset: Dataset, *, ids: Sequence[str] = (), start: int = 0, count: int | None = None
) -> Dataset:
    """Choose tasks of a dataset: by id, and by place in ascending order of the ids.

    Raises:
        TaskNotFoundError: if an id is unknown.
        UsageError: if no task is left.
    """
    chosen = [dataset[task].id for task in ids] if ids else dataset.ids
    ordered = sorted(set(chosen))
    if start >= len(ordered):
        raise UsageError(
            problem=f"start {start} is beyond the last of {len(ordered)} tasks, number"
            f" {len(ordered) - 1}"
        )
    stop = None if count is None else start + count
    tasks = (dataset[task] for task in ordered[start:stop])
    return Dataset(dataset.name, tasks, split=dataset.split)


def solve(
    request: Request,
    *,
    timings: Timings | None = None,
    on_start: Callable[[Start], None] = lambda start: None,
    on_progress: Callable[[TaskResult], None] = lambda result: None,
) -> Solved:
    """Run the pipeline as a user asked for it.

    Ctrl-C ends the run early: what is done is in the archive, in the result and in the
    submission, and the same request goes on from there.

    Args:
        request: what to solve, with what.
        timings: filled while running.
        on_start: is told what is known before the first task.
        on_progress: is told each result.

    Raises ArcbattError if something of the request can't be read, opened or written; this is
    found before the run as far as possible.
    """
    timings = timings or Timings()
    with ExitStack() as open_things:
        with timings.measure("run_batt.open"):
            switches = request.settings.switches
            threads = switches.count_threads(request.settings.jobs)
            engine = open_things.enter_context(
                opened_engine(switches.choose_engine(request.engine), processes=threads)
            )
            _check_finders(request, engine)
            referee = open_things.enter_context(opened_referee(engine, threads))
            if referee is not None and request.is_long:
                referee.workers.start()  # while tasks and programs are loaded
        with timings.measure("run_batt.load_tasks"):
            _check_submission(request.submission)
            dataset = choose_tasks(
                load_dataset(request.dataset, split=request.split),
                ids=request.ids,
                start=request.start,
                count=request.count,
            )
            tasks = list(dataset)
        with timings.measure("run_batt.load_programs"):
            loaded = load_card(
                sources=request.sources,
                files=request.library,
                batt=request.batt,
                cached=switches.caches,
            )
            differs = None
            if request.differs:
                differs = load_differs(sharing=switches.sharing, cached=switches.caches)
        with timings.measure("run_batt.open"):
            arrays = None
            if request.array_backend is not None:
                arrays = open_arrays(request.array_backend)
            archive = None
            if request.archive is not None:
                archive = open_things.enter_context(
                    open_archive_to_keep(request.archive, capacity=request.settings.capacity)
                )
            if set(FINDERS).isdisjoint(request.sources):
                _check_programs(request, loaded.card, archive)
            searcher, brief = _open_searchers(request)
            makers = _open_makers(request, loaded.card, engine, threads=threads)
            journal = Journal.begin(
                archive,
                settings=_settings(request, dataset),
                card=loaded.card,
                tasks=dataset.ids,
                resumes=request.deals_from_archive,
            )
        start = Start(
            len(tasks), tuple(sorted(journal.done_before)), engine.name, loaded.unreadable
        )
        on_start(start)
        run = Run(
            tasks=tasks,
            card=loaded.card,
            engine=engine,
            settings=_batched(request),
            archive=archive,
            deal_from_archive=request.deals_from_archive,
            cards=dict.fromkeys(journal.done_before, ()),
            referee=referee,
            differs=differs,
            votes=journal.done_before,
            separation=request.separation,
            on_saved=partial(journal.note, timings=timings),
            searcher=searcher,
            brief=brief,
            makers=makers,
            arrays=arrays,
            timings=timings,
        )
        report = _execute(run, journal, on_progress)
        with timings.measure("run_batt.submission"):
            graded = _submit(request, dataset, report)
        with timings.measure("run_batt.record"):
            journal.write(reason=report.stopped, finished=report.finished, timings=timings)
            open_things.close()
    return Solved(
        request,
        dataset,
        start,
        report,
        add_up(report.results),
        graded,
        tuple(run.separations),
        tuple(run.damaged),
    )


def open_archive_to_keep(path: Path, *, capacity: int = CAPACITY) -> Archive:
    """Open an archive that programs will be added to; raises ArchiveError if that can't be."""
    archive = Archive.open(path, capacity=capacity)
    if not archive.writable:
        archive.close()
        raise ArchiveError(path=path, problem="is read-only, so nothing could be kept in it")
    return archive


def load_differs(*, sharing: bool = True, cached: bool = True) -> Differs:
    """Load the differs of the library, merged so that they share nodes if nothing else is said.

    Args:
        sharing: whether equal calls are one node.
        cached: whether they may come from the user's cache folder.
    """
    if not sharing:
        return Differs.of(load_library(DIFFERS), sharing=False)
    return Differs.of_batt(load_merged_library(DIFFERS, cached=cached))


@contextmanager
def opened_engine(name: str | None, *, processes: int) -> Iterator[Engine]:
    """Open an engine for a block and stop its worker processes afterwards, see `open_engine`."""
    engine = open_engine(name, processes=processes)
    try:
        yield engine
    finally:
        if isinstance(engine, PooledEngine):
            engine.close()


@contextmanager
def opened_referee(engine: Engine, processes: int) -> Iterator[Referee | None]:
    """Open the reference engine beside another one for a block; none beside itself."""
    if engine.name == "reference":
        yield None
        return
    workers = PooledEngine(max(2, processes))
    try:
        yield Referee(open_engine("reference"), workers)
    finally:
        workers.close()


def add_up(results: Sequence[TaskResult]) -> Totals:
    """Sum up the results of a run."""
    scores = [(result.best.score if result.best else None) for result in results]
    names = [item.name for item in fields(Counts)]
    return Totals(
        tasks=len(results),
        exact=sum(result.exact > 0 for result in results),
        lost=sum(bool(result.problem) for result in results),
        o_score=sum(score.total for score in scores if score),
        counts=Counts(
            **{name: sum(getattr(result.counts, name) for result in results) for name in names}
        ),
    )


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


def _check_programs(request: Request, card: Card, archive: Archive | None) -> None:
    kept = archive is not None and request.deals_from_archive and archive.tasks()
    if not card and not kept:
        raise UsageError(
            problem="no programs to deal: the sources that were named hold none; `batt import`"
            " brings some into the archive"
        )


FEW = 4
"""Tasks a thread that go through the phases together where programs are looked for."""


def _batched(request: Request) -> Settings:
    """Return the settings, with smaller batches where a task takes seconds.

    What is done is saved, and told, after each batch.
    """
    settings = request.settings
    if set(FINDERS).isdisjoint(request.sources):
        return settings
    return replace(settings, batch=min(settings.batch, FEW * settings.jobs))


def _check_finders(request: Request, engine: Engine) -> None:
    for name in FINDERS:
        if name in request.sources and engine.name != NATIVE:
            raise UsageError(
                problem=f"the source {name!r} needs the native engine; `batt solve --sources"
                f" {','.join(KEPT)}` does without it"
            )


def _open_makers(request: Request, card: Card, engine: Engine, *, threads: int) -> list[Maker]:
    if EVOLVE not in request.sources:
        return []
    if request.evolution is None:
        raise UsageError(problem=f"the source {EVOLVE!r} needs to be told how: no plan is there")
    sources = parent_sources(request.sources, request.library)
    parents = card
    if sources != request.sources:
        parents = load_card(sources=sources, cached=request.settings.switches.caches).card
    return [request.evolution.open(parents, engine=engine, threads=threads)]


def _open_searchers(request: Request) -> tuple[Searcher | None, Searcher | None]:
    """Return what searches, and what does so where a program of the library or a file fits."""
    if SEARCH not in request.sources:
        return None, None
    # A file of functions is read now, since it may be broken; the shipped table when it is needed.
    table = None if request.functions == NONE else load_moves(request.functions)
    limits = request.search
    return Searcher(limits, table=table), Searcher(brief_limits(limits), table=table)


def _settings(request: Request, dataset: Dataset) -> dict[str, Any]:
    """Return what changes the findings of a run; threads and batches do not."""
    off = request.settings.switches.off
    bred = EVOLVE in request.sources
    used = (bred or SEARCH in request.sources) and request.functions != NONE
    functions = {"functions": digest_functions(request.functions)} if used else {}
    return (
        ({"without": list(off)} if off else {})
        | functions
        | {
            "dataset": str(dataset),
            "sources": list(request.sources),
            "search": asdict(request.search) if SEARCH in request.sources else None,
            "budget": asdict(request.settings.budget),
            "capacity": request.settings.capacity,
            "differs": request.differs,
            "seed": request.seed,
        }
        | ({EVOLVE: dict(request.evolution.settings)} if bred and request.evolution else {})
    )


def _execute(run: Run, journal: Journal, on_progress: Callable[[TaskResult], None]) -> RunReport:
    """Run; what is done goes on record even where an error ends the run."""
    try:
        return run.execute(on_progress)
    except ArcbattError as error:
        # The archive itself may be what broke.
        with suppress(ArcbattError):
            journal.write(reason=f"stopped: {error}", finished=False, timings=run.timings)
        raise


def _submit(request: Request, dataset: Dataset, report: RunReport) -> Grade | None:
    """Write the submission and grade what was written, where a test output is known."""
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
