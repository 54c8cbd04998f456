"""Costs learnt from programs: what is used often takes few bits.

The cost of a move is -log2 of how likely it is among all that makes a value of its type (Solomonoff
1964; Ellis et al., "DreamCoder", 2021, learn the same unigram distribution). Counts are smoothed,
so that nothing is impossible.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import Type
from arcbatt.program.check import check
from arcbatt.program.graph import Op, Program
from arcbatt.search.ground import Instance, expand, fits
from arcbatt.search.leaves import Leaf, function_leaf
from arcbatt.search.moves import MAKERS, list_moves
from arcbatt.search.table import Move, Table

FAMILIES_FOR_SEARCH = frozenset(
    {
        "shapes",
        "rays",
        "cuts",
        "picks",
        "filters",
        "tilings",
        "stacks",
        "repairs",
        "drawings",
        "patterns",
        "measures",
    }
)
FRESH_USES = 6.0
"""Uses that a primitive made for search counts as having before any was seen."""
PRIOR_USES = 0.5
"""Uses that any other primitive counts as having before any was seen."""
LEAF_SHARE = 1.6
"""Leaves are likely too: so much more than all moves that make a type weighs all that does."""
MAKER_BITS = 2
"""What a made function costs beyond its likelihood: each one is tried in every place."""


def learn_table(programs: Iterable[Program]) -> Table:
    """Make the table of all moves with the costs that programs teach."""
    moves, functions = list_moves()
    uses = count_uses(programs, moves)
    return Table(tuple(_price(moves, uses)), tuple(_price_functions(functions)))


def _price(moves: Sequence[Instance], uses: Mapping[Instance, float]) -> Iterator[Move]:
    weights = _weights(moves, uses)
    totals = _totals(weights)
    for one in moves:
        bits = round(-math.log2(weights[one] / (totals[one.result] * LEAF_SHARE)))
        bits += MAKER_BITS if one.name in MAKERS else 0
        yield Move(one, max(1, bits), uses.get(one, 0.0))


def _weights(moves: Sequence[Instance], uses: Mapping[Instance, float]) -> dict[Instance, float]:
    instances = Counter(one.name for one in moves)
    weights: dict[Instance, float] = {}
    for one in moves:
        is_fresh = REGISTRY[one.name].family in FAMILIES_FOR_SEARCH
        prior = (FRESH_USES if is_fresh else PRIOR_USES) / math.sqrt(instances[one.name])
        weights[one] = uses.get(one, 0.0) + prior
    return weights


def _totals(weights: Mapping[Instance, float]) -> defaultdict[Type, float]:
    totals: defaultdict[Type, float] = defaultdict(float)
    for one, weight in weights.items():
        totals[one.result] += weight
    return totals


def total_weights(table: Table) -> Mapping[Type, float]:
    """Return for each type the uses of all moves that make it, with those before any was seen."""
    moves = [move.instance for move in table.moves]
    return _totals(_weights(moves, {move.instance: move.uses for move in table.moves}))


def _price_functions(functions: Sequence[tuple[str, Type]]) -> Iterator[Leaf]:
    counts = Counter(kind for _, kind in functions)
    for name, kind in functions:
        yield function_leaf(name, kind, max(1, round(math.log2(1 + counts[kind]))))


def count_uses(programs: Iterable[Program], moves: Iterable[Instance]) -> dict[Instance, float]:
    """Count how often programs use each move.

    A call whose types are not known for certain counts in equal parts for all moves that it may
    be.
    """
    of_name: defaultdict[str, list[Instance]] = defaultdict(list)
    for one in moves:
        of_name[one.name].append(one)
    uses: defaultdict[Instance, float] = defaultdict(float)
    for program in programs:
        for name, arguments in _calls(program):
            fitting = [one for one in of_name[name] if fit(arguments, one)]
            for one in fitting:
                uses[one] += 1 / len(fitting)
    return dict(uses)


def _calls(program: Program) -> Iterator[tuple[str, tuple[Type, ...]]]:
    types = call_types(map(expand, check(program).types))
    for node in program.nodes:
        if node.op is Op.CALL:
            yield node.name, tuple(types[arg] for arg in node.args)


def call_types(types: Iterable[Type]) -> list[Type]:
    """Return the types of a program's nodes as arguments of calls."""
    return list(map(_loose, types))


def _loose(one: Type) -> Type:
    """Let a number be a colour too: the text of a program does not tell them apart."""
    if one.name == "Integer":
        return Type("Union", (Type("Integer"), Type("Color")))
    return Type(one.name, tuple(map(_loose, one.args)))


def fit(arguments: tuple[Type, ...], move: Instance) -> bool:
    """Tell whether a call with arguments of these types may be a move."""
    return all(
        fits(argument, parameter)
        for argument, parameter in zip(arguments, move.parameters, strict=True)
    )
