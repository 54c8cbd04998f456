"""The table of moves: a line each with its cost in bits, learnt from programs, kept as text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import Type, Value, parse_type
from arcbatt.dsl.values import Function
from arcbatt.program.graph import GraphBuilder, Op
from arcbatt.search.ground import MAPS, VALUES, Instance, expand
from arcbatt.search.leaves import Leaf, function_leaf
from arcbatt.search.moves import COMMUTING, IDENTITIES

if TYPE_CHECKING:
    from arcbatt.engine.native_search import MoveTable
    from arcbatt.program.definitions import Definition

FILE = Path(__file__).with_name("moves.tsv")
HEADER = "# cost in bits, uses, move: written by `make moves`"

CAPS = {"Callable": 9, "Boolean": 8, "Integer": 14, "Color": 16}
"""Bits that a state of some types may cost: beyond them only few are of use."""
NO_CAP = 1000


@dataclass(frozen=True)
class Move:
    """One way to make a state: a primitive at ground types, or a function of the library.

    Attributes:
        instance: the primitive or the function with its types.
        cost: bits of description, at least 1.
        uses: how often programs were seen to use it.
        definition: of a function; None for a primitive.
    """

    instance: Instance
    cost: int
    uses: float = 0.0
    definition: Definition | None = None

    def add_to(self, builder: GraphBuilder, args: Sequence[int]) -> int:
        """Add what it stands for to a graph: a call, or the body of the function."""
        if self.definition is not None:
            return self.definition.add_to(builder, args)
        return builder.call(self.instance.name, *args)


@dataclass(frozen=True)
class Table:
    """Moves, those of functions last, and primitives as values.

    Attributes:
        moves: those of functions last.
        functions: primitives as values.
        type_caps: bits that a state of some types may cost, see `CAPS`.
    """

    moves: tuple[Move, ...]
    functions: tuple[Leaf, ...]
    type_caps: Mapping[str, int] = field(default_factory=lambda: CAPS)

    @cached_property
    def types(self) -> tuple[Type, ...]:
        """All types that states may have."""
        kinds = dict.fromkeys(map(expand, VALUES))
        for move in self.moves:
            kinds.update(dict.fromkeys((*move.instance.parameters, move.instance.result)))
        kinds.update(dict.fromkeys(leaf.type for leaf in self.functions))
        return tuple(kinds)

    @cached_property
    def numbers(self) -> Mapping[Type, int]:
        """The number of each type."""
        return {one: number for number, one in enumerate(self.types)}

    @cached_property
    def function_rows(self) -> list[tuple[int, int, Function]]:
        """The primitives as values: the number of the type, the cost and the value of each."""
        return [(self.numbers[leaf.type], leaf.cost, leaf.value) for leaf in self.functions]

    @cached_property
    def native(self) -> MoveTable:
        """The moves as the native engine keeps them; needs the native engine."""
        from arcbatt.engine.native_search import MoveTable

        grid, thing, indices, color = (self.numbers[kind] for kind in ROLES)
        return MoveTable(
            self.rows,
            functions=self.bodies,
            caps=self.caps,
            roles=(grid, thing, indices, color),
        )

    @cached_property
    def caps(self) -> list[int]:
        """For each type how many bits a state of it may cost."""
        return [self.type_caps.get(one.name, NO_CAP) for one in self.types]

    @cached_property
    def rows(self) -> list[tuple[str, list[int], int, int, bool, list[tuple[int, int]]]]:
        """The moves that are primitives as the native engine reads them."""
        numbers = self.numbers
        moves = [move for move in self.moves if move.definition is None]
        of_name: defaultdict[str, list[int]] = defaultdict(list)
        for number, move in enumerate(moves):
            of_name[move.instance.name].append(number)
        barred: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for outer, inner in IDENTITIES:
            barred[outer] += [(0, number) for number in of_name[inner]]
        return [
            (
                one.name,
                [numbers[kind] for kind in one.parameters],
                numbers[one.result],
                move.cost,
                _commutes(one),
                barred[one.name],
            )
            for move in moves
            for one in (move.instance,)
        ]

    @cached_property
    def bodies(self) -> list[tuple[str, list[Part], list[int], int, int]]:
        """The moves that are functions as the native engine reads them."""
        numbers = self.numbers
        return [
            (
                one.name,
                native_parts(move.definition),
                [numbers[kind] for kind in one.parameters],
                numbers[one.result],
                move.cost,
            )
            for move in self.moves
            if move.definition is not None
            for one in (move.instance,)
        ]


Part = tuple[str, list[int], Value]
"""A step as the native engine reads it: an argument has no name and one place, a value no place."""


def native_parts(function: Definition) -> list[Part]:
    """Return the body of a function as the native engine reads it."""
    places = {name: place for place, (name, _) in enumerate(function.parameters)}
    parts: list[Part] = []
    for node in function.body.nodes:
        match node.op:
            case Op.INPUT:
                parts.append(("", [places[node.name]], None))
            case Op.CONSTANT:
                parts.append(("", [], node.value))
            case Op.FUNCTION:
                parts.append(("", [], Function(node.name, arity=REGISTRY[node.name].arity)))
            case _:
                parts.append((node.name, list(node.args), None))
    return parts


def _commutes(one: Instance) -> bool:
    """Tell whether the arguments may be swapped: `combine` on tuples keeps their order."""
    return one.name in COMMUTING and len(set(one.parameters)) == 1 and one.result.name != "Tuple"


GRID, OBJECT, INDICES, COLOR = (
    expand(parse_type(name)) for name in ("Grid", "Object", "Indices", "Color")
)
ROLES = (GRID, OBJECT, INDICES, COLOR)
"""The types that can be painted, and what paints."""

_NAMES = {expand(one): str(one) for one in VALUES} | {
    expand(parse_type(name)): name for name in MAPS
}


@cache
def name_of(one: Type) -> str:
    """Write a ground type with the names that types have in signatures."""
    if one.name == "Callable":
        *parameters, result = map(name_of, one.args)
        return f"Callable[[{', '.join(parameters)}], {result}]"
    if one in _NAMES or not one.args:
        return _NAMES.get(one, str(one))
    return f"{one.name}[{', '.join(map(name_of, one.args))}]"


def write_table(table: Table) -> str:
    """Write a table as text, a line for each move and each function leaf."""
    lines = [HEADER]
    for move in table.moves:
        one = move.instance
        parameters = ", ".join(map(name_of, one.parameters))
        uses = f"{move.uses:.2f}".rstrip("0").rstrip(".")
        lines.append(f"{move.cost}\t{uses}\t{one.name}({parameters}) -> {name_of(one.result)}")
    lines += [f"{leaf.cost}\t\t{leaf.name}: {name_of(leaf.type)}" for leaf in table.functions]
    return "\n".join(lines) + "\n"


@cache
def _ground(text: str) -> Type:
    return expand(parse_type(text))


def read_table(lines: Iterable[str]) -> Table:
    """Read a table from text that `write_table` wrote.

    Raises ValueError if a line is none of such a table.
    """
    moves: list[Move] = []
    functions: list[Leaf] = []
    for line in lines:
        if line.startswith("#"):
            continue
        cost, uses, text = line.rstrip("\n").split("\t")
        name, bracket, signature = text.partition("(")
        if bracket and ":" not in name:
            parameters, _, result = signature.rpartition(") -> ")
            *grounds, ground = _ground(f"Callable[[{parameters}], {result}]").args
            instance = Instance(name, tuple(grounds), ground)
            moves.append(Move(instance, int(cost), float(uses)))
        else:
            name, _, kind = text.partition(": ")
            functions.append(function_leaf(name, _ground(kind), int(cost)))
    return Table(tuple(moves), tuple(functions))


@cache
def load_table() -> Table:
    """Load the table that ships with the package."""
    return read_table(FILE.read_text(encoding="utf-8").splitlines())
