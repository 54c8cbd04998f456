"""Search: programs for small tasks, limits, reasons, the border to Rust, and Ctrl-C."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.interrupts import interrupted

from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.errors import EngineError
from arcbatt.program.check import check
from arcbatt.program.parse import parse_program
from arcbatt.program.render import render
from arcbatt.search.run import Found, Limits, Searched, Searcher
from arcbatt.search.table import Table, load_table
from arcbatt.search.views import VIEWS, views_of
from arcbatt.tasks import Sample, Task

pytest.importorskip("arcbatt._engine")

Rule = Callable[[Grid], Grid]
LIMITS = Limits(nodes=60_000)


@pytest.fixture(autouse=True, scope="module")
def no_learners() -> Iterator[None]:
    """Leave out what is found without a search."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("arcbatt.search.learners.LEARNERS", ())
        yield


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
def searcher() -> Searcher:
    return Searcher(LIMITS)


@pytest.fixture(scope="module")
def searched(searcher: Searcher) -> dict[str, Searched]:
    """What a search found for each of the tasks, with two threads."""
    tasks = [make_task(*TASKS[name]) for name in TASKS]
    return dict(zip(TASKS, searcher.search(tasks, threads=2), strict=True))


def run(found: Found, task: Task) -> list[Grid]:
    """Return what a program makes of all samples."""
    cases = [Case(S=task.S, I=one.input) for one in (*task.demos, *task.tests)]
    [evaluation] = open_engine().evaluate([Job(found.program, cases)], Budget(), keep_outputs=True)
    return [evaluation.output(number, 0) for number in range(len(cases))]


@pytest.mark.parametrize("name", list(TASKS))
def test_the_cheapest_program_is_right(name: str, searched: dict[str, Searched]) -> None:
    rule, grids = TASKS[name]
    first = searched[name].found[0]
    assert run(first, make_task(rule, grids)) == list(map(rule, grids)), render(first.program)


def test_everything_found_is_right_on_the_demos(searched: dict[str, Searched]) -> None:
    for name, (rule, grids) in TASKS.items():
        found = searched[name].found
        assert [one.bits for one in found] == sorted(one.bits for one in found)
        outputs = [run(one, make_task(rule, grids)) for one in found]
        assert all(each[:-1] == list(map(rule, grids[:-1])) for each in outputs)
        # Two views may find the same, one view does not.
        assert max(Counter(each[-1] for each in outputs).values()) <= len(VIEWS)


def test_everything_found_is_well_typed(searched: dict[str, Searched]) -> None:
    for one in searched.values():
        for found in one.found:
            assert check(found.program).mismatches == ()
            again = parse_program(render(found.program, name="solve")).program
            assert again == found.program


def test_layers_lie_over_each_other(searched: dict[str, Searched]) -> None:
    assert searched["mirror"].found[0].layers == 1
    assert max(found.layers for found in searched["paint over"].found) >= 2
    assert max(found.layers for found in searched["three layers"].found) >= 3


def frozen(searched: Searched) -> Searched:
    """Return what a search found without its time."""
    return replace(searched, seconds=0.0)


def test_threads_and_repetition_change_nothing(
    searcher: Searcher, searched: dict[str, Searched]
) -> None:
    tasks = [make_task(*TASKS[name]) for name in TASKS]
    again = searcher.search(tasks, threads=1)
    assert list(map(frozen, again)) == list(map(frozen, searched.values()))
    alone = searcher.search([tasks[3]])
    assert frozen(alone[0]) == frozen(again[3])


def shortened(*names: str, functions: tuple[str, ...] = ()) -> Table:
    """Return the table with a few primitives only."""
    table = load_table()
    return Table(
        tuple(move for move in table.moves if move.instance.name in names),
        tuple(leaf for leaf in table.functions if leaf.name in functions),
    )


def test_functions_are_arguments() -> None:
    searcher = Searcher(
        Limits(nodes=20_000),
        table=shortened("fgpartition", "argmax", "subgrid", functions=("size", "height", "width")),
    )
    task = make_task(rows_of_one, SHAPES)
    [searched] = searcher.search([task])
    first = searched.found[0]
    assert "argmax(fgpartition(I), size)" in render(first.program)
    assert run(first, task)[-1] == rows_of_one(SHAPES[-1])


def test_constants_come_from_the_demos() -> None:
    def paint_it(grid: Grid) -> Grid:
        return tuple((7,) * len(row) for row in grid)

    searcher = Searcher(table=shortened("canvas", "shape"))
    [searched] = searcher.search([make_task(paint_it, FIELDS)])
    assert "canvas(SEVEN, shape(I))" in render(searched.found[0].program)


# Limits and reasons.

MIRROR = make_task(*TASKS["mirror"])
HARD = make_task(*TASKS["three layers"])


def test_the_reason_is_a_sentence() -> None:
    [found] = Searcher(LIMITS).search([MIRROR])
    assert found.reason == f"stopped: found {len(found.found)} programs that fit all demos"
    [short] = Searcher(Limits(nodes=100)).search([HARD])
    assert (short.found, short.stop) == ((), "nodes")
    assert short.reason == "stopped: 100 nodes"
    [exhausted] = Searcher(table=shortened("rot90", "rot180")).search([MIRROR])
    assert exhausted.stop == "exhausted"
    assert exhausted.reason == f"stopped: nothing was left to try after {exhausted.nodes:,} nodes"
    assert exhausted.nodes < 20
    [late] = Searcher(Limits(nodes=10**9, seconds=1e-9)).search([HARD])
    assert late.stop == "time"
    assert late.reason == f"stopped: the time was used up after {late.nodes:,} nodes"
    [one] = Searcher(table=shortened("vmirror")).search([MIRROR])
    assert one.reason == "stopped: found 1 program that fit all demos"


def test_more_nodes_are_used_but_no_more_than_are_given() -> None:
    for nodes in (1, 7, 500):
        [searched] = Searcher(Limits(nodes=nodes)).search([HARD])
        assert searched.nodes == nodes


TWO_VIEWS = make_task(
    each_cell(lambda grid, i, j: (grid[i][j] * 7 + 3 * i * j) % 10),
    (read("1123", "1143"), read("5556", "5755"), read("8899", "8887")),
)
"""A task whose background is not 0: that view goes first, the task as it is follows."""


@pytest.mark.parametrize("nodes", [1, 2, 5, 300])
def test_all_views_share_the_nodes(nodes: int) -> None:
    assert len(views_of(TWO_VIEWS)) > 1
    [searched] = Searcher(Limits(nodes=nodes, layers=1)).search([TWO_VIEWS])
    assert searched.nodes == nodes
    assert searched.reason == f"stopped: {nodes} nodes"


def test_no_nodes_are_no_work() -> None:
    [searched] = Searcher(Limits(nodes=0)).search([TWO_VIEWS])
    assert (searched.nodes, searched.stop) == (0, "nodes")


def seconds_given(monkeypatch: pytest.MonkeyPatch, limits: Limits) -> list[float]:
    """Return the seconds that each view was given."""
    given: list[float] = []

    def note(table: Any, problems: list[Any], **rest: Any) -> list[Any]:
        given.extend(seconds for _, _, _, seconds in problems)
        return [([], "time", (10, 1, 1, 0, 1, 1, int(0.4e9))) for _ in problems]

    monkeypatch.setattr("arcbatt.engine.native_search.search", note)
    [searched] = Searcher(limits).search([TWO_VIEWS])
    assert searched.stop == "time"
    return given


def test_all_views_share_the_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    views = len(views_of(TWO_VIEWS))
    [first, second, *_] = seconds_given(monkeypatch, Limits(nodes=10**9, seconds=1.0))
    assert first == pytest.approx(3 / (2 + views))
    assert second == pytest.approx((1.0 - 0.4) / (views - 1))


def test_no_view_begins_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(seconds_given(monkeypatch, Limits(nodes=10**9, seconds=0.3))) == 1


def test_memory_is_limited() -> None:
    [searched] = Searcher(Limits(nodes=10**9, bytes=2 << 20, layers=1)).search([HARD])
    assert searched.stop == "bytes"
    assert searched.reason == f"stopped: the memory was used up after {searched.nodes:,} nodes"
    # It is looked at now and then only.
    assert 2 << 20 < searched.bytes < 3 << 20
    [again] = Searcher(Limits(nodes=10**9, bytes=2 << 20, layers=1)).search([HARD])
    assert again.nodes == searched.nodes


def test_solutions_and_layers_are_limited() -> None:
    [one] = Searcher(replace(LIMITS, solutions=1)).search([MIRROR])
    assert len(one.found) == 1
    [flat] = Searcher(replace(LIMITS, layers=1)).search([make_task(*TASKS["paint over"])])
    assert all(found.layers == 1 for found in flat.found)


def test_no_tasks_need_no_search() -> None:
    assert Searcher(LIMITS).search([]) == []


# The border.

ROWS = [("vmirror", [0], 0, 3, False, []), ("hmirror", [0], 0, 3, False, [(0, 0)])]
INPUT = (0, 1, [((1, 2),), ((3, 4),), ((5, 6),)])


def native_search(
    problems: list[Any], *, nodes: int = 100, seconds: float | None = None, **changes: Any
) -> list[Any]:
    from arcbatt import _engine

    limits: dict[str, Any] = {
        "bytes": 10**9, "node_fuel": 1000, "value_leaves": 1000, "layers": 2,
        "beam": 4, "solutions": 2, "slack": 0,
    }  # fmt: skip
    table = _engine.MoveTable(ROWS, caps=[1000, 8], roles=(0, 1, 1, 1))
    rows = [(*problem, nodes, seconds) for problem in problems]
    return _engine.search(table, rows, **(limits | changes))


def test_the_border_returns_steps() -> None:
    [(solutions, stop, counts)] = native_search([([INPUT], [((2, 1),), ((4, 3),)])])
    assert solutions == [([("leaf", [0]), ("move", [0, 0])], 4, 1, 1)]
    assert stop == "found"
    assert counts[0] >= 1


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("nothing", [0], 0, 3, False, []), "nothing: no such primitive"),
        (("vmirror", [0, 0], 0, 3, False, []), "vmirror: a wrong number of parameters"),
        (("vmirror", [2], 0, 3, False, []), "vmirror: a type beyond the last"),
        (("vmirror", [0], 2, 3, False, []), "vmirror: a type beyond the last"),
        (("vmirror", [0], 0, 0, False, []), "vmirror: a move has to cost something"),
        (("vmirror", [0], 0, 3, False, [(0, 1)]), "vmirror: an identity with a move beyond"),
    ],
)
def test_wrong_moves_are_refused(row: Any, problem: str) -> None:
    from arcbatt import _engine

    with pytest.raises(EngineError, match=problem):
        _engine.MoveTable([row], caps=[1000, 8], roles=(0, 1, 1, 1))


def test_wrong_roles_are_refused() -> None:
    from arcbatt import _engine

    with pytest.raises(EngineError, match="a role for a type beyond the last"):
        _engine.MoveTable(ROWS, caps=[1000, 8], roles=(0, 1, 1, 2))


WANTED = [((2, 1),), ((4, 3),)]


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (([(2, 1, INPUT[2])], WANTED), "problem 1: a leaf with a wrong type or cost"),
        (([(0, 0, INPUT[2])], WANTED), "problem 1: a leaf with a wrong type or cost"),
        (([INPUT, (1, 1, [True])], WANTED), "problem 1: leaves with different numbers of values"),
        (([(0, 1, [((1, 2),)])], WANTED), "problem 1: fewer values than wanted grids"),
        (([INPUT], []), "problem 1: expected a wanted grid for each demo"),
        (([INPUT], [7, 8]), "problem 1: expected a wanted grid for each demo"),
        (([(0, 1, [1.5, 1, 1])], WANTED), "no value of the language"),
    ],
)
def test_wrong_problems_are_refused(problem: Any, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        native_search([([INPUT], WANTED), problem])


@pytest.mark.parametrize("seconds", [-1.0, float("nan")])
def test_wrong_seconds_are_refused(seconds: float) -> None:
    with pytest.raises(EngineError, match="seconds must not be negative"):
        native_search([([INPUT], WANTED)], seconds=seconds)


@pytest.mark.parametrize(
    "changes", [{"nodes": 0}, {"layers": 0}, {"beam": 0}, {"threads": 0}, {"seconds": 1e300}]
)
def test_odd_limits_end_a_search(changes: dict[str, Any]) -> None:
    [(_, stop, counts)] = native_search([([INPUT], WANTED)], **changes)
    assert stop in ("found", "nodes")
    assert counts[0] <= 100


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_stops_a_search(threads: int) -> None:
    code = f"""
        from arcbatt.search.run import Limits, Searcher
        from arcbatt.tasks import Sample, Task

        grids = (((1, 2, 0), (0, 4, 0)), ((9, 1, 7), (3, 2, 2)))
        task = Task("t", tuple(Sample(one, ((3, 1, 4, 1, 5),)) for one in grids[:1] * 2),
                    (Sample(grids[1]),))
        searcher = Searcher(Limits(nodes=10**12, layers=1))
        searcher.table
        print("ready", flush=True)
        try:
            searcher.search([task] * 3, threads={threads})
        except KeyboardInterrupt:
            print("stopped", flush=True)
    """
    assert interrupted(code) == ("stopped\n", 0)
