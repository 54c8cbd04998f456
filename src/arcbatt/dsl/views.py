"""Primitives that look at a task in another way: colours renamed by their frequency, and back."""

from __future__ import annotations

from collections import Counter

from arcbatt.dsl.arguments import check_grid
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.types import Color, Grid
from arcbatt.dsl.values import reject

_COLORS = range(10)


def _ranking(reference: Grid) -> list[Color]:
    """List the ten colours: those of a grid by falling count, then the others, ascending."""
    counts = Counter(cell for row in reference for cell in row)
    if not set(counts) <= set(_COLORS):
        raise reject("a grid of the colours 0..9", reference)
    return sorted(_COLORS, key=lambda color: (-counts[color], color))


@primitive()
def rank_colors(grid: Grid, reference: Grid) -> Grid:
    """Rename each colour to its rank in another grid: 0 for the one with the most cells.

    Of equally frequent colours the lower one comes first; those that the other grid lacks come
    last, ascending. Fails for cells beyond 0..9.

    >>> rank_colors(((3, 3, 5),), ((3, 3, 5),))
    ((0, 0, 1),)
    """
    ranks = {color: rank for rank, color in enumerate(_ranking(check_grid(reference)))}
    return _rename(grid, ranks)


@primitive()
def unrank_colors(grid: Grid, reference: Grid) -> Grid:
    """Undo `rank_colors` with the same reference. Fails for cells beyond 0..9.

    >>> unrank_colors(((0, 0, 1),), ((3, 3, 5),))
    ((3, 3, 5),)
    """
    return _rename(grid, dict(enumerate(_ranking(check_grid(reference)))))


def _rename(grid: Grid, names: dict[Color, Color]) -> Grid:
    cells = {cell for row in check_grid(grid) for cell in row}
    if not cells <= set(names):
        raise reject("a grid of the colours 0..9", grid)
    return tuple([tuple([names[cell] for cell in row]) for row in grid])
