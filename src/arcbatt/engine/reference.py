"""The reference engine: plain Python, slow; it defines what programs mean."""

from __future__ import annotations

import time
from collections.abc import Sequence

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.meter import Meter, metered
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
from arcbatt.program.graph import Graph, Node, Op, check_graph


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
        return [_count_and_evaluate(job, budget, keep_outputs) for job in jobs]

    def trace(self, graph: Graph, case: Case, budget: Budget) -> list[NodeOutcome]:
        """Evaluate every node on one case and return them all."""
        check_graph(graph)
        return _run(graph, case, budget)


def _evaluate(job: Job, budget: Budget, keep_outputs: bool) -> Evaluation:
    graph = job.graph
    check_graph(graph)
    cones = [graph.cone(root) for root in graph.roots]
    outcomes: list[list[RootOutcome]] = []
    nanoseconds: list[int] = []
    kept: list[list[Value]] = []
    for case in job.cases:
        nodes = _run(graph, case, budget)
        roots = zip(graph.roots, cones, strict=True)
        outcomes.append([_summarise(nodes, root, cone, case) for root, cone in roots])
        nanoseconds.append(sum(node.nanoseconds for node in nodes))
        if keep_outputs:
            kept.append([nodes[root].value for root in graph.roots])

    def read_output(case: int, root: int) -> Value:
        if keep_outputs:
            return kept[case][root]
        return _run(graph, job.cases[case], budget)[graph.roots[root]].value

    return Evaluation(outcomes, nanoseconds, read_output)


def _digests(evaluation: Evaluation) -> list[int]:
    return [outcome.digest for row in evaluation.outcomes for outcome in row]


_count_and_evaluate = count_job(_evaluate, _digests)


def _summarise(
    nodes: list[NodeOutcome], root: int, cone: tuple[int, ...], case: Case
) -> RootOutcome:
    value = nodes[root].value
    fuel = sum(nodes[index].fuel for index in cone)
    nanoseconds = sum(nodes[index].nanoseconds for index in cone)
    if isinstance(value, Failure):
        return RootOutcome(value, 0, 0, fuel, nanoseconds)
    score = 0 if case.wanted is None else agreement(value, case.wanted)
    return RootOutcome(None, digest(value), score, fuel, nanoseconds)


def _run(graph: Graph, case: Case, budget: Budget) -> list[NodeOutcome]:
    deadline = None
    if budget.sample_seconds is not None:
        deadline = time.monotonic() + budget.sample_seconds
    meter = new_meter(budget.node_fuel, budget.value_leaves, deadline)
    done: list[NodeOutcome] = []
    leaves: list[int] = []
    with metered(meter):
        for index, node in enumerate(graph.nodes):
            outcome = _run_node(node, index, done, leaves, case, meter)
            done.append(outcome)
            leaves.append(_leaves(outcome.value, node, meter))
    return done


def _leaves(value: Value | Failure, node: Node, meter: Meter) -> int:
    if isinstance(value, Failure):
        return 0
    return meter.leaves if node.op is Op.CALL else measure(value)


def _run_node(
    node: Node,
    index: int,
    done: list[NodeOutcome],
    leaves: list[int],
    case: Case,
    meter: Meter,
) -> NodeOutcome:
    match node.op:
        case Op.CONSTANT:
            return NodeOutcome(plain(node.value), 0, 0)
        case Op.FUNCTION:
            return NodeOutcome(Function(node.name, arity=REGISTRY[node.name].arity), 0, 0)
        case Op.INPUT:
            return NodeOutcome(plain(_input(node.name, index, case)), 0, 0)
    args = []
    for arg in node.args:
        value = done[arg].value
        if isinstance(value, Failure):
            return NodeOutcome(value, 0, 0)
        args.append(value)
    meter.restart()
    started = time.perf_counter_ns()
    result: Value | Failure
    try:
        if node.op is Op.CALL:
            size = sum(leaves[arg] for arg in node.args)
            result = meter.call(REGISTRY[node.name], tuple(args), size)
        else:
            result = meter.invoke(args[0], tuple(args[1:]))
    except CallFailure as error:
        result = Failure(error.kind, index, node.name, error.detail)
    except RecursionError:
        result = Failure(FailureKind.DEPTH, index, node.name, "Python's own recursion limit")
    except Exception as error:  # a primitive's bug costs its own call, not the run
        result = Failure(FailureKind.PANIC, index, node.name, repr(error))
    return NodeOutcome(result, meter.spent, time.perf_counter_ns() - started)


def _input(name: str, index: int, case: Case) -> Value | Failure:
    if name == "S":
        return case.S
    if name == "I":
        return case.I
    if case.C is None:
        return Failure(FailureKind.ARGUMENT, index, "C", "there is no grid to compare with")
    return case.C
