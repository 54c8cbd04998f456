"""Cases of a task: the inputs and wanted grids on which programs are evaluated."""

from __future__ import annotations

from dataclasses import dataclass

from arcbatt.engine.outcome import Case
from arcbatt.tasks import Task


def demo_cases(task: Task) -> list[Case]:
    """Make one case per demo; its output is the wanted grid."""
    return [Case(S=task.S, I=given, wanted=wanted) for given, wanted in task.S]


def test_cases(task: Task) -> list[Case]:
    """Make one case per test input, without a wanted grid: only grading reads test outputs."""
    return [Case(S=task.S, I=sample.input) for sample in task.tests]


def left_out_cases(task: Task) -> list[Case]:
    """Make one leave-one-out case per demo, whose output is wanted and which `S` lacks."""
    return [
        Case(S=(*task.S[:place], *task.S[place + 1 :]), I=given, wanted=wanted)
        for place, (given, wanted) in enumerate(task.S)
    ]


@dataclass(frozen=True)
class TaskCases:
    """All cases of a task.

    Attributes:
        task: the task whose samples they are.
        demos: the demo cases.
        tests: the test cases.
        probes: the leave-one-out cases; none for a task with a single demo.
    """

    task: Task
    demos: tuple[Case, ...]
    tests: tuple[Case, ...]
    probes: tuple[Case, ...]

    @classmethod
    def of(cls, task: Task) -> TaskCases:
        """Make the cases of a task."""
        return cls(
            task=task,
            demos=tuple(demo_cases(task)),
            tests=tuple(test_cases(task)),
            probes=tuple(left_out_cases(task)) if len(task.S) > 1 else (),
        )
