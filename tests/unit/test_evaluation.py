"""Evaluation: how tasks are evaluated and graded, added up, kept and gone on with."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from arcbatt.candidates import Effort, Proposal
from arcbatt.contract import Known, SourceBudget, TaskView
from arcbatt.dsl.values import digest
from arcbatt.engine import Budget, open_engine
from arcbatt.engine.workers import Lost
from arcbatt.errors import ResultsError, UsageError
from arcbatt.evaluation import run
from arcbatt.evaluation.grade import TaskRecord, add_up, grade_task, read_record
from arcbatt.evaluation.results import Results
from arcbatt.evaluation.run import CURVE_PARTS, EvaluationRequest, evaluate
from arcbatt.evaluation.task import Bench, EvaluationSetup, FittingProgram, Ungraded
from arcbatt.pipeline.passes import RunLimits, Schedule, Turn
from arcbatt.pipeline.run import Run, Settings
from arcbatt.ranking.attempts import Attempt, TestAttempts
from arcbatt.sources.search import SearchOptions, SearchSource
from arcbatt.tasks import Sample, Task, TaskChoice, load_dataset

pytestmark = pytest.mark.native

TRAINING = load_dataset("arc-agi-1", split="training")
SMALL = ("007bbfb7", "00d62c1b", "0520fde7", "67a3c6ac")
A, B, C, D = (((number,),) for number in range(1, 5))


def task_with(*answers: tuple[tuple[int, ...], ...] | None) -> Task:
    demo = Sample(((0,),), A)
    return Task("t", (demo,), tuple(Sample(((9,),), answer) for answer in answers))


def attempts(*grids: tuple[tuple[int, ...], ...]) -> TestAttempts:
    return tuple(Attempt(grid, f"m{place}", "search") for place, grid in enumerate(grids, start=1))


def fit(md5: str, size: int, *grids: tuple[tuple[int, ...], ...]) -> FittingProgram:
    return FittingProgram(md5, f"text {md5}", size, tuple(map(digest, grids)))


def outcome(
    tests: Sequence[TestAttempts] = (), fitting: Sequence[FittingProgram] = (), **others: Any
) -> Ungraded:
    return Ungraded("t", 1, tuple(tests), tuple(fitting), **others)


LOST = outcome(problem="its worker died")


class TestGrades:
    def test_the_first_right_attempt_counts(self) -> None:
        record = grade_task(
            task_with(A), outcome([attempts(B, A, C)], [fit("m1", 4, B), fit("m2", 3, A)])
        )
        assert record.tests[0].right_attempt == 2
        assert [record.is_right(count) for count in (1, 2, 3)] == [False, True, True]
        assert (record.source, record.fitting) == ("search", 2)
        assert record.programs == (("m1", "m2", "m3"),)

    def test_every_test_input_has_to_be_right(self) -> None:
        record = grade_task(task_with(A, B), outcome([attempts(A, B, C), attempts(C, D, B)]))
        assert [test.right_attempt for test in record.tests] == [1, 3]
        assert [record.is_right(count) for count in (1, 2, 3)] == [False, False, True]

    def test_right_outputs_can_be_found_and_not_ranked(self) -> None:
        fits = [fit("m1", 4, B, B), fit("m2", 5, A, C), fit("m3", 6, C, B)]
        record = grade_task(task_with(A, B), outcome([attempts(B, C, D)] * 2, fits))
        assert [(test.right_attempt, test.found) for test in record.tests] == [
            (None, True),
            (1, True),
        ]
        assert record.is_found and not record.is_right(3)
        assert record.right is None, "no single program is right on both"

    def test_the_smallest_of_the_right_programs_is_named(self) -> None:
        fits = [fit("big", 9, A), fit("small", 3, A), fit("wrong", 2, B)]
        record = grade_task(task_with(A), outcome([attempts(A)], fits))
        assert record.right is not None
        assert (record.right.md5, record.right.size) == ("small", 3)

    def test_unknown_answers_and_lost_tasks_are_never_right(self) -> None:
        unknown = grade_task(task_with(None), outcome([attempts(A)], [fit("m1", 3, A)]))
        assert (unknown.known, unknown.is_right(3), unknown.is_found) == (False, False, False)
        assert unknown.right is None
        lost = grade_task(task_with(A), LOST)
        assert (lost.is_right(3), lost.fitting, lost.source) == (False, 0, "")
        assert lost.problem == "its worker died"

    def test_a_record_survives_json(self) -> None:
        efforts = {"search": Effort(1.5, 100, 4000, {"states": 3}), "library": Effort()}
        whole = outcome(
            [attempts(A, B, C)],
            [fit("m1", 4, B), fit("m2", 3, A)],
            efforts=efforts,
            stopped={"search": "why"},
        )
        record = grade_task(task_with(A), whole)
        assert read_record(json.loads(json.dumps(record.document()))) == record


def test_totals_count_what_was_not_done_too() -> None:
    task = task_with(A)
    efforts = {"search": Effort(1.0, 100, 4000, {"states": 3})}
    words: dict[str, Any] = {"efforts": efforts, "process_bytes": 9000}
    right = grade_task(task, outcome([attempts(B, A, C)], cpu_s=2.0, **words))
    missed = grade_task(task, outcome([attempts(B, C, D)], [fit("m", 1, A)], cpu_s=4.0, **words))
    totals = add_up([right, missed, grade_task(task, LOST)], [task] * 5, attempts=2)
    assert (totals.tasks, totals.tests, totals.done) == (5, 5, 3)
    assert (totals.tasks_right, totals.tests_right) == ((0, 1, 1), (0, 1, 1))
    assert (totals.fitting, totals.not_ranked, totals.lost, totals.unknown) == (1, 1, 1, 0)
    assert totals.by_source == {"search": 1}
    assert (totals.cpu_s, totals.cpu_mean_s, totals.cpu_median_s, totals.cpu_max_s) == (6, 2, 2, 4)
    # Bytes are the most on one task, everything else is a sum.
    assert totals.efforts == {"search": Effort(2.0, 200, 4000, {"states": 6})}
    assert totals.process_bytes_max == 9000
    fewer = add_up([right], [task], attempts=1)
    assert (fewer.by_source, fewer.tasks_right) == ({}, (0, 1, 1))
    nothing = add_up([], [task], attempts=2)
    assert (nothing.cpu_mean_s, nothing.cpu_max_s, nothing.efforts) == (0, 0, {})
    assert (nothing.done, nothing.tasks_right) == (0, (0, 0, 0))


LIBRARY = EvaluationSetup(("library",))
SETUP = EvaluationSetup(("search",), limits=RunLimits(1500))


def request(path: Path | None = None, ids: Sequence[str] = SMALL, **others: Any) -> Any:
    words: dict[str, Any] = {"choice": TaskChoice(ids=tuple(ids)), "setup": SETUP, "results": path}
    return EvaluationRequest(**(words | others))


def found(record: TaskRecord) -> tuple[Any, ...]:
    """Return what does not depend on the machine."""
    evaluations = {name: effort.evaluations for name, effort in record.efforts.items()}
    return (record.task, record.effort, record.tests, record.programs, record.right, evaluations)


class TestAnswersStayAway:
    """What searches, ranks and validates never sees the output of a test."""

    def test_a_bench_leaves_them_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[Task] = []

        def spy(self: Run, tasks: Sequence[Task], *others: Any) -> None:
            seen.extend([*self.tasks, *tasks])
            raise InterruptedError

        monkeypatch.setattr(Run, "work_on", spy)
        task = TRAINING[SMALL[0]]
        assert task.has_answers
        bench = Bench(EvaluationSetup(("library",)))
        with pytest.raises(InterruptedError):
            bench.evaluate(task, [1500])
        bench.close()
        assert [test.output for each in seen for test in each.tests] == [None, None]

    def test_another_answer_changes_nothing_but_the_grade(self) -> None:
        task = TRAINING["67a3c6ac"]
        other = replace(task, tests=tuple(Sample(test.input, A) for test in task.tests))
        bench = Bench(SETUP)
        [one], [two] = bench.evaluate(task, [1500]), bench.evaluate(other, [1500])
        bench.close()
        assert (one.attempts, one.fitting) == (two.attempts, two.fitting)
        assert grade_task(task, one).is_right(1)
        assert not grade_task(other, two).is_right(3)


def test_a_task_whose_worker_dies_is_lost_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers get the outcomes back in any order; one of them died."""

    def die(function: Any, calls: Sequence[Any], *, jobs: int) -> Iterator[tuple[int, Any]]:
        assert all(test.output is None for _, task, *_ in calls for test in task.tests)
        yield 1, function(*calls[1])
        yield 0, Lost("its worker died with exit code -9")

    monkeypatch.setattr(run, "run_in_processes", die)
    evaluated = evaluate(request(ids=("007bbfb7", "67a3c6ac"), jobs=2, curve=True))
    assert [record.task for record in evaluated.records] == ["007bbfb7", "67a3c6ac"]
    assert evaluated.records[0].problem == "its worker died with exit code -9"
    assert evaluated.totals.lost == 1
    assert (evaluated.totals.tasks, evaluated.totals.tasks_right) == (2, (1, 1, 1))
    assert [totals.lost for _, totals in evaluated.curve] == [1] * len(CURVE_PARTS)


def test_the_attempts_do_not_depend_on_processes_or_batches() -> None:
    alone, together = evaluate(request()), evaluate(request(jobs=2))
    assert list(map(found, alone.records)) == list(map(found, together.records))
    assert [record.task for record in together.records] == list(SMALL)
    assert alone.totals.tasks_right[0] >= 2
    assert alone.stopped == together.stopped == "stopped: 4 tasks done"
    source = SearchSource(SearchOptions(evaluations=1500))
    settings = Settings(Budget(sample_seconds=None))
    whole = Run([TRAINING[task] for task in SMALL], [source], open_engine(), settings).execute()
    expected = [
        tuple(tuple(attempt.md5 for attempt in tests) for tests in result.attempts)
        for result in whole.results
    ]
    assert [tuple(tests[:2] for tests in record.programs) for record in alone.records] == expected


def test_a_larger_effort_is_not_tried_where_nothing_more_can_be_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    efforts: list[int] = []
    propose = SearchSource.propose

    def spy(
        self: SearchSource, tasks: Sequence[TaskView], known: Known, budget: SourceBudget
    ) -> list[Proposal]:
        efforts.append(budget.evaluations)
        return propose(self, tasks, known, budget)

    monkeypatch.setattr(SearchSource, "propose", spy)
    evaluated = evaluate(request(ids=["67a3c6ac"], curve=True))
    assert 0 < len(efforts) < len(CURVE_PARTS)
    assert [totals.tasks_right[0] for _, totals in evaluated.curve] == [0, 0, 1, 1, 1]
    efforts.clear()
    evaluated = evaluate(request(ids=["0520fde7"], curve=True))
    assert efforts == sorted(set(efforts)) and len(efforts) > 1
    evaluations = [totals.efforts["search"].evaluations for _, totals in evaluated.curve]
    assert evaluations == sorted(evaluations)


def test_a_curve_has_the_efforts_that_all_tasks_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of the task that would get every pass ends after the second one."""

    class Ending(Schedule):
        passes = 2

        def turns(self, *words: Any) -> list[Turn]:
            if self.limits.are_timed:
                self.passes -= 1
            return super().turns(*words) if self.passes >= 0 else []

    monkeypatch.setattr("arcbatt.evaluation.task.Schedule", Ending)
    timed = replace(SETUP, limits=RunLimits(1500, task_seconds=3600.0))
    evaluated = evaluate(request(ids=["0520fde7"], curve=True, setup=timed))
    assert [effort for effort, _ in evaluated.curve] == [5, 23]
    [record] = evaluated.records
    assert not record.reached
    assert record.stopped == {"search": "stopped: 23 evaluations"}
    # Of a task for which nothing is left to try, the result stands for the larger efforts too.
    monkeypatch.setattr("arcbatt.pipeline.passes.CONFIDENT", 0.0)
    evaluated = evaluate(request(ids=["0520fde7"], curve=True, setup=timed))
    assert len(evaluated.curve) == len(CURVE_PARTS)


class TestGoingOn:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "results.jsonl"

    @pytest.fixture
    def searches(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
        """Collect the searches; the third one is interrupted."""
        done: list[tuple[str, int]] = []
        propose = SearchSource.propose

        def spy(
            self: SearchSource, tasks: Sequence[TaskView], known: Known, budget: SourceBudget
        ) -> list[Proposal]:
            done.extend((task.id, budget.evaluations) for task in tasks)
            if len(done) == 3:
                raise KeyboardInterrupt
            return propose(self, tasks, known, budget)

        monkeypatch.setattr(SearchSource, "propose", spy)
        return done

    def test_what_was_done_is_not_done_again(
        self, path: Path, searches: list[tuple[str, int]]
    ) -> None:
        first = evaluate(request(path))
        assert not first.finished
        assert first.stopped == "stopped: interrupted after 2 of 4 tasks"
        assert (first.totals.tasks, first.totals.done) == (4, 2)
        second = evaluate(request(path))
        assert second.finished
        assert [task for task, _ in searches] == [*SMALL[:3], *SMALL[2:]]
        assert second.records[:2] == first.records
        third = evaluate(request(path, SMALL[:3], attempts=1))
        assert len(searches) == 5
        assert third.records == second.records[:3]

    def test_a_curve_goes_on(self, path: Path) -> None:
        evaluate(request(path, SMALL[:2], curve=True))
        evaluated = evaluate(request(path, curve=True))
        assert [effort for effort, _ in evaluated.curve] == [5, 23, 93, 375, 1500]
        assert evaluated.curve[-1][1] == evaluated.totals
        rights = [totals.tasks_right[1] for _, totals in evaluated.curve]
        assert rights == sorted(rights)
        with pytest.raises(ResultsError, match="--curve was given and is not given"):
            evaluate(request(path))
        assert all(totals.done == 4 for _, totals in evaluated.curve)
        assert len(path.read_bytes().splitlines()) == 1 + len(CURVE_PARTS) * len(SMALL)

    def test_a_part_of_a_line_is_measured_again(self, path: Path) -> None:
        small = request(path, SMALL[:2])
        whole = evaluate(small)
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[:-1]) + lines[-1][:40])
        starts: list[tuple[int, int]] = []
        again = evaluate(
            small, on_start=lambda start: starts.append((start.measurements, start.done_before))
        )
        assert starts == [(2, 1)]
        assert list(map(found, again.records)) == list(map(found, whole.records))
        assert len(path.read_bytes().splitlines()) == 3

    @pytest.mark.parametrize("part", ["test", "train"])
    def test_a_task_that_has_changed_is_measured_again(
        self, path: Path, tmp_path: Path, part: str
    ) -> None:
        folder = tmp_path / "tasks"
        folder.mkdir()
        task = {"train": [{"input": [[1, 2]], "output": [[2, 1]]}]}
        task["test"] = [{"input": [[3, 4]], "output": [[4, 3]]}]
        for name in ("00000001", "00000002"):
            (folder / f"{name}.json").write_text(json.dumps(task))
        asked = request(path, choice=TaskChoice(dataset=str(folder)), setup=LIBRARY)
        starts: list[tuple[int, tuple[str, ...]]] = []
        whole = evaluate(asked)
        task[part][0]["output"] = [[5, 5]]
        (folder / "00000002.json").write_text(json.dumps(task))
        for _ in range(2):
            again = evaluate(
                asked, on_start=lambda start: starts.append((start.done_before, start.changed))
            )
        assert starts == [(1, ("00000002",)), (2, ())]
        assert again.records[0] == whole.records[0]
        assert again.records[1].content != whole.records[1].content
        assert len(path.read_bytes().splitlines()) == 4

    def test_other_settings_are_refused(self, path: Path) -> None:
        small = request(path, SMALL[-1:])
        evaluate(small)
        before = path.read_bytes()
        options = {"search": SearchOptions(evaluations=1501)}
        for change, named in (
            (
                {"setup": replace(SETUP, options=options)},
                "--search-evaluations was not given and is 1501",
            ),
            (
                {"setup": replace(SETUP, sources=("library", "search"))},
                "--sources was search and is library,search",
            ),
            (
                {"setup": replace(LIBRARY, sources=("evolution",))},
                "--sources was search and is evolution",
            ),
            ({"setup": replace(SETUP, hold_out=True)}, "--hold-out was not given and is given"),
            (
                {"setup": replace(SETUP, limits=RunLimits(1500, 9.0))},
                "--time-per-task was not given and is 9.0",
            ),
            (
                {"choice": replace(small.choice, split="development")},
                "--dataset with --split was arc-agi-1 training and is arc-agi-1 development",
            ),
        ):
            with pytest.raises(ResultsError) as raised:
                evaluate(replace(small, **change))
            assert "has results of other settings, name another file" in str(raised.value)
            assert named in str(raised.value)
            assert path.read_bytes() == before


class TestResults:
    def test_other_files_and_damaged_lines_are_refused_and_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        Results.open(path, {"a": 1}).close()
        head = path.read_bytes()
        record = grade_task(task_with(A), outcome([attempts(A)], efforts={"search": Effort()}))
        good = record.document()
        effort = asdict(Effort())
        changes: list[dict[str, Any]] = [
            {"tests": []},
            {"tests": [{**asdict(record.tests[0]), "right_attempt": -1}]},
            {"process_bytes": 10**400},
            {"source": "\ud800"},
            {"task": 7},
            {"effort": "1"},
            {"fitting": True},
            {"cpu_s": None},
            {"wall_s": math.inf},
            {"stopped": []},
            {"stopped": "stopped: 300 evaluations"},
            {"stopped": {"search": 3}},
            {"reached": 1},
            {"content": 3},
            {"programs": [[1]]},
            {"programs": [["\ud800"]]},
            {"stopped": {"\ud800": "no program left"}},
            {"right": {"md5": "a", "text": "b", "size": "3"}},
            {"tests": [{"right_attempt": "1", "found": True, "known": True}]},
            {"tests": [{"right_attempt": 1, "found": 1, "known": True}]},
            {"efforts": {"search": {**effort, "evaluations": 1.5}}},
            {"efforts": {"search": {**effort, "details": {"states": "many"}}}},
            {"more": 1},
        ]
        assert read_record(good) == record
        damaged = [b"{}", b"[]", b"3", b'{"task": ', b"\xff"]
        damaged += [json.dumps({**good, **change}).encode() for change in changes]
        for content, problem in (
            (b"def solve(): pass\n", "line 1 is no JSON"),
            (b"no line", "is no file of results: its first line has no end"),
            (b"[1]\n", "expected 'arcbatt_results' in its first line"),
            (b'{"arcbatt_results": 1}\n', "has version 1, expected version 6"),
            (head + b"{}\n", "line 2 is no record of a task: 'right' is missing"),
            (head + b"[1]\n", "line 2 is no record of a task: expected an object of JSON, got [1]"),
            *((head + line + b"\n", "line 2 is no") for line in damaged),
        ):
            path.write_bytes(content)
            with pytest.raises(ResultsError) as raised:
                Results.open(path, {"a": 1})
            assert problem in str(raised.value)
            assert path.read_bytes() == content

    def test_one_process_writes_at_a_time(self, tmp_path: Path) -> None:
        results = Results.open(tmp_path / "file", {})
        with pytest.raises(ResultsError, match="another process is writing it"):
            Results.open(tmp_path / "file", {})
        results.close()
        Results.open(tmp_path / "file", {}).close()
        with pytest.raises(ResultsError, match="directory"):
            Results.open(tmp_path, {})


def test_without_sources_there_is_nothing_to_evaluate() -> None:
    with pytest.raises(UsageError, match="no sources"):
        evaluate(request(setup=EvaluationSetup(())))
