"""Mutations: their table, their weights, and the vocabulary that they use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import DEFINITIONS, Type
from arcbatt.engine.breeder import GRID, Breeder, Meaning, Tally, TypedPrimitive, Vocabulary
from arcbatt.program.check import INPUT_TYPES, function_type
from arcbatt.program.graph import Program
from arcbatt.program.parse import parse_program
from arcbatt.program.render import from_compact, to_compact

NUMBER = Type("Integer")
"""The type of the results of differs."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One kind of mutation.

    Attributes:
        name: the name, one word.
        weight: the first weight, > 0; mutations are drawn in proportion to their weights.
        does: the description, a sentence without its subject.
    """

    name: str
    weight: float
    does: str


MUTATIONS: tuple[Mutation, ...] = (
    Mutation("constant", 12, "replaces a constant by another one of the same meaning"),
    Mutation("samples", 6, "replaces a constant by an expression over the samples, or the reverse"),
    Mutation("primitive", 12, "replaces a primitive by another one of a compatible type"),
    Mutation("argument", 12, "replaces an argument by another node of a compatible type"),
    Mutation("insert", 10, "inserts a call between a node and its use"),
    Mutation("remove", 8, "replaces a call by one of its arguments"),
    Mutation("wrap", 6, "puts a call around the result"),
    Mutation("grow", 10, "replaces an argument by a new random expression"),
    Mutation("subgraph", 12, "replaces a node by a part of another program of a fitting type"),
    Mutation("branch", 6, "joins two programs by a predicate for the demos on which one is right"),
    Mutation("chain", 4, "gives the output of one program to another one as its input"),
    Mutation("function", 4, "turns two similar parts into calls of one function, and changes it"),
)
"""All mutations, with their first weights."""

FACTOR_MAX = 4.0
"""A mutation's weight stays between its first weight divided and multiplied by this."""
PRIOR = 400
"""Number of children with the average success that are added to those of each mutation."""
MEMORY = 0.8
"""Factor by which the tallies of earlier rounds shrink in each round."""


def first_weights() -> dict[str, float]:
    """Return the weights of all mutations in the first round."""
    return {mutation.name: mutation.weight for mutation in MUTATIONS}


def adapt_weights(tallies: Mapping[str, Tally]) -> dict[str, float]:
    """Return the weights of all mutations in the next round.

    The weight of a mutation grows with the share of its children that were kept, compared with
    the average, within bounds.

    Args:
        tallies: the tally of each mutation, by name; earlier rounds count less.
    """
    tried = sum(tally.tried for tally in tallies.values())
    kept = sum(tally.kept for tally in tallies.values())
    average = (kept + 1) / (tried + PRIOR)
    weights = {}
    for mutation in MUTATIONS:
        tally = tallies.get(mutation.name, Tally())
        share = (tally.kept + average * PRIOR) / (tally.tried + PRIOR)
        factor = min(FACTOR_MAX, max(1 / FACTOR_MAX, share / average))
        weights[mutation.name] = mutation.weight * factor
    return weights


def add_tallies(before: Mapping[str, Tally], now: Mapping[str, Tally]) -> dict[str, Tally]:
    """Return the tallies of all rounds; earlier ones count less."""
    faded = {
        name: Tally(*(int(MEMORY * count) for count in (tally.tried, tally.new, tally.kept)))
        for name, tally in before.items()
    }
    return {
        mutation.name: faded.get(mutation.name, Tally()) + now.get(mutation.name, Tally())
        for mutation in MUTATIONS
    }


COLORS = tuple(range(10))
RANKS = (-3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7)
NUMBERS = (-3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
DIRECTIONS = ((1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, -1), (-1, 1), (1, -1))
PAIRS = (*DIRECTIONS, (0, 0), (0, 2), (2, 0), (2, 2), (3, 3), (1, 2), (2, 1), (0, 3), (3, 0))

MEANINGS: tuple[Meaning, ...] = (
    Meaning("rank", Type("Integer"), "k", RANKS),
    Meaning("truth", Type("Boolean"), None, (False, True)),
    Meaning("colour", Type("Color"), None, COLORS),
    Meaning("direction", Type("IntegerTuple"), "direction", DIRECTIONS),
    Meaning("direction", Type("IntegerTuple"), "directions", PAIRS),
    Meaning("place", Type("IntegerTuple"), None, PAIRS),
    Meaning("number", Type("Integer"), None, NUMBERS),
)
"""The meanings of constants, by type and name of the parameter; the first fitting one is used."""

DERIVED: tuple[str, ...] = (
    "first(new_colors(S))",
    "last(new_colors(S))",
    "first(lost_colors(S))",
    "last(lost_colors(S))",
    "first(kept_colors(S))",
    "last(kept_colors(S))",
    "second(kept_colors(S))",
    "mostcolor(I)",
    "leastcolor(I)",
    "color_rank(I, 1)",
    "mostcolor(first(outputs(S)))",
    "mostcolor(first(inputs(S)))",
    "output_shape(S)",
    "shape(I)",
    "size(inputs(S))",
)
"""Expressions that derive a colour, a number or a pair from the samples or the grid at hand."""

FEATURES: tuple[str, ...] = (
    "height(I)",
    "width(I)",
    "subtract(height(I), width(I))",
    "multiply(height(I), width(I))",
    "numcolors(I)",
    "mostcolor(I)",
    "leastcolor(I)",
    "color_rank(I, 1)",
    "colorcount(I, mostcolor(I))",
    "colorcount(I, leastcolor(I))",
    "size(objects(I, True, False, True))",
    "size(objects(I, True, True, True))",
    "size(objects(I, False, False, True))",
    "size(objects(I, False, True, True))",
    "size(frontiers(I))",
    "size(first(order(fgpartition(I), size)))",
    "equality(I, vmirror(I))",
    "equality(I, hmirror(I))",
    "equality(I, dmirror(I))",
    "equality(tophalf(I), bottomhalf(I))",
    "equality(lefthalf(I), righthalf(I))",
    "square(I)",
    "portrait(I)",
    "even(height(I))",
    "even(width(I))",
    "index(I, ORIGIN)",
    "uppermost(ofcolor(I, leastcolor(I)))",
    "leftmost(ofcolor(I, leastcolor(I)))",
)
"""Expressions for numbers and truth values of the grid at hand, for learning predicates."""

SHORT = ("IntegerTuple", "Grid", "Object", "Objects", "Indices")
"""Named types that the type checker replaces by their definitions."""


def _compact(expression: str) -> str:
    return to_compact(parse_program(f"def solve(S, I, C): return {expression}").program)


def make_vocabulary() -> Vocabulary:
    """Build the breeder's vocabulary from the primitives that are registered now."""
    return Vocabulary(
        primitives=tuple(
            TypedPrimitive(
                primitive.name,
                tuple(parameter.name for parameter in primitive.parameters),
                function_type(primitive),
                tuple(
                    Type("Callable", (*narrower.parameters, narrower.result))
                    for narrower in primitive.overloads
                ),
            )
            for primitive in REGISTRY.values()
        ),
        definitions=DEFINITIONS,
        short=SHORT,
        inputs=tuple(INPUT_TYPES[name] for name in ("S", "I", "C")),
        meanings=MEANINGS,
        derived=tuple(map(_compact, DERIVED)),
        features=tuple(map(_compact, FEATURES)),
    )


@cache
def open_breeder() -> Breeder:
    """Return the breeder for the primitives that are registered now.

    Raises EngineError if the native engine is not there.
    """
    return Breeder(make_vocabulary())


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mutated program.

    Attributes:
        program: the program; it is well typed.
        mutation: the name of the first mutation that made it.
        parent: the index of its parent, from 0.
    """

    program: Program
    mutation: str
    parent: int


def mutate(
    parents: Sequence[Program],
    *,
    count: int,
    seed: int,
    donors: Sequence[Program] = (),
    goal: Type = GRID,
    inputs: str = "SI",
    weights: Mapping[str, float] | None = None,
) -> list[Mutant]:
    """Mutate programs without running them: solvers, differs, or any other kind.

    All children have different bodies, and none has that of a parent. Parents that are not well
    typed have no children.

    Args:
        parents: the programs that are changed.
        count: largest number of children, 1 or more; there may be fewer where few mutations
            apply.
        seed: seed of the random numbers, 0 or more.
        donors: programs whose parts are used.
        goal: the type that children return.
        inputs: the inputs that children may read: letters of ``S``, ``I`` and ``C``.
        weights: the weights of the mutations by name, each 0 or more; None for those of
            `MUTATIONS`.

    Raises EngineError if the native engine is not there, or a program calls a primitive without a
    kernel.
    """
    children = open_breeder().mutate(
        list(map(to_compact, parents)),
        list(map(to_compact, donors)),
        goal=goal,
        inputs=inputs,
        weights=first_weights() if weights is None else weights,
        count=count,
        seed=seed,
    )
    return [Mutant(from_compact(each.line), each.mutation, each.parent) for each in children]
