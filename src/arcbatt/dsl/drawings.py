"""Primitives that redraw a grid's groups: complete, mirror, move, line up or mark each of them.

A cell of colour 0 is empty, all others are coloured. Groups are those of
`arcbatt.dsl.support.connected_components`: coloured cells of any colours, connected by edges or
corners. What would lie outside the grid is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from arcbatt.dsl.cuts import cut, lattice
from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.picks import main_color
from arcbatt.dsl.rays import check_direction
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import (
    check_cells,
    check_color,
    check_container,
    check_grid,
    check_location,
    check_number,
    check_patch,
    locations,
)
from arcbatt.dsl.support.connected_components import (
    DIRECT_STEPS,
    EMPTY,
    Place,
    Region,
    connected_parts,
    extent,
    groups,
    keep_shut_in,
    only,
    parts,
)
from arcbatt.dsl.support.copies import copies_of
from arcbatt.dsl.types import (
    A,
    Boolean,
    Color,
    Container,
    FrozenSet,
    Grid,
    Indices,
    Integer,
    IntegerTuple,
    Patch,
    Tuple,
    Value,
)
from arcbatt.dsl.values import members, reject


def _split(grid: Grid, value: Color) -> tuple[Grid, Grid]:
    """Return a grid with the cells of one colour alone, and with its other cells alone."""
    marks = tuple([tuple([cell if cell == value else EMPTY for cell in row]) for row in grid])
    others = tuple([tuple([EMPTY if cell == value else cell for cell in row]) for row in grid])
    return marks, others


def _place(rows: list[list[int]], row: int, column: int, color: Color) -> None:
    """Put a colour on rows unless it would lie outside."""
    if 0 <= row < len(rows) and 0 <= column < len(rows[row]):
        rows[row][column] = color


def _moved(grid: Grid, moves: Sequence[tuple[Region, Place]], below: Grid) -> Grid:
    """Draw regions of a grid again, each so many rows down and columns right, on another grid."""
    rows = [list(row) for row in below]
    for region, (down, right) in moves:
        for i, j in region:
            _place(rows, i + down, j + right, grid[i][j])
    return tuple(map(tuple, rows))


def _emptied(grid: Grid) -> Grid:
    return only(grid, ())


@primitive()
def complete_copies(grid: Grid) -> Grid:
    """Draw the picture with the most colours again wherever all of one of its colours is there.

    Pictures are the groups with the most colours, at least two. They may be turned, mirrored, and
    2 to 4 times as large, and be cut off by the edge. A copy lies on empty or equal cells only, and
    on no picture. The one that finds the most of its cells comes first; no two find the same cell.

    >>> complete_copies(((1, 2, 1, 0, 0, 0, 0), (0, 0, 0, 0, 1, 0, 1)))
    ((1, 2, 1, 0, 0, 0, 0), (0, 0, 0, 0, 1, 2, 1))
    """
    found = [[(i, j, grid[i][j]) for i, j in group] for group in groups(check_grid(grid))]
    counts = [len({color for _, _, color in group}) for group in found]
    most = max(counts, default=0)
    if most < 2:
        return grid
    pictures = [group for group, count in zip(found, counts, strict=True) if count == most]
    loose = [cell for group in found if group not in pictures for cell in group]
    rows = [list(row) for row in grid]
    for i, j, color in copies_of(grid, pictures, loose):
        rows[i][j] = color
    return tuple(map(tuple, rows))


@primitive()
def mirror_around(grid: Grid, patch: Patch) -> Grid:
    """Fill empty cells with their mirror images around the middle of a patch's box.

    The image upside down comes first, then the one that swaps left and right, then the one that
    does both. Fails for an empty patch.

    >>> mirror_around(((1, 0, 0), (0, 2, 0), (0, 0, 0)), frozenset({(1, 1)}))
    ((1, 0, 1), (0, 2, 0), (1, 0, 1))
    """
    check_grid(grid)
    top, left, bottom, right = extent(check_patch(patch))
    height, width = len(grid), len(grid[0]) if grid else 0
    result = []
    for i, row in enumerate(grid):
        up, drawn = top + bottom - i, []
        for j, cell in enumerate(row):
            across = left + right - j
            images = [(i, j), (up, j), (i, across), (up, across)]
            colors = [grid[a][b] for a, b in images if 0 <= a < height and 0 <= b < width]
            drawn.append(next(filter(None, colors), cell))
        result.append(tuple(drawn))
    return tuple(result)


def _nearest_wall(walls: Grid, group: Region) -> tuple[int, int, int] | None:
    """Return distance, number of the step and line of the first wall that a group sees."""
    height, width = len(walls), len(walls[0])
    seen = []
    for turn, (down, right) in enumerate(DIRECT_STEPS):
        for i, j in group:
            a, b, distance = i + down, j + right, 1
            while 0 <= a < height and 0 <= b < width:
                if walls[a][b] != EMPTY:
                    seen.append((distance, turn, a if down else b))
                    break
                a, b, distance = a + down, b + right, distance + 1
    return min(seen, default=None)


@primitive()
def reflect_at(grid: Grid, value: Color) -> Grid:
    """Move every group to its mirror image at the nearest wall: at cells of a colour.

    A wall is the row or column of the nearest cell of that colour straight above, to the left, to
    the right or below, in this order. Groups that see none stay; walls are no part of groups.

    >>> reflect_at(((1,), (5,), (0,)), 5)
    ((0,), (5,), (1,))
    """
    check_color(value)
    walls, others = _split(check_grid(grid), value)
    rows = [list(row) for row in walls]
    for group in groups(others):
        wall = _nearest_wall(walls, group)
        for i, j in group:
            if wall is None:
                _place(rows, i, j, grid[i][j])
            elif DIRECT_STEPS[wall[1]][0]:
                _place(rows, 2 * wall[2] - i, j, grid[i][j])
            else:
                _place(rows, i, 2 * wall[2] - j, grid[i][j])
    return tuple(map(tuple, rows))


@primitive()
def fold_out(grid: Grid, value: Color) -> Grid:
    """Empty the cells of a colour and mirror all others at the side of their box that it marks.

    The cells of the colour lie below, to the right, above or to the left of that box, in this
    order. Fails without cells of the colour or others, and if it lies on no side of the others.

    >>> fold_out(((0, 1, 5, 0), (3, 3, 0, 0)), 5)
    ((0, 1, 1, 0), (3, 3, 3, 3))
    """
    check_color(value)
    marks, others = (
        [(i, j) for i, row in enumerate(part) for j, cell in enumerate(row) if cell != EMPTY]
        for part in _split(check_grid(grid), value)
    )
    if not marks or not others:
        raise reject("a grid with this and another colour", grid)
    top, left, bottom, right = extent(others)
    first, start, last, end = extent(marks)
    sides = (
        (first > bottom, (2 * bottom + 1, 0)),
        (start > right, (0, 2 * right + 1)),
        (last < top, (2 * top - 1, 0)),
        (end < left, (0, 2 * left - 1)),
    )
    side = next((side for lies, side in sides if lies), None)
    if side is None:
        raise reject("a colour on one side of the others", grid)
    rows = [list(row) for row in only(grid, others)]
    for i, j in others:
        _place(rows, side[0] - i if side[0] else i, side[1] - j if side[1] else j, grid[i][j])
    return tuple(map(tuple, rows))


@primitive()
def replace_marks(grid: Grid, value: Color) -> Grid:
    """Draw the picture of all other colours at each group of a colour, in place of both.

    The upper left corners of their boxes meet. Fails without other coloured cells.

    >>> replace_marks(((1, 2, 0, 0, 0), (0, 0, 0, 5, 5)), 5)
    ((0, 0, 0, 0, 0), (0, 0, 0, 1, 2))
    """
    check_color(value)
    marks, others = _split(check_grid(grid), value)
    picture = [(i, j) for i, row in enumerate(others) for j, cell in enumerate(row) if cell]
    if not picture:
        raise reject("a grid with other colours", grid)
    top, left, _, _ = extent(picture)
    found = groups(marks)
    current_meter().claim_steps(len(found) * len(picture))
    moves = []
    for group in found:
        row, column, _, _ = extent(group)
        moves.append((picture, (row - top, column - left)))
    return _moved(grid, moves, _emptied(grid))


@primitive()
def align(grid: Grid, value: Color, direction: IntegerTuple) -> Grid:
    """Move all groups of other colours so that a side of their boxes lines up with a colour's.

    The side is the one in a direction: up or down moves them to other rows, left or right to other
    columns, a diagonal does both. Fails without cells of the colour, and unless the direction is a
    pair of -1, 0 and 1 that is not (0, 0).

    >>> align(((0, 2), (1, 0)), 1, (-1, 0))
    ((0, 0), (1, 2))
    """
    check_color(value)
    down, right = check_direction(direction)
    marks, others = _split(check_grid(grid), value)
    places = [(i, j) for i, row in enumerate(marks) for j, cell in enumerate(row) if cell]
    if not places:
        raise reject("a grid with this colour", grid)
    goal = extent(places)
    moves = []
    for group in groups(others):
        box = extent(group)
        rows = goal[0] - box[0] if down < 0 else goal[2] - box[2]
        columns = goal[1] - box[1] if right < 0 else goal[3] - box[3]
        moves.append((group, (rows if down else 0, columns if right else 0)))
    return _moved(grid, moves, marks)


@primitive()
def hop(grid: Grid, direction: IntegerTuple) -> Grid:
    """Move every group in a direction by its own height or width, or by both.

    Fails unless the direction is a pair of -1, 0 and 1 that is not (0, 0).

    >>> hop(((0, 0), (0, 0), (1, 0), (1, 2)), (-1, 0))
    ((1, 0), (1, 2), (0, 0), (0, 0))
    """
    down, right = check_direction(direction)
    moves = []
    for group in groups(check_grid(grid)):
        top, left, bottom, last = extent(group)
        moves.append((group, (down * (bottom - top + 1), right * (last - left + 1))))
    return _moved(grid, moves, _emptied(grid))


@primitive()
def paint_half(grid: Grid, value: Color, direction: IntegerTuple) -> Grid:
    """Give the half of each part that lies in a direction a colour; a middle line stays.

    Parts are those of `part_pictures`; a diagonal means a quarter. Fails unless the direction is a
    pair of -1, 0 and 1 that is not (0, 0).

    >>> paint_half(((1,), (1,), (1,)), 8, (1, 0))
    ((1,), (1,), (8,))
    """
    check_color(value)
    down, right = check_direction(direction)
    rows = [list(row) for row in check_grid(grid)]
    for part in parts(grid):
        top, left, bottom, last = extent(part)
        for i, j in part:
            vertical = down * (2 * i - top - bottom) > 0 or not down
            horizontal = right * (2 * j - left - last) > 0 or not right
            if vertical and horizontal:
                rows[i][j] = value
    return tuple(map(tuple, rows))


def _side(region: Region, down: int, right: int) -> list[Place]:
    """List the places next to the box around a region on one side, or at one corner."""
    top, left, bottom, last = extent(region)
    rows = (range(top - 1, top), range(top, bottom + 1), range(bottom + 1, bottom + 2))[down + 1]
    columns = (range(left - 1, left), range(left, last + 1), range(last + 1, last + 2))[right + 1]
    return [(i, j) for i in rows for j in columns]


@primitive()
def beside_boxes(grid: Grid, direction: IntegerTuple) -> Indices:
    """Return the locations in the grid that touch the boxes of its groups in a direction.

    These are a line along each box; one cell at the corner for a diagonal. Fails unless the
    direction is a pair of -1, 0 and 1 that is not (0, 0).

    >>> sorted(beside_boxes(((0, 0, 0), (0, 4, 4)), (-1, 0)))
    [(0, 1), (0, 2)]
    """
    step = check_direction(direction)
    return frozenset(
        [
            (i, j)
            for group in groups(check_grid(grid))
            for i, j in _side(group, *step)
            if 0 <= i < len(grid) and 0 <= j < len(grid[0])
        ]
    )


@primitive()
def beam(grid: Grid, value: Color, direction: IntegerTuple) -> Grid:
    """Draw rays from the boxes around a colour's groups in a direction, up to a coloured cell.

    They are as wide as the box; in a diagonal they begin at its corner. Fails unless the direction
    is a pair of -1, 0 and 1 that is not (0, 0).

    >>> beam(((1, 1, 0, 0), (1, 1, 0, 0), (0, 0, 0, 0)), 1, (1, 1))
    ((1, 1, 0, 0), (1, 1, 0, 0), (0, 0, 1, 0))
    """
    check_color(value)
    down, right = check_direction(direction)
    marks, _ = _split(check_grid(grid), value)
    rows = [list(row) for row in grid]
    for group in groups(marks):
        for i, j in _side(group, down, right):
            while 0 <= i < len(grid) and 0 <= j < len(grid[0]) and grid[i][j] == EMPTY:
                rows[i][j] = value
                i, j = i + down, j + right
    return tuple(map(tuple, rows))


@primitive()
def smear_striped(grid: Grid, value: Color, direction: IntegerTuple) -> Grid:
    """Draw rays as `smear` does, in which every other cell has a given colour, the first one too.

    Fails unless the direction is a pair of -1, 0 and 1 that is not (0, 0).

    >>> smear_striped(((8, 0, 0, 0),), 5, (0, 1))
    ((8, 5, 8, 5),)
    """
    check_color(value)
    down, right = check_direction(direction)
    rows = [list(row) for row in check_grid(grid)]
    for i, row in enumerate(grid):
        for j, color in enumerate(row):
            a, b, turn = i + down, j + right, 0
            while color and 0 <= a < len(grid) and 0 <= b < len(row) and grid[a][b] == EMPTY:
                rows[a][b] = color if turn % 2 else value
                a, b, turn = a + down, b + right, turn + 1
    return tuple(map(tuple, rows))


@primitive()
def ricochet(grid: Grid, value: Color) -> Grid:
    """Go on with diagonal lines in a colour, at both ends, turning off at coloured cells.

    A line is a group whose cells, at least two, follow each other in a diagonal. A ray goes over
    empty cells to the edge of the grid; at a coloured cell beside it it turns as light does, and
    where that is not possible it ends.

    >>> ricochet(((0, 0, 0, 0, 2), (1, 0, 0, 0, 2), (0, 1, 0, 0, 2), (0, 0, 0, 0, 2)), 3)
    ((0, 0, 0, 0, 2), (1, 0, 0, 0, 2), (0, 1, 0, 0, 2), (0, 0, 3, 0, 2))
    """
    check_color(value)
    rows = [list(row) for row in check_grid(grid)]
    for group in groups(grid):
        down, right = (group[-1][0] - group[0][0], group[-1][1] - group[0][1])
        if not down or abs(right) != down or len(group) != down + 1:
            continue
        turn = 1 if right > 0 else -1
        if all(place == (group[0][0] + n, group[0][1] + n * turn) for n, place in enumerate(group)):
            _bounce(grid, rows, group[-1], (1, turn), value)
            _bounce(grid, rows, group[0], (-1, -turn), value)
    return tuple(map(tuple, rows))


def _bounce(grid: Grid, rows: list[list[int]], start: Place, step: Place, value: Color) -> None:
    """Draw the ray from a place."""

    def blocked(row: int, column: int) -> bool:
        return 0 <= row < len(grid) and 0 <= column < len(grid[0]) and grid[row][column] != EMPTY

    (i, j), (down, right) = start, step
    # More steps than that go in circles.
    for _ in range(4 * len(grid) * len(grid[0])):
        if blocked(i + down, j + right):
            turned = (
                -down if blocked(i + down, j) else down,
                -right if blocked(i, j + right) else right,
            )
            if turned == (down, right) or blocked(i + turned[0], j + turned[1]):
                return
            down, right = turned
        i, j = i + down, j + right
        if not (0 <= i < len(grid) and 0 <= j < len(grid[0])):
            return
        rows[i][j] = value


@primitive()
def gaps(grid: Grid) -> FrozenSet[Indices]:
    """Return the connected parts of all empty cells, as sets of locations: see also `holes`.

    >>> len(gaps(((0, 1, 0), (0, 1, 0))))
    2
    """
    places = {(i, j) for i, row in enumerate(check_grid(grid)) for j, c in enumerate(row) if not c}
    return frozenset(map(frozenset, connected_parts(places, DIRECT_STEPS)))


@primitive()
def rectangular(patch: Patch) -> Boolean:
    """Tell whether a patch is a rectangle without holes. Fails if it is empty.

    >>> rectangular(frozenset({(0, 0), (0, 1)}))
    True
    """
    top, left, bottom, right = extent(check_patch(patch))
    return len(set(locations(patch))) == (bottom - top + 1) * (right - left + 1)


def _by_size(container: Value, wanted: Callable[..., int]) -> Value:
    if type(container) is not frozenset:
        raise reject("a set", container)
    best = wanted([len(check_container(member)) for member in members(container)], default=0)
    return frozenset([member for member in container if len(member) == best])


@primitive()
def largest_members(container: FrozenSet[Container[A]]) -> FrozenSet[Container[A]]:
    """Keep the members of a set that have the most members themselves.

    Fails without a set of containers.

    >>> largest_members(frozenset({(1, 2), (3,)}))
    frozenset({(1, 2)})
    """
    return _by_size(container, max)  # type: ignore[no-any-return]


@primitive()
def smallest_members(container: FrozenSet[Container[A]]) -> FrozenSet[Container[A]]:
    """Keep the members of a set that have the fewest members themselves.

    Fails without a set of containers.

    >>> smallest_members(frozenset({(1, 2), (3,)}))
    frozenset({(3,)})
    """
    return _by_size(container, min)  # type: ignore[no-any-return]


@primitive()
def keep_columns(grid: Grid, step: Integer) -> Grid:
    """Empty all columns but the first and every so many after it. Fails for a step below 1.

    >>> keep_columns(((1, 2, 3, 4),), 2)
    ((1, 0, 3, 0),)
    """
    if check_number(step) < 1:
        raise reject("a number of at least 1", step)
    return tuple(
        [
            tuple([EMPTY if j % step else color for j, color in enumerate(row)])
            for row in check_grid(grid)
        ]
    )


def _encloses(group: Region) -> bool:
    """Tell whether a group has a hole: an empty place that is shut off from its box's outside."""
    top, left, bottom, right = extent(group)
    board = [[0] * (right - left + 3) for _ in range(bottom - top + 3)]
    for i, j in group:
        board[i - top + 1][j - left + 1] = 1
    return bool(keep_shut_in(tuple(map(tuple, board)), lambda color: not color, DIRECT_STEPS))


@primitive()
def keep_holed(grid: Grid) -> Grid:
    """Keep the groups that enclose a place from which no straight steps lead out of their box.

    >>> keep_holed(((0, 3, 0, 0), (3, 0, 3, 0), (0, 3, 0, 0), (0, 0, 0, 4)))
    ((0, 3, 0, 0), (3, 0, 3, 0), (0, 3, 0, 0), (0, 0, 0, 0))
    """
    kept = filter(_encloses, groups(check_grid(grid)))
    return only(grid, [place for group in kept for place in group])


@primitive()
def tint_by(grid: Grid, colors: Grid) -> Grid:
    """Give each coloured cell the colour at the same part of another grid, scaled to its shape.

    Fails if the other grid has no cells.

    >>> tint_by(((9, 0, 9, 9), (9, 9, 9, 0)), ((1, 2),))
    ((1, 0, 2, 2), (1, 1, 2, 0))
    """
    check_cells(colors)
    rows, columns = len(colors), len(colors[0])
    return tuple(
        [
            tuple(
                [
                    cell and colors[i * rows // len(grid)][j * columns // len(row)]
                    for j, cell in enumerate(row)
                ]
            )
            for i, row in enumerate(check_grid(grid))
        ]
    )


@primitive()
def overlay_centered(grids: Tuple[Grid]) -> Grid:
    """Lay grids over each other, their middles in one place, the last on top.

    The result is as high as the highest and as wide as the widest. Where a middle lies between two
    places, it is put at the upper or left one. Fails without a grid.

    >>> overlay_centered((((1, 1, 1),), ((2,),)))
    ((1, 2, 1),)
    """
    if type(grids) is not tuple or not grids:
        raise reject("a tuple of grids", grids)
    height = max([len(check_grid(grid)) for grid in grids])
    width = max([len(grid[0]) if grid else 0 for grid in grids])
    current_meter().claim(height * width)
    rows = [[EMPTY] * width for _ in range(height)]
    for grid in grids:
        top = (height - len(grid)) // 2
        for i, row in enumerate(grid, top):
            for j, color in enumerate(row, (width - len(row)) // 2):
                rows[i][j] = color or rows[i][j]
    return tuple(map(tuple, rows))


@primitive()
def compartment_at(grid: Grid, direction: IntegerTuple) -> Indices:
    """Return the cells of a compartment: of the one in the middle, or at a side or corner.

    Of a pair for a direction only the signs count; (0, 0) is the middle, the later one of two.
    Fails without compartments: see `compartments`.

    >>> sorted(compartment_at(((1, 5, 2, 2), (0, 5, 0, 0)), (0, 1)))
    [(0, 2), (0, 3), (1, 2), (1, 3)]
    """
    towards = check_location(direction)
    spans = lattice(grid)
    (top, bottom), (left, right) = (
        lines[0 if way < 0 else len(lines) - 1 if way > 0 else len(lines) // 2]
        for way, lines in zip(towards, spans, strict=True)
    )
    return frozenset([(i, j) for i in range(top, bottom + 1) for j in range(left, right + 1)])


@primitive()
def fill_fullest(grid: Grid) -> Grid:
    """Fill the compartments that have the most coloured cells, and empty the others.

    Each gets its most common colour, the lowest of several. Fails without compartments: see
    `compartments`.

    >>> fill_fullest(((1, 5, 2, 2), (1, 5, 2, 0), (0, 5, 0, 0)))
    ((0, 5, 2, 2), (0, 5, 2, 2), (0, 5, 2, 2))
    """
    down, across = lattice(grid)
    boxes = [(*lines, *columns) for lines in down for columns in across]
    cuts = [cut(grid, top, left, bottom, right) for top, bottom, left, right in boxes]
    counts = [sum(map(bool, chain(*one))) for one in cuts]
    most = max(counts)
    rows = [list(row) for row in grid]
    for one, count, (top, bottom, left, right) in zip(cuts, counts, boxes, strict=True):
        color = main_color(one) if count == most and most else EMPTY
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [color] * (right - left + 1)
    return tuple(map(tuple, rows))
