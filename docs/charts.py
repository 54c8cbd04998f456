"""Draw the charts of docs/performance.md from what `batt bench --save` kept in docs/charts.

    make charts

A row of a chart of switches is a run without one optimisation: how many times as long it takes as
a run with all of them. The bars are the intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import geometric_mean, median

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from arcbatt.bench.findings import find_effects, find_growth
from arcbatt.bench.intervals import Estimate
from arcbatt.bench.series import Series, load_series

FOLDER = Path(__file__).parent / "charts"
WALL, CPU, GREY = "#1f77b4", "#d62728", "#888888"
STYLE = {
    # Text stays text, and equal data give an equal file.
    "svg.fonttype": "none",
    "svg.hashsalt": "arcbatt",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def draw_switches(series: Sequence[Series], title: str, path: Path) -> None:
    """Draw what a run takes without each optimisation, on the clock and in CPU time."""
    effects = find_effects(series)
    figure, axes = plt.subplots(figsize=(6.4, 0.9 + 0.32 * len(effects)))
    for row, effect in enumerate(effects):
        _draw_interval(axes, row - 0.14, effect.comparison.wall, WALL, "wall" if row == 0 else "")
        _draw_interval(axes, row + 0.14, effect.comparison.cpu, CPU, "CPU" if row == 0 else "")
    axes.axvline(1, color=GREY, linewidth=0.8)
    axes.set_yticks(range(len(effects)), [effect.without for effect in effects])
    axes.invert_yaxis()
    axes.set_xscale("log")
    _plain_numbers(axes, "x")
    axes.set_xlabel("time without it / time with all, 95 % intervals")
    axes.set_title(title, fontsize=9, loc="left")
    axes.legend(frameon=False, loc="upper right")
    _save(figure, path)


def _draw_interval(
    axes: Axes, row: float, estimate: Estimate | None, color: str, label: str
) -> None:
    if estimate is None:
        return
    if estimate.low is not None and estimate.high is not None:
        axes.plot([estimate.low, estimate.high], [row, row], color=color, linewidth=2, alpha=0.5)
    axes.plot([estimate.value], [row], "o", color=color, markersize=4, label=label or None)


def draw_growth(series: Sequence[Series], path: Path) -> None:
    """Draw every round of `solve` over the number of tasks, with the fitted growth."""
    figure, axes = plt.subplots(figsize=(6.4, 3.0))
    sized = [each for each in series if each.size]
    [growth] = find_growth(sized)
    for name, color, estimate, of in (
        ("wall", WALL, growth.wall, lambda each: each.walls_s),
        ("CPU", CPU, growth.cpu, lambda each: each.cpus_s),
    ):
        for each in sized:
            axes.plot([each.size] * len(each.rounds), of(each), "o", color=color, markersize=3)
        if estimate is None or estimate.low is None or estimate.high is None:
            continue
        sizes = [each.size or 1 for each in sized]
        factor = geometric_mean(
            [
                time / size**estimate.value
                for size, each in zip(sizes, sized, strict=True)
                for time in of(each)
            ]
        )
        label = (
            f"{name}: tasks to the {estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})"
        )
        line = [factor * size**estimate.value for size in sizes]
        axes.plot(sizes, line, color=color, linewidth=1, label=label)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks([each.size or 1 for each in sized])
    for side in ("x", "y"):
        _plain_numbers(axes, side)
    axes.set_xlabel("tasks")
    axes.set_ylabel("seconds")
    axes.legend(frameon=False, loc="lower right")
    _save(figure, path)


def _plain_numbers(axes: Axes, side: str) -> None:
    axis = axes.xaxis if side == "x" else axes.yaxis
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    # The form of matplotlib's SVG leaves blanks at the ends of lines.
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("".join(f"{line.rstrip()}\n" for line in lines), encoding="utf-8")
    print(path.name)


def main() -> None:
    """Draw all charts."""
    mpl.use("svg")
    mpl.rcParams.update(STYLE)
    for name in ("small", "large"):
        series = load_series(FOLDER / f"ablation-{name}.json")
        spec, on, off = series[0].spec, median(series[0].cpus_s), median(series[-1].cpus_s)
        title = (
            f"{spec['size']} tasks, {spec['programs']} programs at most:"
            f" {on:.2g} s of CPU with all, {off:.2g} s with all off"
        )
        draw_switches(series, title, FOLDER / f"ablation-{name}.svg")
    draw_growth(load_series(FOLDER / "growth.json"), FOLDER / "growth.svg")


if __name__ == "__main__":
    main()
