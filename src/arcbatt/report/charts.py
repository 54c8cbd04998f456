"""Line charts as SVG, for pages: few points, no dependency."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, log10

WIDTH, HEIGHT = 560, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 14, 40
"""Pixels around the plot, for the numbers and the names of the axes."""
TICKS = 4


def line_chart(
    points: Sequence[tuple[float, float]], *, name: str, x_name: str, y_name: str, steps: bool
) -> str:
    """Draw a line from 0 on.

    Args:
        points: the points, x ascending, both coordinates >= 0.
        name: the text for people who don't see the chart.
        x_name: name of the x axis, with its unit.
        y_name: name of the y axis.
        steps: whether the line keeps its height up to the next point.
    """
    x_max = _round_up(max((x for x, _ in points), default=0.0))
    y_max = _round_up(max((y for _, y in points), default=0.0))
    wide, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    base = TOP + tall

    def place(x: float, y: float) -> tuple[str, str]:
        return f"{LEFT + wide * x / x_max:.1f}", f"{base - tall * y / y_max:.1f}"

    line = ""
    for number, (x, y) in enumerate(points):
        left, top = place(x, y)
        line += f"M{left} {top}" if not number else f"H{left}V{top}" if steps else f"L{left} {top}"
    parts = [f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">']
    parts.append(f"<title>{escape(name)}</title>")
    for tick in range(TICKS + 1):
        left, top = place(x_max * tick / TICKS, y_max * tick / TICKS)
        parts.append(f'<path class="rule" d="M{LEFT} {top}h{wide}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{top}" dy=".32em" text-anchor="end">')
        parts.append(f"{_shown(y_max * tick / TICKS)}</text>")
        parts.append(f'<text x="{left}" y="{base + 17}" text-anchor="middle">')
        parts.append(f"{_shown(x_max * tick / TICKS)}</text>")
    parts.append(f'<path class="curve" d="{line}"/>')
    parts.append(
        f'<text x="{LEFT + wide}" y="{HEIGHT - 4}" text-anchor="end">{escape(x_name)}</text>'
        f'<text x="{LEFT + 6}" y="{TOP + 4}">{escape(y_name)}</text></svg>'
    )
    return "".join(parts)


def _round_up(number: float) -> float:
    """Return the next number that is 1, 2, 4 or 8 times a power of ten."""
    if number <= 0:
        return 1.0
    power: float = 10.0 ** (ceil(log10(number)) - 1)
    return next(power * factor for factor in (1, 2, 4, 8, 10, 20) if power * factor >= number)


def _shown(number: float) -> str:
    return f"{number:.4g}"
