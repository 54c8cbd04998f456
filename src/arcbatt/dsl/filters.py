"""Primitives that keep, drop or colour some of a grid's objects; the grid keeps its shape.

A cell of colour 0 is empty, all others are coloured. Parts and groups are those of
`arcbatt.dsl.support.connected_components`: a part has one colour and is connected by edges, a group
has any colours and is connected by edges or corners. What is dropped becomes empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from arcbatt.dsl.picks import main_color, nonzero_colors
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import check_color, check_grid
from arcbatt.dsl.support.connected_components import (
    EMPTY,
    Region,
    at_edge,
    groups,
    least_common_color,
    normalized,
    only,
    parts,
)
from arcbatt.dsl.support.ordering import check_function, greatest, is_true, shared_ranks
from arcbatt.dsl.types import A, Boolean, Callable, Color, Grid, Object, Value
from arcbatt.dsl.values import Function


def _keep(grid: Grid, found: Iterable[Region]) -> Grid:
    return only(grid, [place for region in found for place in region])


@primitive()
def keep_largest(grid: Grid) -> Grid:
    """Empty all but the parts with the most cells: see `part_pictures`.

    >>> keep_largest(((3, 3, 0, 4),))
    ((3, 3, 0, 0),)
    """
    found = parts(check_grid(grid))
    most = max(map(len, found), default=0)
    return _keep(grid, [part for part in found if len(part) == most])


@primitive()
def drop_smallest(grid: Grid) -> Grid:
    """Empty the parts with the fewest cells: see `part_pictures`.

    >>> drop_smallest(((3, 3, 0, 4),))
    ((3, 3, 0, 0),)
    """
    found = parts(check_grid(grid))
    fewest = min(map(len, found), default=0)
    return _keep(grid, [part for part in found if len(part) > fewest])


@primitive()
def keep_largest_group(grid: Grid) -> Grid:
    """Empty all but the groups with the most cells: see `group_pictures`.

    >>> keep_largest_group(((3, 4, 0, 5),))
    ((3, 4, 0, 0),)
    """
    found = groups(check_grid(grid))
    most = max(map(len, found), default=0)
    return _keep(grid, [group for group in found if len(group) == most])


@primitive()
def drop_at_edge(grid: Grid) -> Grid:
    """Empty the groups that reach an edge of the grid: see `group_pictures`.

    >>> drop_at_edge(((0, 0, 0, 3, 3), (0, 4, 0, 0, 0), (0, 0, 0, 0, 0)))
    ((0, 0, 0, 0, 0), (0, 4, 0, 0, 0), (0, 0, 0, 0, 0))
    """
    return _keep(grid, [group for group in groups(check_grid(grid)) if not at_edge(group, grid)])


def _shapes(found: list[Region]) -> list[int]:
    """Return for each region how many have its shape, itself included."""
    silhouettes = [normalized(region) for region in found]
    counts = Counter(silhouettes)
    return [counts[shape] for shape in silhouettes]


@primitive()
def keep_common_shape(grid: Grid) -> Grid:
    """Empty all but the groups with the most frequent `silhouette`: see `group_pictures`.

    >>> keep_common_shape(((3, 0, 4, 0, 5, 5),))
    ((3, 0, 4, 0, 0, 0),)
    """
    found = groups(check_grid(grid))
    counts = _shapes(found)
    most = max(counts, default=0)
    return _keep(grid, [group for group, n in zip(found, counts, strict=True) if n == most])


def _with_colors(grid: Grid, wanted: Callable[[int], bool]) -> Grid:
    return tuple([tuple([value if wanted(value) else EMPTY for value in row]) for row in grid])


@primitive()
def keep_main_color(grid: Grid) -> Grid:
    """Empty all cells but those of the `main_color`. Fails without coloured cells.

    >>> keep_main_color(((3, 3, 4),))
    ((3, 3, 0),)
    """
    color = main_color(check_grid(grid))
    return _with_colors(grid, lambda value: value == color)


@primitive()
def keep_rare_color(grid: Grid) -> Grid:
    """Empty all cells but those of the least frequent coloured colour, the lowest of several.

    Fails without coloured cells.

    >>> keep_rare_color(((3, 3, 4),))
    ((0, 0, 4),)
    """
    color = least_common_color(nonzero_colors(check_grid(grid)))
    return _with_colors(grid, lambda value: value == color)


@primitive()
def drop_rare_color(grid: Grid) -> Grid:
    """Empty the cells of the least frequent coloured colour, the lowest of several.

    Fails without coloured cells.

    >>> drop_rare_color(((3, 3, 4),))
    ((3, 3, 0),)
    """
    color = least_common_color(nonzero_colors(check_grid(grid)))
    return _with_colors(grid, lambda value: value != color)


def _call_each(grid: Grid, found: list[Region], key: Value) -> list[Value]:
    function: Function = check_function(key, 1)
    return [function(frozenset([(grid[i][j], (i, j)) for i, j in region])) for region in found]


@primitive()
def keep_parts(grid: Grid, condition: Callable[[Object], Boolean]) -> Grid:
    """Empty the parts that a condition is false for: see `part_pictures`.

    Fails without a grid and a function of 1 argument.

    >>> keep_parts(((3, 3, 0, 4),), Function("hline", arity=1))
    ((3, 3, 0, 4),)
    """
    found = parts(check_grid(grid))
    truths = _call_each(grid, found, condition)
    return _keep(grid, [part for part, truth in zip(found, truths, strict=True) if is_true(truth)])


@primitive("(Grid, Callable[[Object], Integer]) -> Grid")
def keep_greatest(grid: Grid, key: Callable[[Object], A]) -> Grid:
    """Empty all but the groups with the greatest key: see `group_pictures`.

    Keys compare as in `order`. Fails without a grid and a function of 1 argument, and where keys
    do not compare.

    >>> keep_greatest(((3, 0, 4),), Function("color", arity=1))
    ((0, 0, 4),)
    """
    found = groups(check_grid(grid))
    keys = _call_each(grid, found, key)
    best = keys[greatest(keys)] if keys else None
    return _keep(grid, [group for group, key in zip(found, keys, strict=True) if key == best])


def _colored(grid: Grid, found: list[Region], colors: list[int]) -> Grid:
    rows = [list(row) for row in grid]
    for region, color in zip(found, colors, strict=True):
        for i, j in region:
            rows[i][j] = color
    return tuple(map(tuple, rows))


@primitive()
def color_groups(grid: Grid, key: Callable[[Object], Color]) -> Grid:
    """Give each group the colour that a function returns for it: see `group_pictures`.

    Fails without a grid and a function of 1 argument, and where it returns no colour.

    >>> color_groups(((3, 4, 0, 4),), Function("size", arity=1))
    ((2, 2, 0, 1),)
    """
    found = groups(check_grid(grid))
    return _colored(grid, found, list(map(check_color, _call_each(grid, found, key))))


@primitive()
def rank_by_size(grid: Grid) -> Grid:
    """Give each group its rank by its number of cells as a colour: 1 for the greatest.

    Equal ones share theirs. Fails with more ranks than 127.

    >>> rank_by_size(((3, 4, 0, 4),))
    ((1, 1, 0, 2),)
    """
    found = groups(check_grid(grid))
    ranks = shared_ranks(list(map(len, found)))
    return _colored(grid, found, list(map(check_color, ranks)))
