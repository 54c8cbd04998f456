"""Draw the charts of README.md and docs/performance.md from the figures in docs/charts.

python -m lab.bench solve --save docs/charts/growth.json
batt eval --split development --effort max --curve docs/charts/curve_development_search.json
batt eval --split evaluation --effort max --curve docs/charts/curve_evaluation_search.json
python -m lab.charts

The curves ``..._all.json`` are those of ``--sources library,search,learners,evolution --hold-out``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import geometric_mean
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from arcbatt.report.evaluation import CURVE_STYLE, write_svg
from lab import run
from lab.intervals import find_growth
from lab.measure import Series, load_series

FOLDER = Path(__file__).parents[1] / "docs" / "charts"
WALL, CPU = "#1f77b4", "#d62728"
CURVES = {
    "development_search": ("development, search and learners", "#4292c6", "o-"),
    "development_all": ("development, all sources", "#08519c", "s-"),
    "evaluation_search": ("evaluation, search and learners", "#fd8d3c", "o--"),
    "evaluation_all": ("evaluation, all sources", "#a63603", "s--"),
}
"""Of each file of a curve: its name in the legend, its colour, and its markers with its line."""


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


def draw_curves(curves: Mapping[str, Mapping[str, Any]]) -> str:
    """Draw the share of tasks that are right with two attempts over the CPU time, as SVG.

    Args:
        curves: documents of `batt eval --curve`, by their keys in `CURVES`.
    """
    with mpl.rc_context(CURVE_STYLE):
        figure = Figure(figsize=(6.4, 3.2))
        axes = figure.subplots()
        for key, (name, color, line) in CURVES.items():
            if key not in curves:
                continue
            points, tasks = curves[key]["points"], curves[key]["tasks"]
            axes.plot(
                [point["cpu_mean_s"] for point in points],
                [100 * point["tasks_right"][1] / tasks for point in points],
                line,
                color=color,
                markersize=4,
                label=f"{name} ({tasks} tasks)",
            )
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.set_ylim(bottom=0)
        axes.set_xlabel("CPU-seconds a task, mean")
        axes.set_ylabel("tasks right, in %")
        axes.grid(color="#d9d9d9", linewidth=0.6)
        axes.legend(frameon=False, loc="lower right")
        return write_svg(figure)


def load_curves() -> dict[str, Any]:
    """Return the curves that were measured, by their keys in `CURVES`."""
    paths = {key: FOLDER / f"curve_{key}.json" for key in CURVES}
    return {key: json.loads(path.read_text()) for key, path in paths.items() if path.exists()}


def main() -> None:
    """Draw the charts."""
    chart = draw_growth(load_series(FOLDER / "growth.json"))
    (FOLDER / "growth.svg").write_text(chart, encoding="utf-8")
    (FOLDER / "curve.svg").write_text(draw_curves(load_curves()), encoding="utf-8")


if __name__ == "__main__":
    run(main)
