"""Functions of the library as moves of search: a body of primitives, used as one."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from arcbatt.library import FUNCTIONS, read_library
from arcbatt.program.definitions import Definition, parse_definitions, read_definitions
from arcbatt.search.costs import LEAF_SHARE, MAKER_BITS, total_weights
from arcbatt.search.ground import Instance, expand
from arcbatt.search.table import Move, Table, load_table

PLACES = 4.0
"""Places that a function counts as having whose docstring has no count."""
LIBRARY, NONE = "library", "none"
"""What a user writes who wants those that ship with the package, or none."""


@cache
def load_functions(source: str = NONE) -> tuple[Definition, ...]:
    """Load functions.

    Args:
        source: a file, `LIBRARY` or `NONE`.

    Raises ParseError if a file can't be read, or holds something else.
    """
    if source == NONE:
        return ()
    if source == LIBRARY:
        return parse_definitions(read_library(FUNCTIONS), file=f"arcbatt/library/{FUNCTIONS}")
    return read_definitions(Path(source))


@cache
def load_moves(source: str = NONE) -> Table:
    """Load the table that ships with the package, with functions; see `load_functions`."""
    functions = load_functions(source)
    return with_functions(load_table(), functions) if functions else load_table()


def digest_functions(source: str = NONE) -> str:
    """Return a digest (hexadecimal) of all that functions change; see `load_functions`."""
    text = "".join(function.render() for function in load_functions(source))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def with_functions(table: Table, functions: Iterable[Definition]) -> Table:
    """Add functions to a table as moves; those with types that search has no states of stay out."""
    return replace(table, moves=(*table.moves, *_moves(table, functions)))


def function_bits(totals: float, uses: float) -> float:
    """Return what a call of a function costs.

    Args:
        totals: uses of all moves that make its type.
        uses: of the function.
    """
    return -math.log2(uses / ((totals + uses) * LEAF_SHARE))


def _moves(table: Table, functions: Iterable[Definition]) -> Iterator[Move]:
    totals, known = total_weights(table), table.numbers
    for one in functions:
        kinds = tuple(expand(kind) for _, kind in one.parameters)
        result = expand(one.result)
        if any(kind not in known for kind in (*kinds, result)):
            continue
        uses = one.places or PLACES
        cost = max(1, round(function_bits(totals.get(result, 0.0), uses)))
        cost += MAKER_BITS if result.name == "Callable" else 0
        yield Move(Instance(one.name, kinds, result), cost, uses, one)
