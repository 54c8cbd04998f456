"""Primitives that repeat, mirror, scale or place a grid to make one of a wanted shape.

A cell of colour 0 is empty, all others are coloured. A shape is a pair of height and width, each
at least 1.
"""

from __future__ import annotations

from arcbatt.dsl.geometry import hmirror, vmirror
from arcbatt.dsl.grids import hconcat, rot90, rot180, rot270
from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import check_cells, check_grid, check_location, check_number
from arcbatt.dsl.support.connected_components import most_common_color
from arcbatt.dsl.types import Grid, Integer, IntegerTuple, Value
from arcbatt.dsl.values import reject


def check_shape(value: Value) -> IntegerTuple:
    """Return a height and a width, each at least 1, after asking for room for such a grid."""
    rows, columns = check_location(value)
    if rows < 1 or columns < 1:
        raise reject("a height and a width of at least 1", value)
    current_meter().claim(rows * columns)
    return rows, columns


def _pick(grid: Grid, rows: list[int], columns: list[int]) -> Grid:
    """Return the cells of some rows and columns, which may repeat."""
    return tuple([tuple([grid[i][j] for j in columns]) for i in rows])


def _fold(place: int, length: int) -> int:
    """Return where a place is if the places run to the end and back, each end twice."""
    place %= 2 * length
    return min(place, 2 * length - 1 - place)


def _bounce(place: int, length: int) -> int:
    """Return where a place is if the places run to the end and back, each end once."""
    place %= max(2 * length - 2, 1)
    return min(place, 2 * length - 2 - place)


@primitive()
def tile(grid: Grid, dimensions: IntegerTuple) -> Grid:
    """Repeat a grid from the upper left corner until a shape is full.

    Fails if the grid has no cells or the shape none.

    >>> tile(((1, 2),), (2, 3))
    ((1, 2, 1), (1, 2, 1))
    """
    height, width = len(check_cells(grid)), len(grid[0])
    rows, columns = check_shape(dimensions)
    return _pick(grid, [i % height for i in range(rows)], [j % width for j in range(columns)])


@primitive()
def tile_mirrored(grid: Grid, dimensions: IntegerTuple) -> Grid:
    """Repeat a grid until a shape is full, each copy the mirror image of the one beside it.

    Fails if the grid has no cells or the shape none.

    >>> tile_mirrored(((1, 2),), (1, 5))
    ((1, 2, 2, 1, 1),)
    """
    height, width = len(check_cells(grid)), len(grid[0])
    rows, columns = check_shape(dimensions)
    return _pick(
        grid,
        [_fold(i, height) for i in range(rows)],
        [_fold(j, width) for j in range(columns)],
    )


@primitive()
def tile_bounced(grid: Grid, dimensions: IntegerTuple) -> Grid:
    """Repeat a grid until a shape is full, each copy a mirror image that shares an edge.

    Fails if the grid has no cells or the shape none.

    >>> tile_bounced(((1, 2, 3),), (1, 6))
    ((1, 2, 3, 2, 1, 2),)
    """
    height, width = len(check_cells(grid)), len(grid[0])
    rows, columns = check_shape(dimensions)
    return _pick(
        grid,
        [_bounce(i, height) for i in range(rows)],
        [_bounce(j, width) for j in range(columns)],
    )


@primitive()
def tile_times(grid: Grid, k: Integer) -> Grid:
    """Repeat a grid so many times downwards and to the right. Fails for less than once.

    >>> tile_times(((1, 2),), 2)
    ((1, 2, 1, 2), (1, 2, 1, 2))
    """
    times = check_number(k)
    check_grid(grid)
    if times < 1:
        raise reject("a number of at least 1", k)
    current_meter().claim(times * times * max(sum(map(len, grid)), len(grid)))
    return tuple([row * times for row in grid]) * times


@primitive()
def kaleidoscope(grid: Grid) -> Grid:
    """Put a grid into the upper left quarter of a picture that mirrors it in both directions.

    >>> kaleidoscope(((1, 2), (3, 4)))
    ((1, 2, 2, 1), (3, 4, 4, 3), (3, 4, 4, 3), (1, 2, 2, 1))
    """
    upper = hconcat(grid, vmirror(check_grid(grid)))  # type: ignore[arg-type]
    return upper + hmirror(upper)  # type: ignore[operator]


@primitive()
def pinwheel(grid: Grid) -> Grid:
    """Turn a grid on by a quarter clockwise in each quarter of a picture, from the upper left one.

    Fails unless the grid is as high as it is wide.

    >>> pinwheel(((1, 2), (3, 4)))
    ((1, 2, 3, 1), (3, 4, 4, 2), (2, 4, 4, 3), (1, 3, 2, 1))
    """
    if any(len(row) != len(grid) for row in check_grid(grid)):
        raise reject("a grid as high as wide", grid)
    return hconcat(grid, rot90(grid)) + hconcat(rot270(grid), rot180(grid))


@primitive()
def pour(grid: Grid, dimensions: IntegerTuple) -> Grid:
    """Lay the coloured cells of a grid into a shape row by row; what they don't fill is empty.

    Cells that find no room are left out. Fails without a grid, and if the shape has no cells.

    >>> pour(((0, 2), (3, 0)), (2, 3))
    ((2, 3, 0), (0, 0, 0))
    """
    cells = [value for row in check_grid(grid) for value in row if value]
    rows, columns = check_shape(dimensions)
    cells += [0] * (rows * columns - len(cells))
    return tuple([tuple(cells[i * columns : (i + 1) * columns]) for i in range(rows)])


def _blocks(grid: Grid, dimensions: IntegerTuple) -> list[list[list[int]]]:
    """Return what cells of a grid go into each cell of a shape."""
    height, width = len(check_cells(grid)), len(grid[0])
    rows, columns = check_shape(dimensions)
    if rows > height or columns > width:
        raise reject(f"a shape of at most {height} by {width}", dimensions)
    blocks: list[list[list[int]]] = [[[] for _ in range(columns)] for _ in range(rows)]
    for i, row in enumerate(grid):
        for j, value in enumerate(row):
            blocks[i * rows // height][j * columns // width].append(value)
    return blocks


@primitive()
def shrink(grid: Grid, dimensions: IntegerTuple) -> Grid:
    """Scale a grid down to a shape: each cell has the most common colour of its block.

    Of equally common colours the lowest counts. Fails if the shape has no cells, or more rows or
    columns than the grid.

    >>> shrink(((1, 1, 0, 0), (1, 0, 0, 2)), (1, 2))
    ((1, 0),)
    """
    return tuple(
        [tuple([most_common_color(block) for block in row]) for row in _blocks(grid, dimensions)]
    )


def _kronecker(mask: Grid, picture: Grid, part: Value) -> Grid:
    height, width = len(check_cells(picture)), len(picture[0])
    check_cells(mask)
    current_meter().claim(len(mask) * len(mask[0]) * height * width)
    return tuple(
        [
            tuple([part(cell, value) for cell in row for value in line])
            for row in mask
            for line in picture
        ]
    )


@primitive()
def stamp_cells(mask: Grid, picture: Grid) -> Grid:
    """Put a picture in place of each coloured cell, and emptiness of its shape for an empty one.

    Fails if a grid has no cells.

    >>> stamp_cells(((0, 5),), ((1, 2),))
    ((0, 0, 1, 2),)
    """
    return _kronecker(mask, picture, lambda cell, value: value if cell else 0)


@primitive()
def put(grid: Grid, dimensions: IntegerTuple, direction: IntegerTuple) -> Grid:
    """Put a grid on an empty canvas of a shape, in the middle or at a side or corner.

    Of a direction only the signs count: (0, 0) is the middle (of two the upper or left one),
    (-1, 1) the upper right corner. What finds no room is left out. Fails without a grid, and if
    the shape has no cells.

    >>> put(((1, 2),), (3, 3), (0, 1))
    ((0, 0, 0), (0, 1, 2), (0, 0, 0))
    """
    height, width = len(check_grid(grid)), len(grid[0]) if grid else 0
    rows, columns = check_shape(dimensions)
    down, right = check_location(direction)
    top, left = _start(rows - height, down), _start(columns - width, right)
    return tuple(
        [
            tuple(
                [
                    grid[i - top][j - left]
                    if 0 <= i - top < height and 0 <= j - left < width
                    else 0
                    for j in range(columns)
                ]
            )
            for i in range(rows)
        ]
    )


def _start(room: int, direction: int) -> int:
    if direction == 0:
        return room // 2
    return room if direction > 0 else 0
