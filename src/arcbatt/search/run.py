"""Search for programs that fit a task's demos, in the native core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from arcbatt.dsl.types import Value
from arcbatt.program.graph import GraphBuilder, Program
from arcbatt.search.leaves import Leaf, constant_leaves, function_leaves, input_leaves
from arcbatt.search.table import COLOR, GRID, INDICES, OBJECT, Table, build_table, caps, rows
from arcbatt.tasks import Task


@dataclass(frozen=True)
class Limits:
    """How long to search for one task.

    Attributes:
        nodes: calls of moves, on all samples together; deterministic.
        seconds: wall time; None for no bound. Results then depend on nothing but the nodes.
        node_fuel: fuel of one call on one sample.
        value_leaves: leaves of one value.
        layers: pictures that may lie over each other.
        beam: partial covers that are followed up.
        solutions: programs with test outputs of their own, at most.
        slack: bits by which a program may cost more than the cheapest.
    """

    nodes: int = 30_000
    seconds: float | None = None
    node_fuel: int = 30_000
    value_leaves: int = 6_000
    layers: int = 4
    beam: int = 24
    solutions: int = 16
    slack: int = 2


@dataclass(frozen=True)
class Found:
    """A program that is right on all demos.

    Attributes:
        program: it.
        cost: bits of its description.
        layers: pictures that it lays over each other.
        derivations: ways that were found to the same outputs.
    """

    program: Program
    cost: int
    layers: int
    derivations: int


@dataclass(frozen=True)
class Searched:
    """What came of a search for one task."""

    task: str
    found: tuple[Found, ...]
    stop: str
    nodes: int
    states: int
    values: int
    layers: int
    level: int
    bytes: int
    seconds: float


def search(
    tasks: Sequence[Task], table: Table, limits: Limits | None = None, *, threads: int = 1
) -> list[Searched]:
    """Search for programs, task by task; the results do not depend on the threads."""
    from arcbatt._engine import search as search_native

    limits = limits or Limits()
    given = [[*input_leaves(), *constant_leaves(task), *function_leaves(table)] for task in tasks]
    outcomes = search_native(
        native_table(table),
        [_problem(task, leaves, table) for task, leaves in zip(tasks, given, strict=True)],
        nodes=limits.nodes,
        seconds=limits.seconds,
        node_fuel=limits.node_fuel,
        value_leaves=limits.value_leaves,
        layers=limits.layers,
        beam=limits.beam,
        solutions=limits.solutions,
        slack=limits.slack,
        threads=threads,
    )
    return [
        _searched(task, leaves, table, outcome)
        for task, leaves, outcome in zip(tasks, given, outcomes, strict=True)
    ]


_native: dict[int, tuple[Table, Any]] = {}


def native_table(table: Table) -> Any:
    """Hand the table to the native engine, once."""
    from arcbatt._engine import MoveTable

    known = _native.get(id(table))
    if known is None:
        numbers = table.numbers
        roles = tuple(numbers[kind] for kind in (GRID, OBJECT, INDICES, COLOR))
        native = MoveTable(rows(table), caps=caps(table), roles=roles)
        known = _native[id(table)] = (table, native)
    return known[1]


def _problem(task: Task, leaves: Sequence[Leaf], table: Table) -> tuple[Any, Any]:
    demos = tuple((sample.input, sample.output) for sample in task.demos)
    inputs = [sample.input for sample in (*task.demos, *task.tests)]
    numbers = table.numbers

    def values(leaf: Leaf) -> list[Value]:
        if leaf.kind != "input":
            return [leaf.value] * len(inputs)
        return list(inputs) if leaf.name == "I" else [demos] * len(inputs)

    given = [(numbers[leaf.type], leaf.cost, values(leaf)) for leaf in leaves]
    return given, [sample.output for sample in task.demos]


def _searched(task: Task, leaves: Sequence[Leaf], table: Table, outcome: Any) -> Searched:
    solutions, stop, (nodes, states, values, layers, level, size, nanoseconds) = outcome
    found = tuple(
        Found(_program(steps, leaves, table), cost, depth, derivations)
        for steps, cost, depth, derivations in solutions
    )
    return Searched(
        task.id, found, stop, nodes, states, values, layers, level, size, nanoseconds / 1e9
    )


def _program(steps: Sequence[tuple[str, list[int]]], leaves: Sequence[Leaf], table: Table) -> Program:
    builder = GraphBuilder()
    done: list[int] = []
    for kind, args in steps:
        match kind:
            case "leaf":
                done.append(leaves[args[0]].add_to(builder))
            case "move":
                name = table.moves[args[0]].instance.name
                done.append(builder.call(name, *(done[arg] for arg in args[1:])))
            case "overlay":
                below, over = (done[arg] for arg in args)
                done.append(builder.call("overlay", below, over))
            case "underlay":
                below, over = (done[arg] for arg in args)
                zero = builder.constant(0)
                done.append(builder.call("fill", below, zero, builder.call("ofcolor", over, zero)))
            case "paint":
                done.append(builder.call("paint", *(done[arg] for arg in args)))
            case "fill":
                done.append(builder.call("fill", *(done[arg] for arg in args)))
    return builder.program(done[-1])
