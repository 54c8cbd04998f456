"""Primitives that give each cell a colour or a number by which a rule may decide: see `by_tree`.

A cell of colour 0 is empty, all others are coloured. A direction is a pair of numbers in -1..1,
not both 0: rows down and columns to the right. Every result has the shape of its grid; numbers
beyond those that a cell may have become the nearest that it may have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable as Called
from collections.abc import Sequence

from arcbatt.dsl.rays import check_direction
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import (
    check_cells,
    check_color,
    check_container,
    check_number,
    check_object,
)
from arcbatt.dsl.support.connected_components import (
    ALL_STEPS,
    DIRECT_STEPS,
    Place,
    extent,
    most_common_nonzero,
    normalized,
    parts,
    ranked_colors,
)
from arcbatt.dsl.support.ordering import check_function
from arcbatt.dsl.types import Callable, Color, Grid, Integer, IntegerTuple, Object, Objects, Value
from arcbatt.dsl.values import Function, members, reject

OUTSIDE = -1
"""The colour beyond the edge."""


def _made(grid: Grid, number: Called[[int, int], int]) -> Grid:
    """Make a grid of the number of each row and column, within what cells may have."""
    return tuple(
        [
            tuple([max(-128, min(127, number(i, j))) for j in range(len(row))])
            for i, row in enumerate(grid)
        ]
    )


def _at(grid: Grid, i: int, j: int) -> Color:
    inside = 0 <= i < len(grid) and 0 <= j < len(grid[0])
    return grid[i][j] if inside else OUTSIDE


@primitive(hidden_from_search=True)
def beside(grid: Grid, direction: IntegerTuple) -> Grid:
    """Give each cell the colour of the cell beside it in a direction, -1 beyond the edge.

    >>> beside(((3, 0, 4),), (0, 1))
    ((0, 4, -1),)
    """
    check_cells(grid)
    down, right = check_direction(direction)
    return _made(grid, lambda i, j: _at(grid, i + down, j + right))


def _ahead(grid: Grid, k: Value, direction: Value) -> Called[[int, int], tuple[int, int]]:
    """Make what finds the colour of a stretch ahead of a cell, and its distance; 0 without one."""
    check_cells(grid)
    number = check_number(k)
    down, right = check_direction(direction)
    if number < 1:
        raise reject("a number from 1 on", k)

    def find(i: int, j: int) -> tuple[int, int]:
        distance, last, left = 0, grid[i][j], number
        while True:
            distance += 1
            color = _at(grid, i + distance * down, j + distance * right)
            inside = 0 <= i + distance * down < len(grid) and 0 <= j + distance * right < len(
                grid[0]
            )
            if not inside:
                return 0, 0
            left -= color not in (0, last)
            if not left:
                return color, distance
            last = color

    return find


@primitive(hidden_from_search=True)
def sight(grid: Grid, k: Integer, direction: IntegerTuple) -> Grid:
    """Give each cell the colour of the first, second, ... stretch that lies ahead in a direction.

    A stretch is a row of equal coloured cells; the one in which a cell itself lies doesn't count.
    A cell gets 0 if there are fewer. Fails for a number below 1.

    >>> sight(((3, 3, 0, 4, 5),), 1, (0, 1))
    ((4, 4, 4, 5, 0),)
    """
    find = _ahead(grid, k, direction)
    return _made(grid, lambda i, j: find(i, j)[0])


@primitive(hidden_from_search=True)
def distance(grid: Grid, k: Integer, direction: IntegerTuple) -> Grid:
    """Give each cell the number of steps to the stretch of which `sight` gives the colour.

    >>> distance(((3, 3, 0, 4, 5),), 1, (0, 1))
    ((3, 2, 1, 1, 0),)
    """
    find = _ahead(grid, k, direction)
    return _made(grid, lambda i, j: find(i, j)[1])


def _line_number(height: int, width: int, direction: IntegerTuple) -> Called[[int, int], int]:
    """Make what numbers the lines in a direction from 0, the one farthest to its left."""
    down, right = direction
    corners = [(i, j) for i in (0, height - 1) for j in (0, width - 1)]
    least = min(i * right - j * down for i, j in corners)
    return lambda i, j: i * right - j * down - least


@primitive(hidden_from_search=True)
def line_numbers(grid: Grid, direction: IntegerTuple) -> Grid:
    """Count the lines that lead in a direction, from 0 for the first one to its left.

    To the right lead the rows, numbered from the top; to the left the same, from the bottom. Up
    lead the columns, from the left; right and up the diagonals, from the upper left corner.

    >>> line_numbers(((3, 3), (0, 0)), (0, 1))
    ((0, 0), (1, 1))
    >>> line_numbers(((3, 3), (0, 0)), (-1, 1))
    ((0, 1), (1, 2))
    """
    check_cells(grid)
    return _made(grid, _line_number(len(grid), len(grid[0]), check_direction(direction)))


def _of_lines(grid: Grid, direction: Value, measure: Called[[list[Color]], int]) -> Grid:
    """Give each cell what is measured on its line in a direction."""
    check_cells(grid)
    number = _line_number(len(grid), len(grid[0]), check_direction(direction))
    lines: dict[int, list[Color]] = {}
    for i, row in enumerate(grid):
        for j, color in enumerate(row):
            lines.setdefault(number(i, j), []).append(color)
    measured = {line: measure(colors) for line, colors in lines.items()}
    return _made(grid, lambda i, j: measured[number(i, j)])


@primitive(hidden_from_search=True)
def line_colors(grid: Grid, direction: IntegerTuple) -> Grid:
    """Give each cell the most common coloured colour on its line in a direction; 0 without one.

    Of equally common ones the lowest counts.

    >>> line_colors(((3, 0, 3), (0, 0, 0)), (0, 1))
    ((3, 3, 3), (0, 0, 0))
    """
    return _of_lines(grid, direction, most_common_nonzero)


@primitive(hidden_from_search=True)
def line_counts(grid: Grid, direction: IntegerTuple) -> Grid:
    """Give each cell the number of coloured cells on its line in a direction.

    >>> line_counts(((3, 0, 3), (0, 0, 0)), (0, 1))
    ((2, 2, 2), (0, 0, 0))
    """
    return _of_lines(grid, direction, lambda colors: sum(map(bool, colors)))


def _steps(k: Value) -> Sequence[Place]:
    if check_number(k) not in (4, 8):
        raise reject("4 or 8", k)
    return DIRECT_STEPS if k == 4 else ALL_STEPS


def _count_beside(grid: Grid, steps: Sequence[Place], counts: Called[[Color, Color], bool]) -> Grid:
    """Count beside each cell those of which a test of the cell's colour and theirs tells."""
    return _made(
        grid,
        lambda i, j: sum(
            counts(grid[i][j], grid[i + down][j + right])
            for down, right in steps
            if 0 <= i + down < len(grid) and 0 <= j + right < len(grid[0])
        ),
    )


@primitive(hidden_from_search=True)
def neighbor_counts(grid: Grid, k: Integer, value: Color) -> Grid:
    """Count the cells of a colour among the 4 or 8 neighbours of each cell.

    Fails for other numbers.

    >>> neighbor_counts(((3, 0), (0, 3)), 8, 3)
    ((1, 2), (2, 1))
    """
    check_cells(grid)
    steps, color = _steps(k), check_color(value)
    return _count_beside(grid, steps, lambda _, other: other == color)


@primitive(hidden_from_search=True)
def colored_counts(grid: Grid, k: Integer) -> Grid:
    """Count the coloured cells among the 4 or 8 neighbours of each cell. Fails for other numbers.

    >>> colored_counts(((3, 0), (0, 4)), 4)
    ((0, 2), (2, 0))
    """
    check_cells(grid)
    return _count_beside(grid, _steps(k), lambda _, other: other != 0)


@primitive(hidden_from_search=True)
def alike_counts(grid: Grid, k: Integer) -> Grid:
    """Count the cells of its own colour among the 4 or 8 neighbours of each cell.

    Fails for other numbers.

    >>> alike_counts(((3, 0), (3, 3)), 4)
    ((1, 0), (2, 1))
    """
    check_cells(grid)
    return _count_beside(grid, _steps(k), lambda own, other: own == other)


@primitive(hidden_from_search=True)
def remainders(grid: Grid, k: Integer) -> Grid:
    """Divide the number of each cell by a number above 0 and keep the remainder.

    >>> remainders(((0, 1, 2, 3, 4),), 3)
    ((0, 1, 2, 0, 1),)
    """
    check_cells(grid)
    divisor = check_number(k)
    if divisor < 1:
        raise reject("a number above 0", k)
    return _made(grid, lambda i, j: grid[i][j] % divisor)


@primitive(hidden_from_search=True)
def ranks(grid: Grid) -> Grid:
    """Give each number of a grid its rank among them: 1 for the greatest; 0 stays 0 and has none.

    >>> ranks(((7, 0, 4), (4, 9, 0)))
    ((2, 0, 3), (3, 1, 0))
    """
    numbers = {number for row in check_cells(grid) for number in row} - {0}
    rank = {0: 0} | {number: k for k, number in enumerate(sorted(numbers, reverse=True), 1)}
    return _made(grid, lambda i, j: rank[grid[i][j]])


@primitive(hidden_from_search=True)
def color_ranks(grid: Grid) -> Grid:
    """Give each coloured cell the rank of its colour by its number of cells: 1 for the greatest.

    Of equally common colours the lower one ranks first. Empty cells get 0.

    >>> color_ranks(((7, 0, 4), (4, 4, 0)))
    ((2, 0, 1), (1, 1, 0))
    """
    ranked = ranked_colors(color for row in check_cells(grid) for color in row if color)
    rank = {0: 0} | {color: k for k, color in enumerate(ranked, 1)}
    return _made(grid, lambda i, j: rank[grid[i][j]])


@primitive(hidden_from_search=True)
def shape_counts(grid: Grid) -> Grid:
    """Give each part the number of parts that have its shape, itself included: see `part_pictures`.

    >>> shape_counts(((3, 0, 4), (0, 5, 0), (7, 7, 0)))
    ((3, 0, 3), (0, 3, 0), (1, 1, 0))
    """
    found = parts(check_cells(grid))
    counts = Counter(map(normalized, found))
    number = {place: counts[normalized(part)] for part in found for place in part}
    return _made(grid, lambda i, j: number.get((i, j), 0))


def _by_place(objects: Value, number: Called[[Value], Called[[int, int], int]]) -> dict[Place, int]:
    """Give each place of some objects its number; that of the last object with the place counts."""
    found: dict[Place, int] = {}
    for obj in members(check_container(objects)):
        of_place = number(check_object(obj))
        found.update({(i, j): of_place(i, j) for _, (i, j) in obj})
    return found


@primitive(hidden_from_search=True)
def mark(grid: Grid, objects: Objects, function: Callable[[Object], Integer]) -> Grid:
    """Give the cells of each object the number that a function returns for it, all others 0.

    Where objects overlap, the last one counts, in the order of sets. Fails if the function returns
    something else for one.

    >>> objects = frozenset({frozenset({(4, (0, 1)), (4, (0, 2))})})
    >>> mark(((0, 4, 4),), objects, Function("size", arity=1))
    ((0, 2, 2),)
    """
    check_cells(grid)
    measure: Function = check_function(function, 1)

    def number(obj: Value) -> Called[[int, int], int]:
        measured = check_number(measure(obj))
        return lambda _i, _j: measured

    found = _by_place(objects, number)
    return _made(grid, lambda i, j: found.get((i, j), 0))


@primitive(hidden_from_search=True)
def box_lines(grid: Grid, objects: Objects, direction: IntegerTuple) -> Grid:
    """Count the lines of the box around each object as `line_numbers` does, but from 1.

    Cells outside of objects get 0. Where objects overlap, the last one counts.

    >>> objects = frozenset({frozenset({(4, (0, 1)), (4, (0, 2))})})
    >>> box_lines(((0, 4, 4),), objects, (-1, 0))
    ((0, 1, 2),)
    """
    check_cells(grid)
    step = check_direction(direction)

    def number(obj: Value) -> Called[[int, int], int]:
        if not obj:
            return lambda _i, _j: 0
        top, left, bottom, right = extent(obj)
        in_box = _line_number(bottom - top + 1, right - left + 1, step)
        return lambda i, j: 1 + in_box(i - top, j - left)

    found = _by_place(objects, number)
    return _made(grid, lambda i, j: found.get((i, j), 0))


@primitive(hidden_from_search=True)
def box_depths(grid: Grid, objects: Objects) -> Grid:
    """Count the frames of the box around each object, from 1 for the outermost.

    Cells outside of objects get 0. Where objects overlap, the last one counts.

    >>> objects = frozenset({frozenset({(4, (0, 0)), (4, (1, 1)), (4, (2, 2))})})
    >>> box_depths(((4, 0, 0), (0, 4, 0), (0, 0, 4)), objects)
    ((1, 0, 0), (0, 2, 0), (0, 0, 1))
    """
    check_cells(grid)

    def number(obj: Value) -> Called[[int, int], int]:
        if not obj:
            return lambda _i, _j: 0
        top, left, bottom, right = extent(obj)
        return lambda i, j: 1 + min(i - top, bottom - i, j - left, right - j)

    found = _by_place(objects, number)
    return _made(grid, lambda i, j: found.get((i, j), 0))
