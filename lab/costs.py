"""Costs: learn the bits of productions from the programs of a corpus.

The cost of a production is -log2 of its probability among everything that makes a value of its
type: a probabilistic grammar with one distribution per type, as in Ellis et al., "DreamCoder"
(2021). Counts are smoothed, so every production stays possible.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from arcbatt.dsl import FAMILIES_FOR_SEARCH, REGISTRY
from arcbatt.dsl.types import Type
from arcbatt.program.check import check
from arcbatt.program.graph import Op, Program
from arcbatt.search.grammar import Grammar, Production, list_productions
from arcbatt.search.monomorphise import Instance, expand, fits
from arcbatt.search.terminals import Terminal, function_terminal

TERMINAL_SHARE = 1.66
"""Factor of the total weight of a type's productions, to leave probability for its terminals."""
COMBINATOR_BITS = 2
"""Surcharge of a combinator, in bits: a function that it builds is tried as an argument of many
productions."""


@dataclass(frozen=True)
class CostSettings:
    """Parameters of the estimate.

    Attributes:
        fresh_uses: prior count of a primitive of `FAMILIES_FOR_SEARCH`, in uses, > 0.
        prior_uses: prior count of any other primitive, in uses, > 0.
        terminal_share: factor for terminals, see `TERMINAL_SHARE`, 1 or more.
        combinator_bits: surcharge for combinators, see `COMBINATOR_BITS`, in bits.
    """

    fresh_uses: float = 6.0
    prior_uses: float = 0.5
    terminal_share: float = TERMINAL_SHARE
    combinator_bits: int = COMBINATOR_BITS


def estimate_grammar(
    uses: Mapping[Instance, float], settings: CostSettings | None = None
) -> Grammar:
    """Make the grammar of all productions, with costs estimated from their uses.

    Args:
        uses: weighted number of programs that call each production.
        settings: the parameters of the estimate.
    """
    productions, functions = list_productions()
    settings = settings or CostSettings()
    return Grammar(
        tuple(_estimate(productions, uses, settings)), tuple(_estimate_functions(functions))
    )


def _estimate(
    productions: Sequence[Instance], uses: Mapping[Instance, float], settings: CostSettings
) -> Iterator[Production]:
    weights = _weights(productions, uses, settings)
    totals = _totals(weights)
    for one in productions:
        bits = round(-math.log2(weights[one] / (totals[one.result] * settings.terminal_share)))
        bits += settings.combinator_bits if REGISTRY[one.name].makes_function else 0
        yield Production(one, max(1, bits), uses.get(one, 0.0))


def _weights(
    productions: Sequence[Instance], uses: Mapping[Instance, float], settings: CostSettings
) -> dict[Instance, float]:
    """Add to the uses of each production its share of the prior count of its primitive."""
    instances = Counter(one.name for one in productions)
    weights: dict[Instance, float] = {}
    for one in productions:
        is_fresh = REGISTRY[one.name].family in FAMILIES_FOR_SEARCH
        prior = settings.fresh_uses if is_fresh else settings.prior_uses
        weights[one] = uses.get(one, 0.0) + prior / math.sqrt(instances[one.name])
    return weights


def _totals(weights: Mapping[Instance, float]) -> defaultdict[Type, float]:
    totals: defaultdict[Type, float] = defaultdict(float)
    for one, weight in weights.items():
        totals[one.result] += weight
    return totals


def _estimate_functions(functions: Sequence[tuple[str, Type]]) -> Iterator[Terminal]:
    counts = Counter(kind for _, kind in functions)
    for name, kind in functions:
        yield function_terminal(name, kind, max(1, round(math.log2(1 + counts[kind]))))


def count_uses(
    programs: Iterable[Program], productions: Iterable[Instance]
) -> dict[Instance, float]:
    """Count the programs that use each production.

    A program counts once, however often it calls a production: repetition within one program is
    little evidence for others, and long programs would dominate.
    """
    of_name = group_productions(productions)
    uses: defaultdict[Instance, float] = defaultdict(float)
    for program in programs:
        for one, calls in count_calls(program, of_name).items():
            uses[one] += min(1.0, calls)
    return dict(uses)


def group_productions(productions: Iterable[Instance]) -> dict[str, list[Instance]]:
    """Group productions by the names of their primitives."""
    of_name: defaultdict[str, list[Instance]] = defaultdict(list)
    for one in productions:
        of_name[one.name].append(one)
    return dict(of_name)


def count_calls(
    program: Program, of_name: Mapping[str, Sequence[Instance]]
) -> dict[Instance, float]:
    """Count the calls of each production in a program.

    A call that several productions match, because its types are not certain, counts for each of
    them in equal shares.
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
    return list(map(_loosen, types))


def _loosen(one: Type) -> Type:
    """Accept an integer as a colour too, since the text of a program does not distinguish them."""
    if one.name == "Integer":
        return Type("Union", (Type("Integer"), Type("Color")))
    return Type(one.name, tuple(map(_loosen, one.args)))


def fit(arguments: tuple[Type, ...], production: Instance) -> bool:
    """Return whether a call with arguments of these types may be a production."""
    return all(
        fits(argument, parameter)
        for argument, parameter in zip(arguments, production.parameters, strict=True)
    )
