"""Signals: what waits for them, what they end, and that nothing saved is cut in half."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fuzz.signals import interrupt_early, main, session_of
from tests.interrupts import listen

from arcbatt import interrupts
from arcbatt.interrupts import SIGNALS, check, hold, receive, release

SOURCE = Path(interrupts.__file__).parents[1]


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Handle all signals, as a program that calls the package would."""
    monkeypatch.setattr(interrupts, "AGAIN_S", 0.0)
    before = {number: signal.getsignal(number) for number in SIGNALS}
    listen()
    with receive(all_signals=True):
        interrupts._state.is_command = False
        yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("received")
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_waits_until_it_is_looked_for(number: int) -> None:
    steps = []

    def run() -> None:
        with hold():
            for step in ("work", "work again"):
                with release():
                    steps.append(step)
                signal.raise_signal(number)
                steps.append("save")

    with pytest.raises(KeyboardInterrupt):
        run()
    assert steps == ["work", "save"]
    assert interrupts.has_come()
    assert interrupts.exit_code() == 128 + number
    with pytest.raises(KeyboardInterrupt):
        check()


@pytest.mark.usefixtures("received")
def test_a_signal_ends_work_at_once() -> None:
    for place in (hold, release):
        interrupts._state.received = 0
        with pytest.raises(KeyboardInterrupt), place(), release():
            signal.raise_signal(signal.SIGTERM)
    assert interrupts.cause() == "interrupted by SIGTERM"


@pytest.mark.usefixtures("received")
def test_a_second_signal_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    with hold():
        signal.raise_signal(signal.SIGHUP)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        monkeypatch.setattr(interrupts, "AGAIN_S", 1e9)
        # The same signal, sent to a process and to its group.
        signal.raise_signal(signal.SIGHUP)
    assert interrupts.exit_code() == 128 + signal.SIGHUP


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with receive(all_signals=True):
            signal.raise_signal(signal.SIGINT)
            assert not interrupts.has_come()
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_library_leaves_other_signals_and_other_threads_alone() -> None:
    before = [signal.getsignal(number) for number in SIGNALS[1:]]
    with receive():
        assert [signal.getsignal(number) for number in SIGNALS[1:]] == before

    def call() -> None:
        with receive(all_signals=True), hold(), release():
            pass

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()


SWALLOWED = """
import signal
from arcbatt import interrupts

class Swallows:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)

with interrupts.receive(all_signals=True):
    {}
"""


@pytest.mark.parametrize(
    ("code", "out", "err"),
    [
        ("Swallows(); print('never')", "", "stopped: interrupted by SIGTERM\n"),
        ("with interrupts.hold(), interrupts.release(): Swallows(); print('step')", "step\n", None),
    ],
)
def test_an_interrupt_that_python_can_not_raise_is_not_lost(
    code: str, out: str, err: str | None
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SWALLOWED.format(code)],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        preexec_fn=listen,
    )
    assert done.stdout == out
    assert "ignored" not in done.stderr
    if err is None:
        assert done.stderr.endswith("KeyboardInterrupt\n")
    else:
        assert (done.returncode, done.stderr) == (128 + signal.SIGTERM, err)


TWICE = """
import sys, time
from arcbatt import interrupts

with interrupts.receive(all_signals=True), interrupts.hold():
    print("ready", flush=True)
    while not interrupts.has_come():
        time.sleep(0.01)
    print("first", flush=True)
    time.sleep(60)
"""


def test_a_second_signal_ends_a_command_at_once() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", TWICE],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=listen,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGHUP)
        assert process.stdout.readline() == "first\n"
        time.sleep(interrupts.AGAIN_S + 0.1)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (129, "stopped: interrupted by SIGHUP\n")


STARTS = """
import sys, time
from pathlib import Path
for line in sys.stdin:
    Path("child").write_text(str(__import__("subprocess").Popen(["sleep", "600"]).pid))
    time.sleep(600)
"""


@pytest.mark.parametrize("source", ["command", "library"])
def test_no_process_is_left_after_a_kill(place: Path, source: str) -> None:
    """Neither a worker, nor a command, nor what the command has started."""
    (place / "starts.py").write_text(STARTS)
    words = {
        "command": ["--command", f"{sys.executable} starts.py"],
        "library": ["--engine", "reference", "--jobs", "2"],
    }[source]
    process = subprocess.Popen(
        [
            sys.executable, "-m", "arcbatt", "solve", "--dataset", "tasks", "--no-archive",
            "--sources", source, *words,
        ],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            others = [each for each in descendants(process.pid) if is_there(source, each)]
            if others:
                break
            time.sleep(0.01)
        assert others
    finally:
        process.kill()
        process.wait()
    until = time.monotonic() + 10
    while any(map(is_running, others)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(map(is_running, others))
    assert session_of(process.pid) == []


def descendants(parent: int) -> list[int]:
    """Return the ids of the processes that a process has started, directly or not."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(path.name)] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
    found = [parent]
    for each in found:
        found += [child for child, other in parents.items() if other == each]
    return found[1:]


def is_there(source: str, process: int) -> bool:
    """Return whether the processes of a source have started, of which this is one."""
    if source == "command":
        return Path("child").exists() and bool(Path("child").read_text())
    try:
        return "loky" in Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return False


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_signals_at_any_moment_leave_everything_sound() -> None:
    lines: list[str] = []
    assert main(["--count", "8", "--seed", "1"], lines.append) == 0, lines


def test_a_signal_in_the_first_moments_is_no_traceback(tmp_path: Path) -> None:
    figures = interrupt_early(6, random.Random(1), tmp_path)
    assert figures.problems == []
