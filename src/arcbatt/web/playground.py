"""Playground: a program that is written in the browser runs on all samples as it is typed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from arcbatt.dsl import CONSTANTS, REGISTRY
from arcbatt.errors import ParseError, UsageError
from arcbatt.inspect import Trial
from arcbatt.program.check import check
from arcbatt.program.parse import SourceProgram, parse_text
from arcbatt.program.render import Form
from arcbatt.program.render import render as write_program
from arcbatt.web.site import asks, desk_of, read_json, render, templates

if TYPE_CHECKING:
    from starlette.requests import Request

    from arcbatt.tasks import Task

TEXT_LENGTH_MAX = 20_000
"""Largest number of characters of a program."""
FILE = "line"
START = """def solve(S, I, C):
    x1 = vmirror(I)
    return x1
"""


def playground_page(request: Request) -> Response:
    """Show the editor with a program, or with a first one to change."""
    desk = desk_of(request)
    text, task = START, request.query_params.get("task")
    if name := request.query_params.get("program"):
        source = desk.program(name)
        text = write_program(source.program, name="solve", form=Form.ASSIGNMENTS)
    chosen = desk.shelf[task or next(iter(desk.shelf))]
    return render(
        request,
        "playground.html",
        text=text,
        task=chosen,
        tasks=list(desk.shelf),
        hides=desk.shelf.hides(chosen.id),
        answers=asks(request, "answers"),
        can_save=desk.archive is not None,
    )


def language(request: Request) -> Response:
    """Send the names of the language with what the editor shows of them."""
    words = [
        {"name": each.name, "signature": str(each), "summary": each.summary}
        for each in REGISTRY.values()
    ]
    words += [
        {"name": name, "signature": f"{name} = {value}", "summary": "a constant"}
        for name, value in CONSTANTS.items()
    ]
    return JSONResponse(words, headers={"cache-control": "private, max-age=3600"})


def read_source(text: str) -> tuple[SourceProgram | None, list[dict[str, Any]]]:
    """Read a program that is being written.

    Returns the program, or None, and its errors and warnings: ``line`` (0 for the whole text),
    ``text`` and ``kind``.

    Raises UsageError if the text is too long.
    """
    if len(text) > TEXT_LENGTH_MAX:
        raise UsageError(problem=f"expected at most {TEXT_LENGTH_MAX} characters, got {len(text)}")
    found = parse_text(text, file=FILE)
    faults = [_fault(error) for error in (*found.errors, *found.skipped)]
    if not faults and len(found.programs) != 1:
        number = len(found.programs)
        problem = (
            "expected a function such as def solve(S, I, C):"
            if not number
            else (f"expected one program, got {number}")
        )
        faults.append({"line": 0, "text": problem, "kind": "error"})
    if faults:
        return None, faults
    source = found.programs[0]
    warnings = [
        {"line": source.lines[each.node], "text": str(each), "kind": "warning"}
        for each in check(source.program).mismatches
    ]
    return source, warnings


def _fault(error: ParseError) -> dict[str, Any]:
    allowed = error.context["allowed"]
    hint = f"; allowed here: {allowed}" if allowed else ""
    return {
        "line": error.context["line"],
        "text": f"{error.context['problem']}{hint}",
        "kind": "error",
    }


async def run(request: Request) -> Response:
    """Read, check and run a program on all samples of a task."""
    words = await read_json(request, text=str, task=str)
    return await run_in_threadpool(_run, request, words)


def _run(request: Request, words: dict[str, Any]) -> Response:
    desk = desk_of(request)
    task = desk.shelf[words["task"]]
    answers = bool(words.get("answers")) or not desk.shelf.hides(task.id)
    start = time.perf_counter()
    source, faults = read_source(words["text"])
    document: dict[str, Any] = {"faults": faults, "html": "", "right": 0, "demos": len(task.demos)}
    if source is not None:
        trial = desk.try_out(source, task, answers=answers)
        document["html"] = _results(trial, task)
        document["right"] = trial.score.demos_right
        document["md5"] = source.program.md5
        document["size"] = source.program.size
        faults += [
            {
                "line": sample.line,
                "text": f"{sample.name}: {sample.failure}",
                "kind": "failure",
            }
            for sample in trial.samples
            if sample.failure is not None
        ]
    document["ms"] = round(1000 * (time.perf_counter() - start))
    return JSONResponse(document)


def _results(trial: Trial, task: Task) -> str:
    template = templates().get_template("results.html")
    return template.render({"trial": trial, "task": task})


async def save(request: Request) -> Response:
    """Save a program into the archive."""
    words = await read_json(request, text=str, task=str)
    return await run_in_threadpool(_save, request, words)


def _save(request: Request, words: dict[str, Any]) -> Response:
    desk = desk_of(request)
    source, faults = read_source(words["text"])
    if source is None:
        raise UsageError(problem=f"line {faults[0]['line']}: {faults[0]['text']}")
    message = desk.save(source, desk.shelf[words["task"]])
    return JSONResponse({"message": message, "md5": source.program.md5})


ROUTES: list[Any] = [
    Route("/playground", playground_page),
    Route("/playground/language.json", language),
    Route("/playground/run", run, methods=["POST"]),
    Route("/playground/save", save, methods=["POST"]),
]
