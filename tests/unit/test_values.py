"""The values: their order, their digest, their size."""

from __future__ import annotations

import pickle
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import each

from arcbatt.dsl.functions import as_function, lbind, rbind
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import (
    INTEGER_MAX,
    INTEGER_MIN,
    VALUE_DEPTH,
    CallFailure,
    FailureKind,
    alike,
    ascending,
    canonical_bytes,
    depth,
    digest,
    is_color,
    is_grid,
    is_indices,
    is_location,
    is_object,
    is_pair,
    measure,
    members,
    order_key,
    plain,
    reject,
    text,
)

ADD = as_function("add")
NUMBERS = st.integers(-3, 3) | st.integers(INTEGER_MIN, INTEGER_MAX) | st.booleans()
LEAVES = NUMBERS | st.none() | st.sampled_from([ADD, as_function("identity"), rbind(ADD, 1)])


def _containers(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    return (
        st.lists(inner, max_size=4).map(tuple)
        | st.frozensets(inner, max_size=4)
        | inner.map(lambda value: lbind(ADD, value))
    )


VALUES: st.SearchStrategy[Value] = st.recursive(LEAVES, _containers, max_leaves=12)
SMALL: st.SearchStrategy[Value] = st.recursive(
    st.sampled_from([0, 1, True, None, ADD]), _containers, max_leaves=4
)
"""Few enough that two of them are often equal."""


def test_kinds_are_in_order() -> None:
    rising = [None, -1, 0, True, 2, (), (0,), (0, 0), (1,), frozenset(), frozenset({1}), ADD]
    assert ascending(reversed(rising)) == rising


def test_a_set_compares_as_the_ascending_tuple_of_its_members() -> None:
    a, b, c = frozenset({5, 1}), frozenset({2}), frozenset({1, 2, 9})
    assert ascending([a, b, c]) == [c, a, b]


def test_functions_compare_by_their_text() -> None:
    functions = [as_function(name) for name in ("vmirror", "add", "cmirror")]
    assert list(map(text, members(frozenset(functions)))) == ["add", "cmirror", "vmirror"]


def test_cells_beside_pairs_of_numbers_are_in_order() -> None:
    assert ascending([(3, (0, 0)), (3, 7), (2, (9, 9)), (2, 0)]) == [
        (2, 0),
        (2, (9, 9)),
        (3, 7),
        (3, (0, 0)),
    ]


@given(st.lists(VALUES, max_size=6), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_where_one_starts(values: list[Value], random: Random) -> None:
    shuffled = random.sample(values, len(values))
    assert ascending(shuffled) == ascending(values)


@given(SMALL, SMALL)
def test_of_two_values_one_comes_first_unless_they_are_equal(a: Value, b: Value) -> None:
    before, after = order_key(a) < order_key(b), order_key(b) < order_key(a)
    assert [before, a == b, after].count(True) == 1


@given(st.tuples(SMALL, SMALL, SMALL))
def test_the_order_is_transitive(values: tuple[Value, Value, Value]) -> None:
    a, b, c = values
    if order_key(a) <= order_key(b) <= order_key(c):
        assert order_key(a) <= order_key(c)


@given(SMALL, SMALL)
def test_digest_text_and_bytes_are_equal_when_values_are(a: Value, b: Value) -> None:
    assert (digest(a) == digest(b)) is (a == b)
    assert (canonical_bytes(a) == canonical_bytes(b)) is (a == b)
    assert (text(a) == text(b)) is (a == b)


def test_a_truth_value_is_the_integer_that_it_equals() -> None:
    for truth, number in [(True, 1), (False, 0)]:
        assert text((truth,)) == text((number,)) == f"({number},)"
        assert digest(((truth,),)) == digest(((number,),))
        assert digest(frozenset({truth})) == digest(frozenset({number}))
        assert rbind(ADD, truth) == rbind(ADD, number)
        assert digest(rbind(ADD, truth)) == digest(rbind(ADD, number))


def test_truth_values_in_containers_and_functions_become_integers() -> None:
    nested: Value = ((True, frozenset({False, (True,)})), None, 2)
    assert alike(plain(nested), ((1, frozenset({0, (1,)})), None, 2))
    assert plain(True) is True
    bound: Value = rbind(ADD, True)
    assert alike(bound.parts, (ADD, 1))
    grid: Value = ((0, 1), (2, 3))
    assert plain(grid) is grid


@given(VALUES)
def test_a_plain_value_equals_the_value_and_stays(value: Value) -> None:
    settled = plain(value)
    assert settled == value
    assert plain(settled) is settled


@each(
    ("a", "b"),
    [
        (True, 1),
        ((True,), (1,)),
        (((0, 1),), ((False, True),)),
        (frozenset({(1, True)}), frozenset({(1, 1)})),
        ({"cells": [1]}, {"cells": [True]}),
        (1.0, 1),
        ([1], (1,)),
        (1, 2),
    ],
)
def test_values_of_other_types_are_not_alike(a: object, b: object) -> None:
    assert alike(a, a)
    assert alike(b, b)
    assert not alike(a, b)


def test_pictures_are_written_byte_by_byte() -> None:
    size = (2).to_bytes(4, "little")
    assert canonical_bytes(((0, 9), (255, True))) == b"g" + size + size + bytes((0, 9, 255, 1))
    assert canonical_bytes(((0, 256), (0, 0)))[:1] == b"t"
    assert canonical_bytes(((0, -1), (0, 0)))[:1] == b"t"
    assert canonical_bytes(((0, 0), (0,)))[:1] == b"t"
    assert canonical_bytes(((), ()))[:1] == b"t"


@given(VALUES)
def test_values_can_be_sent_to_another_process(value: Value) -> None:
    copy = pickle.loads(pickle.dumps(value))
    assert copy == value
    assert digest(copy) == digest(value)


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_the_leaves_of_a_tuple_are_those_of_its_members(values: list[Value]) -> None:
    assert measure(tuple(values)) == sum(map(measure, values))
    assert depth(tuple(values)) == 1 + max(map(depth, values))


@each(
    ("value", "leaves"),
    [
        (7, 1),
        (True, 1),
        (None, 1),
        (((1, 2), (3, 4)), 4),
        (ADD, 1),
        (rbind(ADD, (1, 2)), 4),
        ((), 1),
        (frozenset(), 1),
        (((), ((), ())), 3),
    ],
)
def test_leaves_are_counted(value: Value, leaves: int) -> None:
    assert measure(value) == leaves


CELLS = st.tuples(st.integers(-2, 2), st.tuples(st.integers(-2, 2), st.integers(0, 2)))
PAIRS = st.tuples(st.integers(-2, 2), st.integers(0, 2))
LISTS = [
    st.lists(each, max_size=7).map(kind)
    for each in (st.integers(-3, 3), PAIRS, CELLS, CELLS | PAIRS, PAIRS | st.booleans())
    for kind in (tuple, frozenset)
]
COMPACT = st.one_of(*LISTS, *(st.lists(each, max_size=5).map(frozenset) for each in LISTS))


def count_leaves(value: Value) -> int:
    if type(value) not in (tuple, frozenset):
        return 1
    return sum(map(count_leaves, value)) or 1


@given(COMPACT)
def test_many_members_are_measured_and_ordered_as_few_are(value: Value) -> None:
    assert measure(value) == count_leaves(value)
    assert ascending(value) == sorted(value, key=order_key)


def test_a_large_integer_is_found_in_every_place() -> None:
    near, beyond = (1, (2, 3)), (1, (2, 2**63))
    for value in ((near,) * 5 + (beyond,), frozenset([(n, 0) for n in range(9)] + [(0, 2**63)])):
        with pytest.raises(CallFailure) as caught:
            measure(value)
        assert caught.value.kind is FailureKind.OVERFLOW


@each("number", [INTEGER_MIN - 1, INTEGER_MAX + 1])
def test_integers_beyond_64_bits_fail(number: int) -> None:
    for value in (number, (1, (number,)), frozenset({number})):
        with pytest.raises(CallFailure) as caught:
            measure(value)
        assert caught.value.kind is FailureKind.OVERFLOW
    with pytest.raises(CallFailure) as caught:
        rbind(ADD, number)
    assert caught.value.kind is FailureKind.OVERFLOW


def _nested(levels: int) -> Value:
    value: Value = 1
    for _ in range(levels):
        value = (value,)
    return value


def test_values_nest_so_deep_and_no_deeper() -> None:
    assert measure(_nested(VALUE_DEPTH)) == 1
    for value in (_nested(VALUE_DEPTH + 1), (1, _nested(VALUE_DEPTH))):
        with pytest.raises(CallFailure) as caught:
            measure(value)
        assert caught.value.kind is FailureKind.DEPTH


def test_functions_count_for_the_depth_of_what_holds_them() -> None:
    function = rbind(ADD, _nested(VALUE_DEPTH - 1))
    assert measure(function) == 3
    with pytest.raises(CallFailure) as caught:
        measure((function,))
    assert caught.value.kind is FailureKind.DEPTH


def test_what_is_no_value_fails() -> None:
    for thing in (1.5, "a", [1], {1: 2}):
        with pytest.raises(CallFailure) as caught:
            measure(thing)
        assert caught.value.kind is FailureKind.ARGUMENT


def test_what_has_no_members_fails() -> None:
    for value in (1, None, ADD):
        with pytest.raises(CallFailure, match="expected a tuple or a set"):
            members(value)


def test_a_failure_names_what_came_in_short() -> None:
    assert str(reject("a grid", 7)) == "expected a grid, got 7"
    assert len(str(reject("a grid", tuple(range(1000))))) < 100


def test_failures_can_be_sent_to_another_process() -> None:
    failure = CallFailure(FailureKind.SIZE, "too big")
    copy = pickle.loads(pickle.dumps(failure))
    assert (copy.kind, copy.detail) == (failure.kind, failure.detail)


GRID = ((1, 2), (3, 4))


@each(
    ("check", "good", "bad"),
    [
        (is_pair, [(1, 2), (True, -5)], [(1,), (1, 2, 3), (1, (2, 3)), 1, frozenset({1, 2})]),
        (is_color, [0, -128, 127, True], [128, -129, None, (1,)]),
        (is_grid, [(), ((),), GRID, ((True,),)], [((1,), (1, 2)), (1, 2), ((128,),), 1]),
        (is_location, [(0, 0), (-32768, 32767)], [(0, 32768), (0,), 0]),
        (is_indices, [frozenset(), frozenset({(0, 1)})], [frozenset({0}), (), ((0, 1),)]),
        (is_object, [frozenset(), frozenset({(9, (0, 1))})], [frozenset({(0, 1)}), (), 0]),
    ],
)
def test_kinds_of_values_are_told(check: Value, good: list[Value], bad: list[Value]) -> None:
    assert all(map(check, good))
    assert not any(map(check, bad))
