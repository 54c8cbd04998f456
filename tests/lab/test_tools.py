"""The tools of the laboratory that only measure run, and print a table."""

from __future__ import annotations

import pytest

from lab import array_scoring, evolve, ranking

pytestmark = pytest.mark.native


def test_ranking_compares_orders(capsys: pytest.CaptureFixture[str]) -> None:
    ranking.main(["--every", "300", "--evaluations", "300"])
    printed = capsys.readouterr().out
    assert printed.startswith("3 tasks of arc-agi-1 development, 300 evaluations; programs for 1")
    assert "  as it is              [1, 1, 1]" in printed


def test_evolve_measures_sharing(capsys: pytest.CaptureFixture[str]) -> None:
    evolve.main(["--tasks", "1", "--mutants", "100"])
    rows = dict(line.split()[:2] for line in capsys.readouterr().out.splitlines()[1:])
    assert rows["mutants"] == "100.0"


def test_arrays_score_as_the_engine(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(array_scoring, "BATCHES", (10, 100))
    array_scoring.main(["--rounds", "1"])
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["batch", "evaluating", "engine", "arrays", "computing"] in rows
    assert [row[0] for row in rows if len(row) == 5][1:] == ["10", "100"]
