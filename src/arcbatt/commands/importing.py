"""Import: add programs from files to an archive, and report the results of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from arcbatt import interrupts
from arcbatt.archive import AddStatus, NewEntry
from arcbatt.archive.records import Head, read_head
from arcbatt.candidates import Score, Weighted, Work
from arcbatt.context import Context
from arcbatt.contract import GivenPrograms
from arcbatt.errors import ArcbattError, ParseError, TaskError, TaskNotFoundError
from arcbatt.pipeline.run import Run, Settings
from arcbatt.pipeline.saving import NewPrograms, save_programs
from arcbatt.program.check import check
from arcbatt.program.names import find_task, index_tasks
from arcbatt.program.parse import SourceProgram, parse_file
from arcbatt.sources.files import origin_of
from arcbatt.tasks import Dataset

MAX_GUESSES = 20
"""Number of missing tasks for which the closest ids are looked for."""


@dataclass(frozen=True, slots=True)
class TypeWarning:
    """A call in a program with an argument that does not fit its parameter."""

    file: str
    line: int
    program: str
    problem: str


@dataclass(slots=True)
class Imported:
    """The results of one imported program.

    Attributes:
        source: the program.
        head: its data in an exported file or a tree; None without them.
        tasks: the ids of the tasks that it was run on.
        ran: the ids of the tasks on which it returned a value for every demo.
        solved: the ids of the tasks whose demos are all exactly right.
    """

    source: SourceProgram
    tasks: tuple[str, ...]
    head: Head | None = None
    ran: list[str] = field(default_factory=list)
    solved: list[str] = field(default_factory=list)


@dataclass
class ImportReport:
    """The result of an import.

    Attributes:
        programs: the programs that could be read and had a task to run on.
        unreadable: the errors of files and functions that could not be read; of each file at most
            the first `MAX_ERRORS`.
        broken: the number of functions that could not be read.
        unlisted: the number of those whose errors are not kept.
        skipped: the lines of files outside of functions that are ignored.
        homeless: the number of programs whose tasks are all not in the dataset.
        missing: the errors of these tasks, one for each.
        warnings: the warnings of the type checker; programs with warnings are run all the same.
        refused: the number of candidates that did not pass validation.
        saved: the number of programs that were added to the archive, summed over the tasks.
        stopped: the reason why the import ended, a sentence.
        finished: whether all programs were run.
    """

    programs: list[Imported] = field(default_factory=list)
    unreadable: list[ParseError] = field(default_factory=list)
    broken: int = 0
    unlisted: int = 0
    skipped: list[ParseError] = field(default_factory=list)
    homeless: int = 0
    missing: list[ArcbattError] = field(default_factory=list)
    warnings: list[TypeWarning] = field(default_factory=list)
    refused: int = 0
    saved: int = 0
    stopped: str = ""
    finished: bool = False

    @property
    def parsed(self) -> int:
        """The number of programs that could be read."""
        return len(self.programs) + self.homeless

    @property
    def errors(self) -> list[ArcbattError]:
        """What could not be read, and tasks of programs that are not in the dataset."""
        return [*self.unreadable, *self.missing]

    @property
    def well_typed(self) -> int:
        """The number of programs without a warning."""
        return self.parsed - len({(warning.file, warning.program) for warning in self.warnings})

    @property
    def ran(self) -> int:
        """The number of programs that returned a value for every demo of a task."""
        return sum(bool(program.ran) for program in self.programs)

    @property
    def solved(self) -> int:
        """The number of programs that are right on all demos of a task."""
        return sum(bool(program.solved) for program in self.programs)


def import_programs(
    files: Iterable[Path],
    dataset: Dataset,
    context: Context,
    settings: Settings,
    *,
    task: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Read programs, run each on its task and add the best ones of every task to an archive.

    A program's tasks are those that its head names, or else the one in its name, such as
    ``solve_<id>`` or ``verify_<id>``. A program without a task is run on ``task``, or on all tasks
    of the dataset and added for those that it solves. A file or function that can't be read does
    not affect the others. Ctrl-C ends the import and keeps the finished tasks.

    Args:
        files: program files.
        dataset: the tasks.
        context: the engine, the differs, and the archive that keeps the programs.
        settings: bounds and sizes.
        task: the id of the task for programs that name none; None for all tasks.
        on_progress: callback, called with the number of tasks that are done, and of all tasks.
    """
    report = ImportReport()
    _assign(_read(files, report), dataset, task, report)
    wanted: dict[str, list[Imported]] = {}
    for program in report.programs:
        for task_id in program.tasks:
            wanted.setdefault(task_id, []).append(program)
    ids, done = list(wanted), 0
    with interrupts.hold():
        try:
            for start in range(0, len(ids), settings.batch):
                batch = ids[start : start + settings.batch]
                part = {each: wanted[each] for each in batch}
                _import_batch(dataset, part, context, settings, report)
                done += len(batch)
                if on_progress is not None:
                    on_progress(done, len(ids))
        except KeyboardInterrupt:
            report.stopped = f"stopped: {interrupts.cause()} after {done} of {len(ids)} tasks"
        else:
            report.stopped = f"stopped: {_tried(len(report.programs), len(ids))}"
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
        if not found.programs and not found.errors:
            report.unreadable.append(found.explain_nothing(path))
            continue
        programs.extend(found.programs)
        report.unreadable.extend(found.errors)
        report.broken += len(found.errors) + found.unlisted
        report.unlisted += found.unlisted
        report.skipped.extend(found.skipped)
    return programs


def _check_types(source: SourceProgram, report: ImportReport) -> None:
    report.warnings.extend(
        TypeWarning(source.file, source.lines[mismatch.node], source.name, str(mismatch))
        for mismatch in check(source.program).mismatches
    )


def _assign(
    sources: Iterable[SourceProgram], dataset: Dataset, task: str | None, report: ImportReport
) -> None:
    """Choose the tasks on which each program is run."""
    names = index_tasks(dataset.ids)
    missing: dict[str, list[SourceProgram]] = {}
    for source in sources:
        _check_types(source, report)
        named = find_task(source.name, names) or source.task
        head = read_head(source.comments)
        is_own = head is not None and head.md5 == source.program.md5
        if head is not None and head.tasks and (is_own or named is None):
            # A program that was changed below its head keeps the tasks, and no data.
            ids = sorted({each.task for each in head.tasks if each.task in dataset})
            fitting = tuple(each for each in ids if head.find(dataset[each].key))
            wanted = [str(each) if each.task in dataset else each.task for each in head.tasks]
        else:
            head, wanted = None, [named or task or ""]
            known = _find(wanted[0], dataset)
            fitting = dataset.ids if not wanted[0] else (known,) if known else ()
        if fitting:
            report.programs.append(Imported(source, fitting, head if is_own else None))
            continue
        report.homeless += 1
        for each in dict.fromkeys(wanted):
            missing.setdefault(each, []).append(source)
    report.missing = [
        _explain_missing(each, programs, dataset, guess=place < MAX_GUESSES)
        for place, (each, programs) in enumerate(missing.items())
    ]


def _find(name: str, dataset: Dataset) -> str | None:
    try:
        return dataset.find(name, guess=False)
    except ArcbattError:
        return None


def _explain_missing(
    name: str, programs: Sequence[SourceProgram], dataset: Dataset, *, guess: bool
) -> ArcbattError:
    """Return the error for a task that is not in the dataset, with the programs that want it."""
    first = f"{programs[0].file}:{programs[0].line}"
    many = f"{len(programs)} programs, the first " if len(programs) > 1 else ""
    wanted = f" (wanted by {many}{first})"
    task, _, content = name.partition("/")
    hint = ""
    if content and task in dataset:
        hint = f"; its task {task!r} has other samples"
    else:
        try:
            dataset.find(name, guess=guess)
        except TaskNotFoundError as error:
            hint = error.context["hint"]
        except TaskError as error:
            return TaskError(**{**error.context, "got": f"{error.context['got']}{wanted}"})
    return TaskNotFoundError(task=name, dataset=str(dataset), hint=f"{hint}{wanted}")


def _tried(programs: int, tasks: int) -> str:
    """Return how many programs were tried on how many tasks."""
    one = "1 program" if programs == 1 else f"{programs} programs"
    return f"{one} tried on {tasks} task{'s' * (tasks != 1)}"


def _import_batch(
    dataset: Dataset,
    wanted: dict[str, list[Imported]],
    context: Context,
    settings: Settings,
    report: ImportReport,
) -> None:
    """Run programs on some tasks, note their results, and save the best of every task."""
    # Tasks with the same programs share one list of them, and so one batt.
    shared: dict[tuple[int, ...], list[Weighted]] = {}
    programs = {
        task: shared.setdefault(tuple(map(id, imported)), _weighted(imported))
        for task, imported in wanted.items()
    }
    archive = context.require_archive()
    run = Run(
        tasks=(),
        sources=[GivenPrograms(programs, is_brought=True)],
        engine=context.engine,
        settings=settings,
        differs=context.differs,
    )
    with interrupts.release():
        works = run.work_on([dataset[task] for task in wanted])
    restored: list[NewEntry] = []
    for work in works:
        imported = wanted[work.task.id]
        _note(work, imported)
        named = {
            str(place)
            for place, each in enumerate(imported)
            if len(each.tasks) == 1 or each.head is not None
        }
        work.verdicts = [
            verdict
            for verdict in work.verdicts
            if verdict.candidate.score.is_exact
            or not named.isdisjoint((*verdict.candidate.names, *verdict.candidate.aliases))
        ]
        restored += _restore(work, imported)
        for verdict in work.verdicts:
            each = verdict.candidate
            each.aliases = tuple(imported[int(name)].source.name for name in each.aliases)
    saved = save_programs(
        [NewPrograms.of(work) for work in works], archive, differs=context.differs
    )
    statuses = archive.add_many(restored)
    report.saved += sum(status is not AddStatus.REFUSED for status in statuses)
    report.refused += sum(work.counts.refused for work in works)
    report.saved += sum(saved)


def _restore(work: Work, imported: Sequence[Imported]) -> list[NewEntry]:
    """Return the entries of the programs that passed and have data for the task in their heads.

    Of programs that behave alike all are kept, as in the archive from which they come. They are
    taken out of the verdicts.
    """
    places = {
        weighted.name: (scored, position)
        for scored in work.scored
        for position, root in enumerate(scored.roots)
        for weighted in root
    }
    entries = []
    for candidate in work.passed:
        for name in (*candidate.names, *candidate.aliases):
            source, head = imported[int(name)].source, imported[int(name)].head
            noted = head and head.find(work.task.key)
            if head and noted:
                scored, position = places[name]
                fuel, nanoseconds = scored.costs(position)
                entries.append(
                    NewEntry(
                        task=work.task.key,
                        program=source.program,
                        score=candidate.score,
                        fuel=fuel,
                        nanoseconds=nanoseconds,
                        source=noted.source,
                        parents=head.parents,
                        aliases=noted.aliases,
                        weight=noted.weight,
                    )
                )
    own = {entry.program.md5 for entry in entries}
    work.verdicts = [verdict for verdict in work.verdicts if verdict.candidate.md5 not in own]
    return entries


def _weighted(imported: Sequence[Imported]) -> list[Weighted]:
    """Return the programs with their indices as names, which are unique."""
    return [
        Weighted(str(place), each.source.program, origin=origin_of(Path(each.source.file)))
        for place, each in enumerate(imported)
    ]


def _note(work: Work, imported: Sequence[Imported]) -> None:
    """Note for each program whether it ran on a task, and whether it solved it."""
    for scored in work.scored:
        demos = range(len(work.task.demos))
        digests = zip(*map(scored.demos.digests_of, demos), strict=True)
        scores = zip(*map(scored.demos.scores_of, demos), strict=True)
        for weighted, digest, score in zip(scored.roots, digests, scores, strict=True):
            for each in weighted:
                if all(digest):
                    imported[int(each.name)].ran.append(work.task.id)
                if Score(score).is_exact:
                    imported[int(each.name)].solved.append(work.task.id)
