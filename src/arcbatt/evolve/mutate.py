"""Mutants of programs, well typed and not evaluated: solvers, differs, or any other kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from arcbatt.dsl.types import Type
from arcbatt.evolve.lines import from_line, to_line
from arcbatt.evolve.moves import first_weights
from arcbatt.evolve.vocabulary import open_breeder
from arcbatt.program.graph import Program

GRID, NUMBER = Type("Grid"), Type("Integer")
"""What solvers and what differs return."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A child.

    Attributes:
        program: its graph; the type checker finds nothing wrong with it.
        move: the name of the move that made it.
        parent: place of the program that it stems from.
    """

    program: Program
    move: str
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
    """Make children of programs, each body once, none of them a parent.

    Parents that are not well typed have no children.

    Args:
        parents: what is changed.
        count: how many children at most; there may be fewer where hardly any move finds a place.
        seed: the same one gives the same children.
        donors: programs to take parts from.
        goal: the type that children return.
        inputs: what children may read: letters of ``S``, ``I`` and ``C``.
        weights: of the moves by name; those of `MOVES` if left out.

    Raises EngineError if the native engine is not there, or a program calls what has no kernel.
    """
    children = open_breeder().mutate(
        list(map(to_line, parents)),
        list(map(to_line, donors)),
        goal=goal,
        inputs=inputs,
        weights=first_weights() if weights is None else weights,
        count=count,
        seed=seed,
    )
    return [Mutant(from_line(each.line), each.move, each.parent) for each in children]
