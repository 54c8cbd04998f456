"""Containers: orders, ties, kinds and claims."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each

from arcbatt.dsl import REGISTRY, primitive
from arcbatt.dsl.containers import (
    argmax,
    argmin,
    combine,
    contained,
    dedupe,
    difference,
    extract,
    first,
    initset,
    insert,
    intersection,
    interval,
    last,
    leastcommon,
    maximum,
    merge,
    mfilter,
    minimum,
    mostcommon,
    order,
    other,
    pair,
    product,
    remove,
    repeat,
    sfilter,
    size,
    totuple,
    valmax,
    valmin,
)
from arcbatt.dsl.functions import as_function, compose, matcher
from arcbatt.dsl.meter import Meter, metered
from arcbatt.dsl.support.ordering import rank
from arcbatt.dsl.types import Integer, Value
from arcbatt.dsl.values import CallFailure, FailureKind, measure

IDENTITY = as_function("identity")
EVEN = as_function("even")
FIRST = as_function("first")
NUMBERS = st.lists(st.integers(-9, 9), max_size=12).map(tuple)
PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=12).map(
    tuple
)


@pytest.fixture
def seen() -> Iterator[list[Value]]:
    """Return what the primitive `halve_and_note` was called with."""
    noted: list[Value] = []

    @primitive()
    def halve_and_note(value: Integer) -> Integer:
        """Halve a number."""
        noted.append(value)
        return value // 2

    yield noted
    REGISTRY.remove("halve_and_note")


def fails(kind: FailureKind, body: Callable[..., Value], *args: Value) -> None:
    with pytest.raises(CallFailure) as caught:
        body(*args)
    assert caught.value.kind is kind


def test_sets_are_walked_ascending(seen: list[Value]) -> None:
    note = as_function("halve_and_note")
    numbers = frozenset({9, -1, 30, 4})
    for body in (order, valmax, valmin, argmax, argmin, sfilter):
        seen.clear()
        body(numbers, note)
        assert seen == [-1, 4, 9, 30]
    assert (first(numbers), last(numbers), totuple(numbers)) == (-1, 30, (-1, 4, 9, 30))


def test_extract_stops_at_the_first_hit(seen: list[Value]) -> None:
    assert extract(frozenset({9, 1, 30, 4}), as_function("halve_and_note")) == 4
    assert seen == [1, 4]


@given(PAIRS)
def test_of_equally_good_members_the_first_is_taken(pairs: tuple[Value, ...]) -> None:
    keys = [key for key, _ in pairs]
    assert argmax(pairs, FIRST) == pairs[keys.index(max(keys))]
    assert argmin(pairs, FIRST) == pairs[keys.index(min(keys))]
    assert valmax(pairs, FIRST) == max(keys)
    assert valmin(pairs, FIRST) == min(keys)
    assert order(pairs, FIRST) == tuple(sorted(pairs, key=lambda member: member[0]))


@given(NUMBERS)
def test_of_equally_frequent_members_the_lowest_is_taken(numbers: tuple[int, ...]) -> None:
    if not numbers:
        fails(FailureKind.ARGUMENT, mostcommon, numbers)
        fails(FailureKind.ARGUMENT, leastcommon, numbers)
    else:
        assert mostcommon(numbers) == max(sorted(set(numbers)), key=numbers.count)
        assert leastcommon(numbers) == min(sorted(set(numbers)), key=numbers.count)


@given(PAIRS)
def test_sets_and_tuples_of_the_same_members_agree(pairs: tuple[Value, ...]) -> None:
    ascending, members = tuple(sorted(set(pairs))), frozenset(pairs)
    for body in (argmax, argmin, valmax, valmin, order):
        assert body(members, FIRST) == body(ascending, FIRST)
    for reduce in (first, last, maximum, minimum, totuple, size):
        assert reduce(members) == reduce(ascending)


def test_results_are_of_the_first_container_s_kind() -> None:
    members, ordered = frozenset({2, 3}), (3, 4, 3)
    assert combine(members, ordered) == frozenset({2, 3, 4})
    assert combine(ordered, members) == (3, 4, 3, 2, 3)
    assert difference(ordered, members) == (4,)
    assert difference(members, ordered) == frozenset({2})
    assert remove(3, ordered) == (4,)
    assert remove(3, members) == frozenset({2})
    assert sfilter(ordered, EVEN) == (4,)
    assert sfilter(members, EVEN) == frozenset({2})
    assert merge((members, ordered)) == (2, 3, 3, 4, 3)
    mixed: Value = frozenset({members, ordered})
    assert merge(mixed) == frozenset({2, 3, 4})
    assert mfilter((members, ()), as_function("size")) == (2, 3)


@given(NUMBERS)
def test_deduplicated_members_stay_in_order(numbers: tuple[int, ...]) -> None:
    assert dedupe(numbers) == tuple(
        number for place, number in enumerate(numbers) if number not in numbers[:place]
    )


def test_equal_members_are_one() -> None:
    assert dedupe((True, 1, 0, False)) == (1, 0)
    assert remove(1, (True, 0)) == (0,)
    assert contained(True, frozenset({1}))
    assert size(initset(True) | initset(1)) == 1
    assert mostcommon((0, True, 1)) == 1
    assert dedupe((matcher(EVEN, 1), matcher(EVEN, True))) == (matcher(EVEN, 1),)


def test_empty_containers_have_a_maximum_of_0_whose_key_counts_and_no_best_member() -> None:
    empty: Value
    for empty in ((), frozenset()):
        assert maximum(empty) == minimum(empty) == 0
        for reduce in (first, last):
            fails(FailureKind.ARGUMENT, reduce, empty)
        for body in (argmax, argmin, extract):
            fails(FailureKind.ARGUMENT, body, empty, IDENTITY)
        for value in (valmax, valmin):
            assert value(empty, as_function("increment")) == 1
            fails(FailureKind.ARGUMENT, value, empty, as_function("size"))
        assert order(empty, IDENTITY) == ()


def test_one_member_needs_no_comparison() -> None:
    key: Value
    for key in (None, EVEN, (None,)):
        assert maximum((key,)) == key
        assert valmax((key,), IDENTITY) == key
        assert order((key,), IDENTITY) == (key,)


def test_keys_of_two_kinds_do_not_compare() -> None:
    members: Value
    for members in ((1, (1, 2)), ((1, 2), (1, (0, 0))), (None, None), (EVEN, 1), (frozenset(), 1)):
        for body in (argmax, argmin, valmax, valmin):
            fails(FailureKind.ARGUMENT, body, members, IDENTITY)
        with pytest.raises(CallFailure) as caught:
            Meter().call(REGISTRY["order"], (members, IDENTITY))
        assert caught.value.kind is FailureKind.ARGUMENT


def test_sets_as_keys_are_greater_than_what_they_contain() -> None:
    one, two, both = frozenset({1}), frozenset({2}), frozenset({1, 2})
    assert argmax((one, two, both), IDENTITY) == both
    assert argmax((one, two), IDENTITY) == one
    assert argmax((two, one), IDENTITY) == two
    assert order((both, two, one), IDENTITY) == (two, one, both)
    assert order((two, one, both), IDENTITY) == (two, one, both)


@given(PAIRS)
def test_both_ways_to_sort_agree_where_all_keys_compare(keys: tuple[Value, ...]) -> None:
    chains = [frozenset(range(-1, number)) for _, number in keys]
    sizes = list(map(len, chains))
    for falling in (False, True):
        assert rank(chains, falling=falling) == rank(sizes, falling=falling)


def test_functions_are_looked_at_even_if_nothing_is_called() -> None:
    wrong: Value
    for body in (order, sfilter, mfilter, argmax):
        for wrong in (1, as_function("add"), frozenset()):
            with pytest.raises(CallFailure, match="expected a function of 1 argument, got"):
                body((), wrong)


def test_only_containers_have_members() -> None:
    for wrong in (1, None, EVEN):
        for body in (size, first, last, maximum, minimum, merge, totuple, dedupe, mostcommon):
            fails(FailureKind.ARGUMENT, body, wrong)
        for container in (order, sfilter, extract):
            fails(FailureKind.ARGUMENT, container, wrong, IDENTITY)
        fails(FailureKind.ARGUMENT, remove, 1, wrong)
        fails(FailureKind.ARGUMENT, contained, 1, wrong)
        fails(FailureKind.ARGUMENT, merge, (wrong,))
        for two in (combine, difference, intersection, product, pair):
            fails(FailureKind.ARGUMENT, two, (), wrong)
            fails(FailureKind.ARGUMENT, two, wrong, ())


def test_tuples_and_sets_are_told_apart_where_it_matters() -> None:
    fails(FailureKind.ARGUMENT, dedupe, frozenset({1}))
    fails(FailureKind.ARGUMENT, mostcommon, frozenset({1}))
    fails(FailureKind.ARGUMENT, leastcommon, frozenset({1}))
    fails(FailureKind.ARGUMENT, insert, 1, (1,))
    fails(FailureKind.ARGUMENT, intersection, frozenset({1}), (1,))


def test_other_needs_a_member_that_differs() -> None:
    assert other(frozenset({3, 2, 1}), 1) == 2
    fails(FailureKind.ARGUMENT, other, (1, True), 1)


@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(-4, 4).filter(bool))
def test_intervals_are_ranges_of_exactly_the_claimed_length(a: int, b: int, step: int) -> None:
    counted = tuple(range(a, b, step))
    with metered(Meter(value_leaves=len(counted))):
        assert interval(a, b, step) == counted
    if counted:
        with metered(Meter(value_leaves=len(counted) - 1)):
            fails(FailureKind.SIZE, interval, a, b, step)


def test_an_interval_needs_a_step() -> None:
    fails(FailureKind.ARGUMENT, interval, 0, 9, 0)


@given(NUMBERS, NUMBERS)
def test_products_claim_exactly_their_leaves(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    keys = tuple((number, ()) for number in b)
    expected = frozenset((x, y) for x in a for y in keys)
    leaves = measure(expected) if expected else 0
    with metered(Meter(value_leaves=leaves)):
        assert product(a, keys) == expected
    if leaves:
        with metered(Meter(value_leaves=leaves - 1)):
            fails(FailureKind.SIZE, product, a, keys)


@each(
    ("body", "args"),
    [
        (repeat, (0, 2**62)),
        (repeat, ((), 2**62)),
        (repeat, (repeat((), 1000), 1000)),
        (interval, (-(2**63), 2**63 - 1, 1)),
        (interval, (2**63 - 1, -(2**63), -1)),
        (product, (interval(0, 400, 1), interval(0, 400, 1))),
    ],
)
def test_what_would_be_too_big_is_not_built(
    body: Callable[..., Value], args: tuple[Value, ...]
) -> None:
    fails(FailureKind.SIZE, body, *args)


def test_repeating_less_than_once_gives_nothing() -> None:
    assert repeat(5, 0) == repeat(5, -(2**62)) == ()
    assert repeat(5, True) == (5,)


def test_sorting_many_sets_is_refused() -> None:
    many = tuple(frozenset({number}) for number in range(400))
    with metered(Meter(value_leaves=1_000)):
        fails(FailureKind.SIZE, order, many, IDENTITY)
        assert size(order(many[:300], IDENTITY)) == 300


def test_conditions_take_any_truth() -> None:
    assert sfilter((0, 1, 2), IDENTITY) == (1, 2)
    assert sfilter(((), (0,)), IDENTITY) == ((0,),)
    assert extract((0, (), None, 5), IDENTITY) == 5
    assert sfilter((1, 2), compose(as_function("initset"), IDENTITY)) == (1, 2)
