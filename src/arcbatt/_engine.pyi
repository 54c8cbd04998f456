"""The bindings of the Rust core, used by `arcbatt.engine` and `arcbatt.search`.

Everything here runs outside the interpreter's lock and stops soon after Ctrl-C.
"""

from collections.abc import Iterable, Sequence
from typing import Final, final

from arcbatt.dsl.types import Grid, Type, Value
from arcbatt.engine.breeder import Breeding, Island, Vocabulary
from arcbatt.engine.outcome import Case
from arcbatt.program.graph import Node

__all__ = [
    "SEARCH_FIRST_ROUND",
    "SEARCH_SEEDS",
    "SEARCH_SEEDS_PER_BIT",
    "SEARCH_SEED_COST",
    "SEARCH_SIDE_MAX",
    "Breeder",
    "EngineCounts",
    "Graph",
    "HeldGrid",
    "InductionProblem",
    "IslandFindings",
    "LearntRule",
    "Member",
    "MutationChild",
    "MutationTally",
    "NativeCall",
    "NativeFailure",
    "NativeOutcome",
    "Outcomes",
    "PrimitiveCount",
    "SearchGrammar",
    "SearchLimits",
    "SearchOutcome",
    "SearchProblem",
    "SearchProduction",
    "SearchTerminal",
    "Solution",
    "SolutionStep",
    "agreement",
    "call",
    "count_calls",
    "digest",
    "evaluate",
    "induce",
    "primitives",
    "search",
    "take_counts",
    "trace",
]

@final
class Breeder:
    """Makes and evaluates programs; used by `arcbatt.engine.breeder`.

    Args:
        vocabulary: the primitives with their types, the meanings of constants, and terms.

    Raises EngineError if the vocabulary names an unknown type, or a line is no program.
    """

    def __new__(cls, vocabulary: Vocabulary) -> Breeder: ...
    @staticmethod
    def mutations() -> list[str]:
        """List the names of the mutations."""

    def infer(self, line: str) -> str | None:
        """Return the type of a program; None if it is not well typed.

        Raises EngineError if the line is no program.
        """

    def mutate(
        self,
        parents: Sequence[str],
        donors: Sequence[str],
        *,
        goal: Type,
        inputs: str,
        weights: dict[str, float],
        count: int,
        seed: int,
        further: float = 0.0,
    ) -> list[MutationChild]:
        """Make children without evaluating them.

        Args:
            parents: lines of the programs that are mutated.
            donors: lines of the programs that lend parts.
            goal: the type that children return.
            inputs: the inputs that children may read, letters of S, I and C.
            weights: the weights of the mutations by name, 0 or more each.
            count: the most children that are made.
            seed: the seed of the random numbers, 0 or more.
            further: the probability of each further mutation of the same child, 0..0.9.

        Raises EngineError if a line is no program.
        """

    def breed(
        self,
        islands: Sequence[Island],
        *,
        donors: Sequence[str],
        differs: Sequence[str],
        weights: dict[str, float],
        breeding: Breeding,
        threads: int = 1,
    ) -> list[IslandFindings]:
        """Do a round on every island.

        Raises EngineError if a line is no program, TaskError as `evaluate` does, and
        KeyboardInterrupt soon after Ctrl-C.
        """

@final
class EngineCounts:
    """The counts of all evaluations since they were last taken.

    Attributes:
        primitives: the calls of each primitive, by name.
        busy_nanoseconds: time of all threads together.
        longest_nanoseconds: time of the slowest thread of each evaluation, summed.
        outputs_nanoseconds: time of digests and scores.
        sums_nanoseconds: time of sums over nodes.
        counting_nanoseconds: time of counting itself, which is in no primitive's time.
        border_nanoseconds: time of conversions, by kind of value.
        outputs: one digest per job, over its outputs.
    """

    @property
    def primitives(self) -> list[PrimitiveCount]: ...
    @property
    def busy_nanoseconds(self) -> int: ...
    @property
    def longest_nanoseconds(self) -> int: ...
    @property
    def outputs_nanoseconds(self) -> int: ...
    @property
    def sums_nanoseconds(self) -> int: ...
    @property
    def counting_nanoseconds(self) -> int: ...
    @property
    def border_nanoseconds(self) -> dict[str, int]: ...
    @property
    def outputs(self) -> list[int]: ...

@final
class Graph:
    """A graph, checked and prepared for evaluation on many cases.

    Args:
        nodes: the nodes, arguments before their calls.
        roots: indices of the nodes whose values are the results.

    Raises GraphError at the first node that is wrong.
    """

    def __new__(cls, nodes: tuple[Node, ...], roots: Sequence[int]) -> Graph: ...
    def __len__(self) -> int: ...

@final
class HeldGrid:
    """A grid that stays in Rust; a case may have one as its I, C or wanted grid."""

@final
class InductionProblem:
    """What to learn: a learner, the features that rules may be about, and the samples.

    Args:
        learner: the name of the learner.
        graph: the expressions of the features, one root for each.
        cases: the cases of the demos, which have wanted grids, and then those of the tests.
        kinds: the kind of each feature's values: `picture`, `numbers` or `other`.
        bits: the description length of each feature, in bits.

    Raises EngineError for an unknown learner or kind, and unless there are a kind and bits for
    each root.
    """

    def __new__(
        cls,
        learner: str,
        graph: Graph,
        cases: Sequence[Case],
        *,
        kinds: Sequence[str],
        bits: Sequence[int],
    ) -> InductionProblem: ...

@final
class IslandFindings:
    """The result of a round on one island.

    Attributes:
        members: the programs of the island, the best first.
        tallies: the children of each mutation, by its name.
        counts: further counts by name, such as ``mutants`` and ``evaluations``.
    """

    @property
    def members(self) -> list[Member]: ...
    @property
    def tallies(self) -> dict[str, MutationTally]: ...
    @property
    def counts(self) -> dict[str, int]: ...

@final
class LearntRule:
    """A rule that makes the wanted grids of all demos.

    Attributes:
        literal: what the primitive of the learner takes after the tuple of the features' values.
        features: the numbers of the features that it is about, in the order of that tuple.
        bits: the description length of the rule with its features, in bits.
        missed: the number of demos that are not made by what is learnt without them.
    """

    @property
    def literal(self) -> Value: ...
    @property
    def features(self) -> list[int]: ...
    @property
    def bits(self) -> int: ...
    @property
    def missed(self) -> int: ...

@final
class Member:
    """A program of an island at the end of a round, with the attributes of `Bred`."""

    @property
    def line(self) -> str: ...
    @property
    def scores(self) -> list[int]: ...
    @property
    def size(self) -> int: ...
    @property
    def fuel(self) -> int: ...
    @property
    def origins(self) -> list[int]: ...
    @property
    def is_new(self) -> bool: ...
    @property
    def behaviour(self) -> int: ...
    @property
    def bodies(self) -> int: ...

@final
class MutationChild:
    """A program that was made by mutation and not evaluated.

    Attributes:
        line: the compact form of the program.
        mutation: the name of the first mutation that made it.
        parent: the index of its parent.
        mates: the indices of the other parents of which it has parts.
        donors: the indices of the donors of which it has parts.
    """

    @property
    def line(self) -> str: ...
    @property
    def mutation(self) -> str: ...
    @property
    def parent(self) -> int: ...
    @property
    def mates(self) -> list[int]: ...
    @property
    def donors(self) -> list[int]: ...

@final
class MutationTally:
    """The numbers of children of one mutation.

    Attributes:
        tried: number of children with a new body.
        new: number of these with a new behaviour.
        kept: number of these that the population kept.
    """

    @property
    def tried(self) -> int: ...
    @property
    def new(self) -> int: ...
    @property
    def kept(self) -> int: ...

@final
class NativeCall:
    """The value of a call, or its failure.

    Attributes:
        value: the value; None for a failure.
        failure: the failure; None for a value.
        fuel: the fuel of the call.
        nanoseconds: the time of the call, in nanoseconds.
    """

    @property
    def value(self) -> Value: ...
    @property
    def failure(self) -> NativeFailure | None: ...
    @property
    def fuel(self) -> int: ...
    @property
    def nanoseconds(self) -> int: ...

@final
class NativeFailure:
    """A failed call.

    Attributes:
        kind: the kind of the failure, a value of `FailureKind`.
        node: the index of the node that failed.
        primitive: the name of the primitive that was called; empty for a computed function.
        detail: an explanation for people.
    """

    @property
    def kind(self) -> str: ...
    @property
    def node(self) -> int: ...
    @property
    def primitive(self) -> str: ...
    @property
    def detail(self) -> str: ...

@final
class NativeOutcome:
    """The result of a root on a case, with the attributes of `RootOutcome`."""

    @property
    def failure(self) -> NativeFailure | None: ...
    @property
    def digest(self) -> int: ...
    @property
    def score(self) -> int: ...
    @property
    def fuel(self) -> int: ...
    @property
    def nanoseconds(self) -> int: ...

@final
class PrimitiveCount:
    """The calls of one primitive.

    Attributes:
        name: the name of the primitive.
        calls: number of calls, inner calls of other primitives included.
        values: number of calls that returned a value; the others failed.
        fuel: fuel of the calls, without that of inner calls.
        runs: number of times that it was run; calls that several cases share are run once.
        own_nanoseconds: time of the runs, without inner calls.
        nanoseconds: time of the runs, with inner calls.
    """

    @property
    def name(self) -> str: ...
    @property
    def calls(self) -> int: ...
    @property
    def values(self) -> int: ...
    @property
    def fuel(self) -> int: ...
    @property
    def runs(self) -> int: ...
    @property
    def own_nanoseconds(self) -> int: ...
    @property
    def nanoseconds(self) -> int: ...

@final
class Outcomes:
    """The results of all roots of a graph on all cases of a job.

    Its methods raise IndexError if there is no such case or root.
    """

    @property
    def roots(self) -> int:
        """The number of roots of the graph."""

    @property
    def nanoseconds(self) -> list[int]:
        """The time of each case, in nanoseconds."""

    def __len__(self) -> int: ...
    def outcome(self, case: int, root: int) -> NativeOutcome:
        """Return the result of a root on a case."""

    def scores(self, case: int) -> list[int]:
        """Return the scores of all roots on a case."""

    def digests(self, case: int) -> list[int]:
        """Return the digests of all roots on a case, 0 for a failure."""

    def exhausted(self, case: int) -> list[int]:
        """List the roots that ran out of fuel or time on a case."""

    def fuel(self, case: int) -> list[int]:
        """Return the fuel of all roots on a case."""

    def times(self, case: int) -> list[int]:
        """Return the nanoseconds of all roots on a case."""

    def numbers(self, case: int) -> list[int | None]:
        """Return the leading number of each root's output on a case, see `leading_number`.

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
        """Return the kept value as height, width and one byte per cell; None if it is no picture.

        Raises LookupError if outputs were not kept or the root failed.
        """

SEARCH_FIRST_ROUND: Final[int]
"""Divisor of the evaluations of a search for its first round."""
SEARCH_SEEDS: Final[int]
"""The largest number of pictures that begin a round after the first, > 0."""
SEARCH_SEEDS_PER_BIT: Final[int]
"""The number of such pictures after which the next ones cost one bit more, > 0."""
SEARCH_SEED_COST: Final[int]
"""The cost of the first such pictures, in bits, > 0."""
SEARCH_SIDE_MAX: Final[int]
"""The largest side of a picture that search keeps, in cells."""

@final
class SearchProduction:
    """A primitive at ground types, as search uses it.

    Attributes:
        name: the name of the primitive.
        parameters: the numbers of the types of its arguments, 1 to 4 of them.
        result: the number of the type of its result.
        cost: the description length in bits, > 0.
        commutes: whether its two arguments may be swapped.
        barred: pairs (place, production) of an argument and a production that must not make it.
    """

    def __new__(
        cls,
        name: str,
        *,
        parameters: Sequence[int],
        result: int,
        cost: int,
        commutes: bool = False,
        barred: Sequence[tuple[int, int]] = ...,
    ) -> SearchProduction: ...
    @property
    def name(self) -> str: ...
    @property
    def parameters(self) -> list[int]: ...
    @property
    def result(self) -> int: ...
    @property
    def cost(self) -> int: ...
    @property
    def commutes(self) -> bool: ...
    @property
    def barred(self) -> list[tuple[int, int]]: ...

@final
class SearchGrammar:
    """All productions with their costs, the same for all tasks.

    Args:
        productions: the productions; solutions refer to them by index.
        caps: the largest cost of a state of each type, in bits.
        grid: the number of the type of grids.
        object: the number of the type of objects.
        indices: the number of the type of sets of locations.
        color: the number of the type of colours.

    Raises EngineError if a production does not fit its primitive, or a type is beyond the caps.
    """

    def __new__(
        cls,
        productions: Sequence[SearchProduction],
        *,
        caps: Sequence[int],
        grid: int,
        object: int,
        indices: int,
        color: int,
    ) -> SearchGrammar: ...
    def __len__(self) -> int: ...

@final
class SearchLimits:
    """The limits of the search for one task.

    Attributes:
        evaluations: number of calls of productions, each on all samples of the task, >= 0.
        seconds: wall-clock limit, in seconds, >= 0; None for no limit.
        bytes: memory of states, values and layers, in bytes, by their own count.
        node_fuel: fuel of one call on one sample.
        value_leaves: number of leaves of one value.
        layers: largest number of pictures that lie over each other.
        beam: number of partial covers that are extended at each layer.
        solutions: largest number of solutions; their outputs on the test inputs differ.
        slack: number of bits by which a solution may cost more than the cheapest.

    Raises EngineError if the seconds are negative.
    """

    def __new__(
        cls,
        *,
        evaluations: int,
        seconds: float | None = None,
        bytes: int,
        node_fuel: int,
        value_leaves: int,
        layers: int,
        beam: int,
        solutions: int,
        slack: int,
    ) -> SearchLimits: ...
    @property
    def evaluations(self) -> int: ...
    @property
    def seconds(self) -> float | None: ...
    @property
    def bytes(self) -> int: ...
    @property
    def node_fuel(self) -> int: ...
    @property
    def value_leaves(self) -> int: ...
    @property
    def layers(self) -> int: ...
    @property
    def beam(self) -> int: ...
    @property
    def solutions(self) -> int: ...
    @property
    def slack(self) -> int: ...

@final
class SearchTerminal:
    """A given expression of a search: an input, a constant, a primitive as a value.

    Args:
        type_id: the number of its type.
        cost: the description length in bits, > 0.
        values: its value on each sample, demos first, then test inputs.
        is_samples: whether it is `S`; leave-one-out leaves the demo out of its value.

    Raises EngineError if an object is no value of the language.
    """

    def __new__(
        cls, type_id: int, *, cost: int, values: Sequence[Value], is_samples: bool = False
    ) -> SearchTerminal: ...

@final
class SearchProblem:
    """The problem of a search: terminals, wanted grids and limits.

    Args:
        terminals: the terminals; solutions refer to them by index.
        wanted: the output grid of each demo.
        limits: the limits of the search.
        group: the number of the problems that it belongs to, those of one task.
        is_optional: whether it is left out once an earlier problem of its group is sure.
        sure_cost: description length in bits up to which a solution that misses no demo makes it
            sure; 0 for never.

    Raises EngineError if a terminal lacks a value, or a wanted grid is none.
    """

    def __new__(
        cls,
        terminals: Sequence[SearchTerminal],
        wanted: Sequence[Grid],
        limits: SearchLimits,
        *,
        group: int = 0,
        is_optional: bool = False,
        sure_cost: int = 0,
    ) -> SearchProblem: ...

@final
class SolutionStep:
    """One step of a solution, after the steps that are its arguments.

    Attributes:
        kind: ``terminal``, ``production``, or what lays a picture over another one: ``overlay``
            and ``underlay`` (the picture below, the one above), ``paint`` (the picture, the
            object), ``fill`` (the picture, the colour, the locations).
        number: the place of the terminal or of the production; 0 for other kinds.
        args: the indices of the steps that are its arguments.
    """

    @property
    def kind(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def args(self) -> list[int]: ...

@final
class Solution:
    """An expression whose values are the wanted grids on all demos."""

    @property
    def steps(self) -> list[SolutionStep]:
        """The steps; the last one is the result."""

    @property
    def cost(self) -> int:
        """The description length in bits."""

    @property
    def layers(self) -> int:
        """The number of pictures that lie over each other, 1 for a single state."""

    @property
    def derivations(self) -> int:
        """The number of expressions with the same outputs on all samples, itself included."""

    @property
    def outputs(self) -> list[Value]:
        """The outputs on the test inputs, under the transform of the search."""

    @property
    def missed(self) -> int:
        """The number of demos that it does not predict when `S` lacks them.

        0 where it does not read `S`, and where there is a single demo.
        """

@final
class SearchOutcome:
    """The result of the search for one task.

    Attributes:
        solutions: the solutions, the cheapest first.
        stop: why the search ended: ``found``, ``exhausted``, or the limit that was reached:
            ``evaluations``, ``time`` or ``bytes``.
        evaluations: number of calls of productions, each on all samples.
        states: number of different vectors of values that were kept.
        values: number of different values that were kept.
        layers: number of possible layers.
        level: the cost in bits up to which all expressions were tried.
        nearness: share of the wanted cells that the nearest picture has right, 0..1.
        bytes: memory of states, values and layers, in bytes, by their own count.
        nanoseconds: wall-clock time, in nanoseconds.
    """

    @property
    def solutions(self) -> list[Solution]: ...
    @property
    def stop(self) -> str: ...
    @property
    def evaluations(self) -> int: ...
    @property
    def states(self) -> int: ...
    @property
    def values(self) -> int: ...
    @property
    def layers(self) -> int: ...
    @property
    def level(self) -> int: ...
    @property
    def nearness(self) -> float: ...
    @property
    def bytes(self) -> int: ...
    @property
    def nanoseconds(self) -> int: ...

def search(
    grammar: SearchGrammar, problems: Sequence[SearchProblem], *, threads: int = 1
) -> list[SearchOutcome | None]:
    """Search for expressions that give the wanted grids on all demos; None for what is left out.

    The problems are begun in their order. The results do not depend on the number of threads.

    Raises EngineError if a terminal names an unknown type or costs nothing, and KeyboardInterrupt
    soon after Ctrl-C.
    """

def primitives() -> list[tuple[str, list[str]]]:
    """List the primitives that have a kernel: their names and the names of their parameters."""

def count_calls(on: bool) -> None:
    """Turn counting on or off, for all evaluations of this process."""

def take_counts() -> EngineCounts:
    """Return the counts since the last call, and start again from zero."""

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
    total_leaves: int,
    sample_seconds: float | None,
    threads: int = 1,
    keep_outputs: bool = False,
    kept_bytes: int = ...,
) -> list[Outcomes]:
    """Evaluate graphs on their cases; see `arcbatt.engine.Engine.evaluate`.

    Outputs beyond `kept_bytes` bytes are not kept.

    Raises TaskError if a grid of a case is not rectangular or has cells that are no numbers in
    0..255, and KeyboardInterrupt soon after Ctrl-C.
    """

def induce(
    problems: Sequence[InductionProblem],
    *,
    node_fuel: int,
    value_leaves: int,
    threads: int = 1,
) -> list[list[LearntRule]]:
    """Learn rules for each problem, the likeliest first.

    Args:
        problems: what to learn.
        node_fuel: the fuel that one call may use.
        value_leaves: the leaves that one value may have.
        threads: the number of problems that are worked on at once; the rules do not depend on it.

    Raises TaskError as `evaluate` does, and KeyboardInterrupt soon after Ctrl-C.
    """

def trace(
    graph: Graph,
    case: Case,
    *,
    node_fuel: int,
    value_leaves: int,
    total_leaves: int,
    sample_seconds: float | None,
) -> list[NativeCall]:
    """Evaluate every node on one case.

    Raises the same errors as `evaluate`.
    """

def call(name: str, args: tuple[Value, ...], *, node_fuel: int, value_leaves: int) -> NativeCall:
    """Call one primitive.

    Raises EngineError if no primitive has this name.
    """
