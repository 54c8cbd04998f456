"""The native engine: the Rust evaluator, outside the interpreter's lock."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, TypeVar, cast, overload

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.meter import PYTHON_ERRORS, Meter, metered
from arcbatt.dsl.registry import Primitive
from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import CallFailure, FailureKind
from arcbatt.engine.counting import counted
from arcbatt.engine.outcome import (
    Budget,
    Case,
    Evaluation,
    Failure,
    Job,
    NodeOutcome,
    RootOutcome,
)
from arcbatt.engine.processes import memory_share
from arcbatt.errors import EngineError
from arcbatt.program.graph import Graph

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from arcbatt import _engine

HOW_TO_GET_IT = (
    "its extension is not built here; with Rust installed (https://rustup.rs), reinstall arcbatt"
    " from its sources: pip install --force-reinstall --no-binary arcbatt arcbatt"
)

KEPT_PARTS = 4
"""One of so many parts of the memory for values may be taken by outputs that are kept."""

Item = TypeVar("Item")


def native_available() -> bool:
    """Return whether the extension is built."""
    return _extension() is not None


def _extension() -> ModuleType | None:
    try:
        from arcbatt import _engine
    except ImportError:
        return None
    return _engine


def slow_primitives() -> frozenset[str]:
    """Return the names of the registered primitives that have no kernel.

    The native engine calls their Python bodies, one thread at a time.

    Raises EngineError if the extension is not built.
    """
    kernels = {name for name, _ in _require().primitives()}
    return frozenset(REGISTRY) - kernels


def _require() -> ModuleType:
    extension = _extension()
    if extension is None:
        raise EngineError(engine="native", problem=HOW_TO_GET_IT)
    return extension


class NativeEngine:
    """Evaluates graphs in Rust, on as many threads as it is given.

    Raises EngineError if the extension is not built.
    """

    name = "native"

    def __init__(self) -> None:
        _require()

    @counted
    def evaluate(
        self,
        jobs: Sequence[Job],
        budget: Budget,
        *,
        threads: int = 1,
        keep_outputs: bool = False,
    ) -> list[Evaluation]:
        """Evaluate every job's graph once per case; see `Engine.evaluate`.

        Nodes that no root needs are left out. Nodes that depend on S alone are computed once for
        adjacent cases with the same S, and nodes that do not depend on I once for adjacent cases
        with the same S and C; each case still counts their fuel.

        Raises GraphError if a graph is not valid, TaskError if a grid of a case is not, and
        KeyboardInterrupt soon after Ctrl-C.
        """
        from arcbatt import _engine

        done = _engine.evaluate(
            [(_convert(job.graph), job.cases) for job in jobs],
            node_fuel=budget.node_fuel,
            value_leaves=budget.value_leaves,
            total_leaves=budget.allowed_leaves(threads),
            sample_seconds=budget.sample_seconds,
            threads=threads,
            keep_outputs=keep_outputs,
            kept_bytes=memory_share(KEPT_PARTS),
        )
        return [
            NativeEvaluation(
                outcomes=_rows(columns),
                nanoseconds=columns.nanoseconds,
                read_output=self._reader(job, columns, budget, keep_outputs),
                columns=columns,
            )
            for job, columns in zip(jobs, done, strict=True)
        ]

    def trace(self, graph: Graph, case: Case, budget: Budget) -> list[NodeOutcome]:
        """Evaluate every node on one case and return the outcome of each; see `Engine.trace`."""
        from arcbatt import _engine

        nodes = _engine.trace(
            _convert(graph),
            case,
            node_fuel=budget.node_fuel,
            value_leaves=budget.value_leaves,
            total_leaves=budget.allowed_leaves(),
            sample_seconds=budget.sample_seconds,
        )
        return [
            NodeOutcome(
                node.value if node.failure is None else _failure(node.failure),
                node.fuel,
                node.nanoseconds,
            )
            for node in nodes
        ]

    def _reader(
        self, job: Job, columns: _engine.Outcomes, budget: Budget, keep_outputs: bool
    ) -> Callable[[int, int], Value]:
        def read(case: int, root: int) -> Value:
            if keep_outputs:
                with suppress(LookupError):  # there was no memory to keep it
                    return columns.output(case, root)
            alone = Graph(job.graph.nodes, (job.graph.roots[root],))
            [again] = self.evaluate([Job(alone, [job.cases[case]])], budget, keep_outputs=True)
            return again.read_output(0, 0)

        return read


@dataclass(frozen=True)
class NativeEvaluation(Evaluation):
    """An evaluation whose results stay in Rust until they are read.

    Attributes:
        columns: the results as the extension holds them.
    """

    columns: _engine.Outcomes = field(kw_only=True, repr=False)

    def scores_of(self, case: int) -> list[int]:
        """Return the scores of all roots on a case."""
        return self.columns.scores(case)

    def digests_of(self, case: int) -> list[int]:
        """Return the digests of all roots on a case, 0 for a failure."""
        return self.columns.digests(case)

    def exhausted_of(self, case: int) -> list[int]:
        """Return the positions of the roots that ran out of fuel or time on a case."""
        return self.columns.exhausted(case)

    def fuel_of(self, case: int) -> list[int]:
        """Return the fuel of all roots on a case."""
        return self.columns.fuel(case)

    def times_of(self, case: int) -> list[int]:
        """Return the nanoseconds of all roots on a case."""
        return self.columns.times(case)

    def numbers_of(self, case: int) -> list[int | None]:
        """Return the leading number of each root's output on a case, see `leading_number`."""
        try:
            return self.columns.numbers(case)
        except LookupError:  # outputs were not kept
            return super().numbers_of(case)

    def held_grid_of(self, case: int, root: int) -> Grid | None:
        """Return the output of a root on a case, for a `Case`; None if it is no grid of ARC."""
        try:
            return cast("Grid | None", self.columns.held_grid(case, root))
        except LookupError:  # outputs were not kept, or the root failed
            return super().held_grid_of(case, root)

    def array_of(self, case: int, root: int) -> NDArray[np.uint8] | None:
        """Return the output of a root on a case as an array; None if it is no picture."""
        try:
            pixels = self.columns.pixels(case, root)
        except LookupError:  # outputs were not kept, or the root failed
            return super().array_of(case, root)
        if pixels is None:
            return None
        import numpy as np

        height, width, cells = pixels
        return np.frombuffer(cells, dtype=np.uint8).reshape(height, width)


class Lazy(Sequence[Item]):
    """A sequence whose items are made when they are read."""

    __slots__ = ("_length", "_make")

    def __init__(self, length: int, make: Callable[[int], Item]) -> None:
        self._length = length
        self._make = make

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> Item: ...

    @overload
    def __getitem__(self, place: slice) -> list[Item]: ...

    def __getitem__(self, place: int | slice) -> Item | list[Item]:
        found = range(self._length)[place]
        return self._make(found) if isinstance(found, int) else list(map(self._make, found))

    def __iter__(self) -> Iterator[Item]:
        return map(self._make, range(self._length))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))


def _rows(columns: _engine.Outcomes) -> Lazy[Lazy[RootOutcome]]:
    roots = columns.roots

    def row(case: int) -> Lazy[RootOutcome]:
        return Lazy(roots, lambda root: _outcome(columns, case, root))

    return Lazy(len(columns), row)


def _outcome(columns: _engine.Outcomes, case: int, root: int) -> RootOutcome:
    outcome = columns.outcome(case, root)
    failure = outcome.failure
    return RootOutcome(
        None if failure is None else _failure(failure),
        outcome.digest,
        outcome.score,
        outcome.fuel,
        outcome.nanoseconds,
    )


def _failure(failure: _engine.NativeFailure) -> Failure:
    return Failure(FailureKind(failure.kind), failure.node, failure.primitive, failure.detail)


_CONVERTED: dict[int, tuple[weakref.ref[Graph], _engine.Graph]] = {}
"""The extension's graphs, by the id of the Python graph, which is alive as long as its entry."""


def _convert(graph: Graph) -> _engine.Graph:
    """Return the extension's form of a graph; each object is converted once.

    Raises GraphError if the graph is not valid.
    """
    from arcbatt import _engine

    key = id(graph)
    known = _CONVERTED.get(key)
    if known is not None and known[0]() is graph:
        return known[1]
    converted = _engine.Graph(graph.nodes, graph.roots)

    def forget(dead: weakref.ref[Graph]) -> None:
        if key in _CONVERTED and _CONVERTED[key][0] is dead:
            del _CONVERTED[key]

    _CONVERTED[key] = (weakref.ref(graph, forget), converted)
    return converted


def call_python_primitive(
    primitive: Primitive,
    parts: tuple[Value, ...] | None,
    args: tuple[Value, ...],
    bounds: tuple[int, int, float | None, int],
    state: tuple[int, int],
) -> tuple[Value, str | None, int, int]:
    """Run the Python body of a primitive without a kernel, for the extension.

    Args:
        primitive: primitive to call.
        parts: parts of a function that the primitive built, to call that function; None to call
            the primitive itself.
        args: arguments of the call.
        bounds: node fuel, leaves of a value, the number of seconds that are left, and what is left
            of the total.
        state: fuel that is spent already, and the depth of nested calls of functions.

    Returns:
        the value, the kind of the failure if there is no value, the total fuel spent, and the
        loads of the results that were held at the same time, at most.
    """
    node_fuel, value_leaves, seconds, room = bounds
    deadline = None if seconds is None else time.monotonic() + seconds
    meter = Meter(node_fuel, value_leaves, deadline)
    meter.room = room
    meter.resume(*state)
    value, kind = None, None
    try:
        with metered(meter):
            value = (
                primitive.body(*args) if parts is None else meter.call_built(primitive, parts, args)
            )
    except CallFailure as failure:
        kind = failure.kind
    except PYTHON_ERRORS:
        kind = FailureKind.ARGUMENT
    except RecursionError:
        kind = FailureKind.DEPTH
    except MemoryError:
        kind = FailureKind.MEMORY
    except Exception:  # a primitive's bug costs its own call, not the run
        kind = FailureKind.PANIC
    return value, kind, meter.spent, meter.held_most
