"""Primitives that measure places, and that learn from the demos what a measure means.

A cell of colour 0 is empty, all others are coloured. A measure is a grid in which each cell has a
number as its colour, at most 127. Every result has the shape of its grid.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from arcbatt.dsl.registry import primitive
from arcbatt.dsl.samples import check_samples
from arcbatt.dsl.support.arguments import check_grid, check_number
from arcbatt.dsl.support.connected_components import (
    DIRECT_STEPS,
    Place,
    Region,
    connected_parts,
    keep_shut_in,
    most_common_color,
    parts,
)
from arcbatt.dsl.support.models import count_holes, lattice, like, over
from arcbatt.dsl.support.ordering import check_function
from arcbatt.dsl.types import Callable, Grid, Integer, Samples, Value
from arcbatt.dsl.values import Function, is_grid, reject

GREATEST = 127
"""The greatest number that a cell may be; measures end there."""


def _measured(grid: Grid, found: Iterable[Region], measure: Callable[[Region], int]) -> Grid:
    numbers: dict[Place, int] = {}
    for region in found:
        numbers.update(dict.fromkeys(region, min(measure(region), GREATEST)))
    return like(grid, numbers)


@primitive()
def part_sizes(grid: Grid) -> Grid:
    """Give each part its number of cells as a colour, at most 127: see `part_pictures`.

    >>> part_sizes(((3, 3, 0, 4),))
    ((2, 2, 0, 1),)
    """
    return _measured(grid, parts(check_grid(grid)), len)


@primitive()
def hole_sizes(grid: Grid) -> Grid:
    """Give each of the `holes` its number of cells as a colour, at most 127; empty all else.

    >>> hole_sizes(((3, 3, 3, 3), (3, 0, 0, 3), (3, 3, 3, 3)))
    ((0, 0, 0, 0), (0, 2, 2, 0), (0, 0, 0, 0))
    """
    empty = keep_shut_in(grid, lambda color: color == 0, DIRECT_STEPS)
    return _measured(grid, connected_parts(empty, DIRECT_STEPS), len)


@primitive()
def hole_counts(grid: Grid) -> Grid:
    """Give each part the number of regions that it shuts in as a colour, at most 127.

    A region is connected by edges. See `part_pictures`.

    >>> hole_counts(((3, 3, 3, 0, 4), (3, 0, 3, 0, 4), (3, 3, 3, 0, 4)))
    ((1, 1, 1, 0, 0), (1, 0, 1, 0, 0), (1, 1, 1, 0, 0))
    """
    return _measured(grid, parts(check_grid(grid)), count_holes)


@primitive()
def flood_fields(grid: Grid) -> Grid:
    """Fill each field of a lattice with its most common coloured cells' colour.

    Fields lie between full rows and columns of one colour other than 0. Of equally common
    colours the lowest counts; fields without coloured cells stay empty. Fails without cells.

    >>> flood_fields(((1, 0, 5, 0, 0),))
    ((1, 0, 5, 0, 0),)
    >>> flood_fields(((1, 0, 5, 0, 0), (0, 0, 5, 0, 0)))
    ((1, 1, 5, 0, 0), (1, 1, 5, 0, 0))
    """
    drawn: dict[Place, int] = {}
    for places in lattice(grid):
        colors = [grid[i][j] for i, j in places if grid[i][j]]
        if colors:
            drawn.update(dict.fromkeys(places, most_common_color(colors)))
    return over(grid, drawn)


@primitive()
def share_fields(grid: Grid) -> Grid:
    """Give each field of a lattice what the others of its shape have where it is empty.

    Fields lie between full rows and columns of one colour other than 0; of several colours for a
    cell that of the first field counts, row by row. Fails without cells.

    >>> share_fields(((1, 0, 5, 0, 0), (0, 0, 5, 0, 2)))
    ((1, 0, 5, 1, 0), (0, 2, 5, 0, 2))
    """
    shared: dict[tuple[int, int, int, int], int] = {}
    keys: dict[Place, tuple[int, int, int, int]] = {}
    for places in lattice(grid):
        (top, left), (bottom, right) = places[0], places[-1]
        for i, j in places:
            keys[i, j] = (bottom - top, right - left, i - top, j - left)
            if grid[i][j]:
                shared.setdefault(keys[i, j], grid[i][j])
    given = {place: shared.get(key, 0) for place, key in keys.items()}
    return tuple(
        [
            tuple([color or given.get((i, j), 0) for j, color in enumerate(row)])
            for i, row in enumerate(grid)
        ]
    )


@primitive()
def learn_colors(samples: Samples, function: Callable[[Grid], Grid], grid: Grid) -> Grid:
    """Recolour cells as the demos do, by their colour and what a function makes of the grid.

    For each pair of a cell's colour and its colour in the function's result, the demos show one
    colour. A pair that they lack gets what most pairs with its first colour get; a colour that
    they lack stays. Fails if the function changes the shape of a grid, if an output has another
    shape, if a pair gets two colours, if several are equally common, and without samples.

    >>> learn_colors(((((3, 3, 4),), ((5, 5, 0),)),), Function("part_sizes", arity=1), ((3, 0),))
    ((5, 0),)
    """
    call: Function = check_function(function, 1)
    check_grid(grid)
    shown: dict[tuple[int, int], int] = {}
    for given, wanted in check_samples(samples):
        for pair, color in zip(_pairs(given, call(given)), _flat(wanted, given), strict=True):
            if shown.setdefault(pair, color) != color:
                raise reject("samples in which each pair of colours becomes one", samples)
    if not shown:
        raise reject("samples with cells", samples)
    return _recolored(grid, shown, _pairs(grid, call(grid)))


def _recolored(
    grid: Grid, shown: Mapping[tuple[int, int], int], pairs: list[tuple[int, int]]
) -> Grid:
    """Give each pair its colour, or the one that most pairs with its first colour get."""
    usual: dict[int, list[int]] = {}
    for (color, _), wanted in shown.items():
        usual.setdefault(color, []).append(wanted)
    new = [
        shown[pair] if pair in shown else _most_common_one(usual.get(pair[0], [pair[0]]))
        for pair in pairs
    ]
    width = len(grid[0]) if grid else 0
    return tuple([tuple(new[i * width : i * width + width]) for i in range(len(grid))])


def _most_common_one(colors: list[int]) -> int:
    """Return the most common colour; fails if several are."""
    (best, count), *rest = Counter(colors).most_common(2)
    if rest and rest[0][1] == count:
        raise reject("samples in which one colour is the most common", colors)
    return best


def _flat(grid: Value, like: Grid) -> list[int]:
    """List the cells of a grid that has the shape of another."""
    if not is_grid(grid) or list(map(len, grid)) != list(map(len, like)):
        raise reject("a grid of the same shape", grid)
    return [color for row in grid for color in row]


def _pairs(grid: Grid, measure: Value) -> list[tuple[int, int]]:
    return list(zip(_flat(grid, grid), _flat(measure, grid), strict=True))


STRIPES: tuple[Callable[[int, int, int, int], int], ...] = (
    lambda i, j, height, width: j,
    lambda i, j, height, width: width - 1 - j,
    lambda i, j, height, width: i,
    lambda i, j, height, width: height - 1 - i,
    lambda i, j, height, width: i + j,
    lambda i, j, height, width: i - j,
)
"""Numbers of the column and the row, each from both ends, and the two diagonals of a place."""


@primitive()
def learn_stripes(samples: Samples, k: Integer, grid: Grid) -> Grid:
    """Recolour cells as the demos do, by their colour and by every how many-th line they are on.

    Lines are columns, rows, each counted from both ends, or diagonals: the first of these
    for which the demos show one colour for each pair of a cell's colour and the number of its
    line modulo k. A pair that they lack is as in `learn_colors`. Fails if there are no such lines,
    for a colour that the demos lack, if an output has another shape than its input, unless k is in
    2..127, and without samples.

    >>> learn_stripes(((((5, 5, 5),), ((5, 3, 5),)),), 2, ((5, 5, 5, 5),))
    ((5, 3, 5, 3),)
    """
    if not 2 <= check_number(k) <= GREATEST:
        raise reject("a number in 2..127", k)
    check_grid(grid)
    demos = [(given, _flat(wanted, given)) for given, wanted in check_samples(samples)]
    for stripe in STRIPES:
        shown: dict[tuple[int, int], int] = {}
        if all(
            shown.setdefault(pair, color) == color
            for given, wanted in demos
            for pair, color in zip(_striped(given, k, stripe), wanted, strict=True)
        ):
            if not shown:
                break
            if not {color for row in grid for color in row} <= {color for color, _ in shown}:
                break
            return _recolored(grid, shown, _striped(grid, k, stripe))
    raise reject("samples whose stripes become one colour each", samples)


def _striped(
    grid: Grid, k: int, stripe: Callable[[int, int, int, int], int]
) -> list[tuple[int, int]]:
    return [
        (color, stripe(i, j, len(grid), len(row)) % k)
        for i, row in enumerate(grid)
        for j, color in enumerate(row)
    ]
