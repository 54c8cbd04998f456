"""Cells with their neighbours, and what is connected: tools of the families about shapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from arcbatt.dsl.arguments import check_grid
from arcbatt.dsl.geometry import DIAGONAL_STEPS, DIRECT_STEPS
from arcbatt.dsl.types import Color, Grid

Steps = tuple[tuple[int, int], ...]
Places = set[tuple[int, int]]
Part = list[tuple[int, int]]

ALL_STEPS = DIRECT_STEPS + DIAGONAL_STEPS
"""Rows and columns from a cell to all its neighbours."""


def most_common_color(colors: Iterable[Color]) -> Color:
    """Return the most common of some colours, the lowest of equally common ones."""
    counts = Counter(colors)
    return min(counts, key=lambda color: (-counts[color], color))


def around(row: int, column: int, steps: Steps) -> list[tuple[int, int]]:
    """Return the locations that are some steps away from one."""
    return [(row + down, column + right) for down, right in steps]


def map_cells(grid: Grid, steps: Steps, change: Callable[[Color, list[Color]], Color]) -> Grid:
    """Make every cell anew from its colour and those of its neighbours inside the grid."""
    height, width = len(check_grid(grid)), len(grid[0]) if grid else 0
    return tuple(
        [
            tuple(
                [
                    change(
                        color,
                        [
                            grid[i][j]
                            for i, j in around(row, column, steps)
                            if 0 <= i < height and 0 <= j < width
                        ],
                    )
                    for column, color in enumerate(cells)
                ]
            )
            for row, cells in enumerate(grid)
        ]
    )


def filled_places(grid: Grid, value: Color, places: Iterable[tuple[int, int]]) -> Grid:
    """Give locations inside a grid a colour."""
    rows = [list(row) for row in grid]
    for i, j in places:
        rows[i][j] = value
    return tuple(map(tuple, rows))


def take_connected(unseen: Places, starts: Part, steps: Steps) -> None:
    """Remove what is connected with some starts from the unseen; appends it to the starts."""
    for row, column in starts:  # grows while it is walked
        for beside in around(row, column, steps):
            if beside in unseen:
                unseen.remove(beside)
                starts.append(beside)


def connected_parts(places: Places, steps: Steps) -> list[Part]:
    """Return the connected parts of a set of locations, which is used up."""
    parts = []
    while places:
        part = [places.pop()]
        take_connected(places, part, steps)
        parts.append(part)
    return parts


def keep_shut_in(grid: Grid, is_open: Callable[[Color], bool], steps: Steps) -> Places:
    """Return the open cells of a grid from which no steps over open cells lead to the edge."""
    height, width = len(check_grid(grid)), len(grid[0]) if grid else 0
    unseen = {(i, j) for i, row in enumerate(grid) for j, color in enumerate(row) if is_open(color)}
    starts = [(i, j) for i, j in unseen if i in (0, height - 1) or j in (0, width - 1)]
    unseen.difference_update(starts)
    take_connected(unseen, starts, steps)
    return unseen
