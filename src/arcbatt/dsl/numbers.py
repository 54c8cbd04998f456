"""Primitives about numbers, pairs of numbers, and truth.

Where a number or a pair is wanted, each of the two parts of a pair is treated like a number, and
a number beside a pair counts for both parts; of a longer tuple the first two parts count. A part
may be a tuple or a set where Python's operator takes one: `add` joins two tuples, `multiply` and
`double` repeat a tuple, `subtract` takes the members of one set from another. A truth value is the
integer that it equals.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import neg

from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import check_divisor, check_number, first_two
from arcbatt.dsl.support.ordering import exceeds, is_true
from arcbatt.dsl.types import A, B, Boolean, Integer, Numerical, Pair, Value
from arcbatt.dsl.values import is_number, measure

_ONE = ("(Integer) -> Integer", "(IntegerTuple) -> IntegerTuple")
_TWO = (
    "(Integer, Integer) -> Integer",
    "(IntegerTuple, IntegerTuple) -> IntegerTuple",
    "(Integer, IntegerTuple) -> IntegerTuple",
    "(IntegerTuple, Integer) -> IntegerTuple",
)


def plus(a: Value, b: Value) -> Value:
    """Add two numbers, or join two tuples."""
    if type(a) is tuple and type(b) is tuple:
        return a + b
    return check_number(a) + check_number(b)


def _minus(a: Value, b: Value) -> Value:
    if type(a) is frozenset and type(b) is frozenset:
        return a - b
    return check_number(a) - check_number(b)


def _times(a: Value, b: Value) -> Value:
    if type(b) is tuple:
        a, b = b, a
    if type(a) is not tuple:
        return check_number(a) * check_number(b)
    times = max(check_number(b), 0)
    current_meter().claim(times * sum(map(measure, a)))
    return a * times


def _over(a: Value, b: Value) -> Value:
    return check_number(a) // check_divisor(b)


def _each(operation: Callable[[Value], Value], a: Numerical) -> Numerical:
    if is_number(a):
        return operation(a)  # type: ignore[no-any-return]
    first, second = first_two(a)
    return operation(first), operation(second)


def _both(operation: Callable[[Value, Value], Value], a: Numerical, b: Numerical) -> Numerical:
    if is_number(a) and is_number(b):
        return operation(a, b)  # type: ignore[no-any-return]
    first, second = (a, a) if is_number(a) else first_two(a)
    x, y = first_two(b) if is_number(a) or type(b) is tuple else (b, b)
    return operation(first, x), operation(second, y)


@primitive(*_TWO, commutes=True)
def add(a: Numerical, b: Numerical) -> Numerical:
    """Add numbers or pairs. Fails for anything else.

    >>> add((2, 3), 4)
    (6, 7)
    """
    return _both(plus, a, b)


@primitive(*_TWO)
def subtract(a: Numerical, b: Numerical) -> Numerical:
    """Subtract the second number or pair from the first. Fails for anything else.

    >>> subtract((2, 3), (1, 1))
    (1, 2)
    """
    return _both(_minus, a, b)


@primitive(*_TWO, commutes=True)
def multiply(a: Numerical, b: Numerical) -> Numerical:
    """Multiply numbers, or pairs part by part. Fails for anything else.

    >>> multiply((2, 3), (4, 5))
    (8, 15)
    """
    return _both(_times, a, b)


@primitive(*_TWO)
def divide(a: Numerical, b: Numerical) -> Numerical:
    """Divide, rounded down, the first number or pair by the second. Fails when dividing by 0.

    >>> divide(-7, 2)
    -4
    """
    return _both(_over, a, b)


@primitive(*_ONE, redundant_after=("invert",))
def invert(n: Numerical) -> Numerical:
    """Change the sign of a number, or of both parts of a pair. Fails for anything else.

    >>> invert((2, -3))
    (-2, 3)
    """
    return _each(lambda part: neg(check_number(part)), n)


@primitive()
def even(n: Integer) -> Boolean:
    """Tell whether an integer is even. Fails for anything else.

    >>> even(-4)
    True
    """
    return check_number(n) % 2 == 0


@primitive(*_ONE)
def double(n: Numerical) -> Numerical:
    """Multiply a number, or both parts of a pair, by 2. Fails for anything else.

    >>> double((2, 3))
    (4, 6)
    """
    return _each(lambda part: _times(part, 2), n)


@primitive(*_ONE)
def halve(n: Numerical) -> Numerical:
    """Divide a number, or both parts of a pair, by 2, rounded down. Fails for anything else.

    >>> halve((5, -3))
    (2, -2)
    """
    return _each(lambda part: check_number(part) // 2, n)


@primitive(*_ONE, redundant_after=("decrement",))
def increment(x: Numerical) -> Numerical:
    """Add 1 to a number, or to both parts of a pair. Fails for anything else.

    >>> increment((0, -1))
    (1, 0)
    """
    return _each(lambda part: check_number(part) + 1, x)


@primitive(*_ONE, redundant_after=("increment",))
def decrement(x: Numerical) -> Numerical:
    """Subtract 1 from a number, or from both parts of a pair. Fails for anything else.

    >>> decrement((0, -1))
    (-1, -2)
    """
    return _each(lambda part: check_number(part) - 1, x)


def _sign(part: Value) -> int:
    number = check_number(part)
    return (number > 0) - (number < 0)


@primitive(*_ONE)
def crement(x: Numerical) -> Numerical:
    """Move a number, or both parts of a pair, away from 0 by 1; 0 stays. Fails for anything else.

    >>> crement((3, -2))
    (4, -3)
    """
    return _each(lambda part: check_number(part) + _sign(part), x)


@primitive(*_ONE)
def sign(x: Numerical) -> Numerical:
    """Return -1, 0 or 1 by the sign of a number, or of each part of a pair. Fails otherwise.

    >>> sign((7, -2))
    (1, -1)
    """
    return _each(_sign, x)


@primitive()
def positive(x: Integer) -> Boolean:
    """Tell whether an integer is greater than 0. Fails for anything else.

    >>> positive(0)
    False
    """
    return check_number(x) > 0


@primitive("(Integer, Integer) -> Boolean")
def greater(a: A, b: A) -> Boolean:
    """Tell whether the first value is greater.

    Numbers compare by value, tuples by the first members that differ, and a set is greater than
    the sets that it properly contains. Fails for values of two kinds, functions and None.

    >>> greater((2, 0), (1, 9))
    True
    """
    return exceeds(a, b)


@primitive(commutes=True)
def equality(a: A, b: B) -> Boolean:
    """Tell whether two values are equal; functions are when their expressions are.

    >>> equality((1, 2), (1, 2))
    True
    """
    return bool(a == b)


@primitive(redundant_after=("flip",))
def flip(b: Boolean) -> Boolean:
    """Negate a truth; of other values, 0, None and empty containers are false.

    >>> flip(False)
    True
    """
    return not is_true(b)


@primitive(commutes=True)
def both(a: Boolean, b: Boolean) -> Boolean:
    """Tell whether both are true; of other values, 0, None and empty containers are false.

    Of two other values the second is returned if the first is true, else the first.

    >>> both(True, False)
    False
    """
    return b if is_true(a) else a


@primitive(commutes=True)
def either(a: Boolean, b: Boolean) -> Boolean:
    """Tell whether one is true; of other values, 0, None and empty containers are false.

    Of two other values the first is returned if it is true, else the second.

    >>> either(True, False)
    True
    """
    return a if is_true(a) else b


@primitive()
def toivec(i: A) -> Pair[A, Integer]:
    """Make the vector that points down by an integer: a pair of the value and 0.

    >>> toivec(3)
    (3, 0)
    """
    return (i, 0)


@primitive()
def tojvec(j: A) -> Pair[Integer, A]:
    """Make the vector that points right by an integer: a pair of 0 and the value.

    >>> tojvec(3)
    (0, 3)
    """
    return (0, j)


@primitive()
def astuple(a: A, b: B) -> Pair[A, B]:
    """Make a pair of any two values.

    >>> astuple(1, 2)
    (1, 2)
    """
    return (a, b)
