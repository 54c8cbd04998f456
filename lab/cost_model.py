"""The cost model of search for given programs: the bits of each call, and what search lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import Type, parse_type
from arcbatt.dsl.values import is_color, is_number
from arcbatt.program.check import check
from arcbatt.program.graph import Node, Op, Program
from arcbatt.search.grammar import Grammar, name_of
from arcbatt.search.monomorphise import VALUES, Instance, expand, function_type, instances_at
from arcbatt.search.terminals import Terminal

UNKNOWN_BITS = 12
"""Assumed cost of a missing call, in bits; about that of the rarest productions."""


@dataclass(frozen=True, slots=True, order=True)
class Lack:
    """An addition that search needs to make a program.

    Attributes:
        kind: ``primitive`` without any production, ``type`` without any state, ``production`` of
            a primitive at types at which it has none, ``constant``, or ``call`` of a function that
            is computed.
        what: text of the primitive, type, production or constant.
    """

    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind} {self.what}"


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of the cheapest way to make a value of a type, of those with the fewest additions.

    Attributes:
        bits: cost of all productions and terminals, in bits; a part that is used twice counts
            twice.
        lacks: additions to search that the value needs.
        over: text of the part whose cost exceeds the cap of its type, or empty.
    """

    bits: int
    lacks: frozenset[Lack] = frozenset()
    over: str = ""

    def is_better(self, other: Cost | None) -> bool:
        """Return whether this cost is to be preferred, by `order`; anything is better than None."""
        return other is None or self.order < other.order

    @property
    def order(self) -> tuple[int, bool, int]:
        """The sort key, the best first."""
        return len(self.lacks), bool(self.over), self.bits


def first_over(costs: Iterable[Cost]) -> str:
    """Return the first part whose cost exceeds the cap of its type, or an empty text."""
    return next((cost.over for cost in costs if cost.over), "")


Costs = Mapping[Type, Cost]
"""The cost of a node at each type that it may have."""


class GrammarIndex:
    """The productions of a grammar, indexed.

    Attributes:
        productions: costs of productions by name and parameters, in bits.
        functions: costs of primitives as values by name and type, in bits.
        types: all types of states.
        caps: largest cost of a state by type, in bits.
    """

    def __init__(self, grammar: Grammar) -> None:
        self.productions: defaultdict[str, dict[tuple[Type, ...], int]] = defaultdict(dict)
        for one in grammar.productions:
            self.productions[one.instance.name][one.instance.parameters] = one.cost
        self.functions: defaultdict[str, dict[Type, int]] = defaultdict(dict)
        for terminal in grammar.functions:
            self.functions[terminal.name][terminal.type] = terminal.cost
        self.types = frozenset(grammar.types)
        self.caps = dict(zip(grammar.types, grammar.caps, strict=True))


class CostModel:
    """Computes what programs cost on a task.

    Args:
        index: the productions of search.
        terminals: the terminals of the task: inputs and constants.
    """

    def __init__(self, index: GrammarIndex, terminals: Iterable[Terminal]) -> None:
        self._index = index
        self._terminals: defaultdict[tuple[str, str, type, object], dict[Type, int]]
        self._terminals = defaultdict(dict)
        for terminal in terminals:
            known = self._terminals[_key(terminal.kind, terminal.name, terminal.value)]
            known[terminal.type] = min(terminal.cost, known.get(terminal.type, terminal.cost))

    def costs(self, program: Program) -> list[Costs]:
        """Return the costs of all nodes of a program."""
        done: list[Costs] = []
        for index in range(program.size):
            done.append(self._costs_of(program, index, done))
        return done

    def costs_with(
        self, program: Program, costs: Sequence[Costs], given: Mapping[int, Costs]
    ) -> list[Costs]:
        """Return the costs of all nodes where some have other costs, as grids that begin a round.

        Args:
            program: the program.
            costs: costs of all nodes, see `costs`.
            given: other costs of some nodes, by index of the node.
        """
        done, changed = list(costs), set(given)
        for index, node in enumerate(program.nodes):
            if index in given:
                done[index] = given[index]
            elif not changed.isdisjoint(node.args):
                done[index] = self._costs_of(program, index, done)
                changed.add(index)
        return done

    def _costs_of(self, program: Program, index: int, done: Sequence[Costs]) -> Costs:
        node = program.nodes[index]
        args = [done[arg] for arg in node.args]
        return self._visit(node, args) or self._guess(program, node, args)

    def _guess(self, program: Program, node: Node, args: Sequence[Costs]) -> Costs:
        """Return the costs of a call that fits no signature, as if it could have any type."""
        least = [min(costs.values(), key=lambda cost: cost.order) for costs in args]
        lacks = frozenset[Lack]().union(*(each.lacks for each in least))
        if node.op is Op.FUNCTION:
            lacks = frozenset({Lack("primitive", f"{node.name} as a value")})
        elif not lacks:  # else what came before may be all that it lacks
            kinds = check(program).types
            shown = ", ".join(str(kinds[arg]) for arg in node.args)
            lacks = frozenset({Lack("production", f"{node.name}({shown})")})
        cost = Cost(UNKNOWN_BITS + sum(each.bits for each in least), lacks)
        return dict.fromkeys(self._index.types, cost)

    def _visit(self, node: Node, args: Sequence[Costs]) -> Costs:
        match node.op:
            case Op.CALL:
                return self.call(node.name, args)
            case Op.INVOKE:
                return self._best(self._invoked(args))
            case Op.FUNCTION:
                return self._best(self._function(node.name))
        return self.terminal(node)

    def terminal(self, node: Node) -> Costs:
        """Return the costs of an input or a constant."""
        known = self._terminals.get(_key(node.op, node.name, node.value), {})
        costs = [(kind, Cost(bits)) for kind, bits in known.items()]
        for kind in _constant_types(node):
            if kind not in known:
                lack = Lack("constant", f"{node.name} as {name_of(kind)}")
                costs.append((kind, Cost(UNKNOWN_BITS, frozenset({lack}))))
        return self._best(costs)

    def call(self, name: str, args: Sequence[Costs]) -> Costs:
        """Return the costs of a call, given those of its arguments."""
        return self._best(self._called(name, args))

    def _called(self, name: str, args: Sequence[Costs]) -> Iterator[tuple[Type, Cost]]:
        known = self._index.productions.get(name, {})
        for one in _applied(name, tuple(map(tuple, args))):
            parts = [costs[kind] for costs, kind in zip(args, one.parameters, strict=True)]
            lacks = frozenset[Lack]().union(*(part.lacks for part in parts))
            cost = known.get(one.parameters)
            if cost is None:
                lacks |= self._lacks(one, bool(lacks))
                cost = UNKNOWN_BITS
            bits = cost + sum(part.bits for part in parts)
            yield one.result, Cost(bits, lacks, first_over(parts))

    def _lacks(self, one: Instance, has_lacks: bool) -> frozenset[Lack]:
        """Return the additions that an instance needs to be a production."""
        lacks = set()
        if one.name not in self._index.productions:
            lacks.add(Lack("primitive", one.name))
        if one.result not in self._index.types:
            lacks.add(Lack("type", name_of(one.result)))
        if not lacks and not has_lacks:
            parameters = ", ".join(map(name_of, one.parameters))
            lacks.add(Lack("production", f"{one.name}({parameters}) -> {name_of(one.result)}"))
        return frozenset(lacks)

    def _invoked(self, args: Sequence[Costs]) -> Iterator[tuple[Type, Cost]]:
        lack = frozenset({Lack("call", "of a computed function")})
        for kind, cost in args[0].items():
            *parameters, result = kind.args or (kind,)
            given = [costs.get(each) for costs, each in zip(args[1:], parameters, strict=False)]
            known = [each for each in given if each is not None]
            if kind.name == "Callable" and len(known) == len(parameters) == len(args) - 1:
                bits = UNKNOWN_BITS + sum(each.bits for each in (cost, *known))
                lacks = lack.union(cost.lacks, *(each.lacks for each in known))
                yield result, Cost(bits, lacks)

    def _function(self, name: str) -> Iterator[tuple[Type, Cost]]:
        known = self._index.functions.get(name, {})
        for kind in _function_types(name):
            if kind in known:
                yield kind, Cost(known[kind])
            elif not REGISTRY[name].is_searched:
                yield kind, Cost(UNKNOWN_BITS, frozenset({Lack("primitive", name)}))
            elif kind in self._index.types:
                lack = Lack("production", f"{name} as {name_of(kind)}")
                yield kind, Cost(UNKNOWN_BITS, frozenset({lack}))
            elif len(kind.args) == 2:
                yield kind, Cost(UNKNOWN_BITS, frozenset({Lack("type", name_of(kind))}))
            else:
                # Its type follows from that of the function that is built of it.
                yield kind, Cost(UNKNOWN_BITS)

    def _best(self, costs: Iterable[tuple[Type, Cost]]) -> Costs:
        best: dict[Type, Cost] = {}
        for kind, cost in costs:
            cap = self._index.caps.get(kind, cost.bits)
            if cost.bits > cap and not cost.over:
                cost = replace(cost, over=f"{name_of(kind)} at {cost.bits} of {cap} bits")
            if cost.is_better(best.get(kind)):
                best[kind] = cost
        return best


def _key(kind: str, name: str, value: object) -> tuple[str, str, type, object]:
    # True and 1 are equal, but they are terminals of different types; constants have many names.
    is_constant = kind == Op.CONSTANT
    return kind, "" if is_constant else name, type(value), value


_BOOLEAN, _INTEGER, _COLOR, _PAIR = (
    expand(parse_type(name)) for name in ("Boolean", "Integer", "Color", "IntegerTuple")
)


def _constant_types(node: Node) -> tuple[Type, ...]:
    """Return the types that a constant may have."""
    if node.op is not Op.CONSTANT:
        return ()
    if isinstance(node.value, bool):
        return (_BOOLEAN,)
    if not is_number(node.value):
        return (_PAIR,)
    return (_INTEGER, _COLOR) if is_color(node.value) else (_INTEGER,)


@cache
def _applied(name: str, kinds: tuple[tuple[Type, ...], ...]) -> tuple[Instance, ...]:
    """Return the instances of a primitive with given types for each argument."""
    return instances_at(REGISTRY[name], kinds)


@cache
def _function_types(name: str) -> tuple[Type, ...]:
    """Return the types that a primitive may have as a value, over all types of states."""
    values = tuple(map(expand, VALUES))
    maps = tuple(function_type(a, b) for a in values for b in values)
    primitive = REGISTRY[name]
    takes = [each.type.name == "Callable" for each in primitive.parameters]
    choices = [maps if takes_function else values for takes_function in takes]
    found = instances_at(primitive, choices)
    return tuple(dict.fromkeys(function_type(*one.parameters, one.result) for one in found))
