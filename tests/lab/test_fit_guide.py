"""`lab.fit_guide`: a guide is fitted to programs and cross-validated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from arcbatt.dsl.types import Grid
from arcbatt.program.parse import parse_program
from arcbatt.program.render import to_compact
from arcbatt.search.features import FEATURES
from arcbatt.search.grammar import load_grammar
from arcbatt.search.guide import group_of
from arcbatt.tasks import Sample, Task
from lab import fit_guide
from lab.fit_guide import Fit, main, make_examples, read_fits, split, write_fits


def make_task(name: str, given: Grid, out: Grid, test: Grid = ((7,),)) -> Task:
    return Task(name, (Sample(given, out),), (Sample(test, test),))


def make_fit(task: str, body: str, origin: str = "right", bits: float = 9.0) -> Fit:
    program = parse_program(f"def solve(S, I, C):\n    return {body}").program
    return Fit(task, origin, bits, to_compact(program))


SAME = make_task("same", ((1, 2), (0, 0)), ((2, 1), (0, 0)), ((1,),))
CROP = make_task("crop", ((0, 0, 0), (0, 3, 3), (0, 0, 0)), ((3, 3),), ((2,),))
TASKS = {"same": SAME, "crop": CROP}


def test_features_lower_the_costs_of_the_calls_that_go_with_them() -> None:
    grammar = load_grammar()
    fits = [make_fit("same", "vmirror(I)"), make_fit("crop", "trim(I)"), make_fit("far", "I")]
    examples = make_examples(fits * 20, TASKS, grammar)
    assert len(examples) == 40
    examples = [replace(one, weight=2.0) for one in examples]
    guide = fit_guide.fit_guide(grammar, examples)
    shifts = {
        task.id: dict(zip(map(group_of, grammar.productions), guide.shifts(task.S), strict=True))
        for task in TASKS.values()
    }
    mirror, trim = ("Grid", "vmirror"), ("Grid", "trim")
    assert shifts["same"][mirror] < shifts["same"][trim]
    assert shifts["crop"][trim] < shifts["crop"][mirror]
    assert shifts["same"][mirror] < 0 < shifts["crop"][mirror]


def test_examples_of_a_transform_have_the_features_of_the_changed_demos() -> None:
    task = make_task("threes", ((3, 3, 1),), ((1, 3, 3),))
    plain = make_fit("threes", "vmirror(I)")
    swapped = make_fit("threes", "swap_background(vmirror(swap_background(I, I)), I)")
    first, second = make_examples([plain, swapped], {"threes": task}, load_grammar())
    no_zeros = FEATURES.index("no 0 in the input")
    assert (first.features[no_zeros], second.features[no_zeros]) == (True, False)
    assert (first.weight, second.weight) == (1.0, 1.0)


def test_the_file_keeps_the_cheapest_programs_of_each_task() -> None:
    bodies = ["I", "vmirror(I)", "hmirror(I)", "trim(I)", "dmirror(I)"]
    fits = [make_fit("same", body, bits=9.0 - place) for place, body in enumerate(bodies)]
    wrong = [make_fit("crop", body, "wrong") for body in bodies]
    kept = read_fits(write_fits([*fits, *wrong]))
    assert [one.bits for one in kept if one.origin == "right"] == [5, 6, 7, 8]
    assert len([one for one in kept if one.origin == "wrong"]) == 2
    assert write_fits(kept) == write_fits([*kept, *kept])


def test_tasks_that_share_a_sample_are_in_one_fold() -> None:
    tasks = [make_task(f"t{number}", ((number,),), ((0,),), ((number, 9),)) for number in range(8)]
    bridge = Task("twin", (tasks[1].demos[0], tasks[6].demos[0]), (Sample(((8,),), ((1,),)),))
    fold = split({task.id: task for task in (*tasks, bridge)}, 3)
    assert fold["t1"] == fold["t6"] == fold["twin"]
    assert sorted(set(fold.values())) == [0, 1, 2]


@pytest.mark.native
def test_cross_validation_prints_what_the_guide_wins_and_loses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fits = [make_fit(name, "vmirror(I)") for name in list(fit_guide.load_tasks())[:12]]
    monkeypatch.setattr(fit_guide, "load_fits", lambda: fits)
    main(["validate", "--evaluations", "20", "--every", "200", "--folds", "2"])
    first, right, found = capsys.readouterr().out.splitlines()
    assert first == "4 tasks, 2 folds, 20 evaluations a task"
    assert right.startswith("right ")
    assert found.startswith("fits ")
