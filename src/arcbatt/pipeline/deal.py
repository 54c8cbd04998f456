"""Deal: choose the programs that a task's batt is built from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType

from arcbatt.archive import Archive
from arcbatt.batt import Batt
from arcbatt.errors import ArchiveError
from arcbatt.pipeline.votes import Votes, best_votes
from arcbatt.pipeline.work import Card, Dealt
from arcbatt.program.graph import Program
from arcbatt.program.parse import SourceProgram
from arcbatt.search.run import Searched

LIBRARY, ARCHIVE, SEARCH, EVOLVE, BATT = "library", "archive", "search", "evolve", "batt"
KEPT = (LIBRARY, ARCHIVE)
"""The sources that hold programs."""
FINDERS = (SEARCH, EVOLVE)
"""The sources that look for programs, task by task; they need the native engine."""
SOURCES = (*KEPT, *FINDERS)
"""The sources that `batt solve --sources` knows, in the order in which they are dealt."""
NOTHING: Mapping[str, Program] = MappingProxyType({})
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
    known: Mapping[str, Program] = NOTHING,
    damaged: list[ArchiveError] | None = None,
) -> Card:
    """Return a card with the programs that an archive keeps for a task, the best first.

    Args:
        archive: to read.
        task: its id.
        known: programs that are dealt already, by md5: they are not read again, and only dealt
            again where the archive knows what they count.
        damaged: gets an error for each program that can't be read; the others are dealt.
    """
    kept = archive.programs(task, known=known)
    if damaged is not None:
        damaged.extend(kept.errors)
    again = [
        (entry, known[entry.md5])
        for entry in archive.entries(task)
        if known and entry.vote and entry.md5 in known
    ]
    return tuple(
        Dealt(entry.md5, program, ARCHIVE, Votes(kept=entry.vote or 0.0))
        for entry, program in (*((each.entry, each.program) for each in kept.programs), *again)
    )


def deal_found(searched: Searched) -> Card:
    """Return a card with the programs that a search found for a task, the cheapest first."""
    return tuple(
        Dealt(f"found_{number}", found.program, SEARCH, Votes(dealt=2 ** (-found.bits / VOTE_BITS)))
        for number, found in enumerate(searched.found, start=1)
    )


class KnownPrograms(Mapping[str, Program]):
    """The programs of a card by md5, which is worked out when the first one is looked for."""

    def __init__(self, card: Card) -> None:
        self._card = card

    @cached_property
    def _programs(self) -> dict[str, Program]:
        return {dealt.program.md5: dealt.program for dealt in self._card}

    def __getitem__(self, md5: str) -> Program:
        return self._programs[md5]

    def __iter__(self) -> Iterator[str]:
        return iter(self._programs)

    def __len__(self) -> int:
        return len(self._card)


def join_cards(cards: Sequence[Card]) -> Card:
    """Join cards; of programs with one body the first one dealt stays, with the best votes.

    The first card itself is returned where the others add nothing, so that tasks with equal
    cards can share a batt.
    """
    if not any(cards[1:]):
        return cards[0] if cards else ()
    joined = list(cards[0])
    places: dict[str, int] = {}
    for place, dealt in enumerate(joined):
        places.setdefault(dealt.program.body_hash, place)
    changed = False
    for card in cards[1:]:
        for dealt in card:
            place = places.setdefault(dealt.program.body_hash, len(joined))
            if place == len(joined):
                joined.append(dealt)
                changed = True
                continue
            first = joined[place]
            votes = best_votes(first.votes, dealt.votes)
            if votes != first.votes:
                joined[place] = replace(first, votes=votes)
                changed = True
    return tuple(joined) if changed else cards[0]
