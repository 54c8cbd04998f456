"""The pages on speed have commands that are understood, and links that work."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from lab.bench import make_parser

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "laboratory.md").read_text(encoding="utf-8")


def test_every_command_line_is_understood() -> None:
    lines = re.findall(r"^\.venv/bin/python -m lab\.bench(.*)$", PAGE, re.MULTILINE)
    assert len(lines) >= 4
    for line in lines:
        make_parser().parse_args(shlex.split(line, comments=True))


@pytest.mark.parametrize("page", ["laboratory.md", "performance.md", "results.md"])
def test_links_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", (DOCS / page).read_text(encoding="utf-8"))
    assert all((DOCS / target).exists() for target in targets)
