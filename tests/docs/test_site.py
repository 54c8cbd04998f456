"""The site of the documentation has every page, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
MADE = {"index.md", "gallery.md", "reference.md", "contributing.md", "changelog.md"}
"""Pages that docs/hooks.py makes."""


def test_every_page_has_its_place() -> None:
    nav = (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    listed = re.findall(r"[\w-]+\.md", nav)
    assert sorted(listed) == sorted({*MADE, *(page.name for page in DOCS.glob("*.md"))})


@pytest.mark.parametrize("page", sorted(page.name for page in DOCS.glob("*.md")))
def test_links_lead_somewhere(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)", text)
    local = [each for each in targets if not each.startswith("http")]
    assert [each for each in local if not (DOCS / each).exists()] == []
