"""Cases of a task: what a program runs on to be judged by its samples."""

from __future__ import annotations

from arcbatt.engine.outcome import Case
from arcbatt.tasks import Task


def demo_cases(task: Task) -> list[Case]:
    """Make one case per demo; its output is the wanted grid."""
    return [Case(S=task.S, I=given, wanted=wanted) for given, wanted in task.S]


def test_cases(task: Task) -> list[Case]:
    """Make one case per test input; nothing is wanted of it, only a grade knows."""
    return [Case(S=task.S, I=sample.input) for sample in task.tests]


def left_out_cases(task: Task) -> list[Case]:
    """Make one case per demo, with the others as `S`, as `S` lacks the tests."""
    return [
        Case(S=(*task.S[:place], *task.S[place + 1 :]), I=given, wanted=wanted)
        for place, (given, wanted) in enumerate(task.S)
    ]
