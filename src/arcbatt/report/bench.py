"""What benchmarks measured: medians with their spread, and ratios with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from rich.table import Table

from arcbatt.bench.findings import Comparison, Effect, Growth
from arcbatt.bench.intervals import CONFIDENCE, Estimate, Verdict
from arcbatt.bench.measure import Measured
from arcbatt.bench.series import Series
from arcbatt.bench.table import Benchmark
from arcbatt.bench.worker import PREFIX
from arcbatt.report.tables import NOTHING, new_table

MACHINE = ("cpu_model_name", "cpu_count", "python_version", f"{PREFIX}system")


def list_table(benchmarks: Sequence[Benchmark]) -> Table:
    """List benchmarks with what they do."""
    table = new_table("benchmark", "~measures")
    for each in benchmarks:
        table.add_row(each.name, each.doc)
    return table


def series_table(series: Sequence[Series]) -> Table:
    """Draw medians over rounds, and the least and the largest wall time."""
    table = new_table("benchmark", ">rounds", ">wall", "least to largest", ">CPU", ">peak MB")
    for each in series:
        walls = each.walls_s
        table.add_row(
            each.title,
            str(len(walls)),
            seconds(median(walls)),
            f"{seconds(min(walls))} to {seconds(max(walls))}",
            seconds(median(each.cpus_s)),
            f"{each.peak_mb:.0f}",
        )
    return table


def comparisons_table(comparisons: Sequence[Comparison]) -> Table:
    """Draw ratios of times: below 1 the second one is faster."""
    table = new_table("benchmark", "wall ratio", "CPU ratio", "on the clock it is")
    for each in comparisons:
        table.add_row(
            each.second,
            interval(each.wall),
            interval(each.cpu),
            each.wall.verdict if each.wall else NOTHING,
            style=_STYLES.get(each.wall.verdict if each.wall else Verdict.NONE, ""),
        )
    return table


_STYLES = {Verdict.FASTER: "green", Verdict.SLOWER: "red"}


def effects_table(effects: Sequence[Effect]) -> Table:
    """Draw how many times as long a run takes without each optimisation."""
    table = new_table("without", "wall x", "", "CPU x", "", "results")
    for each in effects:
        found = each.comparison
        table.add_row(
            each.without,
            interval(found.wall),
            difference(found.wall),
            interval(found.cpu),
            difference(found.cpu),
            same_results(found),
        )
    return table


def growth_table(growths: Sequence[Growth]) -> Table:
    """Draw exponents: 1 is growth in proportion to the tasks."""
    table = new_table("benchmark", "tasks", "exponent of wall", "exponent of CPU")
    for each in growths:
        sizes = ", ".join(map(str, each.sizes))
        table.add_row(each.benchmark, sizes, interval(each.wall), interval(each.cpu))
    return table


def interval(estimate: Estimate | None) -> str:
    """Write an estimate with its interval."""
    if estimate is None:
        return NOTHING
    if estimate.low is None or estimate.high is None:
        return f"{_number(estimate.value)} (one round)"
    return f"{_number(estimate.value)} ({_number(estimate.low)} to {_number(estimate.high)})"


def _number(value: float) -> str:
    # An interval that begins just above 1 must not look as if it began at 1.
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.3g}"


def difference(estimate: Estimate | None) -> str:
    """Say of a ratio of times what its interval allows to say."""
    return NOTHING if estimate is None else str(estimate.verdict)


def same_results(comparison: Comparison) -> str:
    """Say whether two sides found the same."""
    if comparison.same_attempts is None:
        return NOTHING
    if not comparison.same_attempts:
        return "other attempts"
    return "equal" if comparison.same_programs else "equal attempts, other programs"


def seconds(value: float) -> str:
    """Write seconds with three digits, small ones as milliseconds.

    >>> seconds(12.34), seconds(0.0567)
    ('12.3 s', '56.7 ms')
    """
    return f"{value:.3g} s" if value >= 1 else f"{1e3 * value:.3g} ms"


def machine_of(series: Sequence[Series]) -> dict[str, Any]:
    """Return what is known of the machine that measured."""
    metadata = series[0].rounds[0].metadata if series else {}
    return {key.removeprefix(PREFIX): metadata[key] for key in MACHINE if key in metadata}


def bench_document(
    measured: Measured,
    *,
    comparisons: Sequence[Comparison],
    effects: Sequence[Effect],
    growths: Sequence[Growth],
) -> dict[str, Any]:
    """Return all of it as JSON.

    Keys: ``machine``, ``confidence``, ``stopped``, ``finished``, ``benchmarks`` (one for each
    side), ``comparisons``, ``ablation``, ``growth``.
    """
    return {
        "machine": machine_of(measured.series),
        "confidence": CONFIDENCE,
        "stopped": measured.stopped,
        "finished": measured.finished,
        "benchmarks": [_series(each) for each in measured.series],
        "comparisons": [
            {
                "benchmark": each.second,
                "with": each.first,
                "paired": each.paired,
                "verdict": difference(each.wall),
                **_ratios(each),
            }
            for each in comparisons
        ],
        "ablation": [
            {
                "without": each.without,
                **_ratios(each.comparison),
                "same_attempts": each.comparison.same_attempts,
                "same_programs": each.comparison.same_programs,
            }
            for each in effects
        ],
        "growth": [
            {
                "benchmark": each.benchmark,
                "sizes": list(each.sizes),
                "wall_exponent": _estimate(each.wall),
                "cpu_exponent": _estimate(each.cpu),
            }
            for each in growths
        ],
    }


def _series(series: Series) -> dict[str, Any]:
    return {
        "benchmark": series.benchmark,
        "side": series.label or None,
        "size": series.size,
        "rounds": len(series.rounds),
        "wall_s": median(series.walls_s),
        "wall_least_s": min(series.walls_s),
        "wall_largest_s": max(series.walls_s),
        "cpu_s": median(series.cpus_s),
        "peak_mb": series.peak_mb,
        "walls_s": series.walls_s,
        "cpus_s": series.cpus_s,
        "options": {key: value for key, value in series.spec.items() if key != "benchmark"},
    }


def _ratios(comparison: Comparison) -> dict[str, Any]:
    return {"wall_ratio": _estimate(comparison.wall), "cpu_ratio": _estimate(comparison.cpu)}


def _estimate(estimate: Estimate | None) -> dict[str, float | None] | None:
    if estimate is None:
        return None
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}
