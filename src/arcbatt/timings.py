"""Wall and CPU time by name, in two columns that are never mixed.

Wall time passes on the clock between the start and the end of a block in this process. CPU time is
summed over threads and over the processes that this one has started, so it may be more than the
wall time.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import get_ident
from typing import Any

_workers: set[int] = set()
"""Ids of processes that this one has started and not yet waited for."""
_sessions: dict[int, int] = {}
"""CPU time of commands and their descendants, in nanoseconds, by the id of the session."""


def cpu_ns() -> int:
    """Return the CPU time of this process and of those it has started, in nanoseconds.

    Processes that run count as soon as they are known to `watch` or `note_session`, all others
    once this process has waited for them.
    """
    total = time.process_time_ns() + _ended_ns() + sum(_sessions.values())
    for process in tuple(_workers):
        try:
            total += time.clock_gettime_ns(_clock_of(process))
        except OSError:
            # It is among the ended ones from now on.
            _workers.discard(process)
    return total


def watch(process: int) -> None:
    """Count the CPU time of a worker process from now on; does nothing outside of Linux."""
    with suppress(OSError):
        time.clock_gettime_ns(_clock_of(process))
        _workers.add(process)


def note_session(leader: int) -> int:
    """Measure the CPU time of a session, such as a command with its descendants, on Linux.

    Args:
        leader: id of the process that leads the session.

    Returns the CPU time of the session so far, in nanoseconds.
    """
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            words = path.read_bytes().rpartition(b")")[2].split()
            if int(words[3]) == leader:
                # User and system time, its own and those of the children it has waited for.
                ticks += sum(map(int, words[11:15]))
    spent = ticks * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    # A process whose parent has ended before it is not seen again.
    _sessions[leader] = max(spent, _sessions.get(leader, 0))
    return _sessions[leader]


@contextmanager
def ending_session(leader: int) -> Iterator[None]:
    """Keep the CPU time of a session that is killed and waited for inside of the block."""
    spent, before = note_session(leader), _ended_ns()
    yield
    _sessions[leader] = max(0, spent - (_ended_ns() - before))


def _ended_ns() -> int:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return int((usage.ru_utime + usage.ru_stime) * 1e9)


def _clock_of(process: int) -> int:
    """Return the clock of a process, as `clock_getcpuclockid` of Linux's C library does."""
    return ~process << 3 | 2


@dataclass(slots=True)
class Timing:
    """Sums for one name.

    Attributes:
        wall_s: wall-clock seconds.
        cpu_s: CPU seconds.
        calls: the number of measurements.
        own_wall_s: the part of the wall-clock seconds that is within no other block and beside
            none; these parts of all names and the unaccounted time add up to the total.
        beside: whether some of it passed in another thread, beside other blocks.
    """

    wall_s: float = 0.0
    cpu_s: float = 0.0
    calls: int = 0
    own_wall_s: float = 0.0
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One measured block: its name, seconds since the timings began, whether it ran beside."""

    name: str
    start_s: float
    wall_s: float
    cpu_s: float
    beside: bool = False


class Timings:
    """Collects timings; blocks may nest, only the outermost ones count as accounted.

    Blocks of other threads pass beside those of the thread that began the timings: they have wall
    and CPU time, but account for none of the total.

    Attributes:
        events: all measured blocks in the order in which they ended.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._timings: dict[str, Timing] = {}
        self._accounted_s = 0.0
        self._nesting = 0
        self._thread = get_ident()
        self._started = time.perf_counter()
        self._cpu_started = cpu_ns() / 1e9

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Time a block on the clock and in CPU time, all threads and processes.

        In another thread than that of these timings it is the CPU time of the thread.
        """
        beside = get_ident() != self._thread
        clock = time.thread_time_ns if beside else cpu_ns
        wall, cpu = time.perf_counter(), clock()
        self._nesting += not beside
        try:
            yield
        finally:
            self._nesting -= not beside
            passed, cpu_s = time.perf_counter() - wall, max(0, clock() - cpu) / 1e9
            timing = self.add(name, wall_s=passed, cpu_s=cpu_s)
            timing.beside |= beside
            self.events.append(Event(name, wall - self._started, passed, cpu_s, beside))
            if self._nesting == 0 and not beside:
                timing.own_wall_s += passed
                self._accounted_s += passed

    def add(self, name: str, *, wall_s: float = 0.0, cpu_s: float = 0.0, calls: int = 1) -> Timing:
        """Add seconds that were measured elsewhere, for instance in workers."""
        timing = self._timings.setdefault(name, Timing())
        timing.wall_s += wall_s
        timing.cpu_s += cpu_s
        timing.calls += calls
        return timing

    @property
    def total(self) -> Timing:
        """The time since these timings began."""
        return Timing(
            time.perf_counter() - self._started, max(0.0, cpu_ns() / 1e9 - self._cpu_started), 1
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
        "tid": 2 if event.beside else 1,
        "args": arguments,
    }
