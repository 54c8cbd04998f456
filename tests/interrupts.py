"""What tests of signals share: processes of their own that are interrupted, and runs here."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time

import pytest

from arcbatt.interrupts import SIGNALS
from arcbatt.pipeline import run as pipeline
from arcbatt.pipeline.run import Settings
from arcbatt.pipeline.validate import validate_candidates

BUSY_S = 0.3
"""How long a process is at work before it is interrupted."""


def listen() -> None:
    """Let signals have their usual effect: a background job of a shell has SIGINT ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in SIGNALS[1:]:
        signal.signal(number, signal.SIG_DFL)


def interrupted(code: str) -> tuple[str, int]:
    """Run code in a new Python, interrupt it as Ctrl-C does, and return what it printed after that.

    Args:
        code: prints "ready" when the work begins that Ctrl-C has to end, and something else when
            it has ended.

    Returns:
        The rest of its output and its exit code.
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=listen,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(BUSY_S)
        process.send_signal(signal.SIGINT)
        try:
            out, _ = process.communicate(timeout=30)
        finally:
            process.kill()
    return out, process.returncode


def interrupt_after(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Ctrl-C come when so many batches are done, with one task in each."""
    done: list[int] = []

    def validate_or_stop(*words: object, **options: object) -> None:
        if len(done) == count:
            done.clear()
            raise KeyboardInterrupt
        done.append(1)
        validate_candidates(*words, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "validate_candidates", validate_or_stop)
    monkeypatch.setattr(
        "arcbatt.cli.solve.make_settings", lambda *words: Settings(batch=1, limits=words[-1])
    )
