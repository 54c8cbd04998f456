"""The types as data."""

from __future__ import annotations

import pickle
import re
from copy import deepcopy

import pytest
from tests.cases import each

from arcbatt.dsl.types import DEFINITIONS, Type, parse_type

INTEGER = Type("Integer")


@each(
    ("text", "parsed"),
    [
        ("Integer", INTEGER),
        ("A", Type("A")),
        ("Tuple[A]", Type("Tuple", (Type("A"),))),
        ("Pair[Color, IntegerTuple]", Type("Pair", (Type("Color"), Type("IntegerTuple")))),
        (
            "FrozenSet[Tuple[Integer]]",
            Type("FrozenSet", (Type("Tuple", (INTEGER,)),)),
        ),
        ("Integer | Grid", Type("Union", (INTEGER, Type("Grid")))),
        (
            "Callable[[A, Tuple[B]], D]",
            Type("Callable", (Type("A"), Type("Tuple", (Type("B"),)), Type("D"))),
        ),
        ("Callable[[], A]", Type("Callable", (Type("A"),))),
        (
            "Callable[[Callable[[A], B]], B]",
            Type("Callable", (Type("Callable", (Type("A"), Type("B"))), Type("B"))),
        ),
    ],
)
def test_types_are_read(text: str, parsed: Type) -> None:
    assert parse_type(text) == parsed
    assert parse_type(str(parsed)) == parsed


def test_spaces_do_not_count() -> None:
    assert parse_type(" Callable[ [A,B] ,D ] ") == parse_type("Callable[[A, B], D]")


@each(
    ("text", "problem"),
    [
        ("", "ends too early"),
        ("Integer Integer", "nothing may follow"),
        ("Integr", "no type is called 'Integr'"),
        ("a", "no type is called 'a'"),
        ("Tuple", "takes 1 arguments"),
        ("Pair[A]", "takes 2 arguments"),
        ("Integer[A]", "takes 0 arguments"),
        ("Tuple[A", "expected , or ]"),
        ("Tuple[]", "takes 1 arguments"),
        ("Callable", "no type is called 'Callable'"),
        ("Callable[A, B]", "expected ["),
        ("Callable[[A]]", "Callable wants"),
        ("Callable[[A], B", "expected ]"),
        ("Integer |", "ends too early"),
        ("dict{A}", "is not a type"),
    ],
)
def test_what_is_no_type_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        parse_type(text)


def test_single_capital_letters_are_variables() -> None:
    assert Type("A").is_variable
    assert not INTEGER.is_variable


def test_definitions_are_made_of_known_types() -> None:
    assert DEFINITIONS["Grid"] == parse_type("Tuple[Tuple[Color]]")
    for name in DEFINITIONS:
        assert parse_type(name) == Type(name)


def test_equal_types_are_one_object() -> None:
    kind = parse_type("Callable[[A, Tuple[B]], FrozenSet[Integer | Grid]]")
    again = Type("Callable", (*kind.args[:-1], parse_type("FrozenSet[Integer|Grid]")))
    assert again is kind
    assert pickle.loads(pickle.dumps(kind)) is kind
    assert deepcopy(kind) is kind
    assert kind != parse_type("Callable[[A, Tuple[B]], FrozenSet[Grid | Integer]]")
    with pytest.raises(AttributeError, match="can't be changed"):
        kind.name = "Pair"  # a type is shared by all that have it


@each(
    ("text", "size", "is_open"),
    [
        ("Grid", 1, False),
        ("A", 1, True),
        ("Tuple[Pair[Integer, Grid]]", 4, False),
        ("Callable[[Integer], Container[Grid]]", 4, True),
        ("Integer | Grid", 3, False),
    ],
)
def test_a_type_knows_its_size_and_whether_it_is_open(text: str, size: int, is_open: bool) -> None:
    kind = parse_type(text)
    assert (kind.size, kind.is_open) == (size, is_open)
