"""Wall and CPU time by name, in two columns that are never mixed.

Wall time is what passed on the clock between the start and the end of a block in the process
that asks. CPU time is what its work cost, summed over threads and processes: it may be more than
the wall time. A name with dots is a part of the name before the last dot only by convention;
`Timings.unaccounted` counts the names that were measured at the top level.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Timing:
    """Sums for one name: seconds on the clock, CPU seconds, and how often it was measured."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """One measured block: its name, and seconds since the timings began.

    Attributes:
        beside: whether it passed in another thread, beside the blocks of this one.
    """

    name: str
    start_s: float
    wall_s: float
    cpu_s: float
    beside: bool = False


_beside: dict[int, tuple[int | None, int]] = {}
"""Of each thread that works beside the main one: its clock, and what that said in the beginning."""
_beside_lock = threading.Lock()
_ended_ns = 0


@contextmanager
def beside() -> Iterator[None]:
    """Let the CPU time of the calling thread be told apart from that of the main one."""
    global _ended_ns
    # Not every system lets one thread read another's clock: then all of it comes in the end.
    clock_of = getattr(time, "pthread_getcpuclockid", None)
    thread, began_ns = threading.get_ident(), time.thread_time_ns()
    with _beside_lock:
        _beside[thread] = None if clock_of is None else clock_of(thread), began_ns
    try:
        yield
    finally:
        with _beside_lock:
            del _beside[thread]
            _ended_ns += time.thread_time_ns() - began_ns


def beside_cpu_ns() -> int:
    """Return the CPU time, so far, of all blocks of `beside`, in nanoseconds."""
    with _beside_lock:
        return _ended_ns + sum(
            time.clock_gettime_ns(clock) - began_ns
            for clock, began_ns in _beside.values()
            if clock is not None
        )


class Timings:
    """Collects timings; blocks may nest, only the outermost ones count as accounted.

    Attributes:
        events: every measured block in the order in which they ended.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._timings: dict[str, Timing] = {}
        self._accounted_s = 0.0
        self._nesting = 0
        self._started = time.perf_counter()
        self._cpu_started = time.process_time()

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Time a block on the clock and in CPU time of this process, all threads."""
        wall, cpu = time.perf_counter(), time.process_time()
        self._nesting += 1
        try:
            yield
        finally:
            self._nesting -= 1
            passed, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
            self.add(name, wall_s=passed, cpu_s=cpu_s)
            self.events.append(Event(name, wall - self._started, passed, cpu_s))
            if self._nesting == 0:
                self._accounted_s += passed

    def add_beside(self, name: str, *, started: float, wall_s: float, cpu_s: float) -> None:
        """Add a block that another thread has measured; it does not count as accounted.

        Args:
            name: of the block.
            started: when it began, by `time.perf_counter`.
            wall_s: seconds on the clock.
            cpu_s: CPU seconds of that thread.
        """
        self.add(name, wall_s=wall_s, cpu_s=cpu_s)
        self.events.append(Event(name, started - self._started, wall_s, cpu_s, beside=True))

    def add(self, name: str, *, wall_s: float = 0.0, cpu_s: float = 0.0, calls: int = 1) -> None:
        """Add seconds that were measured elsewhere, such as in workers."""
        timing = self._timings.setdefault(name, Timing())
        timing.wall_s += wall_s
        timing.cpu_s += cpu_s
        timing.calls += calls

    @property
    def total(self) -> Timing:
        """Time since these timings began."""
        return Timing(
            time.perf_counter() - self._started, time.process_time() - self._cpu_started, 1
        )

    @property
    def unaccounted_s(self) -> float:
        """Wall seconds since the start that no outermost block measured."""
        return self.total.wall_s - self._accounted_s

    def longest_first(self) -> list[tuple[str, Timing]]:
        """Return all timings, the longest wall time first, then the most CPU time."""
        return sorted(
            self._timings.items(), key=lambda item: (-item[1].wall_s, -item[1].cpu_s, item[0])
        )
