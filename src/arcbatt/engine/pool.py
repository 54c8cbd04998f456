"""The reference engine in worker processes that may hang or die without taking the run along."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from arcbatt.dsl import REGISTRY
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
from arcbatt.engine.workers import Call, Lost, Workers
from arcbatt.program.graph import Graph

SLACK_SECONDS = 5.0
"""What a worker may take beyond its samples' budgets before it counts as hung."""
SHARES = 4
"""Parts that the jobs of one worker are sent in: the last ones even out the load."""

Columns = tuple[list[list[RootOutcome]], list[int], list[list[Value]]]


class PooledEngine:
    """Spreads jobs over worker processes; a lost job ends as failures, not as a lost run.

    Jobs that call a primitive which this process alone has declared run here.
    """

    name = "reference"

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._workers = Workers(processes)
        self._inline = ReferenceEngine()

    @property
    def started(self) -> bool:
        """Whether its workers run, or are about to."""
        return self._workers.started

    def start(self) -> None:
        """Begin to start the workers, for work that is to come; does not wait for them.

        Raises EngineError if there can't be any.
        """
        self._workers.start()

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

        Raises EngineError if there can't be any.
        """
        if len(jobs) < 2 and not self.started:
            return self._inline.evaluate(jobs, budget, keep_outputs=keep_outputs)
        shares = SHARES * self._processes
        return self._begin(jobs, budget, keep_outputs, at_once=max(1, len(jobs) // shares))()

    def begin(self, jobs: Sequence[Job], budget: Budget) -> Callable[[], list[Evaluation]]:
        """Send jobs to the workers and return at once a function that waits for the results.

        Only the last one that began can be waited for.

        Raises EngineError if there can't be workers.
        """
        return self._begin(jobs, budget, False, at_once=max(1, -(-len(jobs) // self._processes)))

    def trace(self, graph: Graph, case: Case, budget: Budget) -> list[NodeOutcome]:
        """Evaluate every node on one case, in this process."""
        return self._inline.trace(graph, case, budget)

    def close(self) -> None:
        """Stop the workers; what they were at is lost."""
        self._workers.close()

    def _begin(
        self, jobs: Sequence[Job], budget: Budget, keep_outputs: bool, *, at_once: int
    ) -> Callable[[], list[Evaluation]]:
        away = [place for place, job in enumerate(jobs) if _is_portable(job.graph)]
        if away:
            run, arguments = scheduled(
                _evaluate_columns_in_worker,
                [(jobs[place], budget, keep_outputs) for place in away],
            )
            times = [_timeout_s(jobs[place], budget) for place in away]
            self._workers.send(run, list(map(Call, arguments, times)), at_once=at_once)

        def finish() -> list[Evaluation]:
            received = dict(zip(away, self._workers.receive() if away else (), strict=True))
            counts = WorkerCounts()
            return [
                self._evaluation(job, counts.take(received[place]), budget, keep_outputs)
                if place in received
                else self._inline.evaluate([job], budget, keep_outputs=keep_outputs)[0]
                for place, job in enumerate(jobs)
            ]

        return finish

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
    return None if seconds is None else seconds * len(job.cases) + SLACK_SECONDS


def _is_portable(graph: Graph) -> bool:
    """Tell whether a worker, which imports nothing but the package, has all primitives."""
    names = {node.name for node in graph.nodes}
    return all(
        REGISTRY[name].body.__module__.startswith("arcbatt.") for name in names if name in REGISTRY
    )


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
