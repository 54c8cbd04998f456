"""Connected regions of a grid's coloured cells.

A cell of colour 0 is empty, all others are coloured. A *part* is a set of coloured cells of one
colour that are connected by their edges, a *group* one of coloured cells of any colours that are
connected by edges or corners.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from arcbatt.dsl.arguments import check_grid
from arcbatt.dsl.geometry import DIAGONAL_STEPS, DIRECT_STEPS
from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import reject

EMPTY = 0
"""The colour of an empty cell."""

Place = tuple[int, int]
Region = list[Place]


def check_cells(value: Value) -> Grid:
    """Return a grid that has cells."""
    if not check_grid(value) or not value[0]:
        raise reject("a grid with cells", value)
    return value  # type: ignore[no-any-return]


def regions(grid: Grid, *, one_color: bool, diagonal: bool) -> list[list[Place]]:
    """List the connected coloured cells of a grid, each region by its first cell, ascending."""
    steps = DIRECT_STEPS + (DIAGONAL_STEPS if diagonal else ())
    unseen = {
        (i, j): value for i, row in enumerate(grid) for j, value in enumerate(row) if value != EMPTY
    }
    found = []
    for start in list(unseen):
        if start not in unseen:
            continue
        value = unseen.pop(start)
        region = [start]
        for i, j in region:  # grows while it is walked
            for down, right in steps:
                beside = (i + down, j + right)
                if beside in unseen and (not one_color or unseen[beside] == value):
                    del unseen[beside]
                    region.append(beside)
        found.append(sorted(region))
    return found


def parts(grid: Grid) -> list[list[Place]]:
    """List the parts of a grid."""
    return regions(grid, one_color=True, diagonal=False)


def groups(grid: Grid) -> list[list[Place]]:
    """List the groups of a grid."""
    return regions(grid, one_color=False, diagonal=True)


def bodies(grid: Grid) -> list[list[Place]]:
    """List what one colour connects by edges or corners in a grid."""
    return regions(grid, one_color=True, diagonal=True)


def edges(region: Sequence[Place]) -> tuple[int, int, int, int]:
    """Return the first row and column and the last row and column of some places."""
    rows, columns = zip(*region, strict=True)
    return min(rows), min(columns), max(rows), max(columns)


def only(grid: Grid, places: Iterable[Place]) -> Grid:
    """Empty all cells of a grid but those at some places."""
    rows = [[EMPTY] * len(row) for row in grid]
    for i, j in places:
        rows[i][j] = grid[i][j]
    return tuple(map(tuple, rows))


def at_edge(region: Iterable[Place], grid: Grid) -> bool:
    """Tell whether a region lies at an edge of a grid."""
    rows, columns = len(grid) - 1, len(grid[0]) - 1
    return any(i in (0, rows) or j in (0, columns) for i, j in region)


def normalized(places: Sequence[Place]) -> frozenset[Place]:
    """Move some places to row 0 and column 0."""
    if not places:
        return frozenset()
    top, left, _, _ = edges(places)
    return frozenset([(i - top, j - left) for i, j in places])
