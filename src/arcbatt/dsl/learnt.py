"""Primitives that learn from the demo samples what to do, about cells or about pictures.

The background, a grid's most common colour (the lowest of equally common ones), and 0 change
places before a rule is learnt and after it is followed: see `arcbatt.dsl.learnt_features`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from arcbatt.dsl.arguments import check_number
from arcbatt.dsl.cut_regions import check_cells
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
from arcbatt.dsl.functions import identity
from arcbatt.dsl.geometry import height, shape, width
from arcbatt.dsl.grids import canvas, switch
from arcbatt.dsl.learnt_features import Feature, features
from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.objects import leastcolor, mostcolor, numcolors
from arcbatt.dsl.picks import (
    cell_count,
    density,
    free_shape,
    hole_count,
    main_color,
    part_count,
    rare_color,
    silhouette,
    symmetry_count,
)
from arcbatt.dsl.ranks import SYMMETRIES, mir_rot
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.samples import check_samples
from arcbatt.dsl.types import Callable, Grid, Integer, Samples, Tuple, Value
from arcbatt.dsl.values import CallFailure, reject

RULES = 64
"""So many of the simplest rules are tried."""
FEATURES = 2
"""A rule is about so many features at most."""
STEPS_PER_CELL = 150
"""What a cell of the samples counts for: most pairs of features are refused after few cells."""
OWN = 1
"""The flag of a cell's own colour among those that may be copied."""


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


def _background(grid: Grid) -> int:
    counts = Counter(color for row in grid for color in row)
    if not set(counts) <= set(range(10)):
        raise reject("a grid of the colours 0..9", grid)
    return min(counts, key=lambda color: (-counts[color], color))


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


def _explain(shown: Sequence[tuple[Grid, Grid]], most: int, grid: Grid) -> Grid:
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


def _shown(samples: Samples) -> list[tuple[Grid, Grid]]:
    """List the grids of some samples as they are seen, with the background in the place of 0."""
    shown = []
    for given, wanted in check_samples(samples):
        background = _background(check_cells(given))
        _background(check_cells(wanted))
        shown.append((switch(given, 0, background), switch(wanted, 0, background)))
    return shown


@primitive()
def learn_cells(samples: Samples, k: Integer, grid: Grid) -> Grid:
    """Recolour cells as the demos do: by the simplest rule about at most k of their features.

    Features are the colours and numbers that `learnt_features` lists: of a cell, of its part or
    group, its neighbours, its lines and what it sees. A rule says of cells with equal features
    that they stay, become one colour, or one other of their feature colours, the same in all
    cases. Of the 64 rules with the fewest features, then the fewest cases, the simplest counts that
    knows all cells of the grid. Fails if there is none, if equally simple ones disagree, if k is
    not 1 or 2, if an output has another shape than its input, for colours beyond 0..9, and
    without samples or cells.

    >>> learn_cells(((((0, 3, 3, 0, 3),), ((0, 4, 4, 0, 5),)),), 1, ((3, 0, 3, 3),))
    ((5, 0, 4, 4),)
    """
    if not 1 <= check_number(k) <= FEATURES:
        raise reject("1 or 2", k)
    background = _background(check_cells(grid))
    made = _explain(_shown(samples), k, switch(grid, 0, background))
    return switch(made, 0, background)


CUTTERS: tuple[Callable[[Grid], Tuple[Grid]], ...] = (
    group_pictures,
    part_pictures,
    compartments,
    rectangles,
    frame_insides,
    color_pictures,
    split_squares,
    halves,
    quarters,
)
"""What a grid may be cut into."""
NUMBERS: tuple[Callable[[Grid], Integer], ...] = (
    cell_count,
    height,
    width,
    numcolors,
    part_count,
    hole_count,
    symmetry_count,
    density,
)
"""Properties of a picture that tell the greatest and the least."""
NAMES: tuple[Callable[[Grid], Value], ...] = (
    identity,
    main_color,
    rare_color,
    mostcolor,
    leastcolor,
    silhouette,
    free_shape,
)
"""Properties of a picture that only tell what it has in common with others."""
Pick = Callable[[list[Value]], int | None]


def _lone(keys: list[Value], key: Value) -> int | None:
    return keys.index(key) if keys.count(key) == 1 else None


def _rare(keys: list[Value]) -> int | None:
    counts = Counter(keys)
    rarest = [key for key, count in counts.items() if count == min(counts.values())]
    return keys.index(rarest[0]) if len(rarest) == 1 < len(counts) else None


def _frequent(keys: list[Value]) -> int | None:
    counts = Counter(keys)
    most = [key for key, count in counts.items() if count == max(counts.values())]
    return keys.index(most[0]) if len(most) == 1 < len(counts) else None


FREQUENCIES: tuple[Pick, ...] = (_rare, _frequent)
EXTREMES: tuple[Pick, ...] = (
    lambda keys: _lone(keys, max(keys)),
    lambda keys: _lone(keys, min(keys)),
)


def _attempt(function: Callable[[Value], Value], values: Sequence[Value]) -> list[Value] | None:
    """Return what a function makes of each value; None if it fails for one."""
    try:
        return [function(value) for value in values]
    except CallFailure:
        return None


def _picks(keys: list[list[Value]], places: list[int], *, numbers: bool) -> list[Pick]:
    """List the ways to pick by a key, the key of all pictures that were wanted last."""
    picks = [*(EXTREMES if numbers else ()), *FREQUENCIES]
    wanted = {of[place] for of, place in zip(keys, places, strict=True)}
    if len(wanted) == 1:
        picks.append(lambda keys: _lone(keys, *wanted))
    return picks


def _pick(shown: Sequence[tuple[Grid, Grid]], grid: Grid) -> Grid | None:
    for cut in CUTTERS:
        cuts = _attempt(cut, [*(given for given, _ in shown), grid])
        if cuts is None or any(len(pictures) < 2 for pictures in cuts):
            continue
        pairs = list(zip(cuts, (wanted for _, wanted in shown), strict=False))
        if not all(wanted in pictures for pictures, wanted in pairs):
            continue
        places = [pictures.index(wanted) for pictures, wanted in pairs]
        for name in (*NUMBERS, *NAMES):
            keys = [_attempt(name, pictures) for pictures in cuts]
            known = [each for each in keys if each is not None]
            if len(known) < len(keys):
                continue
            for pick in _picks(known[:-1], places, numbers=name in NUMBERS):
                found = [pick(each) for each in known]
                if None not in found and all(
                    pictures[place] == wanted
                    for place, (pictures, wanted) in zip(found, pairs, strict=False)
                ):
                    return cuts[-1][found[-1]]  # type: ignore[no-any-return]
    return None


@primitive()
def learn_pick(samples: Samples, grid: Grid) -> Grid:
    """Cut out of a grid the picture that is like those which the demos pick.

    Pictures are groups, parts, compartments, rectangles, insides of frames, colours, squares,
    halves or quarters: the first of them that hold all outputs. One has the greatest or the least
    of a number, or the rarest or the most common of a property, or alone the one that all outputs
    have: the first that picks all outputs counts. The grids are taken as they are, then with the
    background as 0. Fails if nothing picks all outputs and a picture of the grid, for colours
    beyond 0..9, and without samples or cells.

    >>> learn_pick(((((3, 0, 4, 4),), ((4, 4),)),), ((5, 5, 5, 0, 6),))
    ((5, 5, 5),)
    """
    background = _background(check_cells(grid))
    shown = _shown(samples)
    if not shown:
        raise reject("samples", samples)
    cells = sum(len(each) * len(each[0]) for each in (grid, *(given for given, _ in shown)))
    current_meter().claim_steps(cells * STEPS_PER_CELL)
    picked = _pick(check_samples(samples), grid)
    if picked is None:
        picked = _pick(shown, switch(grid, 0, background))
        if picked is None:
            raise reject("samples that pick a picture of the grid", samples)
        return switch(picked, 0, background)
    return picked


def _forms(grid: Grid) -> list[Grid | None]:
    """List what a tile may be: turned, empty, of one colour, its two colours swapped."""
    colors = sorted({color for row in grid for color in row})
    return [
        *[mir_rot(grid, k) for k in range(len(SYMMETRIES))],
        canvas(0, shape(grid)),
        canvas(mostcolor(grid), shape(grid)),
        switch(grid, *colors) if len(colors) == 2 else None,
    ]


def _tile(grid: Grid, row: int, column: int, sides: tuple[int, int]) -> Grid:
    tall, wide = sides
    rows = grid[row * tall : row * tall + tall]
    return tuple([line[column * wide : column * wide + wide] for line in rows])


@primitive()
def learn_tiles(samples: Samples, grid: Grid) -> Grid:
    """Lay out forms of a grid as the outputs are laid out from their inputs.

    Each place has the first form that it has in all demos: a symmetry by its number in `mir_rot`,
    empty, all in the most common colour, or the two colours swapped. Fails if there is none, if
    a form differs in shape, if outputs are not equally many times as high and as wide as their
    inputs, more than once, and without samples or cells.

    >>> learn_tiles(((((3, 4),), ((3, 4, 4, 3),)),), ((5, 6),))
    ((5, 6, 6, 5),)
    """
    pairs = [(check_cells(given), check_cells(wanted)) for given, wanted in check_samples(samples)]
    check_cells(grid)
    times = {
        (len(wanted) // len(given), len(wanted[0]) // len(given[0])) for given, wanted in pairs
    }
    down, right = next(iter(times), (0, 0))
    if (
        len(times) != 1
        or down * right <= 1
        or any(
            shape(wanted) != (down * len(given), right * len(given[0])) for given, wanted in pairs
        )
    ):
        raise reject("samples whose outputs are as many times as big", samples)
    current_meter().claim(len(grid) * len(grid[0]) * down * right)
    forms, own = [_forms(given) for given, _ in pairs], _forms(grid)
    rows: list[tuple[int, ...]] = []
    for row in range(down):
        laid = []
        for column in range(right):
            tiles = [_tile(wanted, row, column, shape(given)) for given, wanted in pairs]
            numbers = [
                number
                for number, form in enumerate(own)
                if form is not None
                and shape(form) == shape(grid)
                and all(of[number] == tile for of, tile in zip(forms, tiles, strict=True))
            ]
            if not numbers:
                raise reject("samples whose tiles are forms of the input", samples)
            laid.append(own[numbers[0]])
        rows += [sum(lines, ()) for lines in zip(*laid, strict=True)]
    return tuple(rows)
