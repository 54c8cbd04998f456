"""The values of the language: how they are measured, ordered, written and digested.

Values are Python's own ints, bools, tuples, frozensets and None, and `Function`. A bool is the
integer that it equals, and becomes it where it enters a container or a function: see `plain`.
Both engines follow this module.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum
from itertools import chain
from operator import itemgetter
from typing import Any

import xxhash

from arcbatt.dsl.types import Value

INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1
COLOR_MIN, COLOR_MAX = -128, 127
COORDINATE_MIN, COORDINATE_MAX = -(2**15), 2**15 - 1
VALUE_DEPTH = 64
"""How deeply tuples, sets and functions may nest; what is deeper fails with ``depth``."""
CALL_DEPTH = 100
"""How deeply calls of function values may nest; what is deeper fails with ``depth``."""


class FailureKind(StrEnum):
    """Why a call has no value."""

    ARGUMENT = "argument"
    """The arguments do not fit: a wrong type, an empty set, an index outside."""
    OVERFLOW = "overflow"
    """An integer left 64 bits."""
    DEPTH = "depth"
    """A value or a chain of calls nests too deeply."""
    SIZE = "size"
    """A value would have more leaves than the budget allows."""
    MEMORY = "memory"
    """All values of the program together would have more leaves than the budget allows."""
    FUEL = "fuel"
    """The call used up its fuel."""
    DEADLINE = "deadline"
    """The clock ran out: the last resort, the only bound that depends on the machine."""
    PANIC = "panic"
    """A bug in a primitive; the call is lost, the run goes on."""


class CallFailure(Exception):
    """Stops a call. It never leaves an engine: there it becomes a failure value."""

    def __init__(self, kind: FailureKind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail

    def __reduce__(self) -> tuple[Any, ...]:
        return CallFailure, (self.kind, self.detail)


def reject(expected: str, got: Value) -> CallFailure:
    """Make the failure of a call whose argument does not fit; the caller raises it."""
    shown = text(got)
    if len(shown) > 60:
        shown = shown[:57] + "..."
    return CallFailure(FailureKind.ARGUMENT, f"expected {expected}, got {shown}")


class Function:
    """A function as a value: a primitive, or one built from other values.

    ``Function("add")`` is the primitive itself; ``Function("rbind", (Function("add"), 1))`` is
    what ``rbind(add, 1)`` returns. Two functions are equal when their expressions are.
    Calling one runs it under the meter that is in force (`arcbatt.dsl.meter`).
    """

    __slots__ = ("_hash", "arity", "depth", "leaves", "name", "parts")

    def __init__(self, name: str, parts: tuple[Value, ...] = (), *, arity: int) -> None:
        self.name = name
        self.parts = parts = tuple(map(_as_member, parts))
        self.arity = arity
        self.depth = 1 + max(map(depth, parts)) if parts else 0
        if self.depth > VALUE_DEPTH:
            raise CallFailure(FailureKind.DEPTH, f"functions nest deeper than {VALUE_DEPTH}")
        self.leaves = 1 + sum(map(measure, parts))
        self._hash = hash((name, parts))

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Function)
            and self._hash == other._hash
            and self.name == other.name
            and self.parts == other.parts
        )

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return text(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _function, (self.name, self.parts, self.arity)

    def __call__(self, *args: Value) -> Value:
        """Call the function under the meter that is in force.

        Raises CallFailure if the call has no value.
        """
        from arcbatt.dsl.meter import current_meter

        return current_meter().invoke(self, args)


def plain(value: Value) -> Value:
    """Return a value as the engines keep it: containers hold integers, and no truth values.

    A truth value alone stays what it is. So equal values are of equal types in both engines, and
    the cells of every grid are integers.

    >>> plain((True, frozenset({False, 2})))
    (1, frozenset({0, 2}))
    """
    kind = type(value)
    if (kind is tuple or kind is frozenset) and _holds_truth(value):
        return kind(map(_as_member, value))
    return value


def _as_member(value: Value) -> Value:
    return int(value) if type(value) is bool else plain(value)


def _holds_truth(container: Value) -> bool:
    level = container
    while level:
        kinds = set(map(type, level))
        if bool in kinds:
            return True
        if not kinds <= _CONTAINERS:
            level = [member for member in level if type(member) in _CONTAINERS]
        level = list(chain.from_iterable(level))
    return False


def alike(a: object, b: object) -> bool:
    """Tell whether two objects are equal and of equal types, and so are all their members.

    >>> alike((1, 2), (1, 2)), alike((True, 2), (1, 2))
    (True, False)
    """
    return bool(a == b) and _typed(a) == _typed(b)


def _typed(value: object) -> object:
    """Return an object that holds the types of all members as well."""
    if isinstance(value, (tuple, list)):
        return type(value), tuple(map(_typed, value))
    if isinstance(value, frozenset):
        return frozenset, frozenset(map(_typed, value))
    if isinstance(value, dict):
        return dict, tuple((_typed(key), _typed(member)) for key, member in value.items())
    if isinstance(value, Function):
        return Function, value, _typed(value.parts)
    return type(value), value


def _function(name: str, parts: tuple[Value, ...], arity: int) -> Function:
    return Function(name, parts, arity=arity)


def depth(value: Value) -> int:
    """Tell how deeply a value nests: 0 for a number, 1 for a tuple of numbers."""
    if isinstance(value, Function):
        return value.depth
    if isinstance(value, (tuple, frozenset)):
        return 1 + max(map(depth, value), default=0)
    return 0


def measure(value: Value, nesting: int = 0) -> int:
    """Count the leaves of a value: numbers, None, functions with what they hold, empty containers.

    An empty tuple or set counts as one leaf, so that nothing of any size is free.

    Raises CallFailure if an integer leaves 64 bits, if the value nests deeper than
    `VALUE_DEPTH`, or if it is none of the language.
    """
    kind = type(value)
    if kind is int:
        if INTEGER_MIN <= value <= INTEGER_MAX:
            return 1
        raise CallFailure(FailureKind.OVERFLOW, "an integer left 64 bits")
    if kind is tuple or kind is frozenset:
        if len(value) > _FEW and nesting + _LEVELS < VALUE_DEPTH:
            numbers = _count_numbers(value)
            if numbers:
                return numbers
        if nesting >= VALUE_DEPTH:
            raise CallFailure(FailureKind.DEPTH, f"a value nests deeper than {VALUE_DEPTH}")
        total = 0
        for member in value:
            if type(member) is int and INTEGER_MIN <= member <= INTEGER_MAX:
                total += 1
            else:
                total += measure(member, nesting + 1)
        return total or 1
    if kind is bool or value is None:
        return 1
    if kind is Function:
        if nesting + value.depth > VALUE_DEPTH:
            raise CallFailure(FailureKind.DEPTH, f"a value nests deeper than {VALUE_DEPTH}")
        return int(value.leaves)
    raise CallFailure(FailureKind.ARGUMENT, f"no value of the language: {kind.__name__}")


_FEW = 3
"""Members of a container that are looked at one by one; more of them are looked at together."""
_NUMBERS, _TUPLES, _SETS, _MIXED = {int}, {tuple}, {frozenset}, {int, tuple}
_CONTAINERS = {tuple, frozenset}
_LEVELS = 5
"""So deeply nest most values: a set of objects nests four levels deep."""


def _count_numbers(container: Value) -> int:
    """Count the leaves of a container that holds integers and containers with members, no more.

    Goes level by level, which is several times as fast as value by value. Returns 0 for all other
    values, and for those that `measure` may refuse.
    """
    total = 0
    level = container
    for _ in range(_LEVELS):
        kinds = set(map(type, level))
        if kinds == _NUMBERS:
            return total + len(level) if _fit(level) else 0
        if kinds == _MIXED and type(level) is list:
            # The members of cells: every other one is a colour.
            numbers, level = level[::2], level[1::2]
            if set(map(type, numbers)) != _NUMBERS or not _fit(numbers):
                return 0
            if set(map(type, level)) != _TUPLES:
                return 0
            total += len(numbers)
        elif kinds not in (_TUPLES, _SETS):
            return 0
        if not all(level):
            return 0
        level = list(chain.from_iterable(level))
    return 0


def _fit(numbers: Collection[int]) -> bool:
    return min(numbers) >= INTEGER_MIN and max(numbers) <= INTEGER_MAX


def order_key(value: Value) -> tuple[Any, ...]:
    """Return the key of the canonical order: None < numbers < tuples < sets < functions."""
    kind = type(value)
    if kind is int or kind is bool:
        return (1, value)
    if kind is tuple:
        return (2, tuple(map(order_key, value)))
    if kind is frozenset:
        return (3, tuple(sorted(map(order_key, value))))
    if value is None:
        return (0,)
    return (4, text(value))


def _are_plain(tuples: Collection[Value]) -> bool:
    """Tell whether Python's own order of tuples is the canonical one: all of numbers, all cells."""
    if set(map(type, chain.from_iterable(tuples))) == _NUMBERS:
        return True
    if set(map(len, tuples)) != {2} or set(map(type, map(_FIRST, tuples))) != _NUMBERS:
        return False
    seconds = list(map(_SECOND, tuples))
    return _are_pairs(seconds) and set(map(type, chain.from_iterable(seconds))) == _NUMBERS


def _are_pairs(members: Collection[Value]) -> bool:
    return set(map(type, members)) == _TUPLES and set(map(len, members)) == {2}


_FIRST, _SECOND = itemgetter(0), itemgetter(1)


def ascending(values: Iterable[Value]) -> list[Value]:
    """Sort values into the canonical order; equal values keep their order."""
    values = list(values)
    kinds = set(map(type, values))
    if kinds == _NUMBERS or (kinds == _TUPLES and _are_plain(values)):
        return sorted(values)
    if kinds == _SETS:
        together = list(chain.from_iterable(values))
        if set(map(type, together)) == _TUPLES and _are_plain(together):
            return sorted(values, key=sorted)
    return sorted(values, key=order_key)


def members(container: Value) -> tuple[Value, ...] | list[Value]:
    """Walk a container: a tuple as it is, a frozenset in the canonical order.

    Raises CallFailure if the value is neither.
    """
    if type(container) is tuple:
        return container
    if type(container) is frozenset:
        return ascending(container)
    raise reject("a tuple or a set", container)


def text(value: Value) -> str:
    """Write a value as an expression; equal values give the same text."""
    kind = type(value)
    if kind is tuple:
        inner = ", ".join(map(text, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if kind is frozenset:
        return "{" + ", ".join(map(text, ascending(value))) + "}"
    if kind is Function:
        return f"{value.name}({', '.join(map(text, value.parts))})" if value.parts else value.name
    if kind is bool:
        return str(int(value))
    return str(value)


def digest(value: Value) -> int:
    """Return a 128-bit digest; equal values, and only these, have equal digests.

    The bytes that are hashed (XXH3) are the same in every engine: see `canonical_bytes`.
    """
    return int(xxhash.xxh3_128_intdigest(canonical_bytes(value)))


def canonical_bytes(value: Value) -> bytes:
    """Write a value as bytes.

    One letter for the kind, lengths as 4 and numbers as 8 bytes, little end first. A tuple of
    equally long, non-empty tuples of numbers 0..255 is written as a picture: ``g``, height,
    width, one byte a cell. Sets are written in the canonical order.
    """
    kind = type(value)
    if kind is int or kind is bool:
        return b"i" + int(value).to_bytes(8, "little", signed=True)
    if kind is tuple:
        if value and type(value[0]) is tuple and value[0]:
            width = len(value[0])
            try:
                if all(type(row) is tuple and len(row) == width for row in value):
                    cells = b"".join(map(bytes, value))
                    return b"g" + _length(value) + _length(value[0]) + cells
            except (TypeError, ValueError):
                pass
        return b"t" + _length(value) + b"".join(map(canonical_bytes, value))
    if kind is frozenset:
        return b"s" + _length(value) + b"".join(map(canonical_bytes, ascending(value)))
    if value is None:
        return b"n"
    written = text(value).encode()
    return b"f" + _length(written) + written


def _length(value: Any) -> bytes:
    return len(value).to_bytes(4, "little")


def is_number(value: Value) -> bool:
    """Tell whether a value is an int or a bool."""
    return type(value) is int or type(value) is bool


def is_pair(value: Value) -> bool:
    """Tell whether a value is a tuple of two numbers."""
    return type(value) is tuple and len(value) == 2 and is_number(value[0]) and is_number(value[1])


def is_color(value: Value) -> bool:
    """Tell whether a value can be the colour of a cell: a number in -128..127."""
    return is_number(value) and COLOR_MIN <= value <= COLOR_MAX


def is_grid(value: Value) -> bool:
    """Tell whether a value is a grid: equally long rows of colours, perhaps no rows at all.

    Inside programs a cell may hold any number in -128..127, since programs use numbers beside
    ARC's ten colours as marks; a grid may be empty.
    """
    return type(value) is tuple and all(
        type(row) is tuple and len(row) == len(value[0]) and _are_colors(row) for row in value
    )


def _are_colors(values: Collection[int]) -> bool:
    if set(map(type, values)) == _NUMBERS:
        return min(values) >= COLOR_MIN and max(values) <= COLOR_MAX
    return all(map(is_color, values))


def is_location(value: Value) -> bool:
    """Tell whether a value is a pair of coordinates in -32768..32767."""
    return (
        is_pair(value)
        and COORDINATE_MIN <= value[0] <= COORDINATE_MAX
        and COORDINATE_MIN <= value[1] <= COORDINATE_MAX
    )


def is_indices(value: Value) -> bool:
    """Tell whether a value is a set of locations; the empty set is."""
    if type(value) is not frozenset:
        return False
    if _are_pairs(value):
        numbers: list[int] = list(chain.from_iterable(value))
        if set(map(type, numbers)) == _NUMBERS:
            return min(numbers) >= COORDINATE_MIN and max(numbers) <= COORDINATE_MAX
    return all(map(is_location, value))


def is_object(value: Value) -> bool:
    """Tell whether a value is a set of (colour, location) cells; the empty set is."""
    if type(value) is not frozenset:
        return False
    if _are_pairs(value):
        places = frozenset(map(_SECOND, value))
        return _are_colors(list(map(_FIRST, value))) and is_indices(places)
    return not value


CONSTANTS: dict[str, Value] = {
    "F": False,
    "T": True,
    "ZERO": 0,
    "ONE": 1,
    "TWO": 2,
    "THREE": 3,
    "FOUR": 4,
    "FIVE": 5,
    "SIX": 6,
    "SEVEN": 7,
    "EIGHT": 8,
    "NINE": 9,
    "TEN": 10,
    "NEG_ONE": -1,
    "NEG_TWO": -2,
    "DOWN": (1, 0),
    "RIGHT": (0, 1),
    "UP": (-1, 0),
    "LEFT": (0, -1),
    "ORIGIN": (0, 0),
    "UNITY": (1, 1),
    "NEG_UNITY": (-1, -1),
    "UP_RIGHT": (-1, 1),
    "DOWN_LEFT": (1, -1),
    "ZERO_BY_TWO": (0, 2),
    "TWO_BY_ZERO": (2, 0),
    "TWO_BY_TWO": (2, 2),
    "THREE_BY_THREE": (3, 3),
}
"""The named constants of the language, those of arc-dsl."""
