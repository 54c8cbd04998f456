"""The batt: many programs merged into one graph, in which equal calls are one node.

A batt file is JSON text: a header with its version, the nodes, and for each root the names of the
programs that it belongs to. It is data and is checked like a program.
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import VALUE_DEPTH, Function
from arcbatt.errors import BattFileError, GraphError
from arcbatt.files import read_bounded, write_atomically
from arcbatt.program.graph import (
    CONSTANT_FORM,
    Graph,
    GraphBuilder,
    Node,
    Op,
    Program,
    constant_node,
)

BATT_FORMAT = "arcbatt.batt"
BATT_VERSION = 1
MAX_FILE_BYTES = 256 * 2**20
HEAD_BYTES = 200
"""Bytes at the start of a file within which a batt file names its format."""


@dataclass(frozen=True)
class Batt:
    """Many programs merged into one graph.

    Attributes:
        graph: the graph of all nodes; its roots are the results of the programs, each once.
        names: for each root, the names of the programs with this result, in the order in which
            they were merged.
        programs_merged: number of programs that were merged.
        nodes_merged: number of nodes of these programs together, before sharing.
    """

    graph: Graph
    names: tuple[tuple[str, ...], ...]
    programs_merged: int
    nodes_merged: int

    @property
    def sharing(self) -> float:
        """The number of nodes before sharing per node after it; 1.0 when nothing is shared."""
        return self.nodes_merged / max(1, len(self.graph.nodes))

    @cached_property
    def programs(self) -> tuple[Program, ...]:
        """The program of every root."""
        builder = GraphBuilder.of(self.graph)
        return tuple(builder.program(root) for root in self.graph.roots)


def merge(programs: Iterable[tuple[str, Program]]) -> Batt:
    """Merge named programs into a batt.

    Programs with the same graph share one root; the root keeps the names of all of them.
    """
    builder = GraphBuilder()
    names: dict[int, list[str]] = {}
    merged = nodes = 0
    for name, program in programs:
        names.setdefault(builder.include(program), []).append(name)
        merged += 1
        nodes += program.size
    return Batt(
        graph=builder.graph(names),
        names=tuple(map(tuple, names.values())),
        programs_merged=merged,
        nodes_merged=nodes,
    )


def save_batt(batt: Batt, path: Path | str) -> None:
    """Write a batt to a file, whole or not at all."""
    document = {
        "format": BATT_FORMAT,
        "version": BATT_VERSION,
        "programs_merged": batt.programs_merged,
        "nodes_merged": batt.nodes_merged,
        "nodes": [_node_to_json(node) for node in batt.graph.nodes],
        "roots": [
            {"node": root, "names": names}
            for root, names in zip(batt.graph.roots, batt.names, strict=True)
        ],
    }
    try:
        write_atomically(Path(path), json.dumps(document) + "\n")
    except OSError as error:
        raise BattFileError(file=path, problem=f"can't be written: {error.strerror}") from error


def is_batt_file(path: Path) -> bool:
    """Return whether a file begins as batt files do."""
    try:
        with path.open("rb") as file:
            return f'"{BATT_FORMAT}"'.encode() in file.read(HEAD_BYTES)
    except OSError:
        return False


def load_batt(path: Path | str) -> Batt:
    """Read a batt from a file.

    Raises BattFileError if the file can't be read, is no batt file, comes from a later version,
    or holds a graph that no programs can have.
    """
    try:
        data = read_bounded(Path(path), bytes_max=MAX_FILE_BYTES)
    except OSError as error:
        raise BattFileError(file=path, problem=f"can't be read: {error.strerror}") from error
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BattFileError(file=path, problem=f"not JSON: {error}") from error
    if not isinstance(document, dict) or document.get("format") != BATT_FORMAT:
        raise BattFileError(file=path, problem="not a batt file")
    if document.get("version") != BATT_VERSION:
        raise BattFileError(
            file=path,
            problem=f"has version {reprlib.repr(document.get('version'))}, this program reads"
            f" {BATT_VERSION}",
        )
    try:
        return _batt_from_json(document)
    except (GraphError, _DamageError) as error:
        raise BattFileError(file=path, problem=str(error)) from error


class _DamageError(ValueError):
    """A part of a batt file that does not have its form."""

    def __init__(self, where: str, expected: str, got: object) -> None:
        super().__init__(f"{where}: expected {expected}, got {reprlib.repr(got)}")


def _node_to_json(node: Node) -> list[object]:
    if node.op is Op.CONSTANT:
        return [node.op, _lists(node.value)]
    return [node.op, node.name, *node.args]


def _lists(value: Value) -> object:
    """Turn tuples into lists for JSON, and primitives into their names."""
    if isinstance(value, tuple):
        return list(map(_lists, value))
    return value.name if isinstance(value, Function) else value


def _tuples(value: object, depth: int = 0) -> object:
    """Turn lists of JSON into tuples; what nests too deeply stays a list, which is no constant."""
    if isinstance(value, str) and value in REGISTRY:
        return Function(value, arity=REGISTRY[value].arity)
    if not isinstance(value, list) or depth > VALUE_DEPTH:
        return value
    return tuple([_tuples(member, depth + 1) for member in value])


def _node_from_json(index: int, fields: object) -> Node:
    expected = "[kind, name, arguments...], where arguments are earlier nodes"
    if not isinstance(fields, list) or len(fields) < 2 or not isinstance(fields[0], str):
        raise _DamageError(f"nodes[{index}]", expected, fields)
    kind, name, *args = fields
    if kind not in tuple(Op):
        raise _DamageError(f"nodes[{index}]", f"one of the kinds {', '.join(Op)}", kind)
    if kind == Op.CONSTANT:
        if args:
            raise _DamageError(f"nodes[{index}]", f"[{kind}, value]", fields)
        try:
            return constant_node(_tuples(name))
        except GraphError as error:
            raise _DamageError(f"nodes[{index}]", CONSTANT_FORM, name) from error
    if not isinstance(name, str) or {*map(type, args)} - {int} or min(args, default=0) < 0:
        raise _DamageError(f"nodes[{index}]", expected, fields)
    return Node(Op(kind), name, tuple(args))


def _is_count(value: object) -> bool:
    """Return whether a value of JSON is a whole number from 0 on; true and 1.0 are none."""
    return type(value) is int and value >= 0


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()


def _batt_from_json(document: dict[str, object]) -> Batt:
    builder = GraphBuilder()
    nodes, roots = document.get("nodes"), document.get("roots")
    for key, value in (("nodes", nodes), ("roots", roots)):
        if not isinstance(value, list):
            raise _DamageError(key, "a list", value)
    assert isinstance(nodes, list) and isinstance(roots, list)
    counts: dict[str, Any] = {key: document.get(key) for key in ("programs_merged", "nodes_merged")}
    for key, count in counts.items():
        if not _is_count(count):
            raise _DamageError(key, "a whole number from 0 on", count)
    for index, fields in enumerate(nodes):
        if builder.add(_node_from_json(index, fields)) != index:
            raise GraphError(node=index, problem="stands twice")
    names: dict[int, tuple[str, ...]] = {}
    for place, root in enumerate(roots):
        where = f"roots[{place}]"
        if not isinstance(root, dict):
            raise _DamageError(where, "an object with node and names", root)
        node: Any = root.get("node")
        own = root.get("names")
        if not _is_count(node) or node >= len(nodes):
            raise _DamageError(where, f"a node from 0 to {len(nodes) - 1}", node)
        if node in names:
            raise _DamageError(where, "a node that is no other root's", node)
        if not isinstance(own, list) or not own or not all(map(_is_name, own)):
            raise _DamageError(where, "a list of names", own)
        names[node] = tuple(own)
    return Batt(
        graph=builder.graph(names),
        names=tuple(names.values()),
        programs_merged=counts["programs_merged"],
        nodes_merged=counts["nodes_merged"],
    )
