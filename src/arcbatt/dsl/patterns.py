"""Primitives that complete a pattern: measures of places, what demos show, copies and paths.

A cell of colour 0 is empty, all others are coloured. Parts and groups are those of
`arcbatt.dsl.cut_regions`. A measure is a grid in which each cell has a number as its colour, at
most 127; `learn_colors` reads from the demos what it means. Every result but that of `unfold` and
`overlay_around` has the shape of its grid.
"""

from __future__ import annotations

from collections.abc import Iterable

from arcbatt.dsl.arguments import check_color, check_grid, check_number, check_patch, locations
from arcbatt.dsl.cut_regions import Place, Region, check_cells, edges, groups, normalized, parts
from arcbatt.dsl.evaluation import check_function
from arcbatt.dsl.geometry import DIRECT_STEPS
from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.patterns_tools import count_holes, lattice, like, lone_cells, over, walk
from arcbatt.dsl.rays import check_direction
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.samples import check_samples
from arcbatt.dsl.surroundings import (
    ALL_STEPS,
    connected_parts,
    filled_places,
    keep_shut_in,
    most_common_color,
)
from arcbatt.dsl.types import (
    Callable,
    Color,
    Grid,
    Indices,
    Integer,
    IntegerTuple,
    Patch,
    Samples,
    Value,
)
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
def keep_every(grid: Grid, k: Integer, direction: IntegerTuple) -> Grid:
    """Empty all but each k-th row or column, counted in a direction from where it comes.

    The first one is kept. Along a diagonal, both rows and columns count. Fails unless k is at
    least 1.

    >>> keep_every(((1, 2, 3, 4),), 2, (0, 1))
    ((1, 0, 3, 0),)
    >>> keep_every(((1, 2, 3, 4),), 2, (0, -1))
    ((0, 2, 0, 4),)
    """
    down, right = check_direction(direction)
    check_grid(grid)
    if check_number(k) < 1:
        raise reject("a number of at least 1", k)

    def is_kept(place: int, count: int, step: int) -> bool:
        return step == 0 or (place if step > 0 else count - 1 - place) % k == 0

    return tuple(
        [
            tuple(
                [
                    color if is_kept(i, len(grid), down) and is_kept(j, len(row), right) else 0
                    for j, color in enumerate(row)
                ]
            )
            for i, row in enumerate(grid)
        ]
    )


@primitive()
def perforate(grid: Grid) -> Grid:
    """Empty in each part the cells that are an odd number of rows and columns into its box.

    See `part_pictures`.

    >>> perforate(((3, 3, 3), (3, 3, 3), (3, 3, 3)))
    ((3, 3, 3), (3, 0, 3), (3, 3, 3))
    """
    emptied = []
    for part in parts(check_grid(grid)):
        top, left, _, _ = edges(part)
        emptied += [(i, j) for i, j in part if (i - top) % 2 and (j - left) % 2]
    return filled_places(grid, 0, emptied)


@primitive()
def carry(grid: Grid, direction: IntegerTuple) -> Grid:
    """Give the coloured cells of each line in a direction the colour of the line's first one.

    >>> carry(((4, 0, 5, 5), (0, 3, 0, 5)), (0, 1))
    ((4, 0, 4, 4), (0, 3, 0, 3))
    """
    down, right = check_direction(direction)
    height, width = len(check_grid(grid)), len(grid[0]) if grid else 0
    firsts: dict[int, int] = {}
    rows = [list(row) for row in grid]
    for i in range(height)[:: -1 if down < 0 else 1]:
        for j in range(width)[:: -1 if right < 0 else 1]:
            if grid[i][j]:
                # What stays the same along a line in this direction names the line.
                rows[i][j] = firsts.setdefault(i * right - j * down, grid[i][j])
    return tuple(map(tuple, rows))


@primitive()
def carry_parts(grid: Grid, direction: IntegerTuple) -> Grid:
    """Give each part the colour of what comes first on its lines in a direction.

    Of several the most common colour counts, the lowest of equally common ones; a part that comes
    first on all its lines stays as it is. See `part_pictures`.

    >>> carry_parts(((0, 4, 0), (0, 0, 0), (5, 5, 5)), (1, 0))
    ((0, 4, 0), (0, 0, 0), (4, 4, 4))
    """
    carried = carry(grid, direction)
    drawn: dict[Place, int] = {}
    for part in parts(grid):
        colors = [carried[i][j] for i, j in part if carried[i][j] != grid[i][j]]
        if colors:
            drawn.update(dict.fromkeys(part, most_common_color(colors)))
    return over(grid, drawn)


@primitive()
def extend_ends(grid: Grid) -> Grid:
    """Draw a ray from each coloured cell with one coloured neighbour, away from that one.

    Neighbours touch by edges or corners. A ray has the colour of its cell and ends before the
    next coloured cell or at the edge; where two meet, the higher colour shows.

    >>> extend_ends(((0, 3, 3, 0, 0), (3, 3, 0, 0, 0)))
    ((0, 3, 3, 3, 3), (3, 3, 0, 0, 0))
    """
    drawn: dict[Place, int] = {}
    for i, row in enumerate(check_grid(grid)):
        for j, color in enumerate(row):
            beside = [
                (down, right)
                for down, right in ALL_STEPS
                if 0 <= i + down < len(grid)
                and 0 <= j + right < len(row)
                and grid[i + down][j + right]
            ]
            if color and len(beside) == 1:
                for place in walk(grid, (i, j), (-beside[0][0], -beside[0][1])):
                    drawn[place] = max(color, drawn.get(place, color))
    return over(grid, drawn)


@primitive()
def cross_lines(grid: Grid, value: Color) -> Grid:
    """Draw the row and the column through the middle of each group, on empty cells.

    They go from edge to edge; a group of even height has no such row, one of even width no such
    column. See `group_pictures`.

    >>> cross_lines(((0, 0, 0), (0, 3, 0), (0, 0, 0)), 4)
    ((0, 4, 0), (4, 3, 4), (0, 4, 0))
    """
    check_color(value)
    rows, columns = set(), set()
    for group in groups(check_grid(grid)):
        top, left, bottom, right = edges(group)
        rows |= {(top + bottom) // 2} if (top + bottom) % 2 == 0 else set()
        columns |= {(left + right) // 2} if (left + right) % 2 == 0 else set()
    return tuple(
        [
            tuple(
                [
                    value if not color and (i in rows or j in columns) else color
                    for j, color in enumerate(row)
                ]
            )
            for i, row in enumerate(grid)
        ]
    )


@primitive()
def elbow(a: Patch, b: Patch) -> Indices:
    """Return the path from the first patch down or up to the row of the second, then along it.

    A patch stands for its upper left corner; both ends are left out. Fails if one is empty.

    >>> elbow(frozenset({(0, 0)}), frozenset({(2, 2)}))
    frozenset({(1, 0), (2, 0), (2, 1)})
    """
    ends = []
    for patch in (a, b):
        places = locations(check_patch(patch))
        if not places:
            raise reject("a patch that is not empty", patch)
        ends.append((min(i for i, _ in places), min(j for _, j in places)))
    (top, left), (row, column) = ends
    current_meter().claim(2 * (abs(top - row) + abs(left - column) + 1))
    down = {(i, left) for i in range(min(top, row), max(top, row) + 1)}
    along = {(row, j) for j in range(min(left, column), max(left, column) + 1)}
    return frozenset((down | along) - set(ends))


@primitive()
def unfold(grid: Grid, direction: IntegerTuple) -> Grid:
    """Join a grid with its mirror image in a direction; both share the line between them.

    Fails without cells.

    >>> unfold(((1, 2),), (0, 1))
    ((1, 2, 1),)
    """
    down, right = check_direction(direction)
    height, width = len(check_cells(grid)), len(grid[0])
    current_meter().claim(height * width * 4)
    rows = [*grid]
    if down:
        rows = [*rows, *rows[-2::-1]] if down > 0 else [*rows[:0:-1], *rows]
    if right > 0:
        rows = [row + row[-2::-1] for row in rows]
    elif right:
        rows = [row[:0:-1] + row for row in rows]
    return tuple(rows)


@primitive()
def stamp_lone(grid: Grid, picture: Grid) -> Grid:
    """Replace each lone cell by a picture's coloured cells, centred on it.

    Lone cells have no coloured neighbour by edge or corner. An even side has its centre before
    the middle. Later pictures lie over earlier ones, row by row; what is outside is cut off.
    Fails without two grids.

    >>> stamp_lone(((0, 0, 0), (0, 4, 0)), ((0, 5, 0), (5, 6, 5)))
    ((0, 5, 0), (5, 6, 5))
    """
    lone, height = lone_cells(grid), len(check_grid(picture))
    width = len(picture[0]) if picture else 0
    current_meter().claim_steps(len(lone) * height * width)
    stamped = {
        (i - (height - 1) // 2 + down, j - (width - 1) // 2 + right): color
        for i, j in lone
        for down, row in enumerate(picture)
        for right, color in enumerate(row)
        if color
    }
    cleared = filled_places(grid, 0, lone)
    inside = {
        (i, j): color
        for (i, j), color in stamped.items()
        if 0 <= i < len(grid) and 0 <= j < len(grid[0])
    }
    return over(cleared, inside)


@primitive()
def overlay_around(grid: Grid, value: Color) -> Grid:
    """Lay the 3 x 3 cells around each cell of one colour over each other.

    Coloured cells of the later ones lie on top, row by row. Fails if there is no such cell.

    >>> overlay_around(((0, 3, 0, 0, 0), (0, 5, 0, 0, 5), (0, 0, 0, 4, 0)), 5)
    ((0, 3, 0), (0, 5, 0), (4, 0, 0))
    """
    check_color(value)
    centers = [
        (i, j)
        for i, row in enumerate(check_grid(grid))
        for j, color in enumerate(row)
        if color == value
    ]
    if not centers:
        raise reject("a colour that the grid has", value)
    laid = [[0] * 3 for _ in range(3)]
    for i, j in centers:
        for down, right in ((0, 0), *ALL_STEPS):
            row, column = i + down, j + right
            if 0 <= row < len(grid) and 0 <= column < len(grid[0]):
                laid[down + 1][right + 1] = grid[row][column] or laid[down + 1][right + 1]
    return tuple(map(tuple, laid))


@primitive()
def mark_nearest(grid: Grid, value: Color) -> Grid:
    """Give the cells of one colour that are nearest to a cell of another its colour.

    Each coloured cell marks one; the distance is that of rows and columns together, of equally
    near cells the first counts, row by row. Of several marks the last one stays. Nothing comes
    of a colour that the grid lacks.

    >>> mark_nearest(((4, 0, 8, 8, 0, 3),), 8)
    ((4, 0, 4, 3, 0, 3),)
    """
    check_color(value)
    cells = [(i, j) for i, row in enumerate(check_grid(grid)) for j in range(len(row))]
    goals = [(i, j) for i, j in cells if value and grid[i][j] == value]
    starts = [(i, j) for i, j in cells if goals and grid[i][j] not in (0, value)]
    current_meter().claim_steps(len(goals) * len(starts))
    marks = {
        min(goals, key=lambda goal: abs(goal[0] - i) + abs(goal[1] - j)): grid[i][j]
        for i, j in starts
    }
    return over(grid, marks)


@primitive()
def copy_looks(grid: Grid) -> Grid:
    """Give each group the colours of the first group of its `silhouette` with the most colours.

    See `group_pictures`.

    >>> copy_looks(((3, 4, 0, 5, 5),))
    ((3, 4, 0, 3, 4),)
    """
    found = groups(check_grid(grid))
    looks: dict[frozenset[Place], list[int]] = {}
    for group in found:
        colors = [grid[i][j] for i, j in group]
        known = looks.setdefault(normalized(group), colors)
        if len(set(colors)) > len(set(known)):
            looks[normalized(group)] = colors
    drawn: dict[Place, int] = {}
    for group in found:
        drawn.update(zip(group, looks[normalized(group)], strict=True))
    return over(grid, drawn)


@primitive()
def learn_colors(samples: Samples, function: Callable[[Grid], Grid], grid: Grid) -> Grid:
    """Recolour cells as the demos do, by their colour and what a function makes of the grid.

    For each pair of a cell's colour and its colour in the function's result, the demos show one
    colour. A pair that they lack gets what most pairs with its first colour get, the lowest of
    equally many; a colour that they lack stays. Fails if the function changes the shape of a
    grid, if an output has another shape, if a pair gets two colours, and without samples.

    >>> learn_colors(((((3, 3, 4),), ((5, 5, 0),)),), Function("part_sizes", arity=1), ((3, 0),))
    ((5, 0),)
    """
    call: Function = check_function(function, 1)
    check_grid(grid)
    shown: dict[Place, int] = {}
    for given, wanted in check_samples(samples):
        pairs = zip(_pairs(given, call(given)), _flat(wanted, given), strict=True)
        for pair, color in pairs:
            if shown.setdefault(pair, color) != color:
                raise reject("samples in which each pair of colours becomes one", samples)
    if not shown:
        raise reject("samples with cells", samples)
    by_color: dict[int, list[int]] = {}
    for (color, _), wanted_color in shown.items():
        by_color.setdefault(color, []).append(wanted_color)
    usual = {color: most_common_color(wanted) for color, wanted in by_color.items()}
    new = [shown.get(pair, usual.get(pair[0], pair[0])) for pair in _pairs(grid, call(grid))]
    width = len(grid[0]) if grid else 0
    return tuple([tuple(new[i * width : i * width + width]) for i in range(len(grid))])


def _flat(grid: Value, like: Grid) -> list[int]:
    """List the cells of a grid that has the shape of another."""
    if not is_grid(grid) or list(map(len, grid)) != list(map(len, like)):
        raise reject("a grid of the same shape", grid)
    return [color for row in grid for color in row]


def _pairs(grid: Grid, measure: Value) -> list[Place]:
    return list(zip(_flat(grid, grid), _flat(measure, grid), strict=True))
