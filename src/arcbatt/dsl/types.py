"""The types of the language, once for the type checker of Python and once as data.

A primitive's annotations are written with the names below. mypy reads them as the aliases of
this module; arcbatt reads the same text with `parse_type`. Single capital letters are type
variables. All `Container` of one signature have one kind, tuple or frozenset: that of the first
argument which is a `Container`.
"""

from __future__ import annotations

import re
from collections.abc import Callable as Callable
from functools import cache
from typing import Any as Any
from typing import TypeAlias, TypeVar
from weakref import WeakValueDictionary

A = TypeVar("A")
B = TypeVar("B")
D = TypeVar("D")
E = TypeVar("E")

Value: TypeAlias = Any
"""Whatever a primitive may take or return: int, bool, tuple, frozenset, Function or None."""

Boolean: TypeAlias = bool
Integer: TypeAlias = int
Color: TypeAlias = int
IntegerTuple: TypeAlias = tuple[int, int]
Numerical: TypeAlias = int | tuple[int, int]
Pair: TypeAlias = tuple[A, B]
Tuple: TypeAlias = tuple[A, ...]
FrozenSet: TypeAlias = frozenset[A]
Container: TypeAlias = tuple[A, ...] | frozenset[A]
Cell: TypeAlias = tuple[int, tuple[int, int]]
Grid: TypeAlias = tuple[tuple[int, ...], ...]
Object: TypeAlias = frozenset[tuple[int, tuple[int, int]]]
Objects: TypeAlias = frozenset[frozenset[tuple[int, tuple[int, int]]]]
Indices: TypeAlias = frozenset[tuple[int, int]]
Patch: TypeAlias = Object | Indices
Piece: TypeAlias = Grid | Object | Indices
Element: TypeAlias = Grid | Object
Samples: TypeAlias = tuple[tuple[Grid, Grid], ...]


SIZE_MAX = 100
"""Largest number of names in the text of an inferred type; a larger type is unknown, `Any`."""


class Type:
    """A type of the language: a name and its arguments.

    ``Callable[[A, B], D]`` has the arguments ``(A, B, D)``: the last one is the result. A union
    has the name ``Union``. Equal types are one object, so comparing and hashing them takes the same
    time however large they are.

    Attributes:
        name: the name of the type.
        args: its arguments.
        base: the name without the number that tells one signature's `Container` from another's.
        is_variable: whether this is a type variable: a capital letter, or ``?`` and a number.
        is_open: whether it has a variable or a `Container`, which a call may tell more about.
        size: the number of names in its text, at most `SIZE_MAX`.
    """

    __slots__ = ("__weakref__", "args", "base", "is_open", "is_variable", "name", "size")

    name: str
    args: tuple[Type, ...]
    base: str
    is_variable: bool
    is_open: bool
    size: int

    def __new__(cls, name: str, args: tuple[Type, ...] = ()) -> Type:
        """Return the type, which is made if there is none yet."""
        found = _TYPES.get((name, args))
        if found is not None:
            return found
        made = super().__new__(cls)
        is_fresh = name.startswith("?")
        base = name if is_fresh else name.partition("?")[0]
        is_variable = len(name) == 1 or is_fresh
        is_open = is_variable or base == "Container" or any(arg.is_open for arg in args)
        size = min(SIZE_MAX, 1 + sum(arg.size for arg in args))
        for key, value in zip(
            ("name", "args", "base", "is_variable", "is_open", "size"),
            (name, args, base, is_variable, is_open, size),
            strict=True,
        ):
            object.__setattr__(made, key, value)
        return _TYPES.setdefault((name, args), made)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a type can't be changed: {name}")

    def __reduce__(self) -> tuple[type[Type], tuple[str, tuple[Type, ...]]]:
        return Type, (self.name, self.args)

    def __repr__(self) -> str:
        return f"Type({self})"

    def __str__(self) -> str:
        if not self.args and self.name != "Callable":
            return self.name
        if self.name == "Union":
            return " | ".join(map(str, self.args))
        if self.name == "Callable":
            *parameters, result = self.args
            return f"Callable[[{', '.join(map(str, parameters))}], {result}]"
        return f"{self.base}[{', '.join(map(str, self.args))}]"


_TYPES: WeakValueDictionary[tuple[str, tuple[Type, ...]], Type] = WeakValueDictionary()
"""All types, by name and arguments."""

ARITY = {"Tuple": 1, "FrozenSet": 1, "Container": 1, "Pair": 2}
"""How many arguments a type constructor takes; `Callable` and unions take any number."""

ATOMS = ("Any", "Integer", "Boolean", "Color")

DEFINITIONS_TEXT = {
    "IntegerTuple": "Pair[Integer, Integer]",
    "Numerical": "Integer | IntegerTuple",
    "Cell": "Pair[Color, IntegerTuple]",
    "Grid": "Tuple[Tuple[Color]]",
    "Object": "FrozenSet[Cell]",
    "Objects": "FrozenSet[Object]",
    "Indices": "FrozenSet[IntegerTuple]",
    "Patch": "Object | Indices",
    "Piece": "Grid | Object | Indices",
    "Element": "Grid | Object",
    "Samples": "Tuple[Pair[Grid, Grid]]",
}
"""Named types, by what they stand for."""

_TOKEN = re.compile(r"\s*([A-Za-z]+|[\[\],|])")


@cache
def parse_type(text: str) -> Type:
    """Read a type from the text of an annotation.

    Raises ValueError if the text is not a type of the language.
    """
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise ValueError(f"{text!r} is not a type")
    parsed, rest = _union(tokens, text)
    if rest:
        raise ValueError(f"{text!r}: nothing may follow {parsed}")
    return parsed


def _union(tokens: list[str], text: str) -> tuple[Type, list[str]]:
    first, tokens = _term(tokens, text)
    members = [first]
    while tokens[:1] == ["|"]:
        member, tokens = _term(tokens[1:], text)
        members.append(member)
    return (first if len(members) == 1 else Type("Union", tuple(members))), tokens


def _list(tokens: list[str], text: str) -> tuple[list[Type], list[str]]:
    """Read ``[T, ...]`` and what follows it."""
    if tokens[:1] != ["["]:
        raise ValueError(f"{text!r}: expected [")
    tokens = tokens[1:]
    members: list[Type] = []
    while tokens[:1] != ["]"]:
        member, tokens = _union(tokens, text)
        members.append(member)
        if tokens[:1] == [","]:
            tokens = tokens[1:]
        elif tokens[:1] != ["]"]:
            raise ValueError(f"{text!r}: expected , or ]")
    return members, tokens[1:]


def _term(tokens: list[str], text: str) -> tuple[Type, list[str]]:
    if not tokens:
        raise ValueError(f"{text!r} ends too early")
    name, tokens = tokens[0], tokens[1:]
    if name == "Callable" and tokens[:1] == ["["]:
        parameters, tokens = _list(tokens[1:], text)
        if tokens[:1] != [","]:
            raise ValueError(f"{text!r}: Callable wants [[...], result]")
        result, tokens = _union(tokens[1:], text)
        if tokens[:1] != ["]"]:
            raise ValueError(f"{text!r}: expected ]")
        return Type("Callable", (*parameters, result)), tokens[1:]
    args: list[Type] = []
    if tokens[:1] == ["["]:
        args, tokens = _list(tokens, text)
    variable = len(name) == 1 and name.isupper()
    if not variable and name not in ATOMS and name not in DEFINITIONS_TEXT and name not in ARITY:
        raise ValueError(f"{text!r}: no type is called {name!r}")
    if len(args) != ARITY.get(name, 0):
        raise ValueError(f"{text!r}: {name} takes {ARITY.get(name, 0)} arguments")
    return Type(name, tuple(args)), tokens


DEFINITIONS: dict[str, Type] = {name: parse_type(text) for name, text in DEFINITIONS_TEXT.items()}
