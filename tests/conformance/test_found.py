"""What search found is right on every sample of its task, the test included."""

from __future__ import annotations

import pytest

from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.library import FOUND, load_library
from arcbatt.tasks import load_dataset
from lab.mine_library import fault


@pytest.mark.native
def test_found_programs_are_right_on_their_tasks() -> None:
    tasks = load_dataset("arc-agi-1", split="training")
    jobs = []
    for source in load_library(FOUND):
        task = tasks[source.name.removeprefix("solve_")]
        samples = [*task.demos, *task.tests]
        cases = [Case(S=task.S, I=each.input, wanted=each.output) for each in samples]
        jobs.append(Job(source.program, cases))
    evaluations = open_engine("native").evaluate(jobs, Budget(), threads=2)
    for source, evaluation in zip(load_library(FOUND), evaluations, strict=True):
        assert {row[0].score for row in evaluation.outcomes} == {1000}, source.name


def test_found_programs_keep_the_rules_of_the_library() -> None:
    faults = {source.name: fault(source.program) for source in load_library(FOUND)}
    assert {name: problem for name, problem in faults.items() if problem} == {}


def test_each_task_has_one_found_program() -> None:
    names = [source.name for source in load_library(FOUND)]
    assert names == sorted(set(names))
