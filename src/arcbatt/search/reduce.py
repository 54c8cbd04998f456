"""Reduce programs: write what people write with built functions as search would make it.

Search calls no computed function and builds functions of two others only, so `chain` becomes
`compose`, and a call of a built function becomes the calls that it stands for.
"""

from __future__ import annotations

from arcbatt.dsl import REGISTRY
from arcbatt.program.graph import GraphBuilder, Node, Op, Program

POWER_MAX = 8
"""A function is written out for at most so many times that it is applied."""


def reduce(program: Program) -> Program:
    """Return a program that computes the same with calls of primitives where that is possible.

    Where a `branch` chooses a function, both are called, so it may fail where the program does not.
    What can't be reduced stays, such as a call of what `extract` finds among functions.
    """
    return _Reducer(program).run()


class _Reducer:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.builder = GraphBuilder()

    def run(self) -> Program:
        done: list[int] = []
        for node in self.program.nodes:
            args = [done[arg] for arg in node.args]
            match node.op:
                case Op.INVOKE:
                    done.append(self._apply(args[0], args[1:]))
                case Op.CALL:
                    done.append(self._call(node.name, args))
                case _:
                    done.append(self.builder.add(node))
        return self.builder.program(done[self.program.root])

    def _call(self, name: str, args: list[int]) -> int:
        match name:
            case "identity":
                return args[0]
            case "chain":
                outer, middle, inner = args
                return self._call("compose", [outer, self._call("compose", [middle, inner])])
            case "compose" if self._is_identity(args[0]):
                return args[1]
            case "compose" if self._is_identity(args[1]):
                return args[0]
            case "power" if (times := self._times(args[1])) is not None:
                whole = args[0]
                for _ in range(times - 1):
                    whole = self._call("compose", [args[0], whole])
                return whole
        return self.builder.call(name, *args)

    def _apply(self, function: int, args: list[int]) -> int:
        """Add a call of a function, of the primitives that it is built of where these are known."""
        node = self._node(function)
        parts = node.args
        match node.name if node.op is Op.CALL else node.op:
            case Op.FUNCTION if len(args) == REGISTRY[node.name].arity:
                return self._call(node.name, args)
            case "compose":
                return self._apply(parts[0], [self._apply(parts[1], args)])
            case "fork":
                first, second = (self._apply(part, args) for part in parts[1:])
                return self._apply(parts[0], [first, second])
            case "lbind":
                return self._apply(parts[0], [parts[1], *args])
            case "rbind":
                return self._apply(parts[0], [*args, parts[1]])
            case "branch":
                chosen = [self._apply(part, args) for part in parts[1:]]
                return self.builder.call("branch", parts[0], *chosen)
            case "matcher":
                return self.builder.call("equality", self._apply(parts[0], args), parts[1])
        return self.builder.invoke(function, *args)

    def _node(self, index: int) -> Node:
        return self.builder.nodes[index]

    def _is_identity(self, index: int) -> bool:
        node = self._node(index)
        return node.op is Op.FUNCTION and node.name == "identity"

    def _times(self, index: int) -> int | None:
        node = self._node(index)
        is_known = node.op is Op.CONSTANT and type(node.value) is int
        return node.value if is_known and 1 <= node.value <= POWER_MAX else None
