"""Throws random graphs, calls and rubbish at both engines, for a while.

Both have to give the same values of the same types, failures and fuel, and the border has to
refuse with an ordinary exception what it can't take. Each round has a seed of its own: a round
that differs, or kills the process, is run again with ``--seed N --rounds 1``.

    python -m tests.fuzz.engines --seconds 60
"""

from __future__ import annotations

import argparse
import random as randomness
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

from arcbatt import _engine
from arcbatt.dsl import REGISTRY
from arcbatt.dsl.meter import Meter
from arcbatt.dsl.values import CallFailure, FailureKind, Function, alike, digest
from arcbatt.engine import Budget, Case, Failure, Job, NodeOutcome, agreement
from arcbatt.engine.native import NativeEngine
from arcbatt.engine.reference import ReferenceEngine
from arcbatt.errors import ArcbattError, GraphError
from arcbatt.program.graph import Graph, GraphBuilder, Node, Op
from tests.property.random_values import (
    BUILDERS,
    EDGES,
    NAMES,
    call_arguments,
    odd_value,
    random_grid,
)
from tests.property.strategies import random_program

NATIVE, REFERENCE = NativeEngine(), ReferenceEngine()
REFUSALS = (ArcbattError, AttributeError, TypeError, ValueError, OverflowError)
"""What the border may answer to rubbish."""
RUBBISH: tuple[Any, ...] = (
    1.5,
    "x",
    b"x",
    [],
    {},
    object(),
    2**70,
    -(2**64),
    float("nan"),
    None,
    [[0]],
    ...,
)


def random_budget(random: Random) -> Budget:
    """Make a budget, often so small that something hits it."""
    return Budget(
        node_fuel=random.choice((0, 30, 300, 3_000, 30_000)),
        value_leaves=random.choice((0, 20, 200, 2_000, 20_000)),
        sample_seconds=None,
    )


def random_case(random: Random) -> Case:
    """Make a case of small grids, with C or without."""
    grids = [random_grid(random) for _ in range(6)]
    if random.random() < 0.1:
        grids = [tuple(tuple(map(bool, row)) for row in grid) for grid in grids]
    return Case(
        S=((grids[0], grids[1]), (grids[2], grids[3]))[: random.randint(0, 2)],
        I=grids[4],
        C=random.choice((None, grids[5])),
        wanted=random.choice((None, grids[5])),
    )


def facts(outcome: NodeOutcome) -> tuple[object, ...]:
    """Return what has to be equal in both engines."""
    value = outcome.value
    return value if isinstance(value, Failure) else (value, digest(value)), outcome.fuel


def compare_calls(random: Random) -> int:
    """Call one primitive in both engines."""
    name = random.choice(NAMES)
    args = call_arguments(random, name)
    budget = random_budget(random)
    meter = Meter(budget.node_fuel, budget.value_leaves)
    wanted: object
    try:
        wanted = meter.call(REGISTRY[name], args)
    except CallFailure as failure:
        wanted = failure.kind
    except RecursionError:
        wanted = FailureKind.DEPTH
    called = _engine.call(name, args, node_fuel=budget.node_fuel, value_leaves=budget.value_leaves)
    failed = called.failure
    got = called.value if failed is None else FailureKind(failed.kind)
    assert alike((got, called.fuel), (wanted, meter.spent)), f"{name}{args!r}, {budget}"
    if failed is None:
        assert _engine.digest(called.value) == digest(wanted), f"{name}{args!r}"
    return 1


def compare_graphs(graph: Graph, case: Case, budget: Budget) -> int:
    """Evaluate a graph in both engines, node by node and then its roots; count the calls."""
    nodes = REFERENCE.trace(graph, case, budget)
    for index, (wanted, got) in enumerate(
        zip(nodes, NATIVE.trace(graph, case, budget), strict=True)
    ):
        assert alike(facts(got), facts(wanted)), f"node {index} of {graph} on {case}, {budget}"
    job = Job(graph, [case, case])
    [evaluation] = NATIVE.evaluate([job], budget, threads=2, keep_outputs=True)
    for place, (root, outcome) in enumerate(zip(graph.roots, evaluation.outcomes[0], strict=True)):
        value = nodes[root].value
        assert outcome.fuel == sum(nodes[index].fuel for index in graph.cone(root))
        if isinstance(value, Failure):
            assert outcome.failure == value
            continue
        assert (outcome.failure, outcome.digest) == (None, digest(value))
        assert alike(evaluation.output(0, place), value)
        if case.wanted is not None:
            assert outcome.score == agreement(value, case.wanted)
    return sum(node.op in (Op.CALL, Op.INVOKE) for node in graph.nodes)


def compare_programs(random: Random) -> int:
    """Evaluate a program that passes the type checker."""
    program = random_program(random, calls=random.randint(1, 25), inputs="SIC")
    return compare_graphs(program, random_case(random), random_budget(random))


def compare_shapes(random: Random) -> int:
    """Evaluate a graph of any shape; both engines refuse the same node if it is none."""
    size = random.randint(1, 40)
    broken = random.random() < 0.3
    nodes = tuple(
        _any_node(random, index, broken and random.random() < 0.1) for index in range(size)
    )
    roots = tuple(random.randrange(size) for _ in range(random.randint(0, 5)))
    if broken and random.random() < 0.2:
        roots = (*roots, random.choice((-1, size, 2**40)))
    graph, case, budget = Graph(nodes, roots), random_case(random), random_budget(random)
    wanted = _problem(lambda: REFERENCE.trace(graph, case, budget))
    got = _problem(lambda: NATIVE.trace(graph, case, budget))
    assert got == wanted, f"{graph}"
    return 0 if wanted is not None else compare_graphs(graph, case, budget)


def _problem(run: Callable[[], object]) -> int | None:
    try:
        run()
    except GraphError as error:
        return int(error.context["node"])
    return None


def _any_node(random: Random, index: int, broken: bool) -> Node:
    low, high = (-2, index + 3) if broken else (0, index - 1)
    kind = random.random()
    if kind < 0.2 or high < low:
        return Node(Op.INPUT, random.choice("SIC" if not broken else "SICX"))
    if kind < 0.35:
        return Node(Op.FUNCTION, random.choice(NAMES if not broken else ("nothing", "")))
    if kind < 0.5:
        number, other = random.choice(EDGES), random.choice(EDGES)
        value: Any = random.choice((number, (number, other), random.randint(-2, 9)))
        if broken:
            value = random.choice((None, (1, 2, 3), "x", frozenset(), 2**64))
        return Node(Op.CONSTANT, str(value), value=value)
    if kind < 0.7:
        count = random.randint(0 if broken else 1, 5)
        return Node(Op.INVOKE, "", tuple(random.randint(low, high) for _ in range(count)))
    name = random.choice(NAMES)
    arity = REGISTRY[name].arity + (random.choice((-1, 0, 1)) if broken else 0)
    return Node(Op.CALL, name, tuple(random.randint(low, high) for _ in range(arity)))


def compare_towers(random: Random) -> int:
    """Build functions of functions as deep as values may be, and apply them, also to themselves."""
    builder = GraphBuilder()
    grid = builder.input("I")
    numbers = [builder.constant(number) for number in (0, 1, 2, 3, 30)]
    tower = [builder.function(random.choice(NAMES)) for _ in range(3)]
    for _ in range(random.randint(1, 80)):
        name = random.choice(BUILDERS)
        args = [
            random.choice(numbers if parameter.type.name == "Integer" else tower[-4:])
            if random.random() < 0.9
            else random.choice([grid, *numbers])
            for parameter in REGISTRY[name].parameters
        ]
        tower.append(builder.call(name, *args))
    last = []
    for _ in range(4):
        args = [random.choice([*tower[-3:], grid, *numbers]) for _ in range(random.randint(1, 3))]
        last.append(builder.invoke(random.choice(tower[-6:]), *args))
    return compare_graphs(builder.graph(last), random_case(random), random_budget(random))


def compare_digests(random: Random) -> int:
    """Digest and score any value in both engines."""
    value, wanted = odd_value(random), random_grid(random, max_side=4)
    assert _engine.digest(value) == digest(value), repr(value)
    assert _engine.agreement(value, wanted) == agreement(value, wanted), repr(value)
    return 0


def refuse_rubbish(random: Random) -> int:
    """Put objects that are no values where the border expects some."""
    rubbish: Any = random.choice(RUBBISH)
    deep: Any = 0
    for _ in range(random.choice((3, 60, 70, 5_000))):
        deep = (deep,) if random.random() < 0.5 else frozenset({deep})
    cyclic = Function("identity", arity=1)
    cyclic.parts = (cyclic,)
    cyclic.depth = random.choice((0, 1, 64))
    odd: Any = random.choice((rubbish, deep, cyclic, (1, rubbish), odd_value(random)))
    graph = Graph((Node(Op.INPUT, "I"),), (0,))
    case = random_case(random)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: _engine.digest(odd),
        lambda: _engine.call(odd, (), node_fuel=9, value_leaves=9),
        lambda: _engine.call("identity", (odd,), node_fuel=99, value_leaves=99),
        lambda: _engine.call("identity", (1,), node_fuel=odd, value_leaves=99),
        lambda: _engine.Graph(odd, (0,)),
        lambda: _engine.Graph((odd,), (0,)),
        lambda: _engine.Graph(graph.nodes, odd),
        lambda: _engine.Graph((Node(odd, odd, odd, odd),), (0,)),
        lambda: _engine.Graph((Node(Op.CALL, "identity", odd),), (0,)),
        lambda: NATIVE.trace(graph, Case(odd, case.I), Budget()),
        lambda: NATIVE.trace(graph, Case(case.S, odd), Budget()),
        lambda: NATIVE.trace(graph, Case(case.S, (odd,), odd, odd), Budget()),
        lambda: NATIVE.trace(graph, Case(((odd, odd),), case.I), Budget()),
        lambda: _engine.evaluate(
            odd, node_fuel=9, value_leaves=9, total_leaves=99, sample_seconds=odd
        ),
        lambda: NATIVE.evaluate([Job(graph, [odd])], Budget()),
        lambda: _engine.agreement(odd, odd),
    )
    with suppress(*REFUSALS):
        random.choice(attempts)()
    return 0


KINDS: tuple[tuple[Callable[[Random], int], int], ...] = (
    (compare_calls, 60),
    (compare_programs, 6),
    (compare_shapes, 10),
    (compare_towers, 3),
    (compare_digests, 10),
    (refuse_rubbish, 20),
)
"""What a round does, and how often; each returns how many calls it compared."""
CALLS = "calls compared"


def run_round(seed: int, only: str | None = None) -> Counter[str]:
    """Run one round and count what it did, and the calls of primitives that it compared.

    Args:
        seed: seed of the random choices.
        only: name of the one kind of thing to do; all by default.
    """
    counts: Counter[str] = Counter()
    random = Random(seed)
    for kind, times in KINDS:
        for _ in range(times if only in (None, kind.__name__) else 0):
            counts[CALLS] += kind(random)
            counts[kind.__name__] += 1
    return counts


def main() -> None:
    """Run rounds until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (60)")
    parser.add_argument("--rounds", type=int, help="stop after so many rounds")
    parser.add_argument("--seed", type=int, help="of the first round; another one each time")
    parser.add_argument(
        "--only", choices=[kind.__name__ for kind, _ in KINDS], help="do nothing else"
    )
    options = parser.parse_args()
    seed = randomness.SystemRandom().randrange(10**9) if options.seed is None else options.seed
    end = time.monotonic() + options.seconds
    counts: Counter[str] = Counter()
    rounds = 0
    while time.monotonic() < end and rounds != options.rounds:
        # Written before the round: a crash leaves it as the last line.
        if sys.stderr.isatty():
            print(f"\rround with seed {seed + rounds}", end="", file=sys.stderr, flush=True)
        elif rounds % 50 == 0:
            print(f"rounds from seed {seed + rounds}", file=sys.stderr, flush=True)
        counts += run_round(seed + rounds, options.only)
        rounds += 1
    print(file=sys.stderr)
    for kind, count in counts.items():
        print(f"{count:9,} {kind}")
    executions = sum(counts.values()) - counts[CALLS]
    print(f"{executions:9,} executions in {rounds} rounds, no difference, no crash")


if __name__ == "__main__":
    main()
