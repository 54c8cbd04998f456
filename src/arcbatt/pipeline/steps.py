"""Steps: what each line of a program makes of one demo."""

from __future__ import annotations

from dataclasses import dataclass

from arcbatt.dsl.types import Grid, Value
from arcbatt.engine import Budget, Case, Engine, Failure
from arcbatt.errors import UsageError
from arcbatt.program.graph import Op, Program
from arcbatt.program.parse import SourceProgram
from arcbatt.program.render import Form, render
from arcbatt.tasks import Task


@dataclass(frozen=True, slots=True)
class Step:
    """One assignment of a program with its value.

    Attributes:
        text: the assignment.
        value: what it made; None if it failed.
        failure: why it failed, or None.
    """

    text: str
    value: Value
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Walk:
    """A program, step by step, on a demo.

    Attributes:
        program: its name.
        task: id of the task.
        demo: which demo, from 1.
        input: its input.
        wanted: its output.
        steps: the assignments in their order.
        output: what the program returned, or why it failed.
    """

    program: str
    task: str
    demo: int
    input: Grid
    wanted: Grid
    steps: tuple[Step, ...]
    output: Value | Failure


def walk_program(
    source: SourceProgram, task: Task, demo: int, engine: Engine, budget: Budget
) -> Walk:
    """Run a program on one demo and keep the value of each assignment.

    Args:
        source: the program.
        task: to run it on.
        demo: number of the demo, from 1.
        engine: what evaluates.
        budget: bounds of the run.

    Raises UsageError if the task has no such demo.
    """
    if not 1 <= demo <= len(task.demos):
        raise UsageError(
            problem=f"task {task.id} has no demo {demo}: expected 1 to {len(task.demos)}"
        )
    given, wanted = task.S[demo - 1]
    program = source.program
    outcomes = engine.trace(program, Case(S=task.S, I=given, wanted=wanted), budget)
    steps = []
    for text, index in _assignments(program):
        value = outcomes[index].value
        failed = isinstance(value, Failure)
        steps.append(Step(text, None if failed else value, value if failed else None))
    output = outcomes[program.root].value
    return Walk(source.name, task.id, demo, given, wanted, tuple(steps), output)


def _assignments(program: Program) -> list[tuple[str, int]]:
    """Return the lines of a program's text that call something, with their nodes."""
    calls = [index for index, node in enumerate(program.nodes) if node.op in (Op.CALL, Op.INVOKE)]
    lines = render(program, form=Form.ASSIGNMENTS).splitlines()[1 : len(calls) + 1]
    return [(line.strip(), index) for line, index in zip(lines, calls, strict=True)]
