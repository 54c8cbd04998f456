"""Primitives that lay pictures over each other, side by side, or in an order.

A cell of colour 0 is empty, all others are coloured.
"""

from __future__ import annotations

from collections import Counter
from math import factorial

from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import (
    check_cells,
    check_color,
    check_grid,
    check_number,
)
from arcbatt.dsl.types import Callable, Color, Grid, Integer, Tuple, Value
from arcbatt.dsl.values import reject

MARK = 1
"""The colour of cells that a primitive finds and that have none of their own."""
ORDERED_MAX = 8
"""How many grids `overlay_ordered` takes; of more there would be orders without end."""


def _check_grids(value: Value) -> tuple[Grid, ...]:
    """Return a tuple of grids, at least one."""
    if type(value) is not tuple or not value:
        raise reject("a tuple of grids", value)
    for grid in value:
        check_grid(grid)
    return value


def _shape(grid: Grid) -> tuple[int, int]:
    return len(grid), len(grid[0]) if grid else 0


def _merge(grids: tuple[Grid, ...], cell: Callable[[tuple[int, ...]], int]) -> Grid:
    """Make each cell from the cells at its place in grids of one shape."""
    if any(_shape(grid) != _shape(grids[0]) for grid in grids):
        raise reject("grids of one shape", grids)
    return tuple(
        [
            tuple([cell(cells) for cells in zip(*rows, strict=True)])
            for rows in zip(*grids, strict=True)
        ]
    )


def _pair(a: Value, b: Value) -> tuple[Grid, Grid]:
    return check_grid(a), check_grid(b)


def _last(cells: tuple[int, ...]) -> int:
    return next((value for value in reversed(cells) if value), 0)


def _common(cells: tuple[int, ...]) -> int:
    return cells[0] if all(cells) else 0


def _lone(cells: tuple[int, ...]) -> int:
    colored = [value for value in cells if value]
    return colored[0] if len(colored) == 1 else 0


def _vacant(cells: tuple[int, ...]) -> int:
    return 0 if any(cells) else MARK


@primitive()
def overlay(below: Grid, above: Grid) -> Grid:
    """Lay the coloured cells of a grid over another. Fails unless they have one shape.

    >>> overlay(((1, 1, 0),), ((0, 2, 2),))
    ((1, 2, 2),)
    """
    return _merge(_pair(below, above), _last)


@primitive()
def both_colored(a: Grid, b: Grid) -> Grid:
    """Keep the cells of the first grid that are coloured in both. Fails unless they have one shape.

    >>> both_colored(((1, 1, 0),), ((0, 2, 2),))
    ((0, 1, 0),)
    """
    return _merge(_pair(a, b), _common)


@primitive()
def first_colored(a: Grid, b: Grid) -> Grid:
    """Keep the cells of the first grid that are empty in the second.

    Fails unless they have one shape.

    >>> first_colored(((1, 1, 0),), ((0, 2, 2),))
    ((1, 0, 0),)
    """
    return _merge(_pair(a, b), lambda cells: 0 if cells[1] else cells[0])


@primitive()
def overlay_all(grids: Tuple[Grid]) -> Grid:
    """Lay grids over each other, the last on top. Fails without a grid, unless all have one shape.

    >>> overlay_all((((1, 1, 0),), ((0, 2, 2),)))
    ((1, 2, 2),)
    """
    return _merge(_check_grids(grids), _last)


@primitive()
def overlay_ordered(grids: Tuple[Grid], k: Integer) -> Grid:
    """Lay grids over each other in an order by its number; the last of that order is on top.

    0 is the order as it stands; the numbers go on as orders follow each other in a dictionary, so
    that of 3 grids, 1 puts the second one on top and 5 the first one. Fails without a grid and for
    more than 8, for other numbers, and unless all have one shape.

    >>> overlay_ordered((((1, 1, 0),), ((0, 2, 2),)), 1)
    ((1, 1, 2),)
    """
    left, place = list(_check_grids(grids)), check_number(k)
    if len(left) > ORDERED_MAX:
        raise reject(f"at most {ORDERED_MAX} grids", grids)
    if not 0 <= place < factorial(len(left)):
        raise reject(f"the number of an order of {len(left)} grids", k)
    ordered = []
    while left:
        position, place = divmod(place, factorial(len(left) - 1))
        ordered.append(left.pop(position))
    return _merge(tuple(ordered), _last)


@primitive()
def common_all(grids: Tuple[Grid]) -> Grid:
    """Keep the cells of the first grid that are coloured in all.

    Fails without a grid, unless all have one shape.

    >>> common_all((((1, 1, 0),), ((0, 2, 2),)))
    ((0, 1, 0),)
    """
    return _merge(_check_grids(grids), _common)


@primitive()
def lone_all(grids: Tuple[Grid]) -> Grid:
    """Keep the cells that are coloured in one grid only.

    Fails without a grid, unless all have one shape.

    >>> lone_all((((1, 1, 0),), ((0, 2, 2),)))
    ((1, 0, 2),)
    """
    return _merge(_check_grids(grids), _lone)


@primitive()
def vacant_all(grids: Tuple[Grid]) -> Grid:
    """Mark with colour 1 what is empty in all grids.

    Fails without a grid, unless all have one shape.

    >>> vacant_all((((1, 1, 0),), ((0, 2, 0),)))
    ((0, 0, 1),)
    """
    return _merge(_check_grids(grids), _vacant)


@primitive()
def sort_rows(grid: Grid) -> Grid:
    """Sort the rows of a grid by their number of coloured cells, the fewest on top.

    Rows with equally many stay in order. Fails without a grid.

    >>> sort_rows(((1, 1), (0, 0), (0, 2)))
    ((0, 0), (0, 2), (1, 1))
    """
    return tuple(sorted(check_grid(grid), key=lambda row: sum(value != 0 for value in row)))


@primitive()
def colored_row(grid: Grid) -> Grid:
    """Put the coloured cells of a grid into one row, in reading order. Fails without any.

    >>> colored_row(((0, 2), (3, 0)))
    ((2, 3),)
    """
    cells = tuple([value for row in check_grid(grid) for value in row if value])
    if not cells:
        raise reject("a grid with coloured cells", grid)
    return (cells,)


def _ranked(grid: Grid) -> list[tuple[int, int]]:
    """Return the colours of a grid's coloured cells and their counts, the most common first."""
    counts = Counter(value for row in check_grid(grid) for value in row if value)
    if not counts:
        raise reject("a grid with coloured cells", grid)
    return sorted(counts.items(), key=lambda count: (-count[1], count[0]))


@primitive()
def color_ranking(grid: Grid) -> Grid:
    """List the colours of a grid's coloured cells in one column, the most common on top.

    Of equally common ones the lowest comes first. Fails without coloured cells.

    >>> color_ranking(((0, 2), (3, 3)))
    ((3,), (2,))
    """
    return tuple([(color,) for color, _ in _ranked(grid)])


@primitive()
def histogram(grid: Grid) -> Grid:
    """Draw a column for each colour of coloured cells, as high as it has cells, from the top.

    The most common colour comes first, of equally common ones the lowest. Fails without coloured
    cells.

    >>> histogram(((0, 2), (3, 3)))
    ((3, 2), (3, 0))
    """
    ranked = _ranked(grid)
    current_meter().claim(len(ranked) * ranked[0][1])
    return tuple(
        [tuple([color if count > i else 0 for color, count in ranked]) for i in range(ranked[0][1])]
    )


@primitive()
def fill_first(grid: Grid, value: Color, k: Integer) -> Grid:
    """Give the first empty cells, so many in reading order, a colour. Fails if that is none.

    >>> fill_first(((0, 5), (0, 0)), 3, 2)
    ((3, 5), (3, 0))
    """
    check_grid(grid)
    color, left = check_color(value), check_number(k)
    rows = [list(row) for row in grid]
    for row in rows:
        for j, cell in enumerate(row):
            if left > 0 and not cell:
                row[j] = color
                left -= 1
    return tuple(map(tuple, rows))


@primitive()
def changed_part(before: Grid, after: Grid) -> Grid:
    """Cut out of the second grid the box around what differs from the first.

    Fails unless they have one shape and differ.

    >>> changed_part(((1, 2), (3, 4)), ((1, 2), (5, 4)))
    ((5,),)
    """
    if _shape(check_cells(before)) != _shape(check_cells(after)):
        raise reject("grids of one shape", (before, after))
    places = [
        (i, j)
        for i, row in enumerate(after)
        for j, value in enumerate(row)
        if value != before[i][j]
    ]
    if not places:
        raise reject("two grids that differ", after)
    rows, columns = [i for i, _ in places], [j for _, j in places]
    return tuple([row[min(columns) : max(columns) + 1] for row in after[min(rows) : max(rows) + 1]])
