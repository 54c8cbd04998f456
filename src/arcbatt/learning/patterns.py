"""Patterns: parts of programs with holes, found from the top down.

A pattern grows from a single hole: its first open place becomes a call, a leaf, a hole of its own
or a hole that is there already, and the places where it matches become fewer. What can't save more
bits than the best pattern so far is left (Bowers et al., "Top-Down Synthesis for Library Learning",
2023).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from arcbatt.dsl.types import Type, parse_type
from arcbatt.learning.corpus import INPUT_BITS, Call, Entry, Pricer
from arcbatt.learning.rewrite import edge_bits, saved_bits
from arcbatt.program.graph import Node, Op
from arcbatt.search.ground import expand

TASKS_MIN = 3
"""Programs of so many tasks at least have to hold a pattern."""
CALLS_MIN, CALLS_MAX = 2, 8
"""Calls of a pattern."""
HOLES_MAX = 3
"""Holes of a pattern: each one more multiplies what search has to try."""
RESULTS = tuple(
    expand(parse_type(name)) for name in ("Grid", "Object", "Objects", "Indices", "Color")
)
"""What functions make. Of other types, such as functions of functions, programs use so few that a
move would seem cheap, and search would try little else."""
SAVED_MIN = 20.0
"""Bits that a function has to save: less is no reason for a name."""
PARAMETER_BITS = 4
"""What the definition of a function costs for each parameter, beside its body."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A place where anything of a type may stand."""

    number: int


@dataclass(frozen=True, slots=True)
class Part:
    """A place with a call; its arguments follow.

    Attributes:
        label: of the call, see `Call`.
        name: of what is called.
        arity: how many arguments it takes.
    """

    label: str
    name: str
    arity: int


@dataclass(frozen=True, slots=True)
class Given:
    """A place with a constant or a primitive as a value."""

    node: Node
    kind: Type | None


Piece = Hole | Part | Given


class Match(NamedTuple):
    """Where a pattern stands in a program.

    Attributes:
        entry: index of the program.
        root: of the part.
        open: nodes at the places that are not settled, the first one last, with their types.
        holes: nodes at the holes.
        inner: nodes of the calls.
        size: bits of the calls and of what stands at the open places: it can't save more.
    """

    entry: int
    root: int
    open: tuple[tuple[int, Type | None], ...]
    holes: tuple[int, ...]
    inner: tuple[int, ...]
    size: float


@dataclass(frozen=True)
class Pattern:
    """A pattern with all that it matches.

    Attributes:
        pieces: the places in the order in which they stand in text.
        kinds: the types of the holes.
        result: its type.
        matches: those that are worth a call.
        saved: bits that all of them save, less the definition.
        bits: cost of a call.
    """

    pieces: tuple[Piece, ...]
    kinds: tuple[Type, ...]
    result: Type
    matches: tuple[Match, ...]
    saved: float
    bits: float


class Finder:
    """Finds the pattern that saves the most bits in some programs."""

    def __init__(self, entries: Sequence[Entry], pricer: Pricer) -> None:
        self.entries = entries
        self.pricer = pricer
        self.best: Pattern | None = None
        self.sizes = [_sizes(entry, self._own(entry)) for entry in entries]
        self.parts: dict[str, Part] = {}

    def _own(self, entry: Entry) -> list[float]:
        """Return for each node what its call costs, with its edges."""
        return [
            0.0 if call is None else call.bits + edge_bits(self.pricer, entry, call)
            for call in entry.calls
        ]

    def find(self) -> Pattern | None:
        """Return the pattern that saves most; None if none saves anything."""
        by_part: defaultdict[Part, list[Match]] = defaultdict(list)
        for number, entry in enumerate(self.entries):
            for index, call in enumerate(entry.calls):
                if call is not None and call.label and call.result in RESULTS:
                    size = self.sizes[number][index]
                    match = Match(number, index, _args(call), (), (index,), size)
                    by_part[self._part(call)].append(match)
        groups = [
            (self.bound(matches), part, matches)
            for part, matches in by_part.items()
            if self.is_shared(matches)
        ]
        for bound, part, matches in sorted(groups, key=lambda group: (-group[0], group[1].label)):
            if bound <= self._floor:
                break
            self.grow((part,), (), matches)
        return self.best

    @property
    def _floor(self) -> float:
        """Bits that a pattern has to save to be of interest."""
        return SAVED_MIN if self.best is None else self.best.saved

    def is_shared(self, matches: Sequence[Match]) -> bool:
        """Tell whether programs of enough tasks match."""
        return len({self.entries[match.entry].task for match in matches}) >= TASKS_MIN

    def bound(self, matches: Sequence[Match]) -> float:
        """Return bits that no pattern which grows from this one saves more of."""
        result = self._call(matches[0], matches[0].root).result
        assert result is not None
        # The fewer matches are left in the end, the more a call costs.
        bits = self.pricer.function_bits(result, self._weight(matches))
        total = 0.0
        for match in matches:
            if match.size > bits:
                total += self.entries[match.entry].weight * (match.size - bits)
        return total - sum(self._call(matches[0], index).bits for index in matches[0].inner)

    def grow(
        self, pieces: tuple[Piece, ...], kinds: tuple[Type, ...], matches: Sequence[Match]
    ) -> None:
        """Judge what a pattern can become."""
        if not matches[0].open:
            self.judge(pieces, kinds, matches)
            return
        for more, types, fewer in self._grown(pieces, kinds, matches):
            if self.is_shared(fewer) and self.bound(fewer) > self._floor:
                self.grow((*pieces, more), types, fewer)

    def _grown(
        self, pieces: tuple[Piece, ...], kinds: tuple[Type, ...], matches: Sequence[Match]
    ) -> Iterator[tuple[Piece, tuple[Type, ...], list[Match]]]:
        more_calls = sum(isinstance(piece, Part) for piece in pieces) < CALLS_MAX
        more_holes = len(kinds) < HOLES_MAX
        by_part: defaultdict[Part, list[Match]] = defaultdict(list)
        by_leaf: defaultdict[Given, list[Match]] = defaultdict(list)
        again: defaultdict[int, list[Match]] = defaultdict(list)
        by_kind: defaultdict[Type, list[Match]] = defaultdict(list)
        for match in matches:
            number, root, places, holes, inner, size = match
            entry = self.entries[number]
            (index, kind), rest = places[-1], places[:-1]
            call = entry.calls[index]
            less = size - self.sizes[number][index]
            if call is None:
                node = entry.nodes[index]
                if node.op is Op.CONSTANT or node.op is Op.FUNCTION:
                    by_leaf[Given(node, kind)].append(Match(number, root, rest, holes, inner, less))
            elif more_calls and call.label:
                within = inner if index in inner else (*inner, index)
                by_part[self._part(call)].append(
                    Match(number, root, (*rest, *_args(call)), holes, within, size)
                )
            for place, hole in enumerate(holes):
                if hole == index and kinds[place] == kind:
                    again[place].append(Match(number, root, rest, holes, inner, less))
            if more_holes and kind is not None:
                by_kind[kind].append(Match(number, root, rest, (*holes, index), inner, less))
        for part, found in by_part.items():
            yield part, kinds, found
        for given, found in by_leaf.items():
            yield given, kinds, found
        for number, found in again.items():
            yield Hole(number), kinds, found
        for kind, found in by_kind.items():
            yield Hole(len(kinds)), (*kinds, kind), found

    def judge(
        self, pieces: tuple[Piece, ...], kinds: tuple[Type, ...], matches: Sequence[Match]
    ) -> None:
        """Keep a finished pattern if it saves more than the best one."""
        if not kinds or sum(isinstance(piece, Part) for piece in pieces) < CALLS_MIN:
            return
        root = self._call(matches[0], matches[0].root)
        assert root.result is not None
        bits = self.pricer.function_bits(root.result, self._weight(matches))
        calls = [Call("", "", match.holes, kinds, root.result, bits) for match in matches]
        chosen: list[tuple[Match, float]] = []
        taken: set[tuple[int, int]] = set()
        order = sorted(range(len(matches)), key=lambda at: (matches[at].entry, -matches[at].root))
        for place in order:
            match = matches[place]
            saved = saved_bits(
                self.pricer, self.entries[match.entry], match.root, match.inner, calls[place]
            )
            inner = {(match.entry, index) for index in match.inner}
            if saved > bits and not inner & taken:
                taken |= inner
                chosen.append((match, saved))
        found = [match for match, _ in chosen]
        if not self.is_shared(found):
            return
        bits = self.pricer.function_bits(root.result, self._weight(found))
        saved = sum(self.entries[match.entry].weight * (gain - bits) for match, gain in chosen)
        saved -= self._definition_bits(pieces, kinds, matches[0])
        if saved > self._floor:
            self.best = Pattern(pieces, kinds, root.result, tuple(found), saved, bits)

    def _call(self, match: Match, index: int) -> Call:
        call = self.entries[match.entry].calls[index]
        assert call is not None
        return call

    def _part(self, call: Call) -> Part:
        part = self.parts.get(call.label)
        if part is None:
            part = self.parts[call.label] = Part(call.label, call.name, len(call.args))
        return part

    def _weight(self, matches: Iterable[Match]) -> float:
        return sum(self.entries[match.entry].weight for match in matches)

    def _definition_bits(
        self, pieces: Iterable[Piece], kinds: Sequence[Type], match: Match
    ) -> float:
        bits = float(PARAMETER_BITS * len(kinds))
        bits += sum(self._call(match, index).bits for index in match.inner)
        for piece in pieces:
            if isinstance(piece, Hole):
                bits += INPUT_BITS
            elif isinstance(piece, Given):
                bits += self.pricer.leaf_bits(piece.node, piece.kind)
        return bits


def _sizes(entry: Entry, own: Sequence[float]) -> list[float]:
    """Return for each node what the subtree below it costs: no pattern can save more there."""
    sizes: list[float] = []
    for call, bits in zip(entry.calls, own, strict=True):
        sizes.append(bits + sum(sizes[arg] for arg in call.args) if call is not None else 0.0)
    return sizes


def _args(call: Call) -> tuple[tuple[int, Type | None], ...]:
    """Return the arguments of a call with their types, the first one last."""
    return tuple(zip(call.args, call.kinds, strict=True))[::-1]
