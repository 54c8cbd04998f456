"""How primitives judge truth, compare values and take functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import Function, is_number, reject


def check_function(value: Value, arity: int) -> Value:
    """Return a function that takes `arity` arguments."""
    if type(value) is not Function or value.arity != arity:
        raise reject(f"a function of {arity} argument{'s' if arity > 1 else ''}", value)
    return value


def is_true(value: Value) -> bool:
    """Tell the truth of any value: 0, None and empty containers are false, all else is true."""
    return bool(value)


def exceeds(a: Value, b: Value) -> bool:
    """Tell whether the first value is greater.

    Numbers compare by value and tuples by the first members that differ; a longer tuple exceeds
    the tuple that it begins with. A set exceeds the sets that it properly contains, and no other.
    Values of two kinds do not compare, nor do functions or None.

    Raises CallFailure if the values do not compare.
    """
    if is_number(a) and is_number(b):
        return bool(a > b)
    if type(a) is tuple and type(b) is tuple:
        for x, y in zip(a, b, strict=False):
            if x != y:
                return exceeds(x, y)
        return len(a) > len(b)
    if type(a) is frozenset and type(b) is frozenset:
        return bool(a > b)
    raise reject("two values that compare", (a, b))


def greatest(keys: Iterable[Value]) -> int:
    """Return the position of the greatest of some keys, the first of equally great ones."""
    walk = iter(keys)
    best, position = next(walk), 0
    for index, key in enumerate(walk, 1):
        if exceeds(key, best):
            best, position = key, index
    return position


def least(keys: Iterable[Value]) -> int:
    """Return the position of the least of some keys, the first of equally small ones."""
    walk = iter(keys)
    best, position = next(walk), 0
    for index, key in enumerate(walk, 1):
        if exceeds(best, key):
            best, position = key, index
    return position


def _holds_set(value: Value) -> bool:
    return type(value) is frozenset or (type(value) is tuple and any(map(_holds_set, value)))


def rank(keys: Sequence[Value], *, falling: bool = False) -> list[int]:
    """Return the positions of some keys from the least to the greatest, equal ones in order.

    Not all sets compare, so where a key holds one, what comes out depends on how it is sorted:
    each key in turn moves left past those that exceed it, and stops at the first that does not.

    Args:
        keys: what is ranked.
        falling: begin with the greatest; equal keys are in order all the same.

    Raises CallFailure, or TypeError, if two keys do not compare.
    """
    if not any(map(_holds_set, keys)):
        return sorted(range(len(keys)), key=keys.__getitem__, reverse=falling)
    current_meter().claim_steps(len(keys) ** 2)
    positions: list[int] = []
    for index, key in enumerate(keys):
        place = index
        while place and _goes_before(key, keys[positions[place - 1]], falling):
            place -= 1
        positions.insert(place, index)
    return positions


def _goes_before(key: Value, other: Value, falling: bool) -> bool:
    return exceeds(key, other) if falling else exceeds(other, key)


def shared_ranks(keys: Sequence[Value]) -> list[int]:
    """Return the rank of each key, 1 for the greatest; equal ones share theirs."""
    positions = rank(keys, falling=True)
    ranks, above = [0] * len(keys), 0
    for before, position in zip([None, *positions], positions, strict=False):
        above += before is None or keys[before] != keys[position]
        ranks[position] = above
    return ranks
