"""Primitives that pick by a number: a place, a rank, a symmetry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from arcbatt.dsl.geometry import cmirror, dmirror, hmirror, vmirror
from arcbatt.dsl.grids import rot90, rot180, rot270
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import check_grid, check_number
from arcbatt.dsl.support.ordering import check_function, rank
from arcbatt.dsl.types import A, B, Callable, Color, Container, Grid, Integer, Value
from arcbatt.dsl.values import Function, members, reject

Member = TypeVar("Member")

SYMMETRIES: tuple[Callable[[Value], Value], ...] = (
    lambda grid: grid,
    rot90,
    rot180,
    rot270,
    hmirror,
    vmirror,
    dmirror,
    cmirror,
)
"""The symmetries of the square by their number in `mir_rot`."""


def _pick(values: Sequence[Member], k: Value) -> Member:
    place = check_number(k)
    if not -len(values) <= place < len(values):
        raise reject(f"a place among {len(values)} members", k)
    return values[place]


def _from_start(place: int) -> int:
    """Return the place from the start of a list that was turned round for negative places."""
    return place if place >= 0 else -1 - place


@primitive("(Pair[A, B]) -> B")
def second(container: Container[A]) -> A:
    """Return the second member. Fails without one.

    >>> second((4, 5, 6))
    5
    """
    return _pick(members(container), 1)  # type: ignore[no-any-return]


@primitive("(Container[A], Callable[[A], Integer], Integer) -> A")
def rank_by(container: Container[A], key: Callable[[A], B], k: Integer) -> A:
    """Return the member at a rank by a key: from 0 for the greatest, from -1 for the least.

    Keys compare as in `order`. Members with equal keys rank in the container's order from either
    end, so that among numbers 0 is what `argmax` and -1 what `argmin` returns. Fails without a
    container and a function of 1 argument, where keys do not compare, and for a rank outside.

    >>> rank_by((3, -5, 4), Function("invert", arity=1), 1)
    3
    """
    function: Function = check_function(key, 1)
    ordered = members(container)
    place = check_number(k)
    positions = rank([function(member) for member in ordered], falling=place >= 0)
    return ordered[_pick(positions, _from_start(place))]  # type: ignore[no-any-return]


@primitive()
def color_rank(grid: Grid, k: Integer) -> Color:
    """Return the colour at a rank: from 0 for the most cells, from -1 for the fewest.

    Of equally frequent colours the lower one ranks first from either end. Fails without a grid,
    and for a rank outside.

    >>> color_rank(((1, 2, 2), (2, 0, 1)), 1)
    1
    """
    counts = sorted(Counter(color for row in check_grid(grid) for color in row).items())
    place = check_number(k)
    counts.sort(key=lambda count: count[1], reverse=place >= 0)
    return _pick(counts, _from_start(place))[0]


@primitive()
def mir_rot(grid: Grid, k: Integer) -> Grid:
    """Turn a grid by a symmetry of the square, by its number.

    0 leaves it, 1 is `rot90`, 2 `rot180`, 3 `rot270`, 4 `hmirror`, 5 `vmirror`, 6 `dmirror` and
    7 `cmirror`. Fails without a grid and for other numbers.

    >>> mir_rot(((1, 2), (3, 4)), 5)
    ((2, 1), (4, 3))
    """
    check_grid(grid)
    if check_number(k) < 0:
        raise reject("a number in 0..7", k)
    return _pick(SYMMETRIES, k)(grid)  # type: ignore[no-any-return]
