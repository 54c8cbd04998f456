"""Primitives about tuples and sets.

A set is walked in ascending order, a tuple as it stands; what a function or a key decides is
decided in that order, and of equally good members the first is taken. A result that is made from
the members of one container is of its kind, tuple or set.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import (
    check_container,
    check_divisor,
    check_number,
    check_set,
    check_tuple,
    walk,
)
from arcbatt.dsl.support.ordering import check_function, greatest, is_true, least, rank
from arcbatt.dsl.types import (
    A,
    B,
    Boolean,
    Callable,
    Container,
    FrozenSet,
    Integer,
    Pair,
    Tuple,
    Value,
)
from arcbatt.dsl.values import Function, is_number, measure, members, reject

_KEY = "(Container[A], Callable[[A], Integer]) -> {}"


def gather(container: Container[A], values: Iterable[B]) -> Container[B]:
    """Return values as a container of the given one's kind."""
    return tuple(values) if type(container) is tuple else frozenset(values)


@primitive()
def contained(value: A, container: Container[A]) -> Boolean:
    """Tell whether a value is a member. Fails without a container.

    >>> contained(2, (1, 2))
    True
    """
    return value in check_container(container)


@primitive(commutes=True)
def combine(a: Container[A], b: Container[A]) -> Container[A]:
    """Join two containers into one of the first one's kind. Fails without two containers.

    >>> combine((1, 2), (2, 3))
    (1, 2, 2, 3)
    """
    return gather(a, [*members(a), *members(b)])


@primitive(commutes=True)
def intersection(a: FrozenSet[A], b: FrozenSet[A]) -> FrozenSet[A]:
    """Keep the members that two sets share. Fails without two sets.

    Of two numbers the bits that they share are returned.

    >>> intersection(frozenset({1, 2}), frozenset({2, 3})) == frozenset({2})
    True
    """
    if is_number(a) and is_number(b):
        return a & b
    return check_set(a) & check_set(b)


@primitive("(FrozenSet[A], FrozenSet[A]) -> FrozenSet[A]")
def difference(a: Container[A], b: Container[A]) -> Container[A]:
    """Keep the members of the first container that the second lacks. Fails without containers.

    >>> difference((1, 2, 1), (2, 3))
    (1, 1)
    """
    dropped = frozenset(check_container(b))
    return gather(a, [member for member in members(a) if member not in dropped])


@primitive()
def dedupe(tup: Tuple[A]) -> Tuple[A]:
    """Keep the first of equal members, in order. Fails without a tuple.

    >>> dedupe((2, 1, 2))
    (2, 1)
    """
    return tuple(dict.fromkeys(check_tuple(tup)))


@primitive("(Container[A], Callable[[A], Integer]) -> Tuple[A]")
def order(container: Container[A], compfunc: Callable[[A], B]) -> Tuple[A]:
    """Sort by a key, the least first; members with equal keys stay in order.

    Keys compare as in `greater`. Fails without a container and a function of 1 argument, and
    where keys do not compare.

    >>> order((3, -2, 4), Function("even", arity=1))
    (3, -2, 4)
    """
    check_function(compfunc, 1)
    ordered = members(container)
    keys = [compfunc(member) for member in ordered]
    return tuple([ordered[position] for position in rank(keys)])


@primitive()
def repeat(item: A, num: Integer) -> Tuple[A]:
    """Repeat a value in a tuple; a number below 1 gives the empty tuple. Fails without a number.

    >>> repeat(5, 3)
    (5, 5, 5)
    """
    times = max(0, check_number(num))
    current_meter().claim(times * measure(item))
    return (item,) * times


@primitive()
def size(container: Container[A]) -> Integer:
    """Count the members. Fails without a container.

    >>> size((4, 4, 4))
    3
    """
    return len(check_container(container))


@primitive(
    "(FrozenSet[FrozenSet[A]]) -> FrozenSet[A]",
    "(Tuple[FrozenSet[A]]) -> Tuple[A]",
    "(FrozenSet[Tuple[A]]) -> FrozenSet[A]",
    "(Tuple[Tuple[A]]) -> Tuple[A]",
)
def merge(containers: Container[Container[A]]) -> Container[A]:
    """Join the containers in a container; the result is of the outer one's kind.

    Fails unless all members are containers.

    >>> merge(((1, 2), (2, 3)))
    (1, 2, 2, 3)
    """
    return gather(
        containers, [member for inner in members(containers) for member in members(inner)]
    )


@primitive()
def maximum(container: Container[Integer]) -> Integer:
    """Return the greatest member, or 0 if there is none. Fails where members do not compare.

    Members compare as in `greater`.

    >>> maximum((3, 7, 5))
    7
    """
    values: Value = members(container)
    return values[greatest(values)] if values else 0


@primitive()
def minimum(container: Container[Integer]) -> Integer:
    """Return the least member, or 0 if there is none. Fails where members do not compare.

    Members compare as in `greater`.

    >>> minimum((3, 7, 5))
    3
    """
    values: Value = members(container)
    return values[least(values)] if values else 0


def _keys(container: Container[A], compfunc: Callable[[A], B]) -> list[B]:
    """Return the value of a function for each member, in order."""
    function: Function = check_function(compfunc, 1)
    return [function(member) for member in members(container)]


@primitive(_KEY.format("Integer"))
def valmax(container: Container[A], compfunc: Callable[[A], B]) -> B:
    """Return the greatest value that a function has for a member; its value for 0 if there is none.

    Values compare as in `greater`. Fails without a container and a function of 1 argument.

    >>> valmax((3, -5, 4), Function("invert", arity=1))
    5
    """
    keys = _keys(container, compfunc)
    return keys[greatest(keys)] if keys else compfunc(0)  # type: ignore[arg-type]


@primitive(_KEY.format("Integer"))
def valmin(container: Container[A], compfunc: Callable[[A], B]) -> B:
    """Return the least value that a function has for a member; its value for 0 if there is none.

    Values compare as in `greater`. Fails without a container and a function of 1 argument.

    >>> valmin((3, -5, 4), Function("invert", arity=1))
    -4
    """
    keys = _keys(container, compfunc)
    return keys[least(keys)] if keys else compfunc(0)  # type: ignore[arg-type]


@primitive(_KEY.format("A"))
def argmax(container: Container[A], compfunc: Callable[[A], B]) -> A:
    """Return the member for which a function has the greatest value, the first of several.

    Values compare as in `greater`. Fails without members and a function of 1 argument.

    >>> argmax((3, -5, 4), Function("invert", arity=1))
    -5
    """
    keys = _keys(container, compfunc)
    return walk(container)[greatest(keys) if keys else 0]


@primitive(_KEY.format("A"))
def argmin(container: Container[A], compfunc: Callable[[A], B]) -> A:
    """Return the member for which a function has the least value, the first of several.

    Values compare as in `greater`. Fails without members and a function of 1 argument.

    >>> argmin((3, -5, 4), Function("invert", arity=1))
    4
    """
    keys = _keys(container, compfunc)
    return walk(container)[least(keys) if keys else 0]


@primitive()
def mostcommon(container: Tuple[A]) -> A:
    """Return the member that occurs most often, the lowest of several. Fails without a member.

    >>> mostcommon((3, 1, 1, 3, 2))
    1
    """
    counts: Counter[A] = Counter(check_tuple(container))
    return max(walk(frozenset(counts)), key=counts.__getitem__)


@primitive()
def leastcommon(container: Tuple[A]) -> A:
    """Return the member that occurs least often, the lowest of several. Fails without a member.

    >>> leastcommon((3, 1, 1, 3, 2))
    2
    """
    counts: Counter[A] = Counter(check_tuple(container))
    return min(walk(frozenset(counts)), key=counts.__getitem__)


@primitive()
def initset(value: A) -> FrozenSet[A]:
    """Make a set of one value.

    >>> initset(5)
    frozenset({5})
    """
    return frozenset({value})


@primitive()
def sfilter(container: Container[A], condition: Callable[[A], Boolean]) -> Container[A]:
    """Keep the members for which a function is true.

    Any value has a truth, see `branch`. Fails without a container and a function of 1 argument.

    >>> sfilter((1, 2, 3, 4), Function("even", arity=1))
    (2, 4)
    """
    check_function(condition, 1)
    return gather(
        container, [member for member in members(container) if is_true(condition(member))]
    )


@primitive(
    "(FrozenSet[FrozenSet[A]], Callable[[FrozenSet[A]], Boolean]) -> FrozenSet[A]",
    "(Tuple[FrozenSet[A]], Callable[[FrozenSet[A]], Boolean]) -> Tuple[A]",
    "(FrozenSet[Tuple[A]], Callable[[Tuple[A]], Boolean]) -> FrozenSet[A]",
    "(Tuple[Tuple[A]], Callable[[Tuple[A]], Boolean]) -> Tuple[A]",
)
def mfilter(
    container: Container[Container[A]], function: Callable[[Container[A]], Boolean]
) -> Container[A]:
    """Keep the containers for which a function is true, and join them.

    The result is of the outer container's kind. Fails without a container and a function of 1
    argument, and where a kept member is no container.

    >>> mfilter(((), (1, 2), (0,)), Function("size", arity=1))
    (1, 2, 0)
    """
    return merge(sfilter(container, function))


@primitive()
def extract(container: Container[A], condition: Callable[[A], Boolean]) -> A:
    """Return the first member for which a function is true; later ones are not asked.

    Any value has a truth, see `branch`. Fails if there is no such member.

    >>> extract((1, 2, 3, 4), Function("even", arity=1))
    2
    """
    check_function(condition, 1)
    ordered: Sequence[A] = members(container)
    for member in ordered:
        if is_true(condition(member)):
            return member
    raise reject("a container with such a member", container)


@primitive()
def totuple(container: Container[A]) -> Tuple[A]:
    """Write the members of a set in order; a tuple stays. Fails without a container.

    >>> totuple(frozenset({3, 1, 2}))
    (1, 2, 3)
    """
    return tuple(members(container))


@primitive("(Pair[A, B]) -> A")
def first(container: Container[A]) -> A:
    """Return the first member. Fails without one.

    >>> first((4, 5, 6))
    4
    """
    return walk(container)[0]


@primitive("(Pair[A, B]) -> B")
def last(container: Container[A]) -> A:
    """Return the last member. Fails without one.

    >>> last((4, 5, 6))
    6
    """
    return walk(container)[-1]


@primitive()
def insert(value: A, container: FrozenSet[A]) -> FrozenSet[A]:
    """Add a member to a set. Fails without a set.

    >>> insert(2, frozenset({1})) == frozenset({1, 2})
    True
    """
    return check_set(container) | {value}


@primitive()
def remove(value: A, container: Container[A]) -> Container[A]:
    """Drop the members that equal a value. Fails without a container.

    >>> remove(1, (1, 2, 1, 3))
    (2, 3)
    """
    return gather(container, [member for member in members(container) if member != value])


@primitive()
def other(container: Container[A], value: A) -> A:
    """Return the first member that does not equal a value. Fails if there is none.

    >>> other((1, 1, 2), 1)
    2
    """
    return first(remove(value, container))


@primitive(hidden_from_search=True)
def interval(start: Integer, stop: Integer, step: Integer) -> Tuple[Integer]:
    """Count from the start in steps, up to before the stop. Fails for a step of 0.

    >>> interval(5, 0, -2)
    (5, 3, 1)
    """
    start, stop, step = check_number(start), check_number(stop), check_divisor(step)
    current_meter().claim(max(0, -((start - stop) // step)))
    return tuple(range(start, stop, step))


@primitive(hidden_from_search=True)
def product(a: Container[A], b: Container[B]) -> FrozenSet[Pair[A, B]]:
    """Pair each member of one container with each of another. Fails without two containers.

    >>> product((1,), (2, 3)) == frozenset({(1, 2), (1, 3)})
    True
    """
    firsts, seconds = frozenset(check_container(a)), frozenset(check_container(b))
    leaves = len(seconds) * sum(map(measure, firsts)) + len(firsts) * sum(map(measure, seconds))
    current_meter().claim(leaves)
    return frozenset([(x, y) for x in firsts for y in seconds])


@primitive(hidden_from_search=True)
def pair(a: Tuple[A], b: Tuple[B]) -> Tuple[Pair[A, B]]:
    """Pair the members of two containers side by side, up to the end of the shorter one.

    Fails without two containers.

    >>> pair((1, 2), (3, 4, 5))
    ((1, 3), (2, 4))
    """
    return tuple(zip(members(a), members(b), strict=False))
