"""Rules that repeat until nothing changes."""

from __future__ import annotations

import pytest
from tests.cases import each

from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import FailureKind
from arcbatt.engine import Budget, Case, Engine, Job, open_engine
from arcbatt.program.parse import parse_program


@pytest.fixture(params=["reference", "native"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return open_engine(request.param)


def grid(text: str) -> Grid:
    return tuple(tuple(map(int, row)) for row in text.split())


def run(engine: Engine, rule: str, given: Grid) -> Value:
    """Return what a rule makes of a grid, or the kind of the failure."""
    program = parse_program(f"def solve(S, I, C): return by_growth(I, {rule})").program
    jobs = [Job(program, [Case(S=(), I=given)])]
    [evaluation] = engine.evaluate(jobs, Budget(sample_seconds=None), keep_outputs=True)
    failure = evaluation.outcomes[0][0].failure
    return failure.kind if failure else evaluation.output(0, 0)


@each(
    "rule, given, wanted",
    [
        ("()", "30", "30"),
        ("((0, (((0, -1), 3, 1),), 3),)", "3005 0300", "3335 0333"),
        ("((0, ((dneighbors, 3, 1),), 3),)", "300 050 000", "333 353 333"),
        ("((0, ((hline, 3, 1), (vline, 4, 1)), 5),)", "040 300 000", "040 350 000"),
        ("((0, ((ineighbors, 3, 1),), 3),)", "3000 0000", "3030 0303"),
        ("((0, ((neighbors, 3, 0),), 4),)", "3000 0000", "3044 0044"),
        ("((0, (((0, 1), -1, 1),), 8),)", "000 000", "008 008"),
        ("((0, (((0, 2), 3, 1),), 3),)", "00003", "30303"),
        ("((0, (((0, -1), 3, 1),), 4), (0, (((0, -1), 4, 1),), 3))", "30000", "34343"),
        ("((3, (), 4), (3, (), 5))", "30", "40"),
    ],
)
def test_cells_change_until_none_does(engine: Engine, rule: str, given: str, wanted: str) -> None:
    assert run(engine, rule, grid(given)) == grid(wanted)


@each(
    "rule",
    [
        "7",
        "((0, (), 1), (1, (), 0))",
        "((0, ()),)",
        "((0, ((neighbors, 3),), 4),)",
        "((0, ((add, 3, 1),), 4),)",
        "((0, (((0, 3), 3, 1),), 4),)",
        "((0, (), 200),)",
        "(" + "(0, (), 1)," * 17 + ")",
    ],
)
def test_rules_that_never_end_or_of_another_form_fail(engine: Engine, rule: str) -> None:
    assert run(engine, rule, grid("30")) == FailureKind.ARGUMENT
