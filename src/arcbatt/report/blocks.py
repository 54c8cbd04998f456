"""Blocks of text that stand beside or below each other, for grids in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from arcbatt.dsl.types import Grid
from arcbatt.report.colors import cell_style

GAP = 3
"""Columns between blocks that stand beside each other."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of text, none longer than ``width`` columns."""

    width: int
    lines: tuple[Text, ...]


def draw_grid(grid: Grid) -> Block:
    """Draw a grid: every cell as its number on its colour, two columns wide or more."""
    if not grid or not grid[0]:
        return write("(an empty grid)")
    cells = 1 + max(len(str(cell)) for row in grid for cell in row)
    lines = []
    for row in grid:
        line = Text(no_wrap=True)
        for cell in row:
            line.append(f"{cell:>{cells - 1}} ", style=cell_style(cell))
        lines.append(line)
    return Block(cells * len(grid[0]), tuple(lines))


def write(text: str, style: str = "") -> Block:
    """Return lines of plain text as a block."""
    lines = text.split("\n")
    return Block(max(map(len, lines)), tuple(Text(line, style, no_wrap=True) for line in lines))


def above(blocks: Iterable[Block]) -> Block:
    """Put blocks below each other."""
    blocks = tuple(blocks)
    return Block(
        max((block.width for block in blocks), default=0),
        tuple(line for block in blocks for line in block.lines),
    )


def beside(blocks: Sequence[Block], *, gap: int = GAP) -> Block:
    """Put blocks beside each other, their tops in one line."""
    height = max((len(block.lines) for block in blocks), default=0)
    lines = []
    for index in range(height):
        line = Text(no_wrap=True)
        for position, block in enumerate(blocks):
            own = block.lines[index] if index < len(block.lines) else Text()
            line.append_text(own)
            if position < len(blocks) - 1:
                line.append(" " * (block.width - len(own) + gap))
        lines.append(line)
    return Block(sum(block.width for block in blocks) + gap * (len(blocks) - 1), tuple(lines))


def beside_if_fits(blocks: Sequence[Block], *, width: int) -> Block:
    """Put blocks beside each other, or below where that is wider than ``width`` columns."""
    wide = beside(blocks)
    return wide if wide.width <= width else above(blocks)


def flow(blocks: Iterable[Block], *, width: int) -> Iterator[Block]:
    """Yield rows of blocks, as many beside each other as ``width`` columns hold."""
    row: list[Block] = []
    for block in blocks:
        if row and beside([*row, block]).width > width:
            yield beside(row)
            row = []
        row.append(block)
    if row:
        yield beside(row)
