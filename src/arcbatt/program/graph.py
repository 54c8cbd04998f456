"""Programs as immutable, hash-consed graphs.

A node is an input (S, I or C), a constant, a primitive as a value, a call of a primitive, or a
call of a computed function. Arguments point to earlier nodes; equal nodes are one node. The nodes
of a `Program` stand in the order of a depth-first walk from its root, so that two programs are
equal exactly when their graphs are, whatever the text they came from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from arcbatt.dsl import CONSTANTS, REGISTRY
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import (
    INTEGER_MAX,
    INTEGER_MIN,
    VALUE_DEPTH,
    Function,
    is_number,
    is_pair,
)
from arcbatt.errors import GraphError
from arcbatt.showing import Explained

INPUTS = ("S", "I", "C")


class Op(StrEnum):
    """The kind of a node."""

    INPUT = "input"
    CONSTANT = "constant"
    FUNCTION = "function"
    """A primitive as a value."""
    CALL = "call"
    """A call of the primitive ``name``."""
    INVOKE = "invoke"
    """A call of the function that the first argument computes."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a graph.

    Attributes:
        op: kind of the node.
        name: name of the input or the primitive, or text of the constant; empty for an invoke.
        args: indices of the arguments, which are earlier nodes.
        value: value of a constant, a number or a tuple of constants and primitives; None for
            other nodes.
    """

    op: Op
    name: str = ""
    args: tuple[int, ...] = ()
    value: Value = field(default=None, compare=False)

    def __reduce__(self) -> tuple[type[Node], tuple[Op, str, tuple[int, ...], Value]]:
        # Programs travel between processes; the default takes several times as long.
        return Node, (self.op, self.name, self.args, self.value)

    def __str__(self) -> str:
        return " ".join((self.op, self.name, *map(str, self.args)))


_CONSTANT_NAMES = {(type(value), value): name for name, value in CONSTANTS.items()}


CONSTANT_FORM = "a number of 64 bits or a tuple of constants and primitives"


def _is_constant(value: Value, depth: int = 0) -> bool:
    if type(value) is tuple:
        return depth < VALUE_DEPTH and all(_is_constant(member, depth + 1) for member in value)
    if isinstance(value, Function):
        return depth > 0 and not value.parts
    return is_number(value) and INTEGER_MIN <= value <= INTEGER_MAX


def _value_of(node: Node) -> Value:
    """Return the value of a node that is a constant or a primitive."""
    if node.op is Op.FUNCTION:
        return Function(node.name, arity=REGISTRY[node.name].arity)
    return node.value


def say_arguments(number: int) -> str:
    """Write a number of arguments."""
    return "1 argument" if number == 1 else f"{number} arguments"


def constant_node(value: Value) -> Node:
    """Make the node of a constant: a number of 64 bits or a tuple of constants and primitives.

    Raises GraphError for any other value.
    """
    if not _is_constant(value):
        raise GraphError(node=0, problem=f"a constant is {CONSTANT_FORM}, not {value!r}")
    name = _CONSTANT_NAMES.get((type(value), value)) or str(value)  # a tuple too, as in Python
    return Node(Op.CONSTANT, name, value=value)


def check_node(node: Node, index: int) -> None:
    """Check one node against the registry.

    Raises GraphError if it calls an unknown primitive, has a wrong number of arguments, or
    points to a node that does not stand before it.
    """
    for arg in node.args:
        if not 0 <= arg < index:
            raise GraphError(node=index, problem=f"argument {arg} is not an earlier node")
    match node.op:
        case Op.FUNCTION | Op.CALL:
            primitive = REGISTRY.get(node.name)
            if primitive is None:
                raise GraphError(node=index, problem=f"no primitive is called {node.name!r}")
            if node.op is Op.CALL and len(node.args) != len(primitive.parameters):
                wanted = say_arguments(primitive.arity)
                problem = f"{node.name} takes {wanted}, got {len(node.args)}"
                raise GraphError(node=index, problem=problem)
        case Op.INPUT:
            if node.name not in INPUTS:
                raise GraphError(node=index, problem=f"no input is called {node.name!r}")
        case Op.CONSTANT:
            if not _is_constant(node.value):
                raise GraphError(
                    node=index, problem=f"a constant is {CONSTANT_FORM}, not {node.value!r}"
                )
        case Op.INVOKE:
            if not node.args:
                raise GraphError(node=index, problem="a call needs a function")
    if node.args and node.op not in (Op.CALL, Op.INVOKE):
        raise GraphError(node=index, problem=f"a node of kind {node.op} has no arguments")


@dataclass(frozen=True)
class Graph:
    """Nodes with some roots; a program is a graph with a single root, a batt has many.

    Attributes:
        nodes: the nodes, arguments before their calls.
        roots: indices of the nodes whose values are the results.
    """

    nodes: tuple[Node, ...]
    roots: tuple[int, ...]

    def cone(self, root: int) -> tuple[int, ...]:
        """Return the indices of the nodes that a node needs, itself included, ascending."""
        needed = {root}
        for index in range(root, -1, -1):
            if index in needed:
                needed.update(self.nodes[index].args)
        return tuple(sorted(needed))

    @property
    def call_count(self) -> int:
        """The number of nodes that are calls."""
        return sum(node.op in (Op.CALL, Op.INVOKE) for node in self.nodes)


@dataclass(frozen=True)
class Program(Graph, Explained):
    """A graph with one root, the last node; equal programs have equal nodes."""

    @cached_property
    def body_hash(self) -> str:
        """The digest of the graph (128 bits, hexadecimal), without names and line order."""
        text = "\n".join(map(str, self.nodes))
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    @cached_property
    def inlined(self) -> str:
        """The inlined text, kept because naming, saving and validating all need it."""
        from arcbatt.program.render import render

        return render(self)

    @cached_property
    def md5(self) -> str:
        """The md5 (hexadecimal) of the inlined text, the name of the program's file."""
        from arcbatt.program.render import md5_of_text

        return md5_of_text(self.inlined)

    @property
    def root(self) -> int:
        """The index of the node that is the result."""
        return self.roots[0]

    @property
    def inputs(self) -> frozenset[str]:
        """The names of the inputs that the program reads, of S, I and C."""
        return frozenset(node.name for node in self.nodes if node.op is Op.INPUT)

    @property
    def size(self) -> int:
        """The number of nodes; a program with fewer nodes is simpler."""
        return len(self.nodes)


class GraphBuilder:
    """Builds a graph; adding an equal node again gives the same index."""

    def __init__(self) -> None:
        self._nodes: list[Node] = []
        self._indices: dict[Node, int] = {}

    def __len__(self) -> int:
        return len(self._nodes)

    @property
    def nodes(self) -> Sequence[Node]:
        """The nodes so far."""
        return self._nodes

    def add(self, node: Node) -> int:
        """Add a node and return its index; raises GraphError as `check_node` does."""
        found = self._indices.get(node)
        if found is not None:
            return found
        check_node(node, len(self._nodes))
        return self._append(node)

    def _append(self, node: Node) -> int:
        self._indices[node] = len(self._nodes)
        self._nodes.append(node)
        return len(self._nodes) - 1

    def input(self, name: str) -> int:
        """Add S, I or C."""
        return self.add(Node(Op.INPUT, name))

    def hole(self) -> int:
        """Add a node that stands for a value to be given later; a program must not need it."""
        return self._append(Node(Op.INPUT, f"?{len(self)}"))

    def constant(self, value: Value) -> int:
        """Add a number or a tuple of constants and primitives."""
        return self.add(constant_node(value))

    def function(self, name: str) -> int:
        """Add a primitive as a value."""
        return self.add(Node(Op.FUNCTION, name))

    def tuple_of(self, *members: int) -> int:
        """Add a tuple of some members: a constant if they are, else what builds it."""
        nodes = [self._nodes[member] for member in members]
        if all(node.op in (Op.CONSTANT, Op.FUNCTION) for node in nodes):
            values = tuple(map(_value_of, nodes))
            if _is_constant(values):
                return self.constant(values)
        return self._built_tuple(*members)

    def spelled_out(self, value: Value) -> int:
        """Add a constant as numbers, pairs of numbers and what builds other tuples of them."""
        if isinstance(value, Function):
            return self.function(value.name)
        if type(value) is not tuple or is_pair(value):
            return self.constant(value)
        return self._built_tuple(*map(self.spelled_out, value))

    def _built_tuple(self, *members: int) -> int:
        if len(members) == 2:
            return self.call("astuple", *members)
        if len(members) < 2:
            count = self.constant(len(members))
            return self.call("repeat", *(members or (count,)), count)
        parts = (members[:2], members[2:])
        return self.call("combine", *[self._built_tuple(*part) for part in parts])

    def set_of(self, *members: int) -> int:
        """Add what builds a set of some members."""
        if not members:
            some = self.call("initset", self.constant(0))
            return self.call("difference", some, some)
        found = self.call("initset", members[0])
        for member in members[1:]:
            found = self.call("insert", member, found)
        return found

    def call(self, name: str, *args: int) -> int:
        """Add a call of a primitive."""
        return self.add(Node(Op.CALL, name, args))

    def invoke(self, function: int, *args: int) -> int:
        """Add a call of a function; if that is a primitive, a call of the primitive is added.

        With a wrong number of arguments it stays the call of a function, which fails when it runs.
        """
        node = self._nodes[function]
        if node.op is Op.FUNCTION and REGISTRY[node.name].arity == len(args):
            return self.call(node.name, *args)
        return self.add(Node(Op.INVOKE, "", (function, *args)))

    def function_of(self, result: int, holes: Sequence[int]) -> int | None:
        """Write the function that gives a node for values of the holes, with primitives.

        Returns None where `compose`, `fork`, `lbind` and `rbind` can't express it: with several
        holes it is a call of all of them in their order, with one hole every call on the way has
        at most two arguments that depend on it.
        """
        identity, nodes = self.function("identity"), self._nodes
        # A node that depends on a hole stands after it.
        needed, depends = {result}, set(holes)
        for index in range(result, holes[0] if holes else result, -1):
            if index in needed:
                needed.update(nodes[index].args)
        for index in sorted(needed):
            if not depends.isdisjoint(nodes[index].args):
                depends.add(index)
        if len(holes) != 1:
            base, args = self._bind_around(result, depends)
            return base if holes and args == list(holes) else None
        functions = {holes[0]: identity}
        for index in sorted(depends & needed - functions.keys()):
            base, args = self._bind_around(index, depends)
            if not args or len(args) > 2 or not depends.issuperset(args):
                return None
            inner = [functions[arg] for arg in args]
            is_bare = inner == [identity]
            binder = ("compose", "fork")[len(inner) - 1]
            functions[index] = base if is_bare else self.call(binder, base, *inner)
        if result in functions:
            return functions[result]
        always = self.call("lbind", self.function("branch"), self.constant(True))
        return self.call("lbind", always, result)

    def _bind_around(self, index: int, given: Container[int]) -> tuple[int, list[int]]:
        """Bind the first and last arguments of a call, up to those that are given.

        Returns the function that is left and the arguments that it still needs; none for a node
        that is no call, or the call of a function that is itself given.
        """
        node = self._nodes[index]
        if node.op is Op.CALL:
            base, args = self.function(node.name), list(node.args)
        elif node.op is Op.INVOKE and node.args[0] not in given:
            base, args = node.args[0], list(node.args[1:])
        else:
            return index, []
        while args and args[0] not in given:
            base = self.call("lbind", base, args.pop(0))
        while args and args[-1] not in given:
            base = self.call("rbind", base, args.pop())
        return base, args

    def include(self, program: Program) -> int:
        """Add all nodes of a program and return the index of its result.

        The program was checked when it was built, its nodes are not checked again.
        """
        indices: list[int] = []
        for node in program.nodes:
            if node.args:
                node = Node(node.op, node.name, tuple([indices[arg] for arg in node.args]))
            found = self._indices.get(node)
            indices.append(self._append(node) if found is None else found)
        return indices[program.root]

    def program(self, root: int, order: Sequence[int] | None = None) -> Program:
        """Return the program whose result is a node, without the nodes that it does not need.

        Args:
            root: index of the node.
            order: the nodes that it needs, as the method `order` lists them, where the caller has
                them; None to compute them.
        """
        order = self.order(root) if order is None else order
        place = {index: position for position, index in enumerate(order)}
        nodes = []
        for index in order:
            node = self._nodes[index]
            args = tuple([place[arg] for arg in node.args])
            nodes.append(node if args == node.args else Node(node.op, node.name, args, node.value))
        return Program(tuple(nodes), (len(nodes) - 1,))

    def graph(self, roots: Iterable[int]) -> Graph:
        """Return all nodes with the given roots."""
        return Graph(tuple(self._nodes), tuple(roots))

    def order(self, root: int) -> list[int]:
        """List the nodes that a root needs, depth first, arguments before their calls."""
        nodes = self._nodes
        order: list[int] = []
        placed = bytearray(root + 1)
        stack = [root]
        while stack:
            index = stack[-1]
            # A node is placed when all its arguments are; the first one that is missing comes next.
            for arg in nodes[index].args:
                if not placed[arg]:
                    stack.append(arg)
                    break
            else:
                stack.pop()
                if not placed[index]:
                    placed[index] = True
                    order.append(index)
        return order

    @classmethod
    def of(cls, graph: Graph) -> GraphBuilder:
        """Return a builder that has the nodes of a graph, at the same indices."""
        builder = cls()
        builder._nodes.extend(graph.nodes)
        builder._indices.update(zip(graph.nodes, range(len(graph.nodes)), strict=True))
        return builder


def extract_program(graph: Graph, root: int) -> Program:
    """Return the program whose result is a node of a graph."""
    return GraphBuilder.of(graph).program(root)


def check_graph(graph: Graph) -> None:
    """Check a graph that came from outside; raises GraphError at the first node that is wrong."""
    for index, node in enumerate(graph.nodes):
        check_node(node, index)
    for root in graph.roots:
        if not 0 <= root < len(graph.nodes):
            raise GraphError(node=root, problem="a root is not a node")
