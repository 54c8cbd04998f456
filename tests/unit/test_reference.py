"""The reference engine: values, failures that travel, fuel, budgets."""

from __future__ import annotations

import pytest

from arcbatt.dsl.values import FailureKind
from arcbatt.engine import Budget, Case, Engine, Failure, Job, agreement, open_engine
from arcbatt.errors import EngineError, GraphError
from arcbatt.program.graph import Graph, Node, Op, Program
from arcbatt.program.parse import parse_program

GRID = ((0, 1, 2), (3, 4, 5))
DEMOS = ((((1,),), ((2,),)),)


@pytest.fixture(params=["reference", "native"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return open_engine(request.param)


def program(body: str) -> Program:
    return parse_program(f"def solve(S, I, C):\n    {body}").program


def run(engine: Engine, body: str, **budget: float) -> object:
    [evaluation] = engine.evaluate(
        [Job(program(body), [Case(S=DEMOS, I=GRID)])],
        Budget(**budget),  # type: ignore[arg-type]
        keep_outputs=True,
    )
    outcome = evaluation.outcomes[0][0]
    return outcome.failure or evaluation.output(0, 0)


def test_a_program_has_its_value(engine: Engine) -> None:
    assert run(engine, "return vmirror(I)") == ((2, 1, 0), (5, 4, 3))
    assert run(engine, "return S") == DEMOS
    assert run(engine, "f = compose(vmirror, hmirror)\n    return f(I)") == (
        (5, 4, 3),
        (2, 1, 0),
    )


def test_fuel_is_one_and_the_leaves(engine: Engine) -> None:
    case = Case(S=DEMOS, I=GRID)
    traced = engine.trace(program("return fill(I, ONE, ofcolor(I, ZERO))"), case, Budget())
    fuel = {str(index): outcome.fuel for index, outcome in enumerate(traced)}
    assert list(fuel.values()) == [0, 0, 0, 1 + 7 + 2, 1 + 6 + 1 + 2 + 6]


def test_inner_calls_cost_fuel(engine: Engine) -> None:
    case = Case(S=DEMOS, I=GRID)
    *_, last = engine.trace(program("return apply(size, I)"), case, Budget())
    # the call: 1 + (1 for the function + 6) + 2; each of 2 inner calls: 1 + 3 + 1
    assert last.value == (3, 3)
    assert last.fuel == 1 + 7 + 2 + 2 * 5


def test_failures_travel_and_name_the_call(engine: Engine) -> None:
    failure = run(engine, "a = ofcolor(I, NINE)\n    b = ulcorner(a)\n    return crop(I, b, b)")
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.primitive) == (FailureKind.ARGUMENT, "crop")
    traced = engine.trace(
        program("return hconcat(first(palette(I)), second(palette(I)))"),
        Case(S=DEMOS, I=GRID),
        Budget(),
    )
    assert isinstance(traced[-1].value, Failure)


def test_the_first_failed_argument_travels(engine: Engine) -> None:
    body = "a = vmirror(ONE)\n    b = hmirror(ONE)\n    return vconcat(b, a)"
    failure = run(engine, body)
    assert isinstance(failure, Failure)
    assert failure.primitive == "hmirror"


def test_c_is_missing_while_solving(engine: Engine) -> None:
    failure = run(engine, "return vmirror(C)")
    assert isinstance(failure, Failure)
    assert failure.kind == FailureKind.ARGUMENT


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("f = power(vmirror, 1000000)\n    return f(I)", FailureKind.FUEL),
        ("return canvas(ZERO, (30000, 30000))", FailureKind.SIZE),
        ("return upscale(upscale(upscale(I, TEN), TEN), TEN)", FailureKind.SIZE),
        ("return interval(ZERO, 9000000000, ONE)", FailureKind.SIZE),
        ("return repeat(I, 1000000000)", FailureKind.SIZE),
        ("return multiply(9223372036854775807, TWO)", FailureKind.OVERFLOW),
        (
            "f = fork(apply, identity, initset)\n    return f(f)",
            FailureKind.DEPTH,
        ),
    ],
)
def test_bounds_end_a_call_with_their_name(engine: Engine, body: str, kind: FailureKind) -> None:
    failure = run(engine, body)
    assert isinstance(failure, Failure)
    assert failure.kind == kind


def test_nothing_goes_on_after_the_deadline(engine: Engine) -> None:
    failure = run(
        engine,
        "f = power(vmirror, 100000000)\n    return f(I)",
        node_fuel=10**12,
        sample_seconds=0.05,
    )
    assert isinstance(failure, Failure)
    assert failure.kind == FailureKind.DEADLINE


def test_roots_share_nodes_but_count_their_own_fuel(engine: Engine) -> None:
    from arcbatt.program.merge import merge

    programs = [program("return vmirror(hmirror(I))"), program("return hmirror(I)")]
    batt = merge([("a", programs[0]), ("b", programs[1])])
    cases = [Case(S=DEMOS, I=GRID, wanted=GRID), Case(S=DEMOS, I=((1,),), wanted=((1,),))]
    [together] = engine.evaluate([Job(batt.graph, cases)], Budget())
    alone = engine.evaluate([Job(p, cases) for p in programs], Budget())
    for root in range(2):
        for case in range(2):
            ours, single = together.outcomes[case][root], alone[root].outcomes[case][0]
            assert (ours.digest, ours.score, ours.fuel) == (
                single.digest,
                single.score,
                single.fuel,
            )
    assert together.outcomes[1][0].score == 1000
    assert together.output(0, 0) == alone[0].output(0, 0)
    assert len(together.nanoseconds) == 2


LINES = "".join(f"    x{n} = repeat({n}, 10)\n" for n in range(1, 20))
WIDE = (
    f"y0 = I\n{LINES}"
    + "".join(f"    y{n} = equality(x{n}, y{n - 1})\n" for n in range(1, 20))
    + "    return y19"
)
"""All values are alive at the end: the first argument is computed first."""
LONG = (
    f"y0 = I\n{LINES}"
    + "".join(f"    y{n} = equality(y{n - 1}, x{n})\n" for n in range(1, 20))
    + "    return y19"
)
"""Each value is freed before the next one is made."""


def kind_of(engine: Engine, body: str, total: int) -> str | None:
    outcome = run(engine, body, total_leaves=total)
    return str(outcome.kind) if isinstance(outcome, Failure) else None


def test_all_values_together_are_bounded(engine: Engine) -> None:
    assert kind_of(engine, WIDE, 191) is None
    failure = run(engine, WIDE, total_leaves=189)
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.primitive) == (FailureKind.MEMORY, "repeat")
    assert "memory" in str(failure)


def test_a_value_is_freed_when_its_last_reader_is_done(engine: Engine) -> None:
    assert kind_of(engine, LONG, 21) is None
    assert kind_of(engine, LONG, 9) == "memory"


def test_the_load_of_a_value_is_its_leaves_times_its_depth(engine: Engine) -> None:
    nested = "return initset(initset(initset(7)))"
    assert kind_of(engine, nested, 2 + 3) is None
    assert kind_of(engine, nested, 2 + 3 - 1) == "memory"
    assert kind_of(engine, "return vmirror(I)", 2 * 6) is None
    assert kind_of(engine, "return vmirror(I)", 2 * 6 - 1) == "memory"


def test_collected_results_are_held(engine: Engine) -> None:
    # Four equal sets of one are held before they become one member.
    body = "f = lbind(subtract, 9)\n    g = fork(add, f, identity)\n    h = compose(initset, g)\n"
    body += "    x = interval(ONE, FIVE, ONE)\n    y = apply(h, x)\n    return size(y)"
    needed = next(total for total in range(200) if kind_of(engine, body, total) is None)
    more = body.replace("FIVE", "NINE")
    assert next(total for total in range(200) if kind_of(engine, more, total) is None) > needed + 4
    assert kind_of(engine, "f = power(vmirror, 5000)\n    return f(I)", 40) is None


def test_the_total_is_that_of_each_program(engine: Engine) -> None:
    from arcbatt.program.merge import merge

    bodies = [WIDE, LONG, "return vmirror(I)", "return repeat(vmirror(I), 30)", "return first(0)"]
    programs = [program(body) for body in bodies]
    batt = merge((str(place), each) for place, each in enumerate(programs))
    cases = [Case(S=DEMOS, I=GRID, wanted=GRID), Case(S=DEMOS, I=((1,),))]
    budget = Budget(total_leaves=180)
    [together] = engine.evaluate([Job(batt.graph, cases)], budget, keep_outputs=True)
    alone = engine.evaluate([Job(each, cases) for each in programs], budget, keep_outputs=True)
    kinds = []
    for root, single in enumerate(alone):
        for case in range(2):
            a, b = together.outcomes[case][root], single.outcomes[case][0]
            assert (a.digest, a.score, a.fuel) == (b.digest, b.score, b.fuel)
            kinds.append((a.failure and a.failure.kind, b.failure and b.failure.kind))
            if a.failure is None:
                assert together.output(case, root) == single.output(case, 0)
    memory, argument = ("memory", "memory"), ("argument", "argument")
    fine = (None, None)
    assert kinds == [memory, memory, fine, fine, fine, fine, memory, fine, argument, argument]


def test_outputs_without_room_are_evaluated_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arcbatt.engine import native, outcome

    for module in (native, outcome):
        monkeypatch.setattr(module, "memory_share", lambda threads: 96 * 200)
    roots = [program(f"return repeat(I, {n})") for n in range(1, 12)]
    jobs = [Job(each, [Case(S=DEMOS, I=GRID)] * 40) for each in roots]
    done = engine.evaluate(jobs, Budget(), keep_outputs=True)
    for times, evaluation in enumerate(done, 1):
        assert [evaluation.output(case, 0) for case in range(40)] == [(GRID,) * times] * 40
        assert evaluation.numbers_of(39) == [None]


def test_a_graph_that_is_none_is_refused(engine: Engine) -> None:
    graph = Graph((Node(Op.CALL, "vmirror", (0,)),), (0,))
    with pytest.raises(GraphError):
        engine.evaluate([Job(graph, [Case(S=DEMOS, I=GRID)])], Budget())


def test_unknown_engines_are_refused() -> None:
    with pytest.raises(EngineError, match="unknown"):
        open_engine("steam")


@pytest.mark.parametrize(
    ("output", "wanted", "expected"),
    [
        (GRID, GRID, 1000),
        (((0, 1, 2), (3, 4, 6)), GRID, 999 * 5 // 6),
        (((0, 1), (3, 4)), GRID, 999 * 4 // 6),
        (((9, 9, 9), (9, 9, 9)), GRID, 0),
        (((0,),), ((0, 0, 0),), 333),
        ((), GRID, 0),
        (((), ()), GRID, 0),
        ((1, 2), GRID, 0),
        (((1, 2), (3,)), GRID, 0),
        (frozenset(), GRID, 0),
        (None, GRID, 0),
    ],
)
def test_agreement(output: object, wanted: object, expected: int) -> None:
    assert agreement(output, wanted) == expected  # type: ignore[arg-type]
