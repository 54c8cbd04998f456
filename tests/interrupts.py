"""What tests of Ctrl-C share: a process of its own that is interrupted in the middle."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time

BUSY_S = 0.3
"""How long a process is at work before it is interrupted."""


def interrupted(code: str) -> tuple[str, int]:
    """Run code in a new Python, interrupt it as Ctrl-C does, and return what it printed after that.

    Args:
        code: prints "ready" when the work begins that Ctrl-C has to end, and something else when
            it has ended.

    Returns:
        The rest of its output and its exit code.
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
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
