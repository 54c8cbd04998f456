"""Programs as lines: short, quick to read, and the same in Rust.

The steps of a line stand in the order of the program's nodes, with semicolons between: ``$I`` is
an input, ``=3`` and ``=T,-1`` are constants, ``@size`` is a primitive as a value, ``add 0 1`` is a
call with the places of its arguments, and ``! 2 0`` a call of the function that stands first.
"""

from __future__ import annotations

from arcbatt.dsl.types import Value
from arcbatt.errors import GraphError
from arcbatt.program.graph import INPUTS, GraphBuilder, Node, Op, Program


def to_line(program: Program) -> str:
    """Write a program as a line.

    >>> from arcbatt.program.parse import parse_program
    >>> to_line(parse_program("def solve(I): return fill(I, 3, asindices(I))").program)
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


def from_line(line: str) -> Program:
    """Read a program from its line.

    Raises GraphError at the first step that is wrong.

    >>> print(from_line("$I;=3;asindices 0;fill 0 1 2").inlined)
    def solve(S, I, C):
        return fill(I, THREE, asindices(I))
    <BLANKLINE>
    """
    builder = GraphBuilder()
    places: list[int] = []
    for index, word in enumerate(line.split(";")):
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
