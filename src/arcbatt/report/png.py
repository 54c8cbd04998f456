"""PNG: pictures as pixels, drawn by Pillow."""

from __future__ import annotations

import io
from importlib.util import find_spec
from typing import TYPE_CHECKING

from arcbatt.errors import UsageError
from arcbatt.report.pictures import TEXT_SIZE, Cells, Label, Picture, outline_of
from arcbatt.report.svg import FADED, LINE_COLOR, MARGIN, TONES
from arcbatt.report.tasks import COLORS, UNKNOWN_COLOR

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SCALE = 2
"""Pixels of the file for a pixel of the picture, for sharp text."""
HOW_TO_GET_IT = "pip install 'arcbatt[web]'"
PIXELS_MAX = 2**26
"""Largest number of pixels of a file."""


def require_pillow() -> None:
    """Check that PNG files can be written; raises UsageError if Pillow is not installed."""
    if find_spec("PIL") is None:
        raise UsageError(problem=f"a PNG file needs Pillow: {HOW_TO_GET_IT}")


def write_png(picture: Picture) -> bytes:
    """Return a picture on white paper as the content of a PNG file.

    Raises UsageError if it has more than `PIXELS_MAX` pixels.
    """
    from PIL import Image, ImageDraw

    width = round((picture.width + 2 * MARGIN) * SCALE)
    height = round((picture.height + 2 * MARGIN) * SCALE)
    if width * height > PIXELS_MAX:
        problem = f"the picture has {width} x {height} pixels, more than PNG files get: write SVG"
        raise UsageError(problem=problem)
    image = Image.new("RGB", (width, height), "#ffffff")
    draw = ImageDraw.Draw(image)
    for part in picture.parts:
        if isinstance(part, Label):
            _draw_label(draw, part)
        else:
            _draw_cells(draw, part)
    file = io.BytesIO()
    image.save(file, format="PNG", optimize=True)
    return file.getvalue()


def _at(x: float, y: float) -> tuple[float, float]:
    return (x + MARGIN) * SCALE, (y + MARGIN) * SCALE


def _draw_label(draw: ImageDraw, label: Label) -> None:
    from PIL import ImageFont

    font = ImageFont.load_default(TEXT_SIZE * SCALE)
    text = label.text.replace("→", "->")
    draw.text(_at(label.x, label.y), text, fill=TONES[label.tone], font=font, anchor="ls")


def _draw_cells(draw: ImageDraw, cells: Cells) -> None:
    left, top = _at(cells.x, cells.y)
    side = cells.side * SCALE

    def corners(i: int, j: int, inset: float = 0.0) -> tuple[float, float, float, float]:
        x, y, gap = left + j * side, top + i * side, inset * side
        return x + gap, y + gap, x + side - 1 - gap, y + side - 1 - gap

    has_lines = side >= 4 * SCALE and not cells.faded
    for i, row in enumerate(cells.rows):
        for j, cell in enumerate(row):
            if cell is None:
                continue
            color = COLORS[cell] if 0 <= cell < len(COLORS) else UNKNOWN_COLOR
            fill = _fade(color) if cells.faded else color
            draw.rectangle(corners(i, j), fill=fill, outline=LINE_COLOR if has_lines else None)
    for color, width in (("#ffffff", 2 * SCALE), ("#111111", SCALE)):
        for group in cells.groups:
            for (i, j), (k, m) in outline_of(group):
                ends = [(left + j * side, top + i * side), (left + m * side, top + k * side)]
                draw.line(ends, fill=color, width=width)
    for i, j in cells.marks:
        draw.rectangle(corners(i, j, 0.1), outline="#000000", width=max(1, round(side * 0.28)))
        draw.rectangle(corners(i, j, 0.16), outline="#ffffff", width=max(1, round(side * 0.14)))


def _fade(color: str) -> tuple[int, ...]:
    parts = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return tuple(round(255 - FADED * (255 - part)) for part in parts)
