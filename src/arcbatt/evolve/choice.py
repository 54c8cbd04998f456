"""Choice: what of a crop is dealt, and what its programs count for their outputs."""

from __future__ import annotations

from collections.abc import Mapping

from arcbatt.engine.breeder import Bred
from arcbatt.evolve.ballot import weigh
from arcbatt.evolve.finds import Crop
from arcbatt.evolve.lines import from_line
from arcbatt.pipeline.making import Made
from arcbatt.pipeline.votes import NO_VOTES, Votes
from arcbatt.pipeline.work import Card, Dealt

EXACT_MAX = 32
"""Programs right on all demos that go through the pipeline, those with the most votes."""


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
    voted = [(weigh(find.bodies, find.size, bodies), find) for find in exact]
    voted.sort(key=lambda item: (-item[0], item[1].rank))
    return (
        *(_deal(find, source, known, Votes(vote)) for vote, find in voted[:EXACT_MAX]),
        *(_deal(find, source, known) for find in others),
    )


def make_of_crop(crop: Crop, source: str, known: Mapping[str, str]) -> Made:
    """Return what the pipeline is given of a crop, see `deal_crop`."""
    return Made(deal_crop(crop, source, known), crop.reason)


def _deal(find: Bred, source: str, known: Mapping[str, str], votes: Votes = NO_VOTES) -> Dealt:
    program = from_line(find.line)
    body = program.body_hash
    return Dealt(f"{source}_{body}", program, known.get(body, source), votes)
