"""The moves: one table with weights, which is what evolution does and what the docs say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from arcbatt.engine.breeder import Tally


@dataclass(frozen=True, slots=True)
class Move:
    """One way to make a child.

    Attributes:
        name: of the move.
        weight: how often it is drawn at first, compared with the others.
        does: one sentence.
    """

    name: str
    weight: float
    does: str


MOVES: tuple[Move, ...] = (
    Move("constant", 12, "puts another constant of the same meaning in its place"),
    Move("samples", 6, "derives a constant from the samples instead, or the other way round"),
    Move("primitive", 12, "calls another primitive of a compatible type"),
    Move("argument", 12, "takes another node of a compatible type as an argument"),
    Move("insert", 10, "puts a call between a node and where it is used"),
    Move("remove", 8, "puts an argument in the place of its call"),
    Move("wrap", 6, "puts a call around the result"),
    Move("grow", 10, "puts a new random term in the place of an argument"),
    Move("subgraph", 12, "takes a part of another program of a type that fits"),
    Move("branch", 6, "joins two programs by a predicate that tells apart who is right where"),
    Move("chain", 4, "gives the output of one program to another one as its input"),
    Move("function", 4, "makes a function of what is there twice, and changes a detail of it"),
)
"""All moves; the weights are where adaptation begins."""

FACTOR_MAX = 4.0
"""A move's weight stays within 1/4 and 4 times what it is at first."""
PRIOR = 400
"""So many tries as good as the average are added to those of each move."""
MEMORY = 0.8
"""Share of what earlier rounds tell that still counts in the next one."""


def first_weights() -> dict[str, float]:
    """Return the weights of all moves before anything is known."""
    return {move.name: move.weight for move in MOVES}


def adapt_weights(tallies: Mapping[str, Tally]) -> dict[str, float]:
    """Return the weights of all moves by what came of them.

    A move's weight grows with the share of its children that were kept, compared with the
    average, within bounds.

    Args:
        tallies: of each move, earlier rounds counting less.
    """
    tried = sum(tally.tried for tally in tallies.values())
    kept = sum(tally.kept for tally in tallies.values())
    average = (kept + 1) / (tried + PRIOR)
    weights = {}
    for move in MOVES:
        tally = tallies.get(move.name, Tally())
        share = (tally.kept + average * PRIOR) / (tally.tried + PRIOR)
        factor = min(FACTOR_MAX, max(1 / FACTOR_MAX, share / average))
        weights[move.name] = move.weight * factor
    return weights


def add_tallies(before: Mapping[str, Tally], now: Mapping[str, Tally]) -> dict[str, Tally]:
    """Return the tallies of all rounds, earlier ones counting less."""
    faded = {
        name: Tally(*(int(MEMORY * count) for count in (tally.tried, tally.new, tally.kept)))
        for name, tally in before.items()
    }
    return {
        move.name: faded.get(move.name, Tally()) + now.get(move.name, Tally()) for move in MOVES
    }
