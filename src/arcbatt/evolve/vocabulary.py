"""What the breeder is told of the language: the registry, meanings of constants, terms.

Everything here is a table; nothing lists primitives a second time.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import DEFINITIONS, Type
from arcbatt.engine.breeder import Breeder, Meaning, Vocabulary
from arcbatt.evolve.lines import to_line
from arcbatt.program.check import INPUT_TYPES, function_type
from arcbatt.program.definitions import Definition
from arcbatt.program.parse import parse_program
from arcbatt.search.functions import NONE, load_functions

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
"""What constants mean, by the type and the name of the parameter; the first that fits counts."""

DERIVED: tuple[str, ...] = (
    "first(new_colors(S))",
    "last(new_colors(S))",
    "first(lost_colors(S))",
    "last(lost_colors(S))",
    "first(kept_colors(S))",
    "last(kept_colors(S))",
    "nth(kept_colors(S), 1)",
    "mostcolor(I)",
    "leastcolor(I)",
    "color_rank(I, 1)",
    "mostcolor(first(outputs(S)))",
    "mostcolor(first(inputs(S)))",
    "output_shape(S)",
    "shape(I)",
    "size(inputs(S))",
)
"""Terms that derive a colour, a number or a pair from the samples or the grid at hand."""

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
"""What predicates are learnt from: numbers and truth values of the grid at hand."""

SHORT = ("IntegerTuple", "Grid", "Object", "Objects", "Indices")
"""Names that the type checker uses for what they stand for."""


def _line(expression: str) -> str:
    return to_line(parse_program(f"def solve(S, I, C): return {expression}").program)


def make_vocabulary(functions: Iterable[Definition] = ()) -> Vocabulary:
    """Gather what the breeder is told, from the registry as it is now.

    Args:
        functions: of the library; moves put their bodies in as one call.
    """
    return Vocabulary(
        primitives=tuple(
            (
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
        derived=tuple(map(_line, DERIVED)),
        features=tuple(map(_line, FEATURES)),
        functions=tuple(
            (
                tuple(name for name, _ in one.parameters),
                Type("Callable", (*(kind for _, kind in one.parameters), one.result)),
                to_line(one.body),
            )
            for one in functions
        ),
    )


@cache
def open_breeder(functions: str = NONE) -> Breeder:
    """Return the breeder for the language as it is, with functions; see `load_functions`.

    Raises EngineError if the native engine is not there, ParseError if a file of functions can't
    be read.
    """
    return Breeder(make_vocabulary(load_functions(functions)))
