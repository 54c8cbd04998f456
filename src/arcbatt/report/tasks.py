"""A task's grids, in ARC's colours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from arcbatt.dsl.types import Grid
from arcbatt.report.blocks import Block, above, beside, beside_if_fits, draw_grid, flow, write
from arcbatt.tasks import Sample, Task

ARROW = write("->")


def size_of(grid: Grid) -> str:
    """Write a grid's size: rows, then columns."""
    return f"{len(grid)}x{len(grid[0]) if grid else 0}"


def draw_task(task: Task, *, answers: bool, width: int) -> Iterator[Block]:
    """Draw a task in blocks of at most ``width`` columns, unless a single grid is wider.

    Args:
        task: to draw.
        answers: whether the outputs of the tests are shown.
        width: columns of the terminal.
    """
    demos = (
        _draw_sample(f"demo {number}", sample, width=width)
        for number, sample in enumerate(task.demos, 1)
    )
    tests = (
        _draw_sample(f"test {number}", sample if answers else Sample(sample.input), width=width)
        for number, sample in enumerate(task.tests, 1)
    )
    for row in (*flow(demos, width=width), *flow(tests, width=width)):
        yield above([row, write("")])


def _draw_sample(name: str, sample: Sample, *, width: int) -> Block:
    shown = draw_grid(sample.input)
    if sample.output is None:
        return above([write(f"{name}: {size_of(sample.input)}", "bold"), shown])
    title = f"{name}: {size_of(sample.input)} -> {size_of(sample.output)}"
    pair = beside([shown, ARROW, draw_grid(sample.output)], gap=1)
    if pair.width > width:
        pair = beside_if_fits([shown, draw_grid(sample.output)], width=width)
    return above([write(title, "bold"), pair])


def task_document(task: Task, *, answers: bool) -> dict[str, Any]:
    """Return a task as JSON: ``id``, ``train`` and ``test`` in the form of ARC's task files."""
    return {
        "id": task.id,
        "train": [{"input": demo.input, "output": demo.output} for demo in task.demos],
        "test": [
            {"input": test.input, "output": test.output} if answers else {"input": test.input}
            for test in task.tests
        ],
    }
