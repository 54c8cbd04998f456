"""Search: programs for small tasks, limits, reasons, the border to Rust, and Ctrl-C."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.interrupts import interrupted

from arcbatt.candidates import Stop, StopReason
from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.errors import EngineError
from arcbatt.program.check import check
from arcbatt.program.parse import parse_program
from arcbatt.program.render import render
from arcbatt.ranking.weights import description_bits
from arcbatt.search.grammar import Grammar, load_grammar
from arcbatt.search.run import LONG, SearchLimits, SearchResult, Solution, search
from arcbatt.search.transforms import TRANSFORMS, transforms_of
from arcbatt.tasks import Sample, Task

pytestmark = pytest.mark.native

Rule = Callable[[Grid], Grid]
LIMITS = SearchLimits(evaluations=60_000)


def read(*rows: str) -> Grid:
    return tuple(tuple(map(int, row)) for row in rows)


def each_cell(change: Callable[[Grid, int, int], int]) -> Rule:
    """Return a rule that makes each cell from the grid and the place."""
    return lambda grid: tuple(
        tuple(change(grid, i, j) for j in range(len(grid[0]))) for i in range(len(grid))
    )


def crop_colored(grid: Grid) -> Grid:
    places = [(i, j) for i, row in enumerate(grid) for j, cell in enumerate(row) if cell]
    top, left = (min(place[axis] for place in places) for axis in (0, 1))
    bottom, right = (max(place[axis] for place in places) + 1 for axis in (0, 1))
    return tuple(row[left:right] for row in grid[top:bottom])


def rows_of_one(grid: Grid) -> Grid:
    """Crop the shape of the colour with the most cells: shapes have a colour each."""
    cells = [cell for row in grid for cell in row if cell]
    most = max(set(cells), key=cells.count)
    return crop_colored(each_cell(lambda grid, i, j: most * (grid[i][j] == most))(grid))


SHAPES = (
    read("00000", "03300", "03000", "00001", "00000"),
    read("000002", "000022", "050022", "055000"),
    read("7000", "0440", "0040", "0040"),
    read("60000", "00000", "00880", "00880", "00080"),
)
FIELDS = (
    read("1200", "0104", "0001"),
    read("0021", "1040", "0000"),
    read("0012", "0310"),
    read("2010", "1003", "4000"),
)
MARKED = (
    read("00000", "00200", "00000", "10000"),
    read("00000", "20000", "00010"),
    read("0001", "0000", "0200", "0000"),
    read("00000", "01000", "00002", "00000", "00000"),
)


def lines_through_two(grid: Grid, i: int, j: int) -> int:
    """Paint a row through colour 2; it stays itself, and so do the others."""
    return grid[i][j] or 3 * (2 in grid[i])


def lines_through_both(grid: Grid, i: int, j: int) -> int:
    """Paint a row through 2 and a column through 1, the column on top, the marks above all."""
    return grid[i][j] or 4 * any(row[j] == 1 for row in grid) or 3 * (2 in grid[i])


def make_task(rule: Rule, grids: tuple[Grid, ...]) -> Task:
    *demos, test = grids
    return Task(rule.__name__, tuple(Sample(grid, rule(grid)) for grid in demos), (Sample(test),))


TASKS: dict[str, tuple[Rule, tuple[Grid, ...]]] = {
    "mirror": (lambda grid: tuple(row[::-1] for row in grid), FIELDS),
    "two mirrors": (lambda grid: tuple((*row, *row[::-1]) for row in grid), FIELDS),
    "recolour": (each_cell(lambda grid, i, j: {1: 2, 2: 1}.get(grid[i][j], grid[i][j])), FIELDS),
    "one colour": (each_cell(lambda grid, i, j: 5 * (grid[i][j] == 1)), FIELDS),
    "crop": (crop_colored, SHAPES),
    "largest shape": (rows_of_one, SHAPES),
    "paint over": (each_cell(lines_through_two), MARKED),
    "three layers": (each_cell(lines_through_both), MARKED),
    "colour of a shape": (lambda grid: ((max(max(row) for row in rows_of_one(grid)),),), SHAPES),
    "constant": (lambda grid: read("333", "333", "333"), FIELDS),
}
"""By name a rule, and the inputs of its samples, the test's last."""


@pytest.fixture(scope="module")
def searched() -> dict[str, SearchResult]:
    """Return the result for each of the tasks, with two threads."""
    tasks = [make_task(*TASKS[name]) for name in TASKS]
    return dict(zip(TASKS, search(tasks, load_grammar(), LIMITS, threads=2), strict=True))


def run(solution: Solution, task: Task) -> list[Grid]:
    """Return the outputs of a program on all samples."""
    cases = [Case(S=task.S, I=one.input) for one in (*task.demos, *task.tests)]
    job = Job(solution.program, cases)
    [evaluation] = open_engine().evaluate([job], Budget(), keep_outputs=True)
    return [evaluation.output(number, 0) for number in range(len(cases))]


def cheapest(result: SearchResult) -> Solution:
    """Return the solution that counts most without evidence from checks."""
    return min(result.solutions, key=lambda one: description_bits(one.cost, one.derivations))


@pytest.mark.parametrize("name", list(TASKS))
def test_the_cheapest_program_is_right(name: str, searched: dict[str, SearchResult]) -> None:
    rule, grids = TASKS[name]
    first = cheapest(searched[name])
    assert run(first, make_task(rule, grids)) == list(map(rule, grids)), render(first.program)


def test_every_solution_is_right_on_the_demos(searched: dict[str, SearchResult]) -> None:
    for name, (rule, grids) in TASKS.items():
        outputs = [run(one, make_task(rule, grids)) for one in searched[name].solutions]
        assert all(each[:-1] == list(map(rule, grids[:-1])) for each in outputs)
        assert [each[-1:] for each in outputs] == [
            list(one.outputs) for one in searched[name].solutions
        ]
        # Solutions under one transform differ on the tests.
        assert max(Counter(each[-1] for each in outputs).values()) <= len(TRANSFORMS)


def test_every_solution_is_well_typed(searched: dict[str, SearchResult]) -> None:
    for result in searched.values():
        for one in result.solutions:
            assert check(one.program).mismatches == ()
            again = parse_program(render(one.program, name="solve")).program
            assert again == one.program


def test_layers_lie_over_each_other(searched: dict[str, SearchResult]) -> None:
    assert cheapest(searched["mirror"]).layers == 1
    assert max(one.layers for one in searched["paint over"].solutions) >= 2
    assert max(one.layers for one in searched["three layers"].solutions) >= 3


def frozen(result: SearchResult) -> SearchResult:
    """Return a result without its time."""
    return replace(result, seconds=0.0)


def test_threads_and_repetition_change_nothing(searched: dict[str, SearchResult]) -> None:
    tasks = [make_task(*TASKS[name]) for name in TASKS]
    again = search(tasks, load_grammar(), LIMITS, threads=1)
    assert list(map(frozen, again)) == list(map(frozen, searched.values()))
    [alone] = search([tasks[3]], load_grammar(), LIMITS)
    assert frozen(alone) == frozen(again[3])


def shortened(*names: str, functions: tuple[str, ...] = ()) -> Grammar:
    """Return the grammar with a few primitives only."""
    grammar = load_grammar()
    return Grammar(
        tuple(one for one in grammar.productions if one.instance.name in names),
        tuple(one for one in grammar.functions if one.name in functions),
    )


def search_one(
    task: Task, limits: SearchLimits | None = None, grammar: Grammar | None = None
) -> SearchResult:
    [result] = search([task], grammar or load_grammar(), limits)
    return result


def test_primitives_are_arguments() -> None:
    grammar = shortened("fgpartition", "argmax", "subgrid", functions=("size", "height", "width"))
    task = make_task(rows_of_one, SHAPES)
    first = cheapest(search_one(task, SearchLimits(evaluations=20_000), grammar))
    assert "argmax(fgpartition(I), size)" in render(first.program)
    assert run(first, task)[-1] == rows_of_one(SHAPES[-1])


def test_constants_come_from_the_demos() -> None:
    def paint_it(grid: Grid) -> Grid:
        return tuple((7,) * len(row) for row in grid)

    result = search_one(make_task(paint_it, FIELDS), grammar=shortened("canvas", "shape"))
    assert "canvas(SEVEN, shape(I))" in render(cheapest(result).program)


# Limits and stop reasons.

MIRROR = make_task(*TASKS["mirror"])
HARD = make_task(*TASKS["three layers"])


def test_the_stop_reason_is_a_sentence_with_the_limit() -> None:
    found = search_one(MIRROR, LIMITS)
    count = len(found.solutions)
    assert found.stopped == StopReason(
        Stop.FOUND, None, f"stopped: found {count} programs that fit all demos"
    )
    one = search_one(MIRROR, grammar=shortened("vmirror"))
    assert one.stopped.note == "stopped: found 1 program that fit all demos"
    short = search_one(HARD, SearchLimits(evaluations=100))
    assert short.solutions == ()
    assert short.stopped == StopReason(Stop.EVALUATIONS, 100, "stopped: 100 evaluations")
    exhausted = search_one(MIRROR, grammar=shortened("rot90", "rot180"))
    assert exhausted.evaluations < 20
    note = f"stopped: nothing was left to try after {exhausted.evaluations} evaluations"
    assert exhausted.stopped == StopReason(Stop.EXHAUSTED, None, note)
    late = search_one(HARD, SearchLimits(evaluations=10**9, seconds=1e-9))
    note = f"stopped: the time was used up after {late.evaluations:,} evaluations"
    assert late.stopped == StopReason(Stop.TIME, 1e-9, note)


CHANGED = make_task(
    each_cell(lambda grid, i, j: (grid[i][j] * 7 + 3 * i * j) % 10),
    (read("1123", "1143"), read("5556", "5755"), read("8899", "8887")),
)
"""A task whose background is not 0: that transform goes first, the task as it is follows."""


def test_a_long_search_tries_late_transforms_and_finds_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each colour is one more than that before it, in the order of their first places."""

    def next_color(grid: Grid) -> Grid:
        colors = list(dict.fromkeys(cell for row in grid for cell in row if cell))
        after = dict(zip(colors, [*colors[1:], *colors[:1]], strict=True))
        return tuple(tuple(after.get(cell, 0) for cell in row) for row in grid)

    grids = (
        read("122", "333", "000"),
        read("444", "556", "000"),
        read("798", "887", "008"),
        read("255", "885", "000"),
    )
    task = make_task(next_color, grids)
    grammar = shortened("recolor_by", "color_map", functions=())
    monkeypatch.setattr("arcbatt.search.run.LONG", LIMITS.evaluations)
    short, long = (
        search_one(task, replace(LIMITS, evaluations=evaluations), grammar)
        for evaluations in (LIMITS.evaluations - 1, LIMITS.evaluations)
    )
    assert next_color(grids[-1]) not in [one.outputs[0] for one in short.solutions]
    # The colours of the demos can be learnt by heart, which leave-one-out shows.
    first = min(long.solutions, key=lambda one: (one.missed, one.cost))
    assert "unplace_colors(" in render(first.program)
    assert run(first, task) == list(map(next_color, grids))


@pytest.mark.parametrize(
    ("name", "demos", "test"),
    [
        ("content", (("000", "030"), ("0440", "0000")), ("00", "00")),
        ("separators", (("152", "354"), ("251", "152")), ("15", "21")),
    ],
)
def test_a_transform_that_a_test_input_lacks_is_left_out(
    name: str, demos: tuple[tuple[str, str], ...], test: tuple[str, str]
) -> None:
    grids = [read(*rows) for rows in demos]
    for last, is_listed in ((grids[0], True), (read(*test), False)):
        task = make_task(lambda grid: grid, (*grids, last))
        assert (name in [one.name for one in transforms_of(task)]) == is_listed
        assert search_one(task, SearchLimits(evaluations=300)).solutions


@pytest.mark.parametrize("evaluations", [0, 1, 2, 5, 300])
def test_all_transforms_share_the_evaluations(evaluations: int) -> None:
    assert len(transforms_of(CHANGED)) > 1
    result = search_one(CHANGED, SearchLimits(evaluations=evaluations, layers=1))
    assert result.evaluations == evaluations
    assert result.stopped.stop is Stop.EVALUATIONS


def seconds_given(
    monkeypatch: pytest.MonkeyPatch, limits: SearchLimits, threads: int
) -> list[float | None]:
    """Return the seconds that each search of a task is given."""
    from arcbatt.engine import native_search

    given: list[float | None] = []
    native_limits = native_search.SearchLimits

    def note_limits(*, seconds: float | None, **rest: Any) -> native_search.SearchLimits:
        given.append(seconds)
        return native_limits(seconds=0.001, **rest)

    with monkeypatch.context() as patch:
        patch.setattr(native_search, "SearchLimits", note_limits)
        [result] = search([CHANGED], load_grammar(), limits, threads=threads)
        assert result.stopped.stop is Stop.TIME
    return given


@pytest.mark.parametrize(
    ("threads", "parts"),
    [(1, (3 / 5, 1 / 5, 1 / 5)), (2, (1, 1 / 3, 1 / 3)), (4, (1, 1 / 3, 1 / 3))],
)
def test_the_searches_of_a_task_share_the_seconds(
    monkeypatch: pytest.MonkeyPatch, threads: int, parts: tuple[float, ...]
) -> None:
    limits = SearchLimits(evaluations=LONG - 1, seconds=6.0)
    given = seconds_given(monkeypatch, limits, threads)
    assert given == pytest.approx([6.0 * part for part in parts])


@pytest.mark.parametrize("name", ["mirror", "three layers"])
def test_a_task_that_has_several_threads_has_the_same_result(name: str) -> None:
    """The background of both is swapped; the first is sure, so that the rest is left out."""
    rule, given = TASKS[name]
    swap = each_cell(lambda grid, i, j: {0: 6, 6: 0}.get(grid[i][j], grid[i][j]))
    demos = [Sample(swap(grid), swap(rule(grid))) for grid in given[:-1]]
    task = Task(name, tuple(demos), (Sample(swap(given[-1])),))
    results = [
        search([task], load_grammar(), SearchLimits(evaluations=9_000), threads=threads)
        for threads in (1, 2, 4)
    ]
    assert [list(map(frozen, each)) for each in results[1:]] == [list(map(frozen, results[0]))] * 2


def test_memory_is_limited() -> None:
    limits = SearchLimits(evaluations=10**9, bytes=2 << 20, layers=1)
    result = search_one(HARD, limits)
    note = f"stopped: the memory was used up after {result.evaluations:,} evaluations"
    assert result.stopped == StopReason(Stop.BYTES, 2 << 20, note)
    # Memory is checked at intervals only.
    assert 2 << 20 < result.bytes < 3 << 20
    assert search_one(HARD, limits).evaluations == result.evaluations


def test_solutions_and_layers_are_limited() -> None:
    assert len(search_one(MIRROR, replace(LIMITS, solutions=1)).solutions) == 1
    flat = search_one(make_task(*TASKS["paint over"]), replace(LIMITS, layers=1))
    assert all(one.layers == 1 for one in flat.solutions)


def test_no_tasks_need_no_search() -> None:
    assert search([], load_grammar(), LIMITS) == []


# The border.

ROLES: dict[str, int] = {"grid": 0, "object": 1, "indices": 1, "color": 1}
PRODUCTION: dict[str, Any] = {"parameters": [0], "result": 0, "cost": 3}
SEEN = [((1, 2),), ((3, 4),), ((5, 6),)]
INPUT: dict[str, Any] = {"type_id": 0, "cost": 1, "values": SEEN}
WANTED = [((2, 1),), ((4, 3),)]


def native_search(
    *problems: tuple[list[dict[str, Any]], Any], threads: int = 1, **changes: Any
) -> list[Any]:
    from arcbatt import _engine

    limits: dict[str, Any] = {
        "evaluations": 100, "bytes": 10**9, "node_fuel": 1000, "value_leaves": 1000, "layers": 2,
        "beam": 4, "solutions": 2, "slack": 0,
    }  # fmt: skip
    bounds = _engine.SearchLimits(**(limits | changes))
    productions = [
        _engine.SearchProduction("vmirror", **PRODUCTION),
        _engine.SearchProduction("hmirror", **PRODUCTION, barred=[(0, 0)]),
    ]
    return _engine.search(
        _engine.SearchGrammar(productions, caps=[1000, 8], **ROLES),
        [
            _engine.SearchProblem(
                [_engine.SearchTerminal(**terminal) for terminal in terminals], wanted, bounds
            )
            for terminals, wanted in problems
        ],
        threads=threads,
    )


def test_the_border_returns_solutions() -> None:
    [outcome] = native_search(([INPUT], WANTED))
    [solution] = outcome.solutions
    steps = [(step.kind, step.number, step.args) for step in solution.steps]
    assert steps == [("terminal", 0, []), ("production", 0, [0])]
    assert (solution.cost, solution.layers, solution.derivations) == (4, 1, 1)
    assert (solution.outputs, solution.missed) == ([((6, 5),)], 0)
    assert outcome.stop == "found"
    assert outcome.evaluations >= 1


@pytest.mark.parametrize(
    ("name", "changes", "problem"),
    [
        ("nothing", {}, "nothing: no such primitive"),
        ("vmirror", {"parameters": [0, 0]}, "vmirror: a wrong number of parameters"),
        ("vmirror", {"parameters": [2]}, "vmirror: a type beyond the last"),
        ("vmirror", {"result": 2}, "vmirror: a type beyond the last"),
        ("vmirror", {"cost": 0}, "vmirror: a production has to cost something"),
        ("vmirror", {"barred": [(0, 1)]}, "vmirror: an identity with a production beyond"),
    ],
)
def test_wrong_productions_are_refused(name: str, changes: dict[str, Any], problem: str) -> None:
    from arcbatt import _engine

    production = _engine.SearchProduction(name, **(PRODUCTION | changes))
    with pytest.raises(EngineError, match=problem):
        _engine.SearchGrammar([production], caps=[1000, 8], **ROLES)


def test_wrong_roles_are_refused() -> None:
    from arcbatt import _engine

    with pytest.raises(EngineError, match="a role for a type beyond the last"):
        _engine.SearchGrammar([], caps=[1000, 8], **(ROLES | {"color": 2}))


@pytest.mark.parametrize(
    ("terminals", "wanted", "message"),
    [
        ([INPUT | {"type_id": 2}], WANTED, "problem 1: a terminal with a wrong type or cost"),
        ([INPUT | {"cost": 0}], WANTED, "problem 1: a terminal with a wrong type or cost"),
        ([INPUT, INPUT | {"values": [1]}], WANTED, "terminals with different numbers of values"),
        ([INPUT | {"values": SEEN[:1]}], WANTED, "fewer values than wanted grids"),
        ([INPUT], [], "expected a wanted grid for each demo"),
        ([INPUT], [7, 8], "expected a wanted grid for each demo"),
        ([INPUT | {"values": [1.5, 1, 1]}], WANTED, "no value of the language"),
    ],
)
def test_wrong_problems_are_refused(
    terminals: list[dict[str, Any]], wanted: Any, message: str
) -> None:
    with pytest.raises(EngineError, match=message):
        native_search(([INPUT], WANTED), (terminals, wanted))


@pytest.mark.parametrize("seconds", [-1.0, float("nan")])
def test_wrong_seconds_are_refused(seconds: float) -> None:
    with pytest.raises(EngineError, match="seconds must not be negative"):
        native_search(([INPUT], WANTED), seconds=seconds)


@pytest.mark.parametrize(
    "changes", [{"evaluations": 0}, {"layers": 0}, {"beam": 0}, {"threads": 0}, {"seconds": 1e300}]
)
def test_odd_limits_end_a_search(changes: dict[str, Any]) -> None:
    [outcome] = native_search(([INPUT], WANTED), **changes)
    assert outcome.stop in ("found", "evaluations")
    assert outcome.evaluations <= 100


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_stops_a_search(threads: int) -> None:
    code = f"""
        from arcbatt.search.grammar import load_grammar
        from arcbatt.search.run import SearchLimits, search
        from arcbatt.tasks import Sample, Task

        grids = (((1, 2, 0), (0, 4, 0)), ((9, 1, 7), (3, 2, 2)))
        task = Task("t", tuple(Sample(one, ((3, 1, 4, 1, 5),)) for one in grids[:1] * 2),
                    (Sample(grids[1]),))
        grammar, limits = load_grammar(), SearchLimits(evaluations=10**12, layers=1)
        print("ready", flush=True)
        try:
            search([task] * 3, grammar, limits, threads={threads})
        except KeyboardInterrupt:
            print("stopped", flush=True)
    """
    assert interrupted(code) == ("stopped\n", 0)
