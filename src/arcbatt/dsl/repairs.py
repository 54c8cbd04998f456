"""Primitives that complete what a picture lacks, from its own symmetry or repetition.

A cell of colour 0 is empty, all others are coloured. Where a colour is said to hide cells, the
picture below them is not known; it may be 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.numbers import sign
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import check_cells, check_color, check_grid, check_location
from arcbatt.dsl.support.connected_components import most_common_color
from arcbatt.dsl.types import Callable, Color, Grid, IntegerTuple, Value
from arcbatt.dsl.values import reject

Place: TypeAlias = tuple[int, int]
Symmetry: TypeAlias = tuple[tuple[int, int, int], tuple[int, int, int]]
"""Where a row and a column go: each is a sum of a part of the row, one of the column, and a
distance."""
Box: TypeAlias = tuple[int, int, int, int]
"""The first and the last row, the first and the last column."""
Lattice: TypeAlias = tuple[int, int, int]
"""Rows and columns of the part that repeats, and how far each row is shifted by the one above."""

_PASSES = 8
"""How often cells are filled from their mirror images, those filled before included."""


def _claim_steps(grid: Grid, ways: int) -> None:
    """Ask for time to look at all cells so many times."""
    current_meter().claim_steps(len(grid) * len(grid[0]) * ways)


def _nearest_first(middle: int, distance: int) -> list[int]:
    """Return a number and its neighbours up to a distance, the nearest and least first."""
    return sorted(range(middle - distance, middle + distance + 1), key=lambda n: abs(n - middle))


def _at_column(total: int) -> Symmetry:
    return (1, 0, 0), (0, -1, total)


def _at_row(total: int) -> Symmetry:
    return (-1, 0, total), (0, 1, 0)


def _at_diagonal(distance: int) -> Symmetry:
    return (0, 1, distance), (1, 0, -distance)


def _at_other_diagonal(total: int) -> Symmetry:
    return (0, -1, total), (-1, 0, total)


def _mirrors(height: int, width: int) -> list[list[Symmetry]]:
    """List mirrors by the kind of their axis, those in the middle first.

    At least about half of the picture has its mirror image inside.
    """
    shorter = min(height, width)
    return [
        [_at_column(total) for total in _nearest_first(width - 1, width // 2)],
        [_at_row(total) for total in _nearest_first(height - 1, height // 2)],
        [_at_diagonal(distance) for distance in _nearest_first(0, shorter // 2)],
        [_at_other_diagonal(total) for total in _nearest_first(shorter - 1, shorter // 2)],
    ]


def _image(symmetry: Symmetry, i: int, j: int) -> Place:
    (row_i, row_j, down), (column_i, column_j, right) = symmetry
    return row_i * i + row_j * j + down, column_i * i + column_j * j + right


def _pairs(grid: Grid, symmetry: Symmetry) -> Iterator[tuple[int, int]]:
    """Walk the cells whose image is in the grid; give each with its image."""
    height, width = len(grid), len(grid[0])
    for i, row in enumerate(grid):
        for j, value in enumerate(row):
            up, left = _image(symmetry, i, j)
            if 0 <= up < height and 0 <= left < width:
                yield value, grid[up][left]


def _holds(grid: Grid, symmetry: Symmetry, hidden: int) -> bool:
    return all(a == b or hidden in (a, b) for a, b in _pairs(grid, symmetry))


@primitive()
def mend_symmetry(grid: Grid, value: Color) -> Grid:
    """Fill the cells that a colour hides from their mirror images.

    Mirrors at columns, rows and diagonals count where all visible cells agree, of each kind the
    one nearest to the middle; about half of the picture must have its image inside. What has no
    visible image stays hidden. Fails if the grid has no cells or no such mirror.

    >>> mend_symmetry(((1, 2, 9), (3, 4, 3)), 9)
    ((1, 2, 1), (3, 4, 3))
    """
    height, width = len(check_cells(grid)), len(grid[0])
    hidden = check_color(value)
    _claim_steps(grid, 4 * (height + width))
    found = [
        next((mirror for mirror in kind if _holds(grid, mirror, hidden)), None)
        for kind in _mirrors(height, width)
    ]
    mirrors = [mirror for mirror in found if mirror is not None]
    if not mirrors:
        raise reject("a grid with a symmetry", grid)
    rows = [list(row) for row in grid]
    for _ in range(_PASSES):
        _fill_images(rows, mirrors, hidden)
    return tuple(map(tuple, rows))


def _fill_images(rows: list[list[int]], symmetries: list[Symmetry], hidden: int) -> None:
    """Give hidden cells the colour of their first visible image, in place."""
    height, width = len(rows), len(rows[0])
    for i, row in enumerate(rows):
        for j in range(width):
            for symmetry in symmetries:
                up, left = _image(symmetry, i, j)
                if row[j] == hidden and 0 <= up < height and 0 <= left < width:
                    row[j] = rows[up][left]


def _agreement(grid: Grid, group: list[Symmetry]) -> tuple[int, bool]:
    """Count the coloured cells that have an equal image, and tell whether one has an empty one.

    Of several symmetries the least count is taken. It is 0 if two colours meet.
    """
    counts, lacks = [], False
    for symmetry in group:
        images = [(value, image) for value, image in _pairs(grid, symmetry) if value]
        if any(image not in (0, value) for value, image in images):
            return 0, False
        counts.append(sum(image != 0 for _, image in images))
        lacks |= any(image == 0 for _, image in images)
    return min(counts), lacks


def _filled(grid: Grid, group: list[Symmetry]) -> Grid:
    """Fill empty cells from their first coloured image."""
    rows = [list(row) for row in grid]
    _fill_images(rows, group, 0)
    return tuple(map(tuple, rows))


@primitive()
def complete_mirror(grid: Grid) -> Grid:
    """Fill empty cells so that a picture becomes its own mirror image at a row or a column.

    Of the columns, and of the rows, at which no two colours meet, the one with the most coloured
    cells that agree counts, of equally good ones that nearest to the middle; of the two, the
    better one at which something is missing. Without one the grid stays as it is. Fails without
    cells.

    >>> complete_mirror(((1, 2, 0), (3, 4, 3)))
    ((1, 2, 1), (3, 4, 3))
    """
    height, width = len(check_cells(grid)), len(grid[0])
    _claim_steps(grid, 2 * (height + width))
    columns = [_at_column(total) for total in _nearest_first(width - 1, width - 1)]
    rows = [_at_row(total) for total in _nearest_first(height - 1, height - 1)]
    best: list[Symmetry] = []
    most_equal = 0
    for kind in (columns, rows):
        found = [(mirror, *_agreement(grid, [mirror])) for mirror in kind]
        mirror, equal, lacks = max(found, key=lambda one: one[1])
        if lacks and equal > most_equal:
            best, most_equal = [mirror], equal
    return _filled(grid, best)


@primitive()
def complete_rotation(grid: Grid) -> Grid:
    """Fill empty cells so that a picture stays the same when it is turned by a quarter.

    Of the centres around which no two colours meet, the one with the most coloured cells that
    agree counts, of equally good ones that nearest to the middle of the coloured cells. Without
    one the grid stays as it is. Fails without cells.

    >>> complete_rotation(((0, 1, 0), (1, 1, 0), (0, 1, 0)))
    ((0, 1, 0), (1, 1, 1), (0, 1, 0))
    """
    box = _box(check_cells(grid))
    _claim_steps(grid, 4 * len(grid) * len(grid[0]))
    if box is None:
        return grid
    best: list[Symmetry] = []
    most_equal = 0
    for a, b in _centers(box):
        group = _turns(a, b)
        if _overlap(box, a, b) > most_equal:
            equal, _ = _agreement(grid, group)
            if equal > most_equal:
                best, most_equal = group, equal
    return _filled(grid, best)


def _centers(box: Box) -> list[Place]:
    """List twice the row and column of the centres in a box, those nearest to its middle first.

    Both are even or both odd.
    """
    top, bottom, left, last = box
    centers = [
        (a, b)
        for a in range(2 * top, 2 * bottom + 1)
        for b in range(2 * left, 2 * last + 1)
        if (a + b) % 2 == 0
    ]
    return sorted(
        centers,
        key=lambda center: (center[0] - top - bottom) ** 2 + (center[1] - left - last) ** 2,
    )


def _overlap(box: Box, a: int, b: int) -> int:
    """Count the cells of a box that stay in it when it is turned by a half around a centre."""
    top, bottom, left, last = box
    rows = bottom - top + 1 - abs(a - top - bottom)
    columns = last - left + 1 - abs(b - left - last)
    return rows * columns


def _turns(a: int, b: int) -> list[Symmetry]:
    """List the turns around a centre, given twice its row and column, both even or both odd."""
    return [
        ((0, 1, (a - b) // 2), (-1, 0, (a + b) // 2)),
        ((-1, 0, a), (0, -1, b)),
        ((0, -1, (a + b) // 2), (1, 0, (b - a) // 2)),
    ]


def _lengths(whole: int) -> list[int]:
    """Return how long a part may be that repeats in a whole, or is all of it."""
    return [*range(1, whole // 2 + 1), whole]


def _lattices(height: int, width: int) -> list[Lattice]:
    """List the ways in which a picture may repeat, those with the smallest part first."""
    shifted = [(1, columns, s) for columns in range(1, width // 2 + 1) for s in range(columns)]
    straight = [(rows, columns, 0) for rows in _lengths(height) for columns in _lengths(width)]
    return sorted({*shifted, *straight}, key=lambda found: (found[0] * found[1], found))


def _place(lattice: Lattice, i: int, j: int) -> int:
    """Return the place in the part that repeats of a row and a column."""
    rows, columns, shift = lattice
    return i % rows * columns + (j - shift * i) % columns


def _part(grid: Grid, lattice: Lattice, hidden: int) -> list[int] | None:
    """Return the part that repeats; None if cells disagree or some of it is hidden."""
    part: dict[int, int] = {}
    for i, row in enumerate(grid):
        for j, value in enumerate(row):
            if value != hidden and part.setdefault(_place(lattice, i, j), value) != value:
                return None
    size = lattice[0] * lattice[1]
    return [part[place] for place in range(size)] if len(part) == size else None


def _repeated(part: list[int], lattice: Lattice, height: int, width: int) -> Grid:
    return tuple(
        [tuple([part[_place(lattice, i, j)] for j in range(width)]) for i in range(height)]
    )


@primitive()
def mend_period(grid: Grid, value: Color) -> Grid:
    """Fill the cells that a colour hides by the pattern that the visible ones repeat.

    The pattern is the smallest part that, repeated along rows and columns or shifted by the same
    distance in each row, gives all visible cells and leaves none hidden; it has to repeat along
    rows or columns. Fails if the grid has no cells or no such pattern.

    >>> mend_period(((1, 2, 1, 9), (9, 1, 2, 1)), 9)
    ((1, 2, 1, 2), (2, 1, 2, 1))
    """
    height, width = len(check_cells(grid)), len(grid[0])
    hidden = check_color(value)
    _claim_steps(grid, (height + width) * width // 4)
    for lattice in _lattices(height, width):
        part = _part(grid, lattice, hidden)
        if part is not None:
            return _repeated(part, lattice, height, width)
    raise reject("a grid with a pattern", grid)


@primitive()
def mend_rows(grid: Grid, value: Color) -> Grid:
    """Fill the cells that a colour hides by the pattern that the visible ones of their row repeat.

    The pattern is the smallest part that gives all visible cells of the row and leaves none
    hidden; it has to repeat. A row without one stays as it is. Fails if the grid has no cells.

    >>> mend_rows(((1, 2, 1, 9), (9, 9, 3, 3)), 9)
    ((1, 2, 1, 2), (3, 3, 3, 3))
    """
    hidden = check_color(value)
    width = len(check_cells(grid)[0])
    _claim_steps(grid, width)
    return tuple([_mended_row(row, hidden) for row in grid])


def _mended_row(row: tuple[int, ...], hidden: int) -> tuple[int, ...]:
    for columns in range(1, len(row) // 2 + 1):
        part = _part((row,), (1, columns, 0), hidden)
        if part is not None:
            return tuple([part[j % columns] for j in range(len(row))])
    return row


@primitive()
def mend_noise(grid: Grid) -> Grid:
    """Make a picture repeat exactly: each cell gets the most common colour of its repetitions.

    The pattern is that with the least sum of its cells and twice the cells that change, of
    equally good ones the smallest. Fails if the grid has no cells.

    >>> mend_noise(((1, 2, 1, 2), (1, 2, 3, 2)))
    ((1, 2, 1, 2), (1, 2, 1, 2))
    """
    height, width = len(check_cells(grid)), len(grid[0])
    _claim_steps(grid, height * width // 4 + height + width)
    best_cost, best = 2 * height * width, grid
    for lattice in _lattices(height, width):
        rows, columns, shift = lattice
        if rows * columns >= best_cost:
            break
        if shift:
            continue
        classes: list[list[int]] = [[] for _ in range(rows * columns)]
        for i, row in enumerate(grid):
            for j, value in enumerate(row):
                classes[_place(lattice, i, j)].append(value)
        part = [most_common_color(values) for values in classes]
        kept = sum(values.count(part[place]) for place, values in enumerate(classes))
        cost = rows * columns + 2 * (height * width - kept)
        if cost < best_cost:
            best_cost, best = cost, _repeated(part, lattice, height, width)
    return best


def _box(grid: Grid) -> Box | None:
    """Return the first and last row and column with coloured cells."""
    places = [(i, j) for i, row in enumerate(grid) for j, value in enumerate(row) if value]
    if not places:
        return None
    rows, columns = [i for i, _ in places], [j for _, j in places]
    return min(rows), max(rows), min(columns), max(columns)


@primitive()
def continue_box(grid: Grid, direction: IntegerTuple) -> Grid:
    """Repeat the whole box around the coloured cells in a direction; coloured cells stay.

    Copies touch and go on up to the edge. Of a direction only the signs count. A grid without
    coloured cells stays as it is. Fails without a grid and for the direction (0, 0).

    >>> continue_box(((1, 2, 1, 0, 0),), (0, 1))
    ((1, 2, 1, 1, 2),)
    """
    return _repeat_toward(grid, direction, lambda _, box, down, right: _length(box, down, right))


def _repeat_toward(
    grid: Grid, direction: IntegerTuple, distance: Callable[[Grid, Box, int, int], int]
) -> Grid:
    down, right = _direction(direction)
    box = _box(check_grid(grid))
    if box is None:
        return grid
    _claim_steps(grid, len(grid) + len(grid[0]))
    step = distance(grid, box, down, right)
    rows = [list(row) for row in grid]
    for i, row in enumerate(rows):
        for j in range(len(row)):
            up, left = i, j
            while not row[j] and 0 <= up < len(grid) and 0 <= left < len(row):
                row[j] = grid[up][left]
                up, left = up - step * down, left - step * right
    return tuple(map(tuple, rows))


def _direction(value: Value) -> Place:
    down, right = check_location(value)
    if not down and not right:
        raise reject("a direction", value)
    return sign((down, right))  # type: ignore[return-value]


def _length(box: Box, down: int, right: int) -> int:
    """Return how far a box has to go in a direction so that it doesn't overlap itself."""
    top, bottom, left, last = box
    return min([bottom - top + 1] * abs(down) + [last - left + 1] * abs(right))


def _period(grid: Grid, box: Box, down: int, right: int) -> int:
    """Return the least distance at which a box repeats itself in a direction."""
    top, bottom, left, last = box
    length = _length(box, down, right)
    for step in range(1, length):
        if all(
            grid[i][j] == grid[i - step * down][j - step * right]
            for i in range(top, bottom + 1)
            for j in range(left, last + 1)
            if top <= i - step * down <= bottom and left <= j - step * right <= last
        ):
            return step
    return length


@primitive()
def continue_rows(grid: Grid) -> Grid:
    """Repeat what is coloured in each row to the right, up to the edge; coloured cells stay.

    The distance is the least at which the row repeats itself between its first and last coloured
    cell, at most its whole length. Fails without a grid.

    >>> continue_rows(((1, 2, 1, 0, 0), (3, 0, 0, 0, 0)))
    ((1, 2, 1, 2, 1), (3, 3, 3, 3, 3))
    """
    if check_grid(grid) and grid[0]:
        _claim_steps(grid, len(grid[0]))
    return tuple([_repeat_toward((row,), (0, 1), _period)[0] for row in grid])


@primitive()
def symmetrize(grid: Grid) -> Grid:
    """Lay a grid's mirror images and turns below its coloured cells.

    A cell gets the colour of its first coloured image, as `mir_rot` numbers them; only a grid as
    high as wide is turned by quarters or mirrored at diagonals. Fails without a grid.

    >>> symmetrize(((1, 0), (0, 0)))
    ((1, 1), (1, 1))
    """
    height, width = len(check_grid(grid)), len(grid[0]) if grid else 0
    result = []
    for i in range(height):
        row = []
        for j in range(width):
            up, left = height - 1 - i, width - 1 - j
            images = [grid[i][j]]
            if height == width:
                images += [grid[left][i], grid[up][left], grid[j][up]]
                images += [grid[up][j], grid[i][left], grid[j][i], grid[left][up]]
            else:
                images += [grid[up][left], grid[up][j], grid[i][left]]
            row.append(next((value for value in images if value), 0))
        result.append(tuple(row))
    return tuple(result)
