"""Progress bars and lines for work that takes over a second."""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Timer
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from arcbatt.engine.workers import Workers
    from arcbatt.pipeline.passes import Turn
    from arcbatt.pipeline.result import TaskResult

DELAY_S = 1.0


LINE_S = 10.0
"""Seconds between two lines of progress if the output is no terminal."""


class SolveProgress:
    """Shows the progress of a run, pass by pass, and the tasks with a program; used as a context.

    In a terminal it is a bar, elsewhere a line every few seconds.

    Args:
        stream: the stream to write to; None for no output.

    Attributes:
        workers: the workers that try the tasks; None for threads of this process.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self.workers: Workers | None = None
        self._stream = stream
        self._started, self._tried = time.monotonic(), 0
        self._done = self._total = self._pass = 0
        self._fitting: set[str] = set()
        self._last = time.monotonic()
        console = None
        if stream is not None and stream.isatty():
            from rich.console import Console

            console = Console(highlight=False, emoji=False, stderr=True)
        self._is_terminal = console is not None
        self._bar = DelayedProgress(console)

    def __enter__(self) -> Self:
        self._bar.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.__exit__(kind, error, traceback)

    def begin_pass(self, turns: Sequence[Turn]) -> None:
        """Begin with the tasks of another pass."""
        self._pass = min(turn.number for turn in turns)
        if self.workers is None or not self._done:
            self._done, self._total = 0, len(turns)
        else:  # Some tasks are still in the pass before.
            self._total = self._done + self.workers.in_flight + len(turns)
        self._bar.show(self._done, self._total)
        self._describe()

    def _describe(self) -> None:
        fitting = f"{len(self._fitting)} with a program that fits"
        self._bar.describe(f"pass {self._pass}: {fitting}{self._describe_workers()}")

    def _describe_workers(self) -> str:
        """Return where the tasks are tried, and how many in a second; nothing without workers."""
        if self.workers is None:
            return ""
        rate = self._tried / max(time.monotonic() - self._started, 0.001)
        return f"; {self.workers.describe()}, {rate:.1f} tasks a second"

    def add(self, result: TaskResult) -> None:
        """Count a task that was tried."""
        self._done += 1
        self._tried += 1
        self._total = max(self._total, self._done)
        if result.exact:
            self._fitting.add(result.task)
        self._bar.advance()
        self._describe()
        now = time.monotonic()
        if self._stream is not None and not self._is_terminal and now - self._last >= LINE_S:
            self._last = now
            print(
                f"pass {self._pass}: {self._done} of {self._total} tasks done,"
                f" {len(self._fitting)} have a program that fits all demos"
                f"{self._describe_workers()}",
                file=self._stream,
                flush=True,
            )


class DelayedProgress:
    """A bar that appears after a second, in a terminal or a notebook; used as a context.

    Args:
        console: the console for the bar; None for no bar.
        noun: the word for the things that are counted, in the plural.
    """

    def __init__(self, console: Console | None, *, noun: str = "tasks") -> None:
        self._progress: Progress | None = None
        self._bar: TaskID | None = None
        if console is not None and (console.is_terminal or console.is_jupyter):
            self._progress, self._bar = _make_bar(console, noun)
            # In a thread, since the work may block for seconds before it reports progress.
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
        """Set the total."""
        if self._progress is not None and self._bar is not None:
            self._progress.update(self._bar, total=total)

    def advance(self, done: int = 1) -> None:
        """Add to the number that is done."""
        if self._progress is not None and self._bar is not None:
            self._progress.advance(self._bar, done)

    def describe(self, text: str) -> None:
        """Write a text before the bar."""
        if self._progress is not None and self._bar is not None:
            self._progress.update(self._bar, description=text)

    def show(self, done: int, total: int) -> None:
        """Set the number that is done, and the total."""
        if self._progress is not None and self._bar is not None:
            self._progress.update(self._bar, completed=done, total=total)


def _make_bar(console: Console, noun: str) -> tuple[Progress, TaskID]:
    # Imported late, since importing it takes as long as a small run.
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
