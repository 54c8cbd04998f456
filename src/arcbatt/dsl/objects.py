"""Primitives that find objects in grids, tell and choose them by colour and size, and move them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from arcbatt.dsl.containers import totuple
from arcbatt.dsl.geometry import relocate, shape, ulcorner
from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import (
    cell_at,
    cells_of,
    check_container,
    check_location,
    check_number,
    check_set,
    check_tuple,
    indices_of,
    places_of,
    split_pair,
    table_rows,
    table_sides,
    walk,
)
from arcbatt.dsl.support.connected_components import DIAGONAL_STEPS, DIRECT_STEPS, extent
from arcbatt.dsl.support.ordering import is_true
from arcbatt.dsl.types import (
    A,
    Boolean,
    Color,
    Container,
    Element,
    FrozenSet,
    Grid,
    Indices,
    Integer,
    IntegerTuple,
    Object,
    Objects,
    Patch,
    Tuple,
    Value,
)
from arcbatt.dsl.values import ascending, reject


def _colors(element: Value) -> list[Value]:
    """Return the members of all rows of a tuple, or the first parts of all pairs of a set."""
    if type(element) is tuple:
        return [value for row in table_rows(element) for value in row]
    return [value for value, _ in map(split_pair, check_set(element))]


def _counts(element: Value) -> list[tuple[Value, int]]:
    """Return each colour with the number of its cells, in the order of the colours."""
    counts = Counter(_colors(element))
    if not counts:
        raise reject("a grid or object with cells", element)
    return [(value, counts[value]) for value in ascending(counts)]


@primitive()
def mostcolor(element: Element) -> Color:
    """Return the colour with the most cells, the lowest of equally many. Fails without cells.

    >>> mostcolor(((1, 2, 2), (2, 0, 1)))
    2
    """
    return max(_counts(element), key=lambda count: count[1])[0]  # type: ignore[no-any-return]


@primitive()
def leastcolor(element: Element) -> Color:
    """Return the colour with the fewest cells, the lowest of equally many. Fails without cells.

    >>> leastcolor(((1, 2, 2), (2, 0, 1)))
    0
    """
    return min(_counts(element), key=lambda count: count[1])[0]  # type: ignore[no-any-return]


@primitive()
def colorcount(element: Element, value: Color) -> Integer:
    """Count the cells of a colour, or the members of a set of pairs whose first part is a value.

    >>> colorcount(((1, 2, 2), (2, 0, 1)), 1)
    2
    """
    if isinstance(element, tuple):
        return sum(check_tuple(row).count(value) for row in element)
    return _colors(element).count(value)


@primitive()
def palette(element: Element) -> FrozenSet[Color]:
    """Return the colours that occur: of any rows, the members; of pairs, the first parts.

    >>> sorted(palette(((1, 2, 2), (2, 0, 1))))
    [0, 1, 2]
    """
    return frozenset(_colors(element))


@primitive()
def numcolors(element: Element) -> Integer:
    """Count the colours that occur.

    >>> numcolors(((1, 2, 2), (2, 0, 1)))
    3
    """
    return len(set(_colors(element)))


@primitive()
def color(obj: Object) -> Color:
    """Return the colour of an object, the lowest if it has several. Fails if it is empty.

    In general it is the first part of the first member, so that a patch has its first row.

    >>> color(frozenset({(4, (0, 0)), (4, (0, 1))}))
    4
    """
    cell: Value = walk(obj)[0]
    return walk(check_tuple(cell))[0]  # type: ignore[no-any-return]


@primitive()
def colorfilter(objs: Objects, value: Color) -> Objects:
    """Keep the objects of a colour: see `color`. Fails if an object is empty.

    >>> colorfilter(frozenset({frozenset({(4, (0, 0))})}), 5)
    frozenset()
    """
    return frozenset([obj for obj in check_container(objs) if color(obj) == value])


@primitive()
def sizefilter(container: Container[A], n: Integer) -> FrozenSet[A]:
    """Keep the members that have so many members themselves. Fails if one is no container.

    >>> sizefilter(((1, 2), (3,), (4,)), 1) == frozenset({(3,), (4,)})
    True
    """
    return frozenset(
        [member for member in check_container(container) if len(check_container(member)) == n]
    )


@primitive()
def asindices(grid: Grid) -> Indices:
    """Return all locations of a grid.

    >>> sorted(asindices(((7, 8), (9, 7))))
    [(0, 0), (0, 1), (1, 0), (1, 1)]
    """
    rows, columns = table_sides(grid) if check_container(grid) else (0, 0)
    current_meter().claim(2 * rows * columns)
    return frozenset([(i, j) for i in range(rows) for j in range(columns)])


@primitive()
def asobject(grid: Grid) -> Object:
    """Return all cells of a grid.

    >>> sorted(asobject(((7, 8),)))
    [(7, (0, 0)), (8, (0, 1))]
    """
    return frozenset(
        [(value, (i, j)) for i, row in enumerate(table_rows(grid)) for j, value in enumerate(row)]
    )


@primitive()
def ofcolor(grid: Grid, value: Color) -> Indices:
    """Return the locations of a colour in a grid; what is no colour has none.

    The members of any containers have locations too: by their own number and their container's.

    >>> sorted(ofcolor(((7, 8), (9, 7)), 7))
    [(0, 0), (1, 1)]
    """
    return frozenset(
        [
            (i, j)
            for i, row in enumerate(table_rows(grid))
            for j, cell in enumerate(row)
            if cell == value
        ]
    )


@primitive()
def toindices(patch: Patch) -> Indices:
    """Return the locations of a patch; what does not begin with a cell stays as it is.

    An empty patch gives the empty set.

    >>> sorted(toindices(frozenset({(7, (0, 0)), (8, (0, 1))})))
    [(0, 0), (0, 1)]
    """
    return indices_of(patch)  # type: ignore[no-any-return]


@primitive("(Object, IntegerTuple) -> Object", "(Indices, IntegerTuple) -> Indices")
def shift(patch: Patch, directions: IntegerTuple) -> Patch:
    """Move a patch by so many rows down and columns right.

    An empty patch stays empty, whatever the directions are.

    >>> shift(frozenset({(3, (0, 1))}), (2, -1)) == frozenset({(3, (2, 0))})
    True
    """
    if not check_container(patch):
        return patch
    down, right = check_location(directions)
    return relocate(patch, lambda row, column: (row + down, column + right))


@primitive("(Object) -> Object", "(Indices) -> Indices", redundant_after=("normalize",))
def normalize(patch: Patch) -> Patch:
    """Move a patch to row 0 and column 0; an empty patch stays empty.

    >>> sorted(normalize(frozenset({(5, 7), (6, 6)})))
    [(0, 1), (1, 0)]
    """
    if not check_container(patch):
        return patch
    top, left, _, _ = extent(places_of(patch))
    return relocate(patch, lambda row, column: (row - top, column - left))


@primitive()
def recolor(value: Color, patch: Patch) -> Object:
    """Give every location of a patch a colour.

    The colour may be any value.

    >>> sorted(recolor(3, frozenset({(0, 0), (0, 1)})))
    [(3, (0, 0)), (3, (0, 1))]
    """
    return frozenset([(value, location) for location in indices_of(patch)])


@primitive()
def toobject(patch: Patch, grid: Grid) -> Object:
    """Return the cells of a grid at the locations of a patch; those outside are left out.

    Fails if the grid has no rows.

    >>> sorted(toobject(frozenset({(0, 1), (5, 5)}), ((7, 8), (9, 7))))
    [(8, (0, 1))]
    """
    rows, columns = table_sides(grid)
    return frozenset(
        [
            (cell_at(grid, i, j), (i, j))
            for i, j in places_of(patch)
            if 0 <= i < rows and 0 <= j < columns
        ]
    )


@primitive()
def objects(grid: Grid, univalued: Boolean, diagonal: Boolean, without_bg: Boolean) -> Objects:
    """Return the connected parts of a grid.

    Args:
        grid: a grid; fails if it has no rows, or no cells and ``without_bg``.
        univalued: whether a part has one colour only; otherwise colours mix.
        diagonal: whether cells that share only a corner are connected too.
        without_bg: whether cells of the most common colour (see `mostcolor`) are left out.

    >>> found = objects(((0, 0, 0), (3, 0, 4)), True, False, True)
    >>> sorted(map(sorted, found))
    [[(3, (1, 0))], [(4, (1, 2))]]
    """
    rows, columns = table_sides(grid)
    one_color = is_true(univalued)
    steps = DIRECT_STEPS + (DIAGONAL_STEPS if is_true(diagonal) else ())
    background = mostcolor(grid) if is_true(without_bg) else None
    unseen = {
        (i, j): value
        for i in range(rows)
        for j in range(columns)
        if (value := cell_at(grid, i, j)) != background
    }
    found = []
    while unseen:
        start, value = unseen.popitem()
        part = [(value, start)]
        for _, (i, j) in part:  # grows while it is walked
            for down, right in steps:
                beside = (i + down, j + right)
                if beside in unseen and (not one_color or unseen[beside] == value):
                    part.append((unseen.pop(beside), beside))
        found.append(frozenset(part))
    return frozenset(found)


def _by_color(grid: Grid) -> dict[Value, list[tuple[Value, tuple[int, int]]]]:
    cells: dict[Value, list[tuple[Value, tuple[int, int]]]] = {}
    for i, row in enumerate(table_rows(grid)):
        for j, value in enumerate(row):
            cells.setdefault(value, []).append((value, (i, j)))
    return cells


def _as_objects(parts: Iterable[list[tuple[Value, tuple[int, int]]]]) -> Objects:
    return frozenset([frozenset(part) for part in parts])


@primitive()
def partition(grid: Grid) -> Objects:
    """Return one object per colour of a grid.

    >>> sorted(map(sorted, partition(((7, 8),))))
    [[(7, (0, 0))], [(8, (0, 1))]]
    """
    return _as_objects(_by_color(check_tuple(grid)).values())


@primitive()
def fgpartition(grid: Grid) -> Objects:
    """Return one object per colour of a grid, without the most common (see `mostcolor`).

    Fails if the grid has no cells.

    >>> sorted(map(sorted, fgpartition(((7, 8, 8),))))
    [[(7, (0, 0))]]
    """
    background = mostcolor(check_tuple(grid))
    return _as_objects(part for color, part in _by_color(grid).items() if color != background)


@primitive()
def frontiers(grid: Grid) -> Objects:
    """Return the rows and the columns of a grid that have one colour.

    Fails if the grid has no rows.

    >>> sorted(map(sorted, frontiers(((7, 7), (8, 9)))))
    [[(7, (0, 0)), (7, (0, 1))]]
    """
    height, width = table_sides(grid)
    rows = [
        [(cell_at(grid, i, j), (i, j)) for j in range(width)]
        for i, row in enumerate(table_rows(grid))
        if len(set(row)) == 1
    ]
    columns = [
        [(cell_at(grid, i, j), (i, j)) for i in range(height)]
        for j, column in enumerate(zip(*table_rows(grid), strict=False))
        if len(set(column)) == 1
    ]
    return _as_objects(rows + columns)


@primitive()
def occurrences(grid: Grid, obj: Object) -> Indices:
    """Return where the box around an object can lie in a grid so that all its cells match.

    An empty object has a box without rows and columns, which fits everywhere, behind the last row
    and column too. Fails if the grid has no rows. Claims as many steps as the box has places
    times the object has cells.

    >>> sorted(occurrences(((1, 2), (2, 1)), frozenset({(2, (5, 5))})))
    [(0, 1), (1, 0)]
    """
    (rows, columns), (height, width) = table_sides(grid), shape(obj)
    cells = cells_of(obj)
    top_places, left_places = rows - height + 1, columns - width + 1
    if top_places <= 0 or left_places <= 0:
        return frozenset()
    current_meter().claim_steps(top_places * left_places * len(obj))
    corner: Value = ulcorner(obj)
    top, left = corner or (0, 0)
    return frozenset(
        [
            (i, j)
            for i in range(top_places)
            for j in range(left_places)
            if all(
                i + row - top < rows
                and j + column - left < columns
                and cell_at(grid, i + row - top, j + column - left) == value
                for value, (row, column) in cells
            )
        ]
    )


def _period(cells: Value, axis: int) -> int:
    """Return the least distance along an axis by which a pattern repeats itself."""
    if not check_container(cells):
        return 0
    edges = extent(places_of(cells))
    first = edges[axis]
    length = edges[axis + 2] - first + 1
    current_meter().claim_steps(length * len(cells))
    pattern = {
        (color, location[axis] - first, location[1 - axis]) for color, location in cells_of(cells)
    }
    for period in range(1, length):
        if all(
            (color, along - period, across) in pattern
            for color, along, across in pattern
            if along >= period
        ):
            return period
    return length


@primitive()
def hperiod(obj: Object) -> Integer:
    """Return by how many columns an object repeats itself; its width if it doesn't, 0 if empty.

    Claims as many steps as its width times its cells.

    >>> hperiod(frozenset({(1, (0, 0)), (2, (0, 1)), (1, (0, 2)), (2, (0, 3))}))
    2
    """
    return _period(obj, 1)


@primitive()
def vperiod(obj: Object) -> Integer:
    """Return by how many rows an object repeats itself; its height if it doesn't, 0 if empty.

    Claims as many steps as its height times its cells.

    >>> vperiod(frozenset({(1, (0, 0)), (2, (1, 0)), (1, (2, 0))}))
    2
    """
    return _period(obj, 0)


@primitive()
def o_g(grid: Grid, k: Integer) -> Tuple[Object]:
    """List the objects of a grid, ascending, by a number 0..7 for the flags of `objects`.

    The number is 4 * univalued + 2 * diagonal + without_bg. Fails without a grid and for other
    numbers.

    >>> o_g(((3, 0, 4),), 5) == (frozenset({(3, (0, 0))}), frozenset({(4, (0, 2))}))
    True
    """
    flags = check_number(k)
    if not 0 <= flags <= 7:
        raise reject("a number in 0..7", k)
    return totuple(objects(grid, bool(flags & 4), bool(flags & 2), bool(flags & 1)))
