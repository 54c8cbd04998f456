"""The guide of search: features of demos, bounds of its shifts, its table, and its use."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest

from arcbatt.dsl.types import Grid
from arcbatt.search.features import DEMOS_MAX, FEATURES, features_of
from arcbatt.search.grammar import Grammar, load_grammar
from arcbatt.search.guide import (
    COLUMNS,
    FILE,
    SHIFT_MAX,
    Guide,
    group_of,
    load_guided,
    read_guide,
    write_guide,
)
from arcbatt.search.run import SearchLimits, search
from arcbatt.tasks import Sample, Task


def read(*rows: str) -> Grid:
    return tuple(tuple(map(int, row)) for row in rows)


def names_of(*demos: tuple[Grid, Grid]) -> set[str]:
    return {name for name, holds in zip(FEATURES, features_of(demos), strict=True) if holds}


MIRROR = (read("1200", "0010"), read("0021", "0100"))
CROP = (read("0000", "0220", "0200", "0000"), read("22", "20"))
DOUBLE = (read("12", "03"), read("1212", "0303"))
FILLED = (read("0000", "0333", "0303", "0333"), read("0000", "0333", "0343", "0333"))
FLAT = tuple(one.cost for one in load_grammar().productions)


def test_features_tell_how_an_output_differs() -> None:
    assert {"same shape", "output a mirror image", "counts of colours kept"} <= names_of(MIRROR)
    assert {
        "output smaller", "output one of the parts", "output the box of the input",
        "output within the input", "output half", "output square",
    } - names_of(CROP) == {"output half"}  # fmt: skip
    doubled = names_of(DOUBLE)
    assert {"output twice as large", "input starts the output", "output of equal tiles"} <= doubled
    assert not doubled & {"same shape", "output smaller", "output enlarged", "one new colour"}
    filled = names_of(FILLED)
    assert {"changes within holes", "only 0 changes", "at most 1/5 changes"} <= filled
    assert {"one new colour", "an enclosed hole", "objects added"} <= filled


def test_a_feature_of_each_demo_holds_only_if_all_demos_have_it() -> None:
    assert "output a mirror image" not in names_of(MIRROR, FILLED)
    assert {"same shape", "new colours in some demo"} <= names_of(MIRROR, FILLED)
    assert "same shape" not in names_of(MIRROR, CROP)
    assert "some demo of another shape" in names_of(MIRROR, CROP)


def test_only_the_first_demos_are_looked_at() -> None:
    assert features_of((MIRROR,) * DEMOS_MAX + (CROP,)) == features_of((MIRROR,))


def only(**bits: int) -> Guide:
    """Return a guide in which primitives that make grids have the same bits for all demos."""
    rest = (0,) * len(FEATURES)
    weights = {("Grid", name): (10 * number, *rest) for name, number in bits.items()}
    return Guide(load_grammar().productions, weights)


def shift_of(guide: Guide, name: str, kind: str = "Grid") -> int:
    shifts = zip(guide.productions, guide.shifts((MIRROR,)), strict=True)
    return next(shift for one, shift in shifts if group_of(one) == (kind, name))


def test_a_feature_adds_its_bits_where_the_demos_have_it() -> None:
    row = [0] * (len(FEATURES) + 1)
    row[1 + FEATURES.index("output a mirror image")] = -20
    guide = Guide(load_grammar().productions, {("Grid", "vmirror"): tuple(row)})
    assert shift_of(guide, "vmirror") == -2
    assert not any(guide.shifts((CROP,)))


def test_shifts_have_bounds_and_leave_other_types_as_they_are() -> None:
    guide = only(vmirror=-9, hmirror=9)
    assert (shift_of(guide, "vmirror"), shift_of(guide, "hmirror")) == (-SHIFT_MAX, SHIFT_MAX)
    others = zip(guide.productions, guide.shifts((MIRROR,)), strict=True)
    assert not any(shift for one, shift in others if group_of(one)[0] != "Grid")
    assert guide.shifts(()) == [0] * len(FLAT)


def test_what_all_productions_of_a_type_gain_is_taken_back() -> None:
    guide = only(**{name: -2 for kind, name in map(group_of, load_grammar().productions)})
    assert not any(guide.shifts((MIRROR,)))


@pytest.mark.parametrize("demo", [MIRROR, CROP, DOUBLE, FILLED])
def test_the_shipped_guide_shifts_costs_within_bounds(demo: tuple[Grid, Grid]) -> None:
    grammar = load_guided()
    costs = grammar.costs_for((demo,))
    assert min(costs) >= 1
    assert 1 <= max(abs(new - old) for new, old in zip(costs, FLAT, strict=True)) <= SHIFT_MAX
    mass: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for one, new in zip(grammar.productions, costs, strict=True):
        kept = mass[group_of(one)[0]]
        kept[0] += 2.0**-one.cost
        kept[1] += 2.0**-new
    # Bits are rounded, and bounded: a cost may not change by more than three.
    assert all(0.5 < after / before < 2 for before, after in mass.values())


def test_the_shipped_table_is_written_as_it_is_read() -> None:
    text = FILE.read_text(encoding="utf-8")
    guide = read_guide(text.splitlines(), load_grammar().productions)
    assert write_guide(guide) == text


HEAD = "\t".join(COLUMNS)
ZEROS = "\t0" * (len(COLUMNS) - 2)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["# note", "type\tprimitive"], "line 2: expected the names of"),
        ([HEAD, "Grid\tnothing" + ZEROS], "line 2: expected a type and a primitive that makes it"),
        ([HEAD, "Grid"], "line 2: expected a type and a primitive that makes it"),
        ([HEAD, "Grid\tvmirror" + ZEROS, "Grid\thmirror\t1"], "line 3: expected .* numbers, got 1"),
        ([HEAD, "Grid\tvmirror" + ZEROS[:-1] + "x"], "line 2: expected whole numbers, got"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(lines: list[str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_guide(lines, load_grammar().productions)


@pytest.mark.native
def test_threads_do_not_change_what_a_guided_search_finds() -> None:
    tasks = [
        Task(name, tuple(Sample(*demo) for demo in demos), (Sample(demos[0][0], demos[0][1]),))
        for name, demos in (("mirror", (MIRROR,)), ("crop", (CROP,)), ("fill", (FILLED,)))
    ]
    limits = SearchLimits(evaluations=2000)

    def find(grammar: Grammar, threads: int) -> list[object]:
        results = search(tasks, grammar, limits, threads=threads)
        return [(one.evaluations, one.states, one.solutions) for one in results]

    assert find(load_guided(), 1) == find(load_guided(), 2)
    assert find(load_guided(), 1) != find(replace(load_guided(), guide=None), 1)
