"""Choice: what of a crop is dealt, and what its programs count for their outputs."""

from __future__ import annotations

from collections.abc import Mapping

from arcbatt.evolve.alone import INEXACT_MAX, Crop, Find
from arcbatt.evolve.lines import from_line
from arcbatt.pipeline.work import Card, Dealt

EXACT_MAX = 64
"""Programs right on all demos that go through the pipeline, the best first."""


def deal_crop(crop: Crop, source: str, known: Mapping[str, str]) -> Card:
    """Return a card with the programs of a crop.

    Args:
        crop: what was found.
        source: that found it.
        known: body hashes of programs that were dealt, with their sources.
    """
    exact = [find for find in crop.finds if find.is_exact][:EXACT_MAX]
    others = [find for find in crop.finds if not find.is_exact][:INEXACT_MAX]
    return tuple(_deal(find, source, known) for find in (*exact, *others))


def _deal(find: Find, source: str, known: Mapping[str, str]) -> Dealt:
    program = from_line(find.line)
    body = program.body_hash
    return Dealt(f"{source}_{body}", program, known.get(body, source))
