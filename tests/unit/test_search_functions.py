"""Functions as moves: of search, where a native body runs, and of evolution."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.commands import Batt

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import Grid, Type
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.errors import EngineError, ParseError
from arcbatt.evolve.lines import from_line, to_line
from arcbatt.evolve.moves import first_weights
from arcbatt.evolve.request import Request
from arcbatt.evolve.vocabulary import open_breeder
from arcbatt.program.check import check
from arcbatt.program.parse import parse_program
from arcbatt.program.render import render
from arcbatt.search.functions import (
    LIBRARY,
    NONE,
    digest_functions,
    load_functions,
    load_moves,
    with_functions,
)
from arcbatt.search.run import Limits, Searcher
from arcbatt.search.table import load_table
from arcbatt.tasks import Sample, Task

pytest.importorskip("arcbatt._engine")

RULE = "fill(vconcat({0}, canvas(3, shape({0}))), 5, shoot((0, 0), {1}))"
TEXT = f"""
def framed(grid: Grid, direction: IntegerTuple) -> Grid:
    \"\"\"Saves 99 bits in 2000 places of 1 task: 0000aaaa.\"\"\"
    return {RULE.format("grid", "direction")}
"""
GRIDS: tuple[Grid, ...] = (
    ((0, 2, 0), (0, 4, 0)),
    ((0, 0, 7), (8, 0, 1)),
    ((0, 0, 2), (3, 0, 0)),
)


@pytest.fixture
def functions(tmp_path: Path) -> str:
    path = tmp_path / "functions.py"
    path.write_text(TEXT)
    return str(path)


def make_task(rule: str) -> Task:
    program = parse_program(f"def solve(S, I, C): return {rule}").program
    engine = open_engine("reference")
    [done] = engine.evaluate([Job(program, [Case((), grid) for grid in GRIDS])], Budget())
    demos = tuple(Sample(grid, done.output(place, 0)) for place, grid in enumerate(GRIDS))
    return Task("0000aaaa", demos, (Sample(GRIDS[0][::-1]),))


def test_a_function_is_found_as_one_move_and_written_as_primitives(functions: str) -> None:
    task = make_task(RULE.format("I", "(1, 1)"))
    limits = Limits(nodes=1_000, layers=1)
    [without] = Searcher(limits).search([task])
    assert without.found == ()
    [searched] = Searcher(limits, table=load_moves(functions)).search([task])
    program = searched.found[0].program
    assert program == parse_program(f"def solve(I): return {RULE.format('I', '(1, 1)')}").program
    assert "framed" not in render(program)
    assert {node.name for node in program.nodes if node.args} <= set(REGISTRY)


def test_a_body_gives_what_its_primitives_give(functions: str) -> None:
    from arcbatt import _engine

    one = with_functions(load_table(), load_functions(functions))
    [body] = one.bodies
    name, parts, *_ = body
    assert name == "framed"
    table = _engine.MoveTable(
        [], functions=[(name, parts, [0, 1], 0, 3)], caps=[99, 99], roles=(0, 1, 1, 1)
    )
    assert len(table) == 1
    task = make_task(RULE.format("I", "(1, 0)"))
    leaves = [(0, 1, list(GRIDS)), (1, 1, [(1, 0)] * len(GRIDS))]
    limits: dict[str, Any] = {
        "bytes": 10**7, "node_fuel": 1000, "value_leaves": 1000, "layers": 2, "beam": 4,
        "solutions": 2, "slack": 0,
    }  # fmt: skip
    problem: Any = (leaves, [sample.output for sample in task.demos])
    [(solutions, stop, counts)] = _engine.search(table, [(*problem, 100, None)], **limits)
    assert solutions[0][0] == [("leaf", [0]), ("leaf", [1]), ("move", [0, 0, 1])]
    assert stop == "found"
    # Five calls of primitives, on all samples together.
    assert counts[0] == 5
    [(solutions, stop, counts)] = _engine.search(table, [(*problem, 4, None)], **limits)
    assert (solutions, stop, counts[0]) == ([], "nodes", 4)


PARTS = [("", [0], None), ("vmirror", [0], None)]


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (("f", PARTS, [], 0, 3), "f: a wrong number of parameters"),
        (("f", PARTS, [0] * 5, 0, 3), "f: a wrong number of parameters"),
        (("f", PARTS, [2], 0, 3), "f: a type beyond the last"),
        (("f", PARTS, [0], 2, 3), "f: a type beyond the last"),
        (("f", PARTS, [0], 0, 0), "f: a move has to cost something"),
        (("f", [], [0], 0, 3), "f: a function that ends without a call"),
        (("f", PARTS[:1], [0], 0, 3), "f: a function that ends without a call"),
        (("f", [("", [1], None), PARTS[1]], [0], 0, 3), "neither argument nor value"),
        (("f", [("", [], None), PARTS[1]], [0], 0, 3), "neither argument nor value"),
        (("f", [PARTS[0], ("nothing", [0], None)], [0], 0, 3), "nothing is no primitive"),
        (("f", [PARTS[0], ("vmirror", [1], None)], [0], 0, 3), "vmirror has wrong arguments"),
        (("f", [PARTS[0], ("vmirror", [0, 0], None)], [0], 0, 3), "vmirror has wrong arg"),
        (("f", [PARTS[0], ("vmirror", [0], 3)], [0], 0, 3), "a call with a value"),
    ],
)
def test_wrong_bodies_are_refused(function: Any, problem: str) -> None:
    from arcbatt import _engine

    with pytest.raises(EngineError, match=problem):
        _engine.MoveTable([], functions=[function], caps=[9, 9], roles=(0, 1, 1, 1))


def test_functions_with_other_types_stay_out_of_search() -> None:
    from arcbatt.program.definitions import parse_definitions

    text = "def f(a: Tuple[Tuple[Boolean]]) -> Tuple[Boolean]:\n    return first(a)"
    assert with_functions(load_table(), parse_definitions(text)).moves == load_table().moves


def test_the_library_functions_are_moves() -> None:
    table = load_moves(LIBRARY)
    names = {move.definition.name for move in table.moves if move.definition is not None}
    assert names == {function.name for function in load_functions(LIBRARY)}
    assert len(table.native) == len(table.moves)
    assert load_moves(NONE) is load_table()


def test_a_digest_tells_functions_apart(functions: str) -> None:
    digests = {digest_functions(source) for source in (LIBRARY, NONE, functions)}
    assert len(digests) == 3


def test_mutation_puts_a_body_in_as_one(functions: str) -> None:
    parent = to_line(parse_program("def solve(I): return vmirror(trim(I))").program)
    weights = {name: float(name in ("insert", "wrap")) for name in first_weights()}

    def children(source: str) -> list[str]:
        made = open_breeder(source).mutate(
            [parent], [], goal=Type("Grid"), inputs="SI", weights=weights, count=1_500, seed=1
        )
        return [child.line for child in made]

    def holds(line: str) -> bool:
        names = [node.name for node in from_line(line).nodes]
        return {"fill", "vconcat", "canvas", "shape", "shoot"} <= set(names)

    assert not any(map(holds, children(NONE)))
    found = [line for line in children(functions) if holds(line)]
    assert found
    for line in found:
        assert not check(from_line(line)).mismatches


def test_functions_change_the_fingerprint_of_an_evolution(functions: str, tmp_path: Path) -> None:
    prints = {
        Request(archive=tmp_path, functions=source).fingerprint((), ())
        for source in (NONE, LIBRARY, functions)
    }
    assert len(prints) == 3


@pytest.mark.parametrize("command", ["solve", "eval", "evolve"])
def test_functions_that_can_not_be_read_end_a_command(
    batt: Batt, place: Path, command: str
) -> None:
    words = ["--dataset", "tasks", "--functions", "none.py"]
    if command != "evolve":
        words += ["--sources", "search"]
    answer = batt(command, *words)
    assert answer.code == 1
    assert "error[parse]: none.py:0: can't be read" in answer.err
    assert "Traceback" not in answer.err


def test_solve_searches_with_functions(batt: Batt, tmp_path: Path, functions: str) -> None:
    task = make_task(RULE.format("I", "(1, 1)"))
    rows = {
        "train": [{"input": one.input, "output": one.output} for one in task.demos],
        "test": [{"input": one.input} for one in task.tests],
    }
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "0000aaaa.json").write_text(json.dumps(rows))
    words = ["solve", "--dataset", tmp_path / "tasks", "--sources", "search", "--json"]
    words += ["--search-nodes", "300", "--submission", tmp_path / "submission.json"]
    words += ["--archive", tmp_path / "archive"]
    plain = batt(*words)
    assert plain.json["totals"]["exact"] == 0, plain.err
    assert batt(*words, "--functions", functions).json["totals"]["exact"] == 1


def test_the_functions_are_listed_and_explained(batt: Batt) -> None:
    listed = batt("dsl", "--functions")
    first = load_functions(LIBRARY)[0]
    assert f"{first.name}(" in listed.out
    assert batt("dsl", "--functions", "--json").json[0]["name"] == first.name
    explained = batt("dsl", first.name)
    assert f"def {first.name}(" in explained.out
    assert "its parts:" in explained.out
    assert batt("dsl", first.name, "--json").json["places"] == first.places
    refused = batt("dsl", "--functions", "no_such_function")
    assert refused.code != 0
    assert "no_such_function" in refused.err


def test_load_functions_refuses_what_it_can_not_read(tmp_path: Path) -> None:
    path = tmp_path / "functions.py"
    path.write_text("import os\nos.remove('x')\n")
    with pytest.raises(ParseError, match="a Expr stands here"):
        load_functions(str(path))
