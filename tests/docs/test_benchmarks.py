"""docs/benchmarks.md names the switches as they are; its charts are there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from arcbatt.bench.series import load_series
from arcbatt.cli.app import app
from arcbatt.pipeline.switches import SWITCHES, explain

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
ROOT: Any = typer.main.get_command(app)


def test_switches_are_explained_as_in_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \|$", PAGE, re.MULTILINE)
    assert rows == [(name, *explain(name)) for name in SWITCHES]


@pytest.mark.parametrize(
    "line", re.findall(r"^batt (?:[^\\\n]|\\\n)*", PAGE, re.MULTILINE), ids=lambda line: line[:40]
)
def test_every_command_line_is_understood(line: str) -> None:
    _, name, *words = shlex.split(line.replace("\\\n", " "), comments=True)
    ROOT.commands[name].make_context(name, words)


@pytest.mark.parametrize("page", ["benchmarks.md", "performance.md"])
def test_links_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", (DOCS / page).read_text(encoding="utf-8"))
    assert targets
    assert all((DOCS / target).exists() for target in targets)


@pytest.mark.parametrize("name", ["ablation-small", "ablation-large", "growth"])
def test_a_chart_has_its_data(name: str) -> None:
    assert load_series(DOCS / "charts" / f"{name}.json")
    chart = (DOCS / "charts" / f"{name}.svg").read_text(encoding="utf-8")
    assert "<svg" in chart
    assert len(chart) < 100_000
