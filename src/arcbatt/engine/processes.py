"""Run calls in worker processes that may hang or die, and tell how much memory each may use.

Only the call at fault is lost when a worker hangs or dies.

Executors are imported only where processes are started, because importing them takes longer than a
small run.
"""

from __future__ import annotations

import gc
import hashlib
import os
import re
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from arcbatt import interrupts
from arcbatt.engine.workers import TRIES, Lost, run_on
from arcbatt.errors import EngineError
from arcbatt.timings import watch

if TYPE_CHECKING:
    from concurrent.futures import Future

    from loky.process_executor import ProcessPoolExecutor

START_S = 60.0
"""Wall-clock limit for the start of a worker, in seconds."""
LOOK_S = 0.05
"""Seconds between two looks for a signal while results are waited for."""
_PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""
MEMORY_PARTS = 2
"""One of so many parts of the memory is for values, or for the structures of search; the rest is
for programs, results, and what allocators waste."""

MEMORY_SHARE = 0.8
"""The part of the machine's memory that all processes together use where no limit is set."""

_limit: int | None = None
"""The limit of all processes together, in bytes, as `limit_memory` set it."""
_sharers = 1
"""Number of worker processes that share the machine with this one, itself included."""


def limit_memory(bytes_: int | None) -> None:
    """Set the memory that this process and its workers may use together, in bytes.

    Args:
        bytes_: the limit, > 0; None for `MEMORY_SHARE` of what the machine or the control group
            has.
    """
    global _limit
    _limit = bytes_


def share_machine(sharers: int) -> None:
    """Set the number of worker processes that share the machine with this one, itself included."""
    global _sharers
    _sharers = sharers


def memory_share(threads: int) -> int:
    """Return the bytes that each thread may use for values: an equal share of half of the memory.

    Args:
        threads: number of threads of this process that work at once, > 0.
    """
    limits = [_limit or int(MEMORY_SHARE * _machine_bytes())]
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        limit, _ = resource.getrlimit(kind)
        if limit != resource.RLIM_INFINITY:
            # Worker processes have the same limit, each for itself.
            limits.append(limit * _sharers)
    return min(limits) // (MEMORY_PARTS * _sharers * max(1, threads))


@cache
def _machine_bytes() -> int:
    """Return the memory of the machine, or of the control group (container) if it has less."""
    bytes_ = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    root = Path("/sys/fs/cgroup")
    groups = [root, root / "memory"]
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers in ("", "memory"):
                own = root / controllers / path.lstrip("/")
                groups += [own, *own.parents]
    for group in groups:
        for name in ("memory.max", "memory.limit_in_bytes"):
            with suppress(OSError, ValueError):  # there is no such file, or it says "max"
                bytes_ = min(bytes_, int((group / name).read_text()))
    return bytes_


class Processes:
    """A fixed number of worker processes, each started with its first call.

    Every process is an executor of its own with a thread that waits for it. So the call of a dead
    process is known, and the other processes go on. The processes never import the program that
    started them: a user's script needs no ``if __name__ == "__main__"``.

    Args:
        count: number of processes, > 0.
    """

    def __init__(self, count: int) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self._count = count
        self._own = threading.local()
        self._executors: set[ProcessPoolExecutor] = set()
        self._closed = False
        # Inherited by the processes until they have begun: a terminal, or ``timeout``, sends a
        # signal to all of them, and only the process that started them is to act.
        self._threads = ThreadPoolExecutor(
            count, "worker", signal.pthread_sigmask, (signal.SIG_BLOCK, interrupts.SIGNALS)
        )

    def submit(
        self, function: Callable[..., Any], arguments: Sequence[Any], timeout_s: float | None
    ) -> Future[Any]:
        """Schedule a call and return the future of its result, or of a `Lost`.

        The future raises what the call raises, and EngineError if no worker can be started.

        Args:
            function: a function that can be imported from a module.
            arguments: its arguments.
            timeout_s: wall-clock limit in seconds; None for none.
        """
        return self._threads.submit(self._call, function, arguments, timeout_s)

    def close(self) -> None:
        """Kill the processes; calls that have not ended are lost."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        while self._executors:
            self._executors.pop().shutdown(kill_workers=True)
        self._threads.shutdown()

    def _call(
        self, function: Callable[..., Any], arguments: Sequence[Any], timeout_s: float | None
    ) -> Any:
        from concurrent.futures.process import BrokenProcessPool

        problem = ""
        for _ in range(TRIES):
            call = self._started().submit(function, *arguments)
            try:
                return call.result(timeout_s)
            except TimeoutError:
                if call.done():  # the call itself has raised it
                    raise
                problem = "its worker hung and was killed"
            except BrokenProcessPool as error:
                [code] = re.findall(r"\((-?\d+)\)\}", str(error)) or ["unknown"]
                problem = f"its worker died with exit code {code}"
            except MemoryError:
                problem = "its worker ran out of memory"
            self._discard()
        return Lost(problem)

    def _started(self) -> ProcessPoolExecutor:
        """Return the executor of this thread, after its process has started."""
        from concurrent.futures.process import BrokenProcessPool

        from loky.process_executor import ProcessPoolExecutor

        if getattr(self._own, "executor", None) is None:
            self._own.executor = ProcessPoolExecutor(
                1,
                initializer=_begin_in_worker,
                initargs=(os.getpid(), self._count),
                # A long search takes much memory and gives it back: that is no leak.
                env={"LOKY_MAX_MEMORY_LEAK_SIZE": "1e18"},
            )
            _silence_after_shutdown(self._own.executor)
            self._executors.add(self._own.executor)
            try:
                watch(self._own.executor.submit(os.getpid).result(START_S))
            except (OSError, BrokenProcessPool) as error:
                self._discard()
                raise EngineError(
                    engine="reference", problem=f"can't start a worker process: {error}"
                ) from error
        if self._closed:
            self._discard()
            raise EngineError(engine="reference", problem="its workers were stopped")
        executor: ProcessPoolExecutor = self._own.executor
        return executor

    def _discard(self) -> None:
        executor, self._own.executor = self._own.executor, None
        self._executors.discard(executor)
        executor.shutdown(kill_workers=True)


def run_in_processes(
    function: Callable[..., Any],
    calls: Sequence[Sequence[Any]],
    *,
    jobs: int,
    timeout_s: float | None = None,
) -> Iterator[tuple[int, Any]]:
    """Run calls of a function in processes and yield the results as they arrive.

    The processes are killed when the iterator ends or is closed.

    Args:
        function: a function that can be imported from a module.
        calls: the arguments of each call.
        jobs: number of processes, > 0.
        timeout_s: wall-clock limit of a call, in seconds; None for none.

    Yields:
        the index of a call and its result, or a `Lost`.

    Raises what a call raises, and EngineError if no process can be started.
    """
    workers = ProcessWorkers(jobs, timeout_s=timeout_s)
    try:
        yield from run_on(workers, function, calls)
    finally:
        workers.close()


class ProcessWorkers:
    """Runs calls in processes of this machine; see `arcbatt.engine.workers.Workers`.

    Args:
        count: number of processes, > 0.
        timeout_s: wall-clock limit of a call, in seconds; None for none.
    """

    def __init__(self, count: int, *, timeout_s: float | None = None) -> None:
        self.count = count
        self._timeout_s = timeout_s
        self._processes = Processes(count)
        self._keys: dict[Future[Any], Hashable] = {}
        self._done: SimpleQueue[Future[Any]] = SimpleQueue()

    @property
    def in_flight(self) -> int:
        """The number of calls that were submitted and not yet taken."""
        return len(self._keys)

    @property
    def has_room(self) -> bool:
        """Whether a process would begin with another call as soon as it has done its own."""
        return self.in_flight < 2 * self.count

    def describe(self) -> str:
        """Return the number of processes, and of the calls in flight."""
        return f"{self.count} processes, {self.in_flight} in flight"

    def share(self, value: Any) -> SharedValue:
        """Return a handle for a value that many calls need."""
        return SharedValue(value)

    def submit(
        self,
        key: Hashable,
        function: Callable[..., Any],
        arguments: Sequence[Any],
        *,
        memory: int = 0,
    ) -> None:
        """Submit a call; all processes together have the memory of `limit_memory`."""
        future = self._processes.submit(function, arguments, self._timeout_s)
        self._keys[future] = key
        future.add_done_callback(self._done.put)

    def take(self) -> list[tuple[Any, Any]]:
        """Wait for a result, and return all that are there; see `Workers.take`."""
        futures = [_take(self._done)]
        while not self._done.empty():
            futures.append(self._done.get())
        return [(self._keys.pop(future), future.result()) for future in futures]

    def close(self) -> None:
        """Kill the processes."""
        self._processes.close()


class SharedValue:
    """A value that is packed once, and unpacked once in each process.

    Args:
        value: the value.
    """

    def __init__(self, value: Any) -> None:
        import pickle

        self._packed = pickle.dumps(value)
        self._digest = hashlib.blake2b(self._packed, digest_size=16).hexdigest()

    def get(self) -> Any:
        """Return the value, of which this process keeps the last one that was asked for."""
        import pickle

        if self._digest not in _unpacked:
            _unpacked.clear()
            _unpacked[self._digest] = pickle.loads(self._packed)  # noqa: S301 - of the driver
        return _unpacked[self._digest]


_unpacked: dict[str, Any] = {}
"""The shared value that this process has unpacked, by its digest."""


def _silence_after_shutdown(executor: ProcessPoolExecutor) -> None:
    """Keep an executor from printing a traceback if it still writes to a worker that was killed."""
    flags, queue = executor._flags, executor._call_queue
    report = queue._on_queue_feeder_error

    def report_before(error: BaseException, item: object) -> None:
        if not flags.shutdown:
            report(error, item)

    queue._on_queue_feeder_error = report_before


def wait_for(future: Future[Any]) -> Any:
    """Return the result of a future, or raise its error; raises KeyboardInterrupt after a signal.

    KeyboardInterrupt in the middle of `Future.result` could leave the lock of the future locked
    for ever, and with it the thread that has the result.
    """
    while True:
        with interrupts.hold():
            try:
                return future.result(LOOK_S)
            except TimeoutError:
                if future.done():
                    return future.result()
                interrupts.check()


def _take(done: SimpleQueue[Future[Any]]) -> Future[Any]:
    """Return the next future of a queue; raises KeyboardInterrupt after a signal."""
    while True:
        with interrupts.hold():
            try:
                return done.get(timeout=LOOK_S)
            except Empty:
                interrupts.check()


def _begin_in_worker(parent: int, sharers: int) -> None:
    share_machine(sharers)
    # Values are plain trees: collecting them often finds nothing.
    gc.set_threshold(100_000, 50, 100)
    # Handlers are not handed down to what this process starts, a blocked signal is.
    for number in interrupts.SIGNALS:
        signal.signal(number, lambda number, frame: None)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, interrupts.SIGNALS)
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process soon after its parent, also if that was killed before this one began."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)
