"""The reference engine: plain Python, slow; it defines what programs mean."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, TypeGuard

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.meter import Meter, load, metered
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import CallFailure, FailureKind, Function, digest, measure, plain
from arcbatt.engine.counting import count_job, counted, new_meter
from arcbatt.engine.outcome import (
    Budget,
    Case,
    Evaluation,
    Failure,
    Job,
    NodeOutcome,
    RootOutcome,
    agreement,
)
from arcbatt.program.graph import Graph, GraphBuilder, Node, Op, check_graph

CONE_ENTRIES = 2**22
"""Number of nodes that the kept lists of nodes have together."""
KEEP_ALL = 2**64
NO_MEMORY = "out of memory"


class ReferenceEngine:
    """Evaluates graphs node by node with the primitives' Python bodies."""

    name = "reference"

    @counted
    def evaluate(
        self,
        jobs: Sequence[Job],
        budget: Budget,
        *,
        threads: int = 1,
        keep_outputs: bool = False,
    ) -> list[Evaluation]:
        """Evaluate every node of every job's graph once per case; see `Engine.evaluate`.

        Threads do not help Python code and are not used.
        """
        return [self._evaluation(job, budget, keep_outputs) for job in jobs]

    def _evaluation(self, job: Job, budget: Budget, keep_outputs: bool) -> Evaluation:
        try:
            columns = run_job(job, budget, keep_outputs)
        except MemoryError:
            return lost_evaluation(job, NO_MEMORY)
        return columns.evaluation(job, budget)

    def trace(self, graph: Graph, case: Case, budget: Budget) -> list[NodeOutcome]:
        """Evaluate every node on one case and return them all.

        All values stay alive, so the total is used up earlier than where they are freed.
        """
        check_graph(graph)
        with _metered(budget) as meter:
            walk = _Walk(graph, case, meter, budget.allowed_leaves())
            walk.run(range(len(graph.nodes)))
        return [
            NodeOutcome(walk.values[index], walk.fuel[index], walk.nanoseconds[index])
            for index in range(len(graph.nodes))
        ]


class Columns(NamedTuple):
    """The results of a job.

    Attributes:
        outcomes: one list per case with one outcome per root.
        nanoseconds: time of all nodes on each case, in nanoseconds.
        kept: the outputs that are kept, by the places of case and root.
    """

    outcomes: list[list[RootOutcome]]
    nanoseconds: list[int]
    kept: dict[tuple[int, int], Value]

    def evaluation(self, job: Job, budget: Budget) -> Evaluation:
        """Return them as an evaluation; what is not kept is evaluated again when it is read."""

        def read_output(case: int, root: int) -> Value:
            if (case, root) in self.kept:
                return self.kept[case, root]
            graph = Graph(job.graph.nodes, (job.graph.roots[root],))
            with _metered(budget) as meter:
                [again] = _run_roots(
                    _Cones(graph), job.cases[case], meter, budget, kept_room=KEEP_ALL
                )
            return again.value

        return Evaluation(self.outcomes, self.nanoseconds, read_output)


def _digests(columns: Columns) -> list[int]:
    return [outcome.digest for row in columns.outcomes for outcome in row]


@count_job(_digests)
def run_job(job: Job, budget: Budget, keep_outputs: bool) -> Columns:
    """Evaluate a job in this process."""
    check_graph(job.graph)
    cones = _Cones(job.graph)
    room = budget.allowed_leaves() if keep_outputs else 0
    columns = Columns([], [], {})
    for number, case in enumerate(job.cases):
        started = time.perf_counter_ns()
        row: list[RootOutcome] = []
        with _metered(budget) as meter:
            for place, root in enumerate(_run_roots(cones, case, meter, budget, kept_room=room)):
                row.append(root.outcome)
                if root.is_kept:
                    room -= root.load
                    columns.kept[number, place] = root.value
        columns.outcomes.append(row)
        columns.nanoseconds.append(time.perf_counter_ns() - started)
    return columns


def lost_evaluation(job: Job, problem: str) -> Evaluation:
    """Return the evaluation of a job that was lost: all of its roots failed.

    Args:
        job: the job.
        problem: the reason, as a sentence.
    """
    outcomes = [
        [
            RootOutcome(Failure(FailureKind.PANIC, root, "", problem), 0, 0, 0, 0)
            for root in job.graph.roots
        ]
        for _ in job.cases
    ]

    def read_output(case: int, root: int) -> Value:
        raise LookupError(problem)

    return Evaluation(outcomes, [0] * len(job.cases), read_output, problem)


@contextmanager
def _metered(budget: Budget) -> Iterator[Meter]:
    """Put a new meter in force for one case."""
    deadline = None
    if budget.sample_seconds is not None:
        deadline = time.monotonic() + budget.sample_seconds
    with metered(new_meter(budget.node_fuel, budget.value_leaves, deadline)) as meter:
        yield meter


@dataclass(slots=True)
class _Root:
    """What a root did on a case.

    Attributes:
        outcome: its outcome.
        value: its value; None for a failure, and where the value is not kept.
        load: what the value takes of the total, in leaves.
        is_kept: whether the value is kept.
    """

    outcome: RootOutcome
    value: Value = None
    load: int = 0
    is_kept: bool = False


class _Cones:
    """The nodes that each root of a graph needs.

    They are kept for the first roots only: where each call of a chain is a root, they would take
    the square of its length.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.needed = sorted(_needed(graph))
        self._known: dict[int, tuple[int, ...]] = {}
        self._entries = 0

    @cached_property
    def builder(self) -> GraphBuilder:
        """A builder that has the nodes of the graph."""
        return GraphBuilder.of(self.graph)

    def of(self, root: int) -> tuple[int, ...]:
        """Return the indices of the nodes that a root needs, itself included, ascending."""
        known = self._known.get(root)
        if known is None:
            known = self.graph.cone(root)
            if self._entries < CONE_ENTRIES:
                self._known[root] = known
                self._entries += len(known)
        return known


def _needed(graph: Graph) -> set[int]:
    needed = set(graph.roots)
    for index in range(len(graph.nodes) - 1, -1, -1):
        if index in needed:
            needed.update(graph.nodes[index].args)
    return needed


def _run_roots(
    cones: _Cones, case: Case, meter: Meter, budget: Budget, *, kept_room: int
) -> Iterator[_Root]:
    """Evaluate all roots of a graph on a case.

    Whether the values of a program fit into the total must not depend on the other programs of
    its graph. So where all together take more, each root is evaluated alone.

    Args:
        cones: the graph, with the nodes that each root needs.
        case: the values of S, I and C.
        meter: the meter of the case.
        budget: the budget with the total.
        kept_room: leaves that the outputs may take which are kept, each times its depth.
    """
    graph, total = cones.graph, budget.allowed_leaves()
    roots = frozenset(graph.roots)
    walk: _Walk | None = None
    with suppress(_Crowded):
        together = _Walk(graph, case, meter, total, roots, kept_room)
        together.run(cones.needed)
        walk = together
    all_fit = walk is not None and walk.fits(cones.needed)
    for root in graph.roots:
        if walk is not None and (all_fit or walk.fits(cones.of(root))):
            yield walk.root(root, cones.of(root))
            continue
        alone = _Walk(graph, case, meter, total, frozenset((root,)), kept_room)
        result = _run_alone(alone, root, cones.builder.order(root))
        if result.is_kept:
            kept_room -= result.load
        yield result


def _run_alone(walk: _Walk, root: int, order: Sequence[int]) -> _Root:
    """Evaluate a root in the order of its program; where there is no room, it fails at once."""
    try:
        walk.run(order)
    except _Crowded as crowded:
        fuel, nanoseconds = sum(walk.fuel.values()), sum(walk.nanoseconds.values())
        return _Root(RootOutcome(crowded.failure, 0, 0, fuel, nanoseconds))
    return walk.root(root, order)


class _Crowded(Exception):
    """The values of the roots have no room together.

    Attributes:
        failure: the failure of the call without room.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


class _Walk:
    """Evaluates nodes of a graph on a case, one after the other.

    Args:
        graph: the graph.
        case: the values of S, I and C.
        meter: the meter of the case.
        total: leaves that all values may have together, each times its depth.
        roots: the nodes whose outcomes are asked for; other values are freed when their last
            reader is done, and a call without room raises `_Crowded`. None keeps all values.
        kept_room: leaves that the values of roots may take which are kept.

    Attributes:
        values: the values and failures that are alive, by node.
        fuel: the fuel of each node so far.
        nanoseconds: the time of each node so far, in nanoseconds.
        loads: the load of each node's value, freed or not.
        demands: what each node takes of the total at most, while it runs and after.
    """

    def __init__(
        self,
        graph: Graph,
        case: Case,
        meter: Meter,
        total: int,
        roots: frozenset[int] | None = None,
        kept_room: int = 0,
    ) -> None:
        self.graph = graph
        self._case = case
        self._meter = meter
        self._total = total
        self._alive = 0
        self._roots = roots
        self._kept_room = kept_room
        self._leaves: dict[int, int] = {}
        self._done: dict[int, _Root] = {}
        self.values: dict[int, Value | Failure] = {}
        self.fuel: dict[int, int] = {}
        self.nanoseconds: dict[int, int] = {}
        self.loads: dict[int, int] = {}
        self.demands: dict[int, int] = {}

    def run(self, order: Sequence[int]) -> None:
        """Evaluate nodes, arguments before their calls."""
        nodes = self.graph.nodes
        readers = Counter(arg for index in order for arg in set(nodes[index].args))
        for index in order:
            node = nodes[index]
            self.fuel[index] = self.nanoseconds[index] = 0
            self.loads[index] = self.demands[index] = 0
            if node.op in (Op.CALL, Op.INVOKE):
                value = self._call(node, index)
                self._alive += self.loads[index]
            else:
                value = _given(node, index, self._case)
                self._leaves[index] = 0 if isinstance(value, Failure) else measure(value)
            self.values[index] = value
            if self._roots is None:
                continue
            if index in self._roots:
                self._done[index] = self._finish(index, value)
            for arg in set(node.args):
                readers[arg] -= 1
                if not readers[arg]:
                    self._free(arg)
            if not readers[index]:
                self._free(index)

    def fits(self, nodes: Iterable[int]) -> bool:
        """Return whether nodes fit into the total in whatever order they run, nothing freed."""
        return sum(self.demands[index] for index in nodes) <= self._total

    def root(self, root: int, cone: Iterable[int]) -> _Root:
        """Return what a root did, given the nodes that it needs."""
        done = self._done[root]
        fuel = nanoseconds = 0
        for index in cone:
            fuel += self.fuel[index]
            nanoseconds += self.nanoseconds[index]
        outcome = replace(done.outcome, fuel=fuel, nanoseconds=nanoseconds)
        return replace(done, outcome=outcome)

    def _free(self, index: int) -> None:
        self._alive -= self.loads[index]
        del self.values[index]

    def _finish(self, root: int, value: Value | Failure) -> _Root:
        """Digest and score the value of a root, and keep it if there is room."""
        if isinstance(value, Failure):
            return _Root(RootOutcome(value, 0, 0, 0, 0))
        wanted = self._case.wanted
        try:
            score = 0 if wanted is None else agreement(value, wanted)
            outcome = RootOutcome(None, digest(value), score, 0, 0)
        except MemoryError:
            failure = Failure(FailureKind.MEMORY, root, self.graph.nodes[root].name, NO_MEMORY)
            return _Root(RootOutcome(failure, 0, 0, 0, 0))
        taken = self.loads[root]
        if taken > self._kept_room:
            return _Root(outcome)
        self._kept_room -= taken
        return _Root(outcome, value, taken, is_kept=True)

    def _call(self, node: Node, index: int) -> Value | Failure:
        args = []
        for arg in node.args:
            value = self.values[arg]
            if isinstance(value, Failure):
                return value
            args.append(value)
        meter = self._meter
        meter.restart()
        meter.room = self._total - self._alive
        started = time.perf_counter_ns()
        result: Value | Failure
        try:
            if node.op is Op.CALL:
                size = sum(self._leaves[arg] for arg in node.args)
                result = meter.call(REGISTRY[node.name], tuple(args), size)
                leaves = meter.leaves
            else:
                result = meter.invoke(args[0], tuple(args[1:]))
                leaves = measure(result)
            taken = load(result, leaves)
            meter.claim_room(taken)
            self._leaves[index], self.loads[index] = leaves, taken
        except CallFailure as error:
            result = Failure(error.kind, index, node.name, error.detail)
        except RecursionError:
            result = Failure(FailureKind.DEPTH, index, node.name, "Python's own recursion limit")
        except MemoryError:
            result = Failure(FailureKind.MEMORY, index, node.name, NO_MEMORY)
        except Exception as error:  # a primitive's bug costs its own call, not the run
            result = Failure(FailureKind.PANIC, index, node.name, repr(error))
        self.fuel[index] = meter.spent
        self.demands[index] = max(self.loads[index], meter.held_most)
        self.nanoseconds[index] = time.perf_counter_ns() - started
        if self._roots is not None and _is_memory(result):
            raise _Crowded(result)
        return result


def _is_memory(result: Value | Failure) -> TypeGuard[Failure]:
    return isinstance(result, Failure) and result.kind is FailureKind.MEMORY


def _given(node: Node, index: int, case: Case) -> Value | Failure:
    """Return the value of a node that is no call."""
    match node.op:
        case Op.CONSTANT:
            return plain(node.value)
        case Op.FUNCTION:
            return Function(node.name, arity=REGISTRY[node.name].arity)
    if node.name == "S":
        return plain(case.S)
    if node.name == "I":
        return plain(case.I)
    if case.C is None:
        return Failure(FailureKind.ARGUMENT, index, "C", "there is no grid to compare with")
    return plain(case.C)
