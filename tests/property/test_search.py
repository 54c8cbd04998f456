"""Properties of search: identities hold, transforms are inverted, covers paint what they say."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import Grid, Samples, Value
from arcbatt.dsl.values import is_grid
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.program.graph import GraphBuilder, Program
from arcbatt.search.grammar import Grammar, load_grammar
from arcbatt.search.monomorphise import Instance
from arcbatt.search.run import SearchLimits, search
from arcbatt.search.transforms import TRANSFORMS, Transform, transforms_of
from arcbatt.tasks import Sample, Task

from .random_values import random_grid, typed_value
from .strategies import grids, samples

pytestmark = pytest.mark.native

COMMUTING = [name for name, known in REGISTRY.items() if known.facts.commutes]
IDENTITIES = [
    (name, inner) for name, known in REGISTRY.items() for inner in known.facts.redundant_after
]
FAILED = object()
SIMPLER = ("rot90", "rot180", "rot270", "vmirror", "toindices")


def call(name: str, *args: Value) -> object:
    from arcbatt import _engine

    called = _engine.call(name, args, node_fuel=10**6, value_leaves=10**6)
    return FAILED if called.failure else called.value


def random_value(random: Random, one: Instance, place: int) -> Value:
    if str(one.parameters[place]) == "Tuple[Tuple[Color]]":
        return random_grid(random)
    return typed_value(random, one.parameters[place])


def all_instances(name: str) -> list[Instance]:
    return [move.instance for move in load_grammar().productions if move.instance.name == name]


@pytest.mark.parametrize(("outer", "inner"), IDENTITIES)
def test_a_skipped_call_equals_another_expression(outer: str, inner: str) -> None:
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


@pytest.mark.parametrize("name", COMMUTING)
def test_swapped_arguments_change_nothing(name: str) -> None:
    random = Random(0)
    grammar = load_grammar()
    both = zip(grammar.native_productions, grammar.productions, strict=True)
    swapped = [one.instance for native, one in both if native.name == name and native.commutes]
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


def is_undone(transform: Transform, grid: Grid, other: Grid) -> None:
    """Check that a transform is undone of the grid at hand, and of a target.

    The target is changed by the input of its sample.
    """
    builder = GraphBuilder()
    changed = transform.add_input(builder, "I")
    assert evaluate(builder.program(changed), grid) == transform.seen(grid)
    assert evaluate(builder.program(transform.add_result(builder, changed)), grid) == grid
    builder = GraphBuilder()
    program = builder.program(transform.add_result(builder, builder.input("C")))
    assert evaluate(program, grid, transform.wanted(other, grid)) == other
    assert transform.result(transform.wanted(other, grid), grid) == other


NAMED = {transform.name: transform for transform in TRANSFORMS}
PARTIAL = ("separators", "content")
"""Transforms that not every grid has."""
TOTAL = [transform for transform in TRANSFORMS if transform.name not in PARTIAL]


@pytest.mark.parametrize("transform", TOTAL, ids=lambda transform: transform.name)
@given(grid=grids(max_side=5, colors=10), other=grids(max_side=5, colors=10))
@settings(max_examples=40)
def test_a_transform_is_inverted(transform: Transform, grid: Grid, other: Grid) -> None:
    is_undone(transform, grid, other)


@pytest.mark.parametrize("transform", TOTAL, ids=lambda transform: transform.name)
@given(demos=samples(), grid=grids(max_side=5))
@settings(max_examples=40)
def test_demos_are_changed_by_their_own_inputs(
    transform: Transform, demos: Samples, grid: Grid
) -> None:
    are_changed(transform, demos, grid)


def are_changed(transform: Transform, demos: Samples, grid: Grid) -> None:
    """Check that the demos that a program reads are changed as the transform changes them."""
    builder = GraphBuilder()
    changed = builder.program(transform.add_input(builder, "S"))
    assert evaluate(changed, grid, demos=demos) == transform.apply_to(demos)


@st.composite
def lined(draw: st.DrawFn) -> tuple[Grid, Grid]:
    """Draw two grids of one shape with the same coloured separators."""
    height, width = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    # Cells of other colours than the line, which has the most rows and columns.
    rows = st.lists(st.integers(0, 3), min_size=width, max_size=width)
    first, second = (draw(st.lists(rows, min_size=height, max_size=height)) for _ in range(2))
    row, column = draw(st.integers(0, height)), draw(st.integers(0, width))
    grids_of = []
    for cells in (first, second):
        wide = [[*line[:column], 5, *line[column:]] for line in cells]
        wide[row:row] = [[5] * (width + 1)]
        grids_of.append(tuple(map(tuple, wide)))
    return grids_of[0], grids_of[1]


@given(lined())
def test_separators_are_put_back(both: tuple[Grid, Grid]) -> None:
    grid, other = both
    separators = NAMED["separators"]
    is_undone(separators, grid, other)
    assert len(separators.seen(grid)) < len(grid)
    are_changed(separators, ((grid, other),), grid)


@given(grid=grids(max_side=5, colors=10), other=grids(max_side=5, colors=10))
def test_a_change_of_inputs_leaves_outputs(grid: Grid, other: Grid) -> None:
    assume(any(map(any, grid)))
    content = NAMED["content"]
    builder = GraphBuilder()
    assert evaluate(builder.program(content.add_input(builder, "I")), grid) == content.seen(grid)
    assert content.wanted(other, grid) == content.result(other, grid) == other
    are_changed(content, ((grid, other),), grid)


def cover_grammar() -> Grammar:
    """Return productions that make many layers."""
    names = {
        "vmirror", "hmirror", "ofcolor", "hfrontier", "mapply", "backdrop", "replace", "asobject",
        "objects", "first", "merge", "outbox", "shoot", "toobject", "box", "corners",
    }  # fmt: skip
    grammar = load_grammar()
    return Grammar(
        tuple(one for one in grammar.productions if one.instance.name in names),
        grammar.functions,
    )


LIMITS = SearchLimits(evaluations=1500, layers=4, solutions=16, slack=200)
GRAMMAR = cover_grammar()


@given(
    demo=grids(max_side=4, colors=3),
    test=grids(max_side=4, colors=3),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=25)
def test_a_program_of_layers_paints_what_its_cover_did(demo: Grid, test: Grid, seed: int) -> None:
    """The wanted grid is made of layers; each program found is right when an engine runs it.

    Under one transform programs with equal outputs on all samples are one, so equal test outputs
    occur at most as often as the task has transforms.
    """
    assume(any(map(any, demo)))
    wanted = layered(Random(seed), demo)
    task = Task("t", (Sample(demo, wanted),), (Sample(test),))
    [searched] = search([task], GRAMMAR, LIMITS)
    engine = open_engine("native")
    outputs = []
    for found in searched.solutions:
        cases = [Case(((demo, wanted),), demo), Case(((demo, wanted),), test)]
        [evaluation] = engine.evaluate([Job(found.program, cases)], Budget(), keep_outputs=True)
        assert [row[0].failure for row in evaluation.outcomes] == [None, None]
        assert evaluation.output(0, 0) == wanted
        assert is_grid(evaluation.output(1, 0))
        if found.layers > 1:
            outputs.append(evaluation.output(1, 0))
    assert max(Counter(outputs).values(), default=0) <= len(transforms_of(task))


def layered(random: Random, grid: Grid) -> Grid:
    """Paint a mirrored grid over itself, and a row under both."""
    over = [row[::-1] for row in grid]
    line = random.randrange(len(grid))
    return tuple(
        tuple(over[i][j] or grid[i][j] or (1 if i == line else 0) for j in range(len(grid[0])))
        for i in range(len(grid))
    )
