"""Many demos: search on a sample that grows."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from arcbatt.candidates import Stop
from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.search.grammar import Grammar, load_grammar
from arcbatt.search.growing import choose_sample
from arcbatt.search.run import SearchLimits, Solution, search
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
