"""Moves: which primitives search uses, at which ground types."""

from __future__ import annotations

from collections.abc import Iterator

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import Type, parse_type
from arcbatt.search.ground import (
    VALUES,
    Instance,
    binary_types,
    expand,
    function_type,
    instances,
    map_types,
)

UNUSED = frozenset(
    {
        "apply_t",
        "chain",
        "fold",
        "fork",
        "identity",
        "inputs",
        "interval",
        "lay_down",
        "learn_answer",
        "learn_cells",
        "learn_mosaic",
        "learn_pick",
        "learn_stamps",
        "map_samples",
        "mapply_t",
        "mpapply",
        "outputs",
        "pair",
        "papply",
        "power",
        "prapply",
        "product",
        "rank_colors",
        "rapply",
        "sample_symmetry",
        "swap_background",
        "unrank_colors",
    }
)
"""Primitives that search does not use: what they do is reached by others, or they need functions
that search does not make; learners are tried beside the search."""

MAKERS = ("rbind", "lbind", "compose", "matcher")
"""Primitives that make functions from functions."""

COMMUTING = frozenset(
    {
        "add",
        "adjacent",
        "both",
        "combine",
        "either",
        "equality",
        "hmatching",
        "intersection",
        "manhattan",
        "multiply",
        "vmatching",
    }
)
"""Primitives whose two arguments of one type may be swapped, except where they join tuples."""

IDENTITIES = (
    ("backdrop", "backdrop"),
    ("backdrop", "box"),
    ("backdrop", "toindices"),
    ("cmirror", "cmirror"),
    ("decrement", "increment"),
    ("dmirror", "dmirror"),
    ("flip", "flip"),
    ("hmirror", "hmirror"),
    ("hmirror", "vmirror"),
    ("increment", "decrement"),
    ("invert", "invert"),
    ("normalize", "normalize"),
    ("rot180", "rot180"),
    ("rot180", "rot270"),
    ("rot180", "rot90"),
    ("rot270", "rot180"),
    ("rot270", "rot270"),
    ("rot270", "rot90"),
    ("rot90", "rot180"),
    ("rot90", "rot270"),
    ("rot90", "rot90"),
    ("vmirror", "vmirror"),
)
"""Calls (outer, inner) on one argument whose result another expression has as well, which costs
no more and is tried."""

ARITY_MAX = 4


def list_moves() -> tuple[list[Instance], list[tuple[str, Type]]]:
    """List all moves, and the primitives that are values, with their types."""
    maps, values = map_types(), tuple(map(expand, VALUES))
    # The demos are what they are: repeated or thinned out they teach what is not so.
    results = {*values, *maps} - {expand(parse_type("Samples"))}
    wanted = {*maps, *binary_types()}
    moves: list[Instance] = []
    functions: list[tuple[str, Type]] = []
    for one in _plain_instances(values, maps):
        if one.result in results:
            moves.append(one)
        kind = function_type(*one.parameters, one.result)
        if kind in wanted:
            functions.append((one.name, kind))
    given = dict.fromkeys(kind for _, kind in functions)
    for name in MAKERS:
        made = instances(REGISTRY[name], (*values, *dict.fromkeys((*maps, *given))))
        moves += [one for one in made if one.result in results]
    return moves, functions


def _plain_instances(values: tuple[Type, ...], maps: tuple[Type, ...]) -> Iterator[Instance]:
    for primitive in REGISTRY.values():
        if primitive.name in UNUSED or primitive.name in MAKERS or primitive.arity > ARITY_MAX:
            continue
        takes_function = any(each.type.name == "Callable" for each in primitive.parameters)
        yield from instances(primitive, (*values, *maps) if takes_function else values)
