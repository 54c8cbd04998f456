"""Verify: do the same work in sequence on the reference engine and in parallel on another one.

Candidate counts, scores, attempts and the entries of the archives have to be equal, and of equal
types: a truth value in the place of a number is a difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from arcbatt.archive import KINDS, Archive
from arcbatt.candidates import Weighted
from arcbatt.contract import JOBS_MAX, GivenPrograms
from arcbatt.differs import Differs
from arcbatt.dsl.values import alike
from arcbatt.engine import open_engine
from arcbatt.errors import UsageError
from arcbatt.pipeline.result import RunReport, TaskResult
from arcbatt.pipeline.run import Run, Settings
from arcbatt.program.names import is_named_after
from arcbatt.tasks import Task


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that is not the same in both runs.

    Attributes:
        place: the id of a task, or the task and the md5 of an entry of the archive.
        what: the kind of the value: a count, a score, the attempts, or an entry of the archive.
        threads: the number of threads of the run that is compared with the sequential one.
        expected: the value in the sequential run on the reference engine; None for no value.
        got: the value in the other run; None for no value.
    """

    place: str
    what: str
    threads: int
    expected: object
    got: object


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of comparing runs.

    Attributes:
        tasks: the number of tasks that were run.
        programs: the number of programs, summed over the tasks.
        engine: the engine that was compared with the reference engine.
        threads: the number of threads of each run of this engine.
        compared: the number of values of each kind that were compared.
        differences: all values that were not the same.
    """

    tasks: int
    programs: int
    engine: str
    threads: tuple[int, ...]
    compared: Mapping[str, int]
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class _Side:
    report: RunReport
    entries: dict[str, dict[str, object]]


def read_threads(text: str) -> tuple[int, ...]:
    """Read numbers of threads such as ``1,2,8``; raises UsageError if they are none."""
    words = [word.strip() for word in text.split(",")]
    if not all(
        word.isascii() and word.isdigit() and len(word) < 9 and 1 <= int(word) <= JOBS_MAX
        for word in words
    ):
        raise UsageError(
            problem=f"expected numbers of threads from 1 to {JOBS_MAX} with commas between,"
            f" got {text!r}"
        )
    return tuple(dict.fromkeys(map(int, words)))


def choose_programs(
    tasks: Sequence[Task],
    library: Sequence[Weighted],
    count: int,
    *,
    others: Sequence[Weighted] = (),
) -> dict[str, Sequence[Weighted]]:
    """Choose programs for each task: those with its id in their names, and the next ones.

    Adjacent tasks of a library share most of their programs, so each program is run on its own task
    and on some others.

    Args:
        tasks: the tasks.
        library: the programs to choose from, cyclically.
        count: the largest number of programs to choose per task, 0 or more.
        others: further programs for every task.

    Raises UsageError if a task gets no program.
    """
    chosen: dict[str, Sequence[Weighted]] = {
        task.id: [*_around(task.id, library, count), *others] for task in tasks
    }
    if not all(chosen.values()):
        raise UsageError(problem="no programs to run: raise --programs or name a --library")
    return chosen


def _around(task: str, library: Sequence[Weighted], count: int) -> Sequence[Weighted]:
    places = [place for place, each in enumerate(library) if is_named_after(each.name, task)]
    start = places[0] if places else sum(each.name < f"solve_{task}" for each in library)
    return (*library[start:], *library[:start])[:count]


def verify(
    tasks: Sequence[Task],
    programs: Mapping[str, Sequence[Weighted]],
    differs: Differs,
    settings: Settings,
    *,
    engine: str = "native",
    threads: Sequence[int] = (1, 2, 8),
    on_progress: Callable[[TaskResult], None] = lambda result: None,
) -> Verification:
    """Run the pipeline on the reference engine, then on another with some numbers of threads.

    The run on the reference engine does one task after the other; in the other runs the tasks go
    through the phases together, as in `batt solve`.

    Args:
        tasks: the tasks to run.
        programs: the programs to run, by task id.
        differs: the differs to score with.
        settings: bounds and sizes; its jobs are not used.
        engine: the name of the engine to compare with the reference engine.
        threads: the numbers of threads of its runs, one run each.
        on_progress: callback, called with each result of each run.

    Raises EngineError if the engine is unknown, KeyboardInterrupt after Ctrl-C.
    """

    def run(engine: str, settings: Settings) -> _Side:
        return _run(tasks, programs, differs, settings, engine, on_progress)

    open_engine(engine)
    expected = run("reference", replace(settings, jobs=1, batch=1))
    compared: Counter[str] = Counter()
    differences: list[Difference] = []
    for number in threads:
        got = run(engine, replace(settings, jobs=number))
        for place, what, one, other in _pairs(expected, got):
            compared[what] += 1
            if not alike(one, other):
                differences.append(Difference(place, what, number, one, other))
    return Verification(
        tasks=len(tasks),
        programs=sum(len(programs[task.id]) for task in tasks),
        engine=engine,
        threads=tuple(threads),
        compared=dict(compared),
        differences=tuple(differences),
    )


def _run(
    tasks: Sequence[Task],
    programs: Mapping[str, Sequence[Weighted]],
    differs: Differs,
    settings: Settings,
    engine: str,
    on_progress: Callable[[TaskResult], None],
) -> _Side:
    with (
        TemporaryDirectory(prefix="arcbatt-verify-") as folder,
        Archive.open(Path(folder) / "archive.db", capacity=settings.capacity) as archive,
    ):
        report = Run(
            tasks=tasks,
            sources=[GivenPrograms(programs)],
            engine=open_engine(engine),
            settings=settings,
            archive=archive,
            differs=differs,
        ).execute(on_progress)
        if not report.finished:
            raise KeyboardInterrupt
        entries = {kind: _entries(archive, kind) for kind in KINDS}
    return _Side(report, entries)


def _entries(archive: Archive, kind: str) -> dict[str, object]:
    """Return all entries of a kind with their texts, but without times."""
    return {
        f"{each.task} {each.md5}": (
            each.score.demos,
            each.size,
            each.fuel,
            each.source,
            each.weight,
            each.aliases,
            archive.text(each.md5),
        )
        for each in archive.entries(kind=kind)
    }


def _pairs(expected: _Side, got: _Side) -> Iterator[tuple[str, str, object, object]]:
    """Yield the values to compare: the place, the kind of value, and both values."""
    theirs = {result.task: dict(_values(result)) for result in expected.report.results}
    ours = {result.task: dict(_values(result)) for result in got.report.results}
    for task in {**theirs, **ours}:
        one, other = theirs.get(task, {}), ours.get(task, {})
        for what in {**one, **other}:
            yield task, what, one.get(what), other.get(what)
    for kind in KINDS:
        one_side, other_side = expected.entries[kind], got.entries[kind]
        for name in sorted({*one_side, *other_side}):
            yield name, f"archive {kind}", one_side.get(name), other_side.get(name)


def _values(result: TaskResult) -> Iterator[tuple[str, object]]:
    for name, number in asdict(result.counts).items():
        yield f"candidates {name}", number
    yield "o_score", list(result.o_scores.items())
    yield "d_score", dict(result.d_scores)
    yield "s_score", result.s_scores
    yield "attempts", [[attempt.grid for attempt in test] for test in result.attempts]
