"""Inline: write each survivor as source; the md5 of its inlined text is its name."""

from __future__ import annotations

from collections.abc import Sequence

from arcbatt.pipeline.work import Work


def inline_candidates(works: Sequence[Work]) -> None:
    """Give each candidate its text and md5; a program that many tasks share is written once."""
    for work in works:
        for candidate in work.candidates:
            candidate.text, candidate.md5 = candidate.program.inlined, candidate.program.md5
