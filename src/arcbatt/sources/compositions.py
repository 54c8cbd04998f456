"""The source ``compositions``: all chains of up to two primitives from a grid to a grid."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, ClassVar, Self

from arcbatt.candidates import MergedPrograms
from arcbatt.contract import NoOptions
from arcbatt.sources.library import CommonSource

if TYPE_CHECKING:
    from arcbatt.context import Context
    from arcbatt.dsl.registry import Primitive
    from arcbatt.program.graph import Program

LENGTH_MAX = 2
"""Largest number of primitives in a chain."""


class CompositionsSource(CommonSource):
    """Proposes the same chains for every task: a baseline for search, without Rust too."""

    name: ClassVar[str] = "compositions"
    summary: ClassVar[str] = "all chains of up to two primitives from a grid to a grid, a baseline"

    @classmethod
    def open(cls, options: NoOptions, context: Context) -> Self:
        """Make the chains from the registry of primitives."""
        from arcbatt.program.merge import merge

        names = grid_primitives()
        chains = [
            chain for length in range(1, LENGTH_MAX + 1) for chain in product(names, repeat=length)
        ]
        batt = merge(("_".join(chain), chain_of(chain)) for chain in chains)
        return cls(MergedPrograms.of(batt))


def grid_primitives() -> list[str]:
    """Return the names of the primitives that take one grid and return one for it, in order."""
    from arcbatt.dsl import REGISTRY

    def types(primitive: Primitive) -> list[str]:
        return [*(str(each.type) for each in primitive.parameters), str(primitive.result)]

    # A piece is a grid or a patch, and what is done to it is of the same kind.
    return [
        name
        for name, primitive in REGISTRY.items()
        if types(primitive) in (["Grid", "Grid"], ["Piece", "Piece"])
    ]


def chain_of(names: tuple[str, ...]) -> Program:
    """Return the program that calls primitives one after the other, the first one on ``I``."""
    from arcbatt.program.graph import GraphBuilder

    builder = GraphBuilder()
    node = builder.input("I")
    for name in names:
        node = builder.call(name, node)
    return builder.program(node)
