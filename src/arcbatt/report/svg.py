"""SVG: pictures as text that a browser draws, alone or inside a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

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
    picture: Picture, *, name: str, paper: bool = False, digits: bool = False, inside: bool = False
) -> str:
    """Write a picture as SVG.

    Colours have the classes ``c0`` to ``c9`` and texts those of their tones, so that a page can
    give them other colours, or a pattern with digits.

    Args:
        picture: the picture.
        name: the text for people who don't see the picture.
        paper: whether it gets a white background with a margin, as a file of its own.
        digits: whether each cell shows its number.
        inside: whether it is a part of a page whose style sheet has the colours.
    """
    margin = MARGIN if paper else 0
    width, height = picture.width + 2 * margin, picture.height + 2 * margin
    box = " ".join(map(_number, (-margin, -margin, width, height)))
    space = "" if inside else ' xmlns="http://www.w3.org/2000/svg"'
    size = f'width="{_number(width)}" height="{_number(height)}"'
    head = f'<svg{space} class="picture" role="img" viewBox="{box}" {size}>'
    parts = [head, f"<title>{escape(name)}</title>"]
    if paper:
        parts.append(
            f'<rect x="{-margin}" y="{-margin}" width="{_number(width)}"'
            f' height="{_number(height)}" fill="#ffffff"/>'
        )
    if digits:
        parts.append(digit_patterns())
    marked = any(isinstance(part, Cells) and part.marks for part in picture.parts)
    if marked and not inside:
        parts.append(f"<defs>{DIFF_PATTERN}</defs>")
    for part in picture.parts:
        if isinstance(part, Label):
            parts += _write_label(part)
        else:
            parts += _write_cells(part, digits=digits, inside=inside)
    return "".join([*parts, "</svg>"])


DIFF_PATTERN = (
    '<pattern id="diff" width="1" height="1" patternUnits="userSpaceOnUse"><rect x=".22" y=".22"'
    ' width=".56" height=".56" fill="none" stroke="#000000" stroke-width=".3"/><rect x=".22"'
    ' y=".22" width=".56" height=".56" fill="none" stroke="#ffffff" stroke-width=".15"/></pattern>'
)
OUTLINES = {
    "o1": 'fill="none" stroke-linecap="square" stroke="#ffffff" stroke-width=".18"',
    "o2": 'fill="none" stroke-linecap="square" stroke="#111111" stroke-width=".08"',
}
"""The lines around an object by the classes that a page gives them: a wide one and a thin one."""


def page_patterns() -> str:
    """Return what pictures inside a page refer to: digits, marks, and the lines between cells."""
    lines = (
        '<defs><pattern id="grid" width="1" height="1" patternUnits="userSpaceOnUse">'
        f'<path d="M0 0h1M0 0v1" stroke="{LINE_COLOR}" stroke-width=".1"/></pattern>'
        f"{DIFF_PATTERN}</defs>"
    )
    return digit_patterns() + lines


def digit_patterns() -> str:
    """Return the definition of a pattern for each colour: the colour with its number."""
    patterns = "".join(
        f'<pattern id="c{number}" width="1" height="1" patternUnits="userSpaceOnUse">'
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


def _write_cells(cells: Cells, *, digits: bool, inside: bool) -> Iterator[str]:
    opacity = f' opacity="{FADED}"' if cells.faded else ""
    moved = f"translate({_number(cells.x)} {_number(cells.y)})" if cells.x or cells.y else ""
    place = f"{moved}scale({_number(cells.side)})"
    yield f'<g transform="{place}"{opacity}>'
    for color, path in color_paths(cells.rows).items():
        if 0 <= color < len(COLORS):
            fill = f"url(#c{color})" if digits else COLORS[color]
            given = "" if inside else f' fill="{fill}"'
            yield f'<path class="c{color}"{given} d="{path}"/>'
        else:
            yield f'<path fill="{UNKNOWN_COLOR}" d="{path}"/>'
    tall, wide = len(cells.rows), len(cells.rows[0]) if cells.rows else 0
    is_full = all(cell is not None for row in cells.rows for cell in row)
    has_lines = is_full and cells.side >= 4 and not cells.faded
    if has_lines and inside:
        yield f'<rect width="{wide}" height="{tall}" fill="url(#grid)"/>'
    elif has_lines:
        lines = "".join(f"M{column} 0v{tall}" for column in range(1, wide))
        lines += "".join(f"M0 {row}h{wide}" for row in range(1, tall))
        if lines:
            thin = _number(min(0.12, 1 / cells.side))
            yield f'<path stroke="{LINE_COLOR}" stroke-width="{thin}" d="{lines}"/>'
    if cells.groups:
        path = "".join(map(_outline, cells.groups))
        for name, style in OUTLINES.items():
            given = f'class="{name}"' if inside else style
            yield f'<path {given} d="{path}"/>'
    if cells.marks:
        places = [[1 if (i, j) in cells.marks else None for j in range(wide)] for i in range(tall)]
        path = color_paths(tuple(map(tuple, places)))[1]
        yield f'<path class="diff" fill="url(#diff)" d="{path}"/>'
    yield "</g>"


def _outline(group: frozenset[Place]) -> str:
    """Return the path around a group of cells, with edges that go on in one line as one."""
    flat: dict[int, list[int]] = {}
    upright: dict[int, list[int]] = {}
    for (i, j), (k, _) in outline_of(group):
        if k == i:
            flat.setdefault(i, []).append(j)
        else:
            upright.setdefault(j, []).append(i)
    across = (f"M{start} {i}h{n}" for i, edges in flat.items() for start, n in _joined(edges))
    down = (f"M{j} {start}v{n}" for j, edges in upright.items() for start, n in _joined(edges))
    return "".join((*across, *down))


def _joined(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield start and length of the runs of numbers that follow each other."""
    ordered = sorted(set(numbers))
    for _, run in groupby(enumerate(ordered), key=lambda pair: pair[1] - pair[0]):
        members = [number for _, number in run]
        yield members[0], len(members)


def color_paths(rows: tuple[tuple[int | None, ...], ...]) -> dict[int, str]:
    """Return for each colour the path around its cells, in the order in which they are drawn.

    The first colour is drawn below all others, so that it needs no holes: a grid is mostly
    background. Runs of equal cells, and equal runs below each other, are one rectangle.
    """
    counts = Counter(cell for row in rows for cell in row if cell is not None)
    paths: dict[int, str] = {}
    is_full = sum(counts.values()) == sum(map(len, rows))
    if counts and is_full:
        ground = counts.most_common(1)[0][0]
        paths[ground] = _rectangle(0, 0, len(rows[0]), len(rows))
        del counts[ground]
    for color in sorted(counts):
        paths[color] = "".join(_rectangle(*each) for each in _rectangles(rows, color))
    return paths


def _rectangle(x: int, y: int, wide: int, tall: int) -> str:
    return f"M{x} {y}h{wide}v{tall}h-{wide}z"


def _rectangles(
    rows: tuple[tuple[int | None, ...], ...], color: int
) -> Iterator[tuple[int, int, int, int]]:
    """Yield x, y, width and height of rectangles that cover the cells of a colour."""
    open_runs: dict[tuple[int, int], int] = {}
    for i, row in enumerate((*rows, ())):
        runs = set(_runs(row, color))
        for run in [run for run in open_runs if run not in runs]:
            top = open_runs.pop(run)
            yield run[0], top, run[1], i - top
        for run in runs - open_runs.keys():
            open_runs[run] = i


def _runs(row: Sequence[int | None], color: int) -> Iterator[tuple[int, int]]:
    """Yield start and length of the runs of a colour in a row."""
    start = 0
    for cell, run in groupby(row):
        length = sum(1 for _ in run)
        if cell == color:
            yield start, length
        start += length
