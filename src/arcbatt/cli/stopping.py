"""Ending a long run after the step that is running: by the key q, or by Ctrl-C."""

from __future__ import annotations

import signal
import sys
from types import FrameType, TracebackType
from typing import Any, Self

from arcbatt.cli.output import note

KEY = "q"


class Stopping:
    """Knows whether a user has asked to stop; a second Ctrl-C stops at once.

    Within it, the terminal hands over keys without waiting for Enter.
    """

    def __init__(self) -> None:
        self._interrupted = False
        self._terminal: list[Any] | None = None
        self._before: Any = None

    @property
    def asked(self) -> bool:
        """Whether to stop."""
        return self._interrupted or self._pressed()

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._interrupt)
        if sys.stdin is not None and sys.stdin.isatty():
            import termios
            import tty

            self._terminal = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        signal.signal(signal.SIGINT, self._before)
        if self._terminal is not None:
            import termios

            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._terminal)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._interrupted:
            raise KeyboardInterrupt
        self._interrupted = True
        note("ending after this round; Ctrl-C again ends at once and forgets it")

    def _pressed(self) -> bool:
        """Read the keys that were pressed and tell whether one of them ends the run."""
        import select

        if self._terminal is None:
            return False
        pressed = False
        while select.select([sys.stdin], [], [], 0)[0]:
            key = sys.stdin.read(1)
            if not key:
                break
            pressed |= key.lower() == KEY
        return pressed
