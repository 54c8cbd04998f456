"""The grammar of search: primitives at ground types, each with its cost in bits.

The costs are learnt from the shipped library and kept as text, ``productions.tsv``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import Type, parse_type
from arcbatt.program.graph import GraphBuilder
from arcbatt.search.monomorphise import (
    MAPS,
    VALUES,
    Instance,
    binary_types,
    expand,
    function_type,
    instances,
    map_types,
)
from arcbatt.search.terminals import Terminal, function_terminal

if TYPE_CHECKING:
    from arcbatt.engine.native_search import SearchGrammar, SearchProduction, SearchTerminal

FILE = Path(__file__).with_name("productions.tsv")
HEADER = "# cost in bits, uses, production: written by `make derived`"

CAPS = {"Callable": 9, "Boolean": 8, "Integer": 14, "Color": 16}
"""Largest cost of a state in bits, by type, where more expensive states are rarely of use."""
NO_CAP = 1000

ARITY_MAX = 4
"""Largest number of arguments of a production."""


@dataclass(frozen=True)
class Production:
    """A production: a primitive at ground types, with its cost.

    Attributes:
        instance: the primitive at ground types.
        cost: description length in bits, 1 or more.
        uses: weighted number of programs that call it, in the corpus from which the cost is learnt.
    """

    instance: Instance
    cost: int
    uses: float = 0.0

    def add_to(self, builder: GraphBuilder, args: Sequence[int]) -> int:
        """Add a call of the primitive to a graph."""
        return builder.call(self.instance.name, *args)


@dataclass(frozen=True)
class Grammar:
    """All productions, and the primitives that are terminals.

    Attributes:
        productions: the productions in the order in which search tries them.
        functions: primitives as values, for productions that take a function.
        type_caps: largest cost of a state in bits, by name of its type.
    """

    productions: tuple[Production, ...]
    functions: tuple[Terminal, ...]
    type_caps: Mapping[str, int] = field(default_factory=lambda: CAPS)

    @cached_property
    def types(self) -> tuple[Type, ...]:
        """The types that states may have."""
        kinds = dict.fromkeys(map(expand, VALUES))
        for production in self.productions:
            one = production.instance
            kinds.update(dict.fromkeys((*one.parameters, one.result)))
        kinds.update(dict.fromkeys(terminal.type for terminal in self.functions))
        return tuple(kinds)

    @cached_property
    def numbers(self) -> Mapping[Type, int]:
        """The index of each type in `types`."""
        return {one: number for number, one in enumerate(self.types)}

    @cached_property
    def native(self) -> SearchGrammar:
        """The grammar in the form of the native engine, which has to be built."""
        from arcbatt.engine.native_search import SearchGrammar

        grid, thing, indices, color = (self.numbers[kind] for kind in ROLES)
        return SearchGrammar(
            self.native_productions,
            caps=self.caps,
            grid=grid,
            object=thing,
            indices=indices,
            color=color,
        )

    def native_functions(self, samples: int) -> list[SearchTerminal]:
        """Return `functions` in the form of the native engine, with a value for each sample."""
        from arcbatt.engine.native_search import SearchTerminal

        known = self._native_functions.get(samples)
        if known is None:
            known = [
                SearchTerminal(self.numbers[one.type], cost=one.cost, values=[one.value] * samples)
                for one in self.functions
            ]
            self._native_functions[samples] = known
        return known

    @cached_property
    def _native_functions(self) -> dict[int, list[SearchTerminal]]:
        return {}

    @cached_property
    def caps(self) -> list[int]:
        """Return the largest cost of a state in bits, for each type in the order of `types`."""
        return [self.type_caps.get(one.name, NO_CAP) for one in self.types]

    @cached_property
    def native_productions(self) -> list[SearchProduction]:
        """Return the productions in the form of the native engine, which has to be built."""
        from arcbatt.engine.native_search import SearchProduction

        numbers = self.numbers
        of_name: defaultdict[str, list[int]] = defaultdict(list)
        for number, production in enumerate(self.productions):
            of_name[production.instance.name].append(number)
        barred: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for name in of_name:
            for inner in REGISTRY[name].facts.redundant_after:
                barred[name] += [(0, number) for number in of_name.get(inner, ())]
        return [
            SearchProduction(
                one.name,
                parameters=[numbers[kind] for kind in one.parameters],
                result=numbers[one.result],
                cost=production.cost,
                commutes=_commutes(one),
                barred=barred[one.name],
            )
            for production in self.productions
            for one in (production.instance,)
        ]


def _commutes(one: Instance) -> bool:
    """Return whether the arguments may be swapped: `combine` on tuples keeps their order."""
    commutes = REGISTRY[one.name].facts.commutes
    return commutes and len(set(one.parameters)) == 1 and one.result.name != "Tuple"


GRID, OBJECT, INDICES, COLOR = (
    expand(parse_type(name)) for name in ("Grid", "Object", "Indices", "Color")
)
ROLES = (GRID, OBJECT, INDICES, COLOR)
"""The types that covers are made of: grids, objects, and locations with a colour."""


def list_productions() -> tuple[list[Instance], list[tuple[str, Type]]]:
    """List all productions, and all primitives that are values with their types."""
    maps, values = map_types(), tuple(map(expand, VALUES))
    # Productions that repeat or drop demos would let programs learn from demos that no task has.
    results = {*values, *maps} - {expand(parse_type("Samples"))}
    wanted = {*maps, *binary_types()}
    productions: list[Instance] = []
    functions: list[tuple[str, Type]] = []
    for one in _plain_instances(values, maps):
        if one.result in results:
            productions.append(one)
        kind = function_type(*one.parameters, one.result)
        if kind in wanted:
            functions.append((one.name, kind))
    given = dict.fromkeys(kind for _, kind in functions)
    for primitive in REGISTRY.values():
        if primitive.is_searched and primitive.makes_function:
            made = instances(primitive, (*values, *dict.fromkeys((*maps, *given))))
            productions += [one for one in made if one.result in results]
    return productions, functions


def _plain_instances(values: tuple[Type, ...], maps: tuple[Type, ...]) -> Iterator[Instance]:
    for primitive in REGISTRY.values():
        if not primitive.is_searched or primitive.makes_function or primitive.arity > ARITY_MAX:
            continue
        takes_function = any(each.type.name == "Callable" for each in primitive.parameters)
        yield from instances(primitive, (*values, *maps) if takes_function else values)


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


def write_grammar(grammar: Grammar) -> str:
    """Write a grammar as text: a line for each production, then one for each function."""
    lines = [HEADER]
    for production in grammar.productions:
        one = production.instance
        parameters = ", ".join(map(name_of, one.parameters))
        uses = f"{production.uses:.2f}".rstrip("0").rstrip(".")
        signature = f"{one.name}({parameters}) -> {name_of(one.result)}"
        lines.append(f"{production.cost}\t{uses}\t{signature}")
    lines += [f"{one.cost}\t\t{one.name}: {name_of(one.type)}" for one in grammar.functions]
    return "\n".join(lines) + "\n"


@cache
def _ground(text: str) -> Type:
    return expand(parse_type(text))


def read_grammar(lines: Iterable[str]) -> Grammar:
    """Read a grammar from lines that `write_grammar` wrote.

    Raises ValueError at the first line that is neither a production nor a function.
    """
    productions: list[Production] = []
    functions: list[Terminal] = []
    for line in lines:
        if line.startswith("#"):
            continue
        cost, uses, text = line.rstrip("\n").split("\t")
        name, bracket, signature = text.partition("(")
        if bracket and ":" not in name:
            parameters, _, result = signature.rpartition(") -> ")
            *grounds, ground = _ground(f"Callable[[{parameters}], {result}]").args
            instance = Instance(name, tuple(grounds), ground)
            productions.append(Production(instance, int(cost), float(uses)))
        else:
            name, _, kind = text.partition(": ")
            functions.append(function_terminal(name, _ground(kind), int(cost)))
    return Grammar(tuple(productions), tuple(functions))


@cache
def load_grammar() -> Grammar:
    """Load the grammar that ships with the package."""
    return read_grammar(FILE.read_text(encoding="utf-8").splitlines())
