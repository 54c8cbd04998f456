"""Twins: parts of a differ that say the same of both grids.

A differ computes something of I and the same of C, and compares the two. A move that changes only
one side hardly ever leaves a differ: equal grids would not be equal any more. So what is changed is
one side as a program of its own, and the other side becomes the same with C in the place of I.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from arcbatt.dsl.types import DEFINITIONS, Type
from arcbatt.program.check import check
from arcbatt.program.graph import GraphBuilder, Node, Op, Program, extract_program

OURS, WANTED = "I", "C"
ANY = Type("Any")
LOOSE = {"FrozenSet": Type("FrozenSet", (ANY,)), "Tuple": Type("Tuple", (ANY,))}
"""What may come in the place of a set or a tuple: the types of its members are left open."""


def find_twins(program: Program) -> list[tuple[int, int]]:
    """Return the pairs of nodes that do the same, the first with I and the second with C.

    >>> from arcbatt.program.parse import parse_program
    >>> text = "def differ(S, I, C): return astuple(size(I), size(C))"
    >>> program = parse_program(text).program
    >>> [(str(program.nodes[a]), str(program.nodes[b])) for a, b in find_twins(program)]
    [('input I', 'input C'), ('call size 0', 'call size 2')]
    """
    builder = GraphBuilder.of(program)
    twins: list[int] = []
    for node in program.nodes:
        twins.append(builder.add(_with_wanted(node, twins)))
    return [
        (place, twin)
        for place, twin in enumerate(twins)
        if twin != place and twin < program.size and WANTED not in _inputs(program, place)
    ]


def _inputs(program: Program, place: int) -> frozenset[str]:
    return extract_program(program, place).inputs


def _with_wanted(node: Node, places: Sequence[int]) -> Node:
    """Return a node whose arguments lie elsewhere, with C in the place of I."""
    if node.op is Op.INPUT and node.name == OURS:
        return Node(Op.INPUT, WANTED)
    return Node(node.op, node.name, tuple(places[arg] for arg in node.args), node.value)


def swap_twins(program: Program, twins: tuple[int, int], side: Program) -> Program:
    """Put a program that reads I in the place of one twin, and the same of C in the other's.

    Raises GraphError as `GraphBuilder.add` does.
    """
    builder = GraphBuilder()
    both: list[int] = []
    for wanted in (False, True):
        places: list[int] = []
        for node in side.nodes:
            moved = _with_wanted(node, places) if wanted else _moved(node, places)
            places.append(builder.add(moved))
        both.append(places[side.root])
    new: Mapping[int, int] = dict(zip(twins, both, strict=True))
    places = []
    for place, node in enumerate(program.nodes):
        found = new.get(place)
        places.append(builder.add(_moved(node, places)) if found is None else found)
    return builder.program(places[program.root])


def _moved(node: Node, places: Sequence[int]) -> Node:
    return Node(node.op, node.name, tuple(places[arg] for arg in node.args), node.value)


def goal_of(program: Program, place: int) -> Type:
    """Return the type that may come in the place of a node; what is not known may be anything."""
    return _settled(check(program).types[place], outermost=True)


def _settled(kind: Type, *, outermost: bool = False) -> Type:
    if kind.is_variable:
        return ANY
    stands_for = DEFINITIONS.get(kind.name, kind)
    if outermost and kind.name != "Grid" and stands_for.base in LOOSE:
        return LOOSE[stands_for.base]
    return Type(kind.base, tuple(map(_settled, kind.args)))
