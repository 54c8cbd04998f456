"""The command ``batt``: each command parses its arguments, makes one library call and prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from arcbatt import interrupts


def main(words: Sequence[str] | None = None, *, is_process: bool = False) -> int:
    """Run the command and return its exit code: 128 and the number of the signal after a signal.

    Args:
        words: the arguments of the command line; None for those of this process.
        is_process: whether this process ends afterwards.
    """
    with interrupts.receive(all_signals=True, for_good=is_process):
        try:
            # Importing the commands takes long enough to be interrupted.
            from arcbatt.cli.app import main as run

            code = run(words)
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        except KeyboardInterrupt:
            print(f"stopped: {interrupts.cause()}", file=sys.stderr)
            code = interrupts.exit_code()
        if interrupts.has_come():
            code = interrupts.exit_code()
            if is_process:
                # Python's own end would wait for threads. It would also raise SIGINT again where
                # the first one came into code that Python generates, of a dataclass.
                # What multiprocessing has opened is released by hand.
                if util := sys.modules.get("multiprocessing.util"):
                    util._run_finalizers()
                for stream in (sys.stdout, sys.stderr):
                    with suppress(OSError):
                        stream.flush()
                os._exit(code)
        return code
