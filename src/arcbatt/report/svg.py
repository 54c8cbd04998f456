"""SVG: pictures as text that a browser draws, alone or inside a page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from html import escape

from arcbatt.report.pictures import TEXT_SIZE, Cells, Label, Picture, Tone, outline_of
from arcbatt.report.programs import Place
from arcbatt.report.tasks import COLORS, DARK, UNKNOWN_COLOR

MARGIN = 12
"""Pixels around a picture in a file of its own."""
FONT = "DejaVu Sans Mono, Menlo, Consolas, monospace"
TONES: dict[Tone, str] = {
    "plain": "#24292f",
    "strong": "#24292f",
    "dim": "#6e7781",
    "right": "#1a7f37",
    "wrong": "#cf222e",
}
"""The colours of texts on white paper; a page may give their classes other ones."""
LINE_COLOR = "#555555"
FADED = 0.22
"""Opacity of cells that are only a background."""


def write_svg(
    picture: Picture, *, name: str, paper: bool = False, digits: bool = False, scale: float = 1
) -> str:
    """Write a picture as SVG.

    Colours have the classes ``c0`` to ``c9`` and texts those of their tones, so that a page can
    give them other colours, or a pattern with digits.

    Args:
        picture: the picture.
        name: the text for people who don't see the picture.
        paper: whether it gets a white background with a margin, as a file of its own.
        digits: whether each cell shows its number.
        scale: size of the picture in relation to its own pixels, > 0.
    """
    margin = MARGIN if paper else 0
    width, height = picture.width + 2 * margin, picture.height + 2 * margin
    box = " ".join(map(_number, (-margin, -margin, width, height)))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" role="img" viewBox="{box}"'
        f' width="{_number(width * scale)}" height="{_number(height * scale)}">'
    )
    parts = [head, f"<title>{escape(name)}</title>"]
    if paper:
        parts.append(
            f'<rect x="{-margin}" y="{-margin}" width="{_number(width)}"'
            f' height="{_number(height)}" fill="#ffffff"/>'
        )
    if digits:
        parts.append(digit_patterns())
    for part in picture.parts:
        parts += _write_label(part) if isinstance(part, Label) else _write_cells(part, digits)
    return "".join([*parts, "</svg>"])


def digit_patterns(prefix: str = "c") -> str:
    """Return the definition of a pattern for each colour: the colour with its number."""
    patterns = "".join(
        f'<pattern id="{prefix}{number}" width="1" height="1" patternUnits="userSpaceOnUse">'
        f'<rect width="1" height="1" fill="{color}"/><text x=".5" y=".74" font-size=".68"'
        f' font-family="sans-serif" text-anchor="middle" fill="{_ink_on(number)}">{number}</text>'
        "</pattern>"
        for number, color in enumerate(COLORS)
    )
    return f"<defs>{patterns}</defs>"


def _ink_on(color: int) -> str:
    return "#eeeeee" if color in DARK else "#111111"


def _number(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _write_label(label: Label) -> Iterator[str]:
    weight = ' font-weight="600"' if label.tone in ("strong", "right", "wrong") else ""
    # Blanks at the start of a line of a program stay.
    text = escape(label.text.replace(" ", "\N{NO-BREAK SPACE}"))
    yield (
        f'<text class="{label.tone}" x="{_number(label.x)}" y="{_number(label.y)}"'
        f' font-family="{FONT}" font-size="{TEXT_SIZE}"{weight} fill="{TONES[label.tone]}">'
        f"{text}</text>"
    )


def _write_cells(cells: Cells, digits: bool) -> Iterator[str]:
    opacity = f' opacity="{FADED}"' if cells.faded else ""
    place = f"translate({_number(cells.x)} {_number(cells.y)})scale({_number(cells.side)})"
    yield f'<g transform="{place}"{opacity}>'
    for color, path in color_paths(cells.rows).items():
        if 0 <= color < len(COLORS):
            fill = f"url(#c{color})" if digits else COLORS[color]
            yield f'<path class="c{color}" fill="{fill}" d="{path}"/>'
        else:
            yield f'<path fill="{UNKNOWN_COLOR}" d="{path}"/>'
    tall, wide = len(cells.rows), len(cells.rows[0]) if cells.rows else 0
    is_full = all(cell is not None for row in cells.rows for cell in row)
    if is_full and cells.side >= 4:
        lines = "".join(f"M{column} 0v{tall}" for column in range(1, wide))
        lines += "".join(f"M0 {row}h{wide}" for row in range(1, tall))
        if lines:
            thin = _number(min(0.12, 1 / cells.side))
            yield f'<path class="lines" stroke="{LINE_COLOR}" stroke-width="{thin}" d="{lines}"/>'
    if cells.groups:
        path = "".join(
            f"M{j} {i}" + (f"h{end[1] - j}" if end[1] > j else f"v{end[0] - i}")
            for group in cells.groups
            for (i, j), end in outline_of(group)
        )
        square = 'fill="none" stroke-linecap="square"'
        yield f'<path {square} stroke="#ffffff" stroke-width=".18" d="{path}"/>'
        yield f'<path {square} stroke="#111111" stroke-width=".08" d="{path}"/>'
    if cells.marks:
        path = _squares(cells.marks, 0.22)
        yield f'<path class="diff" fill="none" stroke="#000000" stroke-width=".3" d="{path}"/>'
        yield f'<path class="diff" fill="none" stroke="#ffffff" stroke-width=".15" d="{path}"/>'
    yield "</g>"


def _squares(places: Collection[Place], inset: float) -> str:
    side = _number(1 - 2 * inset)
    return "".join(
        f"M{_number(j + inset)} {_number(i + inset)}h{side}v{side}h-{side}z"
        for i, j in sorted(places)
    )


def color_paths(rows: tuple[tuple[int | None, ...], ...]) -> dict[int, str]:
    """Return for each colour the path around its cells, with runs of equal cells as one."""
    paths: dict[int, list[str]] = {}
    for i, row in enumerate(rows):
        start = 0
        for j in range(1, len(row) + 1):
            if j == len(row) or row[j] != row[start]:
                color = row[start]
                if color is not None:
                    length = j - start
                    paths.setdefault(color, []).append(f"M{start} {i}h{length}v1h-{length}z")
                start = j
    return {color: "".join(paths[color]) for color in sorted(paths)}
