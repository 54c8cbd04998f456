"""Restarts: after how many rounds a task's islands begin anew.

Islands that have found a large program, or none, seldom get away from it: another beginning is
worth more than more of the same. How long to go on is unknown, so the lengths follow the sequence
that loses least whatever would be best (Luby, Sinclair and Zuckerman, "Optimal speedup of Las
Vegas algorithms", 1993).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

UNIT = 2
"""Rounds of the shortest run."""


def turn_of(done: int) -> int | None:
    """Return which run of the islands begins after so many rounds, 0 for the first; else None.

    >>> [done for done in range(20) if turn_of(done) is not None]
    [0, 2, 4, 8, 10, 12, 16]
    >>> turn_of(8)
    3
    """
    for turn, begin in enumerate(_beginnings()):
        if begin >= done:
            return turn if begin == done else None
    raise AssertionError("the sequence has no end")


def _beginnings() -> Iterator[int]:
    begin = 0
    for turn in count(1):
        yield begin
        begin += UNIT * luby(turn)


def luby(place: int) -> int:
    """Return a member of Luby's sequence, by its place from 1.

    >>> [luby(place) for place in range(1, 16)]
    [1, 1, 2, 1, 1, 2, 4, 1, 1, 2, 1, 1, 2, 4, 8]
    """
    bits = place.bit_length()
    if place == 2**bits - 1:
        return int(2 ** (bits - 1))
    return luby(place - 2 ** (bits - 1) + 1)
