"""What primitives accept: each check returns its argument, or raises a failure.

Where a primitive wants a patch or an object, it takes a tuple of cells or of locations too and
walks it as it stands: programs order, slice and filter objects. Where it takes grids as well, a
tuple has to be a grid.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from arcbatt.dsl.types import Color, Grid, IntegerTuple, Value
from arcbatt.dsl.values import (
    is_color,
    is_grid,
    is_indices,
    is_location,
    is_number,
    is_object,
    reject,
)

_REMEMBERED = 256
_LARGE = 2000


def _remember(test: Callable[[Value], bool]) -> Callable[[Value], bool]:
    """Keep what a test said of the last few values.

    Programs hand the same values on and on, and hashing one is far cheaper than testing every
    cell. Large values are not kept, since they would hold much memory.
    """
    kept = lru_cache(maxsize=_REMEMBERED)(test)
    return lambda value: kept(value) if len(value) < _LARGE else test(value)


_is_grid = _remember(is_grid)
_has_only_locations = _remember(lambda value: is_indices(frozenset(value)))
_has_only_cells = _remember(lambda value: is_object(frozenset(value)))


def check_container(value: Value) -> Value:
    """Return a tuple or a frozenset."""
    if type(value) is not tuple and type(value) is not frozenset:
        raise reject("a tuple or a set", value)
    return value


def check_grid(value: Value) -> Grid:
    """Return a grid, which may have no rows or empty ones."""
    if type(value) is not tuple or not _is_grid(value):
        raise reject("a grid", value)
    return value


def check_rows(value: Value) -> Grid:
    """Return a grid that has a row, though perhaps an empty one."""
    if not check_grid(value):
        raise reject("a grid with rows", value)
    return value  # type: ignore[no-any-return]


def check_cells(value: Value) -> Grid:
    """Return a grid that has cells."""
    if not check_grid(value) or not value[0]:
        raise reject("a grid with cells", value)
    return value  # type: ignore[no-any-return]


def check_patch(value: Value) -> Value:
    """Return a set or tuple of locations, or one of cells; it may be empty."""
    check_container(value)
    if not _has_only_locations(value) and not _has_only_cells(value):
        raise reject("a patch", value)
    return value


def check_object(value: Value) -> Value:
    """Return a set or tuple of cells; it may be empty."""
    if not _has_only_cells(check_container(value)):
        raise reject("an object", value)
    return value


def check_piece(value: Value) -> Value:
    """Return a grid, or a set of locations or of cells."""
    return check_grid(value) if type(value) is tuple else check_patch(value)


def check_element(value: Value) -> Value:
    """Return a grid, or a set of cells."""
    return check_grid(value) if type(value) is tuple else check_object(value)


def check_number(value: Value) -> int:
    """Return an integer; a truth value is one."""
    if not is_number(value):
        raise reject("an integer", value)
    return int(value)


def check_divisor(value: Value) -> int:
    """Return an integer other than 0."""
    if not check_number(value):
        raise reject("an integer other than 0", value)
    return int(value)


def check_color(value: Value) -> Color:
    """Return a colour, a number in -128..127."""
    if not is_color(value):
        raise reject("a colour", value)
    return int(value)


def check_location(value: Value) -> IntegerTuple:
    """Return a pair of integers, each in -32768..32767."""
    if not is_location(value):
        raise reject("a pair of coordinates", value)
    return int(value[0]), int(value[1])


def has_cells(patch: Value) -> bool:
    """Tell whether a checked patch consists of cells; an empty one doesn't."""
    for _, second in patch:
        return type(second) is tuple
    return False


def locations(patch: Value) -> frozenset[tuple[int, int]]:
    """Return the locations of a checked patch."""
    if has_cells(patch):
        return frozenset([location for _, location in patch])
    return frozenset(patch)
