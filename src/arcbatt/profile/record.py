"""Record a run: every nanosecond belongs to one place, of wall time and of CPU time.

The recorder is the run's timings. Whenever a block begins or ends, it divides the time since the
last such moment: the time of the engine according to the engine's counts, the time of
conversions, and the remainder, which belongs to the block that was running. Numbers are whole
nanoseconds, and the last share of each division is the remainder, so nothing is lost to rounding.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from arcbatt.engine.counting import CallCount, CallCounts, take_counts
from arcbatt.profile.model import (
    COUNTING,
    CROSS_CHECK,
    HAND_OUT,
    NODES,
    OUTPUTS,
    SUMS,
    Category,
    Profile,
    place_of,
)
from arcbatt.timings import Event, Timings, cpu_ns, trace_event

Key = tuple[Category, str, tuple[str, ...]]
"""A category, a part, and the names of the running blocks, the outermost one first."""

START = "run_batt.start"


@dataclass(slots=True)
class Cost:
    """Wall-clock time, and CPU time of all threads and processes, in nanoseconds."""

    wall_ns: int = 0
    cpu_ns: int = 0

    def add(self, wall_ns: int, cpu_ns: int) -> None:
        """Add wall-clock and CPU time."""
        self.wall_ns += wall_ns
        self.cpu_ns += cpu_ns


@dataclass(frozen=True, slots=True)
class Began:
    """The start of a run: `time.perf_counter_ns` and `arcbatt.timings.cpu_ns`."""

    wall_ns: int = field(default_factory=time.perf_counter_ns)
    cpu_ns: int = field(default_factory=cpu_ns)


class Recorder(Timings):
    """Timings that also assign all time to places, with the help of the engines' counts.

    Counting has to be on, see `arcbatt.engine.counting.counting`.

    Args:
        began: the start of the run, None for now; the time since then counts as start-up.

    Attributes:
        costs: wall and CPU time of each place.
        primitives: the calls of each primitive, without those of the cross-check; times are CPU
            time, on the same scale as the costs.
        cross_check: the calls of the cross-check; their times are within that of its place.
        worker_cpu_ns: CPU time of evaluations in worker processes, a part of the costs, in
            nanoseconds.
        outputs: one digest per job, without the jobs of the cross-check.
        evaluations: one event for each evaluation.
    """

    def __init__(self, began: Began | None = None) -> None:
        super().__init__()
        self.costs: dict[Key, Cost] = {}
        self.primitives: dict[str, CallCount] = {}
        self.cross_check: dict[str, CallCount] = {}
        self.outputs: list[int] = []
        self.evaluations: list[Event] = []
        self._blocks: list[str] = []
        self._began = self._mark = began or Began()
        self.worker_cpu_ns = 0
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
        """The total time until the last charge."""
        return Cost(
            self._mark.wall_ns - self._began.wall_ns,
            self._mark.cpu_ns - self._began.cpu_ns,
        )

    def charge(self) -> None:
        """Assign the time since the last charge to places."""
        counts, now = take_counts(), Began()
        self.worker_cpu_ns += counts.worker_cpu_ns
        wall = now.wall_ns - self._mark.wall_ns
        # A worker that ends in this moment is missing until it was waited for.
        now = replace(now, cpu_ns=max(now.cpu_ns, self._mark.cpu_ns))
        cpu = now.cpu_ns - self._mark.cpu_ns
        self._mark = now
        entering = counts.border_ns.get("graphs", 0) + counts.border_ns.get("cases", 0)
        engine = Cost(
            _between(0, counts.wall_ns - entering, wall), _between(0, counts.cpu_ns - entering, cpu)
        )
        self._charge_engine(counts, engine)
        wall, cpu = wall - engine.wall_ns, cpu - engine.cpu_ns
        for kind, spent in counts.border_ns.items():
            # Scaled, since on a busy machine conversions are interrupted as often as other code.
            border_wall = min(spent, wall)
            border_cpu = border_wall * min(cpu, wall) // max(1, wall)
            self._add(Category.BORDER, kind, border_wall, border_cpu)
            wall, cpu = wall - border_wall, cpu - border_cpu
        self._add(*place_of(self._blocks), wall, cpu)
        self.evaluations += [
            Event("evaluate", start - self._started, passed, 0.0) for start, passed in counts.spans
        ]

    def _charge_engine(self, counts: CallCounts, engine: Cost) -> None:
        if CROSS_CHECK in self._blocks:
            busy = max(1, counts.busy_ns)
            for count in counts.primitives.values():
                count.own_ns = count.own_ns * min(engine.cpu_ns, busy) // busy
                count.total_ns = count.total_ns * min(engine.cpu_ns, busy) // busy
            _merge(self.cross_check, counts.primitives)
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

    def _add(self, category: Category, part: str, wall_ns: int, cpu_ns: int) -> None:
        if wall_ns or cpu_ns:
            key = category, part, tuple(self._blocks)
            self.costs.setdefault(key, Cost()).add(wall_ns, cpu_ns)


def _between(least: int, number: int, most: int) -> int:
    return max(least, min(number, most))


def _merge(into: dict[str, CallCount], counts: dict[str, CallCount]) -> None:
    for name, count in counts.items():
        into.setdefault(name, CallCount()).add(count)


def profile_trace(recorder: Recorder) -> dict[str, Any]:
    """Return a run in Chrome's trace format: its blocks with their categories, and evaluations."""
    passed = recorder.passed
    total = Event("total", 0.0, passed.wall_ns / 1e9, passed.cpu_ns / 1e9)
    events = [
        trace_event(
            block, "phase", {"cpu_s": block.cpu_s, "category": str(place_of([block.name])[0])}
        )
        for block in recorder.events
    ]
    events += [trace_event(each, "evaluation", {}) for each in recorder.evaluations]
    # Viewers take the first of two events that begin at the same time for the outer one.
    events.sort(key=lambda event: (event["ts"], -event["dur"]))
    first = trace_event(total, "phase", {"cpu_s": total.cpu_s})
    return {"displayTimeUnit": "ms", "traceEvents": [first, *events]}


def speedscope_document(profile: Profile) -> dict[str, Any]:
    """Return a profile in speedscope's format: stacks with their CPU and wall time.

    A stack is a category, the blocks that were running, and a part or a primitive. Each run is
    two profiles of the document: CPU time and wall time.
    """
    frames: dict[str, int] = {}
    profiles = []
    for number, run in enumerate(profile.runs, 1):
        samples = [
            [
                frames.setdefault(name, len(frames))
                for name in (str(each.category), *each.blocks, each.part)
            ]
            for each in run.slices
        ]
        for kind, weights in (
            ("CPU time", [each.cpu_ns for each in run.slices]),
            ("wall time", [each.wall_ns for each in run.slices]),
        ):
            profiles.append(
                {
                    "type": "sampled",
                    "name": f"{kind} of run {number}",
                    "unit": "nanoseconds",
                    "startValue": 0,
                    "endValue": sum(weights),
                    "samples": samples,
                    "weights": weights,
                }
            )
    return {
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "exporter": "arcbatt",
        "name": f"batt profile, {len(profile.tasks)} tasks of {profile.dataset}",
        "activeProfileIndex": 0,
        "shared": {"frames": [{"name": name} for name in frames]},
        "profiles": profiles,
    }
