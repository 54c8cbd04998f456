"""Primitives that learn a rule about cells from the demo samples and follow it.

The background, a grid's most common colour (the lowest of equally common ones), and 0 change
places before a rule is learnt and after it is followed: see `arcbatt.dsl.learnt_features`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from arcbatt.dsl.cut_regions import check_cells
from arcbatt.dsl.grids import switch
from arcbatt.dsl.learnt_features import Feature, features
from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.samples import check_samples
from arcbatt.dsl.types import Grid, Samples, Value
from arcbatt.dsl.values import reject

RULES = 64
"""So many of the simplest rules are tried."""
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


def _look(grids: Sequence[Grid]) -> Look:
    seen = [features(switch(grid, 0, _background(grid))) for grid in grids]
    colors = [sum(columns, []) for columns in zip(*(colors for colors, _ in seen), strict=True)]
    numbers = [sum(columns, []) for columns in zip(*(numbers for _, numbers in seen), strict=True)]
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


def _rules(samples: Samples) -> list[Rule]:
    """List the simplest rules that some samples follow."""
    shown = [(check_cells(given), wanted) for given, wanted in check_samples(samples)]
    if not shown or any(
        list(map(len, given)) != list(map(len, wanted)) for given, wanted in shown
    ):
        raise reject("samples whose outputs have the shape of their inputs", samples)
    cells = sum(len(given) * len(given[0]) for given, _ in shown)
    current_meter().claim_steps(cells * STEPS_PER_CELL)
    look = _look([given for given, _ in shown])
    outputs: Feature = []
    for given, wanted in shown:
        _background(wanted)
        outputs += [color for row in switch(wanted, 0, _background(given)) for color in row]
    flags = [
        sum((color == output) << number for number, color in enumerate(colors))
        for output, colors in zip(outputs, zip(*look.colors, strict=True), strict=True)
    ]
    numbers = range(len(look.all))
    tried = [*combinations(numbers, 1), *combinations(numbers, 2)]
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


@primitive()
def learn_cells(samples: Samples, grid: Grid) -> Grid:
    """Recolour cells as the demos do: by the simplest rule about one or two of their features.

    Features are the colours and numbers that `learnt_features` lists: of a cell, of its part or
    group, its neighbours, its lines and what it sees. A rule says of cells with equal features
    that they stay, become one colour, or one other of their feature colours, the same in all
    cases. The first of the 64 rules with the fewest features, then the fewest cases, counts that
    knows all cells of the grid. Fails if there is none, if an output has another shape than its
    input, for colours beyond 0..9, and without samples or cells.

    >>> learn_cells(((((0, 3, 3, 0, 3),), ((0, 4, 4, 0, 5),)),), ((3, 0, 3, 3),))
    ((5, 0, 4, 4),)
    """
    check_cells(grid)
    rules = _rules(samples)
    background = _background(grid)
    look = _look([grid])
    width = len(grid[0])
    for rule in rules:
        made = _follow(rule, look)
        if made is not None:
            rows = [tuple(made[start : start + width]) for start in range(0, len(made), width)]
            return switch(tuple(rows), 0, background)  # type: ignore[no-any-return]
    raise reject("a grid that the samples explain", grid)
