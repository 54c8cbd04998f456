"""The reference engine in worker processes that may hang or die without taking the run along."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from arcbatt.dsl.types import Value
from arcbatt.dsl.values import FailureKind
from arcbatt.engine.budget import Budget
from arcbatt.engine.counting import WorkerCounts, counted, scheduled
from arcbatt.engine.outcome import (
    Case,
    Evaluation,
    Failure,
    Job,
    NodeOutcome,
    RootOutcome,
)
from arcbatt.engine.reference import ReferenceEngine
from arcbatt.program.graph import Graph

if TYPE_CHECKING:
    from pebble import ProcessPool

ATTEMPTS = 2
"""A job whose worker died or hung is tried once more before it is given up."""
SLACK_SECONDS = 5.0
"""What a worker may take beyond its samples' budgets before it counts as hung."""
STARTS_CLEAN = "forkserver"
"""Workers start from a clean process: forking a process with threads can deadlock."""

Columns = tuple[list[list[RootOutcome]], list[int], list[list[Value]]]


class PooledEngine:
    """Spreads jobs over worker processes; a lost job ends as failures, not as a lost run."""

    name = "reference"

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._pool: ProcessPool | None = None
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
        """Evaluate jobs in the workers; see `Engine.evaluate`."""
        if len(jobs) < 2:
            return self._inline.evaluate(jobs, budget, keep_outputs=keep_outputs)
        from pebble import ProcessExpired

        pending = dict.fromkeys(range(len(jobs)), "")
        done: dict[int, Evaluation] = {}
        counts = WorkerCounts()
        for _ in range(ATTEMPTS):
            futures = {
                index: self._schedule(jobs[index], budget, keep_outputs) for index in pending
            }
            for index, future in futures.items():
                try:
                    columns = counts.take(future.result())
                except TimeoutError:
                    pending[index] = "its worker hung and was killed"
                except ProcessExpired as error:
                    pending[index] = f"its worker died with exit code {error.exitcode}"
                except BaseException:
                    self.close()
                    raise
                else:
                    done[index] = self._evaluation(jobs[index], columns, budget, keep_outputs)
                    del pending[index]
        for index, problem in pending.items():
            done[index] = _lost(jobs[index], problem)
        return [done[index] for index in range(len(jobs))]

    def trace(self, graph: Graph, case: Case, budget: Budget) -> list[NodeOutcome]:
        """Evaluate every node on one case, in this process."""
        return self._inline.trace(graph, case, budget)

    def close(self) -> None:
        """Stop the workers; what they were at is lost."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None

    def _schedule(self, job: Job, budget: Budget, keep_outputs: bool) -> Future[Columns]:
        if self._pool is None:
            from pebble import ProcessPool

            context = multiprocessing.get_context(STARTS_CLEAN)
            context.set_forkserver_preload(["arcbatt.engine.reference"])
            self._pool = ProcessPool(max_workers=self._processes, context=context)
        timeout = None
        if budget.sample_seconds is not None:
            timeout = budget.sample_seconds * len(job.cases) + SLACK_SECONDS
        run, args = scheduled(_evaluate_columns_in_worker, (job, budget, keep_outputs))
        future: Any = self._pool.schedule(run, args=args, timeout=timeout)
        return future  # type: ignore[no-any-return]

    def _evaluation(
        self, job: Job, columns: Columns, budget: Budget, keep_outputs: bool
    ) -> Evaluation:
        outcomes, nanoseconds, kept = columns

        def read_output(case: int, root: int) -> Value:
            if keep_outputs:
                return kept[case][root]
            [again] = self._inline.evaluate(
                [Job(job.graph, [job.cases[case]])], budget, keep_outputs=True
            )
            return again.output(0, root)

        return Evaluation(outcomes, nanoseconds, read_output)


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
"""What the workers run; tests put workers that die or hang in its place."""


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
