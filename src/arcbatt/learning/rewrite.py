"""Rewriting programs with functions: where a body stands, a call takes its place."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from arcbatt.learning.corpus import REUSE_BITS, Call, Entry, Pricer
from arcbatt.program.definitions import Definition
from arcbatt.program.graph import Node, Op
from arcbatt.search.ground import expand


@dataclass(frozen=True)
class Place:
    """Where a function stands in a program.

    Attributes:
        entry: index of the program.
        saved: bits that the call saves there.
    """

    entry: int
    saved: float


class Rewriter:
    """Rewrites programs with functions whose calls cost certain bits."""

    def __init__(
        self, pricer: Pricer, functions: Iterable[Definition], bits: Mapping[str, float]
    ) -> None:
        self.pricer = pricer
        self.bits = bits
        # Large ones first: a small one would take away what a large one holds.
        self.functions = sorted(functions, key=lambda one: (-one.body.size, one.name))
        self.by_root: defaultdict[str, list[Definition]] = defaultdict(list)
        for function in self.functions:
            self.by_root[function.body.nodes[function.body.root].name].append(function)

    def rewrite(self, entries: Sequence[Entry]) -> dict[str, list[Place]]:
        """Rewrite programs, wherever that saves bits, and say where."""
        places: dict[str, list[Place]] = {function.name: [] for function in self.functions}
        for number, entry in enumerate(entries):
            present = {call.name for call in entry.calls if call is not None}
            for function in self.functions:
                if function.body.nodes[function.body.root].name not in present:
                    continue
                for index in range(len(entry.calls) - 1, -1, -1):
                    saved = self._replace(entry, index, function)
                    if saved > 0:
                        places[function.name].append(Place(number, saved))
        return places

    def _replace(self, entry: Entry, index: int, function: Definition) -> float:
        """Put a call in the place of a node if that saves bits, and return how many."""
        matched = match(entry, index, function)
        if matched is None:
            return 0.0
        inner, holes = matched
        kinds = tuple(expand(kind) for _, kind in function.parameters)
        call = Call(
            function.name, function.name, holes, kinds, expand(function.result),
            self.bits[function.name],
        )  # fmt: skip
        saved = saved_bits(self.pricer, entry, index, inner, call) - call.bits
        if saved > 0:
            entry.calls[index] = call
            entry.count_uses()
        return saved


def match(
    entry: Entry, index: int, function: Definition
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Match a function's body with a node; the nodes of its calls and of its arguments."""
    body = function.body
    bound: dict[int, int] = {}
    inner: dict[int, None] = {}
    stack = [(body.root, index)]
    while stack:
        place, at = stack.pop()
        if bound.setdefault(place, at) != at:
            return None
        node, call = body.nodes[place], entry.calls[at]
        if node.op is Op.INPUT:
            continue
        if node.op is not Op.CALL:
            if call is not None or not _equal(node, entry.nodes[at]):
                return None
            continue
        if call is None or call.name != node.name:
            return None
        inner[at] = None
        stack += zip(node.args, call.args, strict=True)
    names = {node.name: place for place, node in enumerate(body.nodes) if node.op is Op.INPUT}
    return tuple(inner), tuple(bound[names[name]] for name, _ in function.parameters)


def _equal(one: Node, other: Node) -> bool:
    return one.op is other.op and one.name == other.name


def saved_bits(pricer: Pricer, entry: Entry, root: int, inner: Iterable[int], call: Call) -> float:
    """Return the bits that go if a part gives way to a call, that call's own bits left out.

    Args:
        pricer: of leaves.
        entry: the program.
        root: the node that becomes the call.
        inner: the nodes of the calls that the part holds; those which something else uses stay.
        call: what takes its place.
    """
    lost: Counter[int] = Counter()
    saved, gone = 0.0, 0
    for index in sorted(inner, reverse=True):
        if index != root and (lost[index] < entry.uses[index] or index in call.args):
            continue
        old = entry.calls[index]
        assert old is not None
        gone += 1
        lost.update(old.args)
        saved += old.bits + edge_bits(pricer, entry, old)
    # The first use of a node is free: it comes and goes with the node.
    saved -= REUSE_BITS * (gone - 1)
    return saved - edge_bits(pricer, entry, call)


def edge_bits(pricer: Pricer, entry: Entry, call: Call) -> float:
    """Return what the arguments of a call cost, as leaves and as further uses."""
    return sum(
        pricer.leaf_bits(entry.nodes[arg], kind) if entry.calls[arg] is None else REUSE_BITS
        for arg, kind in zip(call.args, call.kinds, strict=True)
    )
