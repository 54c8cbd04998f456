"""Curves as SVG: tasks right against the share of the limits, and against CPU-seconds."""

from __future__ import annotations

import io
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arcbatt.errors import UsageError
from arcbatt.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HOW_TO_GET_IT = "pip install 'arcbatt[charts]'"
COLORS = ("#9ecae1", "#4292c6", "#08519c")
"""Colours of 1, 2 and 3 attempts; they differ in lightness, for all eyes and for print."""
STYLE = {
    # Text stays text, and equal data give an equal file.
    "svg.fonttype": "none",
    "svg.hashsalt": "arcbatt",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
FLOOR = 1e-6
"""The value that replaces 0 on a logarithmic axis."""


def require_matplotlib() -> None:
    """Check that curves can be drawn; raises UsageError if matplotlib is not installed."""
    if find_spec("matplotlib") is None:
        raise UsageError(problem=f"a drawing needs matplotlib: {HOW_TO_GET_IT}")


def draw_curve(document: Mapping[str, Any], path: Path) -> None:
    """Draw a curve as SVG; needs matplotlib.

    Args:
        document: the curve as `curve_document` returns it, with at least one point.
        path: the file to write.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9, 3.4))
        left, right = figure.subplots(1, 2, sharey=True)
        _draw_panel(left, document, "share", "share of the limits of the sources")
        _draw_panel(right, document, "cpu_mean_s", "CPU-seconds a task, mean")
        left.set_ylim(bottom=0)
        left.set_ylabel("tasks right")
        left.legend(frameon=False, loc="lower right")
        figure.suptitle(f"{document['dataset']}: tasks right of {document['tasks']}", fontsize=10)
        write_atomically(path, write_svg(figure))


def _draw_panel(axes: Axes, document: Mapping[str, Any], key: str, label: str) -> None:
    points = document["points"]
    xs = [max(point[key], FLOOR) for point in points]
    for place, color in enumerate(COLORS):
        name = f"{place + 1} attempt" + ("s" if place else "")
        rights = [point["tasks_right"][place] for point in points]
        axes.plot(xs, rights, "o-", color=color, markersize=4, label=name)
    axes.set_xscale("log")
    axes.set_xlabel(label)
    axes.grid(color="#d9d9d9", linewidth=0.6)


def write_svg(figure: Figure) -> str:
    """Return a figure as SVG, the same text for the same figure."""
    text = io.StringIO()
    figure.savefig(
        text, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None}
    )
    # matplotlib leaves blanks at the ends of lines.
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())
