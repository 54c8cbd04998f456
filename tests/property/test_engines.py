"""Both engines give the same values, failures and fuel, node by node and call by call."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.meter import Meter
from arcbatt.dsl.types import Grid, Samples, Value
from arcbatt.dsl.values import CallFailure, FailureKind, alike, digest
from arcbatt.engine import Budget, Case, Failure, Job, NodeOutcome, agreement
from arcbatt.engine.native import NativeEngine
from arcbatt.engine.outcome import EXACT
from arcbatt.engine.reference import ReferenceEngine
from arcbatt.program.graph import Graph, Program
from arcbatt.program.merge import merge

from .random_values import call_arguments, odd_value, random_grid, random_rule
from .strategies import grids, programs, samples

pytestmark = pytest.mark.native

REFERENCE = ReferenceEngine()
RANDOMS = st.randoms(use_true_random=False)
BUDGETS = st.builds(
    Budget,
    node_fuel=st.sampled_from((40, 400, 4_000, 100_000)),
    value_leaves=st.sampled_from((30, 300, 100_000)),
    sample_seconds=st.none(),
    total_leaves=st.sampled_from((20, 60, 300, 2_000, 2**24)),
)


def facts(outcome: NodeOutcome) -> tuple[object, ...]:
    value = outcome.value
    return value if isinstance(value, Failure) else (value, digest(value)), outcome.fuel


def assert_same_nodes(graph: Graph, case: Case, budget: Budget) -> None:
    pairs = zip(
        graph.nodes,
        REFERENCE.trace(graph, case, budget),
        NativeEngine().trace(graph, case, budget),
        strict=True,
    )
    for index, (node, wanted, got) in enumerate(pairs):
        assert alike(facts(got), facts(wanted)), f"node {index}: {node}"


@given(programs(max_calls=25, inputs="SIC"), samples(), grids(), st.none() | grids(), BUDGETS)
def test_every_node_agrees(
    program: Program,
    S: Samples,
    I: Grid,  # noqa: E741
    C: Grid | None,
    budget: Budget,
) -> None:
    assert_same_nodes(program, Case(S, I, C), budget)


@given(programs(max_calls=12), RANDOMS)
def test_every_node_agrees_on_large_grids(program: Program, random: Random) -> None:
    large = [random_grid(random, max_side=30, colors=10) for _ in range(3)]
    case = Case(((large[0], large[1]),), large[2])
    assert_same_nodes(program, case, Budget(sample_seconds=None))


@given(
    st.lists(programs(max_calls=8, inputs="SIC"), min_size=1, max_size=4),
    st.lists(st.tuples(samples(), grids(), st.none() | grids()), min_size=1, max_size=4),
    st.integers(1, 3),
    BUDGETS,
)
def test_roots_of_batts_agree(
    merged: list[Program],
    inputs: list[tuple[Samples, Grid, Grid | None]],
    threads: int,
    budget: Budget,
) -> None:
    batt = merge((f"p{index}", program) for index, program in enumerate(merged))
    # The first S comes back: what was computed for another one must not be taken for it.
    cases = [Case(S, I, C, wanted=C) for S, I, C in [*inputs, inputs[0]]]  # noqa: E741
    jobs = [Job(batt.graph, cases), Job(merged[0], cases), Job(batt.graph, cases[:1])]
    wanted = REFERENCE.evaluate(jobs, budget)
    got = NativeEngine().evaluate(jobs, budget, threads=threads)
    for job, reference, native in zip(jobs, wanted, got, strict=True):
        assert len(native.outcomes) == len(job.cases)
        for case, (wanted_row, got_row) in enumerate(
            zip(reference.outcomes, native.outcomes, strict=True)
        ):
            for root, (a, b) in enumerate(zip(wanted_row, got_row, strict=True)):
                assert (a.failure, a.digest, a.score, a.fuel) == (
                    b.failure,
                    b.digest,
                    b.score,
                    b.fuel,
                )
                if a.failure is None:
                    assert alike(native.output(case, root), reference.output(case, root))


@given(
    st.lists(programs(max_calls=10, inputs="SIC"), min_size=2, max_size=5),
    samples(),
    grids(),
    st.integers(10, 400),
)
def test_a_program_fits_into_the_total_whatever_else_runs(
    merged: list[Program],
    S: Samples,
    I: Grid,  # noqa: E741
    total: int,
) -> None:
    batt = merge((f"p{index}", program) for index, program in enumerate(merged))
    budget = Budget(sample_seconds=None, total_leaves=total)
    case = Case(S, I, I, wanted=I)
    for engine in (NativeEngine(), REFERENCE):
        [together] = engine.evaluate([Job(batt.graph, [case])], budget)
        alone = engine.evaluate([Job(each, [case]) for each in batt.programs], budget)
        for root, evaluation in enumerate(alone):
            a, b = together.outcomes[0][root], evaluation.outcomes[0][0]
            assert (a.digest, a.score, a.fuel) == (b.digest, b.score, b.fuel)
            assert (a.failure and a.failure.kind) == (b.failure and b.failure.kind)


def reference_call(name: str, args: tuple[Value, ...], budget: Budget) -> tuple[object, int]:
    meter = Meter(budget.node_fuel, budget.value_leaves)
    try:
        return meter.call(REGISTRY[name], args), meter.spent
    except CallFailure as failure:
        return failure.kind, meter.spent
    except RecursionError:
        return FailureKind.DEPTH, meter.spent


def native_call(name: str, args: tuple[Value, ...], budget: Budget) -> tuple[object, int]:
    from arcbatt import _engine

    called = _engine.call(name, args, node_fuel=budget.node_fuel, value_leaves=budget.value_leaves)
    failure = called.failure
    return called.value if failure is None else FailureKind(failure.kind), called.fuel


@pytest.mark.parametrize("name", REGISTRY)
@settings(max_examples=settings().max_examples // 4)
@given(random=RANDOMS, budget=BUDGETS)
def test_calls_agree_on_any_arguments(name: str, random: Random, budget: Budget) -> None:
    args = call_arguments(random, name)
    assert alike(native_call(name, args, budget), reference_call(name, args, budget)), args


@given(RANDOMS, BUDGETS, st.sampled_from(("by_tree", "by_objects")))
def test_rules_agree_however_they_are_damaged(random: Random, budget: Budget, name: str) -> None:
    grid = random_grid(random)
    first = (grid, grid[::-1]) if name == "by_tree" else grid
    args = first, random_rule(random, name)
    assert alike(native_call(name, args, budget), reference_call(name, args, budget)), args


@given(RANDOMS)
def test_digests_agree(random: Random) -> None:
    from arcbatt import _engine

    value = odd_value(random)
    assert _engine.digest(value) == digest(value)


@given(RANDOMS)
def test_scores_agree(random: Random) -> None:
    from arcbatt import _engine

    wanted = random_grid(random, max_side=3, colors=random.choice((2, 256)))
    output = random.choice((odd_value(random), random_grid(random, max_side=3, colors=2)))
    assert _engine.agreement(output, wanted) == agreement(output, wanted)
    assert _engine.agreement(wanted, wanted) == EXACT
