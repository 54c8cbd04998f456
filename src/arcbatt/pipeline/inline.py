"""Inline: write each survivor as source; the md5 of its inlined text is its name."""

from __future__ import annotations

from collections.abc import Sequence

from arcbatt.pipeline.work import Work
from arcbatt.program.render import md5_of_text, render


def inline_candidates(works: Sequence[Work]) -> None:
    """Give each candidate its text and md5; a program that many tasks share is written once."""
    written: dict[str, tuple[str, str]] = {}
    for work in works:
        for candidate in work.candidates:
            body = candidate.program.body_hash
            if body not in written:
                text = render(candidate.program)
                written[body] = (text, md5_of_text(text))
            candidate.text, candidate.md5 = written[body]
