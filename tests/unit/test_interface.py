"""The interface for Python and notebooks: solve, evaluate, explain, and objects that show."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

import pytest
from rich.console import Console
from tests.runs import mirror_task

import arcbatt
from arcbatt.errors import UsageError
from arcbatt.evaluation.task import Bench, Solution, Ungraded
from arcbatt.report.notebook import html_of
from arcbatt.report.progress import DelayedProgress
from arcbatt.tasks import Task

MIRROR = "def solve(S, I, C): return vmirror(I)"


@pytest.mark.native
def test_a_task_is_solved_in_one_line() -> None:
    task = mirror_task()
    solution = arcbatt.solve(task, sources=["search"])
    assert solution.attempts[0][0].grid == task.tests[0].output
    assert 0 < solution.confidence <= 1
    assert solution.effort == "quick"
    assert "vmirror(I)" in solution.programs[0].program.inlined
    html = solution._repr_html_()
    assert html.count("<title>task 00000001: confidence ") == 1
    assert "<pre>def solve(S, I, C):" in html


@pytest.mark.native
def test_several_tasks_are_solved_in_a_list() -> None:
    tasks = [mirror_task("00000001"), mirror_task("00000002")]
    solutions = arcbatt.solve(tasks, sources=["search"])
    assert [each.task.id for each in solutions] == ["00000001", "00000002"]


def test_efforts_have_names() -> None:
    with pytest.raises(UsageError, match="no effort is called 'poem': expected one of quick"):
        arcbatt.solve(mirror_task(), "poem")


def interrupting(after: int) -> Iterator[None]:
    """Yield some times, then interrupt."""
    yield from (None for _ in range(after))
    raise KeyboardInterrupt


def test_an_interrupt_keeps_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    left = interrupting(1)

    def evaluate(self: Bench, task: Task, efforts: Sequence[int]) -> list[Ungraded]:
        next(left)
        return [Ungraded(task.id, efforts[0], confidence=0.5)]

    monkeypatch.setattr(Bench, "evaluate", evaluate)
    tasks = [mirror_task("00000001"), mirror_task("00000002"), mirror_task("00000003")]
    done, cut = arcbatt.solve(tasks, sources=["library"])
    assert (done.effort, done.confidence) == ("quick", 0.5)
    assert (cut.effort, cut.attempts) == ("", ())
    assert cut.stopped == "interrupted before the first effort was done"
    assert "interrupted" in cut._repr_html_()
    left = interrupting(1)
    solution = arcbatt.solve(tasks[0], "normal", sources=["library"])
    assert (solution.effort, solution.stopped) == ("quick", "interrupted after the effort quick")


def test_a_trusted_attempt_ends_the_efforts(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def evaluate(self: Bench, task: Task, efforts: Sequence[int]) -> list[Ungraded]:
        seen.append(efforts[0])
        return [Ungraded(task.id, efforts[0], confidence=0.95 if len(seen) > 1 else 0.1)]

    monkeypatch.setattr(Bench, "evaluate", evaluate)
    assert arcbatt.solve(mirror_task(), "max", sources=["library"]).effort == "normal"
    assert seen == [50_000, 400_000]


@pytest.mark.parametrize(
    "program",
    [MIRROR, arcbatt.parse_program(MIRROR), arcbatt.parse_program(MIRROR).program],
    ids=["text", "source", "program"],
)
def test_a_program_is_run_and_explained_in_any_form(program: str) -> None:
    task = mirror_task()
    trial = arcbatt.evaluate(program, task)
    assert (trial.score.demos_right, trial.samples[-1].right) == (2, None)
    assert arcbatt.evaluate(program, task, answers=True).samples[-1].right is True
    walk = arcbatt.explain(program, task, "test 1")
    assert walk.output == task.tests[0].output
    assert walk.steps[0].text == "x1 = vmirror(I)" and walk.wanted is None
    with pytest.raises(UsageError, match="has no demo 9: expected 1 to 2"):
        arcbatt.explain(program, task, "demo 9")


def test_objects_show_themselves() -> None:
    task = mirror_task()
    source = arcbatt.parse_program("def solve(S, I, C): return fill(I, THREE, asindices(I))")
    for thing in (task, arcbatt.evaluate(source, task), source.explain(task)):
        root = ElementTree.fromstring(thing._repr_html_())
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "demo\N{NO-BREAK SPACE}1" in task._repr_html_()
    for program in (source, source.program):
        html = program._repr_html_()
        assert "x2 = fill(I, THREE, x1)" in html
        assert re.search(r"<li><code>fill\(grid: Grid, value: Color", html)
    with pytest.raises(TypeError, match="nothing draws int"):
        html_of(7)


def test_answers_are_not_in_the_picture_of_a_task() -> None:
    hidden, unknown = mirror_task(), mirror_task(with_answer=False)
    assert hidden._repr_html_() == unknown._repr_html_()


def test_a_notebook_has_a_progress_bar() -> None:
    assert DelayedProgress(Console(force_jupyter=True))._progress is not None
    assert DelayedProgress(Console(force_jupyter=False, file=io.StringIO()))._progress is None


def test_what_python_prints_is_short_and_keeps_the_answers() -> None:
    task = mirror_task()
    trial = arcbatt.evaluate(MIRROR, task)
    walk = arcbatt.explain(MIRROR, task, "demo 1")
    assert str(trial.source) == "def solve(S, I, C):\n    return vmirror(I)"
    assert repr(task) == f"<Task 00000001: demos={len(task.demos)}, tests={len(task.tests)}>"
    right = f"{len(task.demos)} of {len(task.demos)} demos right"
    assert repr(trial) == f"<Trial of solve on 00000001: {right}>"
    assert repr(walk) == "<Walk of solve on demo 1 of 00000001: steps=1>"
    solution = Solution(task, confidence=0.9, programs=(trial.source,))
    assert repr(solution) == "<Solution of 00000001: programs=1, confidence=0.90>"
