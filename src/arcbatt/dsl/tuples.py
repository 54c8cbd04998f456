"""Primitives whose results are tuples, where those of a similar name return sets."""

from __future__ import annotations

from arcbatt.dsl.arguments import check_grid, check_number
from arcbatt.dsl.containers import merge, totuple
from arcbatt.dsl.evaluation import check_function
from arcbatt.dsl.objects import objects, palette
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.types import A, B, Callable, Color, Container, Grid, Integer, Object, Tuple
from arcbatt.dsl.values import Function, members, reject


@primitive()
def o_g(grid: Grid, k: Integer) -> Tuple[Object]:
    """List the objects of a grid, ascending, by a number 0..7 for the flags of `objects`.

    The number is 4 * univalued + 2 * diagonal + without_bg. Fails without a grid and for other
    numbers.

    >>> o_g(((3, 0, 4),), 5) == (frozenset({(3, (0, 0))}), frozenset({(4, (0, 2))}))
    True
    """
    flags = check_number(k)
    if not 0 <= flags <= 7:
        raise reject("a number in 0..7", k)
    return totuple(objects(grid, bool(flags & 4), bool(flags & 2), bool(flags & 1)))


@primitive()
def p_g(grid: Grid) -> Tuple[Color]:
    """List the colours of a grid, ascending. Fails without a grid.

    >>> p_g(((3, 0), (0, 3)))
    (0, 3)
    """
    return totuple(palette(check_grid(grid)))


@primitive()
def apply_t(function: Callable[[A], B], container: Container[A]) -> Tuple[B]:
    """Call a function with each member; a tuple of the results, in the container's order.

    Fails unless given a function of 1 argument and a container.

    >>> apply_t(Function("size", arity=1), frozenset({(), (7,)}))
    (0, 1)
    """
    call: Function = check_function(function, 1)
    return tuple([call(member) for member in members(container)])


@primitive()
def mapply_t(function: Callable[[A], Container[B]], container: Container[A]) -> Tuple[B]:
    """Call a function with each member; a tuple of the results' members, in order.

    Fails unless given a function of 1 argument and a container, and where a result is no
    container.

    >>> mapply_t(Function("identity", arity=1), ((1, 2), (2, 3)))
    (1, 2, 2, 3)
    """
    return merge(apply_t(function, container))  # type: ignore[return-value]
