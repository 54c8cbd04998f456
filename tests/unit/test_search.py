"""Search: programs for small tasks, limits, reasons, the border to Rust, and Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("arcbatt._engine")

from arcbatt.dsl.types import Grid
from arcbatt.dsl.values import Function
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.errors import EngineError
from arcbatt.program.check import check
from arcbatt.program.graph import Op
from arcbatt.program.parse import parse_program
from arcbatt.program.render import render
from arcbatt.search.ground import Instance
from arcbatt.search.run import Found, Limits, Searched, Searcher
from arcbatt.search.table import FunctionLeaf, Move, Table, load_table
from arcbatt.tasks import Sample, Task

Rule = Callable[[Grid], Grid]
LIMITS = Limits(nodes=20_000)


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
    [evaluation] = open_engine().evaluate(
        [Job(found.program, cases)], Budget(), keep_outputs=True
    )
    return [evaluation.output(number, 0) for number in range(len(cases))]
