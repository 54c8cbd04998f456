"""Symmetries that programs keep or break."""

from __future__ import annotations

import pytest

from arcbatt.dsl.types import Grid
from arcbatt.program.graph import Program
from arcbatt.program.parse import parse_program
from arcbatt.search.run import BROKEN_BITS, Found
from arcbatt.search.symmetry import SYMMETRIES, count_broken
from arcbatt.tasks import Sample, Task

pytest.importorskip("arcbatt._engine")

GRIDS: tuple[Grid, ...] = (
    ((1, 2, 0), (0, 4, 0)),
    ((5, 1), (3, 2), (0, 7)),
    ((6, 0, 1), (0, 2, 0), (3, 0, 9)),
)


def program(text: str) -> Program:
    return parse_program(f"def solve(S, I, C): return {text}").program


def task(*outputs: Grid) -> Task:
    """Return a task with these outputs of its demos; the last grid is the test input."""
    demos = [Sample(grid, output) for grid, output in zip(GRIDS, outputs, strict=False)]
    return Task("t", tuple(demos), (Sample(GRIDS[-1]),))


def doubled(grid: Grid) -> Grid:
    return tuple(tuple(cell for cell in row for _ in "12") for row in grid for _ in "12")


DOUBLED = task(*map(doubled, GRIDS[:2]))
LEFT_COPY = task(*(tuple((*row, *row) for row in grid) for grid in GRIDS[:2]))


@pytest.mark.parametrize(
    ("text", "given", "broken"),
    [
        ("upscale(I, 2)", DOUBLED, 0),
        ("hconcat(I, I)", LEFT_COPY, 4),  # those that swap rows with columns
        ("hconcat(hmirror(hmirror(I)), I)", LEFT_COPY, 4),
        ("canvas(1, (1, 1))", task(((1,),), ((1,),)), 0),
        ("crop(I, (0, 0), (1, 1))", task(((1,),), ((5,),)), 6),  # dmirror keeps the corner
    ],
)
def test_broken_symmetries_are_counted(text: str, given: Task, broken: int) -> None:
    assert count_broken([(given, [program(text)])]) == [[broken]]


def test_the_demos_are_turned_too() -> None:
    """What is learnt from the demos is learnt from the turned ones."""
    recolored = task(*(tuple(tuple(9 - cell for cell in row) for row in one) for one in GRIDS[:2]))
    both = Task("t", recolored.demos, (Sample(GRIDS[0]),))
    assert count_broken([(both, [program("recolor_by(I, color_map(S))")])]) == [[0]]


def test_what_gives_no_answer_breaks_all() -> None:
    texts = ["replace(upscale(I, 2), 9, 11)", "first(fgpartition(I))", "crop(I, (0, 0), (9, 9))"]
    assert count_broken([(DOUBLED, list(map(program, texts)))]) == [[len(SYMMETRIES)] * 3]


def test_threads_and_company_change_nothing() -> None:
    programs = [program("upscale(I, 2)"), program("crop(I, (0, 0), (2, 2))")]
    work = [(DOUBLED, programs), (LEFT_COPY, []), (LEFT_COPY, programs[:1])]
    [first, none, last] = count_broken(work, threads=2)
    assert none == []
    assert [first, last] == [*count_broken(work[:1]), *count_broken(work[2:])]


def test_broken_symmetries_cost_bits() -> None:
    one = program("upscale(I, 2)")
    whole, broken = Found(one, 10, 1, 4), Found(one, 10, 1, 4, broken=3)
    assert (whole.bits, broken.bits) == (8.0, 8.0 + 3 * BROKEN_BITS)
