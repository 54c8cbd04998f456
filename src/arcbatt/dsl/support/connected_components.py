"""Connected components: of a set of places, and of a grid's coloured cells.

A cell of colour 0 is empty, all others are coloured. A *part* is a set of coloured cells of one
colour that are connected by their edges, a *group* one of coloured cells of any colours that are
connected by edges or corners.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from arcbatt.dsl.support.arguments import check_grid, has_cells, locations
from arcbatt.dsl.types import Color, Grid, Value
from arcbatt.dsl.values import reject

EMPTY = 0
"""The colour of an empty cell."""

Place = tuple[int, int]
Region = list[Place]


def take_connected(unseen: set[Place], starts: Region, steps: Steps) -> None:
    """Move what is connected with some starts from the unseen to the starts."""
    for row, column in starts:  # grows while it is walked
        for beside in around(row, column, steps):
            if beside in unseen:
                unseen.remove(beside)
                starts.append(beside)


def connected_parts(places: set[Place], steps: Steps) -> list[Region]:
    """Return the connected components of a set of places, which is used up."""
    found = []
    while places:
        part = [places.pop()]
        take_connected(places, part, steps)
        found.append(part)
    return found


def keep_shut_in(grid: Grid, is_open: Callable[[Color], bool], steps: Steps) -> set[Place]:
    """Return the open cells of a grid from which no steps over open cells lead to the edge."""
    height, width = len(check_grid(grid)), len(grid[0]) if grid else 0
    unseen = {(i, j) for i, row in enumerate(grid) for j, color in enumerate(row) if is_open(color)}
    starts = [(i, j) for i, j in unseen if i in (0, height - 1) or j in (0, width - 1)]
    unseen.difference_update(starts)
    take_connected(unseen, starts, steps)
    return unseen


def _regions(grid: Grid, steps: Steps, *, one_color: bool) -> list[Region]:
    """List the connected coloured cells of a grid, ascending, each region as well."""
    places: dict[Color, set[Place]] = {}
    for i, row in enumerate(grid):
        for j, color in enumerate(row):
            if color != EMPTY:
                places.setdefault(color if one_color else EMPTY, set()).add((i, j))
    found = [part for each in places.values() for part in connected_parts(each, steps)]
    return sorted(map(sorted, found))


def parts(grid: Grid) -> list[Region]:
    """List the parts of a grid."""
    return _regions(grid, DIRECT_STEPS, one_color=True)


def groups(grid: Grid) -> list[Region]:
    """List the groups of a grid."""
    return _regions(grid, ALL_STEPS, one_color=False)


def bodies(grid: Grid) -> list[Region]:
    """List what one colour connects by edges or corners in a grid."""
    return _regions(grid, ALL_STEPS, one_color=True)


def only(grid: Grid, places: Iterable[Place]) -> Grid:
    """Empty all cells of a grid but those at some places."""
    rows = [[EMPTY] * len(row) for row in grid]
    for i, j in places:
        rows[i][j] = grid[i][j]
    return tuple(map(tuple, rows))


def ranked_colors(colors: Iterable[Color]) -> list[Color]:
    """List the distinct colours by falling count."""
    counts = Counter(colors)
    return sorted(counts, key=lambda color: (-counts[color], color))


def most_common_color(colors: Iterable[Color]) -> Color:
    """Return the most common colour, 0 if there is none."""
    counts = Counter(colors)
    return min(counts, key=lambda color: (-counts[color], color), default=0)


def most_common_nonzero(colors: Iterable[Color]) -> Color:
    """Return the most common colour other than 0, 0 if there is none."""
    return most_common_color(filter(None, colors))


def least_common_color(colors: Iterable[Color]) -> Color:
    """Return the least common colour, the lowest of several, 0 if there is none."""
    counts = Counter(colors)
    return min(counts, key=lambda color: (counts[color], color), default=0)


Steps = tuple[Place, ...]

DIRECT_STEPS = ((-1, 0), (0, -1), (0, 1), (1, 0))
"""Rows and columns from a cell to those that share an edge with it."""
DIAGONAL_STEPS = ((-1, -1), (-1, 1), (1, -1), (1, 1))
"""Rows and columns from a cell to those that share only a corner with it."""
ALL_STEPS = DIRECT_STEPS + DIAGONAL_STEPS
"""Rows and columns from a cell to all its neighbours."""


class Extent(NamedTuple):
    """The edges of some places, each of them inside."""

    top: int
    left: int
    bottom: int
    right: int


def extent(patch: Value) -> Extent:
    """Return the edges of some places or of a checked patch; raises CallFailure without any."""
    if not patch:
        raise reject("a patch that is not empty", patch)
    rows, columns = zip(*(locations(patch) if has_cells(patch) else patch), strict=True)
    return Extent(min(rows), min(columns), max(rows), max(columns))


def normalized(places: Iterable[Place]) -> frozenset[Place]:
    """Move some places to row 0 and column 0."""
    if not places:
        return frozenset()
    top, left, _, _ = extent(places)
    return frozenset([(i - top, j - left) for i, j in places])


def at_edge(region: Iterable[Place], grid: Grid) -> bool:
    """Tell whether a region lies at an edge of a grid."""
    rows, columns = len(grid) - 1, len(grid[0]) - 1
    return any(i in (0, rows) or j in (0, columns) for i, j in region)


def around(row: int, column: int, steps: Steps) -> list[Place]:
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


def filled_places(grid: Grid, value: Color, places: Iterable[Place]) -> Grid:
    """Give locations inside a grid a colour."""
    rows = [list(row) for row in grid]
    for i, j in places:
        rows[i][j] = value
    return tuple(map(tuple, rows))
