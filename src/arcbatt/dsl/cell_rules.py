"""Rules about cells that are learnt from the demo samples.

The background, a grid's most common colour (the lowest of equally common ones), and 0 change
places before a rule is learnt and after it is followed: see `arcbatt.dsl.cell_features`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from arcbatt.dsl.arguments import check_number
from arcbatt.dsl.cell_features import Feature, features
from arcbatt.dsl.cut_regions import check_cells
from arcbatt.dsl.grids import switch
from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.samples import check_samples
from arcbatt.dsl.types import Grid, Integer, Samples, Value
from arcbatt.dsl.values import reject

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

    Features are the colours and numbers that `cell_features` lists: of a cell, of its part or
    group, its neighbours, its lines and what it sees. A rule says of cells with equal features
    that they stay, become one colour, or one other of their feature colours, the same in all
    cases. Of the 64 rules with the fewest features, then the fewest cases, the simplest counts that
    knows all cells of the grid. Fails if there is none, if equally simple ones disagree, if k is
    not 1 or 2, if an output has another shape than its input, for colours beyond 0..9, and
    without samples or cells.

    >>> demo = ((0, 3, 3, 0, 3, 0, 0),), ((0, 4, 4, 0, 5, 0, 0),)
    >>> learn_cells((demo,), 1, ((3, 0, 3, 3, 0, 0),))
    ((5, 0, 4, 4, 0, 0),)
    """
    if not 1 <= check_number(k) <= FEATURES:
        raise reject("1 or 2", k)
    background = _background(check_cells(grid))
    made = _explain(_shown(samples), k, switch(grid, 0, background))
    return switch(made, 0, background)
