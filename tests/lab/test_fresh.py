"""Fresh samples: how they are read, which are kept, and which programs hold on them."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.property.strategies import grids

from arcbatt.dsl.types import Grid
from arcbatt.engine import open_engine
from arcbatt.errors import UsageError
from arcbatt.program.parse import parse_program
from arcbatt.tasks import Task, load_dataset
from lab.fresh import Convention, Examiner, load_fresh
from lab.fresh_samples import samples_of

MIRRORED = "68b16354"
"""A training task whose rule is `hmirror`."""
RIGHT, WRONG = (
    parse_program(f"def solve(I): return {body}").program for body in ("hmirror(I)", "vmirror(I)")
)


@pytest.fixture(scope="module")
def task() -> Task:
    return load_dataset("arc-agi-1", split="training")[MIRRORED]


def sample(rows: Grid) -> tuple[Grid, Grid]:
    return rows, rows[::-1]


def recolored(task: Task) -> list[tuple[Grid, Grid]]:
    """Return the demos with colours that the task does not have."""
    names = [5, 6, 8, 9, 0, 1, 2, 3, 4, 7]
    return [
        sample(tuple(tuple(names[cell] for cell in row) for row in given)) for given, _ in task.S
    ]


def test_a_program_holds_if_it_follows_the_rule(task: Task) -> None:
    samples = recolored(task) * 3
    examiner = Examiner({task.id: samples}, open_engine())
    assert len(examiner.kept(task)) == len(samples)
    assert examiner.holds(task, [RIGHT, WRONG]) == [True, False]


def test_few_samples_tell_nothing(task: Task) -> None:
    examiner = Examiner({task.id: recolored(task)[:1]}, open_engine())
    assert examiner.holds(task, [RIGHT, WRONG]) == [None, None]
    assert Examiner({}, open_engine()).holds(task, [RIGHT]) == [None]


def test_samples_on_which_no_known_solver_is_right_are_left_out(task: Task) -> None:
    wrong = [(given, given) for given, _ in recolored(task)]
    assert Examiner({task.id: wrong}, open_engine()).kept(task) == []


@given(grids(colors=10), st.integers(0, 100))
def test_a_renamed_sample_is_the_same_picture_and_keeps_the_colors(grid: Grid, seed: int) -> None:
    task = load_dataset("arc-agi-1", split="training")[MIRRORED]
    convention = Convention.of(task)
    renamed = convention.rename(*sample(grid), Random(seed))
    if renamed is not None:
        assert convention.keeps(*renamed)
        pairs = {
            (old, new)
            for before, after in zip(sample(grid), renamed, strict=True)
            for one, other in zip(before, after, strict=True)
            for old, new in zip(one, other, strict=True)
        }
        assert len(pairs) == len(dict(pairs)) == len({new for _, new in pairs})


def test_a_file_of_another_form_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "fresh.json"
    file.write_text(json.dumps({"a": [{"input": [[1]], "output": [[2]]}]}))
    assert load_fresh(file) == {"a": [(((1,),), ((2,),))]}
    for text in ("{", "[]", '{"a": [{}]}', '{"a": [{"input": [["x"]], "output": [[1]]}]}'):
        file.write_text(text)
        with pytest.raises(UsageError, match="make fresh"):
            load_fresh(file)
    with pytest.raises(UsageError, match="make fresh"):
        load_fresh(tmp_path / "none.json")


def test_samples_that_arc_would_not_have_are_left_out() -> None:
    def generate(random: Random, _low: float, _high: float) -> dict[str, Grid]:
        row = (random.choice((-1, 0, 9, 10)),) * random.choice((1, 30, 31))
        return {"input": (row,), "output": ((random.randint(0, 9),),)}

    made = samples_of(generate, "seed", 8, 5)
    given = [sample["input"][0] for sample in made]
    assert {row[0] for row in given} == {0, 9}
    assert {len(row) for row in given} == {1, 30}


def test_samples_of_a_generator_differ() -> None:
    def generate(random: Random, _low: float, _high: float) -> dict[str, Grid]:
        row = (random.randint(0, 4),)
        return {"input": (row,), "output": (row,)}

    made = samples_of(generate, "seed", 3, 5)
    assert len(made) == 3 and made == samples_of(generate, "seed", 3, 5)
    assert len({str(each) for each in made}) == 3
