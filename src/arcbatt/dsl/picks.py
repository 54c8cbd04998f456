"""Primitives that pick one of several by a property, and the properties to pick by.

A cell of colour 0 is empty, all others are coloured. Parts and groups are those of
`arcbatt.dsl.support.connected_components`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from arcbatt.dsl.geometry import cmirror, dmirror, hmirror, vmirror
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import check_element, check_grid, check_piece, locations
from arcbatt.dsl.support.connected_components import (
    EMPTY,
    Place,
    groups,
    most_common_color,
    normalized,
)
from arcbatt.dsl.support.ordering import check_function, greatest
from arcbatt.dsl.types import (
    A,
    B,
    Boolean,
    Callable,
    Color,
    Container,
    Element,
    Grid,
    Indices,
    Integer,
    Piece,
    Tuple,
    Value,
)
from arcbatt.dsl.values import Function, members, reject


def _keys(container: Value, key: Value) -> tuple[Sequence[Value], list[Value]]:
    """Return the members of a container, at least one, and their keys."""
    function: Function = check_function(key, 1)
    ordered = members(container)
    if not ordered:
        raise reject("a container with members", container)
    return ordered, [function(member) for member in ordered]


@primitive()
def odd_one(values: Tuple[A]) -> A:
    """Return the member that comes once, while all others come more often.

    Fails without a tuple, and unless there is exactly one such member.

    >>> odd_one((4, 5, 4))
    5
    """
    if type(values) is not tuple:
        raise reject("a tuple", values)
    return values[_single(values)]


def _single(keys: Sequence[Value]) -> int:
    """Return the position of the only key that comes once."""
    counts = Counter(keys)
    places = [place for place, key in enumerate(keys) if counts[key] == 1]
    if len(places) != 1:
        raise reject("one that comes once", tuple(keys))
    return places[0]


@primitive()
def odd_one_by(container: Container[A], key: Callable[[A], B]) -> A:
    """Return the member whose key comes once, while all other keys come more often.

    Fails without a container with members and a function of 1 argument, and unless there is
    exactly one such member.

    >>> odd_one_by(((1, 2), (3,), (4, 5)), Function("size", arity=1))
    (3,)
    """
    ordered, keys = _keys(container, key)
    return ordered[_single(keys)]  # type: ignore[no-any-return]


@primitive()
def most_frequent_by(container: Container[A], key: Callable[[A], B]) -> A:
    """Return the first member with the key that the most members have, the first of several.

    Fails without a container with members and a function of 1 argument.

    >>> most_frequent_by(((1, 2), (3,), (4,)), Function("size", arity=1))
    (3,)
    """
    ordered, keys = _keys(container, key)
    counts = Counter(keys)
    return ordered[greatest([counts[key] for key in keys])]  # type: ignore[no-any-return]


def _places(piece: Value) -> list[Place]:
    """Return the coloured cells of a grid, or the locations of a patch, ascending."""
    if type(check_piece(piece)) is tuple:
        return [
            (i, j) for i, row in enumerate(piece) for j, value in enumerate(row) if value != EMPTY
        ]
    return sorted(locations(piece))


@primitive()
def cell_count(piece: Piece) -> Integer:
    """Count the coloured cells of a grid, or the locations of a patch.

    >>> cell_count(((1, 0), (2, 1)))
    3
    """
    return len(_places(piece))


@primitive()
def group_count(grid: Grid) -> Integer:
    """Count the groups of a grid: coloured cells connected by edges or corners.

    >>> group_count(((1, 0), (0, 2)))
    1
    """
    return len(groups(check_grid(grid)))


@primitive()
def symmetry_count(piece: Piece) -> Integer:
    """Count the mirrors that leave a grid or a patch as it is, 0 to 4.

    They are `hmirror`, `vmirror`, `dmirror` and `cmirror`. Fails for an empty patch.

    >>> symmetry_count(((1, 2), (1, 2)))
    1
    """
    check_piece(piece)
    return sum(mirror(piece) == piece for mirror in (hmirror, vmirror, dmirror, cmirror))


@primitive()
def symmetric(piece: Piece) -> Boolean:
    """Tell whether a mirror leaves a grid or a patch as it is: see `symmetry_count`.

    Fails for an empty patch.

    >>> symmetric(((1, 2), (3, 4)))
    False
    """
    return symmetry_count(piece) > 0


@primitive()
def silhouette(piece: Piece) -> Indices:
    """Return where a grid has coloured cells, or a patch has cells, moved to row 0 and column 0.

    >>> sorted(silhouette(((0, 0), (0, 3))))
    [(0, 0)]
    """
    return normalized(_places(piece))


@primitive()
def free_shape(piece: Piece) -> Indices:
    """Return the least of the silhouettes of all turned and mirrored forms.

    Equal ones tell that two pieces have one shape, however it is turned: see `silhouette`.

    >>> sorted(free_shape(frozenset({(5, 5), (6, 5)})))
    [(0, 0), (0, 1)]
    """
    forms = []
    form = _places(piece)
    for _ in range(4):
        form = [(j, -i) for i, j in form]
        forms += [normalized(form), normalized([(i, -j) for i, j in form])]
    return min(forms, key=sorted)


@primitive()
def main_color(element: Element) -> Color:
    """Return the most frequent coloured colour, the lowest of several. Fails without one.

    >>> main_color(((0, 0), (3, 0)))
    3
    """
    return most_common_color(nonzero_colors(element))


def nonzero_colors(element: Value) -> list[Color]:
    """Return the colour of every coloured cell; raises CallFailure without any."""
    if type(check_element(element)) is tuple:
        colors = [value for row in element for value in row if value != EMPTY]
    else:
        colors = [value for value, _ in element if value != EMPTY]
    if not colors:
        raise reject("coloured cells", element)
    return colors
