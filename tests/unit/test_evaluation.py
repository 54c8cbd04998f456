"""Evaluation: what is measured, how it is judged, added up, kept and gone on with."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from arcbatt.dsl.values import digest
from arcbatt.engine.workers import Lost
from arcbatt.errors import ResultsError, UsageError
from arcbatt.evaluation import measure, run
from arcbatt.evaluation.judge import TaskRecord, add_up, judge, read_record
from arcbatt.evaluation.measure import (
    Bench,
    Effort,
    Fit,
    Guess,
    Measured,
    Reach,
    Setup,
    without_answers,
)
from arcbatt.evaluation.results import Results
from arcbatt.evaluation.run import Request, curve_budgets, evaluate
from arcbatt.evolve.alone import FRESH, Plan
from arcbatt.pipeline.deal import EVOLVE, LIBRARY, SEARCH
from arcbatt.report.curves import draw_curve
from arcbatt.search.run import Limits, Searched, Searcher
from arcbatt.tasks import Sample, Task, load_dataset

TRAINING = load_dataset("arc-agi-1", split="training")
SMALL = ("007bbfb7", "00d62c1b", "0520fde7", "67a3c6ac")
A, B, C, D = (((number,),) for number in range(1, 5))


def task_with(*answers: tuple[tuple[int, ...], ...] | None) -> Task:
    demo = Sample(((0,),), A)
    return Task("t", (demo,), tuple(Sample(((9,),), answer) for answer in answers))


def guesses(*grids: tuple[tuple[int, ...], ...], layers: int | None = 1) -> tuple[Guess, ...]:
    return tuple(
        Guess(grid, f"m{place}", SEARCH, layers) for place, grid in enumerate(grids, start=1)
    )


def fit(md5: str, size: int, *grids: tuple[tuple[int, ...], ...]) -> Fit:
    return Fit(md5, f"text {md5}", size, tuple(map(digest, grids)))


class TestJudge:
    def test_the_first_right_attempt_counts(self) -> None:
        measured = Measured("t", (guesses(B, A, C),), (fit("m1", 4, B), fit("m2", 3, A)))
        record = judge(task_with(A), measured, nodes_max=9)
        assert record.tests[0].right_attempt == 2
        assert [record.is_right(count) for count in (1, 2, 3)] == [False, True, True]
        assert (record.source, record.layers, record.fitting) == (SEARCH, 1, 2)
        assert record.programs == (("m1", "m2", "m3"),)

    def test_every_test_input_has_to_be_right(self) -> None:
        measured = Measured("t", (guesses(A, B, C), guesses(C, D, B)))
        record = judge(task_with(A, B), measured, nodes_max=9)
        assert [test.right_attempt for test in record.tests] == [1, 3]
        assert [record.is_right(count) for count in (1, 2, 3)] == [False, False, True]

    def test_right_outputs_can_be_found_and_not_ranked(self) -> None:
        fits = (fit("m1", 4, B, B), fit("m2", 5, A, C), fit("m3", 6, C, B))
        measured = Measured("t", (guesses(B, C, D), guesses(B, C, D)), fits)
        record = judge(task_with(A, B), measured, nodes_max=9)
        assert [(test.right_attempt, test.found) for test in record.tests] == [
            (None, True),
            (1, True),
        ]
        assert record.is_found and not record.is_right(3)
        assert record.right is None, "no single program is right on both"

    def test_the_smallest_of_the_right_programs_is_named(self) -> None:
        fits = (fit("big", 9, A), fit("small", 3, A), fit("wrong", 2, B))
        record = judge(task_with(A), Measured("t", (guesses(A),), fits), nodes_max=9)
        assert record.right is not None
        assert (record.right.md5, record.right.size) == ("small", 3)

    def test_an_unknown_answer_is_never_right(self) -> None:
        fits = (fit("m1", 3, A),)
        record = judge(task_with(None), Measured("t", (guesses(A),), fits), nodes_max=9)
        assert (record.known, record.is_right(3), record.is_found) == (False, False, False)
        assert record.right is None

    def test_a_lost_task_is_wrong(self) -> None:
        record = judge(task_with(A), Measured("t", problem="its worker died"), nodes_max=9)
        assert (record.is_right(3), record.fitting, record.source) == (False, 0, "")
        assert record.problem == "its worker died"

    def test_a_record_survives_json(self) -> None:
        fits = (fit("m1", 4, B), fit("m2", 3, A))
        effort = Effort(1.5, 1.0, 2.0, 100, 50, 4000, 9000)
        measured = Measured("t", (guesses(A, B, C, layers=None),), fits, effort, "stopped: why")
        record = judge(task_with(A), measured, nodes_max=9)
        assert read_record(json.loads(json.dumps(record.document()))) == record


def test_totals_count_what_was_not_done_too() -> None:
    task = task_with(A)
    effort = Effort(2.0, 1.0, 2.0, 100, 50, 4000, 9000)
    right = judge(task, Measured("t", (guesses(B, A, layers=2),), effort=effort), nodes_max=9)
    missed = judge(
        task,
        Measured("t", (guesses(B, C, D),), (fit("m", 1, A),), replace(effort, cpu_s=4.0)),
        nodes_max=9,
    )
    lost = judge(task, Measured("t", problem="its worker died"), nodes_max=9)
    totals = add_up([right, missed, lost], [task] * 5, attempts=2)
    assert (totals.tasks, totals.tests, totals.done) == (5, 5, 3)
    assert (totals.tasks_right, totals.tests_right) == ((0, 1, 1), (0, 1, 1))
    assert (totals.fitting, totals.not_ranked, totals.lost, totals.unknown) == (1, 1, 1, 0)
    assert (totals.by_source, totals.by_layers) == ({SEARCH: 1}, {2: 1})
    assert (totals.cpu_s, totals.cpu_mean_s, totals.cpu_median_s, totals.cpu_max_s) == (6, 2, 2, 4)
    assert (totals.nodes_per_cpu_s, totals.bytes_per_node) == (100, 40)
    assert (totals.search_bytes_max, totals.process_bytes_max) == (4000, 9000)
    fewer = add_up([right], [task], attempts=1)
    assert (fewer.by_source, fewer.tasks_right) == ({}, (0, 1, 1))


def test_totals_of_nothing_are_zero() -> None:
    totals = add_up([], [task_with(A)], attempts=2)
    assert (totals.cpu_mean_s, totals.cpu_max_s, totals.nodes_per_cpu_s) == (0, 0, 0)
    assert (totals.bytes_per_node, totals.done, totals.tasks_right) == (0, 0, (0, 0, 0))


@pytest.mark.parametrize("full", [1, 2, 10, 1000, 30_000, 120_000, 10**6, 10**8])
def test_curves_grow_to_the_full_number(full: int) -> None:
    budgets = curve_budgets(full)
    assert budgets[-1] == full
    assert list(budgets) == sorted(set(budgets))
    assert budgets[0] >= 1
    if full >= 100:
        assert 3 <= len(budgets) <= 5
        assert sum(budgets[:-1]) < full


class TestAnswersStayAway:
    """What searches, ranks and validates never sees the output of a test."""

    def test_a_bench_leaves_them_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[Task] = []

        class Spy:
            def __init__(self, tasks: Sequence[Task], **_: Any) -> None:
                seen.extend(tasks)
                raise InterruptedError

        monkeypatch.setattr(measure, "Run", Spy)
        task = TRAINING[SMALL[0]]
        assert task.has_answers
        bench = Bench(Setup(sources=(LIBRARY,)))
        with pytest.raises(InterruptedError):
            bench.measure(task, [Reach()])
        assert seen == [without_answers(task)]
        assert seen[0].tests[0].output is None

    def test_another_answer_changes_nothing_but_the_grade(self) -> None:
        pytest.importorskip("arcbatt._engine")
        task = TRAINING["67a3c6ac"]
        other = replace(task, tests=tuple(Sample(test.input, A) for test in task.tests))
        bench = Bench(Setup())
        reach = [Reach(nodes=1000)]
        [one], [two] = bench.measure(task, reach), bench.measure(other, reach)
        assert (one.guesses, one.fits) == (two.guesses, two.fits)
        assert judge(task, one, nodes_max=1000).is_right(1)
        assert not judge(other, two, nodes_max=1000).is_right(3)

    def test_workers_get_tasks_without_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("arcbatt._engine")
        sent: list[Task] = []

        class Spy:
            def __init__(self, count: int) -> None: ...

            def send(self, function: object, calls: Sequence[Any], *, at_once: int) -> None:
                sent.extend(call.arguments[1] for call in calls)
                raise InterruptedError

            def close(self) -> None: ...

        monkeypatch.setattr(run, "Workers", Spy)
        with pytest.raises(InterruptedError):
            evaluate(Request(ids=SMALL, jobs=2))
        assert [task.id for task in sent] == list(SMALL)
        assert all(test.output is None for task in sent for test in task.tests)


def test_a_task_whose_worker_dies_is_lost_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("arcbatt._engine")

    class Dying:
        """Workers of which one died twice; the other results come in another order."""

        def __init__(self, count: int) -> None: ...

        def send(self, function: Callable[..., Any], calls: Sequence[Any], *, at_once: int) -> None:
            self.calls = [lambda call=call: function(*call.arguments) for call in calls]

        def receive(self, on_result: Callable[[int, Any], None]) -> None:
            on_result(1, self.calls[1]())
            on_result(0, Lost("its worker died with exit code -9"))

        def close(self) -> None: ...

    monkeypatch.setattr(run, "Workers", Dying)
    evaluated = evaluate(replace(request(jobs=2), ids=("007bbfb7", "67a3c6ac")))
    assert [record.task for record in evaluated.records] == ["007bbfb7", "67a3c6ac"]
    assert evaluated.records[0].problem == "its worker died with exit code -9"
    assert evaluated.totals.lost == 1
    assert (evaluated.totals.tasks, evaluated.totals.tasks_right) == (2, (1, 1, 1))


def found(record: TaskRecord) -> tuple[Any, ...]:
    """Return what does not depend on the machine."""
    effort = record.effort
    return (record.tests, record.programs, record.right, effort.nodes, effort.states)


def request(path: Path | None = None, **others: Any) -> Request:
    setup = Setup(search=Limits(nodes=1500))
    return Request(ids=SMALL, setup=setup, results=path, **others)


def test_one_process_or_two_find_the_same_programs() -> None:
    pytest.importorskip("arcbatt._engine")
    alone, together = evaluate(request()), evaluate(request(jobs=2))
    assert [found(record) for record in alone.records] == [
        found(record) for record in together.records
    ]
    assert [record.task for record in together.records] == list(SMALL)
    assert alone.totals.tasks_right[0] >= 2
    assert any(programs for record in alone.records for programs in record.programs)
    assert alone.stopped == together.stopped == "stopped: 4 tasks measured"


def test_the_attempts_are_those_of_a_run_on_all_tasks() -> None:
    pytest.importorskip("arcbatt._engine")
    from arcbatt.engine import Budget, open_engine
    from arcbatt.pipeline.run import Run, Settings

    tasks = [TRAINING[task] for task in SMALL]
    settings = Settings(Budget(sample_seconds=None))
    whole = Run(tasks, (), open_engine(), settings, searcher=Searcher(Limits(nodes=1500)))
    expected = [
        tuple(tuple(attempt.md5 for attempt in attempts) for attempts in result.attempts)
        for result in whole.execute().results
    ]
    records = evaluate(request()).records
    assert [tuple(tests[:2] for tests in record.programs) for record in records] == expected


class TestGoingOn:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        pytest.importorskip("arcbatt._engine")
        return tmp_path / "results.jsonl"

    @pytest.fixture
    def searches(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
        """Collect the searches; the third one is interrupted."""
        done: list[tuple[str, int]] = []
        search = Searcher.search

        def spy(self: Searcher, tasks: Sequence[Task], *, threads: int = 1) -> list[Searched]:
            done.extend((task.id, self.limits.nodes) for task in tasks)
            if len(done) == 3:
                raise KeyboardInterrupt
            return search(self, tasks, threads=threads)

        monkeypatch.setattr(Searcher, "search", spy)
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
        third = evaluate(replace(request(path, attempts=1), ids=SMALL[:3]))
        assert len(searches) == 5
        assert third.records == second.records[:3]

    def test_a_curve_adds_what_is_missing(
        self, path: Path, searches: list[tuple[str, int]]
    ) -> None:
        evaluate(request(path))
        evaluated = evaluate(request(path, curve=True))
        fewer = curve_budgets(1500)[:-1]
        assert [nodes for _, nodes in searches[5:]] == [nodes for nodes in fewer for _ in SMALL]
        assert [reach.nodes for reach, _ in evaluated.curve] == [*fewer, 1500]
        assert evaluated.curve[-1][1] == evaluated.totals
        assert all(totals.done == 4 for _, totals in evaluated.curve)

    def test_a_part_of_a_line_is_measured_again(self, path: Path) -> None:
        small = replace(request(path), ids=SMALL[:2])
        whole = evaluate(small)
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[:-1]) + lines[-1][:40])
        again = evaluate(small)
        assert list(map(found, again.records)) == list(map(found, whole.records))
        assert len(path.read_bytes().splitlines()) == 3

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"setup": Setup(search=Limits(nodes=1501))}, "search nodes was 1500 and is 1501"),
            (
                {"setup": Setup(sources=(LIBRARY, SEARCH), search=Limits(nodes=1500))},
                'sources was ["search"] and is ["library", "search"]',
            ),
            (
                {"split": "development"},
                'dataset was "arc-agi-1 training" and is "arc-agi-1 development"',
            ),
        ],
    )
    def test_other_settings_are_refused(
        self, path: Path, change: dict[str, Any], named: str
    ) -> None:
        small = replace(request(path), ids=SMALL[-1:])
        evaluate(small)
        before = path.read_bytes()
        with pytest.raises(ResultsError) as raised:
            evaluate(replace(small, **change))
        assert "has results of other settings, name another file" in str(raised.value)
        assert named in str(raised.value)
        assert path.read_bytes() == before


class TestResults:
    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"def solve(): pass\n", "line 1 is no JSON"),
            (b"no line", "is no file of results: its first line has no end"),
            (b"[1]\n", "expected 'arcbatt_results' in its first line"),
            (b'{"arcbatt_results": 1}\n', "has version 1, expected version 2"),
        ],
    )
    def test_other_files_are_refused_and_left_alone(
        self, tmp_path: Path, content: bytes, problem: str
    ) -> None:
        path = tmp_path / "file"
        path.write_bytes(content)
        with pytest.raises(ResultsError) as raised:
            Results.open(path, {"a": 1})
        assert problem in str(raised.value)
        assert path.read_bytes() == content

    @pytest.mark.parametrize("line", [b"{}", b"[]", b"3", b'{"task": ', b"\xff"])
    def test_a_damaged_line_is_named(self, tmp_path: Path, line: bytes) -> None:
        path = tmp_path / "file"
        Results.open(path, {"a": 1}).close()
        head = path.read_bytes()
        path.write_bytes(head + line + b"\n")
        with pytest.raises(ResultsError, match="line 2 is no"):
            Results.open(path, {"a": 1})
        assert path.read_bytes() == head + line + b"\n"

    def test_one_process_writes_at_a_time(self, tmp_path: Path) -> None:
        results = Results.open(tmp_path / "file", {})
        with pytest.raises(ResultsError, match="another process is writing it"):
            Results.open(tmp_path / "file", {})
        results.close()
        Results.open(tmp_path / "file", {}).close()

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(ResultsError, match="directory"):
            Results.open(tmp_path, {})


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (Request(setup=Setup(sources=())), "no sources"),
        (Request(setup=Setup(sources=("archive",))), "name it with --archive"),
        (Request(setup=Setup(sources=(LIBRARY,)), curve=True), "a curve needs a source that"),
        (Request(setup=Setup(sources=(EVOLVE,), plan=Plan(mutants=0))), "mutants: expected 1"),
        (Request(setup=Setup(sources=(FRESH,), plan=Plan(rounds=0))), "rounds: expected 1"),
    ],
)
def test_what_can_not_be_measured_is_refused(asked: Request, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        evaluate(asked)


@pytest.mark.parametrize(
    "points",
    [
        [(1000, 0.0, [0, 0, 0])],
        [(100, 0.01, [1, 2, 2]), (1000, 0.1, [3, 5, 6]), (10**6, 20.5, [111, 120, 128])],
    ],
)
def test_drawings_hold_every_point(points: list[tuple[int, float, list[int]]]) -> None:
    document = {
        "dataset": "a < b & c",
        "tasks": 400,
        "against": "nodes",
        "points": [
            {"nodes_max": nodes, "cpu_mean_s": cpu, "tasks_right": right}
            for nodes, cpu, right in points
        ],
    }
    root = ElementTree.fromstring(draw_curve(document))
    space = "{http://www.w3.org/2000/svg}"
    circles = root.findall(f"{space}circle")
    assert len(circles) == 2 * 3 * len(points)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for circle in circles:
        assert 0 <= float(circle.attrib["cx"]) <= width
        assert 0 <= float(circle.attrib["cy"]) <= height
    texts = [text.text for text in root.findall(f"{space}text")]
    assert "a < b & c: tasks right of 400" in texts
    # More right stands higher up, more nodes stand further to the right.
    first = circles[: len(points)]
    assert [float(c.attrib["cy"]) for c in first] == sorted(
        (float(c.attrib["cy"]) for c in first), reverse=True
    )
    assert [float(c.attrib["cx"]) for c in first] == sorted(float(c.attrib["cx"]) for c in first)
