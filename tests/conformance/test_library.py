"""Every program of the library solves its task, says how, and computes instead of remembering."""

from __future__ import annotations

import re

import pytest
from tests.cases import each

from arcbatt.candidates import Weighted
from arcbatt.contract import GivenPrograms
from arcbatt.dsl.values import measure
from arcbatt.engine import Budget, Case, Engine, Evaluation, Job, open_engine
from arcbatt.engine.outcome import EXACT
from arcbatt.library import load_library
from arcbatt.pipeline.run import Run, Settings
from arcbatt.program.check import check
from arcbatt.program.graph import Op
from arcbatt.program.parse import SourceProgram
from arcbatt.tasks import Task, load_dataset

SOLVERS = load_library()
TASKS = {task.id: task for task in load_dataset("arc-agi-1", split="training")}
SOLVERS_MIN = 80
NODES_MAX = 80
"""A program that spells its outputs out cell by cell would need more."""
CONSTANTS_MAX = 12
CONSTANT_LEAVES_MAX = 2
"""A constant is a number or a pair."""
INTEGER_MAX = 30
"""The longest side of a grid of ARC."""
SEPARATE_BODIES = 0.9
"""Tasks of one rule, such as to turn the grid, share a program: these are few."""
BUDGET = Budget(sample_seconds=None)


def task_of(source: SourceProgram) -> Task:
    assert source.task is not None
    return TASKS[source.task]


def evaluate(sources: list[SourceProgram], engine: Engine) -> list[Evaluation]:
    """Run each program on all samples of its task, the outputs of tests are wanted too."""
    jobs = []
    for source in sources:
        task = task_of(source)
        samples = (*task.demos, *task.tests)
        assert all(sample.output is not None for sample in samples)
        cases = [Case(S=task.S, I=sample.input, wanted=sample.output) for sample in samples]
        jobs.append(Job(source.program, cases))
    return engine.evaluate(jobs, BUDGET)


def test_there_are_many_for_as_many_training_tasks() -> None:
    names = [source.name for source in SOLVERS]
    assert len(names) >= SOLVERS_MIN
    assert names == sorted(set(names))
    assert all(re.fullmatch(r"solve_[0-9a-f]{8}", name) for name in names)
    assert {source.task for source in SOLVERS} <= set(TASKS)
    bodies = {source.program.body_hash for source in SOLVERS}
    assert len(bodies) >= SEPARATE_BODIES * len(SOLVERS)


@each("source", SOLVERS)
def test_each_is_short_documented_and_well_typed(source: SourceProgram) -> None:
    assert re.fullmatch(r"[A-Z][^\n]{5,98}\.", source.doc)
    assert check(source.program).mismatches == ()
    assert source.program.inputs <= {"S", "I"}
    assert source.program.size <= NODES_MAX
    constants = [node.value for node in source.program.nodes if node.op is Op.CONSTANT]
    assert len(constants) <= CONSTANTS_MAX
    assert all(measure(value) <= CONSTANT_LEAVES_MAX for value in constants)
    numbers = [part for value in constants for part in ((value,) if measure(value) < 2 else value)]
    assert all(abs(number) <= INTEGER_MAX for number in numbers)


@pytest.mark.native
def test_each_is_right_on_all_samples_of_its_task() -> None:
    wrong = []
    for source, evaluation in zip(SOLVERS, evaluate(SOLVERS, open_engine("native")), strict=True):
        scores = [evaluation.scores_of(case)[0] for case in range(len(evaluation.outcomes))]
        if set(scores) != {EXACT}:
            wrong.append((source.name, scores))
    assert wrong == []


@pytest.mark.native
def test_both_engines_agree_on_values_and_fuel() -> None:
    evaluations = [evaluate(SOLVERS, open_engine(name)) for name in ("reference", "native")]
    for source, ours, theirs in zip(SOLVERS, *evaluations, strict=True):
        for case in range(len(ours.outcomes)):
            one, other = ours.outcomes[case][0], theirs.outcomes[case][0]
            assert one.failure is other.failure is None, source.name
            assert one.digest == other.digest, source.name
            assert one.fuel == other.fuel, source.name
            assert one.score == other.score == EXACT, source.name


def test_none_copies_the_answers_that_it_sees() -> None:
    """A program that takes a demo's output out of S is refused by the pipeline."""
    engine = open_engine()
    reading = [source for source in SOLVERS if "S" in source.program.inputs]
    assert reading
    report = Run(
        tasks=[task_of(source) for source in reading],
        sources=[
            GivenPrograms({task_of(one).id: [Weighted(one.name, one.program)] for one in reading})
        ],
        engine=engine,
        settings=Settings(BUDGET),
    ).execute()
    refused = [result.task for result in report.results if result.counts.refused]
    assert refused == []
    assert [result.exact for result in report.results] == [1] * len(reading)
