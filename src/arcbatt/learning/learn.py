"""Learning functions: the best pattern becomes one, programs are rewritten, and again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap

from arcbatt.dsl import CONSTANTS, REGISTRY
from arcbatt.dsl.types import Type, parse_type
from arcbatt.learning.corpus import Call, Entry, Pricer, total_bits
from arcbatt.learning.patterns import (
    PARAMETER_BITS,
    SAVED_MIN,
    TASKS_MIN,
    Finder,
    Given,
    Hole,
    Part,
    Pattern,
)
from arcbatt.learning.rewrite import Place, Rewriter
from arcbatt.program.definitions import Definition
from arcbatt.program.graph import GraphBuilder, Node, Op, Program
from arcbatt.search.ground import expand
from arcbatt.search.table import Table, name_of

WORDS_MAX = 5
"""Words of a name."""
LINE = 90
"""Columns of a docstring."""


@dataclass(frozen=True, slots=True)
class Example:
    """A program to learn from.

    Attributes:
        task: that it solves, or a name of its own.
        program: its graph.
        weight: how often it counts.
    """

    task: str
    program: Program
    weight: float = 1.0


@dataclass(frozen=True)
class Bits:
    """What programs cost with and without functions.

    Attributes:
        before: bits of all programs, each counted once.
        after: the same with calls of functions.
        definitions: bits of the functions that are called.
        functions: how many are called.
        places: calls of them.
        programs: how many there are.
        shorter: how many of them call a function.
    """

    before: float
    after: float
    definitions: float
    functions: int
    places: int
    programs: int
    shorter: int

    @property
    def saved(self) -> float:
        """The bits that the functions save, their definitions paid."""
        return self.before - self.after - self.definitions


class Learner:
    """Learns functions, and measures them, under the costs of one table of moves."""

    def __init__(self, table: Table) -> None:
        self.pricer = Pricer(table)
        self._known: dict[int, tuple[Example, Entry]] = {}

    def learn(self, examples: Sequence[Example]) -> tuple[Definition, ...]:
        """Return the functions that save bits in programs of three tasks at least, best first."""
        known: dict[str, Definition] = {}
        entries = self._entries(examples)
        while (pattern := Finder(entries, self.pricer).find()) is not None:
            definition = _define(pattern, known)
            known[definition.name] = definition
            for match in pattern.matches:
                entry = entries[match.entry]
                entry.calls[match.root] = Call(
                    definition.name, definition.name, match.holes, pattern.kinds,
                    pattern.result, pattern.bits,
                )  # fmt: skip
                entry.count_uses()
        return self._settle(examples, tuple(known.values()))

    def measure(self, examples: Sequence[Example], functions: Sequence[Definition]) -> Bits:
        """Return what programs cost with and without functions, at the costs that these have."""
        entries = self._entries(examples)
        before = total_bits(self.pricer, entries)
        bits = {one.name: self._bits(one, one.places or 1) for one in functions}
        places = Rewriter(self.pricer, functions, bits).rewrite(entries)
        called = [one for one in functions if places[one.name]]
        return Bits(
            before=before,
            after=total_bits(self.pricer, entries),
            definitions=sum(map(self._definition_bits, called)),
            functions=len(called),
            places=sum(map(len, places.values())),
            programs=len(entries),
            shorter=len({place.entry for found in places.values() for place in found}),
        )

    def _entries(self, examples: Iterable[Example]) -> list[Entry]:
        return [self._entry(one).copy() for one in examples]

    def _entry(self, example: Example) -> Entry:
        # Hashing programs would take longer than looking them up by identity.
        key = id(example)
        if key not in self._known:
            one = self.pricer.entry(example.task, example.program, example.weight)
            self._known[key] = example, one
        return self._known[key][1]

    def _settle(
        self, examples: Sequence[Example], functions: Sequence[Definition]
    ) -> tuple[Definition, ...]:
        """Keep the functions that save more than they cost when all of them are there."""
        uses = {one.name: float(TASKS_MIN) for one in functions}
        while True:
            entries = self._entries(examples)
            bits = {one.name: self._bits(one, uses[one.name]) for one in functions}
            places = Rewriter(self.pricer, functions, bits).rewrite(entries)
            tasks = {
                name: sorted({entries[place.entry].task for place in found})
                for name, found in places.items()
            }
            gains = {one.name: self._gain(one, places[one.name], entries) for one in functions}
            kept = [
                one
                for one in functions
                if gains[one.name] > SAVED_MIN and len(tasks[one.name]) >= TASKS_MIN
            ]
            weights = {
                one.name: sum(entries[place.entry].weight for place in places[one.name])
                for one in kept
            }
            if weights == uses:
                break
            functions, uses = kept, weights
        ordered = sorted(kept, key=lambda one: (-gains[one.name], one.name))
        taken = {*REGISTRY, *CONSTANTS}
        settled = []
        for one in ordered:
            # Names that were taken by functions which are gone are free again.
            name = _fresh_name(one.body, taken)
            taken.add(name)
            doc = _doc(one, gains[one.name], len(places[one.name]), tasks[one.name])
            settled.append(replace(one, name=name, doc=doc))
        return tuple(settled)

    def _bits(self, function: Definition, uses: float) -> float:
        return self.pricer.function_bits(expand(function.result), uses)

    def _gain(
        self, function: Definition, places: Sequence[Place], entries: Sequence[Entry]
    ) -> float:
        saved = sum(entries[place.entry].weight * place.saved for place in places)
        return saved - self._definition_bits(function)

    def _definition_bits(self, function: Definition) -> float:
        entry = self.pricer.entry(function.name, function.body, inputs=dict(function.parameters))
        return self.pricer.bits(entry) + PARAMETER_BITS * len(function.parameters)


def _doc(function: Definition, gain: float, places: int, tasks: Sequence[str]) -> str:
    where = f"in {places} place{'s' if places > 1 else ''} of {len(tasks)} tasks"
    text = f"Saves {max(1, round(gain))} bits {where}: {', '.join(tasks)}."
    return "\n".join([*wrap(f"Return {function.expression}.", LINE), "", *wrap(text, LINE)])


def _define(pattern: Pattern, known: Mapping[str, Definition]) -> Definition:
    """Make the definition of a pattern, over primitives alone, with names from its calls."""
    builder = GraphBuilder()
    pieces = iter(pattern.pieces)

    def build() -> int:
        match next(pieces):
            case Hole(number):
                return builder.parameter(str(number))
            case Given(node):
                return builder.add(node)
            case Part(_, name, arity):
                args = [build() for _ in range(arity)]
                if name in known:
                    return known[name].add_to(builder, args)
                return builder.call(name, *args)

    body = builder.program(build())
    names = _parameter_names(body)
    nodes = tuple(
        replace(node, name=names[node.name]) if node.op is Op.INPUT else node for node in body.nodes
    )
    parameters = tuple(
        (names[str(number)], _named(kind)) for number, kind in enumerate(pattern.kinds)
    )
    name = _fresh_name(body, {*known, *REGISTRY, *CONSTANTS})
    return Definition(name, parameters, _named(pattern.result), replace(body, nodes=nodes))


def _named(kind: Type) -> Type:
    return parse_type(name_of(kind))


def _parameter_names(body: Program) -> dict[str, str]:
    """Name the parameters as the primitives do that take them first."""
    names: dict[str, str] = {}
    for node in body.nodes:
        for place, arg in enumerate(node.args):
            given = body.nodes[arg]
            if given.op is not Op.INPUT or given.name in names:
                continue
            wanted = name = REGISTRY[node.name].parameters[place].name
            number = 1
            while name in names.values() or name in REGISTRY or name in CONSTANTS:
                number += 1
                name = f"{wanted}{number}"
            names[given.name] = name
    return names


def _fresh_name(body: Program, taken: set[str]) -> str:
    """Join the first calls and constants of a body, in the order in which they stand in text."""
    words: list[str] = []
    stack = [body.root]
    while stack:
        node = body.nodes[stack.pop()]
        if node.op is not Op.INPUT:
            words.append(_word(node))
        stack += reversed(node.args)
    wanted = name = "_".join(words[:WORDS_MAX])
    number = 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def _word(node: Node) -> str:
    if node.op is Op.CONSTANT and isinstance(node.value, bool):
        return str(node.value).lower()
    text = node.name.lower().replace("-", "minus ")
    return "_".join(re.findall(r"\w+", text))
