"""Costs learnt from programs: what is used often takes few bits.

The cost of a move is -log2 of how likely it is among all that makes a value of its type (Solomonoff
1964; Ellis et al., "DreamCoder", 2021, learn the same unigram distribution). Counts are smoothed,
so that nothing is impossible.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

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
LEAF_SHARE = 1.6
"""Leaves are likely too: so much more than all moves that make a type weighs all that does."""
MAKER_BITS = 2
"""What a made function costs beyond its likelihood: each one is tried in every place."""


@dataclass(frozen=True)
class Pricing:
    """How uses become bits.

    Attributes:
        fresh_uses: that a primitive made for search counts as having before any was seen.
        prior_uses: that any other primitive counts as having before any was seen.
        leaf_share: see `LEAF_SHARE`.
        maker_bits: see `MAKER_BITS`.
    """

    fresh_uses: float = 6.0
    prior_uses: float = 0.5
    leaf_share: float = LEAF_SHARE
    maker_bits: int = MAKER_BITS


def price_table(uses: Mapping[Instance, float], pricing: Pricing | None = None) -> Table:
    """Make the table of all moves with the costs that so many uses of each come to."""
    moves, functions = list_moves()
    priced = _price(moves, uses, pricing or Pricing())
    return Table(tuple(priced), tuple(_price_functions(functions)))


def _price(
    moves: Sequence[Instance], uses: Mapping[Instance, float], pricing: Pricing
) -> Iterator[Move]:
    weights = _weights(moves, uses, pricing)
    totals = _totals(weights)
    for one in moves:
        bits = round(-math.log2(weights[one] / (totals[one.result] * pricing.leaf_share)))
        bits += pricing.maker_bits if one.name in MAKERS else 0
        yield Move(one, max(1, bits), uses.get(one, 0.0))


def _weights(
    moves: Sequence[Instance], uses: Mapping[Instance, float], pricing: Pricing
) -> dict[Instance, float]:
    instances = Counter(one.name for one in moves)
    weights: dict[Instance, float] = {}
    for one in moves:
        is_fresh = REGISTRY[one.name].family in FAMILIES_FOR_SEARCH
        prior = pricing.fresh_uses if is_fresh else pricing.prior_uses
        weights[one] = uses.get(one, 0.0) + prior / math.sqrt(instances[one.name])
    return weights


def _totals(weights: Mapping[Instance, float]) -> defaultdict[Type, float]:
    totals: defaultdict[Type, float] = defaultdict(float)
    for one, weight in weights.items():
        totals[one.result] += weight
    return totals


def total_weights(table: Table) -> Mapping[Type, float]:
    """Return for each type the uses of all moves that make it, with those before any was seen."""
    moves = [move.instance for move in table.moves]
    uses = {move.instance: move.uses for move in table.moves}
    return _totals(_weights(moves, uses, Pricing()))


def _price_functions(functions: Sequence[tuple[str, Type]]) -> Iterator[Leaf]:
    counts = Counter(kind for _, kind in functions)
    for name, kind in functions:
        yield function_leaf(name, kind, max(1, round(math.log2(1 + counts[kind]))))


def count_uses(programs: Iterable[Program], moves: Iterable[Instance]) -> dict[Instance, float]:
    """Count in how many programs each move is used.

    How often one program calls it says little about others, and long programs would say the most.
    """
    of_name = group_moves(moves)
    uses: defaultdict[Instance, float] = defaultdict(float)
    for program in programs:
        for one, calls in count_calls(program, of_name).items():
            uses[one] += min(1.0, calls)
    return dict(uses)


def group_moves(moves: Iterable[Instance]) -> dict[str, list[Instance]]:
    """Group moves by the names of their primitives."""
    of_name: defaultdict[str, list[Instance]] = defaultdict(list)
    for one in moves:
        of_name[one.name].append(one)
    return dict(of_name)


def count_calls(
    program: Program, of_name: Mapping[str, Sequence[Instance]]
) -> dict[Instance, float]:
    """Count how often a program calls each move.

    A call whose types are not known for certain counts in equal parts for all moves that it may
    be.
    """
    calls: defaultdict[Instance, float] = defaultdict(float)
    for name, arguments in _calls(program):
        fitting = [one for one in of_name.get(name, ()) if fit(arguments, one)]
        for one in fitting:
            calls[one] += 1 / len(fitting)
    return dict(calls)


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
