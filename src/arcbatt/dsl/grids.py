"""Primitives that make grids: cut, turn, scale, join and colour them.

They do the same to any tuple of tuples, whatever its members are: cut halves of a row, turn a
table of objects, put a pair in the place of a colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from arcbatt.dsl.geometry import shape, ulcorner
from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.numbers import plus
from arcbatt.dsl.objects import mostcolor, shift
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import (
    cell_at,
    cells_of,
    check_container,
    check_divisor,
    check_location,
    check_number,
    check_start,
    check_tuple,
    first_two,
    places_of,
    table_rows,
    table_sides,
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
from arcbatt.dsl.values import measure, members


def _claim_rows(rows: Iterable[Sequence[Value]], down: int = 1, right: int = 1) -> None:
    """Ask for room for repeated rows; an empty row counts as one leaf, since it takes room too."""
    leaves = sum(max(right * sum(map(measure, row)), 1) for row in rows)
    current_meter().claim(down * leaves)


def _cut(grid: Grid, top: int, left: int, rows: int, columns: int) -> Grid:
    kept = check_tuple(grid)[top : top + rows]
    return tuple([check_tuple(row)[left : left + columns] for row in kept])


def _inside(grid: Grid, patch: Value) -> list[tuple[int, int]]:
    """Return the locations of a patch that lie in a table."""
    rows, columns = table_sides(grid)
    return [(i, j) for i, j in places_of(patch) if 0 <= i < rows and 0 <= j < columns]


def _colored(grid: Grid, cells: Iterable[tuple[Value, tuple[int, int]]]) -> Grid:
    """Put values at locations inside a table."""
    rows = list(map(list, table_rows(grid)))
    for value, (i, j) in cells:
        rows[i][j] = value
    return tuple(map(tuple, rows))


@primitive()
def canvas(value: Color, dimensions: IntegerTuple) -> Grid:
    """Make a grid of one colour.

    Args:
        value: the colour, or any other value.
        dimensions: rows and columns; a negative number counts as 0.

    >>> canvas(3, (2, 2))
    ((3, 3), (3, 3))
    """
    rows, columns = (max(count, 0) for count in check_start(dimensions))
    current_meter().claim(rows * max(columns * measure(value), 1))
    return ((value,) * columns,) * rows


@primitive()
def index(grid: Grid, loc: IntegerTuple) -> Color:
    """Return the colour at a location, None outside the grid. Fails if the grid has no rows.

    >>> index(((1, 2), (3, 4)), (1, 0))
    3
    """
    row, column = check_location(loc)
    rows, columns = table_sides(grid)
    if 0 <= row < rows and 0 <= column < columns:
        return cell_at(grid, row, column)  # type: ignore[no-any-return]
    return None  # type: ignore[return-value]


@primitive()
def crop(grid: Grid, start: IntegerTuple, dims: IntegerTuple) -> Grid:
    """Cut a part out of a grid, by the row and column it starts with and its height and width.

    What lies outside the grid is left out. A start, and a start plus the dims, below 0 count from
    the end, as in slices of Python.

    >>> crop(((1, 2, 3), (4, 5, 6)), (0, 1), (2, 2))
    ((2, 3), (5, 6))
    """
    return _cut(grid, *check_start(start), *check_start(dims))


@primitive()
def subgrid(patch: Patch, grid: Grid) -> Grid:
    """Cut the box around a patch out of a grid, as `crop` does. Fails if the patch is empty.

    >>> subgrid(frozenset({(0, 1), (1, 2)}), ((1, 2, 3), (4, 5, 6)))
    ((2, 3), (5, 6))
    """
    top, left = first_two(ulcorner(patch))
    return _cut(grid, top, left, *shape(patch))


@primitive()
def trim(grid: Grid) -> Grid:
    """Take the outermost rows and columns off a grid.

    >>> trim(((1, 2, 3), (4, 5, 6), (7, 8, 9)))
    ((5,),)
    """
    return tuple([check_tuple(row)[1:-1] for row in check_tuple(grid)[1:-1]])


@primitive()
def tophalf(grid: Grid) -> Grid:
    """Return the upper half of a grid, without the middle row of an odd number.

    >>> tophalf(((1, 2), (3, 4), (5, 6)))
    ((1, 2),)
    """
    return check_tuple(grid)[: len(grid) // 2]


@primitive()
def bottomhalf(grid: Grid) -> Grid:
    """Return the lower half of a grid, without the middle row of an odd number.

    >>> bottomhalf(((1, 2), (3, 4), (5, 6)))
    ((5, 6),)
    """
    return check_tuple(grid)[(len(grid) + 1) // 2 :]


@primitive()
def lefthalf(grid: Grid) -> Grid:
    """Return the left half of a grid, without the middle column of an odd number.

    One column or none gives a grid without rows.

    >>> lefthalf(((1, 2, 3), (4, 5, 6)))
    ((1,), (4,))
    """
    return rot270(tophalf(rot90(grid)))


@primitive()
def righthalf(grid: Grid) -> Grid:
    """Return the right half of a grid, without the middle column of an odd number.

    One column or none gives a grid without rows.

    >>> righthalf(((1, 2, 3), (4, 5, 6)))
    ((3,), (6,))
    """
    return rot270(bottomhalf(rot90(grid)))


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
    parts, width = check_divisor(n), table_sides(grid)[1]
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
    parts, width = check_divisor(n), table_sides(grid)[1]
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
    dropped = {
        j
        for j, column in enumerate(zip(*table_rows(check_tuple(grid)), strict=False))
        if len(set(column)) == 1
    }
    return tuple(
        [
            tuple([value for j, value in enumerate(row) if j not in dropped])
            for row in table_rows(grid)
            if len(set(row)) != 1
        ]
    )


@primitive(redundant_after=("rot180", "rot270", "rot90"))
def rot90(grid: Grid) -> Grid:
    """Turn a grid clockwise by a quarter; without columns it loses its rows.

    >>> rot90(((1, 2), (3, 4)))
    ((3, 1), (4, 2))
    """
    return tuple(zip(*table_rows(check_tuple(grid))[::-1], strict=False))


@primitive(redundant_after=("rot180", "rot270", "rot90"))
def rot180(grid: Grid) -> Grid:
    """Turn a grid by a half.

    >>> rot180(((1, 2), (3, 4)))
    ((4, 3), (2, 1))
    """
    return tuple([check_tuple(row)[::-1] for row in check_tuple(grid)[::-1]])


@primitive(redundant_after=("rot180", "rot270", "rot90"))
def rot270(grid: Grid) -> Grid:
    """Turn a grid anticlockwise by a quarter; without columns it loses its rows.

    >>> rot270(((1, 2), (3, 4)))
    ((2, 4), (1, 3))
    """
    return tuple(zip(*table_rows(check_tuple(grid)), strict=False))[::-1]


@primitive()
def hconcat(a: Grid, b: Grid) -> Grid:
    """Put a grid to the right of another; the rows that only one of them has are dropped.

    Tuples of numbers are added.

    >>> hconcat(((1,), (2,)), ((3,), (4,)))
    ((1, 3), (2, 4))
    """
    return tuple([plus(left, right) for left, right in zip(members(a), members(b), strict=False)])


@primitive()
def vconcat(a: Grid, b: Grid) -> Grid:
    """Put a grid below another; any two tuples are joined, and numbers added.

    >>> vconcat(((1, 2),), ((3, 4),))
    ((1, 2), (3, 4))
    """
    return plus(a, b)  # type: ignore[no-any-return]


@primitive()
def hupscale(grid: Grid, factor: Integer) -> Grid:
    """Repeat each column of a grid; a negative factor counts as 0.

    >>> hupscale(((1, 2),), 2)
    ((1, 1, 2, 2),)
    """
    times, rows = max(check_number(factor), 0), table_rows(grid)
    _claim_rows(rows, right=times)
    return tuple([tuple([value for value in row for _ in range(times)]) for row in rows])


@primitive()
def vupscale(grid: Grid, factor: Integer) -> Grid:
    """Repeat each row of a grid; a negative factor counts as 0.

    >>> vupscale(((1, 2),), 2)
    ((1, 2), (1, 2))
    """
    times = max(check_number(factor), 0)
    current_meter().claim(times * sum(map(measure, check_container(grid))))
    return tuple([row for row in members(grid) for _ in range(times)])


def _upscaled(obj: Object, factor: int) -> Object:
    cells = cells_of(obj)
    top, left, _, _ = extent([location for _, location in cells])
    leaves = sum(measure(value) + 2 for value, _ in cells)
    current_meter().claim(leaves * factor * factor)
    return frozenset(
        [
            (value, (top + (i - top) * factor + down, left + (j - left) * factor + right))
            for value, (i, j) in cells
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
    if isinstance(element, tuple):
        times = max(check_number(factor), 0)
        _claim_rows(table_rows(element), times, times)
        return vupscale(hupscale(element, times), times)
    return _upscaled(element, max(check_number(factor), 0)) if check_container(element) else element


@primitive()
def downscale(grid: Grid, factor: Integer) -> Grid:
    """Keep the first of so many rows and columns each; the sign of the factor doesn't matter.

    Fails if the factor is 0 or the grid has no rows.

    >>> downscale(((1, 1, 2, 2), (1, 1, 2, 2)), 2)
    ((1, 2),)
    """
    _, columns = table_sides(grid)
    step = abs(check_divisor(factor))
    rows = map(check_tuple, grid)
    kept = [tuple([row[j] for j in range(0, columns, step)]) for row in rows]
    return tuple(kept[::step])


@primitive()
def cellwise(a: Grid, b: Grid, fallback: Color) -> Grid:
    """Keep the cells of a grid that equal those of another and give the others a colour.

    Fails if the first grid has no rows, if the second has fewer rows or columns, or if the
    fallback is no colour and is needed.

    >>> cellwise(((1, 2), (3, 4)), ((1, 0), (3, 0)), 9)
    ((1, 9), (3, 9))
    """
    rows, columns = table_sides(a)
    return tuple(
        [
            tuple(
                [
                    value if (value := cell_at(a, i, j)) == cell_at(b, i, j) else fallback
                    for j in range(columns)
                ]
            )
            for i in range(rows)
        ]
    )


@primitive()
def replace(grid: Grid, replacee: Color, replacer: Color) -> Grid:
    """Give all cells of one colour another.

    Fails if the replacer is no colour and a cell would get it.

    >>> replace(((1, 2), (2, 1)), 1, 5)
    ((5, 2), (2, 5))
    """
    return tuple(
        [tuple([replacer if v == replacee else v for v in row]) for row in table_rows(grid)]
    )


@primitive()
def switch(grid: Grid, a: Color, b: Color) -> Grid:
    """Swap two colours. Fails if one of them is no colour and a cell would get it.

    >>> switch(((1, 2), (2, 3)), 1, 2)
    ((2, 1), (1, 3))
    """
    return tuple(
        [tuple([b if v == a else a if v == b else v for v in row]) for row in table_rows(grid)]
    )


@primitive()
def fill(grid: Grid, value: Color, patch: Patch) -> Grid:
    """Give the locations of a patch a colour; those outside the grid are passed over.

    Fails if the grid has no rows, or if a cell would get something that is no colour.

    >>> fill(((0, 0), (0, 0)), 3, frozenset({(0, 1), (9, 9)}))
    ((0, 3), (0, 0))
    """
    return _colored(grid, [(value, place) for place in _inside(grid, patch)])


@primitive()
def underfill(grid: Grid, value: Color, patch: Patch) -> Grid:
    """Give the locations of a patch a colour where the grid has its most common one.

    Locations outside the grid are passed over. Fails if the grid has no cells, or if a cell would
    get something that is no colour.

    >>> underfill(((0, 1), (0, 0)), 3, frozenset({(0, 0), (0, 1)}))
    ((3, 1), (0, 0))
    """
    background = mostcolor(check_tuple(grid))
    places = [(i, j) for i, j in _inside(grid, patch) if cell_at(grid, i, j) == background]
    return _colored(grid, [(value, place) for place in places])


@primitive()
def cover(grid: Grid, patch: Patch) -> Grid:
    """Give the locations of a patch the grid's most common colour. Fails if it has no cells.

    >>> cover(((0, 1), (0, 0)), frozenset({(0, 1)}))
    ((0, 0), (0, 0))
    """
    return fill(grid, mostcolor(check_tuple(grid)), patch)


@primitive()
def paint(grid: Grid, obj: Object) -> Grid:
    """Put the cells of an object on a grid; those outside the grid are passed over.

    Of cells at one location the last stays: the highest colour, or the last of a tuple. Fails if
    the grid has no rows.

    >>> paint(((0, 0), (0, 0)), frozenset({(3, (0, 1)), (4, (1, 1))}))
    ((0, 3), (0, 4))
    """
    rows, columns = table_sides(grid)
    cells = cells_of(obj)
    return _colored(
        grid, [(v, (i, j)) for v, (i, j) in cells if 0 <= i < rows and 0 <= j < columns]
    )


@primitive()
def underpaint(grid: Grid, obj: Object) -> Grid:
    """Put the cells of an object on a grid where that has its most common colour.

    Of cells at one location the first that differs from that colour stays. Cells outside the grid
    are passed over. Fails if the grid has no cells.

    >>> underpaint(((0, 1), (0, 0)), frozenset({(3, (0, 0)), (4, (0, 1))}))
    ((3, 1), (0, 0))
    """
    rows, columns = table_sides(grid)
    background = mostcolor(check_tuple(grid))
    seen: dict[tuple[int, int], Value] = {}
    for value, (i, j) in cells_of(obj):
        if (
            0 <= i < rows
            and 0 <= j < columns
            and seen.get((i, j), cell_at(grid, i, j)) == background
        ):
            seen[i, j] = value
    return _colored(grid, [(value, place) for place, value in seen.items()])


@primitive()
def move(grid: Grid, obj: Object, offset: IntegerTuple) -> Grid:
    """Cover an object with the grid's most common colour and paint it so many rows and columns on.

    Fails if the grid has no cells. The offset of an empty object may be anything.

    >>> move(((5, 0), (0, 0)), frozenset({(5, (0, 0))}), (1, 1))
    ((0, 0), (0, 5))
    """
    return paint(cover(grid, obj), shift(obj, offset))  # type: ignore[arg-type]
