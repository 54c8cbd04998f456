"""Primitives along lines: smears, rays, joins and falls.

A cell of colour 0 is empty, all others are coloured. A direction is a pair of numbers in -1..1,
not both 0: rows down and columns to the right. Every result has the shape of its grid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush

from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import (
    check_color,
    check_grid,
    check_location,
    check_object,
    check_patch,
    locations,
)
from arcbatt.dsl.support.connected_components import DIAGONAL_STEPS, DIRECT_STEPS, Region, bodies
from arcbatt.dsl.types import Color, Grid, IntegerTuple, Object, Patch, Value
from arcbatt.dsl.values import members, reject


def check_direction(value: Value) -> IntegerTuple:
    """Return a pair of numbers in -1..1, not both 0."""
    down, right = check_location(value)
    if max(abs(down), abs(right)) != 1:
        raise reject("a direction", value)
    return down, right


def _lines(grid: Grid, direction: IntegerTuple) -> Iterator[Region]:
    """Walk all lines of locations in a direction, each from one edge of a grid to another."""
    down, right = direction
    height, width = len(grid), len(grid[0]) if grid else 0
    for row in range(height):
        for column in range(width):
            if 0 <= row - down < height and 0 <= column - right < width:
                continue
            line, i, j = [], row, column
            while 0 <= i < height and 0 <= j < width:
                line.append((i, j))
                i, j = i + down, j + right
            yield line


def _along(
    grid: Grid, direction: IntegerTuple, rewrite: Callable[[list[Color]], list[Color]]
) -> Grid:
    """Rewrite the colours of every line in a direction."""
    rows = [list(row) for row in grid]
    for line in _lines(grid, direction):
        rewritten = rewrite([grid[i][j] for i, j in line])
        for (i, j), color in zip(line, rewritten, strict=True):
            rows[i][j] = color
    return tuple(map(tuple, rows))


def _laid_over(grid: Grid, *layers: Grid) -> Grid:
    """Put the coloured cells of layers on the empty cells of a grid, later ones on top."""
    rows = [list(row) for row in grid]
    for layer in layers:
        for i, row in enumerate(layer):
            for j, color in enumerate(row):
                if color and not grid[i][j]:
                    rows[i][j] = color
    return tuple(map(tuple, rows))


@primitive()
def smear(grid: Grid, direction: IntegerTuple) -> Grid:
    """Draw a ray from every coloured cell in a direction, to the next coloured cell or the edge.

    >>> smear(((1, 0, 0, 2, 0),), (0, 1))
    ((1, 1, 1, 2, 2),)
    """

    def rewrite(line: list[Color]) -> list[Color]:
        carried, smeared = 0, []
        for color in line:
            carried = color or carried
            smeared.append(carried)
        return smeared

    return _along(check_grid(grid), check_direction(direction), rewrite)


@primitive()
def stretch(grid: Grid, direction: IntegerTuple) -> Grid:
    """Give every empty cell the nearest colour ahead of it or behind it in a direction.

    Of two at the same distance the one behind wins. Lines without a coloured cell stay empty.

    >>> stretch(((0, 1, 0, 0, 0, 2),), (0, 1))
    ((1, 1, 1, 1, 2, 2),)
    """

    def rewrite(line: list[Color]) -> list[Color]:
        places = [place for place, color in enumerate(line) if color]
        if not places:
            return line
        nearest, stretched = 0, []
        for place in range(len(line)):
            while nearest + 1 < len(places) and abs(places[nearest + 1] - place) < abs(
                places[nearest] - place
            ):
                nearest += 1
            stretched.append(line[places[nearest]])
        return stretched

    return _along(check_grid(grid), check_direction(direction), rewrite)


def _joined(grid: Grid, direction: IntegerTuple, value: Color | None = None) -> Grid:
    """Fill the gaps between equal neighbours of every line with their colour or another."""

    def rewrite(line: list[Color]) -> list[Color]:
        joined, last = list(line), 0
        for place, color in enumerate(line):
            if color:
                if line[last] == color:
                    gap = place - last - 1
                    joined[last + 1 : place] = [color if value is None else value] * gap
                last = place
        return joined

    return _along(grid, direction, rewrite)


@primitive()
def join_with(grid: Grid, value: Color, direction: IntegerTuple) -> Grid:
    """Connect equal cells in a direction with a colour where only empty cells are between.

    >>> join_with(((3, 0, 3, 0, 2, 0, 2),), 1, (0, 1))
    ((3, 1, 3, 0, 2, 1, 2),)
    """
    return _joined(check_grid(grid), check_direction(direction), check_color(value))


@primitive()
def join_lines(grid: Grid) -> Grid:
    """Connect equal cells in rows and in columns where only empty cells are between.

    Where lines cross, that of the column is on top.

    >>> join_lines(((3, 0, 3), (0, 0, 0), (3, 0, 2)))
    ((3, 3, 3), (3, 0, 0), (3, 0, 2))
    """
    check_grid(grid)
    return _laid_over(grid, _joined(grid, (0, 1)), _joined(grid, (1, 0)))


@primitive()
def join_diagonals(grid: Grid) -> Grid:
    """Connect equal cells in diagonals where only empty cells are between.

    Where lines cross, that which falls to the left is on top.

    >>> join_diagonals(((3, 0, 0), (0, 0, 0), (0, 0, 3)))
    ((3, 0, 0), (0, 3, 0), (0, 0, 3))
    """
    check_grid(grid)
    return _laid_over(grid, _joined(grid, (1, 1)), _joined(grid, (1, -1)))


def _shot(grid: Grid, directions: tuple[IntegerTuple, ...]) -> Grid:
    nearest: dict[tuple[int, int], tuple[int, Color]] = {}
    for direction in directions:
        for line in _lines(grid, direction):
            distance = color = 0
            for i, j in line:
                distance += 1
                if grid[i][j]:
                    distance, color = 0, grid[i][j]
                elif color:
                    nearest[i, j] = min((distance, color), nearest.get((i, j), (distance, color)))
    rows = [list(row) for row in grid]
    for (i, j), (_, color) in nearest.items():
        rows[i][j] = color
    return tuple(map(tuple, rows))


@primitive()
def shoot_cross(grid: Grid) -> Grid:
    """Draw rays from every coloured cell up, down, left and right, to the next coloured cell.

    Where rays cross, the one with the nearest start is on top, of two such the lower colour.

    >>> shoot_cross(((0, 0, 0), (0, 4, 0), (0, 0, 0)))
    ((0, 4, 0), (4, 4, 4), (0, 4, 0))
    """
    return _shot(check_grid(grid), DIRECT_STEPS)


@primitive()
def shoot_diagonals(grid: Grid) -> Grid:
    """Draw rays from every coloured cell in the four diagonals, to the next coloured cell.

    Where rays cross, the one with the nearest start is on top, of two such the lower colour.

    >>> shoot_diagonals(((0, 0, 0), (0, 4, 0), (0, 0, 0)))
    ((4, 0, 4), (0, 4, 0), (4, 0, 4))
    """
    return _shot(check_grid(grid), DIAGONAL_STEPS)


@primitive()
def bounce(grid: Grid, direction: IntegerTuple) -> Grid:
    """Draw rays as `smear` does that turn round at the left and the right edge.

    Where rays cross, the lower colour is on top.

    >>> bounce(((0, 0), (0, 0), (5, 0)), (-1, 1))
    ((5, 0), (0, 5), (5, 0))
    """
    down, right = check_direction(direction)
    if not check_grid(grid) or not down or not right:
        return smear(grid, direction)
    width = len(grid[0])
    rays: dict[tuple[int, int], Color] = {}
    drawn = []
    for row in grid[::down]:
        cells = list(row)
        for (column, _), color in sorted(rays.items(), key=lambda ray: -ray[1]):
            if not row[column]:
                cells[column] = color
        drawn.append(tuple(cells))
        starts = {(column, right): color for column, color in enumerate(row) if color}
        going = {ray: color for ray, color in rays.items() if not row[ray[0]]} | starts
        rays = {}
        for (column, side), color in going.items():
            turned = side if 0 <= column + side < width else -side
            if 0 <= column + turned < width:
                rays[column + turned, turned] = color
    return tuple(drawn[::down])


@primitive()
def reach(grid: Grid, value: Color) -> Grid:
    """Connect other coloured cells with cells of a colour, along rows and columns, in their own.

    Only empty cells are filled, those between two neighbours of a row or column of which one has
    the colour. Where lines cross, that of the column is on top.

    >>> reach(((1, 0, 2, 0, 0, 1, 0, 0, 3),), 2)
    ((1, 1, 2, 1, 1, 1, 0, 0, 3),)
    """
    check_color(value)

    def rewrite(line: list[Color]) -> list[Color]:
        reached, last = list(line), 0
        for place, color in enumerate(line):
            if color:
                if line[last] and (line[last] == value) != (color == value):
                    own = color if line[last] == value else line[last]
                    reached[last + 1 : place] = [own] * (place - last - 1)
                last = place
        return reached

    check_grid(grid)
    return _laid_over(grid, _along(grid, (0, 1), rewrite), _along(grid, (1, 0), rewrite))


@primitive()
def attract(grid: Grid, value: Color) -> Grid:
    """Move other coloured cells next to the nearest cell of a colour that they see.

    They see along rows, columns and diagonals over empty cells. Of equally near ones the first
    counts: up, left, right, down, then the diagonals in the same order. Cells that end in one
    place hide each other, the lowest colour is on top. Cells that see none stay.

    >>> attract(((1, 0, 0, 2, 0, 3, 0, 0, 0, 3),), 2)
    ((0, 0, 1, 2, 3, 0, 0, 0, 0, 3),)
    """
    check_color(value)
    goals: dict[tuple[int, int], tuple[int, tuple[int, int]]] = {}
    for direction in DIRECT_STEPS + DIAGONAL_STEPS:
        for line in _lines(check_grid(grid), direction):
            last = -1
            for place, (i, j) in enumerate(line):
                if not grid[i][j]:
                    continue
                if last >= 0 and grid[i][j] == value:
                    mover, distance = line[last], place - last
                    if mover not in goals or distance < goals[mover][0]:
                        goals[mover] = distance, line[place - 1]
                last = place if grid[i][j] != value else -1
    rows = [list(row) for row in grid]
    for i, j in goals:
        rows[i][j] = 0
    moved = [(grid[i][j], goal) for (i, j), (_, goal) in goals.items()]
    for color, (i, j) in sorted(moved, reverse=True):
        rows[i][j] = color
    return tuple(map(tuple, rows))


@primitive()
def fall(grid: Grid, direction: IntegerTuple) -> Grid:
    """Let all coloured cells fall in a direction, each by itself, until they lie on each other.

    >>> fall(((1, 0, 2, 0, 0),), (0, 1))
    ((0, 0, 0, 1, 2),)
    """

    def rewrite(line: list[Color]) -> list[Color]:
        return [0] * line.count(0) + [color for color in line if color]

    return _along(check_grid(grid), check_direction(direction), rewrite)


def _falls(grid: Grid, found: list[Region], direction: IntegerTuple) -> list[int]:
    """Return how far each body of a grid falls when all do at the same time."""
    owner = {location: body for body, cells in enumerate(found) for location in cells}
    resting: list[list[tuple[int, int]]] = [[] for _ in found]
    falls = [len(grid) + len(grid[0])] * len(found) if grid else []
    for line in _lines(grid, direction):
        below, gap = None, 0
        for location in reversed(line):
            body = owner.get(location)
            if body is None:
                gap += 1
                continue
            if below is None:
                falls[body] = min(falls[body], gap)
            elif below != body:
                resting[below].append((body, gap))
            below, gap = body, 0
    # A body falls as far as what is below it and the gap between: these are shortest paths.
    queue = [(fall, body) for body, fall in enumerate(falls)]
    heapify(queue)
    while queue:
        fallen, below = heappop(queue)
        if fallen > falls[below]:
            continue
        for body, gap in resting[below]:
            if fallen + gap < falls[body]:
                falls[body] = fallen + gap
                heappush(queue, (falls[body], body))
    return falls


@primitive()
def fall_objects(grid: Grid, direction: IntegerTuple) -> Grid:
    """Let all objects fall in a direction, each as a whole, until they lie on each other.

    An object is what one colour connects along edges and corners.

    >>> fall_objects(((1, 1), (1, 0), (0, 0), (2, 0)), (1, 0))
    ((0, 0), (1, 1), (1, 0), (2, 0))
    """
    down, right = check_direction(direction)
    found = bodies(check_grid(grid))
    rows = [[0] * len(row) for row in grid]
    for cells, steps in zip(found, _falls(grid, found, (down, right)), strict=True):
        for i, j in cells:
            rows[i + steps * down][j + steps * right] = grid[i][j]
    return tuple(map(tuple, rows))


@primitive()
def slide(grid: Grid, patch: Patch, direction: IntegerTuple) -> Grid:
    """Move the coloured cells in a patch's locations until one meets another cell or the edge.

    They move in a direction, as a whole. Locations outside the grid or of empty cells don't
    count.

    >>> slide(((1, 0, 0, 2, 0),), frozenset({(0, 0)}), (0, 1))
    ((0, 0, 1, 2, 0),)
    """
    down, right = check_direction(direction)
    height, width = len(check_grid(grid)), len(grid[0]) if grid else 0
    moving = {
        (i, j)
        for i, j in locations(check_patch(patch))
        if 0 <= i < height and 0 <= j < width and grid[i][j]
    }
    steps = height + width
    for line in _lines(grid, (down, right)):
        gap: int | None = 0
        for i, j in reversed(line):
            if (i, j) in moving:
                # What is behind a moving cell is not in the way: both move at the same time.
                steps, gap = min(steps, steps if gap is None else gap), None
            elif grid[i][j]:
                gap = 0
            elif gap is not None:
                gap += 1
    rows = [list(row) for row in grid]
    for i, j in moving:
        rows[i][j] = 0
    for i, j in moving:
        rows[i + steps * down][j + steps * right] = grid[i][j]
    return tuple(map(tuple, rows))


@primitive()
def cast(grid: Grid, obj: Object, direction: IntegerTuple) -> Grid:
    """Put an object on a grid and draw rays from its cells in a direction, as `smear` does.

    >>> cast(((0, 0, 0, 3, 0),), frozenset({(2, (0, 1))}), (0, 1))
    ((0, 2, 2, 3, 0),)
    """
    step = check_direction(direction)
    rows = [list(row) for row in check_grid(grid)]
    height, width = len(rows), len(rows[0]) if rows else 0
    starts = set()
    for color, (i, j) in members(check_object(obj)):
        if 0 <= i < height and 0 <= j < width:
            rows[i][j] = color
            starts.add((i, j))
    for line in _lines(grid, step):
        carried = 0
        for i, j in line:
            if (i, j) in starts:
                carried = rows[i][j]
            elif rows[i][j]:
                carried = 0
            elif carried:
                rows[i][j] = carried
    return tuple(map(tuple, rows))
