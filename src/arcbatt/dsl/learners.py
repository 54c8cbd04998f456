"""Primitives that learn from the demos what to make of a grid: which of some answers is right.

A cell of colour 0 is empty, all others are coloured. Parts and groups are those of
`arcbatt.dsl.support.connected_components`. Each primitive has a list of answers, simple ones first,
and takes the first that all demos show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence

from arcbatt.dsl.cuts import (
    color_pictures,
    compartments,
    frame_insides,
    group_pictures,
    halves,
    part_pictures,
    quarters,
    rectangles,
    split_squares,
)
from arcbatt.dsl.grids import switch
from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.picks import symmetry_count
from arcbatt.dsl.ranks import SYMMETRIES, mir_rot
from arcbatt.dsl.registry import LearnerCall, primitive
from arcbatt.dsl.samples import check_samples
from arcbatt.dsl.support.arguments import check_cells, check_number
from arcbatt.dsl.support.cell_rules import FEATURES, background_of, explain, shown_grids
from arcbatt.dsl.support.connected_components import (
    groups,
    most_common_color,
    most_common_nonzero,
    parts,
)
from arcbatt.dsl.types import Color, Grid, Integer, Samples, Tuple
from arcbatt.dsl.values import CallFailure, reject

CUTS: tuple[Callable[[Grid], Tuple[Grid]], ...] = (
    part_pictures,
    group_pictures,
    color_pictures,
    compartments,
    split_squares,
    rectangles,
    frame_insides,
    halves,
    quarters,
)
"""Ways to cut a grid into pictures."""
PICTURES_MAX = 40
"""Of how many pictures one is picked, at most."""


def _pictures(cut: Callable[[Grid], Tuple[Grid]], grid: Grid) -> Tuple[Grid]:
    """Cut a grid into pictures; none if it can't be cut in this way, or if there are too many."""
    try:
        found = cut(grid)
    except CallFailure:
        return ()
    return found if len(found) <= PICTURES_MAX else ()


def _counts(picture: Grid) -> Counter[Color]:
    """Count the cells of each coloured colour."""
    return Counter(color for row in picture for color in row if color)


def _measures(picture: Grid) -> list[int]:
    height, width = len(picture), len(picture[0])
    counts = _counts(picture)
    cells = counts.total()
    numbers = [
        height * width,
        height,
        width,
        cells,
        height * width - cells,
        len(counts),
        cells - max(counts.values(), default=0),
        min(counts.values(), default=0),
        len(parts(picture)),
        len(groups(picture)),
        symmetry_count(picture),
        100 * cells // (height * width),
    ]
    return numbers + [counts[color] for color in range(1, 10)]


def _frequencies(keys: Sequence[Hashable]) -> list[int]:
    counts = Counter(keys)
    return [counts[key] for key in keys]


def _picks(pictures: Tuple[Grid]) -> list[Grid | None]:
    """List for each measure the picture that is greatest by it and the one that is least.

    None where that is not one alone, among equal ones.
    """
    own = [_measures(picture) for picture in pictures]
    shared = [
        _frequencies(pictures),
        _frequencies([tuple([tuple(map(bool, row)) for row in each]) for each in pictures]),
        _frequencies(
            [most_common_nonzero(color for row in picture for color in row) for picture in pictures]
        ),
        _frequencies([(len(picture), len(picture[0])) for picture in pictures]),
        _frequencies([numbers[3] for numbers in own]),
        _frequencies([numbers[8] for numbers in own]),
    ]
    picks: list[Grid | None] = []
    for numbers in [*zip(*own, strict=True), *shared]:
        for best in (max(numbers), min(numbers)):
            those = {each for each, number in zip(pictures, numbers, strict=True) if number == best}
            picks.append(those.pop() if len(those) == 1 else None)
    return picks


@primitive(learner=(LearnerCall(16),))
def learn_pick(samples: Samples, grid: Grid) -> Grid:
    """Cut a picture out of a grid as the demos do: the one that is greatest or least by a measure.

    The first way to cut and the first measure count by which all demos get their outputs, and the
    grid one picture. Ways are those into parts, groups, colours, compartments, squares,
    rectangles, what is inside frames, halves and quarters, of at most 40 pictures. Measures are
    the area, height, width, coloured and empty cells, the number of colours, cells not of the main
    colour and of the rarest, the number of parts, groups and mirrors, the density, the cells of
    colours 1 to 9, and how many are equal in their cells, in where they are coloured, in the main
    colour, the shape, the number of coloured cells and of parts. Fails without samples and if
    there is no such measure.

    >>> learn_pick(((((3, 0, 4), (3, 0, 0)), ((3,), (3,))),), ((5, 0, 6), (0, 0, 6)))
    ((6,), (6,))
    """
    demos = check_samples(samples)
    check_cells(grid)
    for cut in CUTS if demos else ():
        picks = _learn_picks(cut, demos)
        pictures = _pictures(cut, grid) if picks else ()
        if pictures:
            picked = _picks(pictures)
            for place in picks:
                found = picked[place]
                if found is not None:
                    return found
    raise reject("samples in which a measure picks the outputs", samples)


def _learn_picks(cut: Callable[[Grid], Tuple[Grid]], demos: Samples) -> list[int]:
    """List the places of the measures that pick the outputs of all demos."""
    right: list[int] | None = None
    for given, wanted in demos:
        pictures = _pictures(cut, given)
        if len(pictures) < 2 or wanted not in pictures:
            return []
        picks = _picks(pictures)
        places = range(len(picks)) if right is None else right
        right = [place for place in places if picks[place] == wanted]
    return right or []


FORMS = len(SYMMETRIES) + 2
"""Forms of a grid in a mosaic: its turns, an empty one, and one with coloured and empty swapped."""
TILES_MAX = 64
"""Of how many tiles a mosaic consists, at most."""


def _form(grid: Grid, number: int) -> Grid | None:
    """Return a form of a grid; None if it hasn't the shape of the grid, or isn't there."""
    if number < len(SYMMETRIES):
        turned = mir_rot(grid, number)
        return turned if len(turned) == len(grid) else None
    if number == len(SYMMETRIES):
        return tuple([(0,) * len(row) for row in grid])
    colors = list(_counts(grid))
    if len(colors) != 1:
        return None
    return tuple([tuple([0 if cell else colors[0] for cell in row]) for row in grid])


@primitive(learner=(LearnerCall(16),))
def learn_mosaic(samples: Samples, grid: Grid) -> Grid:
    """Put turned and mirrored copies of a grid together as the demos do.

    A tile of an output is the input, turned or mirrored by a number of `mir_rot`, or empty, or
    the input with coloured and empty cells swapped, if it has one coloured colour: the first of
    these that is so in all demos. Fails if a tile is none, if there are more than 64 or only one,
    if the demos differ in how many there are, and without samples or cells.

    >>> learn_mosaic(((((1, 2),), ((1, 2, 2, 1),)),), ((3, 4),))
    ((3, 4, 4, 3),)
    """
    demos = check_samples(samples)
    height, width = len(check_cells(grid)), len(grid[0])
    down, right = _tiles(demos)
    current_meter().claim(down * right * height * width)
    forms = [_form(grid, number) for number in range(FORMS)]
    shown = [[_form(given, number) for number in range(FORMS)] for given, _ in demos]
    rows: list[list[Color]] = [[] for _ in range(down * height)]
    for top in range(down):
        for left in range(right):
            tiles = [_tile(given, wanted, top, left) for given, wanted in demos]
            form = next(
                (
                    forms[number]
                    for number in range(FORMS)
                    if all(made[number] == tile for made, tile in zip(shown, tiles, strict=True))
                ),
                None,
            )
            if form is None:
                raise reject("samples whose outputs consist of their inputs", samples)
            for i, row in enumerate(form):
                rows[top * height + i] += row
    return tuple(map(tuple, rows))


def _tiles(demos: Samples) -> tuple[int, int]:
    """Return how many tiles lie below each other and side by side in the outputs."""
    found = set()
    for given, wanted in demos:
        height, width = len(check_cells(given)), len(given[0])
        if len(wanted) % height or not wanted or len(wanted[0]) % width:
            raise reject("outputs that consist of tiles", demos)
        found.add((len(wanted) // height, len(wanted[0]) // width))
    if len(found) != 1:
        raise reject("outputs of one number of tiles", demos)
    (tiles,) = found
    if not 2 <= tiles[0] * tiles[1] <= TILES_MAX:
        raise reject("outputs of several tiles", demos)
    return tiles


def _tile(given: Grid, wanted: Grid, top: int, left: int) -> Grid:
    height, width = len(given), len(given[0])
    rows = wanted[top * height : (top + 1) * height]
    return tuple([row[left * width : (left + 1) * width] for row in rows])


STAMP_REACH = 2
"""How many rows and columns a stamp goes beyond its cell."""
STEPS = [
    (down, right)
    for down in range(-STAMP_REACH, STAMP_REACH + 1)
    for right in range(-STAMP_REACH, STAMP_REACH + 1)
]


Step = tuple[int, int]
OWN = None
"""Stands for the colour of the cell itself in a stamp."""
Stamp = dict[Step, Color | None]
"""What cells at a step from coloured ones become."""


@primitive(learner=(LearnerCall(20),))
def learn_stamps(samples: Samples, grid: Grid) -> Grid:
    """Draw around each coloured cell what the demos show around all coloured cells.

    The stamp has the cells up to two rows and columns away that are empty in the inputs and have
    one colour in the outputs wherever they lie inside, or always that of the coloured cell, and
    what the cell itself becomes. It is drawn on empty cells, row by row. Fails unless this makes
    all outputs from their inputs, and without samples.

    >>> learn_stamps(((((3, 0, 0, 0),), ((3, 4, 0, 0),)),), ((0, 3, 0, 5, 0),))
    ((0, 3, 4, 5, 4),)
    """
    demos = check_samples(samples)
    check_cells(grid)
    stamp = _learn_stamp(demos)
    if not demos or any(_stamped(given, stamp) != wanted for given, wanted in demos):
        raise reject("samples whose outputs a stamp makes from their inputs", samples)
    return _stamped(grid, stamp)


def _around(grid: Grid) -> Iterator[tuple[Color, Step, Step]]:
    """Yield the colour of each coloured cell with each step to a cell that it may change."""
    for i, row in enumerate(grid):
        for j, color in enumerate(row):
            for step in STEPS if color else ():
                down, right = i + step[0], j + step[1]
                inside = 0 <= down < len(grid) and 0 <= right < len(row)
                if inside and (step == (0, 0) or not grid[down][right]):
                    yield color, step, (down, right)


def _stamped(grid: Grid, stamp: Stamp) -> Grid:
    rows = [list(row) for row in grid]
    for color, step, (down, right) in _around(grid):
        new = stamp.get(step, 0 if any(step) else color)
        if new is OWN:
            new = color
        if new or not any(step):
            rows[down][right] = new
    return tuple(map(tuple, rows))


def _learn_stamp(demos: Samples) -> Stamp:
    """Find what all demos show; steps at which they differ are left out."""
    shown: dict[Step, set[Color | None]] = {}
    for given, wanted in demos:
        check_cells(given)
        if list(map(len, wanted)) != list(map(len, given)):
            raise reject("outputs of the shape of their inputs", demos)
        for color, step, (down, right) in _around(given):
            new = wanted[down][right]
            shown.setdefault(step, set()).add(OWN if new == color else new)
    return {step: new.pop() for step, new in shown.items() if len(new) == 1}


def _keys(grid: Grid) -> list[Hashable]:
    counts = _counts(grid)
    found = parts(grid)
    return [
        counts.total(),
        len(counts),
        most_common_color(counts.elements()),
        frozenset(counts),
        len(found),
        len(groups(grid)),
        symmetry_count(grid),
        max(map(len, found), default=0),
    ]


@primitive(learner=(LearnerCall(16),))
def learn_answer(samples: Samples, grid: Grid) -> Grid:
    """Return the output of the demos whose inputs are of the same sort.

    A sort is a key that tells the outputs apart: equal for two inputs just if their outputs are
    equal. The first key counts of these: the number of coloured cells, the number of colours, the
    main colour, the set of colours, the number of parts, of groups and of mirrors, and the number
    of cells of the largest part. Fails if no key tells the outputs apart, if no demo has the
    grid's, and unless there are several outputs, some of which are equal; demos that are the same
    count once.

    >>> demos = ((((3, 0),), ((1,),)), (((0, 4),), ((1,),)), (((3, 3),), ((2,),)))
    >>> learn_answer(demos, ((5, 5),))
    ((2,),)
    """
    demos = check_samples(samples)
    outputs = [wanted for _, wanted in demos]
    several = len(set(outputs))
    if not 2 <= several < len(set(demos)):
        raise reject("several outputs, some of which are equal", samples)
    shown = [_keys(check_cells(given)) for given, _ in demos]
    for place, own in enumerate(_keys(check_cells(grid))):
        keys = [each[place] for each in shown]
        tells = len(set(keys)) == len(set(zip(keys, outputs, strict=True))) == several
        if tells and own in keys:
            return outputs[keys.index(own)]
    raise reject("samples whose outputs a key tells apart", samples)


@primitive(
    learner=(LearnerCall(28, (1,), transforms=False), LearnerCall(64, (2,), transforms=False))
)
def learn_cells(samples: Samples, k: Integer, grid: Grid) -> Grid:
    """Recolour cells as the demos do: by the simplest rule about at most k of their features.

    Features are the colours and numbers that `features` lists: of a cell, of its part or group,
    its neighbours, its lines and what it sees. A rule says of cells with equal features that they
    stay, become one colour, or one other of their feature colours, the same in all cases.
    Of the 64 rules with the fewest features, then the fewest cases, the simplest counts that knows
    all cells of the grid. Fails if there is none, if equally simple ones disagree, if k is
    not 1 or 2, if an output has another shape than its input, for colours beyond 0..9, and
    without samples or cells.

    >>> demo = ((0, 3, 3, 0, 3, 0, 0),), ((0, 4, 4, 0, 5, 0, 0),)
    >>> learn_cells((demo,), 1, ((3, 0, 3, 3, 0, 0),))
    ((5, 0, 4, 4, 0, 0),)
    """
    if not 1 <= check_number(k) <= FEATURES:
        raise reject("1 or 2", k)
    background = background_of(check_cells(grid))
    made = explain(shown_grids(samples), k, switch(grid, 0, background))
    return switch(made, 0, background)
