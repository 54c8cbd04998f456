"""Notebooks: tasks, programs, results and solutions as HTML, with pictures."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from arcbatt.dsl import REGISTRY
from arcbatt.evaluation.task import Solution
from arcbatt.inspect import Trial, Walk
from arcbatt.program.graph import Program
from arcbatt.program.parse import SourceProgram
from arcbatt.program.render import Form, render
from arcbatt.report.pictures import (
    GAP,
    Picture,
    above,
    beside,
    flow,
    picture_of_grid,
    picture_of_task,
    picture_of_text,
    picture_of_trial,
    picture_of_walk,
)
from arcbatt.report.svg import write_svg
from arcbatt.report.tables import count
from arcbatt.tasks import Task

PROGRAMS_SHOWN = 3


def html_of(thing: object) -> str:
    """Return an object as HTML for a notebook; raises TypeError if nothing draws it."""
    for kind, draw in _DRAWN.items():
        if isinstance(thing, kind):
            return draw(thing)
    raise TypeError(f"nothing draws {type(thing).__name__}")


def _page(picture: Picture, name: str) -> str:
    return write_svg(picture, name=name, paper=True)


def _task_html(task: Task) -> str:
    return _page(picture_of_task(task, answers=False), f"task {task.id}")


def _program_html(program: Program | SourceProgram) -> str:
    graph = program.program if isinstance(program, SourceProgram) else program
    name = program.name if isinstance(program, SourceProgram) else "solve"
    text = escape(render(graph, name=name, form=Form.ASSIGNMENTS).rstrip())
    tips = "".join(
        f"<li><code>{escape(str(REGISTRY[each]))}</code>: {escape(REGISTRY[each].summary)}</li>"
        for each in sorted({node.name for node in graph.nodes} & REGISTRY.keys())
    )
    return (
        f"<pre>{text}</pre><details><summary>{count(graph.size, 'node')}, {graph.md5}</summary>"
        f"<ul>{tips}</ul></details>"
    )


def _trial_html(trial: Trial) -> str:
    return _page(picture_of_trial(trial), f"{trial.source.name} on {trial.task}")


def _walk_html(walk: Walk) -> str:
    return _page(picture_of_walk(walk), f"{walk.program} on {walk.sample} of {walk.task}")


def _solution_html(solution: Solution) -> str:
    """Return attempts with their confidence, and the best programs."""
    rows = []
    for number, (test, attempts) in enumerate(
        zip(solution.task.tests, solution.attempts, strict=False), 1
    ):
        columns = [above([picture_of_text(f"test {number}", "dim"), picture_of_grid(test.input)])]
        columns += [
            above([picture_of_text(f"attempt {place}", "dim"), picture_of_grid(attempt.grid)])
            for place, attempt in enumerate(attempts, 1)
        ]
        rows.append(beside(columns))
    words = f"{count(len(solution.programs), 'program')} right on all demos"
    title = f"task {solution.task.id}: confidence {solution.confidence:.0%}, {words}"
    if not rows:
        title = f"task {solution.task.id}: {solution.stopped}"
    picture = above([picture_of_text(title, "strong"), flow(rows, width=920)], gap=GAP)
    programs = "".join(map(_program_html, solution.programs[:PROGRAMS_SHOWN]))
    return _page(picture, title) + programs


_DRAWN: dict[type, Callable[[Any], str]] = {
    Task: _task_html,
    Program: _program_html,
    SourceProgram: _program_html,
    Trial: _trial_html,
    Walk: _walk_html,
    Solution: _solution_html,
}
