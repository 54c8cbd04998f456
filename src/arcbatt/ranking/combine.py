"""Combine: choose the attempts for a test input among those of several submissions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from arcbatt.dsl.types import Grid
from arcbatt.ranking.attempts import ATTEMPTS

BY_RANK = 0.5
"""The confidence of a first attempt that has none; that of each further one is half of it."""

Guesses = Sequence[tuple[Grid, float | None]]
"""The attempts of one submission for a test input, ranked, with their confidences, 0..1."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An attempt that was chosen.

    Attributes:
        grid: the attempt.
        confidence: the confidence by which it was chosen, 0..1.
        submissions: the positions of the submissions that have it, from 0, ascending.
    """

    grid: Grid
    confidence: float
    submissions: tuple[int, ...]


def choose_grids(submissions: Sequence[Guesses], *, count: int = ATTEMPTS) -> list[Choice]:
    """Choose attempts by confidence, never the same grid twice.

    Attempts without a confidence count as `BY_RANK` says: alone, they are chosen by rank. A grid of
    several submissions is wrong only if all of them are, so its confidence is 1 - (1-p)(1-q)...
    Of equal confidences the better rank goes first, then the earlier submission.

    Args:
        submissions: the attempts of each submission.
        count: the number of attempts to choose; fewer are returned if there are not as many grids.

    >>> one, other = ((1,),), ((2,),)
    >>> [choice.grid for choice in choose_grids([[(one, 0.1), (one, 0.1)], [(other, None)]])]
    [((2,),), ((1,),)]
    """
    known: dict[Grid, dict[int, float]] = {}
    places: dict[Grid, tuple[int, int]] = {}
    for position, guesses in enumerate(submissions):
        for rank, (grid, confidence) in enumerate(guesses):
            if confidence is None:
                confidence = BY_RANK / 2**rank
            of_grid = known.setdefault(grid, {})
            # A submission that has a grid twice is no surer of it.
            of_grid[position] = max(confidence, of_grid.get(position, 0.0))
            places[grid] = min(places.get(grid, (rank, position)), (rank, position))
    choices = [
        Choice(grid, 1.0 - prod(1.0 - each for each in of_grid.values()), tuple(of_grid))
        for grid, of_grid in known.items()
    ]
    choices.sort(key=lambda choice: (-choice.confidence, places[choice.grid]))
    return choices[:count]
