"""What primitives accept: each check returns its argument, or raises a failure.

The primitives of arc-dsl take whatever has the parts that they look at: a *table*, a container of
rows, in the place of a grid; cells with any value as their colour; tuples in the place of sets.
Those of our own families want grids and patches, as the checks of these names tell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from arcbatt.dsl.types import A, Color, Container, FrozenSet, Grid, IntegerTuple, Tuple, Value
from arcbatt.dsl.values import (
    is_color,
    is_grid,
    is_indices,
    is_location,
    is_number,
    is_object,
    members,
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


def check_tuple(value: Tuple[A]) -> Tuple[A]:
    """Return a tuple."""
    if type(value) is not tuple:
        raise reject("a tuple", value)
    return value


def check_set(value: FrozenSet[A]) -> FrozenSet[A]:
    """Return a frozenset."""
    if type(value) is not frozenset:
        raise reject("a set", value)
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


def first_two(value: Value) -> tuple[Value, Value]:
    """Return the first two members of a tuple that has them."""
    if type(value) is not tuple or len(value) < 2:
        raise reject("a tuple of two members or more", value)
    return value[0], value[1]


def check_start(value: Value) -> IntegerTuple:
    """Return the location with which a tuple begins."""
    return check_location(first_two(value))


def split_pair(value: Value) -> tuple[Value, Value]:
    """Return the members of a container that has two."""
    pair = members(value)
    if len(pair) != 2:
        raise reject("two members", value)
    return pair[0], pair[1]


def walk(container: Container[A]) -> Sequence[A]:
    """Return the members of a container that has some, in order."""
    if not check_container(container):
        raise reject("a container with members", container)
    ordered: Sequence[A] = members(container)
    return ordered


def table_rows(table: Value) -> list[Sequence[Value]]:
    """Return the members of each member of a table."""
    return [members(row) for row in members(table)]


def table_sides(table: Value) -> tuple[int, int]:
    """Return how many rows a tuple has, at least one, and how many members the first of them."""
    first: Value = walk(check_tuple(table))[0]
    return len(table), len(check_container(first))


def cell_at(table: Value, row: int, column: int) -> Value:
    """Return a member of a member of a tuple of tuples; raises IndexError if there is none."""
    return check_tuple(table[row])[column]


def consists_of_cells(patch: Value) -> bool:
    """Tell whether a patch begins with a cell, a value with a tuple. Fails without members."""
    return type(first_two(walk(patch)[0])[1]) is tuple


def indices_of(patch: Value) -> Value:
    """Return the second parts of cells as a set; a patch without cells stays what it is."""
    if not check_container(patch):
        return frozenset()
    if consists_of_cells(patch):
        return frozenset([split_pair(cell)[1] for cell in patch])
    return patch


def places_of(patch: Value) -> list[IntegerTuple]:
    """Return the locations of a patch; those of cells come once each and in no order."""
    return [check_location(place) for place in indices_of(patch)]


def cells_of(patch: Value) -> list[tuple[Value, IntegerTuple]]:
    """Return the cells of a patch in order, each a value of any kind with a location."""
    cells = map(split_pair, members(patch))
    return [(value, check_location(location)) for value, location in cells]
