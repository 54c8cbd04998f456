"""Import: bring programs from files into an archive, and tell how far each of them came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from arcbatt.archive import Archive
from arcbatt.batt import Batt, merge
from arcbatt.engine import Case, Engine, Job
from arcbatt.errors import ParseError, TaskNotFoundError
from arcbatt.pipeline.run import Run, Settings
from arcbatt.pipeline.solve import load_differs, opened_referee
from arcbatt.pipeline.sources import deal_file
from arcbatt.pipeline.validate import Referee
from arcbatt.pipeline.work import Card
from arcbatt.program.check import check
from arcbatt.program.parse import SourceProgram, parse_file
from arcbatt.score import Score
from arcbatt.tasks import Dataset, Task


@dataclass(frozen=True, slots=True)
class TypeWarning:
    """A call in a program whose argument fits no type that its parameter takes."""

    file: str
    line: int
    program: str
    problem: str


@dataclass(slots=True)
class Imported:
    """How far one program came.

    Attributes:
        source: the program.
        tasks: ids of the tasks that it was run on.
        ran: tasks on which it returned a value for every demo.
        solved: tasks whose demos are all exactly right.
    """

    source: SourceProgram
    tasks: tuple[str, ...]
    ran: list[str] = field(default_factory=list)
    solved: list[str] = field(default_factory=list)


@dataclass
class ImportReport:
    """What became of the programs of some files.

    Attributes:
        programs: those that could be read and had a task to run on.
        unreadable: why the others could not be read.
        homeless: programs that name a task which the dataset does not have.
        warnings: of the type checker; such programs are run all the same.
        refused: candidates that did not pass validation.
        saved: programs that the archive kept, counted per task.
        stopped: the sentence with which the import ended.
        finished: whether it came to its end.
    """

    programs: list[Imported] = field(default_factory=list)
    unreadable: list[ParseError] = field(default_factory=list)
    homeless: list[TaskNotFoundError] = field(default_factory=list)
    warnings: list[TypeWarning] = field(default_factory=list)
    refused: int = 0
    saved: int = 0
    stopped: str = ""
    finished: bool = False

    @property
    def parsed(self) -> int:
        """How many programs could be read."""
        return len(self.programs) + len(self.homeless)

    @property
    def well_typed(self) -> int:
        """How many programs gave no warning."""
        return self.parsed - len({(warning.file, warning.program) for warning in self.warnings})

    @property
    def ran(self) -> int:
        """How many programs returned a value for every demo of a task."""
        return sum(bool(program.ran) for program in self.programs)

    @property
    def solved(self) -> int:
        """How many programs are right on all demos of a task."""
        return sum(bool(program.solved) for program in self.programs)


def import_programs(
    files: Iterable[Path],
    dataset: Dataset,
    archive: Archive,
    engine: Engine,
    settings: Settings,
    *,
    task: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Read programs, run each on its task and keep the best ones of every task.

    A program's task comes from its name, ``solve_<id>`` or ``verify_<id>``. A program without
    one is tried on ``task``, or on all tasks of the dataset and kept for those that it solves. A
    file or function that can't be read costs only itself. Ctrl-C ends the import and keeps what
    is done.

    Args:
        files: program files.
        dataset: has the tasks.
        archive: where programs are kept.
        engine: what evaluates.
        settings: bounds and sizes.
        task: id of the task for programs that name none.
        on_progress: is told how many tasks are done, and of how many.
    """
    report = ImportReport()
    for source in _read(files, report):
        _check_types(source, report)
        _assign(source, dataset, task, report)
    wanted: dict[str, list[Imported]] = {}
    for program in report.programs:
        for task_id in program.tasks:
            wanted.setdefault(task_id, []).append(program)
    ids = list(wanted)
    with opened_referee(engine, settings.jobs) as referee:
        importer = _Importer(archive, engine, referee, settings, report)
        try:
            for start in range(0, len(ids), settings.batch):
                batch = ids[start : start + settings.batch]
                importer.run([(dataset[each], wanted[each]) for each in batch])
                if on_progress is not None:
                    on_progress(importer.done, len(ids))
        except KeyboardInterrupt:
            report.stopped = f"stopped: interrupted after {importer.done} of {len(ids)} tasks"
        else:
            report.stopped = f"stopped: {report.parsed} programs tried on {len(ids)} tasks"
            report.finished = True
    return report


def _read(files: Iterable[Path], report: ImportReport) -> list[SourceProgram]:
    programs: list[SourceProgram] = []
    for path in files:
        try:
            found = parse_file(path)
        except ParseError as error:
            report.unreadable.append(error)
            continue
        programs.extend(found.programs)
        report.unreadable.extend(found.errors)
    return programs


def _check_types(source: SourceProgram, report: ImportReport) -> None:
    report.warnings.extend(
        TypeWarning(source.file, source.lines[mismatch.node], source.name, str(mismatch))
        for mismatch in check(source.program).mismatches
    )


def _assign(
    source: SourceProgram, dataset: Dataset, task: str | None, report: ImportReport
) -> None:
    """Give a program the tasks that it is run on."""
    own = source.task or task
    if own is None:
        report.programs.append(Imported(source, dataset.ids))
    elif own in dataset:
        report.programs.append(Imported(source, (own,)))
    else:
        where = f"{dataset} (wanted by {source.file}:{source.line})"
        report.homeless.append(TaskNotFoundError(task=own, dataset=where, hint=""))


class _Importer:
    """Sends tasks with their programs through the pipeline, some at a time."""

    def __init__(
        self,
        archive: Archive,
        engine: Engine,
        referee: Referee | None,
        settings: Settings,
        report: ImportReport,
    ) -> None:
        self.archive = archive
        self.engine = engine
        self.settings = settings
        self.report = report
        self.referee = referee
        self.differs = load_differs()
        self.done = 0

    def run(self, batch: Sequence[tuple[Task, list[Imported]]]) -> None:
        """Find out how far each program comes, then keep the best ones.

        Raises KeyboardInterrupt after Ctrl-C; what was done is counted then.
        """
        self._probe(batch)
        run = Run(
            tasks=[task for task, _ in batch],
            card=(),
            cards={task.id: _card(task, programs) for task, programs in batch},
            engine=self.engine,
            settings=self.settings,
            archive=self.archive,
            deal_from_archive=False,
            referee=self.referee,
            differs=self.differs,
        )
        found = run.execute()
        self.done += len(found.results)
        self.report.refused += sum(result.counts.refused for result in found.results)
        self.report.saved += sum(result.counts.saved for result in found.results)
        if not found.finished:
            raise KeyboardInterrupt

    def _probe(self, batch: Sequence[tuple[Task, list[Imported]]]) -> None:
        """Note for each program on which tasks it ran, and which it solved."""
        batts: dict[tuple[int, ...], Batt] = {}
        jobs = []
        for task, programs in batch:
            # Many tasks may share one list of programs, and so one batt.
            key = tuple(map(id, programs))
            if key not in batts:
                batts[key] = merge(
                    (str(index), each.source.program) for index, each in enumerate(programs)
                )
            cases = [Case(S=task.S, I=grid, wanted=wanted) for grid, wanted in task.S]
            jobs.append((batts[key], Job(batts[key].graph, cases)))
        settings = self.settings
        evaluations = self.engine.evaluate(
            [job for _, job in jobs], settings.budget, threads=settings.jobs
        )
        for (task, programs), (batt, job), evaluation in zip(batch, jobs, evaluations, strict=True):
            demos = range(len(job.cases))
            digests = list(zip(*map(evaluation.digests_of, demos), strict=True))
            scores = list(zip(*map(evaluation.scores_of, demos), strict=True))
            for root, names in enumerate(batt.names):
                for name in names:
                    if all(digests[root]):
                        programs[int(name)].ran.append(task.id)
                    if Score(scores[root]).is_exact:
                        programs[int(name)].solved.append(task.id)


def _card(task: Task, programs: Sequence[Imported]) -> Card:
    """Return the programs that name a task, and those tried on it that solve it."""
    return tuple(
        dealt
        for each in programs
        if len(each.tasks) == 1 or task.id in each.solved
        for dealt in deal_file([each.source], Path(each.source.file))
    )
