"""The table of moves: types, costs, text, and that the shipped one is up to date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import Type, parse_type
from arcbatt.program.graph import Program
from arcbatt.program.parse import parse_program
from arcbatt.search.costs import Pricing, count_calls, count_uses, group_moves, price_table
from arcbatt.search.ground import (
    VALUES,
    Instance,
    binary_types,
    expand,
    fits,
    function_type,
    instances,
    map_types,
)
from arcbatt.search.learn import learn_shipped, weigh_uses
from arcbatt.search.leaves import constant_leaves, function_leaf, input_leaves
from arcbatt.search.moves import ARITY_MAX, MAKERS, UNUSED, list_moves
from arcbatt.search.table import (
    FILE,
    Move,
    Table,
    load_table,
    name_of,
    read_table,
    write_table,
)

GROUND = tuple(map(expand, VALUES))


def ground(text: str) -> Type:
    return expand(parse_type(text))


def results(name: str, *parameters: str) -> list[Type]:
    """Return the results of a primitive's instances at some types of parameters."""
    wanted = tuple(map(ground, parameters))
    return [
        one.result
        for one in instances(REGISTRY[name], (*GROUND, *map_types()))
        if one.parameters == wanted
    ]


# Ground types and instances.


def test_names_are_replaced_by_what_they_stand_for() -> None:
    assert str(ground("Grid")) == "Tuple[Tuple[Color]]"
    assert ground("Objects") == ground("FrozenSet[Object]")
    assert ground("Callable[[Grid], Object]").args == (ground("Grid"), ground("Object"))


@pytest.mark.parametrize(
    ("name", "parameters", "result"),
    [
        ("vmirror", ["Grid"], "Grid"),
        ("vmirror", ["Object"], "Object"),
        ("vmirror", ["Indices"], "Indices"),
        ("first", ["Objects"], "Object"),
        ("first", ["Tuple[Grid]"], "Grid"),
        ("combine", ["Indices", "Indices"], "Indices"),
        ("combine", ["Tuple[Color]", "Tuple[Color]"], "Tuple[Color]"),
        ("argmax", ["Objects", "Callable[[Object], Integer]"], "Object"),
        ("apply", ["Callable[[Object], Color]", "Objects"], "FrozenSet[Color]"),
        ("add", ["Integer", "Integer"], "Integer"),
        ("add", ["IntegerTuple", "IntegerTuple"], "IntegerTuple"),
    ],
)
def test_a_generic_signature_has_ground_instances(
    name: str, parameters: list[str], result: str
) -> None:
    assert results(name, *parameters) == [ground(result)]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("combine", ["Indices", "Tuple[IntegerTuple]"]),  # a set and a tuple
        ("combine", ["Indices", "Objects"]),  # members of two types
        ("argmax", ["Objects", "Callable[[Grid], Integer]"]),
        ("vmirror", ["Integer"]),
    ],
)
def test_what_does_not_fit_has_no_instance(name: str, parameters: list[str]) -> None:
    assert results(name, *parameters) == []


def test_a_narrower_signature_goes_first() -> None:
    for primitive in REGISTRY.values():
        made = instances(primitive, GROUND) if primitive.arity <= 2 else ()
        assert len({one.parameters for one in made}) == len(made)
    assert results("mostcommon", "Tuple[Color]") == [ground("Color")]


def test_a_pattern_fits_what_its_variables_allow() -> None:
    assert fits(parse_type("Container[A]"), ground("Objects"))
    assert not fits(parse_type("Container[A]"), ground("Integer"))
    pairs = Type("Pair", (Type("A"), Type("A")))
    assert fits(pairs, Type("Pair", (Type("Integer"), Type("Integer"))))
    assert not fits(pairs, Type("Pair", (Type("Integer"), Type("Color"))))


def test_functions_of_two_arguments_can_be_bound_to_one_of_one() -> None:
    ends = {one.args for one in map_types()}
    for one in binary_types():
        first, second, result = one.args
        assert {(first, result), (second, result)} & ends


# The moves.


def test_every_primitive_is_used_or_named_as_unused() -> None:
    moves, functions = list_moves()
    used = {one.name for one in moves} | {name for name, _ in functions}
    too_many = {name for name, one in REGISTRY.items() if one.arity > ARITY_MAX}
    assert set(REGISTRY) - used - UNUSED - too_many == set()
    assert used & UNUSED == set()
    assert set(REGISTRY) >= UNUSED | set(MAKERS)


def test_the_shipped_table_is_up_to_date() -> None:
    """What `make moves` would write has the same moves: it was run after the last primitive."""
    moves, functions = list_moves()
    shipped = load_table()
    hint = "the registry has changed: run `make moves`"
    assert {move.instance for move in shipped.moves} == set(moves), hint
    assert {(leaf.name, leaf.type) for leaf in shipped.functions} == set(functions), hint
    assert len(shipped.moves) == len(moves)


def test_the_shipped_costs_are_those_that_the_library_teaches() -> None:
    text = write_table(learn_shipped())
    assert text == FILE.read_text(encoding="utf-8"), "the library has changed: run `make moves`"


def test_a_table_is_read_as_it_was_written() -> None:
    text = FILE.read_text(encoding="utf-8")
    table = read_table(text.splitlines())
    assert table == load_table()
    assert write_table(table) == text


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("vmirror(Grid) -> Grid", "not enough values"),
        ("x\t1\tvmirror(Grid) -> Grid", "invalid literal for int"),
        ("3\t1\tvmirror(Grid) -> Poem", "no type is called 'Poem'"),
    ],
)
def test_a_damaged_table_is_refused(line: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_table([line])


def test_types_have_names_that_can_be_read() -> None:
    assert name_of(ground("Tuple[Tuple[Color]]")) == "Grid"
    assert name_of(ground("Callable[[Object], IntegerTuple]")) == (
        "Callable[[Object], IntegerTuple]"
    )


def test_the_rows_name_types_and_moves_that_are_there() -> None:
    table = load_table()
    for name, parameters, result, cost, commutes, barred in table.rows:
        assert cost > 0
        assert max(*parameters, result) < len(table.types)
        assert not commutes or len(parameters) == 2
        for place, inner in barred:
            assert place < REGISTRY[name].arity
            assert inner < len(table.moves)
    assert len(table.caps) == len(table.types)


def test_swapped_tuples_are_tried() -> None:
    rows = {
        (row[0], tuple(move.instance.parameters)): row[4]
        for row, move in zip(load_table().rows, load_table().moves, strict=True)
    }
    assert rows["combine", (ground("Indices"),) * 2]
    assert not rows["combine", (ground("Tuple[Color]"),) * 2]
    assert not rows["subtract", (ground("Integer"),) * 2]
    assert not rows["add", (ground("Integer"), ground("IntegerTuple"))]


# Costs.


def parse(*bodies: str) -> list[Program]:
    return [parse_program(f"def solve(S, I, C):\n    return {body}").program for body in bodies]


def learn(*bodies: str) -> Table:
    return price_table(weigh_uses(parse(*bodies), ()))


def cost_of(table: Table, name: str, *parameters: str) -> int:
    wanted = tuple(map(ground, parameters))
    [cost] = [
        move.cost
        for move in table.moves
        if (move.instance.name, move.instance.parameters) == (name, wanted)
    ]
    return cost


@pytest.fixture(scope="module")
def lesson() -> Table:
    return learn(*["vmirror(I)"] * 40, *["hmirror(I)"] * 4, "fill(I, ONE, ofcolor(I, TWO))")


def test_what_is_used_more_is_cheaper(lesson: Table) -> None:
    often, rarely, never = (
        cost_of(lesson, name, "Grid") for name in ("vmirror", "hmirror", "dmirror")
    )
    assert 0 < often < rarely < never
    assert cost_of(lesson, "dmirror", "Object") == cost_of(lesson, "vmirror", "Object")


def test_nothing_is_free_and_nothing_is_impossible(lesson: Table) -> None:
    for table in (lesson, learn()):
        assert all(1 <= move.cost < 40 for move in table.moves)
        assert all(1 <= leaf.cost < 40 for leaf in table.functions)


def test_lessons_change_only_what_makes_the_same_type(lesson: Table) -> None:
    untaught = learn()
    for before, after in zip(untaught.moves, lesson.moves, strict=True):
        assert before.instance == after.instance
        if before.instance.result not in (ground("Grid"), ground("Indices")):
            assert before.cost == after.cost


def uses(body: str, moves: Iterable[Instance]) -> dict[str, float]:
    return {str(one): used for one, used in count_uses(parse(body), moves).items()}


def test_a_call_counts_for_all_moves_that_it_may_be() -> None:
    grid, color, integer, thing = map(ground, ("Grid", "Color", "Integer", "Object"))
    recolor = Instance("switch", (grid, color, color), grid)
    mirrors = [Instance("vmirror", (one,), one) for one in (grid, thing)]
    assert uses("switch(vmirror(I), ONE, TWO)", [recolor, *mirrors]) == {
        str(recolor): 1.0,
        str(mirrors[0]): 1.0,
    }
    # The text of a program does not tell whether 1 is a number or a colour.
    repeats = [Instance("equality", (one, one), ground("Boolean")) for one in (color, integer)]
    assert uses("equality(ONE, TWO)", repeats) == {str(one): 0.5 for one in repeats}


def test_a_move_counts_once_a_program() -> None:
    grid = ground("Grid")
    mirror, turn = (Instance(name, (grid,), grid) for name in ("vmirror", "rot90"))
    [program] = parse("vmirror(rot90(vmirror(I)))")
    assert count_calls(program, group_moves([mirror, turn])) == {mirror: 2, turn: 1}
    assert count_uses([program, program], [mirror, turn]) == {mirror: 2, turn: 2}


def test_found_programs_count_for_more() -> None:
    written, found = parse("vmirror(I)", "hmirror(I)"), parse("hmirror(I)")
    grid = ground("Grid")
    used = weigh_uses(written, found, found_weight=3)
    assert used == {Instance("vmirror", (grid,), grid): 1, Instance("hmirror", (grid,), grid): 4}


def test_priors_and_factors_change_the_costs() -> None:
    used = weigh_uses(parse(*["vmirror(I)"] * 40), ())
    plain = price_table(used)
    assert price_table(used, Pricing()) == plain
    timid = price_table(used, Pricing(prior_uses=20.0))
    assert cost_of(timid, "dmirror", "Grid") < cost_of(plain, "dmirror", "Grid")
    assert cost_of(timid, "vmirror", "Grid") > cost_of(plain, "vmirror", "Grid")
    dear = price_table(used, Pricing(maker_bits=9))
    higher = {
        move.instance.name: after.cost - move.cost
        for move, after in zip(plain.moves, dear.moves, strict=True)
    }
    assert {name: more for name, more in higher.items() if more} == dict.fromkeys(MAKERS, 7)


def test_a_table_may_have_caps_of_its_own() -> None:
    table = replace(load_table(), type_caps={"Color": 7})
    caps = dict(zip(table.types, table.caps, strict=True))
    assert caps[ground("Color")] == 7
    assert caps[ground("Boolean")] == caps[ground("Grid")] > max(load_table().type_caps.values())


# Leaves.


def test_constants_are_those_that_the_demos_show() -> None:
    leaves = constant_leaves([(((1, 2),), ((2, 7),))])
    colors = [leaf.value for leaf in leaves if leaf.type == ground("Color")]
    assert colors == [1, 2, 7]
    assert {leaf.value for leaf in leaves if leaf.type == ground("Boolean")} == {True, False}
    many = constant_leaves([((tuple(range(8)),), ((8,),))])
    dear = [leaf.cost for leaf in many if leaf.type == ground("Color")]
    cheap = [leaf.cost for leaf in leaves if leaf.type == ground("Color")]
    assert max(cheap) < min(dear)
    assert min(leaf.cost for leaf in many) > 0


def test_leaves_differ_within_a_type() -> None:
    leaves = constant_leaves([(((1, 2),), ((2, 7),))])
    assert len({(leaf.type, leaf.value) for leaf in leaves}) == len(leaves)
    assert [leaf.name for leaf in input_leaves()] == ["I", "S"]


def test_primitives_are_values() -> None:
    kind = function_type(ground("Object"), ground("Integer"))
    table = Table(
        (Move(Instance("vmirror", (ground("Grid"),), ground("Grid")), 3),),
        (function_leaf("size", kind, 4),),
    )
    [leaf] = table.functions
    assert (leaf.kind, leaf.name, leaf.type, leaf.cost) == ("function", "size", kind, 4)
    assert str(leaf.value) == "size"
    assert set(table.types) >= {kind, ground("Grid")}
