"""Tools of the patterns: fields of a lattice, holes of a region, cells drawn on a grid."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.support.arguments import check_cells, check_grid
from arcbatt.dsl.support.connected_components import (
    DIRECT_STEPS,
    Place,
    Region,
    connected_parts,
    extent,
    groups,
    most_common_color,
)
from arcbatt.dsl.types import Color, Grid

Colors = Mapping[Place, Color]


def like(grid: Grid, numbers: Colors) -> Grid:
    """Make a grid of the shape of another from the numbers of some cells; the rest is empty."""
    return tuple(
        [
            tuple([numbers.get((i, j), 0) for j in range(len(row))])
            for i, row in enumerate(check_grid(grid))
        ]
    )


def over(grid: Grid, drawn: Colors) -> Grid:
    """Draw some cells on a grid."""
    rows = [list(row) for row in grid]
    for (i, j), color in drawn.items():
        rows[i][j] = color
    return tuple(map(tuple, rows))


def count_holes(region: Region) -> int:
    """Count the regions of a box, not only its holes, that a region shuts off from outside."""
    top, left, bottom, right = extent(region)
    height, width = bottom - top + 1, right - left + 1
    current_meter().claim((height + 2) * (width + 2))
    taken = {(i - top, j - left) for i, j in region}
    free = {(i, j) for i in range(-1, height + 1) for j in range(-1, width + 1)} - taken
    return len(connected_parts(free, DIRECT_STEPS)) - 1


def _spans(is_cut: list[bool]) -> list[tuple[int, int]]:
    """List the runs between cuts, each as its start and its stop."""
    found, start = [], 0
    for place, cut in enumerate([*is_cut, True]):
        if cut:
            if place > start:
                found.append((start, place))
            start = place + 1
    return found


def lattice(grid: Grid) -> list[list[Place]]:
    """List the places of each field between full lines, row by row: lines of one colour, not 0."""

    def is_line(line: tuple[int, ...]) -> bool:
        return line[0] != 0 and len(set(line)) == 1

    rows = _spans([is_line(row) for row in check_cells(grid)])
    columns = _spans([is_line(column) for column in zip(*grid, strict=True)])
    return [
        [(i, j) for i in range(top, bottom) for j in range(left, right)]
        for top, bottom in rows
        for left, right in columns
    ]


def walk(grid: Grid, place: Place, step: Place) -> Iterator[Place]:
    """Walk from a place over empty cells, to the next coloured one or the edge."""
    i, j = place[0] + step[0], place[1] + step[1]
    while 0 <= i < len(grid) and 0 <= j < len(grid[0]) and not grid[i][j]:
        yield i, j
        i, j = i + step[0], j + step[1]


def lone_cells(grid: Grid) -> list[Place]:
    """List the coloured cells without a coloured neighbour."""
    return [group[0] for group in groups(check_grid(grid)) if len(group) == 1]


def towards(box: tuple[int, ...], goal: tuple[int, ...]) -> Place:
    """Return the step from one box, as edges, to another; (0, 0) if it is not straight."""
    top, left, bottom, right = box
    if top <= goal[2] and goal[0] <= bottom:
        return (0, 1) if left < goal[1] else (0, -1)
    if left <= goal[3] and goal[1] <= right:
        return (1, 0) if top < goal[0] else (-1, 0)
    return 0, 0


def steps_to(goal: set[Place], place: Place, step: Place, most: int) -> int:
    """Count the steps from a place to the first cell of a goal; 0 if there is none."""
    for steps in range(1, most if any(step) else 0):
        if (place[0] + steps * step[0], place[1] + steps * step[1]) in goal:
            return steps
    return 0


TURNS: tuple[Callable[[Place], Place], ...] = (
    lambda place: (place[0], place[1]),
    lambda place: (place[0], -place[1]),
    lambda place: (-place[0], place[1]),
    lambda place: (-place[0], -place[1]),
    lambda place: (place[1], place[0]),
    lambda place: (place[1], -place[0]),
    lambda place: (-place[1], place[0]),
    lambda place: (-place[1], -place[0]),
)
"""The symmetries of the square, applied to a location."""


def main_of(grid: Grid, group: Region) -> int:
    """Return the most common colour of a group that is a model, or 0."""
    colors = [grid[i][j] for i, j in group]
    main = most_common_color(colors)
    return main if 1 < colors.count(main) < len(colors) else 0


def is_open(
    copy: dict[Place, int], marks: frozenset[Place], free: dict[Place, int], grid: Grid
) -> bool:
    """Tell whether a copy's marks are there, and nothing else that it would hide."""
    return all(free.get(place) == copy[place] for place in marks) and all(
        grid[i][j] in (0, color)
        for (i, j), color in copy.items()
        if 0 <= i < len(grid) and 0 <= j < len(grid[0])
    )
