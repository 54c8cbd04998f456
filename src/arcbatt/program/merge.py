"""The batt: many programs merged into one graph, in which equal calls are one node.

A batt file is JSON text: a header with its version, the nodes, and for each root the names of the
programs that it belongs to. It is data and is checked like a program.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from arcbatt.errors import BattFileError, GraphError
from arcbatt.files import read_bounded, write_atomically
from arcbatt.program.graph import (
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
            problem=f"has version {document.get('version')!r}, this program reads {BATT_VERSION}",
        )
    try:
        return _batt_from_json(document)
    except GraphError as error:
        raise BattFileError(file=path, problem=str(error)) from error
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise BattFileError(file=path, problem=f"is damaged: {error!r}") from error


def _node_to_json(node: Node) -> list[object]:
    if node.op is Op.CONSTANT:
        return [node.op, node.value]
    return [node.op, node.name, *node.args]


def _node_from_json(fields: Sequence[object]) -> Node:
    op = Op(str(fields[0]))
    if op is Op.CONSTANT:
        value = fields[1]
        return constant_node(tuple(value) if isinstance(value, list) else value)
    args = tuple([arg for arg in fields[2:] if type(arg) is int])
    if len(args) != len(fields) - 2:
        raise ValueError(f"arguments {fields[2:]!r}")
    return Node(op, str(fields[1]), args)


def _batt_from_json(document: dict[str, object]) -> Batt:
    builder = GraphBuilder()
    nodes, roots = document["nodes"], document["roots"]
    if not isinstance(nodes, list) or not isinstance(roots, list):
        raise ValueError("nodes and roots are lists")
    for index, fields in enumerate(nodes):
        if builder.add(_node_from_json(fields)) != index:
            raise GraphError(node=index, problem="stands twice")
    names: dict[int, tuple[str, ...]] = {}
    for root in roots:
        if not 0 <= root["node"] < len(nodes):
            raise GraphError(node=root["node"], problem="a root is not a node")
        names[root["node"]] = tuple(map(str, root["names"]))
    return Batt(
        graph=builder.graph(names),
        names=tuple(names.values()),
        programs_merged=int(str(document["programs_merged"])),
        nodes_merged=int(str(document["nodes_merged"])),
    )
