"""The compact form of programs: one short line of text, read and written in Rust too.

It has one step per node of the program, in their order, with semicolons between: ``$I`` is an
input, ``=3`` and ``=T,-1`` are constants, ``@size`` is a primitive as a value, ``add 0 1`` calls a
primitive on the nodes with these indices, and ``! 2 0`` calls the function with the first index.
"""

from __future__ import annotations

from arcbatt.dsl.types import Value
from arcbatt.errors import GraphError
from arcbatt.program.graph import INPUTS, GraphBuilder, Node, Op, Program


def to_compact(program: Program) -> str:
    """Write a program in compact form.

    >>> from arcbatt.program.parse import parse_program
    >>> to_compact(parse_program("def solve(I): return fill(I, 3, asindices(I))").program)
    '$I;=3;asindices 0;fill 0 1 2'
    """
    return ";".join(map(_write, program.nodes))


def _write(node: Node) -> str:
    match node.op:
        case Op.INPUT:
            return f"${node.name}"
        case Op.CONSTANT:
            numbers = node.value if isinstance(node.value, tuple) else (node.value,)
            return "=" + ",".join(map(_write_number, numbers))
        case Op.FUNCTION:
            return f"@{node.name}"
        case Op.CALL:
            return " ".join((node.name, *map(str, node.args)))
        case Op.INVOKE:
            return " ".join(("!", *map(str, node.args)))


def _write_number(number: Value) -> str:
    return ("T" if number else "F") if isinstance(number, bool) else str(number)


def from_compact(text: str) -> Program:
    """Read a program from its compact form.

    Raises GraphError at the first step that is wrong.

    >>> print(from_compact("$I;=3;asindices 0;fill 0 1 2").inlined)
    def solve(S, I, C):
        return fill(I, THREE, asindices(I))
    <BLANKLINE>
    """
    builder = GraphBuilder()
    places: list[int] = []
    for index, word in enumerate(text.split(";")):
        try:
            places.append(_read(builder, word, places))
        except (ValueError, IndexError) as error:
            raise GraphError(node=index, problem=f"{word!r} is no step") from error
    return builder.program(places[-1])


def _read(builder: GraphBuilder, word: str, places: list[int]) -> int:
    if word.startswith("$") and word[1:] in INPUTS:
        return builder.input(word[1:])
    if word.startswith("="):
        numbers = tuple(map(_read_number, word[1:].split(",")))
        return builder.constant(numbers[0] if len(numbers) == 1 else numbers)
    if word.startswith("@"):
        return builder.function(word[1:])
    name, *args = word.split(" ")
    nodes = [places[int(arg)] for arg in args]
    return builder.invoke(*nodes) if name == "!" else builder.call(name, *nodes)


def _read_number(text: str) -> Value:
    return text == "T" if text in ("T", "F") else int(text)
