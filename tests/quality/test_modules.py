"""Modules stay small enough to read in one go."""

from __future__ import annotations

from pathlib import Path

from arcbatt.dsl.registry import REGISTRY

LINES_MAX = 500
FAMILY_LINES_MAX = 800
"""For a family of primitives, one declaration after the other: those are read one at a time."""


def test_modules_are_small(root: Path, modules: list[Path]) -> None:
    families = {f"dsl/{family}.py" for family in REGISTRY.families}
    lengths = {str(path.relative_to(root)): len(path.read_text().splitlines()) for path in modules}
    too_long = {
        name: lines
        for name, lines in lengths.items()
        if lines > (FAMILY_LINES_MAX if name in families else LINES_MAX)
    }
    assert too_long == {}
