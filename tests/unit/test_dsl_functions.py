"""Functions as values: how they are built, called and compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.functions import (
    apply,
    as_function,
    branch,
    chain,
    compose,
    fork,
    identity,
    lbind,
    mapply,
    matcher,
    mpapply,
    papply,
    power,
    prapply,
    rapply,
    rbind,
)
from arcbatt.dsl.meter import Meter
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import VALUE_DEPTH, CallFailure, FailureKind, digest

NUMBERS = st.integers(-50, 50)
NAMES = ["double", "increment", "invert", "sign", "halve", "crement"]
UNARY = st.sampled_from(NAMES).map(as_function)
ADD, SUBTRACT, DOUBLE = map(as_function, ("add", "subtract", "double"))


def call(function: Value, *args: Value) -> Value:
    return Meter().invoke(function, args)


@given(UNARY, UNARY, UNARY, NUMBERS)
def test_built_functions_call_their_parts(f: Value, g: Value, h: Value, x: int) -> None:
    assert call(compose(f, g), x) == call(f, call(g, x))
    assert call(chain(f, g, h), x) == call(f, call(g, call(h, x)))
    assert call(fork(SUBTRACT, f, g), x) == call(f, x) - call(g, x)
    assert call(matcher(f, 0), x) is (call(f, x) == 0)
    assert call(power(f, 3), x) == call(chain(f, f, f), x)


@given(NUMBERS, NUMBERS)
def test_arguments_are_bound_on_one_side(a: int, b: int) -> None:
    assert call(rbind(SUBTRACT, a), b) == b - a
    assert call(lbind(SUBTRACT, a), b) == a - b


def test_functions_of_more_arguments_can_be_bound() -> None:
    interval = as_function("interval")
    bind_last: Callable[..., Value] = rbind
    bind_first: Callable[..., Value] = lbind
    for built in (bind_last(interval, 2), bind_first(interval, 2)):
        assert built.arity == 2
    assert call(bind_last(interval, 2), 1, 6) == (1, 3, 5)
    assert call(bind_first(interval, 2), 6, 2) == (2, 4)
    assert call(bind_last(bind_last(interval, 2), 6), 1) == (1, 3, 5)
    assert call(bind_first(bind_last(interval, 2), 1), 6) == (1, 3, 5)
    assert as_function("objects").arity == 4
    grid = ((0, 3),)
    assert call(
        bind_last(bind_last(bind_last(as_function("objects"), True), True), True), grid
    ) == frozenset({frozenset({(3, (0, 1))})})


def test_builders_are_functions_too() -> None:
    assert call(lbind(as_function("rbind"), ADD), 5) == rbind(ADD, 5)
    assert call(call(lbind(as_function("power"), DOUBLE), 3), 1) == 8
    assert apply(lbind(as_function("compose"), DOUBLE), (DOUBLE,)) == (compose(DOUBLE, DOUBLE),)


def test_a_first_power_is_the_function_itself() -> None:
    assert power(DOUBLE, 1) is DOUBLE
    assert power(DOUBLE, True) is DOUBLE


@each(
    ("build", "args"),
    [
        (compose, (DOUBLE, 1)),
        (compose, (1, DOUBLE)),
        (compose, (ADD, DOUBLE)),
        (compose, (DOUBLE, ADD)),
        (chain, (DOUBLE, DOUBLE, ADD)),
        (chain, (DOUBLE, ADD, DOUBLE)),
        (chain, (ADD, DOUBLE, DOUBLE)),
        (matcher, (ADD, 1)),
        (matcher, (1, 1)),
        (rbind, (DOUBLE, 1)),
        (rbind, ((1, 2), 1)),
        (lbind, (rbind(ADD, 1), 1)),
        (lbind, (frozenset(), 1)),
        (fork, (DOUBLE, DOUBLE, DOUBLE)),
        (fork, (ADD, ADD, DOUBLE)),
        (fork, (ADD, DOUBLE, 0)),
        (power, (DOUBLE, 0)),
        (power, (DOUBLE, -3)),
        (power, (DOUBLE, (1, 2))),
        (power, (ADD, 2)),
    ],
)
def test_parts_are_looked_at_when_a_function_is_built(
    build: Callable[..., Value], args: tuple[Value, ...]
) -> None:
    with pytest.raises(CallFailure) as caught:
        build(*args)
    assert caught.value.kind is FailureKind.ARGUMENT


def test_functions_nest_so_deep_and_no_deeper() -> None:
    function: Value = DOUBLE
    for _ in range(VALUE_DEPTH):
        function = compose(function, DOUBLE)
    with pytest.raises(CallFailure) as caught:
        compose(function, DOUBLE)
    assert caught.value.kind is FailureKind.DEPTH


def test_functions_are_equal_when_their_expressions_are() -> None:
    one, other = rbind(ADD, (1, 2)), rbind(as_function("add"), (1, 2))
    assert one == other
    assert len({one, other, lbind(ADD, (1, 2)), rbind(ADD, (2, 1)), ADD}) == 4
    assert digest(one) == digest(other)
    assert one not in ("rbind(add, (1, 2))", ADD, 1)
    assert repr(one) == "rbind(add, (1, 2))"


def test_a_name_that_no_primitive_has_is_no_function() -> None:
    with pytest.raises(KeyError):
        as_function("dubble")


def test_values_stay_and_conditions_choose() -> None:
    grid = ((1, 2), (3, 4))
    assert identity(grid) is grid
    assert branch(True, 1, 2) == 1
    condition: Value
    for condition in (False, 0, (), frozenset(), None):
        assert branch(condition, 1, 2) == 2
    for condition in (True, -1, (0,), frozenset({0}), DOUBLE):
        assert branch(condition, 1, 2) == 1


@given(st.lists(NUMBERS, max_size=6))
def test_results_are_of_the_container_s_kind(numbers: list[int]) -> None:
    halves = [number // 2 for number in numbers]
    halve = as_function("halve")
    assert apply(halve, tuple(numbers)) == tuple(halves)
    assert apply(halve, frozenset(numbers)) == frozenset(halves)
    vectors = as_function("toivec")
    assert mapply(vectors, tuple(numbers)) == tuple(x for n in numbers for x in (n, 0))
    assert mapply(vectors, frozenset(numbers)) == frozenset({*numbers, *[0 for _ in numbers]})


def test_functions_in_containers_are_all_looked_at_before_one_is_called() -> None:
    meter = Meter()
    with pytest.raises(CallFailure):
        meter.call(REGISTRY["rapply"], ((DOUBLE, 7), 1))
    assert meter.spent == 1 + 3
    assert rapply((DOUBLE, as_function("invert")), 4) == (8, -4)
    functions: Value = frozenset({DOUBLE, compose(DOUBLE, DOUBLE)})
    assert rapply(functions, 4) == frozenset({8, 16})
    assert rapply(frozenset(), 4) == frozenset()


def test_side_by_side_the_shorter_container_ends() -> None:
    assert papply(ADD, (1, 2, 3), (10, 20)) == (11, 22)
    assert mpapply(as_function("astuple"), (1, 2), (3, 4, 5)) == (1, 3, 2, 4)
    ascending: Value = frozenset({9, -1})
    assert papply(SUBTRACT, ascending, (1, 1)) == (-2, 8)


@given(st.frozensets(NUMBERS, max_size=5), st.lists(NUMBERS, max_size=5))
def test_all_pairs_are_called(a: frozenset[int], b: list[int]) -> None:
    expected = frozenset(x - y for x in a for y in b)
    assert prapply(SUBTRACT, a, tuple(b)) == expected


@each(
    ("body", "args"),
    [
        (apply, (ADD, ())),
        (apply, (1, ())),
        (apply, (DOUBLE, 1)),
        (mapply, (DOUBLE, (1,))),
        (mapply, (ADD, ())),
        (rapply, (DOUBLE, 1)),
        (rapply, ((ADD,), 1)),
        (papply, (DOUBLE, (), ())),
        (papply, (ADD, (), 1)),
        (papply, (ADD, 1, ())),
        (mpapply, (ADD, (1,), (1,))),
        (prapply, (DOUBLE, (), ())),
        (prapply, (ADD, (), 1)),
    ],
)
def test_wrong_functions_and_containers_fail(
    body: Callable[..., Value], args: tuple[Value, ...]
) -> None:
    with pytest.raises(CallFailure) as caught:
        body(*args)
    assert caught.value.kind is FailureKind.ARGUMENT
