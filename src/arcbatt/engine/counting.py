"""Counting what an evaluation costs, per primitive and at the border: off unless someone asks.

Both engines count alike. A call counts for every case whose results need it, as its fuel does,
so calls, values and fuel depend neither on the machine nor on the number of threads. Runs and
times do: what several cases share may be run once.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from arcbatt.dsl.meter import Meter
from arcbatt.dsl.registry import Primitive
from arcbatt.dsl.types import Value
from arcbatt.profile.timings import beside_cpu_ns

P = ParamSpec("P")
T = TypeVar("T")
Self = TypeVar("Self")

DIGEST_MODULUS = 1 << 128


@dataclass(slots=True)
class Count:
    """What one primitive did.

    Attributes:
        calls: how often it was called, calls within other primitives included.
        values: how many of these calls had a value; the others failed.
        fuel: of the calls, without that of calls within them.
        runs: how often it was really run.
        own_ns: time of the runs, without that of calls within them.
        total_ns: time of the runs with all calls within them.
    """

    calls: int = 0
    values: int = 0
    fuel: int = 0
    runs: int = 0
    own_ns: int = 0
    total_ns: int = 0

    def add(self, other: Count) -> None:
        """Add what the same primitive did elsewhere."""
        self.calls += other.calls
        self.values += other.values
        self.fuel += other.fuel
        self.runs += other.runs
        self.own_ns += other.own_ns
        self.total_ns += other.total_ns


@dataclass(slots=True)
class Counts:
    """What some evaluations cost.

    Attributes:
        primitives: by name.
        busy_ns: time of all threads or processes that evaluated, together.
        longest_ns: of each evaluation the time of the thread that took longest, summed.
        outputs_ns: time that digests and scores took; a part of the busy time.
        sums_ns: time that sums over the nodes of each root took; a part of the busy time.
        counting_ns: time that counting itself took; a part of the busy time, and of no primitive.
        border_ns: time of conversions between Python and Rust, by what is converted.
        outputs: a number for each job that stands for all of its outputs.
        wall_ns: time that callers waited for evaluations.
        cpu_ns: CPU time of the evaluations, worker processes included.
        worker_cpu_ns: the part of it that worker processes used.
        spans: start (`time.perf_counter`) and seconds of each evaluation.
    """

    primitives: dict[str, Count] = field(default_factory=dict)
    busy_ns: int = 0
    longest_ns: int = 0
    outputs_ns: int = 0
    sums_ns: int = 0
    counting_ns: int = 0
    border_ns: dict[str, int] = field(default_factory=dict)
    outputs: list[int] = field(default_factory=list)
    wall_ns: int = 0
    cpu_ns: int = 0
    worker_cpu_ns: int = 0
    spans: list[tuple[float, float]] = field(default_factory=list)

    def count(self, name: str) -> Count:
        """Return the count of a primitive, which may be changed."""
        return self.primitives.setdefault(name, Count())


class CountingMeter(Meter):
    """A meter that counts the calls of each primitive."""

    __slots__ = ("_counts", "_inner_fuel", "_inner_ns")

    def __init__(self, counts: Counts, *bounds: Any) -> None:
        super().__init__(*bounds)
        self._counts = counts
        self._inner_fuel = self._inner_ns = 0

    def call(
        self, primitive: Primitive, args: tuple[Value, ...], leaves: int | None = None
    ) -> Value:
        """Call a primitive and count it, see `Meter.call`."""
        count = self._counts.count(primitive.name)
        count.calls += 1
        count.runs += 1
        outer_fuel, outer_ns = self._inner_fuel, self._inner_ns
        self._inner_fuel = self._inner_ns = 0
        spent, started = self.spent, time.perf_counter_ns()
        try:
            value = super().call(primitive, args, leaves)
            count.values += 1
            return value
        finally:
            passed, fuel = time.perf_counter_ns() - started, self.spent - spent
            count.fuel += fuel - self._inner_fuel
            count.own_ns += passed - self._inner_ns
            count.total_ns += passed
            self._inner_fuel, self._inner_ns = outer_fuel + fuel, outer_ns + passed


_COUNTS: Counts | None = None
_EVALUATING = False


def new_meter(*bounds: Any) -> Meter:
    """Return a meter for one case of the reference engine; it counts calls if that is on."""
    return Meter(*bounds) if _COUNTS is None else CountingMeter(_COUNTS, *bounds)


@contextmanager
def counting() -> Iterator[None]:
    """Count for a block, in this process."""
    global _COUNTS
    _COUNTS = Counts()
    _switch_native(True)
    try:
        yield
    finally:
        _COUNTS = None
        _switch_native(False)


def take_counts() -> Counts:
    """Return what was counted since the last time, and begin anew."""
    global _COUNTS
    if _COUNTS is None:
        return Counts()
    taken, _COUNTS = _COUNTS, Counts()
    _take_native(taken)
    return taken


def counted(
    evaluate: Callable[Concatenate[Self, P], T],
) -> Callable[Concatenate[Self, P], T]:
    """Let an engine's `evaluate` be timed while counting is on."""

    @wraps(evaluate)
    def watched(self: Self, /, *args: P.args, **options: P.kwargs) -> T:
        global _EVALUATING
        if _COUNTS is None or _EVALUATING:
            return evaluate(self, *args, **options)
        counts, _EVALUATING = _COUNTS, True
        wall, cpu = time.perf_counter(), _cpu_ns()
        try:
            return evaluate(self, *args, **options)
        finally:
            _EVALUATING = False
            passed = time.perf_counter() - wall
            counts.spans.append((wall, passed))
            counts.wall_ns += int(passed * 1e9)
            counts.cpu_ns += max(0, _cpu_ns() - cpu)

    return watched


def _cpu_ns() -> int:
    """Return the CPU time of this process without that of threads beside the main one."""
    return time.process_time_ns() - beside_cpu_ns()


def count_job(run: Callable[P, T], digests: Callable[[T], Iterable[int]]) -> Callable[P, T]:
    """Return what runs a job of the reference engine and counts its time and outputs, if asked."""

    @wraps(run)
    def watched(*args: P.args, **options: P.kwargs) -> T:
        counts = _COUNTS
        if counts is None:
            return run(*args, **options)
        started = time.perf_counter_ns()
        result = run(*args, **options)
        passed = time.perf_counter_ns() - started
        counts.busy_ns += passed
        counts.longest_ns += passed
        counts.outputs.append(outputs_number(digests(result)))
        return result

    return watched


def outputs_number(digests: Iterable[int]) -> int:
    """Return a number (128 bits) that stands for the outputs of a job, in their order.

    >>> outputs_number([5, 7]), outputs_number([7, 5])
    (26, 22)
    """
    return sum((2 * place + 1) * each for place, each in enumerate(digests)) % DIGEST_MODULUS


@dataclass(frozen=True)
class InWorker:
    """What a worker process sends back while counting is on.

    Attributes:
        result: of the work.
        counts: of the work.
        process: id of the worker.
    """

    result: Any
    counts: Counts
    process: int


def scheduled(
    run: Callable[..., Any], arguments: Iterable[tuple[Any, ...]]
) -> tuple[Callable[..., Any], list[tuple[Any, ...]]]:
    """Return what worker processes are given to run: the work, and counting where that is on.

    Args:
        run: the work.
        arguments: of each call.
    """
    if _COUNTS is None:
        return run, [*arguments]
    return _count_in_worker, [(run, *each) for each in arguments]


def _count_in_worker(run: Callable[..., Any], *args: Any) -> InWorker:
    cpu = time.process_time_ns()
    with counting():
        result = run(*args)
        counts = take_counts()
    counts.worker_cpu_ns = counts.cpu_ns = time.process_time_ns() - cpu
    counts.wall_ns = 0
    counts.spans.clear()
    return InWorker(result, counts, os.getpid())


class WorkerCounts:
    """Adds up what the workers of one evaluation counted; workers run beside each other."""

    def __init__(self) -> None:
        self._busy_ns: dict[int, int] = {}

    def take(self, answer: Any) -> Any:
        """Return a worker's result, and add what it counted."""
        if not isinstance(answer, InWorker):
            return answer
        if _COUNTS is not None:
            before = max(self._busy_ns.values(), default=0)
            busy_ns = self._busy_ns.get(answer.process, 0) + answer.counts.busy_ns
            self._busy_ns[answer.process] = busy_ns
            answer.counts.longest_ns = max(0, busy_ns - before)
            merge_counts(_COUNTS, answer.counts)
        return answer.result


def merge_counts(into: Counts, other: Counts) -> None:
    """Add counts to others."""
    for name, count in other.primitives.items():
        into.count(name).add(count)
    for kind, spent_ns in other.border_ns.items():
        into.border_ns[kind] = into.border_ns.get(kind, 0) + spent_ns
    into.busy_ns += other.busy_ns
    into.longest_ns += other.longest_ns
    into.outputs_ns += other.outputs_ns
    into.sums_ns += other.sums_ns
    into.counting_ns += other.counting_ns
    into.outputs += other.outputs
    into.wall_ns += other.wall_ns
    into.cpu_ns += other.cpu_ns
    into.worker_cpu_ns += other.worker_cpu_ns
    into.spans += other.spans


def _extension() -> Any:
    try:
        from arcbatt import _engine
    except ImportError:
        return None
    return _engine


def _switch_native(on: bool) -> None:
    if (extension := _extension()) is not None:
        extension.take_counts()
        extension.count_calls(on)


def _take_native(into: Counts) -> None:
    extension = _extension()
    if extension is None:
        return
    rows, (busy, longest, outputs, sums, itself), border, jobs = extension.take_counts()
    counted_there = Counts(
        {name: Count(*numbers) for name, *numbers in rows},
        busy,
        longest,
        outputs,
        sums,
        itself,
        {kind: spent for kind, spent in border if spent},
        jobs,
    )
    merge_counts(into, counted_there)
