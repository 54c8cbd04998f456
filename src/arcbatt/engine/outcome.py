"""What an engine is given and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from arcbatt.dsl.types import Grid, Samples, Value
from arcbatt.dsl.values import FailureKind, is_grid, is_number
from arcbatt.engine.budget import Budget
from arcbatt.program.graph import Graph
from arcbatt.tasks import GRID_SIDE_MAX

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXACT = 1000
"""The score of an output that equals the wanted grid."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Which call failed and why; it travels to every node that needs the call.

    Attributes:
        kind: why.
        node: index of the call in the graph.
        primitive: what it called; empty for a call of a computed function.
        detail: a sentence for people; it does not count when failures are compared.
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
        C: the grid to compare with; None while solving: reading it then fails.
        wanted: the grid that outputs are scored against; None leaves them unscored.
    """

    S: Samples
    I: Grid  # noqa: E741
    C: Grid | None = None
    wanted: Grid | None = None


@dataclass(frozen=True, slots=True)
class RootOutcome:
    """What one root did on one case.

    Attributes:
        failure: why it has no value, or None.
        digest: 128-bit digest of its value; 0 for a failure.
        score: 0..1000 against the wanted grid, see `agreement`; 0 for a failure.
        fuel: of all nodes that the root needs, each once.
        nanoseconds: of the same nodes; an estimate, it depends on the machine.
    """

    failure: Failure | None
    digest: int
    score: int
    fuel: int
    nanoseconds: int


@dataclass(frozen=True)
class Evaluation:
    """What all roots of a graph did on all cases of a job.

    Attributes:
        outcomes: one list per case, in it one outcome per root.
        nanoseconds: time that each case took, all nodes.
        read_output: returns the value of a root on a case.
        problem: why the whole job was lost, for a worker that died or hung; else empty.
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

    def fuel_of(self, case: int) -> list[int]:
        """Return the fuel of all roots on a case."""
        return [outcome.fuel for outcome in self.outcomes[case]]

    def times_of(self, case: int) -> list[int]:
        """Return the nanoseconds of all roots on a case."""
        return [outcome.nanoseconds for outcome in self.outcomes[case]]

    def numbers_of(self, case: int) -> list[int | None]:
        """Return the number that each root returned on a case, or began a tuple with.

        None for a failure and for any other value.
        """
        digests = self.digests_of(case)
        return [
            leading_number(self.read_output(case, root)) if digest else None
            for root, digest in enumerate(digests)
        ]

    def held_grid_of(self, case: int, root: int) -> Grid | None:
        """Return the output of a root on a case, for a `Case`; None if it is no grid of ARC.

        The engine that made it need not show it: only the same
        engine can be given it, and nobody else can read it.

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
    """Return what all cases of some evaluations took together, on whatever threads."""
    return sum(sum(evaluation.nanoseconds) for evaluation in evaluations) / 1e9


@dataclass(frozen=True, slots=True)
class NodeOutcome:
    """What one node did on one case: its value or a failure, its fuel, its nanoseconds."""

    value: Value | Failure
    fuel: int
    nanoseconds: int


@dataclass(frozen=True, slots=True)
class Job:
    """A graph and the cases to evaluate it on."""

    graph: Graph
    cases: Sequence[Case]


class Engine(Protocol):
    """Evaluates graphs: the same values, failures and fuel whichever engine it is."""

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
            jobs: one batt on many tasks (the same graph object, converted once), many programs
                on one task, or both.
            budget: bounds, for each case anew.
            threads: how many cases may run at once; the results do not depend on it.
            keep_outputs: keep the roots' values, so that `Evaluation.output` is free; else it
                evaluates the root again.

        Raises GraphError if a graph is none.
        """
        ...

    def trace(self, graph: Graph, case: Case, budget: Budget) -> list[NodeOutcome]:
        """Evaluate every node on one case and return them all."""
        ...


def is_arc_grid(value: Value) -> bool:
    """Tell whether a value is a grid that ARC knows: 1..30 rows and columns, colours 0..9."""
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

    1000 if they are equal. Else floor(999 * equal / area): equal counts the places inside both
    grids with the same colour, area is that of the smallest rectangle that holds both. What is
    not a grid scores 0.
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
