"""Curves as SVG: tasks right against nodes or mutants, and against CPU-seconds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 860, 340
PANEL_WIDTH, PANEL_HEIGHT = 330, 220
LEFT, TOP, GAP = 60, 60, 90
COLORS = ("#9ecae1", "#4292c6", "#08519c")
"""Of 1, 2 and 3 attempts; they differ in lightness, for all eyes and for print."""
GRID, INK = "#d9d9d9", "#262626"
NAMESPACE = "http://www.w3.org/2000/svg"
FONT = 'font-family="sans-serif" font-size="12"'
AXES = {"nodes": "search nodes", "mutants": "mutants tried on each task"}
FLOOR = 1e-6
"""Takes the place of 0 on a logarithmic axis."""


def draw_curve(document: Mapping[str, Any]) -> str:
    """Draw a curve as SVG.

    Args:
        document: as `curve_document` makes it, with at least one point.
    """
    points, against = document["points"], document["against"]
    title = f"{document['dataset']}: tasks right of {document['tasks']}"
    rights = [[point["tasks_right"][place] for point in points] for place in range(len(COLORS))]
    top = _ceiling(max(map(max, rights)))
    parts = [
        f'<svg xmlns="{NAMESPACE}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" {FONT} fill="{INK}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        _text(LEFT, 24, title, anchor="start", size=15),
        *_legend(),
        *_panel(LEFT, AXES[against], [p[f"{against}_max"] for p in points], rights, top),
        *_panel(
            LEFT + PANEL_WIDTH + GAP,
            "CPU-seconds a task, mean",
            [p["cpu_mean_s"] for p in points],
            rights,
            top,
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _legend() -> Iterator[str]:
    for place, color in enumerate(COLORS):
        x = LEFT + 110 * place
        yield f'<line x1="{x}" y1="40" x2="{x + 18}" y2="40" stroke="{color}" stroke-width="3"/>'
        words = f"{place + 1} attempt" + ("s" if place else "")
        yield _text(x + 24, 44, words, anchor="start")


def _panel(
    left: float, label: str, xs: Sequence[float], rights: Sequence[Sequence[int]], top: int
) -> Iterator[str]:
    xs = [max(float(x), FLOOR) for x in xs]
    low, high = math.log10(min(xs)), math.log10(max(xs))
    # One point alone, or several in one place, stand in the middle.
    span = high - low or 1.0
    low = low if high > low else low - 0.5

    def place_x(x: float) -> float:
        return left + PANEL_WIDTH * (math.log10(x) - low) / span

    def place_y(y: float) -> float:
        return TOP + PANEL_HEIGHT * (1 - y / top)

    bottom = TOP + PANEL_HEIGHT
    for count in range(0, top + 1, max(1, top // 5)):
        yield _line(left, place_y(count), left + PANEL_WIDTH, place_y(count))
        yield _text(left - 8, place_y(count) + 4, str(count), anchor="end")
    for x in dict.fromkeys(xs):
        yield _line(place_x(x), TOP, place_x(x), bottom)
        yield _text(place_x(x), bottom + 18, _short(x))
    yield _text(left + PANEL_WIDTH / 2, bottom + 42, label)
    for color, right in zip(COLORS, rights, strict=True):
        places = [(place_x(x), place_y(y)) for x, y in zip(xs, right, strict=True)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>'
        for x, y in places:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{color}"/>'


def _ceiling(most: int) -> int:
    """Return the least round number, a multiple of 5, that is no less than another."""
    unit = 5 * int(10 ** max(0, len(str(most)) - 2))
    return max(5, -(-most // unit) * unit)


def _short(value: float) -> str:
    """Write a number in few characters: ``3.2``, ``950``, ``32k``, ``1M``."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.2g}" if value < 100 else f"{value:.0f}"


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{GRID}"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "middle", size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">'
        f"{escape(text)}</text>"
    )
