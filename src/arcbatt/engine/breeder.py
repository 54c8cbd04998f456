"""Evolution in Rust: the arguments and results of the extension's breeder.

Programs cross the border in compact form, see `arcbatt.program.render`. The extension reads the
records of this module by the names of their attributes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from arcbatt.dsl.types import Type, Value
from arcbatt.engine.native import HOW_TO_GET_IT, native_available
from arcbatt.engine.outcome import EXACT, LEAF_BYTES, Budget, Case
from arcbatt.engine.processes import memory_share
from arcbatt.errors import EngineError

if TYPE_CHECKING:
    from arcbatt import _engine

GRID = Type("Grid")


@dataclass(frozen=True)
class TypedPrimitive:
    """A primitive with its types, for the type checker of evolution.

    Attributes:
        name: the name of the primitive.
        parameters: the names of its parameters.
        signature: its type, ``Callable`` of the parameters' types and the result's.
        overloads: narrower types, which are tried before the signature.
    """

    name: str
    parameters: tuple[str, ...]
    signature: Type
    overloads: tuple[Type, ...]


@dataclass(frozen=True)
class Meaning:
    """Constants that may replace each other, such as colours or directions.

    Attributes:
        name: name of the meaning.
        kind: type of the parameters that take such a constant.
        parameter: name of these parameters; None for any name.
        constants: numbers and pairs of numbers with this meaning.
    """

    name: str
    kind: Type
    parameter: str | None
    constants: tuple[Value, ...]


@dataclass(frozen=True)
class Vocabulary:
    """The parts of the language that mutation uses.

    Attributes:
        primitives: all primitives; those without a kernel are left out.
        definitions: the types by their names in signatures.
        short: the short names of types, by their definitions.
        inputs: the types of S, I and C.
        meanings: the meanings of constants; the first one that fits counts.
        derived: compact forms of programs that derive a constant from the samples.
        features: compact forms of programs that return a number or a truth value of the grid at
            hand.
    """

    primitives: tuple[TypedPrimitive, ...]
    definitions: Mapping[str, Type]
    short: tuple[str, ...]
    inputs: tuple[Type, ...]
    meanings: tuple[Meaning, ...]
    derived: tuple[str, ...]
    features: tuple[str, ...]


@dataclass(frozen=True)
class Island:
    """The task and the programs of one island for a round.

    Attributes:
        demos: one case per demo, with the wanted grid.
        tests: one case per test input.
        probes: one leave-one-out case per demo, whose S lacks the demo; empty for a single demo.
        dealt: compact forms of the programs that the island begins with.
        without: indices of the donors that this island may not use.
        seeds: numbers that seed the random numbers, each 0 or more.
    """

    demos: Sequence[Case]
    tests: Sequence[Case]
    probes: Sequence[Case]
    dealt: Sequence[str]
    without: Sequence[int]
    seeds: Sequence[int]


@dataclass(frozen=True)
class Breeding:
    """The settings of a round, the same for all islands.

    Attributes:
        mutants: mutants with a new body that each island tries, 0 or more.
        generation: number of children between two selections, > 0.
        population: number of programs that an island keeps, > 0.
        selection: selection of parents: ``lexicase``, ``tournament`` or ``best``.
        fresh: probability that a parent is a donor instead of a program of the island, 0..1.
        further: probability of each further mutation of the same child, 0..0.9.
        size_max: largest number of nodes of a program.
        budget: fuel and leaves of one call; its time limit is ignored.
        memory_max: number of cached entries and leaves at which an island empties its cache.
        shares: whether equal calls are made once.
        goal: the type that programs return.
        inputs: the inputs that programs may read, letters of S, I and C.
    """

    mutants: int
    generation: int
    population: int
    selection: str
    fresh: float = 0.25
    further: float = 0.3
    size_max: int = 60
    budget: Budget = field(default_factory=Budget)
    memory_max: int = 20_000_000
    shares: bool = True
    goal: Type = GRID
    inputs: str = "SI"


@dataclass(frozen=True, slots=True)
class Bred:
    """A program that an island has at the end of a round.

    Attributes:
        line: compact form of the program.
        scores: the scores on the demos, 0..1000 each.
        size: the number of its nodes.
        fuel: the fuel on all demos and test inputs.
        origins: indices of its ancestors, at most two, among the first programs of the island
            followed by the donors.
        is_new: whether it was made in this round.
        behaviour: the digest of its outputs on the demos and the test inputs.
        bodies: the number of bodies with this behaviour in this round, itself included.
    """

    line: str
    scores: tuple[int, ...]
    size: int
    fuel: int
    origins: tuple[int, ...]
    is_new: bool
    behaviour: int
    bodies: int

    @property
    def is_exact(self) -> bool:
        """Whether all demos are right."""
        return all(score == EXACT for score in self.scores)

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """The key of an ascending sort, the best first."""
        return (-sum(self.scores), self.size, self.fuel, self.line)


@dataclass(frozen=True, slots=True)
class Tally:
    """The numbers of children of one mutation: with a new body, with a new behaviour, and kept."""

    tried: int = 0
    new: int = 0
    kept: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.tried + other.tried, self.new + other.new, self.kept + other.kept)


@dataclass(frozen=True)
class Findings:
    """The result of a round on one island: programs, the best first; tallies and counts by name."""

    members: tuple[Bred, ...]
    tallies: dict[str, Tally]
    counts: dict[str, int]


class Breeder:
    """Makes and evaluates programs in Rust.

    Args:
        vocabulary: the language.

    Raises EngineError if the native engine is not there.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        if not native_available():
            raise EngineError(
                engine="native", problem=f"is not there, and evolution needs it: {HOW_TO_GET_IT}"
            )
        from arcbatt import _engine

        self._breeder = _engine.Breeder(vocabulary)
        self.mutations = tuple(_engine.Breeder.mutations())

    def infer(self, line: str) -> str | None:
        """Return the type of a program; None if it is not well typed.

        Raises EngineError if the text is no program, or calls a primitive without a kernel.
        """
        return self._breeder.infer(line)

    def mutate(
        self,
        parents: Sequence[str],
        donors: Sequence[str],
        *,
        goal: Type,
        inputs: str,
        weights: Mapping[str, float],
        count: int,
        seed: int,
        further: float = 0.0,
    ) -> list[_engine.MutationChild]:
        """Make children without evaluating them."""
        return self._breeder.mutate(
            list(parents),
            list(donors),
            goal=goal,
            inputs=inputs,
            weights=dict(weights),
            count=count,
            seed=seed,
            further=further,
        )

    def breed(
        self,
        islands: Sequence[Island],
        *,
        donors: Sequence[str],
        differs: Sequence[str],
        weights: Mapping[str, float],
        breeding: Breeding,
        threads: int,
    ) -> list[Findings]:
        """Do a round on every island; the result does not depend on the number of threads.

        The caches get no more than their share of the memory, which only costs time.

        Raises EngineError if a text is no program, KeyboardInterrupt soon after Ctrl-C.
        """
        memory_max = min(breeding.memory_max, memory_share(threads) // LEAF_BYTES)
        found = self._breeder.breed(
            list(islands),
            donors=list(donors),
            differs=list(differs),
            weights=dict(weights),
            breeding=replace(breeding, memory_max=memory_max),
            threads=threads,
        )
        return [
            Findings(
                members=tuple(map(_bred, one.members)),
                tallies={
                    name: Tally(tried=tally.tried, new=tally.new, kept=tally.kept)
                    for name, tally in one.tallies.items()
                },
                counts=one.counts,
            )
            for one in found
        ]


def _bred(member: _engine.Member) -> Bred:
    return Bred(
        line=member.line,
        scores=tuple(member.scores),
        size=member.size,
        fuel=member.fuel,
        origins=tuple(member.origins),
        is_new=member.is_new,
        behaviour=member.behaviour,
        bodies=member.bodies,
    )
