"""What a cell of a grid is like: numbers and colours from which a rule about cells is learnt.

A cell of colour 0 is empty, all others are coloured. Each list has one entry per cell, row by row.
Parts, bodies and groups are those of `arcbatt.dsl.cut_regions`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from arcbatt.dsl.cut_regions import Place, Region, bodies, edges, groups, normalized, parts
from arcbatt.dsl.geometry import DIAGONAL_STEPS, DIRECT_STEPS
from arcbatt.dsl.patterns_tools import count_holes, lattice
from arcbatt.dsl.picks import free_shape
from arcbatt.dsl.surroundings import ALL_STEPS, connected_parts, most_common_color
from arcbatt.dsl.types import Grid, Value

OUTSIDE = -1
"""What lies beyond the edge, or on the other side of a mirror that the grid does not have."""
SHAPE_CELLS = 40
"""Parts of more cells are known by their number of cells alone."""

Feature = list[Value]
Measure = Callable[[Region], Value]


def features(grid: Grid) -> tuple[list[Feature], list[Feature]]:
    """List the features of a grid with cells: colours, its own first, and numbers."""
    sights = {step: _sight(grid, step) for step in ALL_STEPS}
    lots = lattice(grid)
    found = groups(grid)
    colors = [
        *_own_colors(grid, sights),
        _of_regions(grid, found, lambda group: most_common_color(_colors(grid, group))),
        _of_regions(grid, found, lambda group: _rarest(_colors(grid, group))),
        _of_regions(grid, lots, lambda lot: _main(_colors(grid, lot))),
    ]
    numbers = [
        *_part_features(grid),
        *_group_features(grid, found),
        *_empty_features(grid),
        *_neighbor_features(grid),
        *_place_features(len(grid), len(grid[0])),
        *_sight_features(list(sights.values())),
        *_line_features(grid),
        *_rank_features(grid),
        *_counted(grid, lots),
    ]
    return colors, numbers


def _own_colors(grid: Grid, sights: dict[Place, Feature]) -> list[Feature]:
    """List the colours of a cell, of what it sees, of its images, its neighbours and its lines."""
    height, width = len(grid), len(grid[0])
    places = [(i, j) for i in range(height) for j in range(width)]
    ranked = _ranked_colors(grid)
    rows, columns = (
        [_main(row) for row in grid],
        [_main(column) for column in zip(*grid, strict=True)],
    )

    def agreed(step: Place) -> Feature:
        ahead, behind = sights[step], sights[-step[0], -step[1]]
        return [one if one == other else 0 for one, other in zip(ahead, behind, strict=True)]

    return [
        [grid[i][j] for i, j in places],
        *[agreed(step) for step in ((0, 1), (1, 0), (1, 1), (1, -1))],
        [grid[i][width - 1 - j] for i, j in places],
        [grid[height - 1 - i][j] for i, j in places],
        [grid[height - 1 - i][width - 1 - j] for i, j in places],
        [grid[j][i] if height == width else OUTSIDE for i, j in places],
        *[sights[step] for step in DIRECT_STEPS],
        *[[_at(grid, i + down, j + right) for i, j in places] for down, right in DIRECT_STEPS],
        [rows[i] for i, _ in places],
        [columns[j] for _, j in places],
        [ranked[0] if ranked else 0] * len(places),
        [ranked[-1] if ranked else 0] * len(places),
    ]


def _at(grid: Grid, row: int, column: int) -> int:
    inside = 0 <= row < len(grid) and 0 <= column < len(grid[0])
    return grid[row][column] if inside else OUTSIDE


def _colors(grid: Grid, places: Sequence[Place]) -> list[int]:
    return [grid[i][j] for i, j in places]


def _main(colors: Sequence[int]) -> int:
    """Return the most common coloured colour, the lowest of several; 0 without one."""
    colored = [color for color in colors if color]
    return most_common_color(colored) if colored else 0


def _rarest(colors: list[int]) -> int:
    return min(colors, key=lambda color: (colors.count(color), color))


def _ranked_colors(grid: Grid) -> list[int]:
    """List the colours other than 0 by falling count, the lower one of equally frequent first."""
    counts = Counter(color for row in grid for color in row if color)
    return sorted(counts, key=lambda color: (-counts[color], color))


def _of_regions(grid: Grid, found: Sequence[Region], measure: Measure) -> Feature:
    """Give the cells of each region what it measures, all others 0."""
    width = len(grid[0])
    feature: Feature = [0] * (len(grid) * width)
    for region in found:
        value = measure(region)
        for i, j in region:
            feature[i * width + j] = value
    return feature


def _ranks(sizes: Sequence[int]) -> dict[int, int]:
    """Give some sizes numbers from 1 for the greatest."""
    return {size: rank for rank, size in enumerate(sorted(set(sizes), reverse=True), 1)}


def _at_edge(grid: Grid, region: Region) -> int:
    top, left, bottom, right = edges(region)
    return int(top == 0 or left == 0 or bottom == len(grid) - 1 or right == len(grid[0]) - 1)


def _parity(grid: Grid, found: Sequence[Region]) -> Feature:
    """Tell whether rows and columns into its region's box are odd."""
    feature = _of_regions(grid, found, lambda _: 0)
    for region in found:
        top, left, _, _ = edges(region)
        for i, j in region:
            feature[i * len(grid[0]) + j] = 1 + (i - top) % 2 + 2 * ((j - left) % 2)
    return feature


def _depth(grid: Grid, found: Sequence[Region]) -> Feature:
    """Tell on which frame of its region's box a cell is, from 1 for the outermost."""
    feature = _of_regions(grid, found, lambda _: 0)
    for region in found:
        top, left, bottom, right = edges(region)
        for i, j in region:
            inside = min(i - top, bottom - i, j - left, right - j)
            feature[i * len(grid[0]) + j] = 1 + inside
    return feature


def _part_features(grid: Grid) -> list[Feature]:
    found, whole = parts(grid), bodies(grid)
    ranks, of_bodies = _ranks([len(part) for part in found]), _ranks([len(body) for body in whole])
    same = Counter(normalized(part) for part in found)

    def mirrored(part: Region) -> int:
        shape = normalized(part)
        flat = normalized([(i, -j) for i, j in part]) == shape
        return 1 + flat + 2 * (normalized([(-i, j) for i, j in part]) == shape)

    def extent(part: Region) -> tuple[int, int]:
        top, left, bottom, right = edges(part)
        return bottom - top + 1, right - left + 1

    def format(part: Region) -> int:
        height, width = extent(part)
        return 1 + (height > width) + 2 * (height < width)

    def is_full(part: Region) -> int:
        height, width = extent(part)
        return 1 + (height * width == len(part))

    def shape(part: Region) -> Value:
        return free_shape(frozenset(part)) if len(part) <= SHAPE_CELLS else len(part)

    measures: list[Measure] = [
        lambda part: ranks[len(part)],
        lambda part: 1 + len(ranks) - ranks[len(part)],
        len,
        lambda part: 1 + count_holes(part),
        shape,
        lambda part: same[normalized(part)],
        lambda part: 1 + _at_edge(grid, part),
        format,
        is_full,
        mirrored,
    ]
    return [
        *[_of_regions(grid, found, measure) for measure in measures],
        _parity(grid, found),
        _depth(grid, found),
        _of_regions(grid, whole, len),
        _of_regions(grid, whole, lambda body: of_bodies[len(body)]),
    ]


def _group_features(grid: Grid, found: Sequence[Region]) -> list[Feature]:
    ranks = _ranks([len(group) for group in found])
    return [
        _of_regions(grid, found, lambda group: ranks[len(group)]),
        _of_regions(grid, found, lambda group: len(set(_colors(grid, group)))),
        _of_regions(grid, found, lambda group: 1 + _at_edge(grid, group)),
        _parity(grid, found),
        _depth(grid, found),
    ]


def _empty_features(grid: Grid) -> list[Feature]:
    places = {(i, j) for i, row in enumerate(grid) for j, color in enumerate(row) if not color}
    found = connected_parts(places, DIRECT_STEPS)
    ranks = _ranks([len(region) for region in found])

    def kind(region: Region) -> int:
        top, left, bottom, right = edges(region)
        height, width = bottom - top + 1, right - left + 1
        return 1 + (height * width == len(region)) + 2 * (height == width)

    return [
        _of_regions(grid, found, lambda region: 1 - _at_edge(grid, region)),
        _of_regions(grid, found, len),
        _of_regions(grid, found, lambda region: ranks[len(region)]),
        _of_regions(grid, found, kind),
    ]


def _set_of(colors: Sequence[int]) -> int:
    """Return a set of colours as a number."""
    return sum(1 << color for color in set(colors) if color >= 0)


def _neighbor_features(grid: Grid) -> list[Feature]:
    rows: list[Feature] = []
    for i, row in enumerate(grid):
        for j, color in enumerate(row):
            direct = [_at(grid, i + down, j + right) for down, right in DIRECT_STEPS]
            every = direct + [_at(grid, i + down, j + right) for down, right in DIAGONAL_STEPS]
            rows.append(
                [
                    direct.count(color),
                    every.count(color),
                    sum(other > 0 for other in direct),
                    sum(other > 0 for other in every),
                    sum((1 + (other > 0) - (other < 0)) * 3**k for k, other in enumerate(direct)),
                    sum((other > 0) << k for k, other in enumerate(every)),
                    _set_of(every),
                    _set_of(direct),
                ]
            )
    return [list(feature) for feature in zip(*rows, strict=True)]


def _place_features(height: int, width: int) -> list[Feature]:
    rows: list[Feature] = [
        [
            i % 2,
            j % 2,
            (i + j) % 2,
            i % 3,
            j % 3,
            (height - 1 - i) % 2,
            (width - 1 - j) % 2,
            min(i, j, height - 1 - i, width - 1 - j),
        ]
        for i in range(height)
        for j in range(width)
    ]
    return [list(feature) for feature in zip(*rows, strict=True)]


def _sight(grid: Grid, step: Place) -> Feature:
    """List the first coloured cell's colour from each cell in a direction, 0 without one."""
    height, width = len(grid), len(grid[0])
    feature: Feature = [0] * (height * width)
    for i in range(height)[:: -1 if step[0] > 0 else 1]:
        for j in range(width)[:: -1 if step[1] > 0 else 1]:
            row, column = i + step[0], j + step[1]
            beside = _at(grid, row, column)
            if beside != OUTSIDE:
                feature[i * width + j] = beside or feature[row * width + column]
    return feature


def _sight_features(sights: list[Feature]) -> list[Feature]:
    """Sum up what cells see in the four straight directions, which come first, and in all."""
    direct = list(zip(*sights[:4], strict=True))
    return [
        [sum(color > 0 for color in seen) for seen in direct],
        [_set_of(seen) for seen in direct],
        [_set_of(seen) for seen in zip(*sights, strict=True)],
    ]


def _line_features(grid: Grid) -> list[Feature]:
    columns = list(zip(*grid, strict=True))
    counts = [[sum(color > 0 for color in line) for line in lines] for lines in (grid, columns)]
    sets = [[_set_of(line) for line in lines] for lines in (grid, columns)]
    height, width = len(grid), len(grid[0])
    return [
        [sets[0][i] for i in range(height) for _ in range(width)],
        [sets[1][j] for _ in range(height) for j in range(width)],
        [counts[0][i] for i in range(height) for _ in range(width)],
        [counts[1][j] for _ in range(height) for j in range(width)],
    ]


def _rank_features(grid: Grid) -> list[Feature]:
    ranked = _ranked_colors(grid)
    ranks = {0: 0} | {color: rank for rank, color in enumerate(ranked, 1)}
    cells = [ranks[color] for row in grid for color in row]
    return [list(cells), [1 + len(ranked) - rank if rank else 0 for rank in cells]]


def _counted(grid: Grid, lots: list[Region]) -> list[Feature]:
    """Count the coloured cells of each field of a lattice, and rank the counts."""
    counts = {lot[0]: sum(color > 0 for color in _colors(grid, lot)) for lot in lots}
    ranks = _ranks(list(counts.values()))
    return [
        _of_regions(grid, lots, lambda lot: counts[lot[0]]),
        _of_regions(grid, lots, lambda lot: ranks[counts[lot[0]]]),
    ]
