"""Primitives that make grids: cut, turn, scale, join and colour them."""

from __future__ import annotations

from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.objects import mostcolor, shift
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import (
    check_color,
    check_divisor,
    check_element,
    check_grid,
    check_location,
    check_number,
    check_object,
    check_patch,
    check_rows,
    locations,
)
from arcbatt.dsl.support.connected_components import extent
from arcbatt.dsl.types import (
    Color,
    Element,
    Grid,
    Integer,
    IntegerTuple,
    Object,
    Patch,
    Tuple,
    Value,
)
from arcbatt.dsl.values import members, reject


def _claim_grid(rows: int, columns: int) -> None:
    """Ask for room for a grid; an empty row counts as one leaf, since it takes room too."""
    current_meter().claim(rows * max(columns, 1))


def _cut(grid: Grid, top: int, left: int, rows: int, columns: int) -> Grid:
    return tuple([row[left : left + columns] for row in grid[top : top + rows]])


def _inside(grid: Grid, patch: Value) -> list[tuple[int, int]]:
    """Return the locations of a patch that lie in a grid."""
    rows, columns = len(check_rows(grid)), len(grid[0])
    return [(i, j) for i, j in locations(check_patch(patch)) if 0 <= i < rows and 0 <= j < columns]


def _colored(grid: Grid, value: Value, places: list[tuple[int, int]]) -> Grid:
    """Give some locations of a grid a colour."""
    if places:
        check_color(value)
    rows = [list(row) for row in grid]
    for i, j in places:
        rows[i][j] = value
    return tuple(map(tuple, rows))


@primitive()
def canvas(value: Color, dimensions: IntegerTuple) -> Grid:
    """Make a grid of one colour.

    Args:
        value: the colour; fails if it is none and the grid has cells.
        dimensions: rows and columns; a negative number counts as 0.

    >>> canvas(3, (2, 2))
    ((3, 3), (3, 3))
    """
    rows, columns = (max(count, 0) for count in check_location(dimensions))
    if rows and columns:
        check_color(value)
    _claim_grid(rows, columns)
    return ((value,) * columns,) * rows


@primitive()
def index(grid: Grid, loc: IntegerTuple) -> Color:
    """Return the colour at a location, None outside the grid. Fails if the grid has no rows.

    >>> index(((1, 2), (3, 4)), (1, 0))
    3
    """
    row, column = check_location(loc)
    rows, columns = len(check_rows(grid)), len(grid[0])
    if 0 <= row < rows and 0 <= column < columns:
        return grid[row][column]
    return None  # type: ignore[return-value]


@primitive()
def crop(grid: Grid, start: IntegerTuple, dims: IntegerTuple) -> Grid:
    """Cut a part out of a grid, by the row and column it starts with and its height and width.

    What lies outside the grid is left out. A start, and a start plus the dims, below 0 count from
    the end, as in slices of Python.

    >>> crop(((1, 2, 3), (4, 5, 6)), (0, 1), (2, 2))
    ((2, 3), (5, 6))
    """
    return _cut(check_grid(grid), *check_location(start), *check_location(dims))


@primitive()
def subgrid(patch: Patch, grid: Grid) -> Grid:
    """Cut the box around a patch out of a grid, as `crop` does. Fails if the patch is empty.

    >>> subgrid(frozenset({(0, 1), (1, 2)}), ((1, 2, 3), (4, 5, 6)))
    ((2, 3), (5, 6))
    """
    check_grid(grid)
    top, left, bottom, right = extent(check_patch(patch))
    return _cut(grid, top, left, bottom - top + 1, right - left + 1)


@primitive()
def trim(grid: Grid) -> Grid:
    """Take the outermost rows and columns off a grid.

    >>> trim(((1, 2, 3), (4, 5, 6), (7, 8, 9)))
    ((5,),)
    """
    return tuple([row[1:-1] for row in check_grid(grid)[1:-1]])


@primitive()
def tophalf(grid: Grid) -> Grid:
    """Return the upper half of a grid, without the middle row of an odd number.

    >>> tophalf(((1, 2), (3, 4), (5, 6)))
    ((1, 2),)
    """
    return check_grid(grid)[: len(grid) // 2]


@primitive()
def bottomhalf(grid: Grid) -> Grid:
    """Return the lower half of a grid, without the middle row of an odd number.

    >>> bottomhalf(((1, 2), (3, 4), (5, 6)))
    ((5, 6),)
    """
    return check_grid(grid)[(len(grid) + 1) // 2 :]


def _columns(grid: Grid, start: int, stop: int) -> Grid:
    """Return some columns of a grid; without columns there are no rows either."""
    return tuple([row[start:stop] for row in grid]) if start < stop else ()


@primitive()
def lefthalf(grid: Grid) -> Grid:
    """Return the left half of a grid, without the middle column of an odd number.

    One column or none gives a grid without rows.

    >>> lefthalf(((1, 2, 3), (4, 5, 6)))
    ((1,), (4,))
    """
    width = len(grid[0]) if check_grid(grid) else 0
    return _columns(grid, 0, width // 2)


@primitive()
def righthalf(grid: Grid) -> Grid:
    """Return the right half of a grid, without the middle column of an odd number.

    One column or none gives a grid without rows.

    >>> righthalf(((1, 2, 3), (4, 5, 6)))
    ((3,), (6,))
    """
    width = len(grid[0]) if check_grid(grid) else 0
    return _columns(grid, (width + 1) // 2, width)


@primitive()
def hsplit(grid: Grid, n: Integer) -> Tuple[Grid]:
    """Split a grid into so many parts side by side.

    The parts are as wide as the grid's width divided by their number, rounded down; if that
    leaves a rest, one column is skipped after each part. Parts beyond the grid have empty rows.
    Fewer than 0 parts are none. Fails if the grid has no rows or the number is 0. Claims room for
    parts of full width.

    >>> hsplit(((1, 0, 2), (3, 0, 4)), 2)
    (((1,), (3,)), ((2,), (4,)))
    """
    parts, width = check_divisor(n), len(check_rows(grid)[0])
    columns, rest = divmod(width, parts)
    current_meter().claim(parts * len(grid) * max(columns, 1))
    step = columns + (rest != 0)
    return tuple([_cut(grid, 0, i * step, len(grid), columns) for i in range(parts)])


@primitive()
def vsplit(grid: Grid, n: Integer) -> Tuple[Grid]:
    """Split a grid into so many parts one below the other.

    The parts are as high as the grid's height divided by their number, rounded down; if that
    leaves a rest, one row is skipped after each part. Parts beyond the grid have no rows. Fewer
    than 0 parts are none. Fails if the grid has no rows or the number is 0. Claims room for parts
    of full height.

    >>> vsplit(((1, 2), (0, 0), (3, 4)), 2)
    (((1, 2),), ((3, 4),))
    """
    parts, width = check_divisor(n), len(check_rows(grid)[0])
    rows, rest = divmod(len(grid), parts)
    current_meter().claim(parts * max(rows * max(width, 1), 1))
    step = rows + (rest != 0)
    return tuple([_cut(grid, i * step, 0, rows, width) for i in range(parts)])


@primitive()
def compress(grid: Grid) -> Grid:
    """Drop the rows and the columns of a grid that have one colour.

    >>> compress(((7, 7, 7), (1, 7, 2), (3, 7, 4)))
    ((1, 2), (3, 4))
    """
    kept = [
        j for j, column in enumerate(zip(*check_grid(grid), strict=True)) if len(set(column)) > 1
    ]
    return tuple([tuple([row[j] for j in kept]) for row in grid if len(set(row)) != 1])


@primitive(redundant_after=("rot180", "rot270", "rot90"))
def rot90(grid: Grid) -> Grid:
    """Turn a grid clockwise by a quarter; without columns it loses its rows.

    >>> rot90(((1, 2), (3, 4)))
    ((3, 1), (4, 2))
    """
    return tuple(zip(*check_grid(grid)[::-1], strict=True))


@primitive(redundant_after=("rot180", "rot270", "rot90"))
def rot180(grid: Grid) -> Grid:
    """Turn a grid by a half.

    >>> rot180(((1, 2), (3, 4)))
    ((4, 3), (2, 1))
    """
    return tuple([row[::-1] for row in check_grid(grid)[::-1]])


@primitive(redundant_after=("rot180", "rot270", "rot90"))
def rot270(grid: Grid) -> Grid:
    """Turn a grid anticlockwise by a quarter; without columns it loses its rows.

    >>> rot270(((1, 2), (3, 4)))
    ((2, 4), (1, 3))
    """
    return tuple(zip(*check_grid(grid), strict=True))[::-1]


@primitive()
def hconcat(a: Grid, b: Grid) -> Grid:
    """Put a grid to the right of another; the rows that only one of them has are dropped.

    >>> hconcat(((1,), (2,)), ((3,), (4,)))
    ((1, 3), (2, 4))
    """
    return tuple([left + right for left, right in zip(check_grid(a), check_grid(b), strict=False)])


@primitive()
def vconcat(a: Grid, b: Grid) -> Grid:
    """Put a grid below another; if their widths differ, the tuple of all rows is no grid.

    >>> vconcat(((1, 2),), ((3, 4),))
    ((1, 2), (3, 4))
    """
    return check_grid(a) + check_grid(b)


@primitive()
def hupscale(grid: Grid, factor: Integer) -> Grid:
    """Repeat each column of a grid; a negative factor counts as 0.

    >>> hupscale(((1, 2),), 2)
    ((1, 1, 2, 2),)
    """
    times = max(check_number(factor), 0)
    width = len(grid[0]) if check_grid(grid) else 0
    _claim_grid(len(grid), width * times)
    return tuple([tuple([value for value in row for _ in range(times)]) for row in grid])


@primitive()
def vupscale(grid: Grid, factor: Integer) -> Grid:
    """Repeat each row of a grid; a negative factor counts as 0.

    >>> vupscale(((1, 2),), 2)
    ((1, 2), (1, 2))
    """
    times = max(check_number(factor), 0)
    width = len(grid[0]) if check_grid(grid) else 0
    _claim_grid(len(grid) * times, width)
    return tuple([row for row in grid for _ in range(times)])


def _upscaled(obj: Object, factor: int) -> Object:
    top, left, _, _ = extent(obj)
    current_meter().claim(3 * len(obj) * factor * factor)
    return frozenset(
        [
            (value, (top + (i - top) * factor + down, left + (j - left) * factor + right))
            for value, (i, j) in obj
            for down in range(factor)
            for right in range(factor)
        ]
    )


@primitive("(Grid, Integer) -> Grid", "(Object, Integer) -> Object")
def upscale(element: Element, factor: Integer) -> Element:
    """Make a square of each cell; an object keeps its upper left corner.

    A negative factor counts as 0. An empty object stays empty, whatever the factor is.

    >>> upscale(((1, 2),), 2)
    ((1, 1, 2, 2), (1, 1, 2, 2))
    """
    check_element(element)
    if isinstance(element, tuple):
        times = max(check_number(factor), 0)
        _claim_grid(len(element) * times, len(element[0]) * times if element else 0)
        return vupscale(hupscale(element, times), times)
    return _upscaled(element, max(check_number(factor), 0)) if element else frozenset()


@primitive()
def downscale(grid: Grid, factor: Integer) -> Grid:
    """Keep the first of so many rows and columns each; the sign of the factor doesn't matter.

    Fails if the factor is 0 or the grid has no rows.

    >>> downscale(((1, 1, 2, 2), (1, 1, 2, 2)), 2)
    ((1, 2),)
    """
    step = abs(check_divisor(factor))
    return tuple([row[::step] for row in check_rows(grid)[::step]])


@primitive()
def cellwise(a: Grid, b: Grid, fallback: Color) -> Grid:
    """Keep the cells of a grid that equal those of another and give the others a colour.

    Fails if the first grid has no rows, if the second has fewer rows or columns, or if the
    fallback is no colour and is needed.

    >>> cellwise(((1, 2), (3, 4)), ((1, 0), (3, 0)), 9)
    ((1, 9), (3, 9))
    """
    width = len(check_rows(a)[0])
    if len(check_rows(b)) < len(a) or len(b[0]) < width:
        raise reject(f"a grid of at least {len(a)} by {width}", b)
    differing = [
        (i, j) for i, row in enumerate(a) for j, value in enumerate(row) if value != b[i][j]
    ]
    return _colored(a, fallback, differing)


@primitive()
def replace(grid: Grid, replacee: Color, replacer: Color) -> Grid:
    """Give all cells of one colour another.

    Fails if the replacer is no colour and a cell would get it.

    >>> replace(((1, 2), (2, 1)), 1, 5)
    ((5, 2), (2, 5))
    """
    if any(replacee in row for row in check_grid(grid)):
        check_color(replacer)
    return tuple(
        [tuple([replacer if value == replacee else value for value in row]) for row in grid]
    )


@primitive()
def switch(grid: Grid, a: Color, b: Color) -> Grid:
    """Swap two colours. Fails if one of them is no colour and a cell would get it.

    >>> switch(((1, 2), (2, 3)), 1, 2)
    ((2, 1), (1, 3))
    """
    for taken, given in ((a, b), (b, a)):
        if any(taken in row for row in check_grid(grid)):
            check_color(given)
    return tuple(
        [tuple([b if value == a else a if value == b else value for value in row]) for row in grid]
    )


@primitive()
def fill(grid: Grid, value: Color, patch: Patch) -> Grid:
    """Give the locations of a patch a colour; those outside the grid are passed over.

    Fails if the grid has no rows, or if a cell would get something that is no colour.

    >>> fill(((0, 0), (0, 0)), 3, frozenset({(0, 1), (9, 9)}))
    ((0, 3), (0, 0))
    """
    return _colored(grid, value, _inside(grid, patch))


@primitive()
def underfill(grid: Grid, value: Color, patch: Patch) -> Grid:
    """Give the locations of a patch a colour where the grid has its most common one.

    Locations outside the grid are passed over. Fails if the grid has no cells, or if a cell would
    get something that is no colour.

    >>> underfill(((0, 1), (0, 0)), 3, frozenset({(0, 0), (0, 1)}))
    ((3, 1), (0, 0))
    """
    background = mostcolor(check_grid(grid))
    places = [(i, j) for i, j in _inside(grid, patch) if grid[i][j] == background]
    return _colored(grid, value, places)


@primitive()
def cover(grid: Grid, patch: Patch) -> Grid:
    """Give the locations of a patch the grid's most common colour. Fails if it has no cells.

    >>> cover(((0, 1), (0, 0)), frozenset({(0, 1)}))
    ((0, 0), (0, 0))
    """
    return fill(grid, mostcolor(check_grid(grid)), patch)


@primitive()
def paint(grid: Grid, obj: Object) -> Grid:
    """Put the cells of an object on a grid; those outside the grid are passed over.

    Of cells at one location the last stays: the highest colour, or the last of a tuple. Fails if
    the grid has no rows.

    >>> paint(((0, 0), (0, 0)), frozenset({(3, (0, 1)), (4, (1, 1))}))
    ((0, 3), (0, 4))
    """
    rows, columns = [list(row) for row in check_rows(grid)], len(grid[0])
    for value, (i, j) in members(check_object(obj)):
        if 0 <= i < len(rows) and 0 <= j < columns:
            rows[i][j] = value
    return tuple(map(tuple, rows))


@primitive()
def underpaint(grid: Grid, obj: Object) -> Grid:
    """Put the cells of an object on a grid where that has its most common colour.

    Of cells at one location the first that differs from that colour stays. Cells outside the grid
    are passed over. Fails if the grid has no cells.

    >>> underpaint(((0, 1), (0, 0)), frozenset({(3, (0, 0)), (4, (0, 1))}))
    ((3, 1), (0, 0))
    """
    background = mostcolor(check_grid(grid))
    rows, columns = [list(row) for row in grid], len(grid[0])
    for value, (i, j) in members(check_object(obj)):
        if 0 <= i < len(rows) and 0 <= j < columns and rows[i][j] == background:
            rows[i][j] = value
    return tuple(map(tuple, rows))


@primitive()
def move(grid: Grid, obj: Object, offset: IntegerTuple) -> Grid:
    """Cover an object with the grid's most common colour and paint it so many rows and columns on.

    Fails if the grid has no cells. The offset of an empty object may be anything.

    >>> move(((5, 0), (0, 0)), frozenset({(5, (0, 0))}), (1, 1))
    ((0, 0), (0, 5))
    """
    shifted: Value = shift(check_object(obj), offset)
    return paint(cover(grid, obj), shifted)
