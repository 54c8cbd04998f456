"""Many demos: search on a sample that grows."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from arcbatt.candidates import Stop
from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.engine.cases import Misses, find_misses
from arcbatt.program.parse import parse_program
from arcbatt.search.grammar import Grammar, load_grammar
from arcbatt.search.growing import choose_sample
from arcbatt.search.run import SearchLimits, SearchResult, Solution, search
from arcbatt.tasks import Sample, Task

pytestmark = pytest.mark.native


def many(count: int, odd: int) -> Task:
    """Make a task that mirrors rows, where all demos but one are equal when turned round instead.

    Args:
        count: the number of demos.
        odd: the index of the demo that tells both rules apart.
    """
    random = Random(count)
    demos = []
    for place in range(count):
        row = tuple(random.randrange(10) for _ in range(3 + place % 4))
        grid = (row, row[::-1]) if place == odd else (row, row)
        demos.append(Sample(grid, tuple(each[::-1] for each in grid)))
    test = Sample(((1, 2, 3), (4, 5, 6)))
    return Task("many", tuple(demos[:100]), (test,), tuple(demos[100:]))


def run(solution: Solution, task: Task) -> list[Grid]:
    """Return the outputs of a program on all samples."""
    cases = [Case(S=task.S, I=one.input) for one in (*task.demos, *task.tests)]
    job = Job(solution.program, cases)
    [evaluation] = open_engine().evaluate([job], Budget(), keep_outputs=True)
    return [evaluation.output(number, 0) for number in range(len(cases))]


@pytest.mark.parametrize("odd", [50, 990])
def test_of_many_demos_a_sample_is_searched_that_grows(odd: int) -> None:
    task = many(1000, odd)
    names = ("rot180", "vmirror", "hmirror")
    known = load_grammar()
    few = tuple(one for one in known.productions if one.instance.name in names)
    grammar = Grammar(few, known.functions)
    [result] = search([task], grammar, SearchLimits(evaluations=4_000))
    [other] = [demo for demo in (*task.demos, *task.further) if demo.input[0] != demo.input[1]]
    alone = replace(task, demos=(other,))
    first = min(result.solutions, key=lambda one: one.cost)
    assert run(first, alone) == [other.output, ((3, 2, 1), (6, 5, 4))]
    assert all(run(one, alone)[0] == other.output for one in result.solutions)
    assert result.stopped.stop is Stop.FOUND
    assert result.evaluations < 4_000


def with_wrong(task: Task, *places: int) -> Task:
    """Return a task in which some demos have another output."""
    demos = [*task.demos, *task.further]
    for place in places:
        demos[place] = Sample(demos[place].input, ((5,),))
    return replace(task, demos=tuple(demos[:100]), further=tuple(demos[100:]))


def mirror_search(task: Task) -> SearchResult:
    known = load_grammar()
    few = tuple(one for one in known.productions if one.instance.name in ("rot180", "vmirror"))
    [result] = search([task], Grammar(few, known.functions), SearchLimits(evaluations=4_000))
    return result


@pytest.mark.parametrize("places", [(7,), (617,), (7, 617)])
def test_a_program_that_misses_a_few_of_many_demos_is_near(places: tuple[int, ...]) -> None:
    task = with_wrong(many(1000, 50), *places)
    result = mirror_search(task)
    assert result.solutions == ()
    first = result.near[0]
    assert run(first, task)[-1] == ((3, 2, 1), (6, 5, 4))
    # A program that is wrong on more than one of twenty is not.
    assert mirror_search(with_wrong(many(1000, 50), *range(0, 1000, 19))).near == ()


def test_a_wrong_demo_in_the_sample_costs_no_program() -> None:
    task = many(1000, 50)
    [place, *_] = choose_sample((*task.demos, *task.further))
    wrong = with_wrong(task, place)
    assert place in choose_sample((*wrong.demos, *wrong.further))
    assert [run(one, task)[-1] for one in mirror_search(wrong).near[:1]] == [((3, 2, 1), (6, 5, 4))]


def test_misses_are_found_in_chunks() -> None:
    cells = [(place // 2, place // 2 % 125) for place in range(500)]
    cases = [Case(S=(), I=((given,),), wanted=((wanted,),)) for given, wanted in cells]
    texts = ("I", "replace(I, 125, 0)", "replace(I, 3, 4)", "replace(I, 1, 3)", "hmirror(I)")
    programs = [parse_program(f"def solve(I): return {text}").program for text in texts]
    found = find_misses(programs, cases, open_engine(), Budget(), most=250)
    late = tuple(range(250, 500))
    assert [(each.places, each.is_whole) for each in found] == [
        (late, True),
        (late[2:], True),
        # Wrong on more than half.
        ((6, 7, *late), False),
        # After the third chunk four others are as good or better.
        ((2, 3, *late[:50]), False),
        (late, True),
    ]
    strict = find_misses(programs[:1], cases, open_engine(), Budget())
    assert strict == [Misses(late[:50], is_whole=False)]


def test_no_more_than_the_evaluations_are_used_for_many_demos() -> None:
    def rule(grid: Grid) -> Grid:
        return tuple(
            tuple((cell * 7 + 3 * i * j + len(row)) % 10 for j, cell in enumerate(row))
            for i, row in enumerate(grid)
        )

    task = many(300, 7)
    demos = tuple(Sample(demo.input, rule(demo.input)) for demo in task.demos)
    limits = SearchLimits(evaluations=1_000)
    [result] = search([replace(task, demos=demos)], load_grammar(), limits)
    assert result.solutions == ()
    assert 900 < result.evaluations <= 1_000


def test_a_sample_of_demos_is_small_and_has_all_colours() -> None:
    demos = [
        Sample(((place % 3,) * size,), ((0,) * size,))
        for place, size in enumerate([9, 2, 8, 3, 7, 4, 6, 5, 30, 30, 30, 30])
    ]
    chosen = choose_sample(demos)
    assert len(set(chosen)) == 5
    assert {demos[place].input[0][0] for place in chosen} == {0, 1, 2}
    assert max(len(demos[place].input[0]) for place in chosen) <= 9
