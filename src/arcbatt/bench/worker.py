"""The process that measures: one benchmark, some values, written as pyperf's JSON.

``python -m arcbatt.bench.worker --spec JSON --result FILE`` and pyperf's own options of a worker.
"""

from __future__ import annotations

import json
import platform
import statistics
from dataclasses import asdict
from typing import Any

from arcbatt.bench.workloads import Options, Spent, peak_mb

PREFIX = "arcbatt_"
"""Of the metadata that are ours."""
KEPT = (
    "name",
    "unit",
    "date",
    "duration",
    "loops",
    "load_avg_1min",
    "cpu_count",
    "cpu_model_name",
    "perf_version",
    "python_implementation",
    "python_version",
    "timer",
)
"""pyperf's metadata that are kept; others name the machine and its paths."""


def spec_of(benchmark: str, options: Options) -> str:
    """Write down what a worker has to measure."""
    return json.dumps({"benchmark": benchmark, **asdict(options)})


def main() -> None:
    """Measure as pyperf's options say."""
    import pyperf

    from arcbatt.bench.table import BENCHMARKS

    runner = pyperf.Runner()
    runner.argparser.add_argument("--spec", required=True)
    runner.argparser.add_argument("--result", required=True)
    words = runner.parse_args()
    spec = json.loads(words.spec)
    benchmark = BENCHMARKS[spec.pop("benchmark")]
    options = Options(**{**spec, "without": tuple(spec["without"])})
    workload = benchmark.prepare(options)
    done: list[Spent] = []

    def measure(loops: int) -> float:
        done.extend(workload() for _ in range(loops))
        return sum(spent.wall_s for spent in done[-loops:])

    measured = runner.bench_time_func(benchmark.name, measure)
    counted = done[-len(measured.get_values()) * words.loops :]
    [run] = measured.get_runs()
    kept = {name: value for name, value in run.get_metadata().items() if name in KEPT}
    own: dict[str, Any] = {
        "spec": words.spec,
        "cpu_s": statistics.median(spent.cpu_s for spent in counted),
        "peak_mb": peak_mb(),
        "attempts": counted[-1].attempts,
        "programs": counted[-1].programs,
        "system": f"{platform.system()} {platform.machine()}",
    }
    metadata = kept | {PREFIX + key: value for key, value in own.items() if value != ""}
    pyperf.Benchmark(
        [pyperf.Run(run.values, warmups=run.warmups, metadata=metadata, collect_metadata=False)]
    ).dump(words.result)


if __name__ == "__main__":
    main()
