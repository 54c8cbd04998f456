"""The reference engine in worker processes; if one hangs or dies, only its job is lost."""

from __future__ import annotations

from collections.abc import Sequence
from threading import TIMEOUT_MAX
from typing import TYPE_CHECKING, Any

from arcbatt.dsl import FAMILIES, REGISTRY
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import FailureKind
from arcbatt.engine.counting import WorkerCounts, counted, scheduled
from arcbatt.engine.outcome import (
    Budget,
    Case,
    Evaluation,
    Failure,
    Job,
    NodeOutcome,
    RootOutcome,
)
from arcbatt.engine.processes import Lost, Processes, wait_for
from arcbatt.engine.reference import ReferenceEngine
from arcbatt.program.graph import Graph

if TYPE_CHECKING:
    from concurrent.futures import Future

SLACK_SECONDS = 5.0
"""Seconds that a worker may take beyond its samples' budgets before it counts as hung."""

Columns = tuple[list[list[RootOutcome]], list[int], list[list[Value]]]


class PooledEngine:
    """Spreads jobs over worker processes; a lost job returns failures and does not end the run.

    Jobs with a primitive that only this process has declared run in this process.

    Args:
        count: number of worker processes, > 0; they are started with the first jobs.
    """

    name = "reference"

    def __init__(self, count: int) -> None:
        self._count = count
        self._processes: Processes | None = None
        self._inline = ReferenceEngine()

    @counted
    def evaluate(
        self,
        jobs: Sequence[Job],
        budget: Budget,
        *,
        threads: int = 1,
        keep_outputs: bool = False,
    ) -> list[Evaluation]:
        """Evaluate jobs in the workers; see `Engine.evaluate`.

        A single job runs here while there are no workers yet.

        Raises EngineError if no worker can be started.
        """
        if len(jobs) < 2 and self._processes is None:
            return self._inline.evaluate(jobs, budget, keep_outputs=keep_outputs)
        self._processes = self._processes or Processes(self._count)
        waiting: dict[int, Future[Any]] = {}
        for place, job in enumerate(jobs):
            if _is_portable(job.graph):
                run, arguments = scheduled(_evaluate_columns_in_worker, (job, budget, keep_outputs))
                waiting[place] = self._processes.submit(run, arguments, _timeout_s(job, budget))
        counts = WorkerCounts()
        try:
            return [
                self._evaluation(job, counts.take(wait_for(waiting[place])), budget, keep_outputs)
                if place in waiting
                else self._inline.evaluate([job], budget, keep_outputs=keep_outputs)[0]
                for place, job in enumerate(jobs)
            ]
        except BaseException:
            self.close()
            raise

    def trace(self, graph: Graph, case: Case, budget: Budget) -> list[NodeOutcome]:
        """Evaluate every node on one case, in this process."""
        return self._inline.trace(graph, case, budget)

    def close(self) -> None:
        """Kill the workers; their jobs are lost."""
        if self._processes is not None:
            self._processes.close()
            self._processes = None

    def _evaluation(
        self, job: Job, columns: Columns | Lost, budget: Budget, keep_outputs: bool
    ) -> Evaluation:
        if isinstance(columns, Lost):
            return _lost(job, columns.problem)
        outcomes, nanoseconds, kept = columns

        def read_output(case: int, root: int) -> Value:
            if keep_outputs:
                return kept[case][root]
            [again] = self._inline.evaluate(
                [Job(job.graph, [job.cases[case]])], budget, keep_outputs=True
            )
            return again.output(0, root)

        return Evaluation(outcomes, nanoseconds, read_output)


def _timeout_s(job: Job, budget: Budget) -> float | None:
    seconds = budget.sample_seconds
    if seconds is None:
        return None
    return min(seconds * len(job.cases) + SLACK_SECONDS, TIMEOUT_MAX)


def _is_portable(graph: Graph) -> bool:
    """Return whether a worker, which imports only the package, has all primitives of a graph."""
    names = {node.name for node in graph.nodes}
    return all(REGISTRY[name].family in FAMILIES for name in names if name in REGISTRY)


def _evaluate_columns(job: Job, budget: Budget, keep_outputs: bool) -> Columns:
    [evaluation] = ReferenceEngine().evaluate([job], budget, keep_outputs=keep_outputs)
    kept: list[list[Value]] = []
    if keep_outputs:
        kept = [
            [evaluation.read_output(case, root) for root in range(len(job.graph.roots))]
            for case in range(len(job.cases))
        ]
    return [list(row) for row in evaluation.outcomes], list(evaluation.nanoseconds), kept


_evaluate_columns_in_worker = _evaluate_columns
"""The function that workers run; tests replace it by one that dies or hangs."""


def _lost(job: Job, problem: str) -> Evaluation:
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
