"""Rules that repeat until nothing changes."""

from __future__ import annotations

from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import check_color, check_grid, check_number, check_tuple
from arcbatt.dsl.support.connected_components import (
    ALL_STEPS,
    DIAGONAL_STEPS,
    DIRECT_STEPS,
    Place,
    Steps,
    around,
)
from arcbatt.dsl.types import Any, Color, Grid, Tuple, Value
from arcbatt.dsl.values import CallFailure, Function, is_location, reject

OUTSIDE = -1
"""The colour that counts for what is outside the grid."""
REACH = 2
"""How far away a neighbour is, at most."""
ROUNDS_MAX = 200
"""How often a rule repeats, at most; in the end nothing may change any more."""
CELLS_MAX = 4096
"""How many cells a grid has, at most."""
CASES_MAX = 16
"""How many cases a rule has, and how many conditions one of them, at most."""
SIDES = {
    "hline": ((0, -1), (0, 1)),
    "vline": ((-1, 0), (1, 0)),
    "dneighbors": DIRECT_STEPS,
    "ineighbors": DIAGONAL_STEPS,
    "neighbors": ALL_STEPS,
}
"""Neighbours of which one is enough, by the primitives that stand for them."""

Condition = tuple[Steps, Color, bool]
Case = tuple[Color, list[Condition], Color]


@primitive(hidden_from_search=True)
def by_growth(grid: Grid, rule: Tuple[Any]) -> Grid:
    """Recolour cells by their neighbours, all at once, again and again until nothing changes.

    A rule is a tuple of cases (old colour, conditions, new colour); of those whose conditions
    all hold the first counts. A condition is (neighbour, colour, 1) or (neighbour, colour, 0):
    it has the colour or hasn't. A neighbour is a step of at most two rows and columns, or one of
    some: ``hline`` beside the cell, ``vline`` above or below it, ``dneighbors``, ``ineighbors``,
    ``neighbors``. What is outside the grid has the colour -1.

    Fails for rules of another form or with more than 16 cases or conditions, for grids with more
    than 4096 cells, and if something changes even in round 200.

    >>> by_growth(((3, 0, 0, 5, 0),), ((0, (((0, -1), 3, 1),), 3),))
    ((3, 3, 3, 5, 0),)
    """
    cases = [_case(case) for case in _few(rule)]
    height, width = len(check_grid(grid)), len(grid[0]) if grid else 0
    if height * width > CELLS_MAX:
        raise reject(f"a grid of up to {CELLS_MAX} cells", grid)
    cells = {(i, j): color for i, row in enumerate(grid) for j, color in enumerate(row)}
    for _ in range(ROUNDS_MAX):
        grown = {place: _grown(place, cells, cases) for place in cells}
        if grown == cells:
            return tuple([tuple([cells[i, j] for j in range(width)]) for i in range(height)])
        cells = grown
    raise reject("a rule that comes to an end", rule)


def _grown(place: Place, cells: dict[Place, Color], cases: list[Case]) -> Color:
    for old, conditions, new in cases:
        if cells[place] == old and all(
            any(cells.get(beside, OUTSIDE) == color for beside in around(*place, steps)) == holds
            for steps, color, holds in conditions
        ):
            return new
    return cells[place]


def _wrong(value: Value) -> CallFailure:
    return reject("a rule about cells and neighbours", value)


def _few(values: Value) -> Tuple[Value]:
    if len(check_tuple(values)) > CASES_MAX:
        raise _wrong(values)
    return values  # type: ignore[no-any-return]


def _three(value: Value) -> Tuple[Value]:
    if len(check_tuple(value)) != 3:
        raise _wrong(value)
    return value  # type: ignore[no-any-return]


def _case(case: Value) -> Case:
    old, conditions, new = _three(case)
    read = [_condition(condition) for condition in _few(conditions)]
    return check_color(old), read, check_color(new)


def _condition(condition: Value) -> Condition:
    side, color, holds = _three(condition)
    return _steps(side), check_color(color), bool(check_number(holds))


def _steps(side: Value) -> Steps:
    if is_location(side) and max(map(abs, side)) <= REACH:
        return (side,)
    if type(side) is Function and not side.parts and side.name in SIDES:
        return SIDES[side.name]
    raise _wrong(side)
