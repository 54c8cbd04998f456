"""Rules that programs hold as literals, in words: a decision tree as nested ``if`` lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from arcbatt.dsl.rules import check_tree
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import COLOR_MAX, COLOR_MIN, CallFailure, is_number
from arcbatt.program.graph import Node, Op, Program

LONG = 120
"""The most characters of an expression that is written with its arguments."""


def explain_rules(program: Program) -> list[str]:
    r"""Return comment lines that tell what each decision tree of a program says.

    >>> from arcbatt.program.parse import parse_program
    >>> text = "def solve(I): return by_tree(astuple(I, part_sizes(I)), (1, 3, 3, 8, (0,)))"
    >>> print(*explain_rules(parse_program(text).program), sep="\n")
    # by_tree makes each cell
    #     if part_sizes(I) is 3: 8
    #     else: I
    """
    nodes, texts = program.nodes, _texts(program)
    lines = []
    for node in nodes:
        if node.op is Op.CALL and node.name == "by_tree":
            names = [texts[plane] for plane in _members(nodes, node.args[0])]
            tree = nodes[node.args[1]].value
            try:
                check_tree(tree, len(names))
            except CallFailure:  # it is computed, or none
                continue
            lines += ["# by_tree makes each cell"]
            lines += [f"#     {line}" for line in _tree_lines(tree, names)]
    return lines


def _members(nodes: Sequence[Node], index: int) -> list[int]:
    """List the nodes of which a tuple is built; none if that can't be told."""
    node = nodes[index]
    match node.name, node.args:
        case "astuple", (first, second):
            return [first, second]
        case "repeat", (member, number) if nodes[number].value == 1:
            return [member]
        case "combine", (first, second):
            parts = [_members(nodes, first), _members(nodes, second)]
            return [*parts[0], *parts[1]] if all(parts) else []
    return []


def _texts(program: Program) -> list[str]:
    """Write the expression of each node on one line, a long one without its arguments."""
    texts: list[str] = []
    for node in program.nodes:
        args = [texts[arg] for arg in node.args]
        name = node.name if node.op is not Op.INVOKE else args.pop(0)
        text = f"{name}({', '.join(args)})" if node.args else name
        texts.append(text if len(text) <= LONG else f"{name[:LONG]}(...)")
    return texts


def _leaf(tree: Value, names: Sequence[str]) -> str | None:
    if is_number(tree):
        return str(tree)
    return names[tree[0]] if len(tree) == 1 else None


def _tree_lines(tree: Value, names: Sequence[str], word: str = "if") -> Iterator[str]:
    leaf = _leaf(tree, names)
    if leaf is not None:
        yield leaf
        return
    plane, low, high, yes, no = tree
    name = names[plane]
    if low == high:
        condition = f"{name} is {low}"
    elif low <= COLOR_MIN:
        condition = f"{name} <= {high}"
    elif high >= COLOR_MAX:
        condition = f"{name} >= {low}"
    else:
        condition = f"{low} <= {name} <= {high}"
    leaf = _leaf(yes, names)
    yield f"{word} {condition}:" + ("" if leaf is None else f" {leaf}")
    if leaf is None:
        yield from (f"    {line}" for line in _tree_lines(yes, names))
    leaf = _leaf(no, names)
    if leaf is None:
        yield from _tree_lines(no, names, "elif")
    else:
        yield f"else: {leaf}"
