"""Choice: what of a crop is dealt, and what its programs count for their outputs."""

from __future__ import annotations

from collections.abc import Mapping

from arcbatt.evolve.alone import Crop, Find
from arcbatt.evolve.lines import from_line
from arcbatt.pipeline.work import Card, Dealt

EXACT_MAX = 32
"""Programs right on all demos that go through the pipeline, those with the most votes."""
NODES_TO_HALVE = 4
"""A program with so many nodes more counts half as much."""


def deal_crop(crop: Crop, source: str, known: Mapping[str, str]) -> Card:
    """Return a card with the programs of a crop.

    A program right on all demos counts for its outputs by the share of bodies that do the same:
    what many ways lead to is seldom an accident. The simpler one counts more.

    Args:
        crop: what was found.
        source: that found it.
        known: body hashes of programs that were dealt, with their sources.
    """
    exact = [find for find in crop.finds if find.is_exact]
    others = [find for find in crop.finds if not find.is_exact]
    bodies = sum(find.bodies for find in exact)
    voted = [(find.bodies / bodies * 2 ** (-find.size / NODES_TO_HALVE), find) for find in exact]
    voted.sort(key=lambda item: (-item[0], item[1].rank))
    return (
        *(_deal(find, source, known, vote) for vote, find in voted[:EXACT_MAX]),
        *(_deal(find, source, known) for find in others),
    )


def _deal(find: Find, source: str, known: Mapping[str, str], vote: float | None = None) -> Dealt:
    program = from_line(find.line)
    body = program.body_hash
    return Dealt(f"{source}_{body}", program, known.get(body, source), vote)
