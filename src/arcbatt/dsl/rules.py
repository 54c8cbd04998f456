"""Primitives that apply a rule, which is a literal, to the values of some expressions.

Learners write such rules (see `arcbatt.search.induction`); people may write them too.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import check_cells, check_number, check_tuple
from arcbatt.dsl.types import Any, Color, Grid, Tuple, Value
from arcbatt.dsl.values import is_number, reject

NODES_MAX = 200
"""Decisions and leaves that a tree may have."""
DEPTH_MAX = 20
"""Decisions on the longest way through a tree, at most."""


@primitive(hidden_from_search=True)
def by_tree(planes: Tuple[Grid], tree: Any) -> Grid:
    """Make a grid cell by cell as a decision tree says, by what other grids have at each cell.

    A tree is a colour in 0..9; or the number of a plane in brackets, ``(0,)`` for the first: what
    that plane has at the cell; or a decision ``(plane, low, high, yes, no)``: the tree ``yes`` if
    the plane's number at the cell is in low..high, else the tree ``no``. Fails without planes of
    one shape with cells, for a tree of more than 200 decisions and leaves or of more than 20
    decisions below each other, and for what is none.

    >>> by_tree((((3, 0, 4),), ((0, 1, 2),)), (1, 0, 1, (0,), 8))
    ((3, 0, 8),)
    """
    grids = [check_cells(plane) for plane in check_tuple(planes)]
    shapes = {(len(grid), len(grid[0])) for grid in grids}
    if len(shapes) != 1:
        raise reject("planes of one shape", planes)
    check_tree(tree, len(grids))
    rows = zip(*grids, strict=True)
    return tuple([tuple([_decide(tree, cell) for cell in zip(*row, strict=True)]) for row in rows])


def check_tree(tree: Value, planes: int) -> None:
    """Require a tree over some planes."""
    _check_node(tree, planes, DEPTH_MAX, count(1))


def _check_node(tree: Value, planes: int, depth: int, nodes: count[int]) -> None:
    if next(nodes) > NODES_MAX:
        raise reject(f"a tree of {NODES_MAX} decisions and leaves at most", tree)
    if is_number(tree):
        if not 0 <= tree <= 9:
            raise reject("a colour in 0..9", tree)
        return
    if not check_tuple(tree) or not 0 <= check_number(tree[0]) < planes:
        raise reject("the number of a plane", tree)
    if len(tree) == 1:
        return
    if len(tree) != 5 or not depth:
        raise reject("a leaf or a decision", tree)
    for bound in tree[1:3]:
        check_number(bound)
    for inner in tree[3:]:
        _check_node(inner, planes, depth - 1, nodes)


def _decide(tree: Value, cell: Sequence[Color]) -> Color:
    while not is_number(tree):
        if len(tree) == 1:
            return cell[int(tree[0])]
        plane, low, high, yes, no = tree
        tree = yes if low <= cell[plane] <= high else no
    return int(tree)
