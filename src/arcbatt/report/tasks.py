"""The grids of a task, in ARC's colours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from arcbatt.dsl.types import Grid
from arcbatt.tasks import Dataset, Sample, Task


def size_of(grid: Grid) -> str:
    """Write a grid's size: rows, then columns."""
    return f"{len(grid)}x{len(grid[0]) if grid else 0}"


def draw_task(
    task: Task, *, answers: bool, width: int, draw: DrawGrid | None = None
) -> Iterator[Block]:
    """Draw a task in blocks of at most ``width`` columns, unless a single grid is wider.

    Args:
        task: the task to draw.
        answers: whether the outputs of the tests are shown.
        width: the number of columns of the terminal, > 0.
        draw: function that draws a grid; None for `draw_grid`.
    """
    draw = draw or draw_grid
    demos = (
        _draw_sample(f"demo {number}", sample, draw, width=width)
        for number, sample in enumerate(task.demos, 1)
    )
    tests = (
        _draw_sample(
            f"test {number}", sample if answers else Sample(sample.input), draw, width=width
        )
        for number, sample in enumerate(task.tests, 1)
    )
    for row in (*flow(demos, width=width), *flow(tests, width=width)):
        yield above([row, write("")])


def _draw_sample(name: str, sample: Sample, draw: DrawGrid, *, width: int) -> Block:
    shown = draw(sample.input)
    if sample.output is None:
        return above([write(f"{name}: {size_of(sample.input)}", "bold"), shown])
    title = f"{name}: {size_of(sample.input)} -> {size_of(sample.output)}"
    pair = beside([shown, ARROW, draw(sample.output)], gap=1)
    if pair.width > width:
        pair = beside_if_fits([shown, draw(sample.output)], width=width)
    return above([write(title, "bold"), pair])


def data_document(dataset: Dataset) -> dict[str, Any]:
    """Return the version of the tasks of a run as JSON.

    Keys: ``tasks`` (their number), ``digest``, ``package`` (with its version, or null for files)
    and ``skipped``: ``task``, ``tests`` and ``reason`` of each task that could not be read.
    """
    version = dataset.version
    return {
        "tasks": version.tasks,
        "digest": version.digest,
        "package": version.package or None,
        "skipped": [
            {"task": each.id, "tests": each.tests, "reason": str(each.reason)}
            for each in dataset.skipped
        ],
    }


def data_line(dataset: Dataset) -> str:
    """Return a line with the version of the tasks of a run."""
    return f"data: {dataset}, version {dataset.version}"


def task_document(task: Task, *, answers: bool) -> dict[str, Any]:
    """Return a task as JSON: ``id``, ``train`` and ``test`` in the form of ARC's task files."""
    return {
        "id": task.id,
        "train": [{"input": demo.input, "output": demo.output} for demo in task.demos],
        "test": [
            {"input": test.input, "output": test.output} if answers else {"input": test.input}
            for test in task.tests
        ],
    }


GAP = 3
"""Number of columns between blocks that are beside each other."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of text, none longer than ``width`` columns."""

    width: int
    lines: tuple[Text, ...]


DrawGrid = Callable[[Grid], Block]
"""A function that draws a grid for the terminal."""


def draw_grid(grid: Grid) -> Block:
    """Draw a grid: every cell is its number on its colour, two or more columns wide."""
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


HALF = "\N{UPPER HALF BLOCK}"


def draw_blocks(grid: Grid) -> Block:
    """Draw a grid in half of the columns and lines: a character is two cells, one on the other."""
    if not grid or not grid[0]:
        return write("(an empty grid)")
    lines = []
    for upper in range(0, len(grid), 2):
        line = Text(no_wrap=True)
        for j, cell in enumerate(grid[upper]):
            below = f" on {_color_of(grid[upper + 1][j])}" if upper + 1 < len(grid) else ""
            line.append(HALF, style=f"{_color_of(cell)}{below}")
        lines.append(line)
    return Block(len(grid[0]), tuple(lines))


def _color_of(cell: int) -> str:
    return COLORS[cell] if 0 <= cell < len(COLORS) else UNKNOWN_COLOR


def grids_fit(grids: Iterable[Grid], *, width: int, height: int) -> bool:
    """Return whether two of the largest grids fit beside each other into a terminal as digits."""
    grids = list(grids)
    rows = max(map(len, grids), default=0)
    columns = max((len(grid[0]) for grid in grids if grid), default=0)
    return 2 * 2 * columns + len(ARROW.lines[0]) + 1 <= width and rows + 2 <= height


def write(text: str, style: str = "") -> Block:
    """Return lines of plain text as a block."""
    lines = text.split("\n")
    return Block(max(map(len, lines)), tuple(Text(line, style, no_wrap=True) for line in lines))


ARROW = write("->")


def above(blocks: Iterable[Block]) -> Block:
    """Put blocks below each other."""
    blocks = tuple(blocks)
    return Block(
        max((block.width for block in blocks), default=0),
        tuple(line for block in blocks for line in block.lines),
    )


def beside(blocks: Sequence[Block], *, gap: int = GAP) -> Block:
    """Put blocks beside each other, aligned at their tops."""
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
    """Put blocks beside each other, or below each other if ``width`` columns are too few."""
    wide = beside(blocks)
    return wide if wide.width <= width else above(blocks)


def flow(blocks: Iterable[Block], *, width: int) -> Iterator[Block]:
    """Yield rows of blocks, with as many blocks beside each other as fit into ``width`` columns."""
    row: list[Block] = []
    for block in blocks:
        if row and beside([*row, block]).width > width:
            yield beside(row)
            row = []
        row.append(block)
    if row:
        yield beside(row)


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
"""The colour of marks outside 0..9, which programs use while they compute."""
DARK = frozenset({0, 1, 6, 9})
"""The colours on which light digits are readable."""


def cell_style(cell: int) -> str:
    """Return the style of a cell: its digit on its colour."""
    if not 0 <= cell < len(COLORS):
        return f"#FFFFFF on {UNKNOWN_COLOR}"
    return f"{'#DDDDDD' if cell in DARK else '#111111'} on {COLORS[cell]}"
