"""Graphs: sharing, canonical order, and what is refused."""

from __future__ import annotations

import pytest

from arcbatt.errors import GraphError
from arcbatt.program.graph import (
    Graph,
    GraphBuilder,
    Node,
    Op,
    check_graph,
    constant_node,
    extract_program,
)


def test_equal_nodes_are_one() -> None:
    builder = GraphBuilder()
    grid = builder.input("I")
    assert builder.call("vmirror", grid) == builder.call("vmirror", grid)
    assert builder.constant(1) != builder.constant(True)
    assert len(builder) == 4


def test_a_program_leaves_out_what_its_result_does_not_need() -> None:
    builder = GraphBuilder()
    grid = builder.input("I")
    builder.call("hmirror", grid)
    program = builder.program(builder.call("vmirror", grid))
    assert [node.name for node in program.nodes] == ["I", "vmirror"]
    assert program.inputs == {"I"}
    assert program.size == 2
    assert program.call_count == 1


def test_the_order_in_which_nodes_came_does_not_count() -> None:
    first, second = GraphBuilder(), GraphBuilder()
    a, b = first.constant(3), first.constant(4)
    c, d = second.constant(4), second.constant(3)
    one = first.program(first.call("add", a, b))
    two = second.program(second.call("add", d, c))
    assert one == two
    assert one.body_hash == two.body_hash
    assert one.body_hash != first.program(first.call("add", b, a)).body_hash


def test_cone_and_extraction() -> None:
    builder = GraphBuilder()
    grid = builder.input("I")
    mirrored = builder.call("vmirror", grid)
    builder.call("hmirror", grid)
    both = builder.call("vconcat", grid, mirrored)
    graph = builder.graph([both])
    assert graph.cone(both) == (0, 1, 3)
    assert extract_program(graph, mirrored).nodes[-1].name == "vmirror"


@pytest.mark.parametrize(
    ("node", "problem"),
    [
        (Node(Op.CALL, "unheard", (0,)), "no primitive is called"),
        (Node(Op.FUNCTION, "unheard"), "no primitive is called"),
        (Node(Op.CALL, "vmirror", (0, 0)), "takes 1 argument, got 2"),
        (Node(Op.CALL, "vmirror", (1,)), "not an earlier node"),
        (Node(Op.CALL, "vmirror", (-1,)), "not an earlier node"),
        (Node(Op.INPUT, "X"), "no input is called"),
        (Node(Op.INPUT, "S", (0,)), "has no arguments"),
        (Node(Op.INVOKE), "needs a function"),
        (Node(Op.CONSTANT, "ONE"), "a constant is a number"),
    ],
)
def test_impossible_nodes_are_refused(node: Node, problem: str) -> None:
    with pytest.raises(GraphError, match=problem) as caught:
        check_graph(Graph((Node(Op.INPUT, "I"), node), (1,)))
    assert caught.value.context["node"] == 1


def test_impossible_roots_and_constants_are_refused() -> None:
    with pytest.raises(GraphError, match="root"):
        check_graph(Graph((Node(Op.INPUT, "I"),), (1,)))
    with pytest.raises(GraphError, match="a constant is a number"):
        constant_node("text")
