"""What a cell of a grid is like: numbers and colours from which a rule about cells is learnt.

A cell of colour 0 is empty, all others are coloured. Each list has one entry per cell, row by row.
Parts, bodies and groups are those of `arcbatt.dsl.support.connected_components`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from arcbatt.dsl.grids import switch
from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.picks import free_shape
from arcbatt.dsl.samples import check_samples
from arcbatt.dsl.support.arguments import check_cells
from arcbatt.dsl.support.connected_components import (
    ALL_STEPS,
    DIAGONAL_STEPS,
    DIRECT_STEPS,
    Place,
    Region,
    at_edge,
    bodies,
    connected_parts,
    extent,
    groups,
    least_common_color,
    most_common_color,
    most_common_nonzero,
    normalized,
    parts,
    ranked_colors,
)
from arcbatt.dsl.support.models import count_holes, lattice
from arcbatt.dsl.support.ordering import shared_ranks
from arcbatt.dsl.types import Grid, Samples, Value
from arcbatt.dsl.values import reject

OUTSIDE = -1
"""What lies beyond the edge, or on the other side of a mirror that the grid does not have."""
SHAPE_CELLS = 40
"""Parts of more cells are known by their number of cells alone."""
RULES = 64
"""So many of the simplest rules are tried."""
FEATURES = 2
"""A rule is about so many features at most."""
STEPS_PER_CELL = 150
"""What a cell of the samples counts for: most pairs of features are refused after few cells."""
OWN = 1
"""The flag of a cell's own colour among those that may be copied."""

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
        _of_regions(grid, found, lambda group: least_common_color(_colors(grid, group))),
        _of_regions(grid, lots, lambda lot: most_common_nonzero(_colors(grid, lot))),
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
    ranked = ranked_colors(color for row in grid for color in row if color)
    rows, columns = (
        [most_common_nonzero(row) for row in grid],
        [most_common_nonzero(column) for column in zip(*grid, strict=True)],
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
    """Give some sizes their ranks."""
    return dict(zip(sizes, shared_ranks(sizes), strict=True))


def _parity(grid: Grid, found: Sequence[Region]) -> Feature:
    """Tell whether rows and columns into its region's box are odd."""
    feature = _of_regions(grid, found, lambda _: 0)
    for region in found:
        top, left, _, _ = extent(region)
        for i, j in region:
            feature[i * len(grid[0]) + j] = 1 + (i - top) % 2 + 2 * ((j - left) % 2)
    return feature


def _depth(grid: Grid, found: Sequence[Region]) -> Feature:
    """Tell on which frame of its region's box a cell is, from 1 for the outermost."""
    feature = _of_regions(grid, found, lambda _: 0)
    for region in found:
        top, left, bottom, right = extent(region)
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

    def sides(part: Region) -> tuple[int, int]:
        top, left, bottom, right = extent(part)
        return bottom - top + 1, right - left + 1

    def format(part: Region) -> int:
        height, width = sides(part)
        return 1 + (height > width) + 2 * (height < width)

    def is_full(part: Region) -> int:
        height, width = sides(part)
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
        lambda part: 1 + at_edge(part, grid),
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
        _of_regions(grid, found, lambda group: 1 + at_edge(group, grid)),
        _parity(grid, found),
        _depth(grid, found),
    ]


def _empty_features(grid: Grid) -> list[Feature]:
    places = {(i, j) for i, row in enumerate(grid) for j, color in enumerate(row) if not color}
    found = connected_parts(places, DIRECT_STEPS)
    ranks = _ranks([len(region) for region in found])

    def kind(region: Region) -> int:
        top, left, bottom, right = extent(region)
        height, width = bottom - top + 1, right - left + 1
        return 1 + (height * width == len(region)) + 2 * (height == width)

    return [
        _of_regions(grid, found, lambda region: 1 - at_edge(region, grid)),
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
    ranked = ranked_colors(color for row in grid for color in row if color)
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


@dataclass
class Outcome:
    """What the demos show about the cells with certain features.

    Attributes:
        copies: flags of the colours of a cell that all of them become.
        color: what all of them become; None if they become several.
    """

    copies: int
    color: int | None

    @property
    def needs_copy(self) -> bool:
        """Tell whether neither staying nor one colour explains them."""
        return not self.copies & OWN and self.color is None


@dataclass(frozen=True)
class Rule:
    """A rule that all demos follow.

    Attributes:
        places: the numbers of the features on which it depends.
        outcomes: by the values of these features.
        copied: the number of the colour that a cell becomes if nothing simpler is known.
    """

    places: tuple[int, ...]
    outcomes: dict[tuple[Value, ...], Outcome]
    copied: int

    @property
    def complexity(self) -> tuple[int, int]:
        """The features that it uses, then the cases that it tells apart."""
        return len(self.places) + (self.copied > 0), len(self.outcomes)


@dataclass(frozen=True)
class Look:
    """The features of the cells of some grids, one after the other."""

    colors: list[Feature]
    all: list[Feature]


def background_of(grid: Grid) -> int:
    """Return the most common colour; raises CallFailure for colours beyond 0..9."""
    counts = Counter(color for row in grid for color in row)
    if not set(counts) <= set(range(10)):
        raise reject("a grid of the colours 0..9", grid)
    return most_common_color(counts.elements())


def _flat(grid: Grid) -> Feature:
    return [color for row in grid for color in row]


def _look(grids: Sequence[Grid]) -> Look:
    seen = [features(grid) for grid in grids]
    colors, numbers = (
        [list(chain(*each)) for each in zip(*of_grids, strict=True)]
        for of_grids in zip(*seen, strict=True)
    )
    return Look(colors, colors + numbers)


def _learn(places: tuple[int, ...], look: Look, wanted: Feature, flags: list[int]) -> Rule | None:
    """Learn what becomes of cells with equal features; None if the demos disagree."""
    outcomes: dict[tuple[Value, ...], Outcome] = {}
    for key, color, copies in zip(
        zip(*(look.all[place] for place in places), strict=True), wanted, flags, strict=True
    ):
        known = outcomes.setdefault(key, Outcome(copies, color))
        known.copies &= copies
        if known.color != color:
            known.color = None
            if not known.copies:
                return None
    needed = ~0
    for outcome in outcomes.values():
        if outcome.needs_copy:
            needed &= outcome.copies
    if not needed:
        return None
    copied = 0 if needed == ~0 else (needed & -needed).bit_length() - 1
    return Rule(places, outcomes, copied)


def _rules(shown: Sequence[tuple[Grid, Grid]], most: int) -> list[Rule]:
    """List the simplest rules about so many features that lead from some grids to the wanted."""
    if not shown or any(list(map(len, given)) != list(map(len, wanted)) for given, wanted in shown):
        raise reject("samples with grids of the shapes of the outputs", shown)
    cells = sum(len(given) * len(given[0]) for given, _ in shown)
    current_meter().claim_steps(cells * STEPS_PER_CELL)
    look = _look([given for given, _ in shown])
    outputs = [color for _, wanted in shown for color in _flat(wanted)]
    flags = [
        sum((color == output) << number for number, color in enumerate(colors))
        for output, colors in zip(outputs, zip(*look.colors, strict=True), strict=True)
    ]
    numbers = range(len(look.all))
    tried = [places for count in range(1, most + 1) for places in combinations(numbers, count)]
    learnt = [_learn(places, look, outputs, flags) for places in tried]
    found = sorted([rule for rule in learnt if rule], key=lambda rule: rule.complexity)
    return found[:RULES]


def _follow(rule: Rule, look: Look) -> list[int] | None:
    """Make each cell what a rule says; None if it says nothing about one."""
    made = []
    keys = zip(*(look.all[place] for place in rule.places), strict=True)
    for key, colors in zip(keys, zip(*look.colors, strict=True), strict=True):
        outcome = rule.outcomes.get(key)
        if outcome is None:
            return None
        copied = 0 if outcome.copies & OWN else rule.copied
        known = outcome.color if not outcome.copies & OWN else None
        made.append(colors[copied] if known is None else known)
    return made


def explain(shown: Sequence[tuple[Grid, Grid]], most: int, grid: Grid) -> Grid:
    """Make of a grid what the simplest rules that know all its cells say, if they agree."""
    rules = _rules(shown, most)
    look, width = _look([grid]), len(grid[0])
    answers = [(rule, made) for rule in rules if (made := _follow(rule, look)) is not None]
    if not answers:
        raise reject("a grid that the samples explain", grid)
    simplest, made = answers[0]
    if any(rule.complexity == simplest.complexity and other != made for rule, other in answers):
        raise reject("a grid of which equally simple rules say the same", grid)
    return tuple([tuple(made[start : start + width]) for start in range(0, len(made), width)])


def shown_grids(samples: Samples) -> list[tuple[Grid, Grid]]:
    """List the grids of some samples as they are seen, with the background in the place of 0."""
    shown = []
    for given, wanted in check_samples(samples):
        background = background_of(check_cells(given))
        background_of(check_cells(wanted))
        shown.append((switch(given, 0, background), switch(wanted, 0, background)))
    return shown
