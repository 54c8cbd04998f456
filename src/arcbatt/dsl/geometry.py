"""Primitives about where things are: edges, corners, lines, boxes, distances and mirrors.

Rows count downwards and columns to the right; a location is (row, column). Every tuple is a piece:
its height is its number of members, and its width that of its first member.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import (
    cells_of,
    check_container,
    check_location,
    check_number,
    check_set,
    check_start,
    check_tuple,
    consists_of_cells,
    first_two,
    indices_of,
    places_of,
    table_rows,
    table_sides,
)
from arcbatt.dsl.support.connected_components import DIAGONAL_STEPS, DIRECT_STEPS, Extent, extent
from arcbatt.dsl.types import Boolean, Grid, Indices, Integer, IntegerTuple, Patch, Piece, Value
from arcbatt.dsl.values import members, reject

FRONTIER_LENGTH = 30
"""How many cells a frontier has: the side of the largest ARC grid."""
REACH = 42
"""How far a shot and a fall go."""

Pick = Callable[[Iterable[int]], int]


def relocate(patch: Value, place: Callable[[int, int], tuple[int, int]]) -> Patch:
    """Move every location of a patch that has some; its colours stay."""
    if consists_of_cells(patch):
        return frozenset([(color, place(*location)) for color, location in cells_of(patch)])
    return frozenset([place(*location) for location in places_of(patch)])


def _edges(patch: Value) -> Extent:
    """Return the edges of a patch; fails if it is empty."""
    return extent(places_of(patch))


def claim_locations(count: int) -> None:
    """Ask for room for a set of locations."""
    current_meter().claim(2 * count)


@primitive()
def height(piece: Piece) -> Integer:
    """Count the rows of a grid, or of the smallest box around a patch; 0 if it is empty.

    Of any tuple, such as a row, it is the number of members.

    >>> height(((1, 2, 3), (4, 5, 6)))
    2
    """
    if isinstance(piece, tuple) or not check_container(piece):
        return len(piece)
    edges = _edges(piece)
    return edges.bottom - edges.top + 1


@primitive()
def width(piece: Piece) -> Integer:
    """Count the columns of a grid, or of the smallest box around a patch; 0 if it is empty.

    Of any tuple it is the number of members that the first member has.

    >>> width(((1, 2, 3), (4, 5, 6)))
    3
    """
    if not check_container(piece):
        return 0
    if isinstance(piece, tuple):
        return len(check_container(piece[0]))
    edges = _edges(piece)
    return edges.right - edges.left + 1


@primitive()
def shape(piece: Piece) -> IntegerTuple:
    """Return height and width of a grid, or of the smallest box around a patch.

    >>> shape(((1, 2, 3), (4, 5, 6)))
    (2, 3)
    """
    return height(piece), width(piece)


@primitive()
def portrait(piece: Piece) -> Boolean:
    """Tell whether a grid or a patch is higher than wide.

    >>> portrait(((1,), (2,)))
    True
    """
    return height(piece) > width(piece)


@primitive()
def square(piece: Piece) -> Boolean:
    """Tell whether a grid is as high as wide, or a patch is a square without holes.

    An empty patch is. Fails for a grid without rows.

    >>> square(frozenset({(0, 0), (0, 1), (1, 0), (1, 1)}))
    True
    """
    if isinstance(piece, tuple):
        return len(piece) == table_sides(piece)[1]
    rows, columns = shape(piece)
    return rows == columns and rows * columns == len(piece)


@primitive()
def uppermost(patch: Patch) -> Integer:
    """Return the first row of a patch. Fails if it is empty.

    >>> uppermost(frozenset({(2, 5), (3, 4)}))
    2
    """
    return _edges(patch).top


@primitive()
def lowermost(patch: Patch) -> Integer:
    """Return the last row of a patch. Fails if it is empty.

    >>> lowermost(frozenset({(2, 5), (3, 4)}))
    3
    """
    return _edges(patch).bottom


@primitive()
def leftmost(patch: Patch) -> Integer:
    """Return the first column of a patch. Fails if it is empty.

    >>> leftmost(frozenset({(2, 5), (3, 4)}))
    4
    """
    return _edges(patch).left


@primitive()
def rightmost(patch: Patch) -> Integer:
    """Return the last column of a patch. Fails if it is empty.

    >>> rightmost(frozenset({(2, 5), (3, 4)}))
    5
    """
    return _edges(patch).right


def _columns(patch: Value) -> list[tuple[int, ...]]:
    """Return the rows and the columns of a patch, or the columns of a table of numbers."""
    numbers = [list(map(check_number, members(place))) for place in indices_of(patch)]
    return list(zip(*numbers, strict=False))


def _corner(patch: Value, row: Pick, column: Pick) -> IntegerTuple:
    columns = _columns(patch)
    if len(columns) > 2:
        raise reject("a patch", patch)
    picked = [pick(numbers) for pick, numbers in zip((row, column), columns, strict=False)]
    return tuple(picked)  # type: ignore[return-value]


@primitive()
def ulcorner(patch: Patch) -> IntegerTuple:
    """Return the upper left corner of the box around a patch; () if the patch is empty.

    Of a grid that is no tuple of locations it is the least number of each column.

    >>> ulcorner(frozenset({(2, 5), (3, 4)}))
    (2, 4)
    """
    return tuple(map(min, _columns(patch)))  # type: ignore[return-value]


@primitive()
def urcorner(patch: Patch) -> IntegerTuple:
    """Return the upper right corner of the box around a patch; () if the patch is empty.

    >>> urcorner(frozenset({(2, 5), (3, 4)}))
    (2, 5)
    """
    return _corner(patch, min, max)


@primitive()
def llcorner(patch: Patch) -> IntegerTuple:
    """Return the lower left corner of the box around a patch; () if the patch is empty.

    >>> llcorner(frozenset({(2, 5), (3, 4)}))
    (3, 4)
    """
    return _corner(patch, max, min)


@primitive()
def lrcorner(patch: Patch) -> IntegerTuple:
    """Return the lower right corner of the box around a patch; () if the patch is empty.

    Of a grid that is no tuple of locations it is the greatest number of each column.

    >>> lrcorner(frozenset({(2, 5), (3, 4)}))
    (3, 5)
    """
    return tuple(map(max, _columns(patch)))  # type: ignore[return-value]


@primitive()
def corners(patch: Patch) -> Indices:
    """Return the corners of the box around a patch; the set of () if the patch is empty.

    >>> sorted(corners(frozenset({(2, 5), (3, 4)})))
    [(2, 4), (2, 5), (3, 4), (3, 5)]
    """
    return frozenset((ulcorner(patch), urcorner(patch), llcorner(patch), lrcorner(patch)))


@primitive()
def center(patch: Patch) -> IntegerTuple:
    """Return the middle of the box around a patch, the later one of two. Fails if it is empty.

    For the middle a tuple is as high and wide as `height` and `width` tell, and no box.

    >>> center(frozenset({(0, 0), (2, 3)}))
    (1, 2)
    """
    top, left, _, _ = _edges(patch)
    return top + height(patch) // 2, left + width(patch) // 2


@primitive()
def centerofmass(patch: Patch) -> IntegerTuple:
    """Return the mean location of a patch, rounded down; () if the patch is empty.

    Cells that share a location count once in the sums and each in the number they are divided by.

    >>> centerofmass(frozenset({(0, 0), (0, 1), (3, 5)}))
    (1, 2)
    """
    sums = map(sum, _columns(patch))
    return tuple([total // len(patch) for total in sums])  # type: ignore[return-value]


@primitive()
def position(a: Patch, b: Patch) -> IntegerTuple:
    """Return the direction from the center of one patch to that of another, each part -1, 0 or 1.

    Gives (0, -1) if the centers are equal. Fails if a patch is empty.

    >>> position(frozenset({(4, 4)}), frozenset({(1, 8)}))
    (-1, 1)
    """
    (row_a, column_a), (row_b, column_b) = center(indices_of(a)), center(indices_of(b))
    down = (row_a < row_b) - (row_a > row_b)
    if down and column_a == column_b:
        return down, 0
    return down, 1 if column_a < column_b else -1


@primitive()
def vline(patch: Patch) -> Boolean:
    """Tell whether a patch is a vertical line without gaps; a single cell is, nothing is not.

    >>> vline(frozenset({(0, 3), (1, 3), (2, 3)}))
    True
    """
    return height(patch) == len(patch) and width(patch) == 1


@primitive()
def hline(patch: Patch) -> Boolean:
    """Tell whether a patch is a horizontal line without gaps; a single cell is, nothing is not.

    >>> hline(frozenset({(0, 3), (1, 3), (2, 3)}))
    False
    """
    return width(patch) == len(patch) and height(patch) == 1


@primitive(commutes=True)
def hmatching(a: Patch, b: Patch) -> Boolean:
    """Tell whether two patches have a row in common.

    >>> hmatching(frozenset({(1, 0)}), frozenset({(1, 7), (2, 7)}))
    True
    """
    rows = {row for row, _ in places_of(a)}
    return any([row in rows for row, _ in places_of(b)])


@primitive(commutes=True)
def vmatching(a: Patch, b: Patch) -> Boolean:
    """Tell whether two patches have a column in common.

    >>> vmatching(frozenset({(1, 0)}), frozenset({(1, 7), (2, 7)}))
    False
    """
    columns = {column for _, column in places_of(a)}
    return any([column in columns for _, column in places_of(b)])


def _two_patches(a: Value, b: Value) -> tuple[Indices, Indices]:
    """Return the locations of two patches that have some."""
    places = frozenset(places_of(a)), frozenset(places_of(b))
    if not all(places):
        raise reject("patches that are not empty", (a, b))
    return places


@primitive(commutes=True)
def manhattan(a: Patch, b: Patch) -> Integer:
    """Return the least number of steps along rows and columns from one patch to another.

    Fails if a patch is empty. Claims as many steps as the patches have pairs of members.

    >>> manhattan(frozenset({(0, 0)}), frozenset({(2, 3), (9, 9)}))
    5
    """
    starts, goals = _two_patches(a, b)
    current_meter().claim_steps(len(a) * len(b))
    return min(
        abs(row - goal_row) + abs(column - goal_column)
        for row, column in starts
        for goal_row, goal_column in goals
    )


def _touch(a: frozenset[tuple[int, int]], b: frozenset[tuple[int, int]]) -> bool:
    return a.isdisjoint(b) and any(
        (row + down, column + right) in b for row, column in a for down, right in DIRECT_STEPS
    )


@primitive(commutes=True)
def adjacent(a: Patch, b: Patch) -> Boolean:
    """Tell whether two patches touch along an edge, without overlapping. Fails if one is empty.

    >>> adjacent(frozenset({(0, 0)}), frozenset({(0, 1)}))
    True
    """
    return _touch(*_two_patches(a, b))


@primitive()
def bordering(patch: Patch, grid: Grid) -> Boolean:
    """Tell whether an outermost row or column of a patch is one of the grid.

    The grid is not looked at for a patch in row or column 0. Fails if the patch is empty.

    >>> bordering(frozenset({(1, 2)}), ((0, 0, 0), (0, 0, 0), (0, 0, 0)))
    True
    """
    edges = _edges(patch)
    return (
        edges.top == 0
        or edges.left == 0
        or edges.bottom == len(check_container(grid)) - 1
        or edges.right == table_sides(grid)[1] - 1
    )


@primitive()
def gravitate(source: Patch, destination: Patch) -> IntegerTuple:
    """Return how far a patch has to fall until it touches another one.

    It falls along the columns if the patches have one in common, along the rows otherwise, towards
    the other's center (up or left if the centers are level), 42 steps if they never touch. Fails
    if a patch is empty.

    >>> gravitate(frozenset({(0, 0)}), frozenset({(5, 0)}))
    (4, 0)
    """
    row, column = center(source)
    goal_row, goal_column = center(destination)
    if vmatching(source, destination):
        down, right = (1 if row < goal_row else -1), 0
    else:
        down, right = 0, (1 if column < goal_column else -1)
    falling, goals = _two_patches(source, destination)
    for steps in range(REACH):
        if _touch(falling, goals):
            return steps * down, steps * right
        falling = frozenset([(row + down, column + right) for row, column in falling])
    return REACH * down, REACH * right


@primitive(
    "(Grid) -> Grid",
    "(Object) -> Object",
    "(Indices) -> Indices",
    redundant_after=("hmirror", "vmirror"),
)
def hmirror(piece: Piece) -> Piece:
    """Turn a grid or a patch upside down, a patch inside its box. Fails for an empty patch.

    Any tuple is reversed.

    >>> hmirror(((1, 2), (3, 4)))
    ((3, 4), (1, 2))
    """
    if isinstance(piece, tuple):
        return piece[::-1]
    top, _, bottom, _ = _edges(piece)
    return relocate(piece, lambda row, column: (top + bottom - row, column))


@primitive(
    "(Grid) -> Grid", "(Object) -> Object", "(Indices) -> Indices", redundant_after=("vmirror",)
)
def vmirror(piece: Piece) -> Piece:
    """Swap left and right of a grid or a patch, a patch inside its box. Fails for an empty patch.

    >>> vmirror(((1, 2), (3, 4)))
    ((2, 1), (4, 3))
    """
    if isinstance(piece, tuple):
        return tuple([check_tuple(row)[::-1] for row in piece])
    _, left, _, right = _edges(piece)
    return relocate(piece, lambda row, column: (row, left + right - column))


@primitive(
    "(Grid) -> Grid", "(Object) -> Object", "(Indices) -> Indices", redundant_after=("dmirror",)
)
def dmirror(piece: Piece) -> Piece:
    """Mirror a grid or a patch at the diagonal through its upper left corner.

    A grid with empty rows becomes one without rows; of rows of several lengths
    the shortest counts. Fails for an empty patch.

    >>> dmirror(((1, 2), (3, 4)))
    ((1, 3), (2, 4))
    """
    if isinstance(piece, tuple):
        return tuple(zip(*table_rows(piece), strict=False))
    top, left, _, _ = _edges(piece)
    return relocate(piece, lambda row, column: (top + column - left, left + row - top))


@primitive(
    "(Grid) -> Grid", "(Object) -> Object", "(Indices) -> Indices", redundant_after=("cmirror",)
)
def cmirror(piece: Piece) -> Piece:
    """Mirror a grid or a patch at the diagonal through its upper right corner.

    The box of a patch keeps its upper left corner. A grid with empty rows becomes one without
    rows. Fails for an empty patch.

    >>> cmirror(((1, 2), (3, 4)))
    ((4, 2), (3, 1))
    """
    if isinstance(piece, tuple):
        return dmirror(vmirror(piece[::-1]))
    top, left, bottom, right = _edges(piece)
    return relocate(piece, lambda row, column: (top + right - column, left + bottom - row))


def _around(loc: Value, steps: tuple[tuple[int, int], ...]) -> Indices:
    row, column = check_start(loc)
    return frozenset([(row + down, column + right) for down, right in steps])


@primitive()
def dneighbors(loc: IntegerTuple) -> Indices:
    """Return the four locations that share an edge with a location.

    >>> sorted(dneighbors((1, 1)))
    [(0, 1), (1, 0), (1, 2), (2, 1)]
    """
    return _around(loc, DIRECT_STEPS)


@primitive()
def ineighbors(loc: IntegerTuple) -> Indices:
    """Return the four locations that share only a corner with a location.

    >>> sorted(ineighbors((1, 1)))
    [(0, 0), (0, 2), (2, 0), (2, 2)]
    """
    return _around(loc, DIAGONAL_STEPS)


@primitive()
def neighbors(loc: IntegerTuple) -> Indices:
    """Return the eight locations around a location.

    >>> neighbors((1, 1)) == dneighbors((1, 1)) | ineighbors((1, 1))
    True
    """
    return _around(loc, DIRECT_STEPS + DIAGONAL_STEPS)


def _line(a: tuple[int, int], b: tuple[int, int]) -> Indices:
    """Return the straight or diagonal line between two locations; empty if there is none."""
    (row, column), (end_row, end_column) = sorted((a, b))
    down, right = end_row - row, end_column - column
    if down and right and abs(right) != down:
        return frozenset()
    length = max(down, abs(right))
    claim_locations(length + 1)
    down, right = (down > 0), (right > 0) - (right < 0)
    return frozenset([(row + n * down, column + n * right) for n in range(length + 1)])


@primitive()
def connect(a: IntegerTuple, b: IntegerTuple) -> Indices:
    """Return the line between two locations, both included.

    Gives the empty set if they share no row, column or diagonal.

    >>> sorted(connect((0, 0), (2, 2)))
    [(0, 0), (1, 1), (2, 2)]
    """
    return _line(check_location(a), check_location(b))


@primitive()
def shoot(start: IntegerTuple, direction: IntegerTuple) -> Indices:
    """Return the line from a location to 42 times a direction beyond it.

    Gives the empty set if the direction is neither straight nor diagonal.

    >>> len(shoot((0, 0), (0, 1)))
    43
    """
    (row, column), (down, right) = check_location(start), check_start(direction)
    return _line((row, column), (row + REACH * down, column + REACH * right))


@primitive()
def vfrontier(location: IntegerTuple) -> Indices:
    """Return rows 0 to 29 of the column of a location.

    >>> (29, 4) in vfrontier((2, 4))
    True
    """
    _, column = first_two(location)
    return frozenset([(row, column) for row in range(FRONTIER_LENGTH)])


@primitive()
def hfrontier(location: IntegerTuple) -> Indices:
    """Return columns 0 to 29 of the row of a location.

    >>> (2, 29) in hfrontier((2, 4))
    True
    """
    row, _ = first_two(location)
    return frozenset([(row, column) for column in range(FRONTIER_LENGTH)])


@primitive(redundant_after=("backdrop", "box", "toindices"))
def backdrop(patch: Patch) -> Indices:
    """Return all locations of the box around a patch; none if the patch is empty.

    >>> sorted(backdrop(frozenset({(0, 1), (1, 0)})))
    [(0, 0), (0, 1), (1, 0), (1, 1)]
    """
    if not check_container(patch):
        return frozenset()
    top, left, bottom, right = _edges(patch)
    claim_locations((bottom - top + 1) * (right - left + 1))
    return frozenset(
        [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
    )


@primitive()
def delta(patch: Patch) -> Indices:
    """Return the locations of the box around a patch that are not in the patch.

    Claims room for the whole box.

    >>> sorted(delta(frozenset({(0, 1), (1, 0)})))
    [(0, 0), (1, 1)]
    """
    return backdrop(patch) - check_set(indices_of(patch))


def _frame(top: int, left: int, bottom: int, right: int) -> Indices:
    """Return the outline of a box."""
    rows, columns = bottom - top + 1, right - left + 1
    thin = rows == 1 or columns == 1
    claim_locations(rows * columns if thin else 2 * (rows + columns) - 4)
    horizontal = [(row, column) for row in (top, bottom) for column in range(left, right + 1)]
    vertical = [(row, column) for row in range(top, bottom + 1) for column in (left, right)]
    return frozenset(horizontal + vertical)


@primitive()
def box(patch: Patch) -> Indices:
    """Return the outline of the box around a patch; nothing if the patch is empty.

    >>> len(box(frozenset({(0, 0), (3, 3)})))
    12
    """
    return _frame(*_edges(patch)) if check_container(patch) else patch  # type: ignore[return-value]


@primitive()
def inbox(patch: Patch) -> Indices:
    """Return the outline one step inside the box around a patch.

    Edges that have passed each other on the way in change places: a single cell gives the eight
    around it. Fails if the patch is empty.

    >>> sorted(inbox(frozenset({(0, 0), (2, 3)})))
    [(1, 1), (1, 2)]
    """
    top, left, bottom, right = _edges(patch)
    rows = sorted((top + 1, bottom - 1))
    columns = sorted((left + 1, right - 1))
    return _frame(rows[0], columns[0], rows[1], columns[1])


@primitive()
def outbox(patch: Patch) -> Indices:
    """Return the outline one step outside the box around a patch. Fails if the patch is empty.

    >>> len(outbox(frozenset({(0, 0)})))
    8
    """
    top, left, bottom, right = _edges(patch)
    return _frame(top - 1, left - 1, bottom + 1, right + 1)
