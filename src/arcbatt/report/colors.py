"""The official colours of ARC."""

from __future__ import annotations

COLORS = (
    "#000000",
    "#0074D9",
    "#FF4136",
    "#2ECC40",
    "#FFDC00",
    "#AAAAAA",
    "#F012BE",
    "#FF851B",
    "#7FDBFF",
    "#870C25",
)
"""The colour of each cell value 0..9."""
UNKNOWN_COLOR = "#333333"
"""Stands for marks outside 0..9, which programs use while they compute."""
DARK = frozenset({0, 1, 6, 9})
"""The colours on which light digits are readable."""


def cell_style(cell: int) -> str:
    """Return how a cell is drawn: its digit on its colour."""
    if not 0 <= cell < len(COLORS):
        return f"#FFFFFF on {UNKNOWN_COLOR}"
    return f"{'#DDDDDD' if cell in DARK else '#111111'} on {COLORS[cell]}"
