"""Primitives that build functions, and that apply them to containers.

A function is a value: the name of a primitive, or what one of the first seven primitives here
returns. It takes a fixed number of arguments. Calls go over a container in its order, a set's
being the ascending one, and each call counts.
"""

from __future__ import annotations

from arcbatt.dsl.containers import gather, merge
from arcbatt.dsl.meter import Meter
from arcbatt.dsl.registry import REGISTRY, primitive
from arcbatt.dsl.support.arguments import check_number
from arcbatt.dsl.support.ordering import check_function, is_true
from arcbatt.dsl.types import (
    A,
    B,
    Boolean,
    Callable,
    Container,
    D,
    E,
    FrozenSet,
    Integer,
    Tuple,
    Value,
)
from arcbatt.dsl.values import Function, members, reject

Values = tuple[Value, ...]


def as_function(name: str) -> Function:
    """Return a primitive as a value.

    Raises KeyError if there is no primitive of that name.

    >>> as_function("add")
    add
    """
    return Function(name, arity=REGISTRY[name].arity)


@primitive(hidden_from_search=True)
def identity(x: A) -> A:
    """Return a value as it is.

    >>> identity(3)
    3
    """
    return x


@primitive()
def branch(condition: Boolean, a: A, b: A) -> A:
    """Choose the first value if the condition is true, else the second.

    Any value has a truth: 0, None and empty containers are false, all else is true.

    >>> branch(True, 1, 2)
    1
    """
    return a if is_true(condition) else b


def _call_compose(meter: Meter, parts: Values, args: Values) -> Value:
    outer, inner = parts
    return meter.invoke(outer, (meter.invoke(inner, args),))


@primitive(built=_call_compose)
def compose(outer: Callable[[B], D], inner: Callable[[A], B]) -> Callable[[A], D]:
    """Build the function that calls the inner function, then the outer with its result.

    Fails unless both are functions of 1 argument.

    >>> compose(as_function("double"), as_function("increment"))(3)
    8
    """
    parts = check_function(outer, 1), check_function(inner, 1)
    return Function("compose", parts, arity=1)


def _call_chain(meter: Meter, parts: Values, args: Values) -> Value:
    h, g, f = parts
    return meter.invoke(h, (meter.invoke(g, (meter.invoke(f, args),)),))


@primitive(built=_call_chain, hidden_from_search=True)
def chain(h: Callable[[D], E], g: Callable[[B], D], f: Callable[[A], B]) -> Callable[[A], E]:
    """Build the function that calls three functions, the last one first.

    Fails unless all are functions of 1 argument.

    >>> chain(as_function("double"), as_function("increment"), as_function("invert"))(3)
    -4
    """
    parts = check_function(h, 1), check_function(g, 1), check_function(f, 1)
    return Function("chain", parts, arity=1)


def _call_matcher(meter: Meter, parts: Values, args: Values) -> Value:
    function, target = parts
    return bool(meter.invoke(function, args) == target)


@primitive(built=_call_matcher)
def matcher(function: Callable[[A], B], target: B) -> Callable[[A], Boolean]:
    """Build the function that tells whether a function returns the target.

    Fails unless given a function of 1 argument.

    >>> matcher(as_function("sign"), -1)(-7)
    True
    """
    return Function("matcher", (check_function(function, 1), target), arity=1)


def _inner_arity(function: Value) -> int:
    """Return how many arguments are left when one of a function's is bound."""
    if type(function) is not Function or function.arity < 2:
        raise reject("a function of 2 arguments or more", function)
    return int(function.arity) - 1


def _call_rbind(meter: Meter, parts: Values, args: Values) -> Value:
    function, fixed = parts
    return meter.invoke(function, (*args, fixed))


@primitive(
    "(Callable[[A, B, D], E], D) -> Callable[[A, B], E]",
    "(Callable[[A, B, D, E], G], E) -> Callable[[A, B, D], G]",
    built=_call_rbind,
)
def rbind(function: Callable[[A, B], D], fixed: B) -> Callable[[A], D]:
    """Build the function that lacks the last argument of another, which is fixed.

    Fails unless given a function of 2 arguments or more.

    >>> rbind(as_function("subtract"), 1)(3)
    2
    """
    return Function("rbind", (function, fixed), arity=_inner_arity(function))


def _call_lbind(meter: Meter, parts: Values, args: Values) -> Value:
    function, fixed = parts
    return meter.invoke(function, (fixed, *args))


@primitive(
    "(Callable[[A, B, D], E], A) -> Callable[[B, D], E]",
    "(Callable[[A, B, D, E], G], A) -> Callable[[B, D, E], G]",
    built=_call_lbind,
)
def lbind(function: Callable[[A, B], D], fixed: A) -> Callable[[B], D]:
    """Build the function that lacks the first argument of another, which is fixed.

    Fails unless given a function of 2 arguments or more.

    >>> lbind(as_function("subtract"), 1)(3)
    -2
    """
    return Function("lbind", (function, fixed), arity=_inner_arity(function))


def _call_power(meter: Meter, parts: Values, args: Values) -> Value:
    function, n = parts
    (value,) = args
    for _ in range(n):
        value = meter.invoke(function, (value,))
    return value


@primitive(built=_call_power, hidden_from_search=True)
def power(function: Callable[[A], A], n: Integer) -> Callable[[A], A]:
    """Build the function that calls a function n times, each time with the last result.

    The function itself is returned for n = 1. Fails unless given a function of 1 argument and
    an integer of at least 1.

    >>> power(as_function("double"), 3)(1)
    8
    """
    check_function(function, 1)
    if check_number(n) < 1:
        raise reject("an integer of at least 1", n)
    return function if n == 1 else Function("power", (function, n), arity=1)


def _call_fork(meter: Meter, parts: Values, args: Values) -> Value:
    outer, a, b = parts
    return meter.invoke(outer, (meter.invoke(a, args), meter.invoke(b, args)))


@primitive(built=_call_fork, hidden_from_search=True)
def fork(outer: Callable[[A, B], D], a: Callable[[E], A], b: Callable[[E], B]) -> Callable[[E], D]:
    """Build the function that calls an outer function with what two others return.

    Fails unless the outer function takes 2 arguments and the others take 1.

    >>> fork(as_function("multiply"), as_function("identity"), as_function("increment"))(3)
    12
    """
    parts = check_function(outer, 2), check_function(a, 1), check_function(b, 1)
    return Function("fork", parts, arity=1)


@primitive()
def apply(function: Callable[[A], B], container: Container[A]) -> Container[B]:
    """Call a function with each member; the results stay a tuple or a set.

    Fails unless given a function of 1 argument and a container.

    >>> apply(as_function("double"), (1, 2, 3))
    (2, 4, 6)
    """
    check_function(function, 1)
    walk = members(container)
    return gather(container, [function(member) for member in walk])


@primitive(hidden_from_search=True)
def rapply(functions: Container[Callable[[A], B]], value: A) -> Container[B]:
    """Call each function with one value; the results stay a tuple or a set.

    Fails unless all members are functions of 1 argument.

    >>> rapply((as_function("double"), as_function("halve")), 4)
    (8, 2)
    """
    walk = members(functions)
    for function in walk:
        check_function(function, 1)
    return gather(functions, [function(value) for function in walk])


@primitive(
    "(Callable[[A], FrozenSet[B]], FrozenSet[A]) -> FrozenSet[B]",
    "(Callable[[A], FrozenSet[B]], Tuple[A]) -> Tuple[B]",
    "(Callable[[A], Tuple[B]], FrozenSet[A]) -> FrozenSet[B]",
    "(Callable[[A], Tuple[B]], Tuple[A]) -> Tuple[B]",
)
def mapply(function: Callable[[A], Container[B]], container: Container[A]) -> Container[B]:
    """Call a function with each member and merge the containers that it returns.

    The result is of the kind of the given container. Fails unless given a function of 1 argument
    and a container, and where a result is no container.

    >>> mapply(as_function("identity"), ((1, 2), (2, 3)))
    (1, 2, 2, 3)
    """
    return merge(apply(function, container))


@primitive(hidden_from_search=True)
def papply(function: Callable[[A, B], D], a: Tuple[A], b: Tuple[B]) -> Tuple[D]:
    """Call a function with the members of two containers side by side, up to the shorter's end.

    Fails unless given a function of 2 arguments and two containers.

    >>> papply(as_function("add"), (1, 2), (10, 20))
    (11, 22)
    """
    check_function(function, 2)
    pairs = zip(members(a), members(b), strict=False)
    return tuple([function(x, y) for x, y in pairs])


@primitive(hidden_from_search=True)
def mpapply(function: Callable[[A, B], Container[D]], a: Tuple[A], b: Tuple[B]) -> Tuple[D]:
    """Call a function with the members of two containers side by side and merge the results.

    Fails unless given a function of 2 arguments and two containers, and where a result is no
    container.

    >>> mpapply(as_function("astuple"), (1, 2), (10, 20))
    (1, 10, 2, 20)
    """
    return merge(papply(function, a, b))  # type: ignore[return-value]


@primitive(hidden_from_search=True)
def prapply(function: Callable[[A, B], D], a: Container[A], b: Container[B]) -> FrozenSet[D]:
    """Call a function with each member of one container and each of another; collect a set.

    Fails unless given a function of 2 arguments and two containers.

    >>> prapply(as_function("multiply"), (1, 0), (2, 5)) == frozenset({0, 2, 5})
    True
    """
    check_function(function, 2)
    a_walk, b_walk = members(a), members(b)
    return frozenset([function(x, y) for x in a_walk for y in b_walk])


@primitive(hidden_from_search=True)
def apply_t(function: Callable[[A], B], container: Container[A]) -> Tuple[B]:
    """Call a function with each member; a tuple of the results, in the container's order.

    Fails unless given a function of 1 argument and a container.

    >>> apply_t(Function("size", arity=1), frozenset({(), (7,)}))
    (0, 1)
    """
    call: Function = check_function(function, 1)
    return tuple([call(member) for member in members(container)])


@primitive(hidden_from_search=True)
def mapply_t(function: Callable[[A], Container[B]], container: Container[A]) -> Tuple[B]:
    """Call a function with each member; a tuple of the results' members, in order.

    Fails unless given a function of 1 argument and a container, and where a result is no
    container.

    >>> mapply_t(Function("identity", arity=1), ((1, 2), (2, 3)))
    (1, 2, 2, 3)
    """
    return merge(apply_t(function, container))  # type: ignore[return-value]
