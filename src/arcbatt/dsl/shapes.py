"""Primitives about the forms in a grid: interiors, hulls, borders and outlines.

A cell of colour 0 is empty, all others are coloured. Cells are neighbours if they share an edge
or a corner, straight neighbours if they share an edge. An object, where a grid is asked for its
objects, is what one colour connects along edges and corners.
"""

from __future__ import annotations

from itertools import accumulate

from arcbatt.dsl.geometry import backdrop
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import check_color, check_grid, check_patch, has_cells, locations
from arcbatt.dsl.support.connected_components import (
    ALL_STEPS,
    DIAGONAL_STEPS,
    DIRECT_STEPS,
    Place,
    Steps,
    around,
    bodies,
    connected_parts,
    extent,
    filled_places,
    keep_shut_in,
    map_cells,
    most_common_color,
    take_connected,
)
from arcbatt.dsl.types import Color, Grid, Indices, Objects, Patch, Value


@primitive()
def enclosed(grid: Grid) -> Indices:
    """Return the empty cells from which no straight steps over empty cells lead to the edge.

    >>> enclosed(((0, 1, 0), (1, 0, 1), (0, 1, 0)))
    frozenset({(1, 1)})
    """
    return frozenset(keep_shut_in(grid, lambda color: not color, DIRECT_STEPS))


@primitive()
def holes(grid: Grid) -> Objects:
    """Return the connected parts of the `enclosed` cells, as objects of colour 0.

    >>> holes(((0, 1, 0), (1, 0, 1), (0, 1, 0)))
    frozenset({frozenset({(0, (1, 1))})})
    """
    parts = connected_parts(set(enclosed(grid)), DIRECT_STEPS)
    return frozenset([frozenset([(0, location) for location in part]) for part in parts])


@primitive()
def fill_enclosed(grid: Grid, value: Color) -> Grid:
    """Give the `enclosed` cells a colour.

    >>> fill_enclosed(((0, 1, 0), (1, 0, 1), (0, 1, 0)), 4)
    ((0, 1, 0), (1, 4, 1), (0, 1, 0))
    """
    check_color(value)
    return filled_places(grid, value, enclosed(grid))


@primitive()
def flood_enclosed(grid: Grid) -> Grid:
    """Give the `enclosed` cells the colour that surrounds them.

    Of several colours around one hole the one with the most edges counts, the lowest of equally
    many.

    >>> flood_enclosed(((0, 1, 0), (2, 0, 1), (0, 1, 0)))
    ((0, 1, 0), (2, 1, 1), (0, 1, 0))
    """
    rows = [list(row) for row in check_grid(grid)]
    for part in connected_parts(set(enclosed(grid)), DIRECT_STEPS):
        beside = [grid[i][j] for cell in part for i, j in around(*cell, DIRECT_STEPS)]
        color = most_common_color(filter(None, beside))
        for i, j in part:
            rows[i][j] = color
    return tuple(map(tuple, rows))


@primitive()
def flood(grid: Grid, value: Color) -> Grid:
    """Spread a colour by straight steps over empty cells.

    >>> flood(((1, 0, 2), (2, 0, 0), (0, 2, 2)), 1)
    ((1, 1, 2), (2, 1, 1), (0, 2, 2))
    """
    check_color(value)
    places = {(i, j) for i, row in enumerate(check_grid(grid)) for j, c in enumerate(row) if not c}
    starts = [(i, j) for i, row in enumerate(grid) for j, c in enumerate(row) if c == value]
    take_connected(places, starts, DIRECT_STEPS)
    return filled_places(grid, value, starts)


def _extended(patch: Value, more: set[Place]) -> Patch:
    """Add locations to a checked patch, to an object in its most common colour."""
    if not has_cells(patch):
        return frozenset(patch) | more
    color = most_common_color(color for color, _ in frozenset(patch))
    return frozenset(patch) | {(color, location) for location in more}


def _interior(patch: Patch) -> Indices:
    """Return the locations from which no straight steps lead out of the box of a patch."""
    unseen = set(backdrop(check_patch(patch))) - locations(patch)
    if not unseen:
        return frozenset()
    top, left, bottom, right = extent(patch)
    starts = [(i, j) for i, j in unseen if i in (top, bottom) or j in (left, right)]
    unseen.difference_update(starts)
    take_connected(unseen, starts, DIRECT_STEPS)
    return frozenset(unseen)


@primitive("(Object) -> Object", "(Indices) -> Indices")
def solid(patch: Patch) -> Patch:
    """Add what a patch encloses, to an object in its most common colour.

    Claims room for the whole box.

    >>> len(solid(frozenset({(0, 1), (1, 0), (1, 2), (2, 1)})))
    5
    """
    return _extended(patch, set(_interior(patch)))


@primitive("(Object) -> Object", "(Indices) -> Indices")
def block(patch: Patch) -> Patch:
    """Add all other locations of its box to a patch, to an object in its most common colour.

    Claims room for the whole box.

    >>> block(frozenset({(3, (0, 1)), (3, (1, 1)), (2, (1, 0))})) - frozenset({(2, (1, 0))})
    frozenset({(3, (0, 1)), (3, (1, 1)), (3, (0, 0))})
    """
    return _extended(patch, set(backdrop(check_patch(patch))) - locations(patch))


@primitive("(Object) -> Object", "(Indices) -> Indices")
def hull(patch: Patch) -> Patch:
    """Add the locations between two of a patch in a row or a column to it.

    They get an object's most common colour. Claims room for the whole box.

    >>> sorted(hull(frozenset({(0, 0), (0, 2), (2, 0)})))
    [(0, 0), (0, 1), (0, 2), (1, 0), (2, 0)]
    """
    free = backdrop(check_patch(patch)) - locations(patch)
    by_row: dict[int, list[int]] = {}
    by_column: dict[int, list[int]] = {}
    for i, j in locations(patch):
        by_row.setdefault(i, []).append(j)
        by_column.setdefault(j, []).append(i)
    rows = {i: (min(columns), max(columns)) for i, columns in by_row.items()}
    columns = {j: (min(rows), max(rows)) for j, rows in by_column.items()}
    none = (0, -1)
    between = {
        (i, j)
        for i, j in free
        if rows.get(i, none)[0] < j < rows.get(i, none)[1]
        or columns.get(j, none)[0] < i < columns.get(j, none)[1]
    }
    return _extended(patch, between)


def _beside(patch: Value, steps: Steps) -> Indices:
    taken = locations(check_patch(patch))
    return frozenset([beside for cell in taken for beside in around(*cell, steps)]) - taken


@primitive()
def halo(patch: Patch) -> Indices:
    """Return the locations around a patch: the neighbours that are not in it.

    >>> len(halo(frozenset({(1, 1), (1, 2)})))
    10
    """
    return _beside(patch, ALL_STEPS)


@primitive()
def rim(patch: Patch) -> Indices:
    """Return the locations along a patch: the straight neighbours that are not in it.

    >>> sorted(rim(frozenset({(1, 1)})))
    [(0, 1), (1, 0), (1, 2), (2, 1)]
    """
    return _beside(patch, DIRECT_STEPS)


def _has_all_around(location: tuple[int, int], taken: Indices) -> bool:
    return all(beside in taken for beside in around(*location, ALL_STEPS))


@primitive("(Object) -> Object", "(Indices) -> Indices")
def core(patch: Patch) -> Patch:
    """Return the part of a patch that has all eight neighbours in it.

    >>> core(backdrop(frozenset({(0, 0), (2, 2)})))
    frozenset({(1, 1)})
    """
    taken = locations(check_patch(patch))
    inner = {location for location in taken if _has_all_around(location, taken)}
    if has_cells(patch):
        return frozenset([cell for cell in patch if cell[1] in inner])
    return frozenset(inner)


@primitive("(Object) -> Object", "(Indices) -> Indices")
def skin(patch: Patch) -> Patch:
    """Return the part of a patch that has a neighbour outside it.

    >>> len(skin(backdrop(frozenset({(0, 0), (2, 2)}))))
    8
    """
    return frozenset(check_patch(patch)) - core(patch)


def _grown(grid: Grid, steps: Steps) -> Grid:
    def change(color: Color, beside: list[Color]) -> Color:
        colored = list(filter(None, beside))
        return most_common_color(colored) if colored and not color else color

    return map_cells(grid, steps, change)


@primitive()
def grow(grid: Grid) -> Grid:
    """Give empty cells the colour of their coloured straight neighbours.

    Of several colours the most common counts, the lowest of equally common ones.

    >>> grow(((0, 0, 0), (0, 4, 0), (0, 0, 0)))
    ((0, 4, 0), (4, 4, 4), (0, 4, 0))
    """
    return _grown(grid, DIRECT_STEPS)


@primitive()
def grow_around(grid: Grid) -> Grid:
    """Give empty cells the colour of their coloured neighbours, as `grow` does.

    >>> grow_around(((0, 0, 0), (0, 4, 0), (0, 0, 0)))
    ((4, 4, 4), (4, 4, 4), (4, 4, 4))
    """
    return _grown(grid, ALL_STEPS)


@primitive()
def grow_diagonally(grid: Grid) -> Grid:
    """Give empty cells the colour of what is coloured at their corners, as `grow` does.

    >>> grow_diagonally(((0, 0, 0), (0, 4, 0), (0, 0, 0)))
    ((4, 0, 4), (0, 4, 0), (4, 0, 4))
    """
    return _grown(grid, DIAGONAL_STEPS)


@primitive()
def surround(grid: Grid, value: Color) -> Grid:
    """Give all empty cells that have a coloured neighbour one colour.

    >>> surround(((0, 0, 0, 0), (0, 4, 0, 0)), 1)
    ((1, 1, 1, 0), (1, 4, 1, 0))
    """
    check_color(value)
    return map_cells(grid, ALL_STEPS, lambda color, beside: color or (value if any(beside) else 0))


def _is_inner(color: Color, beside: list[Color]) -> bool:
    return len(beside) == len(ALL_STEPS) and all(other == color for other in beside)


@primitive()
def paint_core(grid: Grid, value: Color) -> Grid:
    """Give coloured cells a colour if all eight neighbours are equal to them.

    Cells at the edge have fewer and stay.

    >>> paint_core(((4, 4, 4), (4, 4, 4), (4, 4, 4)), 1)
    ((4, 4, 4), (4, 1, 4), (4, 4, 4))
    """
    check_color(value)
    return map_cells(
        grid,
        ALL_STEPS,
        lambda color, beside: value if color and _is_inner(color, beside) else color,
    )


@primitive()
def paint_skin(grid: Grid, value: Color) -> Grid:
    """Give coloured cells a colour if not all eight neighbours are equal to them.

    >>> paint_skin(((4, 4, 4), (4, 4, 4), (4, 4, 4)), 1)
    ((1, 1, 1), (1, 4, 1), (1, 1, 1))
    """
    check_color(value)
    return map_cells(
        grid,
        ALL_STEPS,
        lambda color, beside: color if not color or _is_inner(color, beside) else value,
    )


@primitive()
def keep_lone(grid: Grid) -> Grid:
    """Empty all cells that have an equal neighbour.

    >>> keep_lone(((4, 4, 0), (0, 0, 0), (0, 0, 4)))
    ((0, 0, 0), (0, 0, 0), (0, 0, 4))
    """
    return map_cells(grid, ALL_STEPS, lambda color, beside: 0 if color in beside else color)


@primitive()
def drop_lone(grid: Grid) -> Grid:
    """Empty all cells that have no equal neighbour.

    >>> drop_lone(((4, 4, 0), (0, 0, 0), (0, 0, 4)))
    ((4, 4, 0), (0, 0, 0), (0, 0, 0))
    """
    return map_cells(grid, ALL_STEPS, lambda color, beside: color if color in beside else 0)


@primitive()
def keep_blocks(grid: Grid) -> Grid:
    """Empty all cells that are in no square of two by two equal ones.

    >>> keep_blocks(((4, 4, 4), (4, 4, 0), (0, 0, 4)))
    ((4, 4, 0), (4, 4, 0), (0, 0, 0))
    """
    rows = [[0] * len(row) for row in check_grid(grid)]
    for i in range(len(grid) - 1):
        for j in range(len(grid[0]) - 1):
            four = (grid[i][j], grid[i][j + 1], grid[i + 1][j], grid[i + 1][j + 1])
            if len(set(four)) == 1:
                rows[i][j], rows[i][j + 1], rows[i + 1][j], rows[i + 1][j + 1] = four
    return tuple(map(tuple, rows))


@primitive()
def fill_boxes(grid: Grid, value: Color) -> Grid:
    """Give the empty cells in the boxes around a grid's objects a colour.

    >>> fill_boxes(((4, 4, 0), (4, 0, 0)), 1)
    ((4, 4, 0), (4, 1, 0))
    """
    check_color(value)
    # How many boxes begin or end at a place, and so how many cover it: boxes may overlap a lot.
    width = len(grid[0]) if check_grid(grid) else 0
    changes = [[0] * (width + 1) for _ in range(len(grid) + 1)]
    for part in bodies(grid):
        top, left, bottom, right = extent(frozenset(part))
        for i, j, sign in (
            (top, left, 1),
            (top, right + 1, -1),
            (bottom + 1, left, -1),
            (bottom + 1, right + 1, 1),
        ):
            changes[i][j] += sign
    filled, above = [], [0] * (width + 1)
    for row, changed in zip(grid, changes, strict=False):
        above = [a + b for a, b in zip(above, accumulate(changed), strict=True)]
        pairs = zip(row, above, strict=False)
        filled.append(tuple([color or (value if covers else 0) for color, covers in pairs]))
    return tuple(filled)


@primitive()
def frame_objects(grid: Grid, value: Color) -> Grid:
    """Draw a frame of a colour around the boxes of a grid's objects, over empty cells.

    >>> frame_objects(((0, 0, 0, 0), (0, 4, 0, 0)), 1)
    ((1, 1, 1, 0), (1, 4, 1, 0))
    """
    check_color(value)
    frames = set()
    for part in bodies(check_grid(grid)):
        top, left, bottom, right = extent(frozenset(part))
        for i in range(top - 1, bottom + 2):
            frames |= {(i, left - 1), (i, right + 1)}
        for j in range(left, right + 1):
            frames |= {(top - 1, j), (bottom + 1, j)}
    return tuple(
        [
            tuple([color or (value if (i, j) in frames else 0) for j, color in enumerate(row)])
            for i, row in enumerate(grid)
        ]
    )


@primitive()
def largest_rectangle(grid: Grid, value: Color) -> Indices:
    """Return the largest rectangle of one colour in a grid; nothing if the colour does not occur.

    Of equally large ones the uppermost counts, then the leftmost, then the highest.

    >>> sorted(largest_rectangle(((0, 1, 0), (0, 0, 0)), 0))
    [(1, 0), (1, 1), (1, 2)]
    """
    check_color(value)
    best = (0, 0, 0, 0)
    ends = [0] * (len(grid[0]) if check_grid(grid) else 0)
    for bottom, row in enumerate(grid):
        ends = [above + 1 if color == value else 0 for above, color in zip(ends, row, strict=True)]
        # Heights that rise, each with the column where a rectangle of that height begins.
        rising: list[tuple[int, int]] = []
        for column, rows in enumerate([*ends, 0]):
            left = column
            while rising and rising[-1][0] >= rows:
                high, left = rising.pop()
                best = min(best, (-high * (column - left), bottom - high + 1, left, -high))
            if rows:
                rising.append((rows, left))
    area, top, left, high = best
    columns = range(left, left + (area // high if high else 0))
    return frozenset([(i, j) for i in range(top, top - high) for j in columns])


@primitive()
def paint_edge(grid: Grid, value: Color) -> Grid:
    """Give the outermost rows and columns of a grid a colour.

    >>> paint_edge(((0, 0, 0), (0, 4, 0), (0, 0, 0)), 1)
    ((1, 1, 1), (1, 4, 1), (1, 1, 1))
    """
    check_color(value)
    last = len(check_grid(grid)) - 1
    return tuple(
        [
            (value,) * len(row) if i in (0, last) else (value, *row[1:-1], value)[: len(row)]
            for i, row in enumerate(grid)
        ]
    )
