"""Regularities: what all demos have in common, and outputs that break it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from tests.property.strategies import grids
from tests.runs import given as giving
from tests.runs import one

from arcbatt.dsl.types import Grid, Value
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.library import REGULARITIES, load_library
from arcbatt.pipeline.run import Run
from arcbatt.program.check import check
from arcbatt.program.merge import merge
from arcbatt.program.parse import parse_text
from arcbatt.ranking.attempts import choose_attempts
from arcbatt.ranking.regularities import find_breaches, load_regularities
from arcbatt.ranking.weights import BREACH_BITS, HALVING_BITS, weight_of
from arcbatt.tasks import Sample, Task

BATT = load_regularities()
NAMES = [names[0] for names in BATT.names]


def say(grid: Grid, output: Grid, engine: str = "native") -> dict[str, Value]:
    """Return the value of each regularity that has one."""
    job = Job(BATT.graph, [Case(S=(), I=grid, C=output)])
    budget = Budget(sample_seconds=None)
    [done] = open_engine(engine).evaluate([job], budget, threads=1, keep_outputs=True)
    return {
        name: done.output(0, place)
        for place, name in enumerate(NAMES)
        if done.outcomes[0][place].failure is None
    }


def test_there_are_many_and_each_says_what_it_reads() -> None:
    sources = load_library(REGULARITIES)
    assert len(NAMES) == len(sources) >= 60
    for source in sources:
        assert source.doc.endswith(".")
        assert check(source.program).mismatches == ()
        assert "C" in source.program.inputs <= {"I", "C"}


@given(grids(max_side=6, colors=10), grids(max_side=6, colors=10))
@settings(max_examples=40)
def test_both_engines_read_the_same(grid: Grid, output: Grid) -> None:
    assert say(grid, output) == say(grid, output, "reference")


@pytest.mark.parametrize(
    ("grid", "output", "expected"),
    [
        (
            ((1, 0), (0, 0)),
            ((1, 2), (2, 0)),
            {
                "colors": {0, 1, 2},
                "colors_new": {2},
                "colors_lost": set(),
                "counts_changed": {0, 2},
                "counts_grown": {2},
                "exchanges": {(0, 2)},
                "changed_from": {0},
                "changed_to": {2},
                "changed_number": 2,
                "change_number": 1,
                "mirrored_diagonal": True,
                "mirrored_upright": False,
                "pairs_level": {(1, 2), (2, 0)},
                "pairs_upright": {(1, 2), (2, 0)},
                "shape_kept": True,
            },
        ),
        (
            ((3, 3, 0), (3, 0, 0), (0, 0, 4)),
            ((4,),),
            {
                "cut_out": True,
                "shape_part": (3, 3),
                "shape_difference": (2, 2),
                "color_number": 1,
                "cells_removed": True,
                "group_number_is_one": True,
                "rows_known": False,
            },
        ),
        (
            ((5, 5, 0, 0), (0, 0, 0, 5)),
            ((1, 5, 0, 0), (0, 0, 0, 5)),
            {"parts_whole": False, "part_sizes": {1}, "parts_lone": True, "changes_lone": True},
        ),
        (
            ((5, 5, 0, 0), (0, 0, 0, 5)),
            ((1, 1, 0, 0), (0, 0, 0, 5)),
            {"parts_whole": True, "part_number_kept": True, "changes_one_colored": True},
        ),
    ],
)
def test_what_some_say(grid: Grid, output: Grid, expected: dict[str, Value]) -> None:
    said = say(grid, output)
    assert {name: said.get(name) for name in expected} == expected


SOME = """
def colors(S, I, C): return palette(C)
def shape_kept(S, I, C): return equality(shape(I), shape(C))
def never(S, I, C): return first(ZERO)
def width_of(S, I, C): return width(C)
"""
DEMOS = (Sample(((1, 2),), ((2, 1),)), Sample(((1, 1, 2),), ((2, 1, 1),)))
TEST = ((1, 2, 2, 2),)


def test_what_demos_share_and_outputs_break_is_named() -> None:
    """The demos share their colours and keep their shape, and have no width in common."""
    batt = merge((source.name, source.program) for source in parse_text(SOME).programs)
    task = Task("t", DEMOS, (Sample(TEST), Sample(((1,),))))
    outputs = [(0, ((2, 2, 2, 1),)), (0, ((2, 1),)), (0, ((3,),)), (1, ((1,),))]
    for threads in (1, 2):
        [broken, none] = find_breaches(
            [(task, outputs), (task, [])], open_engine(), batt=batt, threads=threads
        )
        assert broken == [(), ("shape_kept",), ("colors", "shape_kept"), ("colors",)]
        assert none == []
    single = Task("single", DEMOS[:1], (Sample(TEST),))
    assert find_breaches([(single, [(0, ((3,),))])], open_engine(), batt=batt) == [[()]]


def test_an_output_that_breaks_them_comes_later() -> None:
    """Both programs fit the demos; the lighter one keeps what they have in common."""
    task = Task("t", DEMOS, (Sample(TEST),))
    breaks = "branch(greater(width(I), THREE), canvas(FIVE, shape(I)), vmirror(I))"
    programs = [one(breaks, 0.0, name="breaks"), one("vmirror(I)", -1.0, name="keeps")]
    [work] = Run([task], [giving(programs, task)], open_engine()).work_on([task])
    [attempts] = choose_attempts(work)
    assert [attempt.grid for attempt in attempts] == [((2, 2, 2, 1),), ((5, 5, 5, 5),)]
    heavy = next(each for each in work.candidates if each.names == ("breaks",))
    broken = work.breaches[0, heavy.test_digests[0]]
    assert {"colors", "color_number", "counts_kept"} <= set(broken)
    factor = 2.0 ** (-len(broken) * BREACH_BITS / HALVING_BITS)
    assert attempts[1].weight == pytest.approx(factor * weight_of(heavy))
