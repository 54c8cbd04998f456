"""Evidence for and against programs that fit all demos: symmetries, leave-one-out, bits."""

from __future__ import annotations

import pytest

from arcbatt.dsl.types import Grid
from arcbatt.engine import Engine, open_engine
from arcbatt.program.graph import Program
from arcbatt.program.parse import parse_program
from arcbatt.ranking.evidence import count_missed
from arcbatt.ranking.invariance import SYMMETRIES, count_broken
from arcbatt.ranking.weights import (
    BROKEN_BITS,
    MISSED_BITS,
    description_bits,
    evidence_bits,
    weight_of_bits,
)
from arcbatt.tasks import Sample, Task

GRIDS: tuple[Grid, ...] = (
    ((1, 2, 0), (0, 4, 0)),
    ((5, 1), (3, 2), (0, 7)),
    ((6, 0, 1), (0, 2, 0), (3, 0, 9)),
)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return open_engine()


def program(text: str) -> Program:
    return parse_program(f"def solve(S, I, C): return {text}").program


def task(*outputs: Grid, test: Grid = GRIDS[-1]) -> Task:
    """Return a task with these outputs of its demos."""
    demos = [Sample(grid, output) for grid, output in zip(GRIDS, outputs, strict=False)]
    return Task("t", tuple(demos), (Sample(test),))


def double(grid: Grid) -> Grid:
    return tuple(tuple(cell for cell in row for _ in "12") for row in grid for _ in "12")


def repeat(grid: Grid) -> Grid:
    return tuple((*row, *row) for row in grid)


def corner(grid: Grid) -> Grid:
    return ((grid[0][0],),)


def invert(grid: Grid) -> Grid:
    return tuple(tuple(9 - cell for cell in row) for row in grid)


DOUBLED = task(*map(double, GRIDS[:2]))
REPEATED = task(*map(repeat, GRIDS[:2]))
CORNERS = task(*map(corner, GRIDS[:2]))
INVERTED = task(*map(invert, GRIDS[:2]), test=GRIDS[0])
ONE = task(((1,),), ((1,),))


def test_broken_symmetries_are_counted(engine: Engine) -> None:
    cases = [
        ("upscale(I, 2)", DOUBLED, double(GRIDS[-1]), 0),
        # Symmetries that swap rows with columns are broken.
        ("hconcat(I, I)", REPEATED, repeat(GRIDS[-1]), 4),
        ("canvas(1, (1, 1))", ONE, ((1,),), 0),
        # Only dmirror keeps the corner.
        ("crop(I, (0, 0), (1, 1))", CORNERS, corner(GRIDS[-1]), 6),
        # The program learns from the changed demos.
        ("recolor_by(I, color_map(S))", INVERTED, invert(GRIDS[0]), 0),
    ]
    jobs = [(given, program(text), [output]) for text, given, output, _ in cases]
    wanted = [broken for *_, broken in cases]
    assert count_broken(jobs, engine) == wanted
    assert count_broken(jobs, engine, threads=2) == wanted


@pytest.mark.parametrize("output", [None, (), ((11,),), ((1, -1),)])
def test_a_program_without_an_answer_breaks_all_symmetries(
    engine: Engine, output: Grid | None
) -> None:
    assert count_broken([(DOUBLED, program("upscale(I, 2)"), [output])], engine) == [
        len(SYMMETRIES)
    ]


def read(name: str, *pairs: str) -> Task:
    """Return a task of demos written as ``rows > rows``."""

    def grid(text: str) -> Grid:
        return tuple(tuple(map(int, row)) for row in text.split())

    demos = [Sample(*map(grid, pair.split(">"))) for pair in pairs]
    return Task(name, tuple(demos), (Sample(grid("0070 0000")),))


def test_demos_that_are_missed_are_counted(engine: Engine) -> None:
    """The first demo alone shows what becomes of large groups, the last two of small ones."""
    large, small = "0330 0000 > 0440 0000", "0300 0000 > 0500 0000"
    sure = read("sure", large, small, "000 330 > 000 440", "000 030 > 000 050")
    unsure = read("unsure", large, small, "000 030 > 000 050")
    single = read("single", small)
    learns, reads_nothing = program("learn_cells(S, ONE, I)"), program("vmirror(I)")
    jobs = [
        (sure, learns), (sure, reads_nothing), (unsure, learns), (unsure, reads_nothing),
        (single, learns),
    ]  # fmt: skip
    assert count_missed(jobs, engine) == [0, 0, 1, 0, 0]
    assert count_missed(jobs, engine, threads=2) == [0, 0, 1, 0, 0]


def test_evidence_costs_bits_and_bits_cost_weight() -> None:
    whole = description_bits(10, 4)
    assert whole == 8.0
    assert evidence_bits(3, 2) == 3 * BROKEN_BITS + 2 * MISSED_BITS
    assert weight_of_bits(whole) == -1.0
    assert weight_of_bits(whole + evidence_bits(1, 0)) < weight_of_bits(whole)
