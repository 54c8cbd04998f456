"""Search for programs that fit a task's demos, in the native core."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from arcbatt.dsl.types import Value
from arcbatt.program.graph import GraphBuilder, Program
from arcbatt.search.functions import load_moves
from arcbatt.search.learners import fit_learners
from arcbatt.search.leaves import Leaf, constant_leaves, input_leaves
from arcbatt.search.left_out import count_missed
from arcbatt.search.symmetry import count_broken
from arcbatt.search.table import Table
from arcbatt.search.views import View, views_of
from arcbatt.tasks import Task


@dataclass(frozen=True)
class Limits:
    """How long to search for one task, under all views together.

    Attributes:
        nodes: calls of moves, on all samples together; deterministic.
        seconds: wall time; None for no bound. Results then depend on nothing but the nodes.
        bytes: memory of states, values and layers, about; deterministic.
        node_fuel: fuel of one call on one sample.
        value_leaves: leaves of one value.
        layers: pictures that may lie over each other.
        beam: partial covers that are followed up.
        solutions: programs with test outputs of their own, at most so many for each view.
        slack: bits by which a program may cost more than the cheapest.
        learners: whether programs are tried too that learn all from the demos, without a search.
    """

    nodes: int = 30_000
    seconds: float | None = None
    bytes: int = 800 << 20
    node_fuel: int = 30_000
    value_leaves: int = 6_000
    layers: int = 6
    beam: int = 24
    solutions: int = 16
    slack: int = 2
    learners: bool = True


BROKEN_BITS = 2
"""What each broken symmetry counts for: of programs that fit all demos, those that are right keep
it more often."""
MISSED_BITS = 12
"""What each demo counts for that a program does not predict from the others."""


@dataclass(frozen=True)
class Found:
    """A program that is right on all demos.

    Attributes:
        program: it.
        cost: bits of its description.
        layers: pictures that it lays over each other.
        derivations: ways that were found to the same outputs.
        broken: symmetries that it breaks, 0..7, see `count_broken`.
        missed: demos that it does not predict from the others, see `count_missed`.
    """

    program: Program
    cost: int
    layers: int
    derivations: int
    broken: int = 0
    missed: int = 0

    @property
    def bits(self) -> float:
        """The cost less what the derivations are worth, and more for what speaks against it.

        Each derivation is as likely as the cheapest.
        """
        against = BROKEN_BITS * self.broken + MISSED_BITS * self.missed
        return self.cost - math.log2(self.derivations) + against


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

    @property
    def reason(self) -> str:
        """Why the search ended, in a sentence."""
        why = {
            "nodes": f"{self.nodes:,} nodes",
            "time": f"the time was used up after {self.nodes:,} nodes",
            "bytes": f"the memory was used up after {self.nodes:,} nodes",
            "exhausted": f"nothing was left to try after {self.nodes:,} nodes",
        }
        count = f"{len(self.found)} program" + ("" if len(self.found) == 1 else "s")
        found = f"found {count} that fit all demos"
        if self.stop == "found":
            return f"stopped: {found}"
        return f"stopped: {why[self.stop]}" + (f", {found}" if self.found else "")


class Searcher:
    """Searches for programs with one table of moves, within the same limits for each task."""

    def __init__(self, limits: Limits | None = None, *, table: Table | None = None) -> None:
        self.limits = limits or Limits()
        self._table = table

    @property
    def table(self) -> Table:
        """The moves with their costs."""
        if self._table is None:
            self._table = load_moves()
        return self._table

    def search(self, tasks: Sequence[Task], *, threads: int = 1) -> list[Searched]:
        """Search for programs for each task; the results do not depend on the threads."""
        return search(tasks, self.table, self.limits, threads=threads)


FIRST_SHARE = 3
"""The first view may take so many times what each of the others may."""
SURE_COST = 12
"""Bits up to which a program is believed: beyond them the other views are tried as well."""
STOPS = ("time", "bytes", "nodes")
"""Limits, from the one that says most of why a task was left."""


def search(
    tasks: Sequence[Task], table: Table, limits: Limits | None = None, *, threads: int = 1
) -> list[Searched]:
    """Search for programs, task by task; the results do not depend on the threads.

    The view of a task in which colour 0 is the background comes first, with most of the nodes,
    then the task as it is; where nothing is found, or nothing simple, the others follow. Each may
    take its part of what is left.
    """
    limits = limits or Limits()
    views = [_ordered_views(task) for task in tasks]
    done: list[list[Searched]] = [[] for _ in tasks]
    for turn in range(max(map(len, views), default=0)):
        jobs = []
        for number, task in enumerate(tasks):
            if turn >= len(views[number]):
                continue
            view = views[number][turn]
            share = _share(limits, done[number], len(views[number]) - turn)
            if share and (view.name == "plain" or not _is_sure(done[number])):
                jobs.append(Job(task, view, number, *share))
        for job, searched in zip(jobs, _search(jobs, table, limits, threads), strict=True):
            done[job.number].append(searched)
    learnt = fit_learners(tasks, threads=threads) if limits.learners else [[] for _ in tasks]
    joined = [_join(*both) for both in zip(done, learnt, strict=True)]
    return _ranked(joined, tasks, threads)


SIDE_MAX = 60
"""The longest side of the pictures that search keeps."""
NO_PICTURE = ((10,) * (SIDE_MAX + 1),) * (SIDE_MAX + 1)
"""Wanted by a search that is to find nothing and to come near to nothing."""
FIRST_ROUND = 2
"""Part of the nodes that the first round gets."""


def reached_levels(
    tasks: Sequence[Task], table: Table, limits: Limits | None = None, *, threads: int = 1
) -> list[int]:
    """Return for each task the bits up to which all expressions are tried, layers apart.

    It is the task as it is, without views, and the first round, in which nothing has come near yet.
    Only nodes and memory bound it.
    """
    limits = limits or Limits()
    jobs = []
    for number, task in enumerate(tasks):
        views = _ordered_views(task)
        place = [view.name for view in views].index("plain")
        weights = len(views) - 1 + FIRST_SHARE
        share = limits.nodes * (1 if place else FIRST_SHARE) // weights
        jobs.append(Job(task, views[place], number, max(1, share // FIRST_ROUND), None, False))
    return [searched.level for searched in _search(jobs, table, limits, threads)]


def _share(limits: Limits, done: Sequence[Searched], views: int) -> tuple[int, float | None] | None:
    """Return the nodes and seconds for the next of so many views; None if nothing is left."""
    nodes = limits.nodes - sum(part.nodes for part in done)
    if nodes <= 0 and done:
        return None
    weight = 1 if done else FIRST_SHARE
    weights = weight + views - 1
    share = max(min(nodes, 1), nodes * weight // weights)
    if limits.seconds is None:
        return share, None
    seconds = limits.seconds - sum(part.seconds for part in done)
    return (share, seconds * weight / weights) if seconds > 0 else None


def _is_sure(parts: Sequence[Searched]) -> bool:
    return any(found.cost <= SURE_COST for part in parts for found in part.found)


def _ordered_views(task: Task) -> list[View]:
    views = views_of(task)
    return sorted(views, key=lambda view: view.name != "background")


@dataclass(frozen=True)
class Job:
    """A task under a view, with what may be taken for it."""

    task: Task
    view: View
    number: int
    nodes: int
    seconds: float | None
    has_goal: bool = True


def _search(jobs: Sequence[Job], table: Table, limits: Limits, threads: int) -> list[Searched]:
    from arcbatt.engine.native_search import search as search_native

    given = [_leaves(job, table) for job in jobs]
    outcomes = search_native(
        table.native,
        [_problem(job, leaves, table) for job, leaves in zip(jobs, given, strict=True)],
        bytes=limits.bytes,
        node_fuel=limits.node_fuel,
        value_leaves=limits.value_leaves,
        layers=limits.layers,
        beam=limits.beam,
        solutions=limits.solutions,
        slack=limits.slack,
        threads=threads,
    )
    return [
        _searched(job, leaves, table, outcome)
        for job, leaves, outcome in zip(jobs, given, outcomes, strict=True)
    ]


def _ranked(done: Sequence[Searched], tasks: Sequence[Task], threads: int) -> list[Searched]:
    """Count the symmetries that programs break and the demos that they miss; sort by bits."""
    work = [
        (task, [found.program for found in one.found])
        for task, one in zip(tasks, done, strict=True)
    ]
    ranked = []
    counts = zip(
        done, count_broken(work, threads=threads), count_missed(work, threads=threads), strict=True
    )
    for one, broken, missed in counts:
        found = [
            replace(each, broken=turns, missed=demos)
            for each, turns, demos in zip(one.found, broken, missed, strict=True)
        ]
        ranked.append(replace(one, found=tuple(sorted(found, key=lambda each: each.bits))))
    return ranked


def _join(parts: Sequence[Searched], learnt: Sequence[tuple[Program, int]]) -> Searched:
    """Add up what the views of one task took and found, and what learners found besides."""
    last = parts[-1]
    stops = {part.stop for part in parts}
    limit = next((stop for stop in STOPS if stop in stops), None)
    found = "found" if "found" in stops else "exhausted"
    return Searched(
        last.task,
        (
            *(found for part in parts for found in part.found),
            *(Found(program, cost, 1, 1) for program, cost in learnt),
        ),
        found if _is_sure(parts) or limit is None else limit,
        sum(part.nodes for part in parts),
        sum(part.states for part in parts),
        sum(part.values for part in parts),
        sum(part.layers for part in parts),
        last.level,
        max(part.bytes for part in parts),
        sum(part.seconds for part in parts),
    )


def _leaves(job: Job, table: Table) -> list[Leaf]:
    """List the leaves of a task under a view; those that all tasks have come last."""
    look = job.view.look
    seen = [(look(given, given), look(wanted, given)) for given, wanted in job.task.S]
    return [*input_leaves(), *constant_leaves(seen), *table.functions]


def _problem(job: Job, leaves: Sequence[Leaf], table: Table) -> tuple[Any, Any, int, float | None]:
    task, look = job.task, job.view.look
    inputs = [look(sample.input, sample.input) for sample in (*task.demos, *task.tests)]
    demos = tuple((look(given, given), look(wanted, given)) for given, wanted in task.S)
    numbers = table.numbers

    def values(leaf: Leaf) -> list[Value]:
        if leaf.kind != "input":
            return [leaf.value] * len(inputs)
        return list(inputs) if leaf.name == "I" else [demos] * len(inputs)

    own = leaves[: len(leaves) - len(table.functions)]
    rows = [(numbers[leaf.type], leaf.cost, values(leaf)) for leaf in own]
    rows += [(kind, cost, [value] * len(inputs)) for kind, cost, value in table.function_rows]
    goal = [wanted if job.has_goal else NO_PICTURE for _, wanted in demos]
    return rows, goal, job.nodes, job.seconds


def _searched(job: Job, leaves: Sequence[Leaf], table: Table, outcome: Any) -> Searched:
    solutions, stop, (nodes, states, values, layers, level, size, nanoseconds) = outcome
    found = tuple(
        Found(_program(steps, leaves, table, job.view), cost + job.view.cost, depth, derivations)
        for steps, cost, depth, derivations in solutions
    )
    return Searched(
        job.task.id, found, stop, nodes, states, values, layers, level, size, nanoseconds / 1e9
    )


def _program(
    steps: Sequence[tuple[str, list[int]]], leaves: Sequence[Leaf], table: Table, view: View
) -> Program:
    builder = GraphBuilder()
    done: list[int] = []
    for kind, args in steps:
        match kind:
            case "leaf":
                leaf = leaves[args[0]]
                node = leaf.add_to(builder)
                seen = leaf.kind == "input"
                done.append(view.before(builder, node, leaf.name) if seen else node)
            case "move":
                move = table.moves[args[0]]
                done.append(move.add_to(builder, [done[arg] for arg in args[1:]]))
            case "underlay":
                below, over = (done[arg] for arg in args)
                zero = builder.constant(0)
                done.append(builder.call("fill", below, zero, builder.call("ofcolor", over, zero)))
            case _:
                done.append(builder.call(kind, *(done[arg] for arg in args)))
    return builder.program(view.after(builder, done[-1]))
