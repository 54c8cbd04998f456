"""Leaves: the expressions that are given to a search, and their values on a task's samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arcbatt.dsl import CONSTANTS, REGISTRY
from arcbatt.dsl.types import Grid, Type, Value, parse_type
from arcbatt.dsl.values import Function
from arcbatt.program.graph import GraphBuilder
from arcbatt.search.ground import expand

DIRECTIONS = ("DOWN", "RIGHT", "UP", "LEFT", "UNITY", "NEG_UNITY", "UP_RIGHT", "DOWN_LEFT")


@dataclass(frozen=True, slots=True)
class Leaf:
    """An expression that is given.

    Attributes:
        kind: ``input``, ``constant`` or ``function``.
        name: of the input or the primitive; empty for a constant.
        type: its ground type.
        cost: bits of description.
        value: of a constant or a function; None for an input.
    """

    kind: str
    name: str
    type: Type
    cost: int
    value: Value = None

    def add_to(self, builder: GraphBuilder) -> int:
        """Add the leaf to a graph and return its index."""
        match self.kind:
            case "input":
                return builder.input(self.name)
            case "function":
                return builder.function(self.name)
        return builder.constant(self.value)


def _type(text: str) -> Type:
    return expand(parse_type(text))


def function_leaf(name: str, kind: Type, cost: int) -> Leaf:
    """Make the leaf of a primitive as a value of a ground type."""
    return Leaf("function", name, kind, cost, Function(name, arity=REGISTRY[name].arity))


def constant_leaves(demos: Sequence[tuple[Grid, Grid]]) -> list[Leaf]:
    """List the constants that some demos show, and small ones that all tasks have."""
    colors = sorted({cell for grids in demos for grid in grids for row in grid for cell in row})
    of_color, of_integer = _type("Color"), _type("Integer")
    of_pair, of_boolean = _type("IntegerTuple"), _type("Boolean")
    leaves = [Leaf("constant", "", of_boolean, 1, value) for value in (True, False)]
    cost = 3 if len(colors) <= 5 else 4
    leaves += [Leaf("constant", "", of_color, cost, color) for color in colors]
    for value, bits in ((0, 4), (1, 3), (2, 3), (3, 3), (4, 5), (-1, 4), (5, 6)):
        leaves.append(Leaf("constant", "", of_integer, bits, value))
    leaves += [Leaf("constant", "", of_pair, 4, CONSTANTS[name]) for name in DIRECTIONS]
    for pair, bits in (((0, 0), 5), ((2, 2), 6), ((3, 3), 6), ((1, 3), 8), ((3, 1), 8)):
        leaves.append(Leaf("constant", "", of_pair, bits, pair))
    return leaves


def input_leaves() -> list[Leaf]:
    """List the inputs: the grid at hand and the demos."""
    return [
        Leaf("input", "I", _type("Grid"), 1),
        Leaf("input", "S", _type("Samples"), 1),
    ]
