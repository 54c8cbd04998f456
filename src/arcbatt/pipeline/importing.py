"""Import: bring programs from files into an archive, and tell how far each of them came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from arcbatt.archive import Archive
from arcbatt.engine import Engine
from arcbatt.errors import ParseError, TaskNotFoundError
from arcbatt.pipeline.filter import filter_candidates, keep_best
from arcbatt.pipeline.inline import inline_candidates
from arcbatt.pipeline.run import Settings
from arcbatt.pipeline.save import save_candidates
from arcbatt.pipeline.score import merge_cards, merged, score_candidates
from arcbatt.pipeline.sources import deal_file
from arcbatt.pipeline.validate import validate_candidates
from arcbatt.pipeline.work import Card, Work
from arcbatt.profile.timings import Timings
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
    done = 0
    ids = list(wanted)
    try:
        for start in range(0, len(ids), settings.batch):
            batch = [(dataset[each], wanted[each]) for each in ids[start : start + settings.batch]]
            _run_batch(batch, archive, engine, settings, report)
            done += len(batch)
            if on_progress is not None:
                on_progress(done, len(ids))
    except KeyboardInterrupt:
        report.stopped = f"stopped: interrupted after {done} of {len(ids)} tasks"
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


def _run_batch(
    batch: Sequence[tuple[Task, list[Imported]]],
    archive: Archive,
    engine: Engine,
    settings: Settings,
    report: ImportReport,
) -> None:
    """Send the programs of some tasks through the phases, and note how far each came."""
    budget, threads, timings = settings.budget, settings.jobs, Timings()
    cards: dict[tuple[int, ...], Card] = {}
    works = [Work(task, card=_card(programs, cards)) for task, programs in batch]
    merge_cards(works)
    score_candidates(works, engine, budget, threads=threads, timings=timings)
    for work, (_, programs) in zip(works, batch, strict=True):
        _note(work, programs)
        filter_candidates(work)
        _drop_strangers(work, programs)
        keep_best(work, capacity=settings.capacity)
    inline_candidates(works)
    validate_candidates(works, engine, budget, threads=threads, timings=timings)
    save_candidates(works, archive)
    report.refused += sum(work.counts.refused for work in works)
    report.saved += sum(work.counts.saved for work in works)


def _card(programs: Sequence[Imported], cards: dict[tuple[int, ...], Card]) -> Card:
    """Return the card of some programs, the same object for the same programs."""
    key = tuple(map(id, programs))
    if key not in cards:
        cards[key] = tuple(
            dealt for each in programs for dealt in deal_file([each.source], Path(each.source.file))
        )
    return cards[key]


def _note(work: Work, programs: Sequence[Imported]) -> None:
    """Note on which task each program ran, and which it solved."""
    if work.scored is None or work.problem:
        return
    demos = work.scored.demos.outcomes
    roots = {program.body_hash: root for root, program in enumerate(merged(work).programs)}
    for program in programs:
        root = roots[program.source.program.body_hash]
        if any(row[root].failure for row in demos):
            continue
        program.ran.append(work.task.id)
        if Score(tuple(row[root].score for row in demos)).is_exact:
            program.solved.append(work.task.id)


def _drop_strangers(work: Work, programs: Sequence[Imported]) -> None:
    """Drop what was only tried on a task and does not solve it."""
    own = {each.source.name for each in programs if len(each.tasks) == 1}
    work.candidates = [
        candidate
        for candidate in work.candidates
        if candidate.score.is_exact or not own.isdisjoint((*candidate.names, *candidate.aliases))
    ]
