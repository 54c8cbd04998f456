"""Worker processes that may hang or die: they are killed and replaced, the others go on.

A worker is a new Python that imports this module and then what its work needs. It never imports
the program that started it, so a user's script needs no ``if __name__ == "__main__"``.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from arcbatt.errors import EngineError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from subprocess import Popen

ATTEMPTS = 2
"""A call whose worker died or hung is tried once more before it is given up."""
_BEGIN = "import sys; sys.path[:] = {path!r}; from arcbatt.engine.workers import serve; serve({fd})"
_PATIENCE_S = 60.0
"""How long a worker may take to begin."""


@dataclass(frozen=True, slots=True)
class Call:
    """Arguments for a function, and the seconds that it may take; None for any time."""

    arguments: tuple[Any, ...]
    timeout_s: float | None


@dataclass(frozen=True, slots=True)
class Lost:
    """What became of a call whose workers died or hung, as a sentence."""

    problem: str


@dataclass
class _Worker:
    """A process, what it was sent and has not answered, and when it began with the first of it."""

    process: Popen[bytes]
    connection: Connection
    sent: deque[int] = field(default_factory=deque)
    began: bool = False
    since: float = 0.0


class Workers:
    """So many processes, started when they are needed first or by `start`.

    Args:
        count: how many.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._workers: list[_Worker] = []
        self._work: _Work | None = None

    @property
    def started(self) -> bool:
        """Whether the processes run, or are about to."""
        return bool(self._workers)

    def start(self) -> None:
        """Begin to start the processes; does not wait for them.

        Raises EngineError if the system does not let them start.
        """
        while len(self._workers) < self._count:
            self._workers.append(_spawn())

    def send(self, function: Callable[..., Any], calls: Sequence[Call], *, at_once: int) -> None:
        """Send the first calls to the workers; `receive` sends the rest and waits.

        What was sent before and not received is given up.

        Args:
            function: that every call is of; it can be imported from a module.
            calls: to run.
            at_once: calls that a worker gets at a time. Fewer share the work more evenly, more
                keep the workers busy while this process does something else.
        """
        if self._work is not None and any(worker.sent for worker in self._workers):
            self.close()
        self.start()
        self._work = _Work(function, calls, at_once)
        for worker in list(self._workers):
            self._give(worker)

    def receive(self, on_result: Callable[[int, Any], None] | None = None) -> list[Any]:
        """Return the result of every call that was sent, or a `Lost`; raises what a call raises.

        Args:
            on_result: is told each result when it comes, with the number of its call.
        """
        from multiprocessing.connection import wait

        work = self._work
        assert work is not None
        work.on_result = on_result
        try:
            while any(worker.sent for worker in self._workers) or work.waiting:
                for worker in list(self._workers):
                    self._give(worker)
                busy = {worker.connection: worker for worker in self._workers if worker.sent}
                ready = wait(list(busy), self._next_deadline(work))
                for connection in ready:
                    self._read(busy[connection], work)  # type: ignore[index]
                for worker in busy.values():
                    if worker in self._workers and time.monotonic() > self._deadline(worker, work):
                        self._replace(worker, work, "its worker hung and was killed")
        except BaseException:
            self.close()
            raise
        self._work = None
        return work.results

    def close(self) -> None:
        """Kill the workers; what they were at is lost."""
        for worker in self._workers:
            _end(worker)
        self._workers.clear()
        self._work = None

    def _give(self, worker: _Worker) -> None:
        """Send a worker that has nothing to do its next calls."""
        work = self._work
        if work is None or worker.sent or not work.waiting:
            return
        worker.sent.extend(work.take())
        worker.since = time.monotonic()
        batch = [work.calls[number].arguments for number in worker.sent]
        # One that has died shows when its answer is read.
        with suppress(BrokenPipeError, ConnectionResetError):
            worker.connection.send((work.function, batch))

    def _read(self, worker: _Worker, work: _Work) -> None:
        try:
            answer = worker.connection.recv()
        except (EOFError, ConnectionResetError):
            code = worker.process.wait()
            if not worker.began:
                raise EngineError(
                    engine="reference",
                    problem=f"a worker process ended with exit code {code} before it began",
                ) from None
            self._replace(worker, work, f"its worker died with exit code {code}")
            return
        worker.since = time.monotonic()
        if not worker.began:
            worker.began = True
            return
        succeeded, result = answer
        if not succeeded:
            raise result
        work.finish(worker.sent.popleft(), result)

    def _replace(self, worker: _Worker, work: _Work, problem: str) -> None:
        """Put a new worker in the place of a broken one; only the call that broke it counts."""
        _end(worker)
        self._workers.remove(worker)
        broken = worker.sent.popleft()
        work.waiting.extendleft(reversed(worker.sent))
        work.attempts[broken] += 1
        if work.attempts[broken] < ATTEMPTS:
            work.waiting.append(broken)
        else:
            work.finish(broken, Lost(problem))
        self._workers.append(_spawn())

    def _deadline(self, worker: _Worker, work: _Work) -> float:
        timeout_s = work.calls[worker.sent[0]].timeout_s if worker.sent else None
        if not worker.began:
            timeout_s = _PATIENCE_S + (timeout_s or 0.0)
        return float("inf") if timeout_s is None else worker.since + timeout_s

    def _next_deadline(self, work: _Work) -> float | None:
        """Return the seconds until the first worker has had its time; None for never."""
        first = min(self._deadline(worker, work) for worker in self._workers if worker.sent)
        return None if first == float("inf") else max(0.0, first - time.monotonic())


class _Work:
    """Calls of one function, and how far they are."""

    def __init__(self, function: Callable[..., Any], calls: Sequence[Call], at_once: int) -> None:
        self.function = function
        self.calls = calls
        self.at_once = at_once
        self.waiting = deque(range(len(calls)))
        self.attempts = [0] * len(calls)
        self.results: list[Any] = [None] * len(calls)
        self.on_result: Callable[[int, Any], None] | None = None

    def finish(self, number: int, result: Any) -> None:
        self.results[number] = result
        if self.on_result is not None:
            self.on_result(number, result)

    def take(self) -> list[int]:
        """Take the next calls; one that broke a worker goes alone, it may do so again."""
        taken: list[int] = []
        while self.waiting and len(taken) < self.at_once:
            suspect = bool(self.attempts[self.waiting[0]])
            if suspect and taken:
                break
            taken.append(self.waiting.popleft())
            if suspect:
                break
        return taken


def _spawn() -> _Worker:
    import subprocess
    from multiprocessing import Pipe

    ours, theirs = Pipe()
    path = [os.path.abspath(entry) for entry in sys.path]
    code = _BEGIN.format(path=path, fd=theirs.fileno())
    flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    try:
        process = subprocess.Popen(
            [sys.executable, *flags, "-c", code],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    except OSError as error:
        ours.close()
        raise EngineError(
            engine="reference", problem=f"can't start a worker process: {error.strerror or error}"
        ) from error
    finally:
        theirs.close()
    return _Worker(process, ours, since=time.monotonic())


def _end(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.wait()
    worker.connection.close()


def serve(descriptor: int) -> None:
    """Run what comes through a pipe until it is closed; this is all that a worker does."""
    from multiprocessing.connection import Connection

    # Ctrl-C reaches all processes of a terminal; the one that started this one decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Values are plain trees: collecting them often finds nothing.
    gc.set_threshold(100_000, 50, 100)
    connection = Connection(descriptor)
    connection.send("ready")
    try:
        while True:
            function, batch = connection.recv()
            for arguments in batch:
                connection.send(_answer(function, arguments))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the process that started this one has ended, or has had enough


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[bool, Any]:
    try:
        return True, function(*arguments)
    except Exception as error:  # the process that asked raises it
        return False, error
