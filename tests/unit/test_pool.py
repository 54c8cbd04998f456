"""Workers of the reference engine: the same results, and what happens when one dies or hangs."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.registry import primitive
from arcbatt.engine import Budget, Case, Job, pool, processes
from arcbatt.engine.pool import PooledEngine
from arcbatt.engine.reference import Columns, ReferenceEngine, run_job
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
    return run_job(job, budget, keep_outputs)


def _die(job: Job, budget: Budget, keep_outputs: bool) -> Columns:
    os._exit(3)


def _hang(job: Job, budget: Budget, keep_outputs: bool) -> Columns:
    time.sleep(600)
    raise AssertionError


def test_a_job_whose_worker_died_is_tried_again(
    engine: PooledEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dies_once = partial(_die_once, tmp_path / "died")
    monkeypatch.setattr(pool, "run_job_in_worker", dies_once)
    found = engine.evaluate(jobs(2), Budget())
    assert (tmp_path / "died").exists()
    assert [evaluation.problem for evaluation in found] == ["", ""]


def test_a_job_that_kills_its_workers_is_lost_alone(
    engine: PooledEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "run_job_in_worker", _die)
    found = engine.evaluate(jobs(2), Budget())
    assert all("died with exit code 3" in evaluation.problem for evaluation in found)
    failure = found[0].outcomes[0][0].failure
    assert failure is not None
    assert failure.kind == "panic"
    monkeypatch.setattr(pool, "run_job_in_worker", run_job)
    assert [evaluation.problem for evaluation in engine.evaluate(jobs(2), Budget())] == ["", ""]


def _run_out_of_memory(job: Job, budget: Budget, keep_outputs: bool) -> Columns:
    raise MemoryError


def test_a_job_without_memory_is_lost_alone(
    engine: PooledEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "run_job_in_worker", _run_out_of_memory)
    found = engine.evaluate(jobs(2), Budget())
    assert [evaluation.problem for evaluation in found] == ["its worker ran out of memory"] * 2


GIB = 2**30


@pytest.mark.parametrize(
    ("limit", "threads", "sharers", "expected"),
    [
        (resource.RLIM_INFINITY, 1, 1, 8 * GIB),
        (resource.RLIM_INFINITY, 4, 1, 2 * GIB),
        (resource.RLIM_INFINITY, 2, 4, 1 * GIB),
        (3 * GIB, 1, 1, 3 * GIB // 2),
        (3 * GIB, 2, 1, 3 * GIB // 4),
        # Each process has the limit for itself.
        (3 * GIB, 1, 2, 3 * GIB // 2),
        (3 * GIB, 1, 8, 1 * GIB),
    ],
)
def test_memory_is_shared(
    limit: int, threads: int, sharers: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_machine_bytes", lambda: 20 * GIB)
    monkeypatch.setattr(processes, "_sharers", sharers)
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (limit, limit))
    assert processes.memory_share(threads) == expected


def test_memory_can_be_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (resource.RLIM_INFINITY,) * 2)
    monkeypatch.setattr(processes, "_sharers", 1)
    monkeypatch.setattr(processes, "_limit", None)
    processes.limit_memory(4 * GIB)
    assert processes.memory_share(2) == GIB
    processes.limit_memory(None)
    monkeypatch.setattr(processes, "_machine_bytes", lambda: 10 * GIB)
    assert processes.memory_share(2) == 2 * GIB


def test_the_total_is_less_with_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 0 < processes._machine_bytes() <= os.sysconf("SC_PHYS_PAGES") * 2**16
    monkeypatch.setattr(processes, "_machine_bytes", lambda: 1_200_000)
    assert Budget().allowed_leaves() == 5_000
    assert Budget().allowed_leaves(5) == 1_000
    assert Budget(total_leaves=7).allowed_leaves() == 7


def test_a_worker_that_hangs_is_killed(
    engine: PooledEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "SLACK_SECONDS", 0.2)
    monkeypatch.setattr(pool, "run_job_in_worker", _hang)
    found = engine.evaluate(jobs(2), Budget(sample_seconds=0.1))
    assert all("hung" in evaluation.problem for evaluation in found)


def _die_of_rot90(job: Job, budget: Budget, keep_outputs: bool) -> Columns:
    if any(node.name == "rot90" for node in job.graph.nodes):
        os._exit(4)
    return run_job(job, budget, keep_outputs)


def test_jobs_beside_one_that_kills_its_workers_are_done(
    engine: PooledEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "run_job_in_worker", _die_of_rot90)
    deadly = Job(parse_program("def solve(I): return rot90(I)").program, [CASE])
    asked = [*jobs(3), deadly, *jobs(3)]
    problems = [evaluation.problem for evaluation in engine.evaluate(asked, Budget())]
    assert problems == [""] * 3 + ["its worker died with exit code 4"] + [""] * 3


@pytest.mark.parametrize("signal_sent", [signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_their_parent(tmp_path: Path, signal_sent: signal.Signals) -> None:
    (tmp_path / "calls.py").write_text(
        "import os, time\nfrom pathlib import Path\n\ndef sleep(place):\n"
        "    Path(f'{place}.pid').write_text(str(os.getpid()))\n    time.sleep(600)\n"
    )
    (tmp_path / "script.py").write_text(
        "from arcbatt.engine.processes import run_in_processes\nfrom calls import sleep\n"
        "print(*run_in_processes(sleep, [(0,), (1,)], jobs=2))\n"
    )
    script = subprocess.Popen(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(pool.__file__).parents[2])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    files = [tmp_path / "0.pid", tmp_path / "1.pid"]
    wait_until(lambda: all(path.exists() and path.read_text() for path in files))
    pids = [int(path.read_text()) for path in files]
    # Ctrl-C reaches all processes of a terminal.
    os.killpg(script.pid, signal_sent) if signal_sent is signal.SIGINT else script.kill()
    script.wait(10)
    wait_until(lambda: not any(is_running(pid) for pid in pids))


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


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
    monkeypatch.setattr(processes, "_begin_in_worker", os._exit)
    with pytest.raises(EngineError, match="can't start a worker process: "):
        engine.evaluate(jobs(2), Budget())
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(EngineError, match="can't start a worker process: "):
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
