"""Measure: rounds of worker processes in which all sides take turns, and their files.

The files are pyperf's: `python -m pyperf stats FILE` reads them too.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pyperf

from arcbatt.errors import ArcbattError, UsageError
from arcbatt.files import write_atomically
from arcbatt.report.tables import count
from lab.workloads import BENCHMARKS, PREFIX, Benchmark, Options, spec_of

ROOT = Path(__file__).parents[1]
TASKS = 400
"""Number of training tasks of ARC-AGI-1."""
BASE, OTHER = "", "other"
"""Labels of sides: this Python, with which others are compared, and another Python."""


class BenchError(ArcbattError):
    """A benchmark that can't be run, or saved results that can't be read."""

    slug: ClassVar[str] = "bench"
    template: ClassVar[str] = "{where}: {problem}"


@dataclass(frozen=True, slots=True)
class Round:
    """The values of one process.

    Attributes:
        values_s: wall-clock times of the work, in seconds.
        metadata: metadata of pyperf and of the worker; the latter begin with `PREFIX`.
        warmups_s: wall-clock times of warm-ups, which do not count, in seconds.
    """

    values_s: tuple[float, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    warmups_s: tuple[float, ...] = ()

    @property
    def wall_s(self) -> float:
        """The median of the values, which are not independent of each other, in seconds."""
        return median(self.values_s)

    @property
    def cpu_s(self) -> float:
        """The CPU time of all processes for doing the work once, in seconds."""
        return float(self.metadata.get(PREFIX + "cpu_s", 0.0))

    @property
    def peak_mb(self) -> float:
        """The peak memory of the largest process, in MB."""
        return float(self.metadata.get(PREFIX + "peak_mb", 0.0))


@dataclass(frozen=True, slots=True)
class Series:
    """All rounds of one side.

    Attributes:
        benchmark: name of the benchmark.
        label: label of the side, `BASE` or `OTHER`.
        size: number of tasks, if the benchmark has a size; else None.
        rounds: rounds in the order in which they were measured, at least one.
    """

    benchmark: str
    label: str
    size: int | None
    rounds: tuple[Round, ...]

    @property
    def title(self) -> str:
        """The name of the series in a table."""
        size = f" of {self.size} tasks" if self.size else ""
        return f"{self.benchmark}{size}" + (f", {self.label}" if self.label else "")

    @property
    def walls_s(self) -> list[float]:
        """The wall-clock time of each round, in seconds."""
        return [each.wall_s for each in self.rounds]

    @property
    def cpus_s(self) -> list[float]:
        """The CPU time of each round, in seconds."""
        return [each.cpu_s for each in self.rounds]

    @property
    def peak_mb(self) -> float:
        """The median of the peaks over the rounds, in MB."""
        return median(each.peak_mb for each in self.rounds)


def save_series(path: Path, series: Iterable[Series]) -> None:
    """Write series to a file, completely or not at all.

    Raises OSError if the file can't be written.
    """
    text = io.StringIO()
    pyperf.BenchmarkSuite([_to_pyperf(each) for each in series]).dump(text, compact=False)
    write_atomically(path, text.getvalue())


def _to_pyperf(series: Series) -> Any:
    own = {"benchmark": series.benchmark, "label": series.label, "size": series.size or 0}
    return pyperf.Benchmark(
        [
            pyperf.Run(
                each.values_s,
                warmups=[(1, value) for value in each.warmups_s],
                metadata={
                    **each.metadata,
                    **{PREFIX + key: value for key, value in own.items() if value != ""},
                    "name": series.title,
                },
                collect_metadata=False,
            )
            for each in series.rounds
        ]
    )


def load_series(path: Path) -> tuple[Series, ...]:
    """Read series from a file that `save_series` wrote.

    Raises BenchError if it can't be read or has another form.
    """
    found = []
    for benchmark in _load(path):
        rounds = _rounds_of(benchmark)
        name = rounds[0].metadata.get(PREFIX + "benchmark")
        if name is None:
            raise BenchError(where=path, problem="expected what `lab.bench --save` writes")
        size = rounds[0].metadata.get(PREFIX + "size")
        label = rounds[0].metadata.get(PREFIX + "label", "")
        found.append(Series(str(name), str(label), int(size) if size else None, tuple(rounds)))
    return tuple(found)


def load_rounds(path: Path) -> list[Round]:
    """Read the rounds that a worker wrote; raises BenchError if there are none."""
    return [each for benchmark in _load(path) for each in _rounds_of(benchmark)]


def _load(path: Path) -> Sequence[Any]:
    try:
        suite = pyperf.BenchmarkSuite.load(str(path))
        return list(suite)
    except OSError as error:
        raise BenchError(where=path, problem=f"can't be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BenchError(
            where=path, problem=f"expected what `lab.bench --save` writes: {error!r}"
        ) from error


def _rounds_of(benchmark: Any) -> list[Round]:
    return [
        Round(
            tuple(run.values),
            {key: value for key, value in run.get_metadata().items() if key != "name"},
            tuple(value for _, value in run.warmups or ()),
        )
        for run in benchmark.get_runs()
        if run.values
    ]


@dataclass(frozen=True, slots=True)
class Side:
    """A benchmark with its options and interpreter, which is measured once per round.

    Attributes:
        benchmark: name of the benchmark.
        options: amount of work.
        label: `BASE`, or `OTHER` for another interpreter.
        python: path of the interpreter that measures.
    """

    benchmark: str
    options: Options
    label: str = BASE
    python: str = sys.executable


@dataclass(frozen=True, slots=True)
class Measurement:
    """The result of measuring.

    Attributes:
        series: one series per side.
        stopped: reason why the measurement ended, a sentence.
        finished: whether all rounds were done.
    """

    series: tuple[Series, ...]
    stopped: str
    finished: bool


def read_sizes(text: str) -> tuple[int, ...]:
    """Read numbers of tasks such as ``50,100,200``; raises UsageError if they are none."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isascii() and word.isdigit() and 1 <= int(word) <= TASKS for word in words):
        raise UsageError(
            problem=f"expected numbers of tasks from 1 to {TASKS} with commas between, got {text!r}"
        )
    return tuple(sorted(set(map(int, words))))


def sides_of(
    benchmarks: Sequence[Benchmark], sizes: Sequence[int], jobs: int, *, other: str | None = None
) -> list[Side]:
    """Return the sides of a list of benchmarks.

    Args:
        benchmarks: benchmarks to measure.
        sizes: numbers of tasks, for the benchmarks that have a size.
        jobs: number of threads, > 0.
        other: path of an interpreter with another arcbatt, to measure in turn; or None.
    """
    sides = [
        Side(each.name, Options(size=size, jobs=jobs))
        for each in benchmarks
        for size in (sizes if each.sized else (None,))
    ]
    if other is None:
        return sides
    return [turn for side in sides for turn in (side, replace(side, label=OTHER, python=other))]


def measure(
    sides: Sequence[Side], repeats: int, on_progress: Callable[[int, int], None]
) -> Measurement:
    """Measure all sides once per round, each in a process of its own.

    Every other round measures the sides in reverse order, so that a machine that becomes slower or
    faster favours no side. Ctrl-C ends the measurement and keeps the finished rounds.

    Args:
        sides: sides to measure.
        repeats: number of rounds, > 0.
        on_progress: callback, called with the number of processes that are done, and of all.

    Raises BenchError if a process fails.
    """
    rounds: list[list[Round]] = [[] for _ in sides]
    total = repeats * len(sides)
    done = 0
    stopped = f"stopped: {count(repeats, 'round')} done"
    finished = True
    with TemporaryDirectory(prefix="arcbatt-bench-") as folder:
        try:
            for python in dict.fromkeys(side.python for side in sides):
                _warm(python)
            for number in range(repeats):
                places = range(len(sides)) if number % 2 == 0 else reversed(range(len(sides)))
                for place in places:
                    on_progress(done, total)
                    rounds[place].append(_measure_once(sides[place], Path(folder)))
                    done += 1
        except KeyboardInterrupt:
            stopped = f"stopped: interrupted in round {done // len(sides) + 1} of {repeats}"
            finished = False
    series = (
        Series(side.benchmark, side.label, side.options.size, tuple(each))
        for side, each in zip(sides, rounds, strict=True)
    )
    return Measurement(tuple(each for each in series if each.rounds), stopped, finished)


def _warm(python: str) -> None:
    """Fill the cache of the library, which depends on the version."""
    code = "from arcbatt.library import load_merged_library; load_merged_library()"
    if complaint := _run([python, "-c", code], os.environ):
        raise BenchError(where=python, problem=f"has no arcbatt that runs: {complaint}")


def _measure_once(side: Side, folder: Path) -> Round:
    benchmark = BENCHMARKS[side.benchmark]
    result = folder / "result.json"
    words = [
        side.python, "-m", "lab.workloads",
        "--spec", spec_of(side.benchmark, side.options), "--result", str(result),
        "--worker", "--worker-task", "0", "--quiet",
        "--loops", "1", "--values", str(benchmark.values), "--warmups", str(benchmark.warmups),
    ]  # fmt: skip
    # Archives of a killed worker have to be in the folder that this process removes.
    environment = {**os.environ, "TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
    if complaint := _run(words, environment):
        raise BenchError(where=side.benchmark, problem=f"its process failed: {complaint}")
    [found] = load_rounds(result)
    result.unlink()
    return found


def _run(words: Sequence[str], environment: Mapping[str, str]) -> str | None:
    """Run a process to its end; return the last line of stderr if it failed.

    Raises BenchError if it can't be started.
    """
    try:
        done = subprocess.run(
            words,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
    except OSError as error:
        raise BenchError(where=words[0], problem=f"can't be run: {error.strerror}") from error
    if done.returncode == 0:
        return None
    lines = done.stderr.strip().splitlines()
    return lines[-1] if lines else f"exit code {done.returncode}"
