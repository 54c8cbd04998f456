"""Series: what was measured round by round, and the files that keep it.

The files are pyperf's: `python -m pyperf stats FILE` reads them too.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from arcbatt.bench.worker import PREFIX
from arcbatt.errors import BenchError
from arcbatt.files import write_atomically


@dataclass(frozen=True, slots=True)
class Round:
    """What one process measured.

    Attributes:
        values_s: wall seconds of each time that it did the work.
        metadata: what pyperf and the worker noted; ours begin with `PREFIX`.
        warmups_s: wall seconds of the times that do not count.
    """

    values_s: tuple[float, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    warmups_s: tuple[float, ...] = ()

    @property
    def wall_s(self) -> float:
        """The median of the values: what follows in one process is not independent."""
        return median(self.values_s)

    @property
    def cpu_s(self) -> float:
        """CPU seconds of one time, of all processes."""
        return float(self.metadata.get(PREFIX + "cpu_s", 0.0))

    @property
    def peak_mb(self) -> float:
        """The most memory that the process had; that of its workers is not counted."""
        return float(self.metadata.get(PREFIX + "peak_mb", 0.0))

    @property
    def found(self) -> tuple[str, str]:
        """Digests of the attempts and of the programs that were found; empty for nothing."""
        return tuple(  # type: ignore[return-value]
            str(self.metadata.get(PREFIX + key, "")) for key in ("attempts", "programs")
        )


@dataclass(frozen=True, slots=True)
class Series:
    """All rounds of one side.

    Attributes:
        benchmark: its name.
        label: of the side; empty for the one that others are compared with.
        size: tasks, where the benchmark has a size.
        rounds: in the order in which they were measured, at least one.
    """

    benchmark: str
    label: str
    size: int | None
    rounds: tuple[Round, ...]

    @property
    def title(self) -> str:
        """What it is called in a table."""
        size = f" of {self.size} tasks" if self.size else ""
        return f"{self.benchmark}{size}" + (f", {self.label}" if self.label else "")

    @property
    def walls_s(self) -> list[float]:
        """Wall seconds of each round."""
        return [each.wall_s for each in self.rounds]

    @property
    def cpus_s(self) -> list[float]:
        """CPU seconds of each round."""
        return [each.cpu_s for each in self.rounds]

    @property
    def peak_mb(self) -> float:
        """The median of the peaks of its processes."""
        return median(each.peak_mb for each in self.rounds)

    @property
    def spec(self) -> dict[str, Any]:
        """What its workers were told to do."""
        spec = json.loads(self.rounds[0].metadata.get(PREFIX + "spec", "{}"))
        return spec if isinstance(spec, dict) else {}


def save_series(path: Path, series: Iterable[Series]) -> None:
    """Write series to a file, whole or not at all.

    Raises OSError if the file can't be written.
    """
    import pyperf

    text = io.StringIO()
    pyperf.BenchmarkSuite([_to_pyperf(each) for each in series]).dump(text, compact=False)
    write_atomically(path, text.getvalue())


def _to_pyperf(series: Series) -> Any:
    import pyperf

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

    Raises BenchError if it can't be read or is none.
    """
    found = []
    for benchmark in _load(path):
        rounds = _rounds_of(benchmark)
        name = rounds[0].metadata.get(PREFIX + "benchmark")
        if name is None:
            raise BenchError(where=path, problem="expected what `batt bench --save` writes")
        size = rounds[0].metadata.get(PREFIX + "size")
        label = rounds[0].metadata.get(PREFIX + "label", "")
        found.append(Series(str(name), str(label), int(size) if size else None, tuple(rounds)))
    return tuple(found)


def load_rounds(path: Path) -> list[Round]:
    """Read the rounds that a worker wrote; raises BenchError if there are none."""
    return [each for benchmark in _load(path) for each in _rounds_of(benchmark)]


def _load(path: Path) -> Sequence[Any]:
    import pyperf

    try:
        suite = pyperf.BenchmarkSuite.load(str(path))
        return list(suite)
    except OSError as error:
        raise BenchError(where=path, problem=f"can't be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BenchError(
            where=path, problem=f"expected what `batt bench --save` writes: {error!r}"
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
