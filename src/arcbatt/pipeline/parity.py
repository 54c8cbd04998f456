"""Parity: the same work twice, in sequence on the reference engine and in parallel on another.

Candidate counts, scores, attempts and the files of the archives have to be the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from arcbatt.archive import Archive
from arcbatt.differs import Differs
from arcbatt.engine import open_engine
from arcbatt.errors import UsageError
from arcbatt.pipeline.deal import join_cards
from arcbatt.pipeline.run import Run, RunReport, Settings, TaskResult
from arcbatt.pipeline.work import Card
from arcbatt.tasks import Task

FOLDERS = ("solver_md5", "differ_md5")
"""Folders of an archive whose files are compared, all but the times that a head holds."""
_TIME = re.compile(r"(?<=, )nanoseconds \d+(?=, )")


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not the same in both runs.

    Attributes:
        place: id of the task, or name of the file.
        what: differs: a count, a score, the attempts, or the folder of a file.
        threads: of the run that is compared with the sequential one.
        expected: in the sequential run on the reference engine; None where it has no such thing.
        got: in the other run; None where it has no such thing.
    """

    place: str
    what: str
    threads: int
    expected: object
    got: object


@dataclass(frozen=True, slots=True)
class Parity:
    """What a comparison of runs found.

    Attributes:
        tasks: how many were run.
        programs: how many were dealt, summed over the tasks.
        engine: that was compared with the reference engine.
        threads: of each run of it.
        compared: how many values of each kind were compared.
        differences: all that were not the same.
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
    files: dict[str, dict[str, str]]


def read_threads(text: str) -> tuple[int, ...]:
    """Read numbers of threads such as ``1,2,8``; raises UsageError if they are none."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isascii() and word.isdigit() and 1 <= int(word) <= 1024 for word in words):
        raise UsageError(
            problem=f"expected numbers of threads from 1 to 1024 with commas between, got {text!r}"
        )
    return tuple(dict.fromkeys(map(int, words)))


def deal_some(
    tasks: Sequence[Task], library: Card, programs: int, *, others: Card = ()
) -> dict[str, Card]:
    """Deal each task a few programs: those that bear its id, and the ones after them.

    Two tasks that follow each other in a library have most of their programs in common, so that
    each program meets its own task and some others.

    Args:
        tasks: to deal for.
        library: to choose from, cyclically.
        programs: how many to choose, as far as there are so many.
        others: programs that every task gets too.

    Raises UsageError if a task gets no program.
    """
    cards = {task.id: join_cards([_around(task.id, library, programs), others]) for task in tasks}
    if not all(cards.values()):
        raise UsageError(problem="no programs to deal: raise --programs or name a --library")
    return cards


def _around(task: str, library: Card, programs: int) -> Card:
    places = [place for place, dealt in enumerate(library) if dealt.name.endswith(f"_{task}")]
    start = places[0] if places else sum(dealt.name < f"solve_{task}" for dealt in library)
    return (*library[start:], *library[:start])[:programs]


def verify_run(
    tasks: Sequence[Task],
    cards: Mapping[str, Card],
    differs: Differs,
    settings: Settings,
    *,
    engine: str = "native",
    threads: Sequence[int] = (1, 2, 8),
    on_progress: Callable[[TaskResult], None] = lambda result: None,
) -> Parity:
    """Run the pipeline on the reference engine and then on another with some numbers of threads.

    The run on the reference engine does one task after the other; in the other ones the tasks go
    through the phases together, as in `batt solve`.

    Args:
        tasks: to run.
        cards: programs that are dealt, by id of the task.
        differs: to score with.
        settings: bounds and sizes; the jobs of it are not used.
        engine: by name, to compare with the reference engine.
        threads: to run it with, one run each.
        on_progress: is told each result of each run.

    Raises EngineError if there is no such engine, KeyboardInterrupt after Ctrl-C.
    """

    def run(engine: str, settings: Settings) -> _Side:
        return _run(tasks, cards, differs, settings, engine, on_progress)

    open_engine(engine)
    expected = run("reference", replace(settings, jobs=1, batch=1))
    compared: Counter[str] = Counter()
    differences: list[Difference] = []
    for number in threads:
        got = run(engine, replace(settings, jobs=number))
        for place, what, one, other in _pairs(expected, got):
            compared[what] += 1
            if one != other:
                differences.append(Difference(place, what, number, one, other))
    return Parity(
        tasks=len(tasks),
        programs=sum(len(cards[task.id]) for task in tasks),
        engine=engine,
        threads=tuple(threads),
        compared=dict(compared),
        differences=tuple(differences),
    )


def _run(
    tasks: Sequence[Task],
    cards: Mapping[str, Card],
    differs: Differs,
    settings: Settings,
    engine: str,
    on_progress: Callable[[TaskResult], None],
) -> _Side:
    with TemporaryDirectory(prefix="arcbatt-parity-") as folder:
        root = Path(folder) / "archive"
        with Archive.open(root, capacity=settings.capacity) as archive:
            report = Run(
                tasks=tasks,
                card=(),
                cards=cards,
                engine=open_engine(engine),
                settings=settings,
                archive=archive,
                differs=differs,
            ).execute(on_progress)
        if not report.finished:
            raise KeyboardInterrupt
        files = {name: _programs(root / name) for name in FOLDERS}
    return _Side(report, files)


def _programs(folder: Path) -> dict[str, str]:
    """Return all program files of a folder by name, without the times in their heads."""
    files = sorted(folder.glob("*.py"))
    return {path.name: _TIME.sub("", path.read_text(encoding="utf-8")) for path in files}


def _pairs(expected: _Side, got: _Side) -> Iterator[tuple[str, str, object, object]]:
    """List what is compared: the place, what of it, and both values."""
    theirs = {result.task: dict(_values(result)) for result in expected.report.results}
    ours = {result.task: dict(_values(result)) for result in got.report.results}
    for task in {**theirs, **ours}:
        one, other = theirs.get(task, {}), ours.get(task, {})
        for what in {**one, **other}:
            yield task, what, one.get(what), other.get(what)
    for folder in FOLDERS:
        one_side, other_side = expected.files[folder], got.files[folder]
        for name in sorted({*one_side, *other_side}):
            yield name, folder, one_side.get(name), other_side.get(name)


def _values(result: TaskResult) -> Iterator[tuple[str, object]]:
    for name, number in asdict(result.counts).items():
        yield f"candidates {name}", number
    yield "o_score", list(result.o_scores.items())
    yield "d_score", dict(result.d_scores)
    yield "s_score", result.s_scores
    yield "attempts", [[attempt.grid for attempt in test] for test in result.attempts]
