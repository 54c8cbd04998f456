"""Draw the chart of docs/performance.md from docs/charts/growth.json.

python -m lab.bench solve --save docs/charts/growth.json
python -m lab.charts
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import geometric_mean

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from arcbatt.report.evaluation import CURVE_STYLE, write_svg
from lab import run
from lab.intervals import find_growth
from lab.measure import Series, load_series

FOLDER = Path(__file__).parents[1] / "docs" / "charts"
WALL, CPU = "#1f77b4", "#d62728"


def draw_growth(series: Sequence[Series]) -> str:
    """Draw every round of `solve` over the number of tasks, with the fitted growth, as SVG."""
    sized = [(each.size, each) for each in series if each.size]
    [growth] = find_growth([each for _, each in sized])
    with mpl.rc_context(CURVE_STYLE):
        figure = Figure(figsize=(6.4, 3.0))
        axes = figure.subplots()
        for name, color, estimate, times in (
            ("wall", WALL, growth.wall, [each.walls_s for _, each in sized]),
            ("CPU", CPU, growth.cpu, [each.cpus_s for _, each in sized]),
        ):
            points = [
                (size, time) for (size, _), each in zip(sized, times, strict=True) for time in each
            ]
            axes.plot(*zip(*points, strict=True), "o", color=color, markersize=3)
            if estimate is None or estimate.low is None or estimate.high is None:
                continue
            factor = geometric_mean([time / size**estimate.value for size, time in points])
            sizes = [size for size, _ in sized]
            between = f"{estimate.low:.2f} to {estimate.high:.2f}"
            axes.plot(
                sizes,
                [factor * size**estimate.value for size in sizes],
                color=color,
                linewidth=1,
                label=f"{name}: tasks to the {estimate.value:.2f} ({between})",
            )
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks([size for size, _ in sized])
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("tasks")
        axes.set_ylabel("seconds")
        axes.legend(frameon=False, loc="lower right")
        return write_svg(figure)


def main() -> None:
    """Draw the chart."""
    chart = draw_growth(load_series(FOLDER / "growth.json"))
    (FOLDER / "growth.svg").write_text(chart, encoding="utf-8")


if __name__ == "__main__":
    run(main)
