"""Primitives about numbers, pairs of numbers, and truth.

Where a number or a pair is wanted, each of the two parts of a pair is treated like a number, and
a number beside a pair counts for both parts. A truth value is the integer that it equals.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import add as plus
from operator import floordiv, mul, neg, sub

from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import check_number
from arcbatt.dsl.support.ordering import exceeds, is_true
from arcbatt.dsl.types import A, B, Boolean, Integer, Numerical, Pair, Value
from arcbatt.dsl.values import is_number, is_pair, reject

_ONE = ("(Integer) -> Integer", "(IntegerTuple) -> IntegerTuple")
_TWO = (
    "(Integer, Integer) -> Integer",
    "(IntegerTuple, IntegerTuple) -> IntegerTuple",
    "(Integer, IntegerTuple) -> IntegerTuple",
    "(IntegerTuple, Integer) -> IntegerTuple",
)


def _parts(value: Value) -> tuple[int, int]:
    """Return the parts of a pair; a number stands for a pair of itself."""
    if is_number(value):
        return int(value), int(value)
    if is_pair(value):
        return int(value[0]), int(value[1])
    raise reject("an integer or a pair of integers", value)


def _each(operation: Callable[[int], int], a: Numerical) -> Numerical:
    first, second = _parts(a)
    return operation(first) if is_number(a) else (operation(first), operation(second))


def _both(operation: Callable[[int, int], int], a: Numerical, b: Numerical) -> Numerical:
    a_parts, b_parts = _parts(a), _parts(b)
    if is_number(a) and is_number(b):
        return operation(a_parts[0], b_parts[0])
    return operation(a_parts[0], b_parts[0]), operation(a_parts[1], b_parts[1])


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
    return _both(sub, a, b)


@primitive(*_TWO, commutes=True)
def multiply(a: Numerical, b: Numerical) -> Numerical:
    """Multiply numbers, or pairs part by part. Fails for anything else.

    >>> multiply((2, 3), (4, 5))
    (8, 15)
    """
    return _both(mul, a, b)


@primitive(*_TWO)
def divide(a: Numerical, b: Numerical) -> Numerical:
    """Divide, rounded down, the first number or pair by the second. Fails when dividing by 0.

    >>> divide(-7, 2)
    -4
    """
    if 0 in _parts(b):
        raise reject("a divisor other than 0", b)
    return _both(floordiv, a, b)


@primitive(*_ONE, redundant_after=("invert",))
def invert(n: Numerical) -> Numerical:
    """Change the sign of a number, or of both parts of a pair. Fails for anything else.

    >>> invert((2, -3))
    (-2, 3)
    """
    return _each(neg, n)


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
    return _each(lambda part: part * 2, n)


@primitive(*_ONE)
def halve(n: Numerical) -> Numerical:
    """Divide a number, or both parts of a pair, by 2, rounded down. Fails for anything else.

    >>> halve((5, -3))
    (2, -2)
    """
    return _each(lambda part: part // 2, n)


@primitive(*_ONE, redundant_after=("decrement",))
def increment(x: Numerical) -> Numerical:
    """Add 1 to a number, or to both parts of a pair. Fails for anything else.

    >>> increment((0, -1))
    (1, 0)
    """
    return _each(lambda part: part + 1, x)


@primitive(*_ONE, redundant_after=("increment",))
def decrement(x: Numerical) -> Numerical:
    """Subtract 1 from a number, or from both parts of a pair. Fails for anything else.

    >>> decrement((0, -1))
    (-1, -2)
    """
    return _each(lambda part: part - 1, x)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


@primitive(*_ONE)
def crement(x: Numerical) -> Numerical:
    """Move a number, or both parts of a pair, away from 0 by 1; 0 stays. Fails for anything else.

    >>> crement((3, -2))
    (4, -3)
    """
    return _each(lambda part: part + _sign(part), x)


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

    >>> both(True, False)
    False
    """
    return is_true(a) and is_true(b)


@primitive(commutes=True)
def either(a: Boolean, b: Boolean) -> Boolean:
    """Tell whether one is true; of other values, 0, None and empty containers are false.

    >>> either(True, False)
    True
    """
    return is_true(a) or is_true(b)


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
