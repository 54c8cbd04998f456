"""Write programs as text: as DSL text in two forms that parse back, and in a compact form.

The compact form is one short line, read and written in Rust too. It has one step per node of the
program, in their order, with semicolons between: ``$I`` is an input, ``=3`` and ``=T,-1`` are
constants (other tuples are written as the calls that build them), ``@size`` is a primitive as a
value, ``add 0 1`` calls a primitive on the nodes with these indices, and ``! 2 0`` calls the
function with the first index.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from enum import StrEnum

from arcbatt.dsl.types import Value
from arcbatt.dsl.values import is_pair
from arcbatt.errors import GraphError
from arcbatt.program.graph import INPUTS, GraphBuilder, Node, Op, Program

MAX_NESTING = 40
"""Largest nesting of calls; Python's parser gives up at 200 brackets."""

MAX_LINE = 2000
"""Columns of an inlined line beyond which a value gets a name of its own; a soft bound."""


class Form(StrEnum):
    """The form in which a program is written."""

    ASSIGNMENTS = "assignments"
    """One call per line."""
    INLINED = "inlined"
    """A value that is used once is written where it is used; others have a name."""


def render(program: Program, *, name: str = "solve", form: Form = Form.INLINED) -> str:
    """Write a program as text; `parse_program` of it gives the same program.

    Args:
        program: program to write.
        name: name of the function.
        form: one call per line, or inlined.
    """
    lines, result = write_body(program, form)
    body = "\n".join([f"    {line}" for line in (*lines, f"return {result}")])
    return f"def {name}(S, I, C):\n{body}\n"


def md5_of_text(text: str) -> str:
    """Return the md5 (hexadecimal) of a text."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def write_body(program: Program, form: Form) -> tuple[list[str], str]:
    """Return the lines of a program's body, and the expression that it returns."""
    uses = Counter(arg for node in program.nodes for arg in node.args)
    uses[program.root] += 1
    texts: list[str] = []
    nesting: list[int] = []
    lines: list[str] = []
    for index, node in enumerate(program.nodes):
        text = _expression(node, texts)
        depth = 1 + max((nesting[arg] for arg in node.args), default=-1)
        if node.op in (Op.CALL, Op.INVOKE) and index != program.root:
            own_line = uses[index] > 1 or depth >= MAX_NESTING or len(text) > MAX_LINE
            if form is Form.ASSIGNMENTS or own_line:
                variable = f"x{len(lines) + 1}"
                lines.append(f"{variable} = {text}")
                text, depth = variable, 0
        texts.append(text)
        nesting.append(depth)
    result = texts[program.root]
    if form is Form.ASSIGNMENTS and program.nodes[program.root].op in (Op.CALL, Op.INVOKE):
        variable = f"x{len(lines) + 1}"
        lines.append(f"{variable} = {result}")
        result = variable
    return lines, result


def write_call(program: Program, index: int) -> str:
    """Write one call of a program, without the arguments of calls in it."""
    nodes = program.nodes
    names = [
        f"{nodes[arg].name or 'function'}(...)" if nodes[arg].args else nodes[arg].name
        for arg in nodes[index].args
    ]
    if nodes[index].op is Op.INVOKE:
        return f"{names[0]}({', '.join(names[1:])})"
    return f"{nodes[index].name}({', '.join(names)})" if names else nodes[index].name


def _expression(node: Node, texts: list[str]) -> str:
    args = [texts[arg] for arg in node.args]
    match node.op:
        case Op.CALL:
            return f"{node.name}({', '.join(args)})"
        case Op.INVOKE:
            return f"{args[0]}({', '.join(args[1:])})"
        case _:
            return node.name


def to_compact(program: Program) -> str:
    """Write a program in compact form.

    >>> from arcbatt.program.parse import parse_program
    >>> to_compact(parse_program("def solve(I): return fill(I, 3, asindices(I))").program)
    '$I;=3;asindices 0;fill 0 1 2'
    """
    return ";".join(map(_write_node, _spell_out(program).nodes))


def _spell_out(program: Program) -> Program:
    """Replace the constants that are neither numbers nor pairs by calls that build them."""
    if not any(isinstance(node.value, tuple) and not is_pair(node.value) for node in program.nodes):
        return program
    builder = GraphBuilder()
    places: list[int] = []
    for node in program.nodes:
        if node.op is Op.CONSTANT:
            places.append(builder.spelled_out(node.value))
        else:
            args = tuple([places[arg] for arg in node.args])
            places.append(builder.add(Node(node.op, node.name, args)))
    return builder.program(places[program.root])


def _write_node(node: Node) -> str:
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
            places.append(_read_node(builder, word, places))
        except (ValueError, IndexError) as error:
            raise GraphError(node=index, problem=f"{word!r} is no step") from error
    return builder.program(places[-1])


def _read_node(builder: GraphBuilder, word: str, places: list[int]) -> int:
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
