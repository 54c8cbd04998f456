"""Runs on a Ray cluster find what runs in this process find, though nodes come and go."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.test_spread import kept, plain

from arcbatt.archive import Archive
from arcbatt.commands.evolve import EvolveRequest, evolve
from arcbatt.commands.solve import Solved, SolveRequest, solve
from arcbatt.engine import Budget, ray_workers
from arcbatt.engine.ray_workers import RayWorkers
from arcbatt.engine.workers import Lost, run_on
from arcbatt.errors import ClusterError, UsageError
from arcbatt.evaluation.run import EvaluationRequest, evaluate
from arcbatt.evaluation.task import EvaluationSetup
from arcbatt.evolve.options import EvolutionOptions
from arcbatt.pipeline.passes import RunLimits
from arcbatt.pipeline.result import TaskResult
from arcbatt.pipeline.run import Settings
from arcbatt.tasks import TaskChoice

try:
    from ray.cluster_utils import Cluster
except ImportError:
    Cluster = None

needs_ray = pytest.mark.skipif(
    Cluster is None, reason="Ray is not installed: pip install 'arcbatt[ray]'"
)
CHOICE = TaskChoice(
    dataset="arc-agi-1",
    split="training",
    ids=("007bbfb7", "67a3c6ac", "68b16354", "d511f180", "74dd1130", "9dfd6313"),
)
NODE = {"num_cpus": 1, "object_store_memory": 80 * 2**20}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Start a cluster of two simulated machines with one CPU each."""
    head = {**NODE, "include_dashboard": False}
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("RAY_USAGE_STATS_ENABLED", "0")
        cluster = Cluster(initialize_head=True, head_node_args=head)
        cluster.add_node(**NODE)
        yield cluster
        cluster.shutdown()


def solved_on(archive: Path, ray: str | None, **words: Any) -> Solved:
    limits = RunLimits(2_000, steps=(500, 2_000))
    request = SolveRequest(
        choice=CHOICE,
        sources=("archive", "search"),
        archive=archive,
        settings=Settings(Budget(sample_seconds=None), limits=limits),
        ray=ray,
    )
    return solve(request, **words)


def die(marker: Path | None) -> str:
    """Kill this process; with a marker only the first time."""
    if marker is not None and marker.exists():
        return "done"
    if marker is not None:
        marker.touch()
    os._exit(3)


def fail(error: Exception) -> None:
    raise error


def double(shared: Any) -> int:
    return 2 * int(shared.get())


def process(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


@needs_ray
@pytest.mark.timeout(300)
class TestOnACluster:
    def test_calls_run_on_all_nodes_and_those_that_kill_their_workers_are_given_up(
        self, cluster: Any, tmp_path: Path
    ) -> None:
        signals = [signal.SIGINT, signal.SIGTERM]
        before = [signal.getsignal(each) for each in signals]
        workers = RayWorkers(cluster.address)
        try:
            assert [signal.getsignal(each) for each in signals] == before
            assert workers.count == 2
            found = dict(run_on(workers, process, [(0.5,)] * 6, memory=2**28))
            assert len(found) == 6 and len(set(found.values())) == 2
            assert os.getpid() not in found.values()
            shared = workers.share(21)
            assert list(run_on(workers, double, [(shared,)])) == [(0, 42)]
            assert workers.describe() == "2 nodes, 2 CPUs, 0 in flight"
            assert dict(run_on(workers, die, [(tmp_path / "died",), (None,)])) == {
                0: "done",
                1: Lost("its worker died, 2 times"),
            }
            assert dict(run_on(workers, fail, [(MemoryError(),)])) == {
                0: Lost("its worker ran out of memory, 2 times")
            }
            with pytest.raises(UsageError, match="odd"):
                list(run_on(workers, fail, [(UsageError(problem="odd"),)]))
        finally:
            workers.close()

    def test_solve_finds_the_same_though_a_node_is_lost_and_one_is_added(
        self, cluster: Any, tmp_path: Path
    ) -> None:
        seen: list[str] = []

        def disturb(result: TaskResult) -> None:
            seen.append(result.task)
            if len(seen) == 1:
                cluster.remove_node(cluster.worker_nodes.copy().pop())
            if len(seen) == 2:
                cluster.add_node(**NODE)

        alone = solved_on(tmp_path / "alone", None)
        spread = solved_on(tmp_path / "spread", cluster.address, on_progress=disturb)
        assert plain(spread.report) == plain(alone.report)
        assert spread.report.finished and spread.totals.lost == 0
        with (
            Archive.open(tmp_path / "alone", create=False) as one,
            Archive.open(tmp_path / "spread", create=False) as other,
        ):
            assert kept(one) == kept(other)
            assert one.results(1).keys() == other.results(1).keys()

    def test_a_run_goes_on_after_ctrl_c(self, cluster: Any, tmp_path: Path) -> None:
        def interrupt(result: TaskResult) -> None:
            signal.raise_signal(signal.SIGINT)

        first = solved_on(tmp_path / "archive", cluster.address, on_progress=interrupt)
        assert first.report.interrupted and 0 < first.totals.tasks < len(CHOICE.ids)
        second = solved_on(tmp_path / "archive", cluster.address)
        assert set(second.start.done_before) == {each.task for each in first.report.results}
        assert second.report.finished and second.totals.tasks == len(CHOICE.ids)

    def test_eval_and_evolve_find_the_same(self, cluster: Any, tmp_path: Path) -> None:
        choice = replace(CHOICE, ids=CHOICE.ids[:3])
        asked = EvaluationRequest(
            choice=choice,
            setup=EvaluationSetup(("archive", "search"), limits=RunLimits(1_000)),
        )
        alone, spread = evaluate(asked), evaluate(replace(asked, ray=cluster.address))
        assert [each.programs for each in spread.records] == [
            each.programs for each in alone.records
        ]
        assert spread.totals.tasks_right == alone.totals.tasks_right
        states = []
        for ray in (None, cluster.address):
            evolved = evolve(
                EvolveRequest(
                    choice=choice,
                    archive=tmp_path / str(ray).replace(":", "_"),
                    options=EvolutionOptions(mutants=60, rounds=2, islands=2),
                    ray=ray,
                )
            )
            states.append(evolved.state.progress)
        assert states[0] == states[1]


def test_without_ray_the_error_tells_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ClusterError, match=r"is not installed: pip install 'arcbatt\[ray\]'"):
        RayWorkers("auto")


@needs_ray
def test_where_no_cluster_answers_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_workers, "KNOCK_S", 1.0)
    with pytest.raises(ClusterError, match=r"127\.0\.0\.1:9: no cluster answers .*ray start"):
        RayWorkers("127.0.0.1:9")
