"""Numbers: what they accept, and where they end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.functions import as_function
from arcbatt.dsl.meter import Meter
from arcbatt.dsl.numbers import (
    add,
    both,
    crement,
    decrement,
    divide,
    double,
    either,
    equality,
    even,
    flip,
    greater,
    halve,
    increment,
    invert,
    multiply,
    positive,
    sign,
    subtract,
)
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import INTEGER_MIN, CallFailure, FailureKind

NUMBERS = st.integers(-50, 50)
PAIRS = st.tuples(NUMBERS, NUMBERS)
NUMERICALS = NUMBERS | PAIRS
ONE = [crement, decrement, double, halve, increment, invert, sign]
TWO = [add, subtract, multiply, divide]
NO_NUMERICALS: list[Value] = [
    (),
    (1,),
    (None, 1),
    frozenset({1, 2}),
    None,
    as_function("add"),
]


def as_pair(value: Value) -> tuple[int, int]:
    return value if isinstance(value, tuple) else (value, value)


@each("operation", ONE)
@given(pair=PAIRS)
def test_one_pair_is_handled_part_by_part(
    operation: Callable[[Value], Value], pair: tuple[int, int]
) -> None:
    assert operation(pair) == (operation(pair[0]), operation(pair[1]))


@each("operation", TWO)
@given(a=NUMERICALS, b=PAIRS.filter(all))
def test_a_number_beside_a_pair_counts_for_both_parts(
    operation: Callable[[Value, Value], Value], a: Value, b: tuple[int, int]
) -> None:
    first, second = as_pair(a)
    assert operation(a, b) == (operation(first, b[0]), operation(second, b[1]))
    assert operation(b, 7) == (operation(b[0], 7), operation(b[1], 7))


@given(NUMBERS, NUMBERS.filter(bool))
def test_division_rounds_down(a: int, b: int) -> None:
    assert divide(a, b) == a // b
    assert halve(a) == a // 2


@given(NUMERICALS)
def test_steps_undo_each_other(value: Value) -> None:
    assert decrement(increment(value)) == value
    assert invert(invert(value)) == value
    assert halve(double(value)) == value
    assert sign(crement(value)) == sign(value)


@each("value", NO_NUMERICALS)
def test_only_numbers_and_pairs_of_numbers_are_taken(value: Value) -> None:
    for one in ONE:
        with pytest.raises(CallFailure):
            one(value)
    for two in TWO:
        for args in ((value, 1), ((1, 2), value)):
            with pytest.raises(CallFailure):
                two(*args)


@each("value", [(1, 2), *NO_NUMERICALS])
def test_only_integers_are_even_or_positive(value: Value) -> None:
    for primitive in (even, positive):
        with pytest.raises(CallFailure, match="expected an integer"):
            primitive(value)


@each("divisor", [0, (1, 0), (0, 0), False])
def test_nothing_is_divided_by_0(divisor: Value) -> None:
    for value in (4, (4, 2)):
        with pytest.raises(CallFailure, match="other than 0"):
            divide(value, divisor)


@each(
    ("name", "args"),
    [
        ("add", (2**62, 2**62)),
        ("multiply", (2**40, (1, 2**40))),
        ("divide", (INTEGER_MIN, -1)),
        ("invert", (INTEGER_MIN,)),
        ("decrement", ((0, INTEGER_MIN),)),
        ("crement", (INTEGER_MIN,)),
    ],
)
def test_integers_end_at_64_bits(name: str, args: tuple[Value, ...]) -> None:
    with pytest.raises(CallFailure) as caught:
        Meter().call(REGISTRY[name], args)
    assert caught.value.kind is FailureKind.OVERFLOW


def test_a_truth_value_is_the_integer_that_it_equals() -> None:
    assert add(True, (True, 2)) == (2, 3)
    assert double(True) == 2
    assert even(False)
    assert equality((True, False), (1, 0))
    assert greater(True, False)


FALSE: list[Value] = [0, False, None, (), frozenset()]
TRUE: list[Value] = [1, -1, True, (0,), frozenset({0}), as_function("add")]


def test_any_value_has_a_truth() -> None:
    for value in FALSE:
        assert flip(value) is True
        assert either(value, False) is False
    for value in TRUE:
        assert flip(value) is False
        assert both(value, True) is True
    for a in (*FALSE, *TRUE):
        for b in (*FALSE, *TRUE):
            assert flip(both(a, b)) is either(flip(a), flip(b))


def test_both_and_either_return_the_value_that_decides() -> None:
    assert (both(3, 5), both(0, 5), either(3, 5), either((), 5)) == (5, 0, 3, 5)  # type: ignore[arg-type]


@given(st.tuples(NUMERICALS, NUMERICALS))
def test_values_of_one_kind_compare_and_others_do_not(values: tuple[Value, Value]) -> None:
    a, b = values
    if isinstance(a, tuple) is isinstance(b, tuple):
        assert [greater(a, b), greater(b, a), a == b].count(True) == 1
    else:
        with pytest.raises(CallFailure, match="two values that compare"):
            greater(a, b)


def test_tuples_compare_by_the_first_difference() -> None:
    assert greater((1, 2, 3), (1, 2))
    assert greater((2,), (1, 2, 3))
    assert greater((2, 0), (1, (0, 0)))
    assert not greater(((1, 2), 3), ((1, 2), 3))
    with pytest.raises(CallFailure):
        greater((1, 2), (1, (0, 0)))


def test_sets_compare_by_what_they_contain() -> None:
    assert greater(frozenset({1, 2}), frozenset({1}))
    assert greater(frozenset({1}), frozenset())
    for a, b in [({1}, {1}), ({1}, {0, 1}), ({2}, {1}), ({3, 4}, {1})]:
        assert not greater(frozenset(a), frozenset(b))


@each("value", [None, as_function("add")])
def test_functions_and_none_do_not_compare(value: Value) -> None:
    with pytest.raises(CallFailure):
        greater(value, value)
