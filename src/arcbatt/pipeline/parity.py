"""Parity: the same work twice, in sequence on the reference engine and in parallel on another.

Candidate counts, scores, and the files of the archives have to be the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from arcbatt.archive import Archive
from arcbatt.differs import Differs
from arcbatt.engine import open_engine
from arcbatt.pipeline.run import Run, RunReport, Settings, TaskResult
from arcbatt.pipeline.work import Card
from arcbatt.tasks import Task

FOLDERS = ("solver_md5", "differ_md5")
"""Folders of an archive whose files are compared, by name and by the text of their programs."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not the same in both runs.

    Attributes:
        task: its id, or the folder for a file.
        what: differs.
        expected: in the sequential run on the reference engine.
        got: in the other run.
    """

    task: str
    what: str
    expected: object
    got: object

    def __str__(self) -> str:
        return f"{self.task}: {self.what}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True, slots=True)
class Parity:
    """What a comparison of two runs found.

    Attributes:
        tasks: how many were run.
        compared: how many values were compared.
        differences: all that were not the same.
    """

    tasks: int
    compared: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class _Side:
    report: RunReport
    files: dict[str, dict[str, str]]


def verify_run(
    tasks: Sequence[Task],
    card: Card,
    differs: Differs,
    settings: Settings,
    *,
    engine: str = "native",
    threads: Sequence[int] = (1, 2, 8),
    on_progress: Callable[[str], None] = lambda line: None,
) -> Parity:
    """Run the pipeline on the reference engine and then on another with some numbers of threads.

    Args:
        tasks: to run.
        card: programs that are dealt for every task.
        differs: to score with.
        settings: bounds and sizes; the jobs of it are not used.
        engine: by name, to compare with the reference engine.
        threads: to run it with, one run each.
        on_progress: is told a line when a run begins.

    Raises EngineError if there is no such engine.
    """
    on_progress("reference engine, in sequence")
    expected = _run(tasks, card, differs, settings, engine="reference", jobs=1)
    compared = 0
    differences: list[Difference] = []
    for number in threads:
        on_progress(f"{engine} engine, {number} thread{'' if number == 1 else 's'}")
        got = _run(tasks, card, differs, settings, engine=engine, jobs=number)
        for task, what, one, other in _pairs(expected, got):
            compared += 1
            if one != other:
                differences.append(Difference(task, f"{what}, {number} threads", one, other))
    return Parity(len(tasks), compared, tuple(differences))


def _run(
    tasks: Sequence[Task],
    card: Card,
    differs: Differs,
    settings: Settings,
    *,
    engine: str,
    jobs: int,
) -> _Side:
    with TemporaryDirectory(prefix="arcbatt-parity-") as folder:
        root = Path(folder) / "archive"
        with Archive.open(root) as archive:
            report = Run(
                tasks=tasks,
                card=card,
                engine=open_engine(engine),
                settings=Settings(
                    settings.budget, jobs=jobs, capacity=settings.capacity, batch=settings.batch
                ),
                archive=archive,
                differs=differs,
            ).execute()
        files = {name: _programs(root / name) for name in FOLDERS}
    return _Side(report, files)


def _programs(folder: Path) -> dict[str, str]:
    """Return the text of every program below a folder, without the head that holds times."""
    return {path.stem: _body(path.read_text()) for path in sorted(folder.glob("**/*.py"))}


def _body(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


def _pairs(expected: _Side, got: _Side) -> Iterator[tuple[str, str, object, object]]:
    """List what is compared: the task, what of it, and both values."""
    ours = {result.task: result for result in got.report.results}
    for result in expected.report.results:
        other = ours.get(result.task)
        if other is None:
            yield result.task, "result", "one", "none"
            continue
        for (what, one), (_, two) in zip(_values(result), _values(other), strict=True):
            yield result.task, what, one, two
    for folder in FOLDERS:
        one_side, other_side = expected.files[folder], got.files[folder]
        for name in sorted({*one_side, *other_side}):
            yield folder, f"{name}.py", one_side.get(name), other_side.get(name)


def _values(result: TaskResult) -> Iterator[tuple[str, object]]:
    for name, count in asdict(result.counts).items():
        yield f"candidates {name}", count
    yield "o_score", dict(result.o_scores)
    yield "d_score", dict(result.d_scores)
    yield "s_score", result.s_scores
    yield "attempts", [[attempt.grid for attempt in test] for test in result.attempts]
