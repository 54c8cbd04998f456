"""docs/pipeline.md, docs/sources.md and docs/differs.md say what the code does."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from arcbatt.archive import CAPACITY
from arcbatt.candidates import Counts, Refusal
from arcbatt.cli import main
from arcbatt.engine import Budget
from arcbatt.library import DIFFERS, REGULARITIES, load_library
from arcbatt.pipeline.run import Settings
from arcbatt.sources import SOURCES
from arcbatt.sources.command import ANSWERS_MAX

DOCS = Path(__file__).parents[2] / "docs"
PIPELINE = (DOCS / "pipeline.md").read_text(encoding="utf-8")
SOURCES_PAGE = (DOCS / "sources.md").read_text(encoding="utf-8")
DIFFERS_PAGE = (DOCS / "differs.md").read_text(encoding="utf-8")


def rows(page: str, header: str) -> list[list[str]]:
    """Return the cells of the table with a header."""
    [table] = re.findall(rf"^\| {header} \|.*\n\|[-|]+\n((?:\|.*\n)+)", page, re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in table.splitlines()]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with a task that mirrors."""
    sample = {"input": [[1, 2]], "output": [[2, 1]]}
    task = {"train": [sample, sample], "test": [sample]}
    (tmp_path / "tasks.json").write_text(json.dumps({"0000aaaa": task}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    return tmp_path


SOLVE = ["solve", "--dataset", "tasks.json", "--json"]


@pytest.mark.native
def test_all_names_of_timings_are_explained(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--sources", "archive,search", "--search-evaluations", "300", "--cross-check"]
    words += ["--array-backend", "numpy", "--timing"]
    assert main([*SOLVE, *words]) == 0
    used = set(json.loads(capsys.readouterr().out)["timings"])
    named = {row[0].strip("`") for row in rows(PIPELINE, "name")}
    source = "run_batt.source_"
    assert {name for name in used if name.startswith(source)} == {
        f"{source}archive",
        f"{source}search",
    }
    assert {name for name in used if not name.startswith(source)} == named - {f"{source}<name>"}


def test_sources_are_listed() -> None:
    assert [row[:2] for row in rows(SOURCES_PAGE, "source")] == [
        [f"`{kind.name}`", kind.summary] for kind in SOURCES
    ]
    assert [row[2] for row in rows(SOURCES_PAGE, "source")] == [
        "yes" if kind.is_default else "" for kind in SOURCES
    ]
    assert f"at most {ANSWERS_MAX:,} answers" in SOURCES_PAGE


def test_the_examples_of_sources_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command, module = re.findall(r"^```python\n(.*?)^```", SOURCES_PAGE, re.M | re.S)
    (folder / "propose.py").write_text(command)
    (folder / "my_source.py").write_text(module)
    sources = [
        ["--sources", "command", "--command", f"{sys.executable} propose.py"],
        ["--sources", "my_source:Mirrors"],
    ]
    for words in sources:
        capsys.readouterr()
        assert main([*SOLVE, "--no-archive", *words]) == 0
        assert json.loads(capsys.readouterr().out)["totals"]["exact"] == 1


def test_counts_and_refusals_are_explained() -> None:
    counts = [row[0].strip("`") for row in rows(PIPELINE, "count")]
    assert counts == [item.name for item in fields(Counts)]
    assert {row[0] for row in rows(PIPELINE, "reason")} == set(map(str, Refusal))


def test_figures_are_those_of_the_code() -> None:
    budget = Budget()
    bounds = [int(row[1].replace(",", "")) for row in rows(PIPELINE, "bound")]
    assert bounds == [
        budget.node_fuel,
        budget.brought_fuel,
        budget.value_leaves,
        budget.total_leaves,
        budget.sample_seconds,
    ]
    assert f"Only the {CAPACITY} best candidates" in PIPELINE
    assert f"keeps the {CAPACITY} best solvers" in PIPELINE
    assert Settings().batch == 20
    assert f"the {len(load_library(REGULARITIES))} shipped ones" in PIPELINE


def test_the_shipped_differs_are_listed() -> None:
    listed = rows(DIFFERS_PAGE, "differ")
    assert [(name, says) for name, says in listed] == [
        (f"`{source.name}`", source.doc) for source in load_library(DIFFERS)
    ]


@pytest.mark.parametrize("page", ["pipeline.md", "sources.md", "differs.md"])
def test_links_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", (DOCS / page).read_text(encoding="utf-8"))
    assert targets
    assert all((DOCS / target).exists() for target in targets)
