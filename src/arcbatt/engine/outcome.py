"""The interface of engines: jobs and budgets in, evaluations out."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from arcbatt.dsl.meter import NODE_FUEL, TOTAL_LEAVES, VALUE_LEAVES
from arcbatt.dsl.types import Grid, Samples, Value
from arcbatt.dsl.values import FailureKind, is_grid, is_number
from arcbatt.engine.processes import memory_share
from arcbatt.program.graph import Graph, GraphBuilder
from arcbatt.tasks import GRID_SIDE_MAX

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


LEAF_BYTES = 96
"""Memory that a value takes at most in the native engine for each leaf of its load, in bytes."""

EXACT = 1000
"""The score of an output that equals the wanted grid."""
BROUGHT_FUEL = 20_000_000
"""Fuel that one call of a program that people brought may use."""
SAMPLE_SECONDS = 10.0
"""Wall-clock limit of all nodes on one sample together, in seconds."""
AGAIN_LIMITS = 6
"""The second runs of the programs of one job may take so many limits of a sample together."""
RAN_OUT = (FailureKind.FUEL, FailureKind.DEADLINE)
"""The failures that more fuel, or a run without other programs, may avoid."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The failure of a call, a value that propagates to every node that needs the call.

    Attributes:
        kind: reason of the failure.
        node: index of the call in the graph.
        primitive: name of the primitive that was called; empty for a call of a computed function.
        detail: explanation for people; it is ignored when failures are compared.
    """

    kind: FailureKind
    node: int
    primitive: str
    detail: str = field(default="", compare=False)

    def __str__(self) -> str:
        called = self.primitive or "a computed function"
        return f"{called} (node {self.node}) failed: {self.kind}" + (
            f", {self.detail}" if self.detail else ""
        )


@dataclass(frozen=True, slots=True)
class Case:
    """The values of S, I and C for one evaluation.

    Attributes:
        S: the demo samples as (input, output) pairs.
        I: the grid at hand.
        C: the grid to compare with; None while solving, where reading it is a failure.
        wanted: the grid that outputs are scored against; None leaves them unscored.
    """

    S: Samples
    I: Grid  # noqa: E741
    C: Grid | None = None
    wanted: Grid | None = None


@dataclass(frozen=True, slots=True)
class RootOutcome:
    """The result of one root on one case.

    Attributes:
        failure: the failure that it has instead of a value, or None.
        digest: 128-bit digest of its value; 0 for a failure.
        score: score against the wanted grid, 0..1000, see `agreement`; 0 for a failure.
        fuel: fuel of all nodes that the root needs, each counted once.
        nanoseconds: time of the same nodes, in nanoseconds; an estimate that depends on the
            machine.
    """

    failure: Failure | None
    digest: int
    score: int
    fuel: int
    nanoseconds: int


@dataclass(frozen=True)
class Evaluation:
    """The results of all roots of a graph on all cases of a job.

    Attributes:
        outcomes: one list per case with one outcome per root.
        nanoseconds: time of all nodes on each case, in nanoseconds.
        read_output: function that returns the value of a root on a case.
        problem: the reason why the whole job was lost, if its worker died or hung; else empty.
    """

    outcomes: Sequence[Sequence[RootOutcome]]
    nanoseconds: Sequence[int]
    read_output: Callable[[int, int], Value]
    problem: str = ""

    def output(self, case: int, root: int) -> Value:
        """Return the value of a root (by position) on a case.

        Raises LookupError if the root failed there.
        """
        failure = self.outcomes[case][root].failure
        if failure is not None:
            raise LookupError(str(failure))
        return self.read_output(case, root)

    def scores_of(self, case: int) -> list[int]:
        """Return the scores of all roots on a case."""
        return [outcome.score for outcome in self.outcomes[case]]

    def digests_of(self, case: int) -> list[int]:
        """Return the digests of all roots on a case, 0 for a failure."""
        return [outcome.digest for outcome in self.outcomes[case]]

    def exhausted_of(self, case: int) -> list[int]:
        """Return the positions of the roots that ran out of fuel or time on a case."""
        return [
            root
            for root, outcome in enumerate(self.outcomes[case])
            if outcome.failure is not None and outcome.failure.kind in RAN_OUT
        ]

    def fuel_of(self, case: int) -> list[int]:
        """Return the fuel of all roots on a case."""
        return [outcome.fuel for outcome in self.outcomes[case]]

    def times_of(self, case: int) -> list[int]:
        """Return the nanoseconds of all roots on a case."""
        return [outcome.nanoseconds for outcome in self.outcomes[case]]

    def numbers_of(self, case: int) -> list[int | None]:
        """Return the leading number of each root's output on a case, see `leading_number`.

        None for a failure and for any other value.
        """
        digests = self.digests_of(case)
        return [
            leading_number(self.read_output(case, root)) if digest else None
            for root, digest in enumerate(digests)
        ]

    def held_grid_of(self, case: int, root: int) -> Grid | None:
        """Return the output of a root on a case, for a `Case`; None if it is no grid of ARC.

        The object may be opaque: it need only be valid as a grid of a case of the same engine.

        Raises LookupError if the root failed there.
        """
        output = self.output(case, root)
        return output if is_arc_grid(output) else None

    def array_of(self, case: int, root: int) -> NDArray[np.uint8] | None:
        """Return the output of a root on a case as an array; None if it is no picture.

        A picture is a grid without negative cells.

        Raises LookupError if the root failed there.
        """
        import numpy as np

        output = self.output(case, root)
        if not is_grid(output) or any(cell < 0 for row in output for cell in row):
            return None
        width = len(output[0]) if output else 0
        return np.array(output, dtype=np.uint8).reshape(len(output), width)


def cpu_seconds(evaluations: Iterable[Evaluation]) -> float:
    """Return the CPU seconds of all cases of some evaluations, over all threads."""
    return sum(sum(evaluation.nanoseconds) for evaluation in evaluations) / 1e9


@dataclass(frozen=True, slots=True)
class NodeOutcome:
    """The result of one node on one case: a value or a failure, fuel, and nanoseconds."""

    value: Value | Failure
    fuel: int
    nanoseconds: int


@dataclass(frozen=True, slots=True)
class Job:
    """A graph and the cases to evaluate it on."""

    graph: Graph
    cases: Sequence[Case]


class Engine(Protocol):
    """Evaluates graphs; all engines return the same values, failures and fuel."""

    @property
    def name(self) -> str:
        """``native`` or ``reference``."""
        ...

    def evaluate(
        self,
        jobs: Sequence[Job],
        budget: Budget,
        *,
        threads: int = 1,
        keep_outputs: bool = False,
    ) -> list[Evaluation]:
        """Evaluate every node of every job's graph once per case.

        Args:
            jobs: the jobs, such as one batt on many tasks (a graph object is converted once), or
                many programs on one task.
            budget: the bounds of the evaluation on each case.
            threads: the number of cases that may run at once, 1 or more; the results do not
                depend on it.
            keep_outputs: whether the values of roots are kept; else `Evaluation.output` evaluates
                the root again.

        Raises GraphError if a graph is not valid.
        """
        ...

    def trace(self, graph: Graph, case: Case, budget: Budget) -> list[NodeOutcome]:
        """Evaluate every node on one case and return the outcome of each."""
        ...


def is_arc_grid(value: Value) -> bool:
    """Return whether a value is a grid of ARC: 1..30 rows and columns, colours 0..9."""
    if type(value) is not tuple or not 1 <= len(value) <= GRID_SIDE_MAX:
        return False
    if any(type(row) is not tuple for row in value):
        return False
    widths = set(map(len, value))
    if len(widths) != 1 or not 1 <= max(widths) <= GRID_SIDE_MAX:
        return False
    cells = set(chain.from_iterable(value))
    return all(is_number(cell) and 0 <= cell <= 9 for cell in cells)


def leading_number(value: Value) -> int | None:
    """Return a number, or the number that a tuple begins with; None for any other value."""
    if type(value) is tuple and value:
        value = value[0]
    return int(value) if is_number(value) else None


def agreement(output: Value, wanted: Grid) -> int:
    """Score an output against the wanted grid.

    The score is 1000 if they are equal, 0 if the output is no grid, and else
    floor(999 * equal / area), where ``equal`` is the number of places inside both grids with the
    same colour, and ``area`` that of the smallest rectangle that holds both.
    """
    if type(output) is not tuple or not all(type(row) is tuple for row in output):
        return 0
    if output == wanted:
        return EXACT
    if not output or any(len(row) != len(output[0]) for row in output):
        return 0
    area = max(len(output), len(wanted)) * max(map(len, (output[0], *wanted[:1])))
    equal: int = sum(
        a == b
        for row, wanted_row in zip(output, wanted, strict=False)
        for a, b in zip(row, wanted_row, strict=False)
    )
    return 999 * equal // area if area else 0


@dataclass(frozen=True, slots=True)
class Budget:
    """The bounds of an evaluation; a call that hits one becomes a failure that names the bound.

    Attributes:
        node_fuel: fuel that one call may use, inner calls included.
        value_leaves: leaves that one value may have.
        sample_seconds: wall-clock seconds that all nodes may take on one sample together, > 0;
            None for no bound. It is a last resort: the only bound that depends on the machine.
        total_leaves: leaves that all values of one program may have together while they are
            alive, each times its depth, see `arcbatt.dsl.meter`. A value is freed when its last
            reader is done. Engines allow less where the machine has little memory, see
            `arcbatt.engine.processes.memory_share`.
        brought_fuel: fuel that one call of a program that people brought may use, at least
            `node_fuel`; see `PatientEngine`.
    """

    node_fuel: int = NODE_FUEL
    value_leaves: int = VALUE_LEAVES
    sample_seconds: float | None = SAMPLE_SECONDS
    total_leaves: int = TOTAL_LEAVES
    brought_fuel: int = BROUGHT_FUEL

    def allowed_leaves(self, threads: int = 1) -> int:
        """Return the total that the memory allows when some threads evaluate at once."""
        return min(self.total_leaves, memory_share(threads) // LEAF_BYTES)

    @property
    def of_brought(self) -> Budget:
        """The bounds of a program that people brought; these always have a time limit."""
        return replace(
            self,
            node_fuel=self.brought_fuel,
            sample_seconds=self.sample_seconds or SAMPLE_SECONDS,
        )


class PatientEngine:
    """An engine that gives programs that people brought as much fuel as they need.

    All programs run with the fuel of the budget first. A brought one that runs out of fuel or time
    on a case runs there once more: alone, so that its result does not depend on other programs of
    the batt, and with the fuel of `Budget.of_brought`. A result with a value does not depend on the
    fuel, so only the programs that need more fuel take more time.

    Args:
        engine: the engine that evaluates.
        again: the bounds of the second runs, see `Budget.of_brought`.
        is_brought: function that tells whether people brought the programs of a graph.
    """

    def __init__(self, engine: Engine, again: Budget, is_brought: Callable[[Graph], bool]) -> None:
        self._engine = engine
        self._again = again
        self._is_brought = is_brought

    @property
    def name(self) -> str:
        """The name of the engine that evaluates."""
        return self._engine.name

    def evaluate(
        self,
        jobs: Sequence[Job],
        budget: Budget,
        *,
        threads: int = 1,
        keep_outputs: bool = False,
    ) -> list[Evaluation]:
        """Evaluate every job's graph once per case; see `Engine.evaluate`."""
        evaluations = self._engine.evaluate(
            jobs, budget, threads=threads, keep_outputs=keep_outputs
        )
        brought = [place for place, job in enumerate(jobs) if self._is_brought(job.graph)]
        again = run_again(
            [(jobs[place], evaluations[place], None) for place in brought],
            self._engine,
            self._again,
            threads=threads,
            keep_outputs=keep_outputs,
        )
        for place, evaluation in zip(brought, again, strict=True):
            evaluations[place] = evaluation
        return evaluations

    def trace(self, graph: Graph, case: Case, budget: Budget) -> list[NodeOutcome]:
        """Evaluate every node on one case and return the outcome of each."""
        return self._engine.trace(graph, case, self._again if self._is_brought(graph) else budget)


def run_again(
    done: Sequence[tuple[Job, Evaluation, Collection[int] | None]],
    engine: Engine,
    budget: Budget,
    *,
    threads: int = 1,
    keep_outputs: bool = False,
) -> list[Evaluation]:
    """Run programs that ran out of fuel or time once more, each alone and with more fuel.

    Programs are started, the jobs by turns, only for `AGAIN_LIMITS` limits of a sample for each
    job: hundreds could take hours. Those that come later keep the results of the first runs.

    Args:
        done: jobs with their evaluations, and the positions of the roots that may run again; None
            for all roots.
        engine: the engine that evaluates.
        budget: the bounds of the second runs, see `Budget.of_brought`.
        threads: the number of cases that may run at once, 1 or more.
        keep_outputs: whether the values of roots are kept.

    Returns the evaluations, with the results of the second runs in place of those of the first.
    """
    waiting: list[tuple[int, Job, tuple[int, int, list[int], list[int]]]] = []
    builders: dict[int, GraphBuilder] = {}
    for number, (job, evaluation, positions) in enumerate(done):
        cases_of: dict[int, list[int]] = {}
        for case in range(len(job.cases)):
            for root in evaluation.exhausted_of(case):
                if positions is None or root in positions:
                    cases_of.setdefault(root, []).append(case)
        for turn, (root, cases) in enumerate(cases_of.items()):
            if id(job.graph) not in builders:
                builders[id(job.graph)] = GraphBuilder.of(job.graph)
            builder = builders[id(job.graph)]
            order = builder.order(job.graph.roots[root])
            program = builder.program(job.graph.roots[root], order)
            again = Job(program, [job.cases[case] for case in cases])
            waiting.append((turn, again, (number, root, cases, order)))
    evaluations = [evaluation for _, evaluation, _ in done]
    waiting.sort(key=lambda item: item[0])
    jobs_in_need = len({number for _, _, (number, *_) in waiting})
    limit_s = AGAIN_LIMITS * (budget.sample_seconds or SAMPLE_SECONDS) * jobs_in_need
    started, size = time.monotonic(), 4 * threads
    amended: dict[int, dict[tuple[int, int], _Alone]] = {}
    for start in range(0, len(waiting), size):
        if time.monotonic() - started > limit_s:
            break
        part = waiting[start : start + size]
        alone = engine.evaluate(
            [job for _, job, _ in part], budget, threads=threads, keep_outputs=keep_outputs
        )
        for (_, _, (number, root, cases, order)), evaluation in zip(part, alone, strict=True):
            for place, case in enumerate(cases):
                amended.setdefault(number, {})[case, root] = _Alone(evaluation, place, order)
    for number, runs in amended.items():
        evaluations[number] = _amend(evaluations[number], runs)
    return evaluations


@dataclass(frozen=True)
class _Alone:
    """The run of a program on its own.

    Attributes:
        evaluation: its evaluation, with one root.
        case: the position of the case in it.
        nodes: for each node of the program its index in the graph that it was taken from.
    """

    evaluation: Evaluation
    case: int
    nodes: Sequence[int]

    @property
    def outcome(self) -> RootOutcome:
        """The outcome, with the index of a failed call in the graph."""
        outcome = self.evaluation.outcomes[self.case][0]
        failure = outcome.failure
        if failure is None or self.evaluation.problem:
            return outcome
        return replace(outcome, failure=replace(failure, node=self.nodes[failure.node]))


def _amend(first: Evaluation, runs: Mapping[tuple[int, int], _Alone]) -> Evaluation:
    """Return an evaluation with the results of second runs, by case and position of the root."""
    outcomes = [list(row) for row in first.outcomes]
    nanoseconds = list(first.nanoseconds)
    for (case, root), run in runs.items():
        outcomes[case][root] = run.outcome
        nanoseconds[case] += run.evaluation.nanoseconds[run.case]

    def read_output(case: int, root: int) -> Value:
        run = runs.get((case, root))
        return first.read_output(case, root) if run is None else run.evaluation.output(run.case, 0)

    return _Amended(outcomes, nanoseconds, read_output, first.problem, first=first, runs=runs)


@dataclass(frozen=True)
class _Amended(Evaluation):
    """An evaluation in which some roots ran again on some cases.

    Attributes:
        first: the evaluation of all roots.
        runs: the second runs, by case and position of the root.
    """

    first: Evaluation = field(kw_only=True, repr=False)
    runs: Mapping[tuple[int, int], _Alone] = field(kw_only=True, repr=False)

    def held_grid_of(self, case: int, root: int) -> Grid | None:
        """Return the output of a root on a case, for a `Case`; None if it is no grid of ARC."""
        run = self.runs.get((case, root))
        return (
            self.first.held_grid_of(case, root)
            if run is None
            else run.evaluation.held_grid_of(run.case, 0)
        )

    def array_of(self, case: int, root: int) -> NDArray[np.uint8] | None:
        """Return the output of a root on a case as an array; None if it is no picture."""
        run = self.runs.get((case, root))
        return (
            self.first.array_of(case, root) if run is None else run.evaluation.array_of(run.case, 0)
        )
