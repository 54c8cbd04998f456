"""What search would need to find a program: reduced, priced, put together."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.library import SOLVERS, load_library
from arcbatt.program.graph import Program
from arcbatt.program.parse import parse_program
from arcbatt.search.grammar import COLOR, GRID, load_grammar
from arcbatt.search.run import SearchLimits, reached_levels, search
from arcbatt.search.terminals import constant_terminals, input_terminals
from arcbatt.tasks import Sample, Task, load_dataset
from lab.assembly import Explained, Explainer, reduce
from lab.cost_model import Cost, CostModel, GrammarIndex, Lack

pytestmark = pytest.mark.native

TRAINING = load_dataset("arc-agi-1", split="training")
GRIDS: tuple[Grid, ...] = (
    ((0, 2, 0), (0, 4, 0)),
    ((0, 0, 7), (8, 0, 1)),
    ((0, 0, 2), (3, 0, 0)),
)


def parsed(expression: str) -> Program:
    return parse_program(f"def solve(S, I, C):\n    return {expression}\n").program


def task_of(program: Program, grids: Sequence[Grid] = GRIDS) -> Task:
    """Return a task that a program without demos solves."""
    [made] = open_engine().evaluate(
        [Job(program, [Case((), grid) for grid in grids])], Budget(), keep_outputs=True
    )
    *demos, test = (Sample(grid, made.output(number, 0)) for number, grid in enumerate(grids))
    return Task("0000aaaa", tuple(demos), (test,))


def explained(
    expression: str, grids: Sequence[Grid] = GRIDS, limits: SearchLimits | None = None
) -> Explained:
    program = parsed(expression)
    task = task_of(program, grids)
    return Explainer(load_grammar(), limits or SearchLimits(), open_engine()).explain(program, task)


class TestReduce:
    @pytest.mark.parametrize(
        ("written", "reduced"),
        [
            ("compose(vmirror, hmirror)(I)", "vmirror(hmirror(I))"),
            ("chain(vmirror, hmirror, dmirror)(I)", "vmirror(hmirror(dmirror(I)))"),
            ("fork(hconcat, identity, vmirror)(I)", "hconcat(I, vmirror(I))"),
            ("rbind(rbind(replace, 3), 2)(I)", "replace(I, 2, 3)"),
            ("lbind(hconcat, vmirror(I))(I)", "hconcat(vmirror(I), I)"),
            ("branch(matcher(height, 3)(I), I, vmirror(I))",
             "branch(equality(height(I), 3), I, vmirror(I))"),
            ("branch(portrait(I), vmirror, hmirror)(I)",
             "branch(portrait(I), vmirror(I), hmirror(I))"),
            ("power(rot90, 2)(I)", "rot90(rot90(I))"),
            ("identity(identity(I))", "I"),
            ("paint(I, mapply(chain(toobject, identity, backdrop), initset(I)))",
             "paint(I, mapply(compose(toobject, backdrop), initset(I)))"),
        ],
    )  # fmt: skip
    def test_built_functions_become_calls(self, written: str, reduced: str) -> None:
        assert reduce(parsed(written)) == parsed(reduced)

    def test_what_is_not_known_stays_a_call(self) -> None:
        program = parsed("first(initset(vmirror))(I)")
        assert reduce(program) == program

    def test_programs_of_the_library_do_the_same(self) -> None:
        engine, changed = open_engine(), 0
        for source in load_library(SOLVERS)[::8]:
            program = reduce(source.program)
            if program == source.program:
                continue
            changed += 1
            task = TRAINING[source.name.removeprefix("solve_")]
            cases = [Case(task.S, demo.input, demo.output) for demo in task.demos]
            [evaluation] = engine.evaluate([Job(program, cases)], Budget(), keep_outputs=True)
            outputs = [evaluation.output(number, 0) for number in range(len(cases))]
            assert outputs == [demo.output for demo in task.demos]
        assert changed > 5


class TestCosts:
    def cost(self, expression: str) -> Cost:
        program = parsed(expression)
        colors = (((0, 1, 2), (3, 3, 3)),) * 2
        model = CostModel(
            GrammarIndex(load_grammar()), [*input_terminals(), *constant_terminals([colors])]
        )
        return model.costs(program)[program.root][GRID]

    def lacks(self, expression: str) -> set[str]:
        return set(map(str, self.cost(expression).lacks))

    def test_it_is_the_sum_of_moves_and_leaves(self) -> None:
        costs = {str(move.instance): move.cost for move in load_grammar().productions}
        mirror = next(cost for text, cost in costs.items() if text.startswith("vmirror(Tuple"))
        assert self.cost("vmirror(I)") == Cost(mirror + 1)
        # What is used twice is paid twice.
        joined = next(cost for text, cost in costs.items() if text.startswith("hconcat(Tuple"))
        assert self.cost("hconcat(vmirror(I), vmirror(I))").bits == joined + 2 * (mirror + 1)

    def test_what_search_does_not_use_is_named(self) -> None:
        assert self.lacks("rank_colors(I, I)") == {"primitive rank_colors"}
        assert self.lacks("canvas(9, (1, 3))") == {"constant NINE as Color"}
        assert self.lacks("upscale(I, 6)") == {"constant SIX as Integer"}
        assert self.lacks("crop(I, (0, 0), (2, 7))") == {"constant (2, 7) as IntegerTuple"}

    def test_the_type_that_is_missing_is_named_once(self) -> None:
        written = "hconcat(first(mapply(rbind(vsplit, 3), hsplit(I, 3))), I)"
        assert self.lacks(written) == {"type Callable[[Grid], Tuple[Grid]]"}

    def test_numbers_are_no_colors(self) -> None:
        [lack] = self.cost("replace(I, height(I), 2)").lacks
        assert lack.kind == "production"
        assert lack.what.startswith("replace(")

    def test_what_costs_more_than_its_cap_is_named(self) -> None:
        steps = "increment(" * 4 + "height(I)" + ")" * 4
        assert self.cost(f"upscale(I, {steps})").over.startswith("Integer at ")
        assert self.cost("upscale(I, height(I))").over == ""

    def test_given_nodes_have_the_price_they_are_given(self) -> None:
        program = parsed("vmirror(hmirror(I))")
        model = CostModel(GrammarIndex(load_grammar()), input_terminals())
        costs = model.costs(program)
        shorter = model.costs_with(program, costs, {1: {GRID: Cost(2)}})
        less = costs[program.root][GRID].bits - shorter[program.root][GRID].bits
        assert less == costs[1][GRID].bits - 2
        assert shorter[0] is costs[0]

    def test_colors_and_numbers_are_told_apart(self) -> None:
        model = CostModel(GrammarIndex(load_grammar()), constant_terminals([(((7,),), ((7,),))]))
        node = parsed("canvas(7, (1, 1))").nodes[0]
        costs = model.terminal(node)
        assert costs[COLOR].lacks == frozenset()
        assert {lack for cost in costs.values() for lack in cost.lacks} == {
            Lack("constant", "SEVEN as Integer")
        }


class TestExplain:
    def test_search_finds_single_states_at_their_bits(self) -> None:
        ids = ("00d62c1b", "6150a2bd", "f8ff0b80", "67a3c6ac")
        tasks = [TRAINING[task] for task in ids]
        explainer = Explainer(load_grammar(), SearchLimits(), open_engine())
        for task, searched in zip(
            tasks, search(tasks, load_grammar(), SearchLimits(evaluations=3000)), strict=True
        ):
            first = min(searched.solutions, key=lambda one: one.cost)
            assert first.layers == 1
            known = explainer.explain(first.program, task)
            assert (known.bits, known.way.bits) == (first.cost, first.cost)
            assert not known.way.lacks
            assert (known.way.over, known.dropped) == ("", "")

    def test_layers_cost_what_the_dearest_costs(self) -> None:
        top = explained("shift(asobject(crop(I, (0, 0), (1, 1))), (1, 1))".join(("paint(I, ", ")")))
        assert top.way.layers == 2
        assert not top.way.through
        assert top.way.bits == top.bits - load_cost("paint(Grid, Object) -> Grid") - 1
        alone = explained(
            "paint(I, shift(asobject(crop(I, (0, 0), (1, 1))), (1, 1)))",
            limits=SearchLimits(layers=1),
        )
        assert (alone.way.layers, alone.way.bits) == (1, alone.bits)

    def test_a_picture_on_the_way_is_cheap_when_it_begins_a_round(self) -> None:
        steps = "rot90(cmirror(replace(replace(I, 2, 4), 4, 2)))"
        grids = tuple(
            tuple(tuple((a + b + k) % 3 for b in range(3)) for a in range(3)) for k in range(3)
        )
        found = explained(steps, grids)
        assert found.way.through
        assert found.way.bits < found.bits

    def test_the_smallest_part_that_would_do_as_one_call_is_told(self) -> None:
        program = parsed("hconcat(vmirror(hmirror(rot90(dmirror(upscale(I, 2))))), I)")
        task = task_of(program, tuple(grid[:1] for grid in GRIDS))
        explainer = Explainer(load_grammar(), SearchLimits(), open_engine())
        bits = explainer.explain(program, task).way.bits
        assert explainer.part_to_build(program, task, 5) is None
        parts = [explainer.part_to_build(program, task, level) for level in (bits - 1, bits - 25)]
        sizes = [part.call_count for part in parts if part is not None]
        assert len(sizes) == 2
        assert sizes[0] < sizes[1] < program.call_count
        assert all("upscale(I, TWO)" in part.inlined for part in parts if part is not None)

    def test_what_search_drops_is_named(self) -> None:
        wide = explained("crop(upscale(upscale(I, 5), 5), (0, 0), (1, 1))")
        assert wide.dropped == "upscale has a side beyond 60"
        empty = explained("fill(I, 2, ofcolor(I, 9))")
        assert empty.dropped == "ofcolor is empty on all demos"
        dear = explained(
            "vmirror(upscale(upscale(I, 4), 3))", limits=SearchLimits(value_leaves=100)
        )
        assert dear.dropped == "upscale fails: size"


def load_cost(text: str) -> int:
    from arcbatt.search.grammar import name_of

    for move in load_grammar().productions:
        one = move.instance
        if (
            f"{one.name}({', '.join(map(name_of, one.parameters))}) -> {name_of(one.result)}"
            == text
        ):
            return move.cost
    raise KeyError(text)


def test_more_nodes_reach_higher_levels() -> None:
    tasks = [TRAINING[task] for task in ("00d62c1b", "045e512c")]
    few = reached_levels(tasks, load_grammar(), SearchLimits(evaluations=2_000))
    many = reached_levels(tasks, load_grammar(), SearchLimits(evaluations=16_000), threads=2)
    assert all(0 < a < b for a, b in zip(few, many, strict=True))
