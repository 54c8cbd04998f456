"""docs/profile.md says what the categories and their parts are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.table import Table

from arcbatt.profile.model import (
    COUNTING,
    HAND_OUT,
    NODES,
    OUTPUTS,
    PLACES,
    SUMS,
    Category,
    Measured,
    PrimitiveCost,
    Profile,
)
from arcbatt.report.profile import primitives_table

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "profile.md").read_text(encoding="utf-8")
PIPELINE = (DOCS / "pipeline.md").read_text(encoding="utf-8")


def first_cells(header: str) -> list[str]:
    """Return the first cell of each row of the table with a header."""
    [table] = re.findall(rf"^\| {header} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [row.split("|")[1].strip().strip("`") for row in table.splitlines()]


def test_all_categories_are_explained() -> None:
    assert first_cells("category") == list(map(str, Category))


def test_all_parts_of_an_evaluation_are_explained() -> None:
    jobs = {part for category, part in PLACES.values() if category is Category.EVALUATION}
    assert set(first_cells("part of `batt evaluation`")) == {NODES, OUTPUTS, SUMS, HAND_OUT, *jobs}
    assert f"`framework`, `{COUNTING}`" in PAGE


def test_all_phases_of_the_pipeline_have_a_place() -> None:
    named = set(re.findall(r"^\| `(run_batt\.\w+)` \|", PIPELINE, re.MULTILINE))
    # Sums of CPU time are no blocks.
    sums = {name for name in named if name.endswith(("_cpu", "check_solver_speed"))}
    assert named - sums == set(PLACES)


def test_all_columns_of_the_table_are_explained() -> None:
    cost = PrimitiveCost("fill", 1, 0, 1, 1, 1, 1)
    profile = Profile(
        "set", ("a",), "native", 1, 1, True, ("files",), (Measured(1, 1, (), (cost,), (), ""),)
    )
    table: Table = primitives_table(profile)
    columns = [str(column.header) for column in table.columns]
    assert [name for name in columns if name not in {"primitive", "of CPU"}] == first_cells(
        "column"
    )


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^):#]+)\)", PAGE))))
def test_links_lead_somewhere(target: str) -> None:
    assert (DOCS / target).exists()
