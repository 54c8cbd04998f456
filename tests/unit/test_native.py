"""The native engine: its border, its results, its threads and how it is stopped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from tests.interrupts import interrupted

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.meter import current_meter
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import CallFailure, FailureKind, Function, digest
from arcbatt.engine import Budget, Case, Engine, Failure, Job, open_engine
from arcbatt.engine.native import NativeEngine, native_available
from arcbatt.engine.reference import ReferenceEngine
from arcbatt.errors import EngineError, GraphError, TaskError
from arcbatt.program.graph import Graph, GraphBuilder, Node, Op, Program
from arcbatt.program.merge import merge
from arcbatt.program.parse import parse_program

pytestmark = pytest.mark.native

GRID = ((0, 1, 2), (3, 4, 5))
DEMOS = ((GRID, ((2,),)), (((1,),), ((2,),)))
CASE = Case(S=DEMOS, I=GRID, wanted=GRID)


B = Budget()


def program(body: str) -> Program:
    return parse_program(f"def solve(S, I, C):\n    {body}").program


BATT = merge(
    (body, program(f"return {body}"))
    for body in (
        "I",
        "hmirror(vmirror(I))",
        "size(S)",
        "first(C)",
        "extract(palette(I), even)",
        "last(totuple(palette(I)))",
        "compose(size, first)(S)",
        "rot90(rbind(replace, ONE)(I, TWO))",
    )
).graph


def test_rows_are_read_when_they_are_asked_for() -> None:
    jobs = [Job(BATT, [CASE, replace(CASE, I=((7, 8), (9, 9)), C=GRID)])]
    [native] = NativeEngine().evaluate(jobs, Budget())
    [reference] = ReferenceEngine().evaluate(jobs, Budget())
    for wanted, got in zip(reference.outcomes, native.outcomes, strict=True):
        assert list(got) == [
            replace(a, nanoseconds=b.nanoseconds) for a, b in zip(wanted, got, strict=True)
        ]
        assert got[1:3] == [got[1], got[2]]
        assert got[-1] == got[len(got) - 1]
        with pytest.raises(IndexError):
            got[len(got)]
    for case in range(2):
        assert native.scores_of(case) == reference.scores_of(case)
        assert native.digests_of(case) == reference.digests_of(case)
        assert native.fuel_of(case) == reference.fuel_of(case)
        for each in (native, reference):
            assert each.times_of(case) == [outcome.nanoseconds for outcome in each.outcomes[case]]
    assert len(native.nanoseconds) == 2
    assert all(time > 0 for time in native.nanoseconds)


@pytest.mark.parametrize("name", ["native", "reference"])
@pytest.mark.parametrize("keep_outputs", [False, True])
def test_outputs_are_values_and_arrays(name: str, keep_outputs: bool) -> None:
    engine: Engine = open_engine(name)
    [evaluation] = engine.evaluate([Job(BATT, [CASE])], Budget(), keep_outputs=keep_outputs)
    assert evaluation.output(0, 1) == ((5, 4, 3), (2, 1, 0))
    array = evaluation.array_of(0, 1)
    assert array is not None
    assert array.dtype == np.uint8
    assert array.tolist() == [[5, 4, 3], [2, 1, 0]]
    assert evaluation.array_of(0, 2) is None
    with pytest.raises(LookupError):
        evaluation.output(0, 3)
    with pytest.raises(LookupError):
        evaluation.array_of(0, 3)


def test_a_graph_is_converted_once_as_long_as_it_lives() -> None:
    from arcbatt.engine import native

    graph = Graph(BATT.nodes, BATT.roots)
    known = len(native._CONVERTED)
    for _ in range(2):
        NativeEngine().evaluate([Job(graph, [CASE]), Job(graph, [CASE])], Budget())
        assert len(native._CONVERTED) == known + 1
    del graph
    assert len(native._CONVERTED) == known


def test_wrong_graphs_are_refused() -> None:
    with pytest.raises(GraphError, match="node 1: no primitive is called 'nothing'"):
        NativeEngine().trace(Graph((Node(Op.INPUT, "I"), Node(Op.CALL, "nothing")), ()), CASE, B)
    with pytest.raises(GraphError, match="node 7: a root is not a node"):
        NativeEngine().evaluate([Job(Graph((Node(Op.INPUT, "I"),), (7,)), [CASE])], Budget())


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (Case((), ((1, 2), (3,))), "job 1, case 1, I: expected .*, got rows of 2 and of 1 cells"),
        (Case((), ((1, 256),)), "case 1, I: .*, got a cell 256"),
        (Case((), ((1, -1),)), "case 1, I: .*, got a cell -1"),
        (Case((), ((1, None),)), "case 1, I: .*, got a cell of type NoneType"),  # type: ignore[arg-type]
        (Case((), [[1]]), "case 1, I: .*, got an object of type list"),  # type: ignore[arg-type]
        (Case((), GRID, C=(1,)), "case 1, C: .*, got a row of type int"),  # type: ignore[arg-type]
        (Case((), GRID, wanted=((300,),)), "case 1, wanted: .*, got a cell 300"),
        (
            Case(((GRID, GRID, GRID),), GRID),  # type: ignore[arg-type]
            "case 1, S: expected .* pairs of grids, got a tuple of 3",
        ),
        (Case(((GRID, ((1, 2), ())),), GRID), "case 1, S, output of sample 0: expected"),
    ],
)
def test_wrong_grids_are_refused_by_the_case_that_holds_them(case: Case, message: str) -> None:
    graph = program("return I")
    with pytest.raises(TaskError, match=message):
        NativeEngine().evaluate([Job(graph, []), Job(graph, [CASE, case])], Budget())


def test_grids_may_have_256_colours() -> None:
    grid = ((0, 127, 128, 255),)
    case = Case((), grid, wanted=((0, 127, 128, 7),))
    [evaluation] = NativeEngine().evaluate([Job(program("return I"), [case])], Budget())
    assert evaluation.output(0, 0) == grid
    assert evaluation.outcomes[0][0].digest == digest(grid)
    assert evaluation.scores_of(0) == [999 * 3 // 4]


def test_what_is_no_value_is_refused() -> None:
    from arcbatt import _engine

    with pytest.raises(EngineError, match="no value of the language"):
        _engine.digest(1.5)
    with pytest.raises(EngineError, match="no primitive is called 'nothing'"):
        _engine.call("nothing", (), node_fuel=1, value_leaves=1)
    with pytest.raises(EngineError, match="sample_seconds"):
        NativeEngine().evaluate([], Budget(sample_seconds=-1.0))


def test_threads_change_nothing() -> None:
    cases = [
        replace(CASE, I=tuple((color, side) for side in range(1 + color))) for color in range(9)
    ]
    jobs = [Job(BATT, cases), Job(program("return hmirror(I)"), cases[:2]), Job(BATT, [])]
    once = [
        [[replace(outcome, nanoseconds=0) for outcome in row] for row in evaluation.outcomes]
        for threads in (1, 2, 7)
        for evaluation in NativeEngine().evaluate(jobs, Budget(), threads=threads)
    ]
    assert once[:3] == once[3:6] == once[6:]
    assert list(map(len, once[:3])) == [9, 2, 0]


@pytest.fixture
def own_primitives() -> Iterator[None]:
    """Declare primitives that only Python has."""

    @primitive()
    def own_double(x: Integer) -> Integer:  # type: ignore[name-defined]  # noqa: F821
        """Double a number."""
        if x == 3:
            raise CallFailure(FailureKind.OVERFLOW, "no threes")
        if x == 4:
            raise RuntimeError("a bug")
        if x == 5:
            raise LookupError("no fives")
        return 2 * x

    @primitive(built=lambda meter, parts, args: meter.invoke(parts[0], (args[0] + 0,)))
    def own_wrap(function: Any, x: Any) -> Any:  # type: ignore[name-defined]  # noqa: F821
        """Call a function, and return a function that calls it again."""
        function(x)
        return Function("own_wrap", (function,), arity=1)

    @primitive()
    def own_exit(x: Integer) -> Integer:  # type: ignore[name-defined]  # noqa: F821
        """Leave the process."""
        raise SystemExit(x)

    yield
    for name in ("own_double", "own_wrap", "own_exit"):
        REGISTRY.remove(name)


def traced(engine: Engine, graph: Graph, budget: Budget = B) -> list[tuple[Value, int]]:
    return [(node.value, node.fuel) for node in engine.trace(graph, CASE, budget)]


@pytest.mark.usefixtures("own_primitives")
def test_primitives_of_ones_own_are_called_back() -> None:
    builder = GraphBuilder()
    numbers = [builder.constant(number) for number in (1, 3, 4, 5, 2**62)]
    calls = [builder.call("own_double", number) for number in numbers]
    double = builder.function("own_double")
    wrapped = builder.call("own_wrap", double, numbers[0])
    twice = builder.call("compose", wrapped, double)
    calls += [builder.invoke(twice, number) for number in numbers]
    calls += [builder.invoke(wrapped, builder.constant((1, 2)))]
    colors = builder.call("palette", builder.input("I"))
    calls += [builder.call("apply", wrapped, builder.call("totuple", colors))]
    graph = builder.graph(calls)
    for budget in (Budget(), Budget(node_fuel=9), Budget(node_fuel=14), Budget(value_leaves=2)):
        wanted = traced(ReferenceEngine(), graph, budget)
        assert traced(NativeEngine(), graph, budget) == wanted
        kinds = {value.kind for value, _ in wanted if isinstance(value, Failure)}
        assert kinds >= {FailureKind.OVERFLOW, FailureKind.PANIC, FailureKind.ARGUMENT}
    jobs = [Job(graph, [CASE] * 3)]
    [native] = NativeEngine().evaluate(jobs, Budget(), threads=2)
    [reference] = ReferenceEngine().evaluate(jobs, Budget())
    assert [native.digests_of(case) for case in range(3)] == [
        reference.digests_of(case) for case in range(3)
    ]
    assert current_meter().spent == 0


@pytest.mark.usefixtures("own_primitives")
def test_what_no_engine_may_swallow_comes_back() -> None:
    builder = GraphBuilder()
    graph = builder.graph([builder.call("own_exit", builder.constant(7))])
    with pytest.raises(SystemExit, match="7"):
        NativeEngine().evaluate([Job(graph, [CASE])], Budget())


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_stops_an_evaluation(threads: int) -> None:
    code = f"""
        from arcbatt.engine import Budget, Case, Job
        from arcbatt.engine.native import NativeEngine
        from arcbatt.program.parse import parse_program

        text = "def solve(S, I, C):\\n    f = power(vmirror, 1000000000)\\n    return f(I)"
        job = Job(parse_program(text).program, [Case((), ((1, 2), (3, 4)))] * 1000)
        engine = NativeEngine()
        print("ready", flush=True)
        try:
            engine.evaluate([job], Budget(10**15, 10**9, None), threads={threads})
        except KeyboardInterrupt:
            print("stopped", flush=True)
    """
    assert interrupted(code) == ("stopped\n", 0)


def test_the_interpreter_runs_on_meanwhile() -> None:
    from threading import Thread

    body = "f = power(vmirror, 30000)\n    return f(I)"
    job = Job(program(body), [CASE] * 200)
    finished = []

    def evaluate() -> None:
        finished.extend(NativeEngine().evaluate([job], Budget(node_fuel=10**9)))

    worker = Thread(target=evaluate)
    worker.start()
    steps = 0
    while worker.is_alive():
        steps += 1
    worker.join()
    assert len(finished) == 1
    # A lock that was held all the time would let this loop run once or twice.
    assert steps > 1000


def test_a_missing_extension_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    import arcbatt

    monkeypatch.setitem(sys.modules, "arcbatt._engine", None)
    monkeypatch.delattr(arcbatt, "_engine", raising=False)
    assert not native_available()
    with pytest.raises(EngineError, match="Rust") as caught:
        NativeEngine()
    assert "\n" not in str(caught.value)
    assert open_engine().name == "reference"


HELD = merge(
    (body, program(f"return {body}"))
    for body in ("I", "hmirror(I)", "size(I)", "canvas(-1, (2, 2))", "crop(I, (0, 0), (0, 0))")
).graph


def test_grids_of_arc_are_held_for_the_cases_that_follow() -> None:
    wide = (tuple([1] * 31),)
    jobs = [Job(HELD, [CASE, replace(CASE, I=wide)])]
    by_engine = []
    for engine in (NativeEngine(), ReferenceEngine()):
        [done] = engine.evaluate(jobs, B, keep_outputs=True)
        held = [[done.held_grid_of(case, root) for root in range(5)] for case in range(2)]
        grids = [grid for row in held for grid in row if grid is not None]
        [again] = engine.evaluate(
            [Job(BATT, [Case(S=DEMOS, I=grid, C=grid, wanted=grid) for grid in grids])], B
        )
        outcomes = [
            [(root.digest, root.score, root.fuel) for root in row] for row in again.outcomes
        ]
        by_engine.append(([[grid is None for grid in row] for row in held], outcomes))
    assert by_engine[0] == by_engine[1]
    assert by_engine[0][0] == [[False, False, True, True, True], [True] * 5]


def test_a_failure_and_an_output_that_was_not_kept_are_not_held() -> None:
    [done] = NativeEngine().evaluate([Job(BATT, [CASE])], B)
    held = done.held_grid_of(0, 0)
    assert held == GRID
    for keep_outputs in (False, True):
        [done] = NativeEngine().evaluate([Job(BATT, [CASE])], B, keep_outputs=keep_outputs)
        with pytest.raises(LookupError):
            done.held_grid_of(0, 3)
