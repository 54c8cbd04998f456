"""Compares both engines node by node, the merged library on all tasks of whole splits.

Only counts are printed: how much was compared, and how often which primitive differs in what. The
exit code is 1 if anything differs.

    python -m tests.conformance.agreement --stride 10
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from arcbatt.dsl.values import alike, digest
from arcbatt.engine import (
    Budget,
    Case,
    Engine,
    Evaluation,
    Failure,
    Job,
    NodeOutcome,
    agreement,
    open_engine,
)
from arcbatt.engine.cases import demo_cases, test_cases
from arcbatt.engine.processes import run_in_processes
from arcbatt.engine.workers import Lost
from arcbatt.errors import EngineError
from arcbatt.library import load_library
from arcbatt.program.graph import Graph
from arcbatt.program.merge import merge
from arcbatt.tasks import Task, load_dataset

SPLITS = (("arc-agi-1", "training"), ("arc-agi-2", "training"))
BUDGET = Budget(sample_seconds=None)
"""No clock: the reference engine takes a hundred times as long."""


@dataclass
class Tally:
    """What was compared, and what differed.

    Attributes:
        tasks: how many.
        samples: of these tasks, demos and test inputs.
        nodes: how often a node was evaluated by both engines and compared.
        failures: of these, how many failed in the reference engine.
        roots: how often a root's summary was compared.
        differences: how often, by primitive and what of it.
    """

    tasks: int = 0
    samples: int = 0
    nodes: int = 0
    failures: int = 0
    roots: int = 0
    differences: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Add what another tally counted."""
        self.tasks += other.tasks
        self.samples += other.samples
        self.nodes += other.nodes
        self.failures += other.failures
        self.roots += other.roots
        self.differences.update(other.differences)


@cache
def library_graph() -> Graph:
    """Return all programs of the library in one graph."""
    return merge((source.name, source.program) for source in load_library()).graph


def compare_task(graph: Graph, task: Task, one: Engine, other: Engine) -> Tally:
    """Evaluate a graph on all samples of a task in two engines and compare every node.

    The values, failures and fuel of all nodes are compared, as traced; and the digests, failures,
    scores and fuel of all roots, as evaluated by the other engine on two threads.

    Args:
        graph: to evaluate.
        task: to evaluate it on.
        one: whose nodes are taken for right, with digests and scores by their definition.
        other: that should do the same.
    """
    cases = [*demo_cases(task), *test_cases(task)]
    [evaluation] = other.evaluate([Job(graph, cases)], BUDGET, threads=2)
    tally = Tally(tasks=1, samples=len(cases))
    for index, case in enumerate(cases):
        expected = one.trace(graph, case, BUDGET)
        got = other.trace(graph, case, BUDGET)
        tally.nodes += len(expected)
        tally.failures += sum(isinstance(node.value, Failure) for node in expected)
        tally.roots += len(graph.roots)
        tally.differences.update(_node_differences(graph, expected, got))
        tally.differences.update(_root_differences(graph, expected, evaluation, index, case))
    return tally


def _node_differences(
    graph: Graph, expected: Sequence[NodeOutcome], got: Sequence[NodeOutcome]
) -> Iterator[str]:
    for node, one, other in zip(graph.nodes, expected, got, strict=True):
        name = node.name or node.op
        if isinstance(one.value, Failure) or isinstance(other.value, Failure):
            if one.value != other.value:
                yield f"{name}: failure"
        elif not alike(one.value, other.value):
            yield f"{name}: value"
        if one.fuel != other.fuel:
            yield f"{name}: fuel"


def _root_differences(
    graph: Graph,
    expected: Sequence[NodeOutcome],
    evaluation: Evaluation,
    index: int,
    case: Case,
) -> Iterator[str]:
    for root, cone, outcome in zip(
        graph.roots, _cones(graph), evaluation.outcomes[index], strict=True
    ):
        value = expected[root].value
        failure = value if isinstance(value, Failure) else None
        wanted = None if failure else case.wanted
        facts = {
            "failure of a root": (failure, outcome.failure),
            "digest of a root": (0 if failure else digest(value), outcome.digest),
            "score of a root": (
                0 if wanted is None else agreement(value, wanted),
                outcome.score,
            ),
            "fuel of a root": (sum(expected[node].fuel for node in cone), outcome.fuel),
        }
        name = graph.nodes[root].name or graph.nodes[root].op
        yield from (f"{name}: {what}" for what, (one, other) in facts.items() if one != other)


@cache
def _cones(graph: Graph) -> list[tuple[int, ...]]:
    return [graph.cone(root) for root in graph.roots]


def _compare_in_worker(dataset: str, split: str, task: str) -> Tally:
    return compare_task(
        library_graph(),
        _tasks(dataset, split)[task],
        open_engine("reference"),
        open_engine("native"),
    )


@cache
def _tasks(dataset: str, split: str) -> dict[str, Task]:
    return {task.id: task for task in load_dataset(dataset, split=split)}


def compare_split(dataset: str, split: str, *, stride: int, jobs: int) -> Tally:
    """Compare both engines on every n-th task of a split, with progress on stderr.

    Raises EngineError if a task's workers die, KeyboardInterrupt after Ctrl-C; all workers are gone
    then.
    """
    ids = list(_tasks(dataset, split))[::stride]
    tally = Tally()

    calls = [(dataset, split, task) for task in ids]
    for index, result in run_in_processes(_compare_in_worker, calls, jobs=jobs):
        if isinstance(result, Lost):
            raise EngineError(engine="native", problem=f"task {ids[index]}: {result.problem}")
        tally.add(result)
        _show_progress(f"{dataset} {split}", tally.tasks, len(ids))
    return tally


def _show_progress(name: str, done: int, count: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == count else ""
        print(f"\r{name}: {done} of {count} tasks", end=end, file=sys.stderr, flush=True)
    elif done == count or done % max(1, count // 10) == 0:
        print(f"{name}: {done} of {count} tasks", file=sys.stderr, flush=True)


def report(name: str, tally: Tally) -> Iterable[str]:
    """Return the lines that tell of a split."""
    yield f"{name}: {tally.tasks} tasks, {tally.samples} samples"
    yield f"  {tally.nodes:>12,} nodes compared, {tally.failures:,} of them failures"
    yield f"  {tally.roots:>12,} roots compared"
    yield f"  {tally.differences.total():>12,} differences"
    for what, count in tally.differences.most_common():
        yield f"  {count:>12,} {what}"


def main() -> int:
    """Compare and print; return 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stride", type=int, default=1, help="compare every n-th task (1: all)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args()
    for name, number in (("--stride", options.stride), ("--jobs", options.jobs)):
        if number < 1:
            parser.error(f"argument {name}: expected 1 or more, got {number}")
    try:
        open_engine("native")
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    differences = 0
    for dataset, split in SPLITS:
        try:
            tally = compare_split(dataset, split, stride=options.stride, jobs=options.jobs)
        except EngineError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("stopped: interrupted", file=sys.stderr)
            return 130
        print(*report(f"{dataset} {split}", tally), sep="\n", flush=True)
        differences += tally.differences.total()
    return 1 if differences else 0


if __name__ == "__main__":
    # Workers import this module by its name, which is another one while it is run.
    from tests.conformance import agreement as module

    sys.exit(module.main())
