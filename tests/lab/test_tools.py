"""The tools of the laboratory that only measure run, and print a table."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.program.parse import parse_program
from lab import array_scoring, evolve, ranking, soak

pytestmark = pytest.mark.native


def test_ranking_compares_orders(capsys: pytest.CaptureFixture[str]) -> None:
    ranking.main(["--every", "300", "--evaluations", "300"])
    printed = capsys.readouterr().out
    assert printed.startswith("3 tasks of arc-agi-1 development, 300 evaluations; programs for 2")
    assert "  as it is              [2, 2, 2]" in printed
    rows = {line[:32].strip(): line[32:].split() for line in printed.splitlines()}
    fits, right, won, lost, _ = rows["all learners"]
    assert (won, int(right) + int(lost)) == ("0", 2) and int(fits) <= 2


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


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="it reads /proc")
def test_a_soak_solves_its_tasks_and_loses_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soak, "LINES", 30)
    monkeypatch.setattr(soak, "TOTAL_LEAVES", 1_000_000)
    monkeypatch.setattr(soak, "SAMPLE_SECONDS", 0.2)
    monkeypatch.setattr(soak, "GROWTH", 10.0)
    assert soak.main(["--seconds", "1"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    header, row, medians = printed.out.splitlines()
    assert header.split() == ["seconds", "tasks", "memory", "workers"]
    assert row.split()[1] == str(4 * soak.BATCH)
    assert row.split()[-1] == "2"
    assert medians.startswith("median memory: second quarter ")


def test_a_soak_tells_of_growth_and_of_lost_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    one = soak.Soak(seconds=1, jobs=1)
    one.memory = [(float(second), 100 + (second > 6) * 50) for second in range(1, 9)]
    one.compare_quarters()
    assert one.problems == ["the memory has grown by 50%"]
    one.workers = {-5}
    assert one.look_at_processes() > 0
    assert one.problems[1:] == ["worker -5 is lost"]


def test_the_odd_programs_of_a_soak_fail_as_they_should() -> None:
    case = Case((), ((1, 2), (3, 4)))
    budget = Budget(node_fuel=10**12, sample_seconds=0.1)
    for seed in range(12):
        texts = (soak.endless(Random(seed)), soak.exploding(Random(seed)))
        jobs = [Job(parse_program(text).program, [case]) for text in texts]
        failures = [each.outcomes[0][0].failure for each in open_engine().evaluate(jobs, budget)]
        assert failures[0] is not None
        assert failures[0].kind == "deadline"
        assert failures[1] is not None
        assert failures[1].kind in ("memory", "deadline")
