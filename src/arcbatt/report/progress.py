"""A progress bar for work that takes over a second."""

from __future__ import annotations

from threading import Timer
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

DELAY_S = 1.0


class DelayedProgress:
    """A bar that appears after a second, and only in a terminal; as a context it ends itself.

    Args:
        console: where it appears; None for nowhere.
        noun: what is counted.
    """

    def __init__(self, console: Console | None, *, noun: str = "tasks") -> None:
        self._progress: Progress | None = None
        self._bar: TaskID | None = None
        if console is not None and console.is_terminal:
            self._progress, self._bar = _make_bar(console, noun)
            # The work itself may block for longer than a second before it reports anything.
            self._timer = Timer(DELAY_S, self._progress.start)
            self._timer.daemon = True

    def __enter__(self) -> Self:
        if self._progress is not None:
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._timer.cancel()
            self._timer.join()
            self._progress.stop()

    def expect(self, total: int) -> None:
        """Tell how much there is to do."""
        if self._progress is not None and self._bar is not None:
            self._progress.update(self._bar, total=total)

    def advance(self, done: int = 1) -> None:
        """Tell that some more is done."""
        if self._progress is not None and self._bar is not None:
            self._progress.advance(self._bar, done)

    def show(self, done: int, total: int) -> None:
        """Tell how much is done, and of how much."""
        if self._progress is not None and self._bar is not None:
            self._progress.update(self._bar, completed=done, total=total)


def _make_bar(console: Console, noun: str) -> tuple[Progress, TaskID]:
    # Loading this costs as much as some runs do.
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    return progress, progress.add_task(noun, total=None)
