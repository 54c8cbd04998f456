"""Rules that are literals: decision trees over cells."""

from __future__ import annotations

import pytest
from tests.cases import each

from arcbatt.dsl.rules import DEPTH_MAX, NODES_MAX, by_tree
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import CallFailure

PLANES = (((3, 0, 4),), ((0, 1, 2),))


def _chain(decisions: int) -> Value:
    tree: Value = 5
    for color in range(decisions):
        tree = (0, color % 3, color % 3, color % 10, tree)
    return tree


def test_a_tree_decides_cell_by_cell() -> None:
    tree = (1, 0, 1, (0, 0, 0, 7, (1,)), (0,))
    assert by_tree(PLANES, tree) == ((0, 7, 4),)
    assert by_tree(PLANES, (1,)) == PLANES[1]
    assert by_tree(PLANES, 8) == ((8, 8, 8),)


def test_bounds_of_a_range_are_in_it() -> None:
    assert by_tree(PLANES, (1, 1, 2, 5, 6)) == ((6, 5, 5),)
    assert by_tree(PLANES, (1, 2, 1, 5, 6)) == ((6, 6, 6),)


@each(
    "planes",
    (
        (),
        ((),),
        (((1, 2),), ((1,),)),
    ),
)
def test_planes_have_one_shape(planes: Value) -> None:
    with pytest.raises(CallFailure):
        by_tree(planes, 1)


@each(
    "tree",
    ((), (2,), (-1,), 10, -1, (0, 1, 2), (0, 1, 2, 3), (0, (1, 2), 2, 3, 4), (0, 1, 2, 3, ())),
)
def test_what_is_no_tree_is_refused_wherever_it_stands(tree: Value) -> None:
    for whole in (tree, (0, 100, 100, tree, 5)):
        with pytest.raises(CallFailure):
            by_tree(PLANES, whole)


def test_trees_are_bounded() -> None:
    assert by_tree(PLANES, _chain(DEPTH_MAX))
    with pytest.raises(CallFailure):
        by_tree(PLANES, _chain(DEPTH_MAX + 1))
    tree: Value = 5
    for _ in range(7):
        tree = (0, 1, 2, tree, tree)
    with pytest.raises(CallFailure, match=str(NODES_MAX)):
        by_tree(PLANES, tree)
