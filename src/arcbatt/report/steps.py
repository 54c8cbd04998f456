"""A program step by step: each assignment with a picture of its value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import is_color, is_grid
from arcbatt.pipeline.steps import Step, Walk
from arcbatt.report.blocks import Block, above, draw_grid, flow, write
from arcbatt.report.colors import cell_style
from arcbatt.report.programs import shown_value
from arcbatt.report.tasks import size_of
from arcbatt.tasks import GRID_SIDE_MAX

Place = tuple[int, int]


def draw_walk(walk: Walk, *, width: int) -> Iterator[Block]:
    """Draw each step of a program, in blocks for ``width`` columns."""
    yield write(f"{walk.program} on demo {walk.demo} of {walk.task}", "bold")
    yield _titled(f"I: {size_of(walk.input)}", draw_grid(walk.input))
    for step in walk.steps:
        yield _titled(step.text, _draw_step(step, walk.input, width=width))
    if walk.output == walk.wanted:
        yield write("the output is right", "green")
    else:
        title = write(f"the output is wrong; wanted {size_of(walk.wanted)}", "red")
        yield above([title, draw_grid(walk.wanted)])


def _titled(title: str, block: Block) -> Block:
    return above([write(title, "bold"), block])


def _draw_step(step: Step, given: Grid, *, width: int) -> Block:
    if step.failure is not None:
        return write(str(step.failure), "red")
    value = step.value
    if is_grid(value):
        return draw_grid(value)
    if type(value) is tuple and value and all(map(is_grid, value)):
        rows = list(flow(map(draw_grid, value), width=width))
        return rows[0] if len(rows) == 1 else above(rows)
    cells = cells_of(value, given)
    if not cells:
        return write(shown_value(value))
    drawn = _draw_cells(cells, given)
    return drawn if drawn is not None else write(shown_value(value))


def cells_of(value: Value, given: Grid) -> dict[Place, int | None]:
    """Return the cells of an object, of locations, or of a container of them, with their colours.

    Locations have the colour that the grid has there, None beyond it. Empty for other values.
    """
    if type(value) is not frozenset and type(value) is not tuple:
        return {}
    if type(value) is frozenset and value and all(map(_is_cell, value)):
        return {place: color for color, place in value}
    if type(value) is frozenset and value and all(map(_is_place, value)):
        height, width = len(given), len(given[0]) if given else 0
        return {
            (i, j): given[i][j] if 0 <= i < height and 0 <= j < width else None for i, j in value
        }
    parts = [cells_of(member, given) if type(member) is frozenset else {} for member in value]
    if not all(parts):
        return {}
    return {place: color for part in parts for place, color in part.items()}


def _is_place(value: Value) -> bool:
    return type(value) is tuple and len(value) == 2 and all(type(part) is int for part in value)


def _is_cell(value: Value) -> bool:
    return type(value) is tuple and len(value) == 2 and is_color(value[0]) and _is_place(value[1])


def _draw_cells(cells: Mapping[Place, int | None], given: Grid) -> Block | None:
    """Draw cells where they lie on the grid at hand; None if they lie far beyond it."""
    rows, columns = zip(*cells, strict=True)
    top, left = min(0, *rows), min(0, *columns)
    bottom = max(len(given) - 1, *rows)
    right = max(len(given[0]) - 1 if given else 0, *columns)
    if max(bottom - top, right - left) >= 2 * GRID_SIDE_MAX:
        return None
    wide = max((len(str(color)) for color in cells.values() if color is not None), default=1)
    lines = []
    for i in range(top, bottom + 1):
        line = Text(no_wrap=True)
        for j in range(left, right + 1):
            color = cells.get((i, j))
            if (i, j) not in cells:
                line.append(f"{'.':>{wide}} ")
            elif color is None:
                line.append(f"{'x':>{wide}} ")
            else:
                line.append(f"{color:>{wide}} ", style=cell_style(color))
        lines.append(line)
    return Block((wide + 1) * (right - left + 1), tuple(lines))


def walk_document(walk: Walk) -> dict[str, Any]:
    """Return a walk as JSON: ``program``, ``task``, ``demo``, ``right``, ``steps``."""
    return {
        "program": walk.program,
        "task": walk.task,
        "demo": walk.demo,
        "right": walk.output == walk.wanted,
        "steps": list(map(_step_document, walk.steps)),
    }


def _step_document(step: Step) -> dict[str, Any]:
    if step.failure is not None:
        return {"text": step.text, "failure": str(step.failure)}
    value = step.value
    shown = value if is_grid(value) or type(value) in (int, bool) else shown_value(value)
    return {"text": step.text, "value": shown}
