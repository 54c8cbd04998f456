"""The values of the language: how they are measured, ordered, written and digested.

Values are Python's own ints, bools, tuples, frozensets and None, and `Function`. A bool is the
integer that it equals. Both engines follow this module.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
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
        self.parts = parts
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


def _plain(member: Value) -> bool:
    """Tell whether Python's own order of such members is the canonical one."""
    if type(member) is not tuple or len(member) != 2 or type(member[0]) is not int:
        return False
    second = member[1]
    return type(second) is int or (
        type(second) is tuple
        and len(second) == 2
        and type(second[0]) is int
        and type(second[1]) is int
    )


def ascending(values: Iterable[Value]) -> list[Value]:
    """Sort values into the canonical order; equal values keep their order."""
    values = list(values)
    if all(type(value) is int for value in values):
        return sorted(values)
    if all(map(_plain, values)):
        try:
            return sorted(values)
        except TypeError:  # cells beside pairs of numbers: the key tells them apart
            pass
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
        type(row) is tuple and len(row) == len(value[0]) and all(map(is_color, row))
        for row in value
    )


def is_location(value: Value) -> bool:
    """Tell whether a value is a pair of coordinates in -32768..32767."""
    return (
        is_pair(value)
        and COORDINATE_MIN <= value[0] <= COORDINATE_MAX
        and COORDINATE_MIN <= value[1] <= COORDINATE_MAX
    )


def is_indices(value: Value) -> bool:
    """Tell whether a value is a set of locations; the empty set is."""
    return type(value) is frozenset and all(map(is_location, value))


def is_object(value: Value) -> bool:
    """Tell whether a value is a set of (colour, location) cells; the empty set is."""
    return type(value) is frozenset and all(
        type(cell) is tuple and len(cell) == 2 and is_color(cell[0]) and is_location(cell[1])
        for cell in value
    )
