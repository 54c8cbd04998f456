"""Programs as library learning sees them: calls at ground types, each with its bits.

A program costs the bits of its calls, each node once, of the leaves that they take, and a few for
every further use of a node.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from arcbatt.dsl.types import Type, Value, parse_type
from arcbatt.program.check import INPUT_TYPES, check
from arcbatt.program.graph import Node, Op, Program
from arcbatt.search.costs import call_types, fit, total_weights
from arcbatt.search.functions import function_bits
from arcbatt.search.ground import expand
from arcbatt.search.leaves import constant_leaves
from arcbatt.search.table import Move, Table

INPUT_BITS = 1
"""What S, I, C or a parameter costs where it is used."""
REUSE_BITS = 3
"""What each further use of a node costs."""
OTHER_BITS = 12
"""What a call costs that is no move of search, such as `fork`."""
COLOR_BITS = 4
"""What a colour costs where it is used."""
NUMBER_BITS = 8
"""What a number costs that search has no leaf for; a pair costs it twice."""

COLOR = expand(parse_type("Color"))


@dataclass(frozen=True, slots=True)
class Call:
    """A node that is a call.

    Attributes:
        label: the primitive or the learnt function with its types, as text: equal labels are
            equal calls. Empty for the call of a computed function, which no pattern holds.
        name: of the primitive or the learnt function.
        args: indices of earlier nodes.
        kinds: the ground type of each parameter; None where it is not known.
        result: the ground type; None where it is not known.
        bits: cost of the call alone.
    """

    label: str
    name: str
    args: tuple[int, ...]
    kinds: tuple[Type | None, ...]
    result: Type | None
    bits: float


@dataclass
class Entry:
    """A program of the corpus.

    Attributes:
        task: that it solves, or its own name.
        program: as it was written.
        weight: how often it counts.
        nodes: the graph's nodes; calls of learnt functions stand for what they replace.
        calls: for each node its call; None for a leaf, and for a call that is gone.
        root: index of the result.
    """

    task: str
    program: Program
    weight: float
    nodes: list[Node]
    calls: list[Call | None]
    root: int
    uses: Counter[int] = field(default_factory=Counter)

    def copy(self) -> Entry:
        """Return an entry that may be rewritten without changing this one."""
        return replace(self, calls=self.calls.copy(), uses=self.uses.copy())

    def count_uses(self) -> None:
        """Drop the calls that the result does not need, and count the uses of each node."""
        needed = {self.root}
        self.uses = Counter()
        for index in range(len(self.calls) - 1, -1, -1):
            call = self.calls[index]
            if call is None:
                continue
            if index in needed:
                needed.update(call.args)
                self.uses.update(call.args)
            else:
                self.calls[index] = None


class Pricer:
    """Knows what calls and leaves cost under a table of moves."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._moves = defaultdict(list)
        for move in table.moves:
            self._moves[move.instance.name].append(move)
        self._leaves: dict[tuple[Type, str], int] = {}
        for leaf in constant_leaves([]):
            self._leaves.setdefault((leaf.type, repr(leaf.value)), leaf.cost)
        self._functions = {(leaf.name, leaf.type): leaf.cost for leaf in table.functions}
        self._totals = total_weights(table)
        self._fitting: dict[tuple[str, tuple[Type, ...]], Move | None] = {}

    def leaf_bits(self, node: Node, kind: Type | None) -> int:
        """Return what a leaf costs where a type is wanted."""
        match node.op:
            case Op.INPUT:
                return INPUT_BITS
            case Op.FUNCTION:
                known = self._functions.get((node.name, kind)) if kind else None
                return NUMBER_BITS if known is None else known
        if kind == COLOR:
            return COLOR_BITS
        value: Value = node.value
        if isinstance(value, bool):
            return 1
        known = self._leaves.get((kind, repr(value))) if kind else None
        if known is not None:
            return known
        return 2 * NUMBER_BITS if isinstance(value, tuple) else NUMBER_BITS

    def function_bits(self, result: Type, uses: float) -> float:
        """Return what a call of a function costs that is used so often."""
        return function_bits(self._totals[result], uses)

    def entry(
        self,
        task: str,
        program: Program,
        weight: float = 1.0,
        inputs: Mapping[str, Type] = INPUT_TYPES,
    ) -> Entry:
        """Price a program; `inputs` are the types of what it reads."""
        types = [expand(one) for one in check(program, inputs).types]
        loose = call_types(types)
        calls: list[Call | None] = []
        for index, node in enumerate(program.nodes):
            calls.append(self._call(index, node, types, loose))
        entry = Entry(task, program, weight, list(program.nodes), calls, program.root)
        entry.count_uses()
        return entry

    def _call(
        self, index: int, node: Node, types: Sequence[Type], loose: Sequence[Type]
    ) -> Call | None:
        if node.op is Op.INVOKE:
            return Call("", "", node.args, (None,) * len(node.args), None, OTHER_BITS)
        if node.op is not Op.CALL:
            return None
        arguments = tuple(loose[arg] for arg in node.args)
        move = self._move(node.name, arguments)
        if move is not None:
            one = move.instance
            return Call(str(one), one.name, node.args, one.parameters, one.result, move.cost)
        numbers = self.table.numbers
        kinds = tuple(types[arg] if types[arg] in numbers else None for arg in node.args)
        result = types[index] if types[index] in numbers else None
        label = f"{node.name}({', '.join(map(str, kinds))}) -> {result}"
        return Call(label, node.name, node.args, kinds, result, OTHER_BITS)

    def _move(self, name: str, arguments: tuple[Type, ...]) -> Move | None:
        """Return the likeliest move that a call may be; None if it is none."""
        key = (name, arguments)
        if key not in self._fitting:
            fitting = [move for move in self._moves[name] if fit(arguments, move.instance)]
            self._fitting[key] = min(
                fitting, key=lambda move: (move.cost, -move.uses), default=None
            )
        return self._fitting[key]

    def bits(self, entry: Entry) -> float:
        """Return what a program costs."""
        total = float(
            REUSE_BITS
            * sum(
                count - 1 for index, count in entry.uses.items() if entry.calls[index] is not None
            )
        )
        for call in entry.calls:
            if call is None:
                continue
            total += call.bits
            for arg, kind in zip(call.args, call.kinds, strict=True):
                if entry.calls[arg] is None:
                    total += self.leaf_bits(entry.nodes[arg], kind)
        if entry.calls[entry.root] is None:
            total += self.leaf_bits(entry.nodes[entry.root], None)
        return total


def total_bits(pricer: Pricer, entries: Iterable[Entry]) -> float:
    """Return what programs cost together, each counted once."""
    return sum(pricer.bits(entry) for entry in entries)
