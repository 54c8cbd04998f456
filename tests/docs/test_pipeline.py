"""docs/pipeline.md and docs/differs.md say what the code does."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from arcbatt.archive import CAPACITY
from arcbatt.cli import main
from arcbatt.engine import Budget
from arcbatt.library import DIFFERS, load_library
from arcbatt.pipeline.run import NEARNESS_FACTOR, Settings
from arcbatt.pipeline.work import Counts, Refusal

DOCS = Path(__file__).parents[2] / "docs"
PIPELINE = (DOCS / "pipeline.md").read_text(encoding="utf-8")
DIFFERS_PAGE = (DOCS / "differs.md").read_text(encoding="utf-8")


def rows(page: str, header: str) -> list[list[str]]:
    """Return the cells of the table with a header."""
    [table] = re.findall(rf"^\| {header} \|.*\n\|[-|]+\n((?:\|.*\n)+)", page, re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in table.splitlines()]


def test_all_names_of_timings_are_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("arcbatt._engine")
    sample = {"input": [[1, 2]], "output": [[2, 1]]}
    task = {"train": [sample, sample], "test": [sample]}
    (tmp_path / "tasks.json").write_text(json.dumps({"0000aaaa": task}))
    monkeypatch.chdir(tmp_path)
    words = ["solve", "--dataset", "tasks.json", "--timing-json", "timings.json", "--json"]
    words += ["--sources", "archive,search,evolve", "--search-nodes", "1", "--mutants", "50"]
    words += ["--array-backend", "numpy"]
    assert main(words) == 0
    used = set(json.loads((tmp_path / "timings.json").read_text())["timings"])
    named = [row[0].strip("`") for row in rows(PIPELINE, "name")]
    assert len(named) == len(set(named))
    assert set(named) == used


def test_counts_and_refusals_are_explained() -> None:
    counts = [row[0].strip("`") for row in rows(PIPELINE, "count")]
    assert counts == [item.name for item in fields(Counts)]
    assert {row[0] for row in rows(PIPELINE, "reason")} == set(map(str, Refusal))


def test_figures_are_those_of_the_code() -> None:
    budget = Budget()
    bounds = [int(row[1].replace(",", "")) for row in rows(PIPELINE, "bound")]
    assert bounds == [budget.node_fuel, budget.value_leaves, budget.sample_seconds]
    assert f"Only the {NEARNESS_FACTOR * CAPACITY} best candidates" in PIPELINE
    assert f"the {CAPACITY} best of them go on" in PIPELINE
    assert f"keeps the {CAPACITY} best solvers" in PIPELINE
    assert Settings().batch == 20


def test_the_shipped_differs_are_listed() -> None:
    listed = rows(DIFFERS_PAGE, "differ")
    assert [(name, says) for name, says, _ in listed] == [
        (f"`{source.name}`", source.doc) for source in load_library(DIFFERS)
    ]
    assert all(-1 <= float(separation) <= 1 for *_, separation in listed)


@pytest.mark.parametrize("page", ["pipeline.md", "differs.md"])
def test_links_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", (DOCS / page).read_text(encoding="utf-8"))
    assert targets
    assert all((DOCS / target).exists() for target in targets)
