"""The table of moves: every primitive at its ground types, with its cost in bits."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import Type, parse_type
from arcbatt.dsl.values import Function
from arcbatt.search.ground import (
    VALUES,
    Instance,
    binary_types,
    expand,
    instances,
    map_types,
)

UNUSED = frozenset(
    "chain fork identity inputs interval mpapply outputs pair papply power prapply product rapply"
    " apply_t mapply_t sample_symmetry".split()
)
"""Primitives that search does not use: what they do is reached by others, or they need functions
that search does not make."""

COMMUTING = frozenset(
    "add adjacent both combine either equality hmatching intersection manhattan multiply"
    " vmatching".split()
)
"""Primitives whose two arguments of one type may be swapped."""

IDENTITIES = (
    ("cmirror", "cmirror"),
    ("dmirror", "dmirror"),
    ("hmirror", "hmirror"),
    ("vmirror", "vmirror"),
    ("rot180", "rot180"),
    ("rot90", "rot270"),
    ("rot270", "rot90"),
    ("rot90", "rot90"),
    ("rot270", "rot270"),
    ("rot270", "rot180"),
    ("rot180", "rot270"),
    ("rot90", "rot180"),
    ("rot180", "rot90"),
    ("hmirror", "vmirror"),
    ("invert", "invert"),
    ("flip", "flip"),
    ("normalize", "normalize"),
    ("compress", "compress"),
    ("toindices", "recolor"),
    ("increment", "decrement"),
    ("decrement", "increment"),
    ("backdrop", "backdrop"),
    ("backdrop", "box"),
    ("backdrop", "toindices"),
)
"""Calls (outer, inner) whose result a cheaper expression has as well."""

FRESH_USES = 6.0
"""Uses that a primitive beyond arc-dsl counts as having before any was seen."""
PRIOR_USES = 0.5
"""Uses that any other primitive counts as having before any was seen."""


@dataclass(frozen=True)
class Move:
    """One way to make a state: a primitive at ground types.

    Attributes:
        instance: the primitive with its types.
        cost: bits of description, at least 1.
    """

    instance: Instance
    cost: int


@dataclass(frozen=True)
class FunctionLeaf:
    """A primitive as a value, with its ground type."""

    name: str
    type: Type
    cost: int


@dataclass(frozen=True)
class Table:
    """Types, moves and function leaves."""

    types: tuple[Type, ...]
    moves: tuple[Move, ...]
    functions: tuple[FunctionLeaf, ...]

    @cached_property
    def numbers(self) -> Mapping[Type, int]:
        """The number of each type."""
        return {one: number for number, one in enumerate(self.types)}


def build_table(uses: Mapping[str, int], fresh: Iterable[str] = ()) -> Table:
    """Instantiate all primitives, with costs from how often each was used."""
    values = tuple(map(expand, VALUES))
    maps = map_types()
    binaries = binary_types()
    results = {*values, *maps}
    found: list[Instance] = []
    functions: list[tuple[str, Type]] = []
    wanted = {*maps, *binaries}
    makers = ("rbind", "lbind", "compose", "matcher")
    for primitive in REGISTRY.values():
        if primitive.name in UNUSED:
            continue
        if primitive.name in makers:
            continue
        takes_function = any(p.type.name == "Callable" for p in primitive.parameters)
        types = (*values, *maps) if takes_function else values
        if primitive.arity > 4:
            continue
        for one in instances(primitive, types):
            if one.result in results:
                found.append(one)
            kind = Type("Callable", (*one.parameters, one.result))
            if not takes_function and kind in wanted:
                functions.append((primitive.name, kind))
    used = {kind for _, kind in functions}
    for name in makers:
        types = (*values, *maps, *(one for one in binaries if one in used))
        found += [one for one in instances(REGISTRY[name], types) if one.result in results]
    types = tuple(dict.fromkeys((*values, *maps, *used)))
    return _priced(types, found, functions, uses, frozenset(fresh))


def _priced(
    types: tuple[Type, ...],
    found: list[Instance],
    functions: list[tuple[str, Type]],
    uses: Mapping[str, int],
    fresh: frozenset[str],
) -> Table:
    share = Counter(one.name for one in found)
    weights: dict[Instance, float] = {}
    totals: defaultdict[Type, float] = defaultdict(float)
    for one in found:
        prior = FRESH_USES if one.name in fresh else PRIOR_USES
        weights[one] = uses.get(str(one), 0) + prior / share[one.name] ** 0.5
        totals[one.result] += weights[one]
    leaf_totals: Counter[Type] = Counter(kind for _, kind in functions)
    moves = [
        Move(
            one,
            max(1, round(-math.log2(weights[one] / (totals[one.result] * 1.6))))
            + (2 if one.name in ("rbind", "lbind", "compose", "matcher") else 0),
        )
        for one in found
    ]
    leaves = [
        FunctionLeaf(name, kind, max(1, round(math.log2(1 + leaf_totals[kind]))))
        for name, kind in functions
    ]
    return Table(types, tuple(moves), tuple(leaves))


def rows(table: Table) -> list[tuple[str, list[int], int, int, bool, list[tuple[int, int]]]]:
    """Write the moves as the native engine reads them."""
    numbers = table.numbers
    of_name: defaultdict[str, list[int]] = defaultdict(list)
    for number, move in enumerate(table.moves):
        of_name[move.instance.name].append(number)
    inner = defaultdict(list)
    for outer, name in IDENTITIES:
        inner[outer] += of_name[name]
    return [
        (
            one.name,
            [numbers[kind] for kind in one.parameters],
            numbers[one.result],
            move.cost,
            one.name in COMMUTING and len(set(one.parameters)) == 1,
            [(0, number) for number in inner[one.name]],
        )
        for move in table.moves
        for one in (move.instance,)
    ]


def caps(table: Table) -> list[int]:
    """List for each type how many bits a state of it may cost."""
    return [_cap(kind) for kind in table.types]


def _cap(kind: Type) -> int:
    if kind.name == "Callable":
        return 9
    return {"Boolean": 8, "Integer": 14, "Color": 16}.get(kind.name, 200)


GRID, OBJECT, INDICES, COLOR = (
    expand(parse_type(name)) for name in ("Grid", "Object", "Indices", "Color")
)


def function_value(name: str) -> Function:
    """Make the value of a primitive."""
    return Function(name, arity=REGISTRY[name].arity)
