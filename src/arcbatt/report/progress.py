"""A progress bar for work that takes over a second."""

from __future__ import annotations

from threading import Timer
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

DELAY_S = 1.0


class DelayedProgress:
    """A bar that appears after a second, and only in a terminal; as a context it ends itself.

    Args:
        console: where it appears.
        noun: what is counted.
    """

    def __init__(self, console: Console, *, noun: str = "tasks") -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._bar = self._progress.add_task(noun, total=None)
        # The work itself may block for longer than a second before it reports anything.
        self._timer = Timer(DELAY_S, self._progress.start)
        self._timer.daemon = True
        self._shown = console.is_terminal

    def __enter__(self) -> Self:
        if self._shown:
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._shown:
            self._timer.cancel()
            self._timer.join()
            self._progress.stop()

    def expect(self, total: int) -> None:
        """Tell how much there is to do."""
        self._progress.update(self._bar, total=total)

    def advance(self, done: int = 1) -> None:
        """Tell that some more is done."""
        self._progress.advance(self._bar, done)

    def show(self, done: int, total: int) -> None:
        """Tell how much is done, and of how much."""
        self._progress.update(self._bar, completed=done, total=total)
