"""Where the time went: blocks that nest, what no block accounts for, the trace."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.commands import Batt

from arcbatt.engine.processes import Processes
from arcbatt.timings import Timings, chrome_trace, cpu_ns, ending_session, note_session, watch

UNACCOUNTED_MAX = 0.02
ROUNDING_US = 1.0
Event = dict[str, Any]


def end(event: Event) -> float:
    return float(event["ts"] + event["dur"])


def inside(event: Event, outer: Event) -> bool:
    begins = bool(outer["ts"] - ROUNDING_US <= event["ts"])
    return begins and end(event) <= end(outer) + ROUNDING_US


def apart(one: Event, other: Event) -> bool:
    first, second = sorted((one, other), key=lambda event: float(event["ts"]))
    return end(first) <= float(second["ts"]) + ROUNDING_US


def outermost(events: list[Event]) -> list[Event]:
    """Return the events of the first level below the total, checking that all events nest."""
    total, *blocks = events
    assert total["name"] == "total"
    assert all(inside(block, total) for block in blocks)
    level: list[Event] = []
    for block in blocks:
        assert all(inside(block, other) or apart(block, other) for other in level)
        if not any(inside(block, other) for other in level):
            level.append(block)
    return level


def test_only_the_outermost_blocks_are_accounted() -> None:
    timings = Timings()
    with timings.measure("outer"):
        with timings.measure("outer.inner"):
            time.sleep(0.02)
        with timings.measure("outer.inner"):
            time.sleep(0.01)
    time.sleep(0.02)
    by_name = dict(timings.longest_first())
    assert list(by_name) == ["outer", "outer.inner"]
    assert by_name["outer"].wall_s >= by_name["outer.inner"].wall_s >= 0.03
    assert by_name["outer.inner"].calls == 2
    assert 0.02 <= timings.unaccounted_s <= timings.total.wall_s - by_name["outer"].wall_s


def test_work_of_others_adds_to_its_own_column_alone() -> None:
    timings = Timings()
    timings.add("workers", cpu_s=5.0, calls=3)
    timings.add("workers", cpu_s=1.0)
    before_s = timings.total.wall_s
    [(name, timing)] = timings.longest_first()
    assert (name, timing.wall_s, timing.cpu_s, timing.calls) == ("workers", 0.0, 6.0, 4)
    assert before_s <= timings.unaccounted_s <= timings.total.wall_s
    assert timings.events == []


def test_work_of_another_thread_passes_beside() -> None:
    timings = Timings()

    def save() -> None:
        with timings.measure("saving"):
            time.sleep(0.01)

    with timings.measure("outer"):
        thread = Thread(target=save)
        thread.start()
        thread.join()
    by_name = dict(timings.longest_first())
    assert by_name["saving"].beside
    assert not by_name["outer"].beside
    assert (by_name["saving"].own_wall_s, by_name["saving"].wall_s >= 0.01) == (0.0, True)
    assert by_name["outer"].own_wall_s == by_name["outer"].wall_s
    threads = {event["name"]: event["tid"] for event in chrome_trace(timings)["traceEvents"]}
    assert threads == {"total": 1, "outer": 1, "saving": 2}


BURN_S = 0.2
BURN = f"""
import sys, time
while time.process_time() < {BURN_S}:
    pass
print(flush=True)
sys.stdin.read()
"""
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of other processes")


def start(*words: str) -> subprocess.Popen[bytes]:
    """Start a process and wait until it has used its CPU time."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(words, stdin=pipe, stdout=pipe, start_new_session=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


@LINUX
def test_the_time_of_workers_counts_while_they_run_and_when_they_have_ended() -> None:
    timings = Timings()
    with timings.measure("worker"), start(sys.executable, "-c", BURN) as process:
        assert timings.total.cpu_s < BURN_S
        watch(process.pid)
        assert timings.total.cpu_s >= BURN_S
        process.kill()
    assert timings.total.cpu_s >= dict(timings.longest_first())["worker"].cpu_s >= BURN_S


@LINUX
def test_the_time_of_a_command_has_that_of_its_descendants() -> None:
    timings = Timings()
    command = f"'{sys.executable}' -c '{BURN}'; true"
    with start("sh", "-c", command) as process:
        assert note_session(process.pid) >= 0.9 * BURN_S * 1e9
        with ending_session(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert timings.total.cpu_s >= 0.9 * BURN_S


ANSWERS = f"""
import json, sys, time
for line in sys.stdin:
    task, until = json.loads(line)["task"], time.process_time() + {BURN_S}
    while time.process_time() < until:
        pass
    print(json.dumps({{"task": task, "done": True}}), flush=True)
"""


@LINUX
def test_the_time_of_a_command_source_counts(batt: Batt, place: Path) -> None:
    (place / "answers.py").write_text(ANSWERS)
    words = (
        "--dataset", "tasks", "--sources", "command", "--command", f"{sys.executable} answers.py",
        "--jobs", "1", "--json",
    )  # fmt: skip
    solved = batt("solve", *words, "--no-archive", "--timing").json
    assert solved["timings"]["run_batt.source_command"]["cpu_s"] >= 0.9 * 3 * BURN_S
    assert solved["total"]["cpu_s"] >= 0.9 * 3 * BURN_S
    evaluated = batt("eval", *words).json
    assert evaluated["totals"]["efforts"]["command"]["cpu_s"] >= 0.9 * 3 * BURN_S
    assert all(record["cpu_s"] >= 0.9 * BURN_S for record in evaluated["results"])


@LINUX
def test_the_time_of_worker_processes_counts() -> None:
    before_ns, own_ns = cpu_ns(), time.process_time_ns()
    processes = Processes(1)
    try:
        burn = "sum(range(3_000_000)) and __import__('time').process_time_ns()"
        worker_ns = processes.submit(eval, (burn,), None).result()
        others_ns = cpu_ns() - before_ns - (time.process_time_ns() - own_ns)
    finally:
        processes.close()
    assert others_ns >= 0.9 * worker_ns > 0


def test_a_block_that_raises_is_measured() -> None:
    timings = Timings()

    def fail() -> None:
        with timings.measure("outer"), timings.measure("inner"):
            time.sleep(0.01)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [event.name for event in timings.events] == ["inner", "outer"]
    assert dict(timings.longest_first())["outer"].wall_s >= 0.01
    with timings.measure("next"):
        time.sleep(0.01)
    assert timings.unaccounted_s <= timings.total.wall_s - 0.02


def test_a_trace_nests_as_the_blocks_did() -> None:
    timings = Timings()
    for _ in range(3):
        with timings.measure("outer"), timings.measure("inner"):
            time.sleep(0.001)
    events = chrome_trace(timings)["traceEvents"]
    assert [event["name"] for event in events] == ["total", *["outer", "inner"] * 3]
    assert [event["name"] for event in outermost(events)] == ["outer"] * 3
    assert {event["ph"] for event in events} == {"X"}


def solve_many(batt: Batt, *words: str) -> tuple[dict[str, Any], list[Event]]:
    """Solve some training tasks; return the timings and the trace."""
    answer = batt(
        "solve", "-c", "40", "--sources", "library,archive", "--jobs", "2", "--timing", "--json",
        "--trace", "trace.json", *words,
    )  # fmt: skip
    assert answer.code == 0
    trace = json.loads(Path("trace.json").read_text())
    assert trace["displayTimeUnit"] == "ms"
    return answer.json, trace["traceEvents"]


@pytest.mark.native
def test_a_run_accounts_for_its_time(batt: Batt, place: Path) -> None:
    for _ in range(5):
        document, events = solve_many(batt, "--no-archive")
        total_s = document["total"]["wall_s"]
        accounted_s = sum(event["dur"] for event in outermost(events)) / 1e6
        assert accounted_s + document["unaccounted_wall_s"] == pytest.approx(total_s, abs=0.05)
        traced = {event["name"] for event in events} - {"total"}
        assert traced == {name for name, each in document["timings"].items() if each["wall_s"]}
        share = document["unaccounted_wall_s"] / total_s
        if share < UNACCOUNTED_MAX:
            break
        # Something else had the machine at the wrong moment; five times in a row is no accident.
    assert 0 <= share < UNACCOUNTED_MAX


def test_a_trace_that_can_not_be_written_ends_before_the_run(batt: Batt, place: Path) -> None:
    for path in ("no/where.json", "tasks"):
        answer = batt("solve", "--dataset", "tasks", "--trace", path)
        assert answer.code == 2
        assert answer.err.startswith(f"error[usage]: {path} can't be written: ")
        assert answer.err.count("\n") == 1
    assert not (place / "submission.json").exists()
    assert not (place / "archive").exists()
