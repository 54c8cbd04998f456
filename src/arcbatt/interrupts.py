"""Interrupts: end a run between two steps at SIGINT (Ctrl-C), SIGTERM or SIGHUP.

This is the only place that handles signals. The first signal raises KeyboardInterrupt where the
process is, except inside `hold`: there it only sets a flag, so that what is saved is never cut in
half, and `check` and `release` raise. The end of the time of a run (`expire`) works in the same
way. A second signal ends the process at once: what is on the
disk is complete at any moment, and worker processes end with the one that started them.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS: tuple[int, ...] = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that end a run."""
AGAIN_S = 0.5
"""Seconds after a signal in which another one counts as the same: ``timeout``, shells and closing
terminals send theirs to the process and to its group."""


class Interrupts:
    """The signals that this process has received.

    Args:
        is_command: whether the process is a command, which a second signal may end at once.

    Attributes:
        is_command: as given.
        received: number of the first signal; 0 for none.
        is_running: whether a block of `hold` is being executed.
        held: whether a signal has to wait.
        over: whether all work is done, so that a signal may end the process without a word.
        expires: whether a block of `expire` is being executed.
        expired: whether the time of such a block is over.
    """

    def __init__(self, *, is_command: bool = False) -> None:
        self.is_command = is_command
        self.received = 0
        self.is_running = False
        self.held = False
        self.over = False
        self.expires = False
        self.expired = False
        self._last = 0.0

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Note a signal, and raise KeyboardInterrupt unless it has to wait."""
        if self.over:
            os._exit(128 + number)
        now = time.monotonic()
        is_first = not self.received
        if is_first or now - self._last >= AGAIN_S:
            self.received, self._last = self.received or number, now
            if not is_first and self.is_command:
                end_at_once()
            if not (is_first and self.held):
                raise KeyboardInterrupt

    def handle_alarm(self, number: int, frame: FrameType | None) -> None:
        """Note that the time is over, and raise KeyboardInterrupt unless it has to wait."""
        if self.expires and not self.expired:
            self.expired = True
            if not self.held:
                raise KeyboardInterrupt


_state = Interrupts()


@contextmanager
def receive(*, all_signals: bool = False, for_good: bool = False) -> Iterator[None]:
    """Handle signals in a block, if this is the main thread and nobody else handles them.

    Args:
        all_signals: whether SIGTERM and SIGHUP are handled too, as a command does; a library
            leaves them to the program that calls it.
        for_good: whether the process ends after the block, so that its last moments can be
            interrupted without a traceback.
    """
    global _state
    usual = (signal.SIG_DFL, signal.default_int_handler)
    numbers = SIGNALS if all_signals else SIGNALS[:1]
    # What is ignored stays so: nohup, and a background job of a shell.
    before = {each: signal.getsignal(each) for each in numbers if signal.getsignal(each) in usual}
    if not before or threading.current_thread() is not threading.main_thread():
        yield
        return
    hook, state = sys.unraisablehook, _state
    try:
        _state = Interrupts(is_command=all_signals)
        sys.unraisablehook = _report_unraisable
        for number in before:
            signal.signal(number, _handle)
        yield
    finally:
        if for_good:
            _state.over = True
        else:
            for number, handler in before.items():
                signal.signal(number, handler)
            sys.unraisablehook, _state = hook, state


def _handle(number: int, frame: FrameType | None) -> None:
    _state.handle(number, frame)


def _report_unraisable(unraisable: Any) -> None:
    """Report an error that Python can't raise, such as in ``__del__``, unless it is a signal."""
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
    elif not _state.is_running:
        # Nothing would look at the flag.
        end_at_once()


@contextmanager
def hold() -> Iterator[None]:
    """Let signals wait during a block; they are seen by `check` and by `release`."""
    state = _state
    before = state.is_running, state.held
    try:
        state.is_running = state.held = True
        yield
    finally:
        state.is_running, state.held = before


@contextmanager
def release() -> Iterator[None]:
    """Let signals take effect at once during a block inside `hold`, and look for one at its ends.

    Raises KeyboardInterrupt.
    """
    state = _state
    held = state.held
    try:
        state.held = False
        check()
        yield
    finally:
        state.held = held
    check()


@contextmanager
def expire(seconds: float | None) -> Iterator[None]:
    """Let the time of a block run out: `check` and `release` then raise as after a signal.

    Outside the main thread nothing happens.

    Args:
        seconds: the time, in seconds, 0 or more; None for no limit.
    """
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    state = _state
    before = signal.signal(signal.SIGALRM, state.handle_alarm)
    state.expires, state.expired = True, False
    try:
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        state.expires = False
        signal.signal(signal.SIGALRM, before)


def is_expired() -> bool:
    """Return whether the time of the last block of `expire` was used up."""
    return _state.expired


def check() -> None:
    """Raise KeyboardInterrupt if a signal has come, or the time is over."""
    if has_come() or (_state.expires and _state.expired):
        raise KeyboardInterrupt


def has_come() -> bool:
    """Return whether a signal has come."""
    return bool(_state.received)


def exit_code() -> int:
    """Return the exit code of an interrupted process: 128 and the number of the signal."""
    return 128 + (_state.received or signal.SIGINT)


def cause() -> str:
    """Return how a run was interrupted: in one word, or with the name of the signal."""
    number = _state.received or signal.SIGINT
    if number == signal.SIGINT:
        return "interrupted"
    return f"interrupted by {signal.Signals(number).name}"


def end_at_once() -> None:
    """End the process; a line that it was writing to the terminal is left as it is."""
    show_cursor = "\x1b[?25h" if os.isatty(2) else ""
    os.write(2, f"{show_cursor}stopped: {cause()}\n".encode())
    os._exit(exit_code())
