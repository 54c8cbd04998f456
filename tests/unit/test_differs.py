"""The shipped differs, and what is made of what they say."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.commands import Batt
from tests.property.strategies import grids

from arcbatt.differs import Comparison, Differs, gain, partial_credit, read_nearness
from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, open_engine
from arcbatt.library import DIFFERS, load_library
from arcbatt.program.check import check
from arcbatt.program.parse import parse_text

SHIPPED = Differs.of(load_library(DIFFERS))


def compare(differs: Differs, grid: Grid, wanted: Grid) -> tuple[int, ...]:
    comparison = Comparison(((grid, wanted),), grid, wanted)
    [compared] = differs.compare([comparison], open_engine(), Budget(), threads=1)
    return compared.nearness


def test_there_are_many_and_each_says_what_it_compares() -> None:
    sources = load_library(DIFFERS)
    assert len(SHIPPED.names) == len(sources) >= 16
    for source in sources:
        assert source.name.startswith("differ_")
        assert source.doc.endswith(".")
        assert check(source.program).mismatches == ()
        assert source.program.inputs == {"I", "C"}


@given(grids(max_side=8, colors=10), grids(max_side=8, colors=10))
def test_each_says_0_to_1000_and_1000_of_the_same(one: Grid, other: Grid) -> None:
    assert compare(SHIPPED, one, one) == (1000,) * len(SHIPPED.names)
    assert all(0 <= near <= 1000 for near in compare(SHIPPED, one, other))


@pytest.mark.parametrize(
    ("name", "grid", "wanted", "expected"),
    [
        ("cells", ((1, 2), (3, 4)), ((1, 2), (3, 5)), 750),
        ("height", ((1,), (1,)), ((1,),), 500),
        ("width", ((1, 1, 1, 1),), ((1,),), 250),
        ("palette", ((1, 2),), ((2, 3),), 333),
        ("color_counts", ((1, 1, 2, 2),), ((2, 1, 1, 1),), 750),
        ("background", ((0, 0, 1),), ((1, 1, 0),), 0),
        ("symmetry", ((1, 1), (1, 1)), ((1, 2), (3, 4)), 125),
        ("rows", ((1, 2), (3, 4)), ((3, 4), (1, 2)), 1000),
        ("holes", ((1, 1, 1), (1, 0, 1), (1, 1, 1)), ((0, 0, 0), (0, 1, 0), (0, 0, 0)), 1000),
        ("object_count", ((0, 1, 0, 1, 0),), ((0, 1, 0, 0, 0),), 666),
    ],
)
def test_what_some_say(name: str, grid: Grid, wanted: Grid, expected: int) -> None:
    nearness = dict(zip(SHIPPED.names, compare(SHIPPED, grid, wanted), strict=True))
    assert nearness[f"differ_{name}"] == expected


def test_what_is_no_score_counts_as_nothing() -> None:
    text = """
def differ_a(S, I, C): return astuple(700, I)
def differ_b(S, I, C): return 1001
def differ_c(S, I, C): return NEG_ONE
def differ_d(S, I, C): return first(ZERO)
def differ_e(S, I, C): return I
def differ_f(S, I, C): return T
"""
    differs = Differs.of(parse_text(text).programs)
    assert compare(differs, ((1,),), ((1,),)) == (700, 0, 0, 0, 0, 1)
    assert read_nearness(None) == 0


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=20), st.integers(0, 19))
def test_partial_credit_is_below_exact_and_monotone(said: list[int], index: int) -> None:
    credit = partial_credit(tuple(said))
    assert 0 <= credit <= 999
    more = list(said)
    more[index % len(said)] = 1000
    assert partial_credit(tuple(more)) >= credit


def test_gain_is_measured_from_the_input() -> None:
    assert gain(400, 900) == 1500
    assert gain(1000, 0) == 0


def test_a_run_without_differs_scores_by_equal_cells(batt: Batt, place: Path) -> None:
    words = [
        "solve", "0000cccc", "--dataset", "tasks", "--library", "programs.py", "--sources", "none",
        "--no-archive", "--json",
    ]  # fmt: skip
    documents = batt(*words, "--no-differs").json, batt(*words).json
    without, with_differs = (each["results"][0]["best"]["o_score"] for each in documents)
    assert without < with_differs
