"""Modules stay small enough to read in one go."""

from __future__ import annotations

from pathlib import Path

LINES_MAX = 500
FAMILY_LINES_MAX = 800
"""For a family of primitives, one declaration after the other: those are read one at a time."""


def test_modules_are_small(root: Path, modules: list[Path]) -> None:
    too_long = {}
    for path in modules:
        text = path.read_text()
        lines = text.count("\n")
        if lines > (FAMILY_LINES_MAX if "\n@primitive(" in text else LINES_MAX):
            too_long[str(path.relative_to(root))] = lines
    assert too_long == {}
