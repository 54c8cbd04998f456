"""Which programs stay: at most so many per task and kind, by the order of `arcbatt.score`.

The order has no ties and a program's data only gets better while it is kept, so the same programs
leave the same shelf whatever order they come in. Votes are no part of the order: the last one that
was told stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from arcbatt.archive.records import AddStatus, Entry

CAPACITY = 32
"""Programs that are kept per task and kind."""


class Shelf:
    """The entries of one task and kind.

    Args:
        entries: what is kept so far.
        capacity: how many may stay, 1 or more.
    """

    def __init__(self, entries: Iterable[Entry], *, capacity: int) -> None:
        self.capacity = capacity
        self.before = {entry.md5: entry for entry in entries}
        self.kept = dict(self.before)

    def place(self, entry: Entry) -> AddStatus:
        """Keep an entry if it is good enough; the worst one gives way where there are too many."""
        held = self.kept.get(entry.md5)
        if held is not None:
            vote = held.vote if entry.vote is None else entry.vote
            if entry.rank >= held.rank:
                self.note_vote(entry.md5, vote)
                return AddStatus.REFUSED
            entry = replace(entry, vote=vote)
        self.kept[entry.md5] = entry
        self.trim()
        if entry.md5 not in self.kept:
            return AddStatus.REFUSED
        return AddStatus.NEW if held is None else AddStatus.IMPROVED

    def note_vote(self, md5: str, vote: float | None) -> None:
        """Give a program another vote, if it is kept."""
        held = self.kept.get(md5)
        if held is not None and held.vote != vote:
            self.kept[md5] = replace(held, vote=vote)

    def trim(self) -> None:
        """Let the worst entries give way until the rest is no more than the capacity."""
        while len(self.kept) > self.capacity:
            del self.kept[max(self.kept.values(), key=lambda entry: entry.rank).md5]

    def changes(self) -> list[tuple[Entry | None, Entry | None]]:
        """List what differs from the start as (entry before, entry now); None for not there."""
        md5s = dict.fromkeys((*self.before, *self.kept))
        pairs = [(self.before.get(md5), self.kept.get(md5)) for md5 in md5s]
        return [(before, now) for before, now in pairs if before != now]
