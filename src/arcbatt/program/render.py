"""Write programs as DSL text, in two forms that parse back to the same graph."""

from __future__ import annotations

import hashlib
from collections import Counter
from enum import StrEnum

from arcbatt.program.graph import Node, Op, Program

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


def _expression(node: Node, texts: list[str]) -> str:
    args = [texts[arg] for arg in node.args]
    match node.op:
        case Op.CALL:
            return f"{node.name}({', '.join(args)})"
        case Op.INVOKE:
            return f"{args[0]}({', '.join(args[1:])})"
        case _:
            return node.name
