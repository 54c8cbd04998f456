"""Terminals: the given expressions of a search: inputs, constants, primitives as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arcbatt.dsl import CONSTANTS, REGISTRY
from arcbatt.dsl.types import Grid, Type, Value, parse_type
from arcbatt.dsl.values import Function
from arcbatt.program.graph import GraphBuilder
from arcbatt.search.monomorphise import expand

DIRECTIONS = ("DOWN", "RIGHT", "UP", "LEFT", "UNITY", "NEG_UNITY", "UP_RIGHT", "DOWN_LEFT")


@dataclass(frozen=True, slots=True)
class Terminal:
    """A given expression of a search.

    Attributes:
        kind: ``input``, ``constant`` or ``function``.
        name: the name of the input or the primitive; empty for a constant.
        type: the ground type.
        cost: description length in bits, 1 or more.
        value: the value of a constant or a function; None for an input.
    """

    kind: str
    name: str
    type: Type
    cost: int
    value: Value = None

    def add_to(self, builder: GraphBuilder) -> int:
        """Add the terminal to a graph and return the index of its node."""
        match self.kind:
            case "input":
                return builder.input(self.name)
            case "function":
                return builder.function(self.name)
        return builder.constant(self.value)


def _type(text: str) -> Type:
    return expand(parse_type(text))


def function_terminal(name: str, kind: Type, cost: int) -> Terminal:
    """Make the terminal of a primitive as a value of a ground type."""
    return Terminal("function", name, kind, cost, Function(name, arity=REGISTRY[name].arity))


def constant_terminals(demos: Sequence[tuple[Grid, Grid]]) -> list[Terminal]:
    """List the colours that occur in some demos, and the constants that every task has."""
    colors = sorted({cell for grids in demos for grid in grids for row in grid for cell in row})
    of_color, of_integer = _type("Color"), _type("Integer")
    of_pair, of_boolean = _type("IntegerTuple"), _type("Boolean")
    terminals = [Terminal("constant", "", of_boolean, 1, value) for value in (True, False)]
    cost = 3 if len(colors) <= 5 else 4
    terminals += [Terminal("constant", "", of_color, cost, color) for color in colors]
    for value, bits in ((0, 4), (1, 3), (2, 3), (3, 3), (4, 5), (-1, 4), (5, 6)):
        terminals.append(Terminal("constant", "", of_integer, bits, value))
    terminals += [Terminal("constant", "", of_pair, 4, CONSTANTS[name]) for name in DIRECTIONS]
    for pair, bits in (((0, 0), 5), ((2, 2), 6), ((3, 3), 6), ((1, 3), 8), ((3, 1), 8)):
        terminals.append(Terminal("constant", "", of_pair, bits, pair))
    return terminals


def input_terminals() -> list[Terminal]:
    """List the terminals of the inputs ``I`` and ``S``."""
    return [
        Terminal("input", "I", _type("Grid"), 1),
        Terminal("input", "S", _type("Samples"), 1),
    ]
