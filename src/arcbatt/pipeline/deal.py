"""Deal: choose the programs that a task's batt is built from."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from functools import cached_property

from arcbatt.archive import Archive
from arcbatt.batt import Batt
from arcbatt.errors import ArchiveError
from arcbatt.pipeline.work import Card, Dealt
from arcbatt.program.parse import SourceProgram
from arcbatt.search.run import Searched

LIBRARY, ARCHIVE, SEARCH, BATT = "library", "archive", "search", "batt"
KEPT = (LIBRARY, ARCHIVE)
"""The sources that hold programs."""
SOURCES = (*KEPT, SEARCH)
"""The sources that `batt solve --sources` knows, in the order in which they are dealt."""
VOTE_BITS = 8
"""A program that takes so many bits more counts half as much."""


def deal_programs(programs: Iterable[SourceProgram], source: str = LIBRARY) -> Card:
    """Return a card with parsed programs, and where they came from."""
    return tuple(Dealt(each.name, each.program, source) for each in programs)


def deal_batt(batt: Batt, source: str = BATT) -> Card:
    """Return a card with all programs of a batt under their names; equal ones are one object."""
    dealt = (
        Dealt(name, program, source)
        for names, program in zip(batt.names, batt.programs, strict=True)
        for name in names
    )
    card = MergedCard(dealt)
    card.batt = batt
    return card


class MergedCard(tuple[Dealt, ...]):
    """A card that holds all programs of a batt and no others, so that it need not be merged.

    Attributes:
        batt: of its programs.
    """

    batt: Batt


def deal_archive(
    archive: Archive,
    task: str,
    *,
    known: Container[str] = (),
    damaged: list[ArchiveError] | None = None,
) -> Card:
    """Return a card with the programs that an archive keeps for a task, the best first.

    Args:
        archive: to read.
        task: its id.
        known: md5s of programs that are dealt already; they are not read again.
        damaged: gets an error for each program that can't be read; the others are dealt.
    """
    kept = archive.programs(task, known=known)
    if damaged is not None:
        damaged.extend(kept.errors)
    return tuple(Dealt(each.entry.md5, each.program, ARCHIVE) for each in kept.programs)


def deal_found(searched: Searched) -> Card:
    """Return a card with the programs that a search found for a task, the cheapest first."""
    return tuple(
        Dealt(f"found_{number}", found.program, SEARCH, vote=2 ** (-found.bits / VOTE_BITS))
        for number, found in enumerate(searched.found, start=1)
    )


class KnownPrograms:
    """The md5s of a card, worked out when the first one is looked for: each costs a rendering."""

    def __init__(self, card: Card) -> None:
        self._card = card

    @cached_property
    def _md5s(self) -> frozenset[str]:
        return frozenset(dealt.program.md5 for dealt in self._card)

    def __contains__(self, md5: object) -> bool:
        return md5 in self._md5s


def join_cards(cards: Sequence[Card]) -> Card:
    """Join cards; of programs with one body the first one dealt stays.

    The first card itself is returned where the others add nothing, so that tasks with equal
    cards can share a batt.
    """
    if not any(cards[1:]):
        return cards[0] if cards else ()
    bodies = {dealt.program.body_hash for dealt in cards[0]}
    added = []
    for card in cards[1:]:
        for dealt in card:
            if dealt.program.body_hash not in bodies:
                bodies.add(dealt.program.body_hash)
                added.append(dealt)
    return (*cards[0], *added) if added else cards[0]
