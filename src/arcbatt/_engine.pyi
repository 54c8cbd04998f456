"""The border to Rust: bindings of the core's evaluator, `arcbatt.engine.native` is its face.

Everything here runs outside the interpreter's lock and stops soon after Ctrl-C. A failure is a
tuple: its kind, the node that failed, the primitive that it called (empty for a computed
function), and a sentence for people.
"""

from collections.abc import Iterable, Sequence
from typing import final

from arcbatt.dsl.types import Grid, Value
from arcbatt.engine.breeder import RawType
from arcbatt.engine.outcome import Case
from arcbatt.program.graph import Node

__all__ = [
    "Breeder",
    "Graph",
    "HeldGrid",
    "MoveTable",
    "Outcomes",
    "agreement",
    "call",
    "count_calls",
    "digest",
    "evaluate",
    "primitives",
    "search",
    "take_counts",
    "trace",
]

@final
class Breeder:
    """Makes and evaluates programs; see `arcbatt.engine.breeder`, its face.

    Raises EngineError if a table does not fit together.
    """

    def __new__(
        cls,
        *,
        primitives: Sequence[tuple[str, list[str], RawType, list[RawType]]],
        definitions: Sequence[tuple[str, RawType]],
        short: Sequence[str],
        inputs: Sequence[RawType],
        meanings: Sequence[tuple[RawType | None, str | None, list[Value]]],
        derived: Sequence[str],
        features: Sequence[str],
        functions: Sequence[tuple[list[str], RawType, str]] = ...,
    ) -> Breeder: ...
    @staticmethod
    def moves() -> list[str]:
        """List the names of the moves."""

    def infer(self, line: str) -> str | None:
        """Return the type of a program; None if it is not well typed.

        Raises EngineError if the line is no program.
        """

    def mutate(
        self,
        parents: Sequence[str],
        donors: Sequence[str],
        *,
        goal: RawType,
        inputs: str,
        weights: Sequence[tuple[str, float]],
        count: int,
        seed: int,
        further: float = 0.0,
    ) -> list[tuple[str, str, int, list[int], list[int]]]:
        """Make children without evaluating them.

        Returns of each line, move, and the places of its parent, other parents and donors.

        Raises EngineError if a line is no program.
        """

    def breed(
        self,
        islands: Sequence[
            tuple[Iterable[Case], Iterable[Case], Iterable[Case], list[str], list[int], list[int]]
        ],
        donors: Sequence[str],
        differs: Sequence[str],
        *,
        goal: RawType,
        inputs: str,
        weights: Sequence[tuple[str, float]],
        mutants: int,
        generation: int,
        population: int,
        selection: str,
        fresh: float,
        further: float,
        size_max: int,
        node_fuel: int,
        value_leaves: int,
        memory_max: int,
        shares: bool = True,
        threads: int = 1,
    ) -> list[
        tuple[
            list[tuple[str, list[int], int, int, list[int], bool, int, int]],
            list[tuple[int, int, int]],
            list[tuple[str, int]],
        ]
    ]:
        """Do a round of islands: for each its members, a tally of each move, and counts.

        Raises EngineError if a line is no program, TaskError as `evaluate` does, and
        KeyboardInterrupt soon after Ctrl-C.
        """

@final
class Graph:
    """A graph, checked and prepared: build it once, evaluate it often.

    Args:
        nodes: arguments before their calls.
        roots: indices of the nodes whose values are asked for.

    Raises GraphError at the first node that is wrong.
    """

    def __new__(cls, nodes: tuple[Node, ...], roots: Sequence[int]) -> Graph: ...
    def __len__(self) -> int: ...

@final
class HeldGrid:
    """A grid that stays in Rust; a case may have one as its I, C or wanted grid."""

@final
class Outcomes:
    """What all roots of a graph did on all cases of a job.

    Its methods raise IndexError where there is no such case or root.
    """

    @property
    def roots(self) -> int:
        """How many roots the graph has."""

    @property
    def nanoseconds(self) -> list[int]:
        """Time that each case took."""

    def __len__(self) -> int: ...
    def outcome(
        self, case: int, root: int
    ) -> tuple[tuple[str, int, str, str] | None, int, int, int, int]:
        """Return the failure, digest, score 0..1000, fuel and nanoseconds of a root on a case."""

    def scores(self, case: int) -> list[int]:
        """Return the scores of all roots on a case."""

    def digests(self, case: int) -> list[int]:
        """Return the digests of all roots on a case, 0 for a failure."""

    def fuel(self, case: int) -> list[int]:
        """Return the fuel of all roots on a case."""

    def times(self, case: int) -> list[int]:
        """Return the nanoseconds of all roots on a case."""

    def numbers(self, case: int) -> list[int | None]:
        """Return the number that each root returned on a case, or began a tuple with.

        None for a failure and for any other value.

        Raises LookupError if outputs were not kept.
        """

    def output(self, case: int, root: int) -> Value:
        """Return the kept value of a root on a case.

        Raises LookupError if outputs were not kept or the root failed.
        """

    def held_grid(self, case: int, root: int) -> HeldGrid | None:
        """Hold the kept value of a root on a case, if it is a grid of ARC.

        Raises LookupError if outputs were not kept or the root failed.
        """

    def pixels(self, case: int, root: int) -> tuple[int, int, bytes] | None:
        """Return the kept value as height, width and one byte a cell; None if it is no picture.

        Raises LookupError if outputs were not kept or the root failed.
        """

@final
class MoveTable:
    """What search may do, the same for all tasks."""

    def __new__(
        cls,
        moves: Sequence[tuple[str, Sequence[int], int, int, bool, Sequence[tuple[int, int]]]],
        *,
        functions: Sequence[
            tuple[str, Sequence[tuple[str, Sequence[int], Value | None]], Sequence[int], int, int]
        ] = ...,
        caps: Sequence[int],
        roles: tuple[int, int, int, int],
    ) -> MoveTable:
        """Check and keep the moves.

        Args:
            moves: of each the primitive, the numbers of its parameters' types and of its result's
                type, its cost in bits, whether its arguments may be swapped, and the identities:
                which argument must not come from which move.
            functions: moves that are bodies of primitives, which come after the others: of each
                the name, the steps, the numbers of its types and its cost. A step is a call with
                the places of earlier steps; without a name an argument, by its place, or a value.
            caps: of each type the bits that a state of it may cost.
            roles: the numbers of the types of grids, objects, sets of locations and colours.

        Raises EngineError if a move does not fit its primitive, names an unknown type, or has a
        body that is none.
        """

    def __len__(self) -> int: ...

def search(
    table: MoveTable,
    problems: Sequence[
        tuple[Sequence[tuple[int, int, Sequence[Value]]], Sequence[Grid], int, float | None]
    ],
    *,
    bytes: int,
    node_fuel: int,
    value_leaves: int,
    layers: int,
    beam: int,
    solutions: int,
    slack: int,
    threads: int = 1,
) -> list[
    tuple[
        list[tuple[list[tuple[str, list[int]]], int, int, int]],
        str,
        tuple[int, int, int, int, int, int, int],
    ]
]:
    """Search for expressions that give the wanted grids on all demos.

    A problem is its leaves, each with type, cost in bits and value on every sample, demos first,
    the wanted grid of each demo, and the nodes and seconds that it may take. Its result is the
    solutions (steps, cost, layers, derivations), why the search ended (found, nodes, time, bytes,
    exhausted), and nodes, states, values, layers, level, bytes and nanoseconds.

    Raises EngineError if a leaf names an unknown type or lacks a value, and KeyboardInterrupt soon
    after Ctrl-C.
    """

def primitives() -> list[tuple[str, list[str]]]:
    """List the primitives that have a kernel: their names and the names of their parameters."""

def count_calls(on: bool) -> None:
    """Turn counting on or off, for all evaluations of this process."""

def take_counts() -> tuple[
    list[tuple[str, int, int, int, int, int, int]],
    tuple[int, int, int, int, int],
    list[tuple[str, int]],
    list[int],
]:
    """Return what was counted since the last time, and begin anew.

    First a row for each primitive: name, calls, values, fuel, runs, nanoseconds of its own, and
    with the calls within it. Then the nanoseconds of all threads together, of the longest one of
    each evaluation, of digests and scores, of sums over nodes, and of counting itself, which the
    times of the primitives leave out. Then nanoseconds of conversions by what is converted, and
    a number for each job that stands for its outputs.
    """

def digest(value: Value) -> int:
    """Digest a value to 128 bits, as `arcbatt.dsl.values.digest` does.

    Raises EngineError if the object is no value.
    """

def agreement(output: Value, wanted: Grid) -> int:
    """Score an output against the wanted grid, as `arcbatt.engine.agreement` does.

    Raises EngineError if one of them is no value.
    """

def evaluate(
    jobs: Sequence[tuple[Graph, Iterable[Case]]],
    *,
    node_fuel: int,
    value_leaves: int,
    sample_seconds: float | None,
    threads: int = 1,
    keep_outputs: bool = False,
) -> list[Outcomes]:
    """Evaluate graphs on their cases; see `arcbatt.engine.Engine.evaluate`.

    Raises TaskError if a grid of a case is not rectangular or has cells that are no numbers in
    0..255, and KeyboardInterrupt soon after Ctrl-C.
    """

def trace(
    graph: Graph,
    case: Case,
    *,
    node_fuel: int,
    value_leaves: int,
    sample_seconds: float | None,
) -> list[tuple[Value, tuple[str, int, str, str] | None, int, int]]:
    """Evaluate every node on one case: value, failure, fuel and nanoseconds of each.

    Raises as `evaluate`.
    """

def call(
    name: str, args: tuple[Value, ...], *, node_fuel: int, value_leaves: int
) -> tuple[Value, tuple[str, int, str, str] | None, int]:
    """Call one primitive: its value, its failure, and the fuel spent.

    Raises EngineError if no primitive has this name.
    """
