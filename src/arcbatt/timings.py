"""Wall and CPU time by name, in two columns that are never mixed.

Wall time passes on the clock between the start and the end of a block in this process. CPU time is
summed over threads and processes, so it may be more than the wall time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Timing:
    """Sums for one name: wall-clock seconds, CPU seconds, and the number of measurements."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """One measured block: its name, and seconds since the timings began."""

    name: str
    start_s: float
    wall_s: float
    cpu_s: float


class Timings:
    """Collects timings; blocks may nest, only the outermost ones count as accounted.

    Attributes:
        events: all measured blocks in the order in which they ended.
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

    def add(self, name: str, *, wall_s: float = 0.0, cpu_s: float = 0.0, calls: int = 1) -> None:
        """Add seconds that were measured elsewhere, for instance in workers."""
        timing = self._timings.setdefault(name, Timing())
        timing.wall_s += wall_s
        timing.cpu_s += cpu_s
        timing.calls += calls

    @property
    def total(self) -> Timing:
        """The time since these timings began."""
        return Timing(
            time.perf_counter() - self._started, time.process_time() - self._cpu_started, 1
        )

    @property
    def unaccounted_s(self) -> float:
        """The wall-clock seconds since the start that are outside all blocks."""
        return self.total.wall_s - self._accounted_s

    def longest_first(self) -> list[tuple[str, Timing]]:
        """Return all timings, the longest wall time first, then the most CPU time."""
        return sorted(
            self._timings.items(), key=lambda item: (-item[1].wall_s, -item[1].cpu_s, item[0])
        )


def chrome_trace(timings: Timings) -> dict[str, Any]:
    """Return a trace in Chrome's format: one complete event (``X``) per measured block.

    The first event is the whole time since the timings began. CPU seconds are arguments of an
    event, since they do not fit on a time line.
    """
    total = timings.total
    blocks = sorted(timings.events, key=lambda event: event.start_s)
    return {
        "displayTimeUnit": "ms",
        "traceEvents": [
            trace_event(event, "phase", {"cpu_s": event.cpu_s})
            for event in (Event("total", 0.0, total.wall_s, total.cpu_s), *blocks)
        ],
    }


def trace_event(event: Event, category: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return an event in Chrome's trace format, with times in microseconds."""
    return {
        "name": event.name,
        "cat": category,
        "ph": "X",
        "ts": event.start_s * 1e6,
        "dur": event.wall_s * 1e6,
        "pid": os.getpid(),
        "tid": 1,
        "args": arguments,
    }
