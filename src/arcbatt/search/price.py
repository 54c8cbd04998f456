"""Price a program as search would: is every call a move, and what does it cost?"""

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
from arcbatt.search.ground import VALUES, Instance, expand, function_type, instances_at
from arcbatt.search.leaves import Leaf
from arcbatt.search.moves import UNUSED
from arcbatt.search.table import Table, name_of

UNKNOWN_BITS = 12
"""What stands for a call that search lacks, about what the rarest moves cost."""


@dataclass(frozen=True, slots=True, order=True)
class Lack:
    """Something that search would need to make a program.

    Attributes:
        kind: ``primitive`` that search has no moves of, ``type`` that it has no states of,
            ``move`` of a primitive that it has other moves of, ``constant``, or ``call`` of a
            function that is computed.
        what: it.
    """

    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind} {self.what}"


@dataclass(frozen=True, slots=True)
class Price:
    """The cheapest way to make a value of one type, of those that need the fewest additions.

    Attributes:
        bits: of all moves and leaves; what is used twice is paid twice.
        lacks: what search would need.
        over: which part costs more than search keeps of its type; empty if none does.
    """

    bits: int
    lacks: frozenset[Lack] = frozenset()
    over: str = ""

    def is_better(self, other: Price | None) -> bool:
        """Tell whether it needs fewer additions, is kept where the other is not, or is cheaper."""
        return other is None or self.order < other.order

    @property
    def order(self) -> tuple[int, bool, int]:
        """What to sort prices by, the best first."""
        return len(self.lacks), bool(self.over), self.bits


def first_over(prices: Iterable[Price]) -> str:
    """Return which part of several things is the first to cost too much; empty if none does."""
    return next((price.over for price in prices if price.over), "")


Prices = Mapping[Type, Price]
"""What a node costs, at each type that it may have."""


class MoveIndex:
    """The moves of a table, as they are looked up; functions of the library do not count.

    Attributes:
        moves: costs by name and parameters.
        functions: costs of primitives as values, by name and type.
        types: all that states may have.
        caps: bits that a state of a type may cost.
    """

    def __init__(self, table: Table) -> None:
        self.moves: defaultdict[str, dict[tuple[Type, ...], int]] = defaultdict(dict)
        for move in table.moves:
            if move.definition is None:
                self.moves[move.instance.name][move.instance.parameters] = move.cost
        self.functions: defaultdict[str, dict[Type, int]] = defaultdict(dict)
        for leaf in table.functions:
            self.functions[leaf.name][leaf.type] = leaf.cost
        self.types = frozenset(table.types)
        self.caps = dict(zip(table.types, table.caps, strict=True))


class Pricer:
    """Prices programs on a task.

    Args:
        index: the moves of search.
        leaves: the inputs and the constants of the task.
    """

    def __init__(self, index: MoveIndex, leaves: Iterable[Leaf]) -> None:
        self._index = index
        self._leaves: defaultdict[tuple[str, str, type, object], dict[Type, int]]
        self._leaves = defaultdict(dict)
        for leaf in leaves:
            known = self._leaves[_key(leaf.kind, leaf.name, leaf.value)]
            known[leaf.type] = min(leaf.cost, known.get(leaf.type, leaf.cost))

    def price(self, program: Program) -> list[Prices]:
        """Return the prices of all nodes of a program."""
        done: list[Prices] = []
        for index in range(program.size):
            done.append(self._price(program, index, done))
        return done

    def price_with(
        self, program: Program, prices: Sequence[Prices], given: Mapping[int, Prices]
    ) -> list[Prices]:
        """Return the prices of all nodes where some have others, as pictures that begin a round.

        Args:
            program: it.
            prices: of all nodes, see `price`.
            given: the other prices of some.
        """
        done, changed = list(prices), set(given)
        for index, node in enumerate(program.nodes):
            if index in given:
                done[index] = given[index]
            elif not changed.isdisjoint(node.args):
                done[index] = self._price(program, index, done)
                changed.add(index)
        return done

    def _price(self, program: Program, index: int, done: Sequence[Prices]) -> Prices:
        node = program.nodes[index]
        args = [done[arg] for arg in node.args]
        return self._visit(node, args) or self._guess(program, node, args)

    def _guess(self, program: Program, node: Node, args: Sequence[Prices]) -> Prices:
        """Return prices of a call that no signature fits, as if it might be of any type."""
        least = [min(prices.values(), key=lambda price: price.order) for prices in args]
        lacks = frozenset[Lack]().union(*(each.lacks for each in least))
        if node.op is Op.FUNCTION:
            lacks = frozenset({Lack("primitive", f"{node.name} as a value")})
        elif not lacks:  # else what came before may be all that it lacks
            kinds = check(program).types
            shown = ", ".join(str(kinds[arg]) for arg in node.args)
            lacks = frozenset({Lack("move", f"{node.name}({shown})")})
        price = Price(UNKNOWN_BITS + sum(each.bits for each in least), lacks)
        return dict.fromkeys(self._index.types, price)

    def _visit(self, node: Node, args: Sequence[Prices]) -> Prices:
        match node.op:
            case Op.CALL:
                return self.call(node.name, args)
            case Op.INVOKE:
                return self._best(self._invoked(args))
            case Op.FUNCTION:
                return self._best(self._function(node.name))
        return self.leaf(node)

    def leaf(self, node: Node) -> Prices:
        """Return the prices of an input or a constant."""
        known = self._leaves.get(_key(node.op, node.name, node.value), {})
        prices = [(kind, Price(bits)) for kind, bits in known.items()]
        for kind in _constant_types(node):
            if kind not in known:
                lack = Lack("constant", f"{node.name} as {name_of(kind)}")
                prices.append((kind, Price(UNKNOWN_BITS, frozenset({lack}))))
        return self._best(prices)

    def call(self, name: str, args: Sequence[Prices]) -> Prices:
        """Return the prices of a call, given those of its arguments."""
        return self._best(self._called(name, args))

    def _called(self, name: str, args: Sequence[Prices]) -> Iterator[tuple[Type, Price]]:
        moves = self._index.moves.get(name, {})
        for one in _applied(name, tuple(map(tuple, args))):
            parts = [prices[kind] for prices, kind in zip(args, one.parameters, strict=True)]
            lacks = frozenset[Lack]().union(*(part.lacks for part in parts))
            cost = moves.get(one.parameters)
            if cost is None:
                lacks |= self._lacks(one, bool(lacks))
                cost = UNKNOWN_BITS
            bits = cost + sum(part.bits for part in parts)
            yield one.result, Price(bits, lacks, first_over(parts))

    def _lacks(self, one: Instance, has_lacks: bool) -> frozenset[Lack]:
        """Return what is to blame that an instance is no move."""
        lacks = set()
        if one.name not in self._index.moves:
            lacks.add(Lack("primitive", one.name))
        if one.result not in self._index.types:
            lacks.add(Lack("type", name_of(one.result)))
        if not lacks and not has_lacks:
            parameters = ", ".join(map(name_of, one.parameters))
            lacks.add(Lack("move", f"{one.name}({parameters}) -> {name_of(one.result)}"))
        return frozenset(lacks)

    def _invoked(self, args: Sequence[Prices]) -> Iterator[tuple[Type, Price]]:
        lack = frozenset({Lack("call", "of a computed function")})
        for kind, price in args[0].items():
            *parameters, result = kind.args or (kind,)
            given = [prices.get(each) for prices, each in zip(args[1:], parameters, strict=False)]
            known = [each for each in given if each is not None]
            if kind.name == "Callable" and len(known) == len(parameters) == len(args) - 1:
                bits = UNKNOWN_BITS + sum(each.bits for each in (price, *known))
                lacks = lack.union(price.lacks, *(each.lacks for each in known))
                yield result, Price(bits, lacks)

    def _function(self, name: str) -> Iterator[tuple[Type, Price]]:
        known = self._index.functions.get(name, {})
        for kind in _function_types(name):
            if kind in known:
                yield kind, Price(known[kind])
            elif name in UNUSED:
                yield kind, Price(UNKNOWN_BITS, frozenset({Lack("primitive", name)}))
            elif kind in self._index.types:
                lack = Lack("move", f"{name} as {name_of(kind)}")
                yield kind, Price(UNKNOWN_BITS, frozenset({lack}))
            elif len(kind.args) == 2:
                yield kind, Price(UNKNOWN_BITS, frozenset({Lack("type", name_of(kind))}))
            else:
                # Its type follows from that of the function which is made of it.
                yield kind, Price(UNKNOWN_BITS)

    def _best(self, prices: Iterable[tuple[Type, Price]]) -> Prices:
        best: dict[Type, Price] = {}
        for kind, price in prices:
            cap = self._index.caps.get(kind, price.bits)
            if price.bits > cap and not price.over:
                price = replace(price, over=f"{name_of(kind)} at {price.bits} of {cap} bits")
            if price.is_better(best.get(kind)):
                best[kind] = price
        return best


def _key(kind: str, name: str, value: object) -> tuple[str, str, type, object]:
    # True and 1 are equal, but they are leaves of different types; constants have many names.
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
    """Return the types that a primitive may have as a value, over all that search has states of."""
    values = tuple(map(expand, VALUES))
    maps = tuple(function_type(a, b) for a in values for b in values)
    primitive = REGISTRY[name]
    takes = [each.type.name == "Callable" for each in primitive.parameters]
    choices = [maps if takes_function else values for takes_function in takes]
    found = instances_at(primitive, choices)
    return tuple(dict.fromkeys(function_type(*one.parameters, one.result) for one in found))
