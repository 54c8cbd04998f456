"""A small fixed run may not cost more than it did, by counts that need no clock.

`make derived` writes the counts of now; the commit says why they are higher.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from lab.counts import PROGRAMS, TASKS, count_all

KEPT = Path(__file__).with_name("counts.txt")
TOLERANCE = 0.02
"""Share by which a count may rise; versions of Python differ by less."""


def read_kept() -> dict[str, int]:
    lines = KEPT.read_text(encoding="utf-8").splitlines()
    return {name: int(count) for name, _, count in (line.rpartition("  ") for line in lines)}


def risen(kept: Mapping[str, int], counts: Mapping[str, int]) -> list[str]:
    """Return a line for each count that rose beyond the tolerance, or that is new or gone."""
    lines = [f"{name}: is counted no more" for name in kept if name not in counts]
    for name, count in counts.items():
        if name not in kept:
            lines.append(f"{name}: {count}, is counted for the first time")
        elif count > kept[name] * (1 + TOLERANCE):
            rise = f"by {count / kept[name] - 1:.1%}" if kept[name] else "from nothing"
            lines.append(f"{name}: rose {rise}, from {kept[name]} to {count}")
    return lines


@pytest.mark.native
def test_nothing_costs_more_than_it_did() -> None:
    kept = read_kept()
    counts = count_all()
    lines = risen(kept, counts)
    assert not lines, "\n".join(
        [
            "A small fixed run counts more than it did:",
            *lines,
            "If that is meant: run `make derived`, commit tests/quality/counts.txt, say why.",
        ]
    )
    assert counts["calls in Python"] > 0 and counts["statements of SQLite"] > 0
    assert counts["candidates proposed"] == len(PROGRAMS) * len(TASKS)


def test_a_rise_beyond_the_tolerance_is_reported() -> None:
    kept = {"fuel": 1000, "links": 0, "gone": 1}
    assert risen(kept, {"fuel": 1020, "links": 0, "gone": 0}) == []
    assert risen(kept, {"fuel": 1021, "links": 2, "new": 5}) == [
        "gone: is counted no more",
        "fuel: rose by 2.1%, from 1000 to 1021",
        "links: rose from nothing, from 0 to 2",
        "new: 5, is counted for the first time",
    ]
