"""Primitives that complete a pattern: lines, paths, copies and marks.

A cell of colour 0 is empty, all others are coloured. Parts and groups are those of
`arcbatt.dsl.support.connected_components`. Every result but those of `unfold` and `overlay_around`
has the shape of its grid.
"""

from __future__ import annotations

from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.rays import check_direction
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import check_cells, check_color, check_grid
from arcbatt.dsl.support.connected_components import (
    ALL_STEPS,
    DIRECT_STEPS,
    Place,
    Region,
    bodies,
    extent,
    filled_places,
    groups,
    map_cells,
    most_common_color,
    normalized,
    only,
    parts,
)
from arcbatt.dsl.support.models import (
    TURNS,
    is_open,
    like,
    lone_cells,
    main_of,
    over,
    steps_to,
    towards,
    walk,
)
from arcbatt.dsl.types import Color, Grid, IntegerTuple
from arcbatt.dsl.values import reject


@primitive()
def perforate(grid: Grid) -> Grid:
    """Empty in each part the cells that are an odd number of rows and columns into its box.

    See `part_pictures`.

    >>> perforate(((3, 3, 3), (3, 3, 3), (3, 3, 3)))
    ((3, 3, 3), (3, 0, 3), (3, 3, 3))
    """
    emptied = []
    for part in parts(check_grid(grid)):
        top, left, _, _ = extent(part)
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

    >>> extend_ends(((0, 3, 3, 0, 0),))
    ((3, 3, 3, 3, 3),)
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
        top, left, bottom, right = extent(group)
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

    >>> stamp_lone(((0, 4, 0), (0, 0, 0)), ((0, 5, 0), (5, 6, 5)))
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
def replace_lone(grid: Grid) -> Grid:
    """Replace each lone cell by the picture of the largest group, centred on it: see `stamp_lone`.

    Of equally large groups the first counts. Fails without coloured cells.

    >>> replace_lone(((5, 6, 0, 0, 4, 0),))
    ((5, 6, 0, 0, 5, 6),)
    """
    found = groups(check_grid(grid))
    if not found:
        raise reject("a grid with coloured cells", grid)
    largest = max(found, key=len)
    top, left, bottom, right = extent(largest)
    picture = [row[left : right + 1] for row in only(grid, largest)[top : bottom + 1]]
    replaced: Grid = stamp_lone(grid, tuple(picture))
    return replaced


@primitive()
def dock_lone(grid: Grid) -> Grid:
    """Move each lone cell along its row or its column to the largest part of its colour.

    It is placed beside the nearest cell of that part, over what is there; of equally near
    ones that above counts, then left, right and below. Cells without one become empty. Lone cells
    have no coloured neighbour by edge or corner. Of several for one place the lowest colour stays.

    >>> dock_lone(((3, 0, 0, 3, 0, 4), (3, 0, 0, 0, 0, 0)))
    ((3, 3, 0, 0, 0, 0), (3, 0, 0, 0, 0, 0))
    """
    goals: dict[int, Region] = {}
    for part in parts(check_grid(grid)):
        color = grid[part[0][0]][part[0][1]]
        if len(part) > len(goals.get(color, ())):
            goals[color] = part
    harbors = {place: color for color, part in goals.items() if len(part) > 1 for place in part}
    lone = lone_cells(grid)
    height, width = len(grid), len(grid[0]) if grid else 0
    current_meter().claim_steps(len(lone) * (height + width))
    docked: dict[Place, int] = {}
    for i, j in lone:
        found = [
            (steps, place)
            for step in DIRECT_STEPS
            for steps, place in [_harbor(harbors, grid, (i, j), step)]
            if steps
        ]
        if found:
            _, place = min(found, key=lambda one: one[0])
            docked[place] = min(grid[i][j], docked.get(place, grid[i][j]))
    return over(filled_places(grid, 0, lone), docked)


def _harbor(harbors: dict[Place, int], grid: Grid, place: Place, step: Place) -> tuple[int, Place]:
    """Return how many steps it is to a harbour of a place's colour, or 0, and where they end."""
    i, j = place
    steps = 0
    while 0 <= i < len(grid) and 0 <= j < len(grid[0]):
        if harbors.get((i, j)) == grid[place[0]][place[1]]:
            return steps, (i - step[0], j - step[1])
        i, j, steps = i + step[0], j + step[1], steps + 1
    return 0, place


@primitive()
def gather(grid: Grid, value: Color) -> Grid:
    """Move each cell of other colours along its row or its column beside one of a colour.

    It goes to the nearest cell of the colour that no coloured cell hides, of equally near ones
    up, left, right or down; cells that see none stay. Of several for one place the lowest colour
    stays.

    >>> gather(((3, 0, 0, 8, 0, 4), (0, 5, 0, 0, 0, 0)), 8)
    ((0, 0, 3, 8, 4, 0), (0, 5, 0, 0, 0, 0))
    """
    check_color(value)
    cells = [(i, j) for i, row in enumerate(check_grid(grid)) for j in range(len(row))]
    current_meter().claim_steps(len(cells) * (len(grid) + len(grid[0]) if grid else 0))
    moved: dict[Place, int] = {}
    movers = []
    for i, j in cells:
        if grid[i][j] in (0, value) or not value:
            continue
        ways = []
        for down, right in DIRECT_STEPS:
            way = [(i, j), *walk(grid, (i, j), (down, right))]
            row, column = way[-1][0] + down, way[-1][1] + right
            if 0 <= row < len(grid) and 0 <= column < len(grid[0]) and grid[row][column] == value:
                ways.append(way)
        if ways:
            place = min(ways, key=len)[-1]
            moved[place] = min(grid[i][j], moved.get(place, grid[i][j]))
            movers.append((i, j))
    return over(filled_places(grid, 0, movers), moved)


@primitive()
def pull(grid: Grid, value: Color) -> Grid:
    """Move the objects of other colours straight to the cells of one, until they touch.

    An object has one colour and is connected by edges or corners. It moves sideways if its rows
    overlap with those of the colour, or else up or down if its columns do; what would not touch
    stays. Later objects lie over earlier ones, row by row; what leaves the grid is cut off.

    >>> pull(((3, 0, 0, 8), (3, 3, 0, 0)), 8)
    ((0, 0, 3, 8), (0, 0, 3, 3))
    """
    check_color(value)
    places = [(i, j) for i, row in enumerate(check_grid(grid)) for j in range(len(row))]
    goal = {(i, j) for i, j in places if value and grid[i][j] == value}
    if not goal:
        return grid
    height, width = len(grid), len(grid[0])
    current_meter().claim_steps(height * width * (height + width))
    box = extent([*goal])
    rest = filled_places(grid, 0, goal)
    drawn = dict.fromkeys(goal, value)
    for region in bodies(rest):
        down, right = towards(extent(region), box)
        ways = [steps_to(goal, place, (down, right), max(height, width)) for place in region]
        far = min([way for way in ways if way], default=1) - 1
        for i, j in region:
            drawn[i + far * down, j + far * right] = grid[i][j]
    inside = {(i, j): c for (i, j), c in drawn.items() if 0 <= i < height and 0 <= j < width}
    return like(grid, inside)


@primitive()
def dissolve(grid: Grid, value: Color) -> Grid:
    """Give cells of one colour the most common other colour of those that share an edge with them.

    Of equally common ones a colour other than 0 counts, the lowest first; without one the cell
    becomes empty.

    >>> dissolve(((3, 8, 3), (3, 3, 8), (0, 0, 0)), 8)
    ((3, 3, 3), (3, 3, 3), (0, 0, 0))
    """
    check_color(value)

    def change(color: Color, beside: list[Color]) -> Color:
        others = [other for other in beside if other != value]
        if color != value or not others:
            return 0 if color == value else color
        return min(others, key=lambda other: (-others.count(other), other == 0, other))

    return map_cells(grid, DIRECT_STEPS, change)


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
def copies_by_marks(grid: Grid) -> Grid:
    """Draw the copies of groups that their marks show, turned or mirrored; empty all else.

    A model is a group with more colours than one and at least two cells of its most common one,
    the lowest of equally common ones; its cells of other colours are its marks. Where cells
    outside all models are like the marks, a copy lies if it hides no other coloured cells. Where
    copies meet, later ones show.

    >>> copies_by_marks(((5, 6, 6, 4, 0, 0, 0), (0, 0, 0, 0, 0, 0, 5), (4, 0, 0, 5, 0, 0, 0)))
    ((0, 0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0, 0), (4, 6, 6, 5, 0, 0, 0))
    """
    models = [(group, main) for group in groups(check_grid(grid)) if (main := main_of(grid, group))]
    cells = sum(len(row) for row in grid)
    current_meter().claim_steps(len(TURNS) * cells * sum(len(model) for model, _ in models))
    used = {place for model, _ in models for place in model}
    free = {
        (i, j): color
        for i, row in enumerate(grid)
        for j, color in enumerate(row)
        if (i, j) not in used
    }
    drawn: dict[Place, int] = {}
    for model, main in models:
        # The marks come first: the first of them is tried on every cell.
        ordered = sorted(model, key=lambda place: grid[place[0]][place[1]] == main)
        seen: set[frozenset[Place]] = set()
        for turn in TURNS:
            turned = [(*turn(place), grid[place[0]][place[1]]) for place in ordered]
            for i, j in [place for place, color in free.items() if color == turned[0][2]]:
                copy = {
                    (i + down - turned[0][0], j + right - turned[0][1]): color
                    for down, right, color in turned
                }
                marks = frozenset([place for place, color in copy.items() if color != main])
                if seen.isdisjoint([marks]) and is_open(copy, marks, free, grid):
                    seen.add(marks)
                    drawn.update(copy)
    inside = {place: color for place, color in drawn.items() if place in free or place in used}
    return like(grid, inside)


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
