"""Programs as text, and what one did on a task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from arcbatt.dsl.values import is_grid
from arcbatt.dsl.values import text as value_text
from arcbatt.engine.outcome import EXACT
from arcbatt.pipeline.trying import SampleTrial, Trial
from arcbatt.program.check import Checked
from arcbatt.program.graph import Op, Program
from arcbatt.program.render import Form, render
from arcbatt.report.blocks import Block, above, beside_if_fits, draw_grid, write
from arcbatt.report.tasks import size_of

VALUE_LENGTH = 200
"""Characters of a value that is no grid."""


def typed_text(program: Program, checked: Checked, *, name: str = "solve") -> str:
    """Write a program in assignments with the type of each value behind its line."""
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


def draw_trial(trial: Trial, *, width: int) -> Iterator[Block]:
    """Draw what a program did on each sample of a task, in blocks for ``width`` columns."""
    score = trial.score
    yield write(
        f"{trial.source.name} on {trial.task}: {score.demos_right} of {len(score.demos)} demos"
        f" right, o_score {score.total} of {EXACT * len(score.demos)}",
        "bold",
    )
    for sample in trial.samples:
        yield _draw_sample(sample, trial, width=width)


def _draw_sample(sample: SampleTrial, trial: Trial, *, width: int) -> Block:
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
    output = draw_grid(sample.output)
    if sample.wanted is None or sample.right:
        return above([title, output])
    labelled = [
        above([write(f"output {size_of(sample.output)}"), output]),
        above([write(f"wanted {size_of(sample.wanted)}"), draw_grid(sample.wanted)]),
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
    """Return text that is printed as it is, whatever brackets it holds."""
    return Text(text.rstrip("\n"))
