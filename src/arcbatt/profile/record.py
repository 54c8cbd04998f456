"""Record a run: every nanosecond of it belongs to one place, on the clock and in CPU time.

The recorder is the run's timings. Whenever a block begins or ends, it takes what has passed since
the last time, and shares that out: what the engine took, by what the engine has counted; what
conversions took; and the rest to the block that was running. What another thread has saved
meanwhile is CPU time alone: the clock is that of the main thread. Numbers are whole nanoseconds and
the last share of each division is what is left, so nothing is lost to rounding.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from arcbatt.engine.counting import Count, Counts, take_counts
from arcbatt.profile.categories import (
    COUNTING,
    HAND_OUT,
    NODES,
    OUTPUTS,
    REFEREE,
    SAVING,
    SUMS,
    Category,
    place_of,
)
from arcbatt.profile.timings import Event, Timings, beside_cpu_ns

Key = tuple[Category, str, tuple[str, ...]]
"""Category, part, and the names of the blocks that were running, the outermost one first."""

START = "run_batt.start"


@dataclass(slots=True)
class Cost:
    """Time on the clock, and CPU time of all threads and processes, in nanoseconds."""

    wall_ns: int = 0
    cpu_ns: int = 0

    def add(self, wall_ns: int, cpu_ns: int) -> None:
        """Add more."""
        self.wall_ns += wall_ns
        self.cpu_ns += cpu_ns


@dataclass(frozen=True, slots=True)
class Began:
    """When a run began: `time.perf_counter_ns` and `time.process_time_ns`."""

    wall_ns: int = field(default_factory=time.perf_counter_ns)
    cpu_ns: int = field(default_factory=time.process_time_ns)


class Recorder(Timings):
    """Timings that also share out all time, and take what the engines count.

    Counting has to be on, see `arcbatt.engine.counting.counting`.

    Args:
        began: when the run began; what lies before now belongs to its start.

    Attributes:
        costs: by place.
        primitives: what each primitive did, the referee's calls left out. Times of these are CPU
            time, on the same scale as the costs.
        referee: the same for the referee; these times are within those of its place.
        worker_cpu_ns: CPU time of worker processes, a part of the costs.
        outputs: a number for each job, the referee's left out.
        evaluations: one event for each evaluation.
    """

    def __init__(self, began: Began | None = None) -> None:
        super().__init__()
        self.costs: dict[Key, Cost] = {}
        self.primitives: dict[str, Count] = {}
        self.referee: dict[str, Count] = {}
        self.outputs: list[int] = []
        self.evaluations: list[Event] = []
        self._blocks: list[str] = []
        self._began = self._mark = began or Began()
        self.worker_cpu_ns = 0
        self._beside_ns = beside_cpu_ns()
        if began is not None:
            self._begin_at(began)

    def _begin_at(self, began: Began) -> None:
        self._blocks.append(START)
        self.charge()
        self._blocks.pop()
        wall_s, cpu_s = self.passed.wall_ns / 1e9, self.passed.cpu_ns / 1e9
        self._started, self._cpu_started = began.wall_ns / 1e9, began.cpu_ns / 1e9
        self._accounted_s = wall_s
        self.add(START, wall_s=wall_s, cpu_s=cpu_s)
        self.events.append(Event(START, 0.0, wall_s, cpu_s))

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Time a block, see `Timings.measure`."""
        self.charge()
        self._blocks.append(name)
        try:
            with super().measure(name):
                yield
        finally:
            self.charge()
            self._blocks.pop()

    @property
    def passed(self) -> Cost:
        """All time until the last charge."""
        return Cost(
            self._mark.wall_ns - self._began.wall_ns,
            self._mark.cpu_ns - self._began.cpu_ns + self.worker_cpu_ns,
        )

    def charge(self) -> None:
        """Share out the time since the last charge."""
        counts, beside_ns, now = take_counts(), beside_cpu_ns(), Began()
        self.worker_cpu_ns += counts.worker_cpu_ns
        wall = now.wall_ns - self._mark.wall_ns
        cpu = now.cpu_ns - self._mark.cpu_ns
        # Clocks need not agree: what is too much now belongs to the next charge.
        saving = _between(0, beside_ns - self._beside_ns, cpu)
        self._beside_ns += saving
        self._add(*place_of([SAVING]), 0, saving, blocks=(SAVING,))
        cpu += counts.worker_cpu_ns - saving
        self._mark = now
        entering = counts.border_ns.get("graphs", 0) + counts.border_ns.get("cases", 0)
        engine = Cost(
            _between(0, counts.wall_ns - entering, wall), _between(0, counts.cpu_ns - entering, cpu)
        )
        self._charge_engine(counts, engine)
        wall, cpu = wall - engine.wall_ns, cpu - engine.cpu_ns
        for kind, spent in counts.border_ns.items():
            # On a busy machine a conversion is interrupted as often as the code around it.
            border_wall = min(spent, wall)
            border_cpu = border_wall * min(cpu, wall) // max(1, wall)
            self._add(Category.BORDER, kind, border_wall, border_cpu)
            wall, cpu = wall - border_wall, cpu - border_cpu
        self._add(*place_of(self._blocks), wall, cpu)
        self.evaluations += [
            Event("evaluate", start - self._started, passed, 0.0) for start, passed in counts.spans
        ]

    def _charge_engine(self, counts: Counts, engine: Cost) -> None:
        if REFEREE in self._blocks:
            busy = max(1, counts.busy_ns)
            for count in counts.primitives.values():
                count.own_ns = count.own_ns * min(engine.cpu_ns, busy) // busy
                count.total_ns = count.total_ns * min(engine.cpu_ns, busy) // busy
            _merge(self.referee, counts.primitives)
            self._add(*place_of(self._blocks), engine.wall_ns, engine.cpu_ns)
            return
        self.outputs += counts.outputs
        own = sum(count.own_ns for count in counts.primitives.values())
        busy = max(1, counts.busy_ns, own + counts.outputs_ns + counts.sums_ns + counts.counting_ns)
        wall, cpu = min(engine.wall_ns, counts.longest_ns), min(engine.cpu_ns, busy)
        left = Cost(wall, cpu)

        def share(category: Category, part: str, spent: int) -> int:
            portion = Cost(wall * spent // busy, cpu * spent // busy)
            self._add(category, part, portion.wall_ns, portion.cpu_ns)
            left.add(-portion.wall_ns, -portion.cpu_ns)
            return portion.cpu_ns

        for name, count in counts.primitives.items():
            count.own_ns = share(Category.DSL, name, count.own_ns)
            count.total_ns = count.total_ns * cpu // busy
        _merge(self.primitives, counts.primitives)
        share(Category.EVALUATION, OUTPUTS, counts.outputs_ns)
        share(Category.EVALUATION, SUMS, counts.sums_ns)
        share(Category.FRAMEWORK, COUNTING, counts.counting_ns)
        self._add(Category.EVALUATION, NODES, left.wall_ns, left.cpu_ns)
        self._add(Category.EVALUATION, HAND_OUT, engine.wall_ns - wall, engine.cpu_ns - cpu)

    def _add(
        self,
        category: Category,
        part: str,
        wall_ns: int,
        cpu_ns: int,
        *,
        blocks: tuple[str, ...] | None = None,
    ) -> None:
        if wall_ns or cpu_ns:
            key = category, part, tuple(self._blocks) if blocks is None else blocks
            self.costs.setdefault(key, Cost()).add(wall_ns, cpu_ns)


def _between(least: int, number: int, most: int) -> int:
    return max(least, min(number, most))


def _merge(into: dict[str, Count], counts: dict[str, Count]) -> None:
    for name, count in counts.items():
        into.setdefault(name, Count()).add(count)
