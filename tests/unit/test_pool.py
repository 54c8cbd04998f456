"""Workers of the reference engine: the same results, and what happens when one dies or hangs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from arcbatt.engine import Budget, Case, Job, pool
from arcbatt.engine.pool import Columns, PooledEngine
from arcbatt.engine.reference import ReferenceEngine
from arcbatt.program.parse import parse_program

CASE = Case(S=((((1,),), ((2,),)),), I=((0, 1), (2, 3)), wanted=((1, 0), (3, 2)))


def jobs(count: int) -> list[Job]:
    texts = ["vmirror(I)", "hmirror(I)", "first(ONE)", "palette(I)"]
    return [
        Job(parse_program(f"def solve(I): return {texts[n % 4]}").program, [CASE])
        for n in range(count)
    ]


@pytest.fixture
def engine() -> Iterator[PooledEngine]:
    engine = PooledEngine(2)
    yield engine
    engine.close()


def test_workers_give_what_one_process_gives(engine: PooledEngine) -> None:
    expected = ReferenceEngine().evaluate(jobs(6), Budget(), keep_outputs=True)
    for keep in (True, False):
        found = engine.evaluate(jobs(6), Budget(), keep_outputs=keep)
        for ours, theirs in zip(found, expected, strict=True):
            one, other = ours.outcomes[0][0], theirs.outcomes[0][0]
            assert (one.failure, one.digest, one.score, one.fuel) == (
                other.failure,
                other.digest,
                other.score,
                other.fuel,
            )
            if one.failure is None:
                assert ours.output(0, 0) == theirs.output(0, 0)


def _die_once(marker: Path, job: Job, budget: Budget, keep_outputs: bool) -> Columns:
    if not marker.exists():
        marker.touch()
        os._exit(3)
    return pool._evaluate_columns(job, budget, keep_outputs)


def _die(job: Job, budget: Budget, keep_outputs: bool) -> Columns:
    os._exit(3)


def _hang(job: Job, budget: Budget, keep_outputs: bool) -> Columns:
    time.sleep(600)
    raise AssertionError


def test_a_job_whose_worker_died_is_tried_again(
    engine: PooledEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dies_once = partial(_die_once, tmp_path / "died")
    monkeypatch.setattr(pool, "_evaluate_columns_in_worker", dies_once)
    found = engine.evaluate(jobs(2), Budget())
    assert (tmp_path / "died").exists()
    assert [evaluation.problem for evaluation in found] == ["", ""]


def test_a_job_that_kills_its_workers_is_lost_alone(
    engine: PooledEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_evaluate_columns_in_worker", _die)
    found = engine.evaluate(jobs(2), Budget())
    assert all("died with exit code 3" in evaluation.problem for evaluation in found)
    failure = found[0].outcomes[0][0].failure
    assert failure is not None
    assert failure.kind == "panic"
    monkeypatch.setattr(pool, "_evaluate_columns_in_worker", pool._evaluate_columns)
    assert [evaluation.problem for evaluation in engine.evaluate(jobs(2), Budget())] == ["", ""]


def test_a_worker_that_hangs_is_killed(
    engine: PooledEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "SLACK_SECONDS", 0.2)
    monkeypatch.setattr(pool, "_evaluate_columns_in_worker", _hang)
    found = engine.evaluate(jobs(2), Budget(sample_seconds=0.1))
    assert all("hung" in evaluation.problem for evaluation in found)
