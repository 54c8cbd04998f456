"""Programs as text and JSON, and their results on tasks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from arcbatt.dsl.registry import Primitive
from arcbatt.dsl.types import Grid, Value
from arcbatt.dsl.values import is_color, is_grid
from arcbatt.dsl.values import text as value_text
from arcbatt.engine.outcome import EXACT
from arcbatt.inspect import SampleTrial, Step, Trial, Walk
from arcbatt.program.check import Checked
from arcbatt.program.graph import Op, Program
from arcbatt.program.merge import Batt
from arcbatt.program.render import Form, render
from arcbatt.report.tables import new_table, pairs
from arcbatt.report.tasks import (
    Block,
    DrawGrid,
    above,
    beside_if_fits,
    cell_style,
    draw_grid,
    flow,
    size_of,
    write,
)
from arcbatt.tasks import GRID_SIDE_MAX

VALUE_LENGTH = 200
"""Largest number of characters of a value that is no grid."""


def typed_text(program: Program, checked: Checked, *, name: str = "solve") -> str:
    """Write a program in assignments with the type of each value after its line."""
    lines = render(program, name=name, form=Form.ASSIGNMENTS).splitlines()
    calls = [index for index, node in enumerate(program.nodes) if node.op in (Op.CALL, Op.INVOKE)]
    width = max(len(line) for line in lines[1 : len(calls) + 1] or [""])
    for number, index in enumerate(calls, 1):
        lines[number] = f"{lines[number]:<{width}}  # {checked.types[index]}"
    notes = [f"# warning: {mismatch}" for mismatch in checked.mismatches]
    return "\n".join([*lines, *notes]) + "\n"


def program_document(
    program: Program, *, name: str, text: str, checked: Checked | None
) -> dict[str, Any]:
    """Return a program as JSON: ``name``, ``md5``, ``size``, ``text``, ``type``, ``warnings``."""
    document: dict[str, Any] = {
        "name": name,
        "md5": program.md5,
        "size": program.size,
        "text": text,
    }
    if checked is not None:
        document["type"] = str(checked.types[program.root])
        document["warnings"] = list(map(str, checked.mismatches))
    return document


def draw_trial(trial: Trial, *, width: int, draw: DrawGrid = draw_grid) -> Iterator[Block]:
    """Draw the results of a program on each sample of a task, in blocks of ``width`` columns."""
    score = trial.score
    yield write(
        f"{trial.source.name} on {trial.task}: {score.demos_right} of {len(score.demos)} demos"
        f" right, o_score {score.total} of {EXACT * len(score.demos)}",
        "bold",
    )
    for sample in trial.samples:
        yield _draw_sample(sample, trial, draw, width=width)


def _draw_sample(sample: SampleTrial, trial: Trial, draw: DrawGrid, *, width: int) -> Block:
    verdicts = {True: ("right", "green"), False: ("wrong", "red"), None: ("", "")}
    verdict, style = verdicts[sample.right]
    words = [sample.name, verdict, f"{sample.fuel} fuel"]
    if sample.failure is not None:
        title = write(f"{sample.name}: failed", "red")
        where = f"{trial.source.file}:{sample.line}: {sample.failure}"
        return above([title, *map(write, _wrapped(where, width))])
    title = write(": ".join([words[0], ", ".join(filter(None, words[1:]))]), style)
    if not is_grid(sample.output):
        return above([title, *map(write, _wrapped(shown_value(sample.output), width))])
    output = draw(sample.output)
    if sample.wanted is None or sample.right:
        return above([title, output])
    labelled = [
        above([write(f"output {size_of(sample.output)}"), output]),
        above([write(f"wanted {size_of(sample.wanted)}"), draw(sample.wanted)]),
    ]
    return above([title, beside_if_fits(labelled, width=width)])


def shown_value(value: Any) -> str:
    """Write a value that is no grid, cut after `VALUE_LENGTH` characters."""
    written = value_text(value)
    return written if len(written) <= VALUE_LENGTH else written[: VALUE_LENGTH - 3] + "..."


def _wrapped(text: str, width: int) -> list[str]:
    from textwrap import wrap

    return wrap(text, max(20, width)) or [""]


def trial_document(trial: Trial) -> dict[str, Any]:
    """Return a trial as JSON: ``task``, ``o_score``, ``demos_right``, ``samples``."""
    return {
        "program": trial.source.name,
        "task": trial.task,
        "o_score": trial.score.total,
        "demos_right": trial.score.demos_right,
        "demos": len(trial.score.demos),
        "samples": [_sample_document(sample, trial) for sample in trial.samples],
    }


def _sample_document(sample: SampleTrial, trial: Trial) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": sample.name,
        "right": sample.right,
        "score": sample.score,
        "fuel": sample.fuel,
    }
    if sample.failure is None:
        grid = is_grid(sample.output)
        document["output"] = sample.output if grid else shown_value(sample.output)
    else:
        document["failure"] = {
            "kind": str(sample.failure.kind),
            "node": sample.failure.node,
            "primitive": sample.failure.primitive,
            "detail": sample.failure.detail,
            "file": trial.source.file,
            "line": sample.line,
        }
    return document


def plain_text(text: str) -> Text:
    """Return text that is printed unchanged; rich would interpret brackets."""
    return Text(text.rstrip("\n"))


def primitives_table(primitives: Iterable[Primitive]) -> Table:
    """List primitives: family, signature, first line of the doc."""
    table = new_table("family", "~primitive", "~does")
    family = ""
    for primitive in primitives:
        table.add_row(
            primitive.family if primitive.family != family else "",
            str(primitive),
            primitive.summary,
        )
        family = primitive.family
    return table


def primitive_text(primitive: Primitive) -> str:
    """Explain one primitive: signature, narrower signatures, doc with its example."""
    lines = [str(primitive), f"  family: {primitive.family}"]
    lines += [f"  also: {signature}" for signature in primitive.overloads]
    return "\n".join([*lines, "", primitive.doc])


def primitive_document(primitive: Primitive) -> dict[str, Any]:
    """Return a primitive as JSON: ``name``, ``family``, ``parameters``, ``result`` and more."""
    return {
        "name": primitive.name,
        "family": primitive.family,
        "signature": str(primitive),
        "parameters": [
            {"name": parameter.name, "type": str(parameter.type)}
            for parameter in primitive.parameters
        ],
        "result": str(primitive.result),
        "overloads": list(map(str, primitive.overloads)),
        "summary": primitive.summary,
        "doc": primitive.doc,
    }


def batt_summary(batt: Batt, path: Path) -> Text:
    """Sum up a batt that was written to a file."""
    return pairs(
        [
            (
                "programs",
                f"{batt.programs_merged} merged, {len(batt.names)} of them different",
            ),
            ("nodes", f"{batt.nodes_merged} before sharing, {len(batt.graph.nodes)} after"),
            ("written to", str(path)),
        ]
    )


def batt_document(batt: Batt, path: Path) -> dict[str, Any]:
    """Return the summary as JSON: ``file``, ``programs``, ``bodies``, nodes before and after."""
    return {
        "file": str(path),
        "programs": batt.programs_merged,
        "bodies": len(batt.names),
        "nodes_before": batt.nodes_merged,
        "nodes_after": len(batt.graph.nodes),
    }


Place = tuple[int, int]


def draw_walk(walk: Walk, *, width: int, draw: DrawGrid = draw_grid) -> Iterator[Block]:
    """Draw each step of a program, in blocks of ``width`` columns."""
    yield write(f"{walk.program} on {walk.sample} of {walk.task}", "bold")
    yield _titled(f"I: {size_of(walk.input)}", draw(walk.input))
    for step in walk.steps:
        yield _titled(step.text, _draw_step(step, walk.input, draw, width=width))
    if walk.output == walk.wanted:
        yield write("the output is right", "green")
    elif walk.wanted is not None:
        title = write(f"the output is wrong; wanted {size_of(walk.wanted)}", "red")
        yield above([title, draw(walk.wanted)])


def _titled(title: str, block: Block) -> Block:
    return above([write(title, "bold"), block])


def _draw_step(step: Step, given: Grid, draw: DrawGrid, *, width: int) -> Block:
    if step.failure is not None:
        return write(str(step.failure), "red")
    value = step.value
    if is_grid(value):
        return draw(value)
    if type(value) is tuple and value and all(map(is_grid, value)):
        rows = list(flow(map(draw, value), width=width))
        return rows[0] if len(rows) == 1 else above(rows)
    cells = cells_of(value, given)
    if not cells:
        return write(shown_value(value))
    drawn = _draw_cells(cells, given)
    return drawn if drawn is not None else write(shown_value(value))


def cells_of(value: Value, given: Grid) -> dict[Place, int | None]:
    """Return the cells of an object, of locations, or of a container of them, with their colours.

    Locations have the colour of the grid at their place, None outside of it. The result is empty
    for other values.
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
    """Draw cells at their places on the grid at hand; None if they are far outside of it."""
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
        "demo": int(walk.sample.removeprefix("demo ")),
        "right": walk.output == walk.wanted,
        "steps": list(map(_step_document, walk.steps)),
    }


def _step_document(step: Step) -> dict[str, Any]:
    if step.failure is not None:
        return {"text": step.text, "failure": str(step.failure)}
    value = step.value
    shown = value if is_grid(value) or type(value) in (int, bool) else shown_value(value)
    return {"text": step.text, "value": shown}
