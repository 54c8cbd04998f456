"""The reference engine in worker processes; if one hangs or dies, only its job is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import TIMEOUT_MAX
from typing import TYPE_CHECKING, Any

from arcbatt.dsl import FAMILIES, REGISTRY
from arcbatt.engine.counting import WorkerCounts, counted, scheduled
from arcbatt.engine.outcome import (
    Budget,
    Case,
    Evaluation,
    Job,
    NodeOutcome,
)
from arcbatt.engine.processes import Processes, wait_for
from arcbatt.engine.reference import Columns, ReferenceEngine, lost_evaluation, run_job
from arcbatt.engine.workers import Lost
from arcbatt.program.graph import Graph

if TYPE_CHECKING:
    from concurrent.futures import Future

SLACK_SECONDS = 5.0
"""Seconds that a worker may take beyond its samples' budgets before it counts as hung."""


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

    def __reduce__(self) -> tuple[type[ReferenceEngine], tuple[()]]:
        """Travel as an engine in one process: a worker has no workers of its own."""
        return ReferenceEngine, ()

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
        budget = self._share(budget)
        if len(jobs) < 2 and self._processes is None:
            return self._inline.evaluate(jobs, budget, keep_outputs=keep_outputs)
        self._processes = self._processes or Processes(self._count)
        waiting: dict[int, Future[Any]] = {}
        for place, job in enumerate(jobs):
            if _is_portable(job.graph):
                run, arguments = scheduled(run_job_in_worker, (job, budget, keep_outputs))
                waiting[place] = self._processes.submit(run, arguments, _timeout_s(job, budget))
        counts = WorkerCounts()
        try:
            return [
                self._evaluation(job, counts.take(wait_for(waiting[place])), budget)
                if place in waiting
                else self._inline.evaluate([job], budget, keep_outputs=keep_outputs)[0]
                for place, job in enumerate(jobs)
            ]
        except BaseException:
            self.close()
            raise

    def trace(self, graph: Graph, case: Case, budget: Budget) -> list[NodeOutcome]:
        """Evaluate every node on one case, in this process."""
        return self._inline.trace(graph, case, self._share(budget))

    def close(self) -> None:
        """Kill the workers; their jobs are lost."""
        if self._processes is not None:
            self._processes.close()
            self._processes = None

    def _share(self, budget: Budget) -> Budget:
        """Return the budget of each worker, when all of them evaluate at once."""
        return replace(budget, total_leaves=budget.allowed_leaves(self._count))

    def _evaluation(self, job: Job, columns: Columns | Lost, budget: Budget) -> Evaluation:
        if isinstance(columns, Lost):
            return lost_evaluation(job, columns.problem)
        return columns.evaluation(job, budget)


def _timeout_s(job: Job, budget: Budget) -> float | None:
    seconds = budget.sample_seconds
    if seconds is None:
        return None
    return min(seconds * len(job.cases) + SLACK_SECONDS, TIMEOUT_MAX)


def _is_portable(graph: Graph) -> bool:
    """Return whether a worker, which imports only the package, has all primitives of a graph."""
    names = {node.name for node in graph.nodes}
    return all(REGISTRY[name].family in FAMILIES for name in names if name in REGISTRY)


run_job_in_worker = run_job
"""The function that workers run; tests replace it by one that dies or hangs."""
