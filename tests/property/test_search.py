"""Properties of search: identities hold, views undo themselves, covers are what they say."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from arcbatt.dsl.types import Grid, Samples, Value
from arcbatt.dsl.values import is_grid
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.program.graph import GraphBuilder, Program
from arcbatt.search.ground import Instance
from arcbatt.search.moves import COMMUTING, IDENTITIES
from arcbatt.search.run import Limits, Searcher
from arcbatt.search.table import Table, load_table
from arcbatt.search.views import VIEWS, View, views_of
from arcbatt.tasks import Sample, Task

from .random_values import random_grid, typed_value
from .strategies import grids, samples

pytest.importorskip("arcbatt._engine")

FAILED = object()
SIMPLER = ("rot90", "rot180", "rot270", "vmirror", "toindices")


def call(name: str, *args: Value) -> object:
    from arcbatt import _engine

    value, failure, _ = _engine.call(name, args, node_fuel=10**6, value_leaves=10**6)
    return FAILED if failure else value


def random_value(random: Random, one: Instance, place: int) -> Value:
    if str(one.parameters[place]) == "Tuple[Tuple[Color]]":
        return random_grid(random)
    return typed_value(random, one.parameters[place])


def all_instances(name: str) -> list[Instance]:
    return [move.instance for move in load_table().moves if move.instance.name == name]


@pytest.mark.parametrize(("outer", "inner"), IDENTITIES)
def test_what_an_identity_bars_is_reached_otherwise(outer: str, inner: str) -> None:
    """One other expression is right on all values: the argument, one call, or both swapped."""
    random = Random(0)
    for one in all_instances(inner):
        left = {name: (name,) for name in dict.fromkeys((outer, inner, *SIMPLER))}
        chains: list[tuple[str, ...]] = [(), *left.values()]
        if outer != inner and (inner, outer) not in IDENTITIES:
            chains.append((outer, inner))
        tried = 0
        for _ in range(60):
            value = random_value(random, one, 0)
            result = call(inner, value)
            result = result if result is FAILED else call(outer, result)
            if result is FAILED:
                continue
            tried += 1
            chains = [chain for chain in chains if follow(chain, value) == result]
        assert tried > 5
        assert chains, one


def follow(chain: tuple[str, ...], value: Any) -> object:
    for name in chain:
        value = call(name, value)
        if value is FAILED:
            return FAILED
    return value


@pytest.mark.parametrize("name", sorted(COMMUTING))
def test_swapped_arguments_change_nothing(name: str) -> None:
    random = Random(0)
    rows = zip(load_table().rows, load_table().moves, strict=True)
    swapped = [move.instance for row, move in rows if row[0] == name and row[4]]
    assert swapped
    for one in swapped:
        for _ in range(20):
            a, b = (random_value(random, one, place) for place in (0, 1))
            assert call(name, a, b) == call(name, b, a)


def evaluate(
    program: Program, grid: Grid, other: Grid | None = None, *, demos: Samples = ()
) -> Value:
    case = Case(demos, grid, C=other)
    [evaluation] = open_engine("native").evaluate(
        [Job(program, [case])], Budget(), keep_outputs=True
    )
    assert evaluation.outcomes[0][0].failure is None
    return evaluation.output(0, 0)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@given(grid=grids(max_side=5, colors=10))
@settings(max_examples=40)
def test_a_view_is_undone(view: View, grid: Grid) -> None:
    builder = GraphBuilder()
    seen = view.before(builder, builder.input("I"), "I")
    assert evaluate(builder.program(seen), grid) == view.look(grid, grid)
    assert evaluate(builder.program(view.after(builder, seen)), grid) == grid


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@given(demos=samples(), grid=grids(max_side=5))
@settings(max_examples=40)
def test_demos_are_seen_with_their_own_inputs(view: View, demos: Samples, grid: Grid) -> None:
    builder = GraphBuilder()
    seen = builder.program(view.before(builder, builder.input("S"), "S"))
    looks = tuple((view.look(one, one), view.look(wanted, one)) for one, wanted in demos)
    assert evaluate(seen, grid, demos=demos) == looks


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@given(grid=grids(max_side=5, colors=10), other=grids(max_side=5, colors=10))
@settings(max_examples=40)
def test_what_is_seen_as_wanted_is_wanted(view: View, grid: Grid, other: Grid) -> None:
    """A result that looks as the wanted output does is the wanted output, once unseen."""
    builder = GraphBuilder()
    seen = builder.input("C")
    program = builder.program(view.after(builder, seen))
    assert evaluate(program, grid, view.look(other, grid)) == other


def cover_table() -> Table:
    """Return moves that make much to be laid over each other."""
    names = {
        "vmirror", "hmirror", "ofcolor", "hfrontier", "mapply", "backdrop", "replace", "asobject",
        "objects", "first", "merge", "outbox", "shoot", "toobject", "box", "corners",
    }  # fmt: skip
    table = load_table()
    return Table(
        tuple(move for move in table.moves if move.instance.name in names), table.functions
    )


SEARCHER = Searcher(Limits(nodes=1500, layers=4, solutions=16, slack=200), table=cover_table())


@given(
    demo=grids(max_side=4, colors=3),
    test=grids(max_side=4, colors=3),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=25)
def test_a_program_of_layers_paints_what_its_cover_did(demo: Grid, test: Grid, seed: int) -> None:
    """The wanted grid is made of layers; each program found is right when an engine runs it.

    Within a view programs with equal outputs on all samples are one: so as many covers may paint
    the test input alike as there are views of the task.
    """
    assume(any(map(any, demo)))
    wanted = layered(Random(seed), demo)
    task = Task("t", (Sample(demo, wanted),), (Sample(test),))
    [searched] = SEARCHER.search([task])
    engine = open_engine("native")
    outputs = []
    for found in searched.found:
        cases = [Case(((demo, wanted),), demo), Case(((demo, wanted),), test)]
        [evaluation] = engine.evaluate([Job(found.program, cases)], Budget(), keep_outputs=True)
        assert [row[0].failure for row in evaluation.outcomes] == [None, None]
        assert evaluation.output(0, 0) == wanted
        assert is_grid(evaluation.output(1, 0))
        if found.layers > 1:
            outputs.append(evaluation.output(1, 0))
    assert max(Counter(outputs).values(), default=0) <= len(views_of(task))


def layered(random: Random, grid: Grid) -> Grid:
    """Paint a mirrored grid over itself, and a row under both."""
    over = [row[::-1] for row in grid]
    line = random.randrange(len(grid))
    return tuple(
        tuple(over[i][j] or grid[i][j] or (1 if i == line else 0) for j in range(len(grid[0])))
        for i in range(len(grid))
    )
