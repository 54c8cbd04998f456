"""Rules about objects: how grids are taken apart, what tests read, and what actions do."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.cases import each

from arcbatt.dsl.support.object_actions import BEARINGS, COLORS, SHAPES
from arcbatt.dsl.support.object_scenes import COMPARISONS, KINDS, PARTITIONS, PROPERTIES, TURNS
from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import FailureKind
from arcbatt.engine import Budget, Case, Engine, Job, open_engine
from arcbatt.program.parse import parse_program


@pytest.fixture(params=["reference", "native"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return open_engine(request.param)


def grid(text: str) -> Grid:
    return tuple(tuple(map(int, row)) for row in text.split())


def run(engine: Engine, rules: Sequence[str], *grids: Grid) -> list[Value]:
    """Return what rules make of grids, or the kind of the failure, rule by rule."""
    jobs = [
        Job(
            parse_program(f"def solve(S, I, C): return by_objects(I, {rule})").program,
            [Case(S=(), I=each) for each in grids],
        )
        for rule in rules
    ]
    made = []
    for evaluation in engine.evaluate(jobs, Budget(sample_seconds=None), keep_outputs=True):
        for number, (outcome,) in enumerate(evaluation.outcomes):
            failure = outcome.failure
            made.append(failure.kind if failure else evaluation.output(number, 0))
    return made


def made(engine: Engine, cases: str, given: str, partition: str = "part_pictures") -> str:
    """Return what cases make of a grid, as text."""
    [out] = run(engine, [f"(0, {partition}, ({cases},))"], grid(given))
    return " ".join("".join(map(str, row)) for row in out)


ALWAYS = "((), {})"


@each(
    "action, given, wanted",
    [
        ("(identity,)", "0300", "0300"),
        ("(fill, toindices, 5)", "0300", "0500"),
        ("(fill, outbox, 5)", "0000 0300 0000", "5550 5350 5550"),
        ("(fill, holes, 5)", "33300 30330 33300", "33300 35330 33300"),
        ("(fill, delta, 5)", "330 303 333", "335 353 333"),
        ("(fill, core, 5)", "333 333 333", "333 353 333"),
        ("(fill, (shoot, (0, 1)), color)", "030040", "033334"),
        ("(underfill, (shoot, (0, 1)), color)", "030400", "033444"),
        ("(fill, (reach, (0, 1)), 5)", "030400", "035455"),
        ("(fill, connect, color)", "030300 000400", "033300 000400"),
        ("(fill, toindices, adjacent)", "034400", "043300"),
        ("(fill, toindices, shape)", "33044 30040", "44033 40030"),
        ("(fill, toindices, free_shape)", "33004 00004", "44003 00003"),
        ("(fill, toindices, size)", "3304 0004", "4403 0003"),
        ("(fill, toindices, holes)", "330 004", "440 003"),
        ("(fill, toindices, uppermost)", "050 000 030", "050 000 050"),
        ("(fill, toindices, lowermost)", "030 000 050", "050 000 050"),
        ("(fill, toindices, leftmost)", "503", "505"),
        ("(fill, toindices, rightmost)", "305", "505"),
        ("(fill, toindices, other)", "34 00 30", "34 00 40"),
        ("(move, (0, 2))", "33000", "00330"),
        ("(move, (shape, (0, 1)))", "33000", "00330"),
        ("(move, (multiply, size, (0, 1)))", "33000 00000 40000", "00330 00000 04000"),
        ("(fill, (multiply, height, (0, 1)), color)", "30000 30000", "33300 33300"),
        ("(fill, (multiply, size, (1, 1)), 5)", "33000 00000 00000", "33000 00500 00050"),
        ("(move, (multiply, size, bordering))", "000 030 000", "000 030 000"),
        ("(move, (fall, (1, 0)))", "300 040 550", "000 340 550"),
        ("(move, (bordering, (0, 1)))", "33000", "00033"),
        ("(move, (gravitate, 4))", "330004", "000334"),
        ("(move, vmirror)", "30 33", "03 33"),
        ("(move, rot90)", "30 33", "33 30"),
        ("(paint, (reflect_at, (0, 1)))", "3000 3300", "3003 3333"),
        ("(fill, (connect, 4), 5)", "030400 300000", "035400 300000"),
        ("(fill, reach, 5)", "000 030 044", "055 535 544"),
        ("(fill, (shoot, bordering), color)", "3000 0000", "3000 0300"),
        ("(move, gravitate)", "330004 000000", "004330 000000"),
        ("(move, (gravitate, color))", "3000300 0000000", "0303000 0000000"),
        ("(move, (bordering, (0, 1)), 5)", "33000", "00055"),
        ("(subgrid,)", "0000 0330 0300", "33 30"),
        ("(vconcat, size, 1, size)", "4033 0000 2000", "33 40 20"),
        ("(hconcat, size, 0, order)", "4033 0000 0000", "43 43"),
        ("(vconcat, rightmost, 1, 1)", "4033 0000 0000", "3 4"),
    ],
)
def test_actions(engine: Engine, action: str, given: str, wanted: str) -> None:
    assert made(engine, ALWAYS.format(action), given) == wanted


@each(
    "tests, wanted",
    [
        ("((size, 2, 3),)", "8808 0008 4000"),
        ("(((maximum, size), 0, 0),)", "8808 0008 4000"),
        ("(((minimum, size), 0, 0),)", "3305 0005 8000"),
        ("((color, 3, 3), (width, 2, 2))", "8805 0005 4000"),
        ("(((mostcommon, size), 2, 2),)", "8808 0008 4000"),
        ("(((palette, 5), 1, 1),)", "3308 0008 4000"),
        ("((portrait, 1, 1),)", "3308 0008 4000"),
    ],
)
def test_tests_choose_objects(engine: Engine, tests: str, wanted: str) -> None:
    assert made(engine, f"({tests}, (fill, toindices, 8))", "3305 0005 4000") == wanted


def test_a_direction_may_lead_to_odd_cells(engine: Engine) -> None:
    rays = "((), (fill, (shoot, {}), color))"
    towards, away = rays.format("leastcolor"), rays.format("(invert, leastcolor)")
    assert made(engine, towards, "00000 03340", "group_pictures") == "00000 03343"
    assert made(engine, away, "00000 03340", "group_pictures") == "00000 33340"


def test_the_first_case_counts(engine: Engine) -> None:
    cases = "(((size, 2, 9),), (identity,)), ((), (fill, toindices, 8))"
    assert made(engine, cases, "330 004") == "330 008"


def test_what_is_cut_out_is_one_object(engine: Engine) -> None:
    rule = "(0, part_pictures, (((), (subgrid,)),))"
    both, none = grid("304"), grid("000")
    assert run(engine, [rule], both, none) == [FailureKind.ARGUMENT] * 2


@each(
    "rule",
    [
        "7",
        "(0, part_pictures)",
        "(0, add, ())",
        "(0, part_pictures, (((), (fill, toindices)),))",
        "(0, part_pictures, (((), (move, 3)),))",
        "(0, part_pictures, (((), (move, (fall, (2, 0)))),))",
        "(0, part_pictures, ((((size, 1),), (identity,)),))",
        "(0, part_pictures, (((((even, add), 1, 1),), (identity,)),))",
        "(0, part_pictures, (" + "((), (identity,))," * 17 + "))",
    ],
)
def test_rules_of_another_form_fail(engine: Engine, rule: str) -> None:
    assert run(engine, [rule], grid("30")) == [FailureKind.ARGUMENT]


GRIDS = [
    grid("0300040 3330440 0300000 0000505 2220555 2020000 2220060"),
    grid("1010 0100 2222 0330 0301"),
    grid("0005000 0105022 0005020 5555555 3305040 3305444 0005000"),
    grid("444 404 444"),
    grid("7"),
]
DIRECTIONS = [(-1, 0), (0, -1), (0, 1), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1)]


SHARE = 29
"""Of so many rules one is tried, which meets each action and feature under some partition."""


def rules_of_all_kinds() -> list[str]:
    """List rules with each partition, feature, shape, colour and path."""
    ways = [*DIRECTIONS, *BEARINGS, *(f"(invert, {bearing})" for bearing in BEARINGS)]
    steps = [
        *(f"(multiply, {of}, (0, 1))" for of in [*PROPERTIES, *KINDS]),
        *(f"(multiply, size, {way})" for way in ways),
    ]
    cells = [
        *SHAPES,
        *(f"({ray}, {way})" for ray in ("shoot", "reach", "connect") for way in ways),
        "(connect, 3)",
        *steps,
    ]
    paths = [
        *TURNS,
        *(f"({path}, {way})" for path in ("shape", "fall", "bordering") for way in ways),
        *(f"(reflect_at, {step})" for step in DIRECTIONS[:4]),
        "gravitate",
        "(gravitate, 2)",
        "(gravitate, color)",
        "(1, -1)",
        *steps,
    ]
    actions = [
        *(f"({name}, {each}, 8)" for name in ("fill", "underfill") for each in cells),
        *(f"(fill, backdrop, {color})" for color in COLORS),
        *(f"({name}, {path})" for name in ("move", "paint") for path in paths),
        *(f"(move, {path}, 7)" for path in paths[::3]),
        *(f"(vconcat, {one}, 1, {one})" for one in [*PROPERTIES, *KINDS]),
    ]
    features = [
        *PROPERTIES,
        *KINDS,
        *(f"({name}, {of})" for name in COMPARISONS for of in [*PROPERTIES, *KINDS]),
        *(f"({name}, 3)" for name in ("palette", "adjacent")),
    ]
    rules = [
        *(f"(0, {one}, (((), {action}),))" for one in PARTITIONS for action in actions),
        *(
            f"(0, {one}, ((((" + feature + f", {n}, {n}),), (fill, toindices, {n})),))"
            for one in PARTITIONS
            for feature in features
            for n in (1, 2)
        ),
        *(f"(0, {one}, ((((size, 9, 99),), (normalize,)),))" for one in PARTITIONS),
    ]
    return rules[::SHARE]


def test_both_engines_agree_on_all_that_rules_can_say() -> None:
    rules = rules_of_all_kinds()
    reference = run(open_engine("reference"), rules, *GRIDS)
    assert run(open_engine("native"), rules, *GRIDS) == reference
    assert len({each for each in reference if each is not FailureKind.ARGUMENT}) > 100
