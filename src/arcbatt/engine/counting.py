"""Count the cost of evaluations, per primitive and at the border; off by default.

Both engines count in the same way. A call counts for every case whose results need it, as its fuel
does, so calls, values and fuel depend neither on the machine nor on the number of threads. Runs
and times do: a call that several cases share may be run once.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from arcbatt.dsl.meter import Meter
from arcbatt.dsl.registry import Primitive
from arcbatt.dsl.types import Value

P = ParamSpec("P")
T = TypeVar("T")
Self = TypeVar("Self")

DIGEST_MODULUS = 1 << 128


@dataclass(slots=True)
class CallCount:
    """The calls of one primitive.

    Attributes:
        calls: number of calls, inner calls of other primitives included.
        values: number of calls that returned a value; the others failed.
        fuel: fuel of the calls, without that of inner calls.
        runs: number of times that the primitive was run.
        own_ns: time of the runs without inner calls, in nanoseconds.
        total_ns: time of the runs with inner calls, in nanoseconds.
    """

    calls: int = 0
    values: int = 0
    fuel: int = 0
    runs: int = 0
    own_ns: int = 0
    total_ns: int = 0

    def add(self, other: CallCount) -> None:
        """Add the calls of the same primitive elsewhere."""
        _add_numbers(self, other)


@dataclass(slots=True)
class CallCounts:
    """The cost of some evaluations; times in nanoseconds.

    Attributes:
        primitives: the calls of each primitive, by name.
        busy_ns: time of all threads or processes that evaluated, together.
        longest_ns: time of the slowest thread of each evaluation, summed over the evaluations.
        outputs_ns: time of digests and scores, a part of the busy time.
        sums_ns: time of sums over the nodes of each root, a part of the busy time.
        counting_ns: time of counting itself, a part of the busy time that is in no primitive's.
        border_ns: time of conversions between Python and Rust, by kind of value.
        outputs: one digest per job, over all of its outputs.
        wall_ns: time that callers waited for evaluations.
        cpu_ns: CPU time of the evaluations, worker processes included.
        worker_cpu_ns: the part of the CPU time that worker processes used.
        spans: start (`time.perf_counter`) and duration of each evaluation, in seconds.
    """

    primitives: dict[str, CallCount] = field(default_factory=dict)
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

    def count(self, name: str) -> CallCount:
        """Return the count of a primitive, which may be changed."""
        return self.primitives.setdefault(name, CallCount())

    def add(self, other: CallCounts) -> None:
        """Add the cost of other evaluations."""
        for name, count in other.primitives.items():
            self.count(name).add(count)
        for kind, spent_ns in other.border_ns.items():
            self.border_ns[kind] = self.border_ns.get(kind, 0) + spent_ns
        self.outputs += other.outputs
        self.spans += other.spans
        _add_numbers(self, other)


def _add_numbers(one: CallCount | CallCounts, other: CallCount | CallCounts) -> None:
    for each in fields(one):
        if isinstance(number := getattr(other, each.name), int):
            setattr(one, each.name, getattr(one, each.name) + number)


class CountingMeter(Meter):
    """A meter that counts the calls of each primitive."""

    __slots__ = ("_counts", "_inner_fuel", "_inner_ns")

    def __init__(self, counts: CallCounts, *bounds: Any) -> None:
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


_COUNTS: CallCounts | None = None
_EVALUATING = False


def new_meter(*bounds: Any) -> Meter:
    """Return a meter for one case of the reference engine, which counts calls if that is on."""
    return Meter(*bounds) if _COUNTS is None else CountingMeter(_COUNTS, *bounds)


@contextmanager
def counting() -> Iterator[None]:
    """Count for a block, in this process."""
    global _COUNTS
    _COUNTS = CallCounts()
    _switch_native(True)
    try:
        yield
    finally:
        _COUNTS = None
        _switch_native(False)


def take_counts() -> CallCounts:
    """Return the counts since the last call, and start again from zero."""
    global _COUNTS
    if _COUNTS is None:
        return CallCounts()
    taken, _COUNTS = _COUNTS, CallCounts()
    _take_native(taken)
    return taken


def counted(
    evaluate: Callable[Concatenate[Self, P], T],
) -> Callable[Concatenate[Self, P], T]:
    """Time an engine's `evaluate` while counting is on."""

    @wraps(evaluate)
    def watched(self: Self, /, *args: P.args, **options: P.kwargs) -> T:
        global _EVALUATING
        if _COUNTS is None or _EVALUATING:
            return evaluate(self, *args, **options)
        counts, _EVALUATING = _COUNTS, True
        wall, cpu = time.perf_counter(), time.process_time_ns()
        try:
            return evaluate(self, *args, **options)
        finally:
            _EVALUATING = False
            passed = time.perf_counter() - wall
            counts.spans.append((wall, passed))
            counts.wall_ns += int(passed * 1e9)
            counts.cpu_ns += max(0, time.process_time_ns() - cpu)

    return watched


def count_job(
    digests: Callable[[T], Iterable[int]],
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorate a function that runs a job: its time and outputs count while counting is on.

    Args:
        digests: a function that returns the digests of the outputs, given what the job returns.
    """

    def watch(run: Callable[P, T]) -> Callable[P, T]:
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

    return watch


def outputs_number(digests: Iterable[int]) -> int:
    """Return a digest (128 bits) of the outputs of a job, in their order.

    >>> outputs_number([5, 7]), outputs_number([7, 5])
    (26, 22)
    """
    return sum((2 * place + 1) * each for place, each in enumerate(digests)) % DIGEST_MODULUS


@dataclass(frozen=True)
class InWorker:
    """The answer of a worker process while counting is on.

    Attributes:
        result: the result of the call.
        counts: the cost of the call.
        process: id of the worker.
    """

    result: Any
    counts: CallCounts
    process: int


def scheduled(
    run: Callable[..., Any], arguments: tuple[Any, ...]
) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Return the call for a worker process: the work, wrapped in counting where that is on."""
    return (run, arguments) if _COUNTS is None else (_count_in_worker, (run, *arguments))


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
    """Adds up the counts of the workers of one evaluation, which run at the same time."""

    def __init__(self) -> None:
        self._busy_ns: dict[int, int] = {}

    def take(self, answer: Any) -> Any:
        """Return a worker's result and add its counts."""
        if not isinstance(answer, InWorker):
            return answer
        if _COUNTS is not None:
            before = max(self._busy_ns.values(), default=0)
            busy_ns = self._busy_ns.get(answer.process, 0) + answer.counts.busy_ns
            self._busy_ns[answer.process] = busy_ns
            answer.counts.longest_ns = max(0, busy_ns - before)
            _COUNTS.add(answer.counts)
        return answer.result


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


def _take_native(into: CallCounts) -> None:
    extension = _extension()
    if extension is None:
        return
    taken = extension.take_counts()
    counted_there = CallCounts(
        {
            one.name: CallCount(
                one.calls, one.values, one.fuel, one.runs, one.own_nanoseconds, one.nanoseconds
            )
            for one in taken.primitives
        },
        taken.busy_nanoseconds,
        taken.longest_nanoseconds,
        taken.outputs_nanoseconds,
        taken.sums_nanoseconds,
        taken.counting_nanoseconds,
        {kind: spent for kind, spent in taken.border_nanoseconds.items() if spent},
        taken.outputs,
    )
    into.add(counted_there)
