"""The grammar: ground types, productions, costs, text, terminals; the shipped one is up to date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.types import Type, parse_type
from arcbatt.program.graph import Program
from arcbatt.program.parse import parse_program
from arcbatt.search.grammar import (
    ARITY_MAX,
    FILE,
    Grammar,
    Production,
    list_productions,
    load_grammar,
    name_of,
    read_grammar,
    write_grammar,
)
from arcbatt.search.monomorphise import (
    VALUES,
    Instance,
    binary_types,
    expand,
    fits,
    function_type,
    instances,
    map_types,
)
from arcbatt.search.terminals import constant_terminals, function_terminal, input_terminals
from lab.costs import (
    CostSettings,
    count_calls,
    count_uses,
    estimate_grammar,
    group_productions,
)
from lab.fit_costs import fit_shipped, weigh_uses

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


# The productions.


def test_every_primitive_is_used_or_hidden_from_search() -> None:
    productions, functions = list_productions()
    used = {one.name for one in productions} | {name for name, _ in functions}
    too_many = {name for name, one in REGISTRY.items() if one.arity > ARITY_MAX}
    searched = {name for name, one in REGISTRY.items() if one.is_searched}
    assert searched - used == too_many & searched
    assert used <= searched


def test_the_shipped_grammar_is_up_to_date() -> None:
    """What `make derived` would write has the same productions."""
    productions, functions = list_productions()
    shipped = load_grammar()
    hint = "run `make derived`: the registry has changed"
    assert {one.instance for one in shipped.productions} == set(productions), hint
    assert {(each.name, each.type) for each in shipped.functions} == set(functions), hint
    assert len(shipped.productions) == len(productions)


def test_the_shipped_costs_are_those_that_the_library_teaches() -> None:
    text = write_grammar(fit_shipped())
    assert text == FILE.read_text(encoding="utf-8"), "run `make derived`: the library has changed"


def test_a_grammar_is_read_as_it_was_written() -> None:
    text = FILE.read_text(encoding="utf-8")
    grammar = read_grammar(text.splitlines())
    assert grammar == load_grammar()
    assert write_grammar(grammar) == text


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("vmirror(Grid) -> Grid", "not enough values"),
        ("x\t1\tvmirror(Grid) -> Grid", "invalid literal for int"),
        ("3\t1\tvmirror(Grid) -> Poem", "no type is called 'Poem'"),
    ],
)
def test_a_damaged_grammar_is_refused(line: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_grammar([line])


def test_types_have_names_that_can_be_read() -> None:
    assert name_of(ground("Tuple[Tuple[Color]]")) == "Grid"
    assert name_of(ground("Callable[[Object], IntegerTuple]")) == (
        "Callable[[Object], IntegerTuple]"
    )


@pytest.mark.native
def test_native_productions_name_types_and_productions_that_are_there() -> None:
    grammar = load_grammar()
    for one in grammar.native_productions:
        assert one.cost > 0
        assert max(*one.parameters, one.result) < len(grammar.types)
        assert not one.commutes or len(one.parameters) == 2
        for place, inner in one.barred:
            assert place < REGISTRY[one.name].arity
            assert inner < len(grammar.productions)
    assert len(grammar.caps) == len(grammar.types)


@pytest.mark.native
def test_arguments_of_tuples_do_not_commute() -> None:
    grammar = load_grammar()
    commutes = {
        (one.name, tuple(grammar.types[kind] for kind in one.parameters)): one.commutes
        for one in grammar.native_productions
    }
    assert commutes["combine", (ground("Indices"),) * 2]
    assert not commutes["combine", (ground("Tuple[Color]"),) * 2]
    assert not commutes["subtract", (ground("Integer"),) * 2]
    assert not commutes["add", (ground("Integer"), ground("IntegerTuple"))]


# Costs.


def parse(*bodies: str) -> list[Program]:
    return [parse_program(f"def solve(S, I, C):\n    return {body}").program for body in bodies]


def learn(*bodies: str) -> Grammar:
    return estimate_grammar(weigh_uses(parse(*bodies), ()))


def cost_of(grammar: Grammar, name: str, *parameters: str) -> int:
    wanted = tuple(map(ground, parameters))
    [cost] = [
        one.cost
        for one in grammar.productions
        if (one.instance.name, one.instance.parameters) == (name, wanted)
    ]
    return cost


@pytest.fixture(scope="module")
def learnt() -> Grammar:
    return learn(*["vmirror(I)"] * 40, *["hmirror(I)"] * 4, "fill(I, ONE, ofcolor(I, TWO))")


def test_what_is_used_more_is_cheaper(learnt: Grammar) -> None:
    often, rarely, never = (
        cost_of(learnt, name, "Grid") for name in ("vmirror", "hmirror", "dmirror")
    )
    assert 0 < often < rarely < never
    assert cost_of(learnt, "dmirror", "Object") == cost_of(learnt, "vmirror", "Object")


def test_nothing_is_free_and_nothing_is_impossible(learnt: Grammar) -> None:
    for grammar in (learnt, learn()):
        assert all(1 <= one.cost < 40 for one in grammar.productions)
        assert all(1 <= each.cost < 40 for each in grammar.functions)


def test_uses_change_only_the_costs_of_their_type(learnt: Grammar) -> None:
    untaught = learn()
    for before, after in zip(untaught.productions, learnt.productions, strict=True):
        assert before.instance == after.instance
        if before.instance.result not in (ground("Grid"), ground("Indices")):
            assert before.cost == after.cost


def uses(body: str, productions: Iterable[Instance]) -> dict[str, float]:
    return {str(one): used for one, used in count_uses(parse(body), productions).items()}


def test_an_ambiguous_call_counts_for_all_productions_that_match() -> None:
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


def test_a_production_counts_once_a_program() -> None:
    grid = ground("Grid")
    mirror, turn = (Instance(name, (grid,), grid) for name in ("vmirror", "rot90"))
    [program] = parse("vmirror(rot90(vmirror(I)))")
    assert count_calls(program, group_productions([mirror, turn])) == {mirror: 2, turn: 1}
    assert count_uses([program, program], [mirror, turn]) == {mirror: 2, turn: 2}


def test_found_programs_count_for_more() -> None:
    written, found = parse("vmirror(I)", "hmirror(I)"), parse("hmirror(I)")
    grid = ground("Grid")
    used = weigh_uses(written, found, found_weight=3)
    assert used == {Instance("vmirror", (grid,), grid): 1, Instance("hmirror", (grid,), grid): 4}


def test_priors_and_factors_change_the_costs() -> None:
    used = weigh_uses(parse(*["vmirror(I)"] * 40), ())
    plain = estimate_grammar(used)
    assert estimate_grammar(used, CostSettings()) == plain
    timid = estimate_grammar(used, CostSettings(prior_uses=20.0))
    assert cost_of(timid, "dmirror", "Grid") < cost_of(plain, "dmirror", "Grid")
    assert cost_of(timid, "vmirror", "Grid") > cost_of(plain, "vmirror", "Grid")
    dear = estimate_grammar(used, CostSettings(combinator_bits=9))
    higher = {
        one.instance.name: after.cost - one.cost
        for one, after in zip(plain.productions, dear.productions, strict=True)
    }
    assert {name: more for name, more in higher.items() if more} == {
        name: 7 for name, one in REGISTRY.items() if one.is_searched and one.makes_function
    }


def test_a_grammar_may_have_caps_of_its_own() -> None:
    grammar = replace(load_grammar(), type_caps={"Color": 7})
    caps = dict(zip(grammar.types, grammar.caps, strict=True))
    assert caps[ground("Color")] == 7
    assert caps[ground("Boolean")] == caps[ground("Grid")] > max(load_grammar().type_caps.values())


# Terminals.


def test_constants_are_those_that_the_demos_show() -> None:
    terminals = constant_terminals([(((1, 2),), ((2, 7),))])
    colors = [each.value for each in terminals if each.type == ground("Color")]
    assert colors == [1, 2, 7]
    assert {each.value for each in terminals if each.type == ground("Boolean")} == {
        True,
        False,
    }
    many = constant_terminals([((tuple(range(8)),), ((8,),))])
    dear = [each.cost for each in many if each.type == ground("Color")]
    cheap = [each.cost for each in terminals if each.type == ground("Color")]
    assert max(cheap) < min(dear)
    assert min(each.cost for each in many) > 0


def test_terminals_differ_within_a_type() -> None:
    terminals = constant_terminals([(((1, 2),), ((2, 7),))])
    assert len({(each.type, each.value) for each in terminals}) == len(terminals)
    assert [each.name for each in input_terminals()] == ["I", "S"]


def test_primitives_are_values() -> None:
    kind = function_type(ground("Object"), ground("Integer"))
    grammar = Grammar(
        (Production(Instance("vmirror", (ground("Grid"),), ground("Grid")), 3),),
        (function_terminal("size", kind, 4),),
    )
    [each] = grammar.functions
    assert (each.kind, each.name, each.type, each.cost) == (
        "function",
        "size",
        kind,
        4,
    )
    assert str(each.value) == "size"
    assert set(grammar.types) >= {kind, ground("Grid")}
