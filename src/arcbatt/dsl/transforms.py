"""Primitives that look at a task in another way, and at its demo samples in the same way.

A view changes a grid by what the input is that belongs to it, its reference: colours are renamed
by their frequency or their first place, the background becomes colour 0, what stands is laid
down, or the lines between compartments are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from arcbatt.dsl.cuts import separators, without_lines
from arcbatt.dsl.geometry import dmirror
from arcbatt.dsl.grids import switch
from arcbatt.dsl.objects import mostcolor
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.samples import check_samples
from arcbatt.dsl.support.arguments import check_cells, check_grid
from arcbatt.dsl.support.ordering import check_function
from arcbatt.dsl.types import Callable, Color, Grid, Samples, Value
from arcbatt.dsl.values import Function, reject

_COLORS = range(10)


def _ranking(reference: Grid) -> list[Color]:
    """List the ten colours: those of a grid by falling count, then the others, ascending."""
    counts = Counter(cell for row in reference for cell in row)
    if not set(counts) <= set(_COLORS):
        raise reject("a grid of the colours 0..9", reference)
    return sorted(_COLORS, key=lambda color: (-counts[color], color))


@primitive(hidden_from_search=True)
def rank_colors(grid: Grid, reference: Grid) -> Grid:
    """Rename each colour to its rank in another grid: 0 for the one with the most cells.

    Of equally frequent colours the lower one comes first; those that the other grid lacks come
    last, ascending. Fails for cells beyond 0..9.

    >>> rank_colors(((3, 3, 5),), ((3, 3, 5),))
    ((0, 0, 1),)
    """
    ranks = {color: rank for rank, color in enumerate(_ranking(check_grid(reference)))}
    return _rename(grid, ranks)


@primitive(hidden_from_search=True)
def unrank_colors(grid: Grid, reference: Grid) -> Grid:
    """Undo `rank_colors` with the same reference. Fails for cells beyond 0..9.

    >>> unrank_colors(((0, 0, 1),), ((3, 3, 5),))
    ((3, 3, 5),)
    """
    return _rename(grid, dict(enumerate(_ranking(check_grid(reference)))))


def _appearance(reference: Grid) -> list[Color]:
    """List the ten colours: 0, those of a grid in the order of its cells, the others ascending."""
    cells = dict.fromkeys(cell for row in reference for cell in row)
    if not set(cells) <= set(_COLORS):
        raise reject("a grid of the colours 0..9", reference)
    return list(dict.fromkeys((0, *cells, *_COLORS)))


@primitive(hidden_from_search=True)
def place_colors(grid: Grid, reference: Grid) -> Grid:
    """Rename each colour to its place among those of another grid, in the order of its cells.

    Colour 0 stays; those that the other grid lacks come last, ascending. Fails for cells beyond
    0..9.

    >>> place_colors(((5, 0, 3),), ((5, 5, 0, 3),))
    ((1, 0, 2),)
    """
    places = {color: place for place, color in enumerate(_appearance(check_grid(reference)))}
    return _rename(grid, places)


@primitive(hidden_from_search=True)
def unplace_colors(grid: Grid, reference: Grid) -> Grid:
    """Undo `place_colors` with the same reference. Fails for cells beyond 0..9.

    >>> unplace_colors(((1, 0, 2),), ((5, 5, 0, 3),))
    ((5, 0, 3),)
    """
    return _rename(grid, dict(enumerate(_appearance(check_grid(reference)))))


def _rename(grid: Grid, names: dict[Color, Color]) -> Grid:
    cells = {cell for row in check_grid(grid) for cell in row}
    if not cells <= set(names):
        raise reject("a grid of the colours 0..9", grid)
    return tuple([tuple([names[cell] for cell in row]) for row in grid])


@primitive(hidden_from_search=True)
def swap_background(grid: Grid, reference: Grid) -> Grid:
    """Swap colour 0 and the most common colour of another grid: see `switch`, `mostcolor`.

    Fails if the other grid has no cells.

    >>> swap_background(((3, 0, 5),), ((3, 3, 5),))
    ((0, 3, 5),)
    """
    swapped: Value = switch(check_grid(grid), 0, mostcolor(check_grid(reference)))
    return swapped  # type: ignore[no-any-return]


@primitive(hidden_from_search=True)
def lay_down(grid: Grid, reference: Grid) -> Grid:
    """Mirror a grid at its diagonal if another grid is higher than wide: see `dmirror`.

    >>> lay_down(((1, 2),), ((3,), (4,)))
    ((1,), (2,))
    """
    check_grid(grid)
    if check_grid(reference) and len(reference) > len(reference[0]):
        laid: Value = dmirror(grid)
        return laid  # type: ignore[no-any-return]
    return grid


def _separators(reference: Grid) -> tuple[list[int], list[int]]:
    rows, columns = separators(check_cells(reference))
    if not (reference[rows[0]][0] if rows else reference[0][columns[0]]):
        raise reject("a grid with coloured separators", reference)
    return rows, columns


@primitive(hidden_from_search=True)
def without_separators(grid: Grid, reference: Grid) -> Grid:
    """Drop the rows and columns that separate the compartments of another grid: see `compartments`.

    Fails if its separators are not coloured, if the grid has another shape or other cells there,
    and if nothing is left.

    >>> without_separators(((1, 5, 2), (3, 5, 0)), ((4, 5, 0), (0, 5, 0)))
    ((1, 2), (3, 0))
    """
    rows, columns = _separators(reference)
    if (len(check_cells(grid)), len(grid[0])) != (len(reference), len(reference[0])):
        raise reject("two grids of one shape", grid)
    is_same = all(grid[i] == reference[i] for i in rows) and all(
        row[j] == other[j] for row, other in zip(grid, reference, strict=True) for j in columns
    )
    if not is_same:
        raise reject("a grid with the separators of the other one", grid)
    return without_lines(grid, rows, columns)


@primitive(hidden_from_search=True)
def with_separators(grid: Grid, reference: Grid) -> Grid:
    """Undo `without_separators` with the same reference.

    Fails if its separators are not coloured, or the grid has not the shape that it has without
    them.

    >>> with_separators(((1, 2), (3, 0)), ((4, 5, 0), (0, 5, 0)))
    ((1, 5, 2), (3, 5, 0))
    """
    rows, columns = _separators(reference)
    sides = len(reference) - len(rows), len(reference[0]) - len(columns)
    if (len(check_cells(grid)), len(grid[0])) != sides:
        raise reject("a grid that fits between the separators", grid)
    lines = iter(grid)
    return tuple(
        [
            other if i in rows else _between(next(lines), other, columns)
            for i, other in enumerate(reference)
        ]
    )


def _between(
    row: Sequence[Color], other: Sequence[Color], columns: Sequence[int]
) -> tuple[Color, ...]:
    """Put what another row has in some columns between the cells of a row."""
    cells = iter(row)
    return tuple([value if j in columns else next(cells) for j, value in enumerate(other)])


@primitive(hidden_from_search=True)
def map_samples(samples: Samples, function: Callable[[Grid, Grid], Grid]) -> Samples:
    """Call a function with each grid of the samples and the input that belongs to it.

    Fails where an output is not known, and if a result is no grid.

    >>> map_samples(((((3, 5, 5),), ((3,),)),), Function("rank_colors", arity=2))
    ((((1, 0, 0),), ((1,),)),)
    """
    call: Function = check_function(function, 2)
    made = [(call(given, given), call(wanted, given)) for given, wanted in check_samples(samples)]
    return check_samples(tuple(made))


@primitive(hidden_from_search=True)
def map_inputs(samples: Samples, function: Callable[[Grid], Grid]) -> Samples:
    """Call a function with the input of each sample; the outputs stay.

    Fails where an output is not known, and if a result is no grid.

    >>> map_inputs(((((0, 5),), ((3,),)),), Function("cut_to_cells", arity=1))
    ((((5,),), ((3,),)),)
    """
    call: Function = check_function(function, 1)
    return check_samples(tuple([(call(given), wanted) for given, wanted in check_samples(samples)]))
