"""Workers of the reference engine: the same results, and what happens when one dies or hangs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.registry import primitive
from arcbatt.engine import Budget, Case, Job, pool, workers
from arcbatt.engine.pool import Columns, PooledEngine
from arcbatt.engine.reference import ReferenceEngine
from arcbatt.errors import EngineError, GraphError
from arcbatt.program.graph import Graph, Node, Op
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


def _die_of_rot90(job: Job, budget: Budget, keep_outputs: bool) -> Columns:
    if any(node.name == "rot90" for node in job.graph.nodes):
        os._exit(4)
    return pool._evaluate_columns(job, budget, keep_outputs)


def test_jobs_beside_one_that_kills_its_workers_are_done(
    engine: PooledEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_evaluate_columns_in_worker", _die_of_rot90)
    deadly = Job(parse_program("def solve(I): return rot90(I)").program, [CASE])
    asked = [*jobs(3), deadly, *jobs(3)]
    for evaluations in (engine.evaluate(asked, Budget()), engine.begin(asked, Budget())()):
        problems = [evaluation.problem for evaluation in evaluations]
        assert problems == [""] * 3 + ["its worker died with exit code 4"] + [""] * 3


def test_work_goes_on_beside_this_process(engine: PooledEngine) -> None:
    expected = [one.outcomes[0][0].digest for one in ReferenceEngine().evaluate(jobs(5), Budget())]
    engine.begin(jobs(2), Budget())  # given up
    wait = engine.begin(jobs(5), Budget())
    assert engine.started
    assert [one.outcomes[0][0].digest for one in wait()] == expected
    assert engine.begin([], Budget())() == []


def test_errors_of_a_job_are_raised_here(engine: PooledEngine) -> None:
    broken = Graph((Node(Op.CALL, "no_such_primitive", ()),), (0,))
    with pytest.raises(GraphError):
        engine.evaluate([*jobs(2), Job(broken, [CASE])], Budget())
    assert len(engine.evaluate(jobs(2), Budget())) == 2


def test_primitives_that_only_this_process_has_run_here(engine: PooledEngine) -> None:
    @primitive()
    def own_mirror(grid: Grid) -> Grid:  # type: ignore[name-defined]  # noqa: F821
        """Return the grid with its rows in reverse order."""
        return grid[::-1]

    try:
        own = Job(parse_program("def solve(I): return own_mirror(I)").program, [CASE])
        found = engine.evaluate([*jobs(2), own], Budget(), keep_outputs=True)
    finally:
        REGISTRY.remove("own_mirror")
    assert [evaluation.problem for evaluation in found] == ["", "", ""]
    assert found[2].output(0, 0) == ((2, 3), (0, 1))


def test_workers_that_can_not_begin_are_an_error(
    engine: PooledEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_BEGIN", "raise SystemExit(7)  # {path} {fd}")
    with pytest.raises(EngineError, match="worker process ended with exit code 7 before it began"):
        engine.evaluate(jobs(2), Budget())
    engine.close()
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(EngineError, match="can't start a worker process: No such file"):
        engine.evaluate(jobs(2), Budget())


SCRIPT = """
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.program.parse import parse_program

print("once")
case = Case(S=(), I=((0, 1),))
jobs = [Job(parse_program(f"def solve(I): return {name}(I)").program, [case])
        for name in ("hmirror", "vmirror")]
engine = open_engine("reference", processes=2)
for evaluation in engine.evaluate(jobs, Budget(), keep_outputs=True):
    print(evaluation.output(0, 0))
engine.close()
"""


def test_a_script_needs_no_guard(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    source = Path(pool.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "once\n((0, 1),)\n((1, 0),)\n"
