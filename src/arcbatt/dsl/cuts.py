"""Primitives that cut a grid into parts or down to what matters.

A cell of colour 0 is empty, all others are coloured. Parts and groups are those of
`arcbatt.dsl.support.connected_components`; they are listed by the first of their cells, row by row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import check_cells, check_color
from arcbatt.dsl.support.connected_components import (
    EMPTY,
    Place,
    extent,
    groups,
    most_common_nonzero,
    only,
    parts,
)
from arcbatt.dsl.types import Color, Grid, Tuple
from arcbatt.dsl.values import reject


def kept(rows: list[tuple[int, ...]]) -> Grid:
    """Return what is left of a grid; raises CallFailure if that has no cells."""
    if not rows or not rows[0]:
        raise reject("a grid of which something is left", tuple(rows))
    return tuple(rows)


def transposed(grid: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    """Return the columns of a grid."""
    return list(zip(*grid, strict=True))


def cut(grid: Grid, top: int, left: int, bottom: int, right: int) -> Grid:
    """Cut a box out of a grid, its last row and column included."""
    return tuple([row[left : right + 1] for row in grid[top : bottom + 1]])


def _box(grid: Grid, wanted: Callable[[int], bool]) -> Grid:
    """Cut out the box around the cells whose colours are wanted."""
    rows = [i for i, row in enumerate(grid) if any(map(wanted, row))]
    columns = [j for j, column in enumerate(transposed(grid)) if any(map(wanted, column))]
    if not rows:
        raise reject("a grid with such cells", grid)
    return cut(grid, rows[0], columns[0], rows[-1], columns[-1])


@primitive()
def cut_to_cells(grid: Grid) -> Grid:
    """Cut out the box around all coloured cells. Fails without coloured cells.

    >>> cut_to_cells(((0, 0, 0), (0, 4, 0), (0, 0, 5)))
    ((4, 0), (0, 5))
    """
    return _box(check_cells(grid), bool)


@primitive()
def cut_color(grid: Grid, color: Color) -> Grid:
    """Cut out the box around the cells of a colour; 0 is one too. Fails without such cells.

    >>> cut_color(((3, 4, 1), (4, 3, 2), (7, 7, 7)), 4)
    ((3, 4), (4, 3))
    """
    wanted = check_color(color)
    return _box(check_cells(grid), lambda value: value == wanted)


@primitive()
def cut_border(grid: Grid) -> Grid:
    """Cut off the outer rows and columns that have the upper left cell's colour throughout.

    Fails if the grid has that colour only, or no cells.

    >>> cut_border(((5, 5, 5, 5), (5, 0, 5, 5), (5, 1, 2, 5)))
    ((0, 5), (1, 2))
    """
    border = check_cells(grid)[0][0]
    return _box(grid, lambda value: value != border)


@primitive()
def drop_empty_lines(grid: Grid) -> Grid:
    """Drop the rows and the columns without coloured cells. Fails if none is left.

    >>> drop_empty_lines(((4, 0, 5), (0, 0, 0), (6, 0, 0)))
    ((4, 5), (6, 0))
    """
    columns = [column for column in transposed(check_cells(grid)) if any(column)]
    return kept([row for row in transposed(columns) if any(row)])


def _without_repeats(lines: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    return [line for i, line in enumerate(lines) if not i or line != lines[i - 1]]


@primitive()
def drop_repeats(grid: Grid) -> Grid:
    """Drop each row and each column that equals the one before. Fails without cells.

    >>> drop_repeats(((1, 1, 2), (1, 1, 2), (3, 3, 1)))
    ((1, 2), (3, 1))
    """
    rows = _without_repeats(list(check_cells(grid)))
    return tuple(transposed(_without_repeats(transposed(rows))))


def separators(grid: Grid) -> tuple[list[int], list[int]]:
    """Find the rows and the columns that separate compartments.

    They are the rows and columns of one colour throughout, for the colour that has the most of
    them, the lowest of several; empty ones only where there are no coloured ones.

    Raises CallFailure if there are none.
    """
    rows = [row[0] if len(set(row)) == 1 else None for row in grid]
    columns = [column[0] if len(set(column)) == 1 else None for column in transposed(grid)]
    counts = Counter(color for color in rows + columns if color is not None)
    if not counts:
        raise reject("a grid with separators", grid)
    color = min(counts, key=lambda color: (color == EMPTY, -counts[color], color))
    return (
        [i for i, found in enumerate(rows) if found == color],
        [j for j, found in enumerate(columns) if found == color],
    )


def _spans(length: int, between: list[int]) -> list[tuple[int, int]]:
    """Return the first and the last of the lines between separators."""
    bounds = [-1, *between, length]
    return [(low + 1, high - 1) for low, high in pairwise(bounds) if high - low > 1]


def lattice(grid: Grid) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the first and last rows, and the first and last columns, of the compartments.

    Raises CallFailure without separators, and if nothing lies between them.
    """
    rows, columns = separators(check_cells(grid))
    spans = _spans(len(grid), rows), _spans(len(grid[0]), columns)
    if not all(spans):
        raise reject("a grid with compartments", grid)
    return spans


def _compartments(grid: Grid) -> list[list[Grid]]:
    down, across = lattice(grid)
    return [[cut(grid, top, left, bottom, right) for left, right in across] for top, bottom in down]


@primitive()
def drop_separators(grid: Grid) -> Grid:
    """Drop the rows and columns that separate compartments: see `compartments`.

    Fails without separators, and if nothing is left.

    >>> drop_separators(((1, 5, 2), (5, 5, 5), (3, 5, 5)))
    ((1, 2), (3, 5))
    """
    return without_lines(grid, *separators(check_cells(grid)))


def without_lines(grid: Grid, rows: list[int], columns: list[int]) -> Grid:
    """Drop rows and columns of a grid; raises CallFailure if nothing is left."""
    dropped, gaps = set(rows), set(columns)
    return kept(
        [
            tuple([value for j, value in enumerate(row) if j not in gaps])
            for i, row in enumerate(grid)
            if i not in dropped
        ]
    )


@primitive()
def compartments(grid: Grid) -> Tuple[Grid]:
    """Split a grid at its separators, row by row.

    These are the rows and columns of one colour, of the colour with the most of them, the lowest
    of several; empty ones only where there are no coloured ones. Fails without separators, and if
    nothing lies between them.

    >>> compartments(((1, 5, 2, 2), (5, 5, 5, 5), (3, 5, 0, 5)))
    (((1,),), ((2, 2),), ((3,),), ((0, 5),))
    """
    return tuple([part for row in _compartments(grid) for part in row])


@primitive()
def compartment_colors(grid: Grid) -> Grid:
    """Make one cell of each compartment: its most frequent coloured colour, 0 if it is empty.

    Of equally frequent colours it is the lowest. Fails as `compartments` does.

    >>> compartment_colors(((1, 5, 2, 0), (5, 5, 5, 5), (3, 5, 0, 0)))
    ((1, 2), (3, 0))
    """
    return tuple(
        [
            tuple([most_common_nonzero(value for line in part for value in line) for part in row])
            for row in _compartments(grid)
        ]
    )


@primitive()
def halves(grid: Grid) -> Tuple[Grid]:
    """Split a grid in two along its longer side, without the middle line of an odd number.

    A square one is split into left and right, unless its middle row has one colour and its middle
    column has not. Fails if a side would have no cells.

    >>> halves(((1, 2, 3), (4, 5, 6)))
    (((1,), (4,)), ((3,), (6,)))
    """
    rows, columns = len(check_cells(grid)), len(grid[0])
    downwards = rows > columns
    if rows == columns and rows % 2:
        middle = rows // 2
        across = len(set(grid[middle])) == 1
        downwards = across and len({row[middle] for row in grid}) > 1
    length = rows if downwards else columns
    if length < 2:
        raise reject("a grid with two sides", grid)
    near, far = length // 2 - 1, (length + 1) // 2
    if downwards:
        return grid[: near + 1], grid[far:]
    return cut(grid, 0, 0, rows, near), cut(grid, 0, far, rows, columns)


@primitive()
def quarters(grid: Grid) -> Tuple[Grid]:
    """Split a grid in four, row by row, without the middle lines of odd numbers.

    Fails with less than two rows or columns.

    >>> quarters(((1, 0, 2), (3, 0, 4)))
    (((1,),), ((2,),), ((3,),), ((4,),))
    """
    rows, columns = len(check_cells(grid)), len(grid[0])
    if rows < 2 or columns < 2:
        raise reject("a grid with four quarters", grid)
    down = ((0, rows // 2 - 1), ((rows + 1) // 2, rows - 1))
    across = ((0, columns // 2 - 1), ((columns + 1) // 2, columns - 1))
    return tuple(
        [cut(grid, top, left, bottom, right) for top, bottom in down for left, right in across]
    )


@primitive()
def split_squares(grid: Grid) -> Tuple[Grid]:
    """Split a grid along its longer side into squares, or squares with single lines between them.

    Fails if its sides do not allow that, if it is square, or without cells.

    >>> split_squares(((1, 5, 2, 5, 3),))
    (((1,),), ((5,),), ((2,),), ((5,),), ((3,),))
    """
    rows, columns = len(check_cells(grid)), len(grid[0])
    side, length = min(rows, columns), max(rows, columns)
    if side == length or (length % side and (length + 1) % (side + 1)):
        raise reject("a grid of several squares", grid)
    starts = range(0, length, side if length % side == 0 else side + 1)
    if rows > columns:
        return tuple([grid[start : start + side] for start in starts])
    return tuple([cut(grid, 0, start, rows, start + side - 1) for start in starts])


@primitive()
def tile_of(grid: Grid) -> Grid:
    """Cut out the smallest tile that makes up a grid when repeated; the last ones may be cut off.

    Fails without cells.

    >>> tile_of(((1, 2, 1, 2, 1), (3, 4, 3, 4, 3)))
    ((1, 2), (3, 4))
    """
    rows, columns = _period(check_cells(grid)), _period(transposed(grid))
    return tuple([row[:columns] for row in grid[:rows]])


def _period(lines: Sequence[tuple[int, ...]]) -> int:
    """Return the least distance by which some lines repeat themselves, their number if never."""
    # The longest beginning that is an end too, for each beginning: no comparison is made twice.
    ends = [0]
    for line in lines[1:]:
        length = ends[-1]
        while length and line != lines[length]:
            length = ends[length - 1]
        ends.append(length + (line == lines[length]))
    return len(lines) - ends[-1]


def _color_layers(grid: Grid) -> Tuple[Grid]:
    """List a grid with each of its coloured colours alone, ascending."""
    colors = sorted({value for row in check_cells(grid) for value in row} - {EMPTY})
    current_meter().claim(len(colors) * len(grid) * len(grid[0]))
    return tuple(
        [
            tuple([tuple([value if value == color else EMPTY for value in row]) for row in grid])
            for color in colors
        ]
    )


@primitive()
def color_pictures(grid: Grid) -> Tuple[Grid]:
    """List the box around each coloured colour alone, ascending. Fails without cells.

    >>> color_pictures(((3, 4, 3), (0, 4, 0)))
    (((3, 0, 3),), ((4,), (4,)))
    """
    return tuple([_box(layer, bool) for layer in _color_layers(grid)])


def _pictures(grid: Grid, found: list[list[Place]]) -> Tuple[Grid]:
    boxes = [extent(region) for region in found]
    current_meter().claim(
        sum((bottom - top + 1) * (right - left + 1) for top, left, bottom, right in boxes)
    )
    return tuple([cut(grid, *box) for box in boxes])


def _layers(grid: Grid, found: list[list[Place]]) -> Tuple[Grid]:
    current_meter().claim(len(found) * len(grid) * len(grid[0]))
    return tuple([only(grid, region) for region in found])


@primitive()
def part_pictures(grid: Grid) -> Tuple[Grid]:
    """List the box around each part, with all that lies in it. Fails without cells.

    A part consists of coloured cells of one colour that are connected by edges.

    >>> part_pictures(((3, 3, 0), (3, 4, 0), (0, 0, 5)))
    (((3, 3), (3, 4)), ((4,),), ((5,),))
    """
    return _pictures(grid, parts(check_cells(grid)))


@primitive()
def part_layers(grid: Grid) -> Tuple[Grid]:
    """List the grid with each of its parts alone: see `part_pictures`. Fails without cells.

    >>> part_layers(((3, 3, 4),))
    (((3, 3, 0),), ((0, 0, 4),))
    """
    return _layers(grid, parts(check_cells(grid)))


@primitive()
def group_pictures(grid: Grid) -> Tuple[Grid]:
    """List the box around each group, with all that lies in it. Fails without cells.

    A group consists of coloured cells of any colours that are connected by edges or corners.

    >>> group_pictures(((3, 3, 0, 0), (3, 4, 0, 6), (0, 0, 5, 0)))
    (((3, 3, 0, 0), (3, 4, 0, 6), (0, 0, 5, 0)),)
    """
    return _pictures(grid, groups(check_cells(grid)))


@primitive()
def group_layers(grid: Grid) -> Tuple[Grid]:
    """List the grid with each of its groups alone: see `group_pictures`. Fails without cells.

    >>> group_layers(((3, 4, 0, 5),))
    (((3, 4, 0, 0),), ((0, 0, 0, 5),))
    """
    return _layers(grid, groups(check_cells(grid)))


def _outline(top: int, left: int, bottom: int, right: int) -> int:
    """Count the cells of a box's outline, at least two rows high and two columns wide."""
    return 2 * (bottom - top + right - left)


def _framed(region: list[Place]) -> bool:
    """Tell whether some places hold the whole outline of their box, 2 by 2 or larger."""
    top, left, bottom, right = extent(region)
    if top == bottom or left == right:
        return False
    on_edges = sum(i in (top, bottom) or j in (left, right) for i, j in region)
    return on_edges == _outline(top, left, bottom, right)


@primitive()
def rectangles(grid: Grid) -> Tuple[Grid]:
    """List the boxes around the parts that hold their box's whole outline, 2 by 2 or larger.

    See `part_pictures`; what lies inside a frame is cut out with it. Fails without cells.

    >>> rectangles(((3, 3, 0), (3, 3, 0), (0, 5, 5)))
    (((3, 3), (3, 3)),)
    """
    return _pictures(grid, [part for part in parts(check_cells(grid)) if _framed(part)])


@primitive()
def frame_insides(grid: Grid) -> Tuple[Grid]:
    """List what lies inside the frames: see `rectangles`; a filled one is none.

    Fails without cells.

    >>> frame_insides(((3, 3, 3), (3, 4, 3), (3, 3, 3)))
    (((4,),),)
    """
    insides = []
    for part in parts(check_cells(grid)):
        top, left, bottom, right = extent(part)
        area = (bottom - top + 1) * (right - left + 1)
        if _framed(part) and len(part) < area:
            insides.append([(top + 1, left + 1), (bottom - 1, right - 1)])
    return _pictures(grid, insides)
