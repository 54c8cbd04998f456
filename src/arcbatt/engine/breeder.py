"""The face of the extension's breeder: new programs from known ones, made and evaluated in Rust.

Programs go to and fro as lines, see `arcbatt.evolve.lines`; types as nested tuples of a name and
arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arcbatt.dsl.types import Type, Value
from arcbatt.engine.budget import Budget
from arcbatt.engine.native import HOW_TO_GET_IT, native_available
from arcbatt.engine.outcome import EXACT, Case
from arcbatt.errors import EngineError

if TYPE_CHECKING:
    from arcbatt import _engine

RawType = tuple[str, tuple["RawType", ...]]
GRID = Type("Grid")


@dataclass(frozen=True)
class Meaning:
    """Constants that mean the same kind of thing.

    Attributes:
        name: a word for people.
        kind: the type of a parameter that wants one.
        parameter: the name of such a parameter; None for any.
        constants: all that may stand there.
    """

    name: str
    kind: Type
    parameter: str | None
    constants: tuple[Value, ...]


@dataclass(frozen=True)
class Vocabulary:
    """What the breeder is told of the language.

    Attributes:
        primitives: name, names of the parameters, signature as a function type, narrower ones.
        definitions: the named types.
        short: names of those that replace what they stand for.
        inputs: the types of S, I and C.
        meanings: of constants; the first that fits counts.
        derived: lines of programs that derive a constant from the samples.
        features: lines of programs that return a number or a truth value of the grid at hand.
        functions: names of the parameters, signature, and the line of the body, of which the
            parameters are inputs.
    """

    primitives: tuple[tuple[str, tuple[str, ...], Type, tuple[Type, ...]], ...]
    definitions: Mapping[str, Type]
    short: tuple[str, ...]
    inputs: tuple[Type, ...]
    meanings: tuple[Meaning, ...]
    derived: tuple[str, ...]
    features: tuple[str, ...]
    functions: tuple[tuple[tuple[str, ...], Type, str], ...] = ()


@dataclass(frozen=True)
class Island:
    """What one island works on in a round.

    Attributes:
        demos: with what is wanted.
        tests: the test inputs.
        probes: for each demo one whose S lacks it; none for a single demo.
        dealt: lines of the programs that it begins with.
        without: places of donors that it does not take from.
        seeds: what its random numbers depend on, each 0 or more.
    """

    demos: Sequence[Case]
    tests: Sequence[Case]
    probes: Sequence[Case]
    dealt: Sequence[str]
    without: Sequence[int]
    seeds: Sequence[int]


@dataclass(frozen=True)
class Breeding:
    """How a round is done.

    Attributes:
        mutants: bodies that each island tries.
        generation: children between two selections.
        population: programs that an island keeps.
        selection: ``lexicase``, ``tournament``, ``best``, or ``dealt``: children never become
            parents.
        fresh: share of the moves that are made on a donor instead of a program of the island.
        further: probability of each further move on the same child, 0..0.9.
        size_max: nodes that a program may have.
        budget: bounds of one call; time is none of them.
        memory_max: entries and leaves that an island remembers before it forgets them.
        shares: whether equal calls are made once.
        goal: the type that programs return.
        inputs: what they may read, letters of S, I and C.
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
        line: the program.
        scores: on the demos, 0..1000 each.
        size: in nodes.
        fuel: on all demos and tests.
        origins: places of the programs that it stems from: those that were dealt, then donors.
        is_new: whether it was made in this round.
        behaviour: digest of its outputs on the demos and the test inputs.
        bodies: that were seen in this round and do on all samples what it does, it included.
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
        """Key of an ascending sort, the best first."""
        return (-sum(self.scores), self.size, self.fuel, self.line)


@dataclass(frozen=True, slots=True)
class Child:
    """A program that was made and not evaluated.

    Attributes:
        line: the program.
        move: the name of the first move that made it.
        parent: place of the program that it stems from.
        mates: places of other parents that took part.
        donors: places of the donors that gave a part.
    """

    line: str
    move: str
    parent: int
    mates: tuple[int, ...]
    donors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a move was tried, gave a new behaviour, and gave a program that was kept."""

    tried: int = 0
    new: int = 0
    kept: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.tried + other.tried, self.new + other.new, self.kept + other.kept)


@dataclass(frozen=True)
class Findings:
    """What a round of one island found: programs, the best first, tallies and counts by name."""

    members: tuple[Bred, ...]
    tallies: dict[str, Tally]
    counts: dict[str, int]


def raw_type(kind: Type) -> RawType:
    """Return a type as nested tuples."""
    return kind.name, tuple(map(raw_type, kind.args))


class Breeder:
    """Makes and evaluates programs in Rust.

    Args:
        vocabulary: what it is told of the language.

    Raises EngineError if the native engine is not there.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        if not native_available():
            raise EngineError(
                engine="native", problem=f"is not there, and evolution needs it: {HOW_TO_GET_IT}"
            )
        from arcbatt import _engine

        self._breeder: _engine.Breeder = _engine.Breeder(
            primitives=[
                (name, list(parameters), raw_type(kind), list(map(raw_type, narrower)))
                for name, parameters, kind, narrower in vocabulary.primitives
            ],
            definitions=[(name, raw_type(kind)) for name, kind in vocabulary.definitions.items()],
            short=list(vocabulary.short),
            inputs=list(map(raw_type, vocabulary.inputs)),
            meanings=[
                (raw_type(meaning.kind), meaning.parameter, list(meaning.constants))
                for meaning in vocabulary.meanings
            ],
            derived=list(vocabulary.derived),
            features=list(vocabulary.features),
            functions=[
                (list(parameters), raw_type(kind), line)
                for parameters, kind, line in vocabulary.functions
            ],
        )
        self.moves = tuple(_engine.Breeder.moves())

    def infer(self, line: str) -> str | None:
        """Return the type of a program; None if it is not well typed.

        Raises EngineError if the line is no program, or calls a primitive without a kernel.
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
    ) -> list[Child]:
        """Make children without evaluating them."""
        made = self._breeder.mutate(
            list(parents),
            list(donors),
            goal=raw_type(goal),
            inputs=inputs,
            weights=list(weights.items()),
            count=count,
            seed=seed,
            further=further,
        )
        return [
            Child(line, move, parent, tuple(mates), tuple(others))
            for line, move, parent, mates, others in made
        ]

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
        """Do a round on every island; what it finds does not depend on the threads.

        Raises EngineError if a line is no program, KeyboardInterrupt soon after Ctrl-C.
        """
        found = self._breeder.breed(
            [
                (
                    each.demos,
                    each.tests,
                    each.probes,
                    list(each.dealt),
                    list(each.without),
                    list(each.seeds),
                )
                for each in islands
            ],
            list(donors),
            list(differs),
            goal=raw_type(breeding.goal),
            inputs=breeding.inputs,
            weights=list(weights.items()),
            mutants=breeding.mutants,
            generation=breeding.generation,
            population=breeding.population,
            selection=breeding.selection,
            fresh=breeding.fresh,
            further=breeding.further,
            size_max=breeding.size_max,
            node_fuel=breeding.budget.node_fuel,
            value_leaves=breeding.budget.value_leaves,
            memory_max=breeding.memory_max,
            shares=breeding.shares,
            threads=threads,
        )
        return [
            Findings(
                tuple(
                    Bred(line, tuple(scores), size, fuel, tuple(origins), is_new, *rest)
                    for line, scores, size, fuel, origins, is_new, *rest in members
                ),
                {name: Tally(*tally) for name, tally in zip(self.moves, tallies, strict=True)},
                dict(counts),
            )
            for members, tallies, counts in found
        ]
