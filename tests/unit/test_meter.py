"""Fuel and the other bounds."""

from __future__ import annotations

import time

import pytest
from tests.cases import each

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.functions import as_function, compose, fork, power, rbind
from arcbatt.dsl.meter import Meter, current_meter, load, metered
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import VALUE_DEPTH, CallFailure, FailureKind, Function, measure

DOUBLE = as_function("double")


def failure_of(meter: Meter, name: str, *args: Value) -> FailureKind:
    with pytest.raises(CallFailure) as caught:
        meter.call(REGISTRY[name], args)
    return caught.value.kind


def spent(name: str, *args: Value) -> int:
    meter = Meter()
    meter.call(REGISTRY[name], args)
    return meter.spent


def test_fuel_is_one_and_the_leaves_of_arguments_and_result() -> None:
    assert spent("add", 1, 2) == 1 + 2 + 1
    assert spent("rot90", ((1, 2, 3), (4, 5, 6))) == 1 + 6 + 6
    assert spent("remove", 1, (1, 1)) == 1 + 3 + 1


def test_inner_calls_count_and_building_functions_is_cheap() -> None:
    inner = 1 + 1 + 1
    assert spent("apply", DOUBLE, (1, 2, 3)) == (1 + 1 + 3 + 3) + 3 * inner
    assert spent("apply", power(DOUBLE, 4), (1,)) == (1 + 3 + 1 + 1) + 4 * inner
    assert spent("power", DOUBLE, 10**9) == 1 + 2 + 3


def test_a_call_finds_its_own_meter() -> None:
    outer, inner = Meter(), Meter()
    with metered(outer):
        inner.call(REGISTRY["apply"], (DOUBLE, (1, 2, 3)))
        assert current_meter() is outer
    assert outer.spent == 0
    assert inner.spent == spent("apply", DOUBLE, (1, 2, 3))


def test_a_failed_call_leaves_no_meter_in_force() -> None:
    assert failure_of(Meter(), "first", ()) is FailureKind.ARGUMENT
    assert current_meter() is not current_meter()


@each(
    "value, expected",
    [
        (7, 1),
        (None, 1),
        ((), 1),
        ((1, 2, 3), 3),
        (((1, 2), (3, 4)), 8),
        (((), ()), 4),
        (frozenset({(1, (2, 3)), (4, (5, 6))}), 6 * 3),
        ((1, frozenset({frozenset({2})})), 2 * 3),
        (DOUBLE, 1),
        ((DOUBLE, 1), 2),
        (rbind(as_function("add"), 1), 3),
    ],
)
def test_a_load_is_leaves_times_depth(value: Value, expected: int) -> None:
    assert load(value, measure(value)) == expected


def test_results_are_held_while_a_primitive_collects_them() -> None:
    meter = Meter()
    meter.room = 10
    assert meter.call(REGISTRY["apply"], (DOUBLE, tuple(range(10)))) == tuple(range(0, 20, 2))
    assert meter.held_most == 10
    meter.restart()
    assert failure_of(meter, "apply", DOUBLE, tuple(range(11))) is FailureKind.MEMORY
    meter.restart()
    # A power holds one value at a time.
    assert meter.invoke(power(DOUBLE, 40), (1,)) == 2**40
    assert meter.held_most == 1


def test_a_meter_can_begin_again() -> None:
    meter = Meter(node_fuel=10)
    for _ in range(3):
        meter.restart()
        assert meter.call(REGISTRY["add"], (1, 2)) == 3
    assert failure_of(meter, "add", (1, 2), (3, 4)) is FailureKind.FUEL


def test_known_leaves_are_not_counted_again() -> None:
    meter = Meter()
    meter.call(REGISTRY["add"], (1, 2), leaves=50)
    assert meter.spent == 1 + 50 + 1


def test_long_loops_run_out_of_fuel() -> None:
    assert failure_of(Meter(), "apply", power(DOUBLE, 1_000_000), (0,)) is FailureKind.FUEL


SELF = [
    fork(as_function("apply"), as_function("identity"), as_function("initset")),
    fork(as_function("mapply"), as_function("identity"), as_function("initset")),
    fork(as_function("mfilter"), as_function("initset"), as_function("identity")),
    fork(as_function("argmax"), as_function("initset"), as_function("identity")),
    fork(as_function("rapply"), as_function("initset"), as_function("identity")),
]


@each("function", SELF)
def test_functions_that_call_themselves_end(function: Function) -> None:
    with pytest.raises(CallFailure) as caught:
        function(function)
    assert caught.value.kind is FailureKind.DEPTH


def test_functions_as_deep_as_values_may_be_can_be_called() -> None:
    function: Value = DOUBLE
    for _ in range(VALUE_DEPTH):
        function = compose(as_function("decrement"), function)
    assert function(0) == -VALUE_DEPTH


@each("seed", [1, (), frozenset()])
def test_growing_values_run_into_the_size(seed: Value) -> None:
    twice = fork(as_function("combine"), as_function("totuple"), as_function("totuple"))
    meter = Meter(node_fuel=10**8)
    assert failure_of(meter, "apply", power(twice, 60), ((seed, 1),)) is FailureKind.SIZE


def test_sizes_are_bounded_for_results() -> None:
    meter = Meter(value_leaves=5)
    assert meter.call(REGISTRY["combine"], ((1, 2), (3, 4, 5))) == (1, 2, 3, 4, 5)
    assert failure_of(meter, "combine", (1, 2, 3), (3, 4, 5)) is FailureKind.SIZE


def test_claims_are_bounded() -> None:
    meter = Meter(value_leaves=5)
    meter.claim(5)
    meter.claim_steps(500)
    for claim, leaves in ((meter.claim, 6), (meter.claim_steps, 501)):
        with pytest.raises(CallFailure) as caught:
            claim(leaves)
        assert caught.value.kind is FailureKind.SIZE


def test_nothing_is_called_after_the_deadline() -> None:
    meter = Meter(deadline=time.monotonic() - 1)
    # Every call looks, not only the first one.
    for _ in range(3):
        assert failure_of(meter, "add", 1, 2) is FailureKind.DEADLINE


def test_a_loop_ends_at_the_deadline() -> None:
    meter = Meter(node_fuel=10**12, deadline=time.monotonic() + 0.05)
    loop = power(as_function("identity"), 10**9)
    assert failure_of(meter, "apply", loop, (0,)) is FailureKind.DEADLINE


def test_integers_that_leave_64_bits_overflow() -> None:
    assert failure_of(Meter(), "double", 2**62) is FailureKind.OVERFLOW


def test_python_s_own_errors_become_failures() -> None:
    assert failure_of(Meter(), "order", (1, (2,)), as_function("identity")) is FailureKind.ARGUMENT


def test_the_number_of_arguments_has_to_fit() -> None:
    assert failure_of(Meter(), "add", 1) is FailureKind.ARGUMENT
    with pytest.raises(CallFailure, match="add takes 2 arguments, got 1"):
        as_function("add")(1)
    with pytest.raises(CallFailure, match=r"rbind\(add, 1\) takes 1 arguments, got 2"):
        Meter().invoke(rbind(as_function("add"), 1), (1, 2))


def test_only_functions_can_be_called() -> None:
    with pytest.raises(CallFailure, match="expected a function, got 7"):
        Meter().invoke(7, (1,))
