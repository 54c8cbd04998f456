"""Pages that only show: tasks, programs, comparisons and the language."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from arcbatt.dsl import REGISTRY
from arcbatt.errors import ArcbattError, UsageError
from arcbatt.findings import compare, count_states
from arcbatt.inspect import find_primitives
from arcbatt.ranking.attempts import ATTEMPTS
from arcbatt.report.examples import example_of, text_of
from arcbatt.report.html import picture_html
from arcbatt.report.pictures import (
    THUMB_PIXELS,
    Picture,
    beside,
    picture_of_grid,
    picture_of_text,
    thumbnail,
)
from arcbatt.report.svg import write_svg
from arcbatt.web.desk import DEMOS_SHOWN
from arcbatt.web.overview import Choice, choices_of
from arcbatt.web.site import asks, desk_of, place_of, render

if TYPE_CHECKING:
    from starlette.requests import Request

YEAR_S = 31_536_000
PROGRAMS_SHOWN = 50
"""Largest number of programs of a task that are listed."""


def overview(request: Request) -> Response:
    """Show all tasks that pass the filters of the address."""
    desk, place = desk_of(request), place_of(request)
    findings = desk.findings(place)
    choice = Choice.of(request.query_params)
    tasks = choice.tasks(findings, desk.shelf)
    return render(
        request,
        "cards.html" if "part" in request.query_params else "overview.html",
        choice=choice,
        choices=choices_of(findings, desk.shelf),
        tasks=tasks,
        states=count_states(findings, desk.shelf),
        findings=findings,
        shelf=desk.shelf,
    )


def thumb(request: Request) -> Response:
    """Send the small picture of a task, which never changes for one content."""
    task = desk_of(request).shelf[request.path_params["task"]]
    return _svg(thumbnail(task), f"task {task.id}", is_final=True)


def _svg(picture: Picture, name: str, *, is_final: bool) -> Response:
    age = f"private, max-age={YEAR_S}, immutable" if is_final else "private, max-age=2"
    text = write_svg(picture, name=name)
    return Response(text, media_type="image/svg+xml", headers={"cache-control": age})


def task_page(request: Request) -> Response:
    """Show a task with its attempts and its programs."""
    desk, place = desk_of(request), place_of(request)
    task = desk.shelf[request.path_params["task"]]
    hides = desk.shelf.hides(task.id)
    answers = asks(request, "answers") or not hides
    findings = desk.findings(place)
    finding = findings.of(task.id)
    tasks = [each.task for each in Choice.of(request.query_params).tasks(findings, desk.shelf)]
    number = tasks.index(task.id) if task.id in tasks else -1
    entries = desk.entries(task)
    guesses = desk.guesses(finding, task)
    return render(
        request,
        "task.html",
        task=task,
        split=desk.shelf.split_of(task.id),
        hides=hides,
        answers=answers,
        finding=finding,
        guesses=guesses,
        breaches=desk.breaches(guesses, task),
        entries=entries[:PROGRAMS_SHOWN],
        programs=len(entries),
        demos_shown=DEMOS_SHOWN,
        before=tasks[number - 1] if number > 0 else None,
        after=tasks[number + 1] if 0 <= number < len(tasks) - 1 else None,
    )


def attempts(request: Request) -> Response:
    """Send the attempts at the tests of a task as a picture, for comparisons."""
    desk, place = desk_of(request), place_of(request)
    task = desk.shelf[request.path_params["task"]]
    shows = asks(request, "answers") or not desk.shelf.hides(task.id)
    finding = desk.findings(place).of(task.id)
    parts = []
    for guesses, test in zip(desk.guesses(finding, task), task.tests, strict=False):
        for guess in guesses[:ATTEMPTS]:
            wanted = test.output if shows else None
            if guess.grid is None:
                parts.append(picture_of_text("its program\nis not here", "dim"))
            else:
                parts.append(picture_of_grid(guess.grid, wanted=wanted, pixels=2 * THUMB_PIXELS))
    drawn = beside(parts, gap=8) if parts else picture_of_text("no attempt", "dim")
    return _svg(drawn, f"attempts at {task.id}", is_final=False)


def program_page(request: Request) -> Response:
    """Show a program, each line with its value on a sample."""
    desk = desk_of(request)
    md5 = request.path_params["program"]
    source = desk.program(md5)
    homes = desk.tasks_of(source.program.md5)
    word = request.query_params.get("task") or source.task
    if not word or word not in desk.shelf:
        known = (entry.task.id for entry in homes if entry.task.id in desk.shelf)
        word = next(known, None) or next(iter(desk.shelf))
    task = desk.shelf[word]
    hides = desk.shelf.hides(task.id)
    answers = asks(request, "answers") or not hides
    name = request.query_params.get("sample", "demo 1")
    walk = desk.walk(source, task, name, answers=answers)
    return render(
        request,
        "steps.html" if "part" in request.query_params else "program.html",
        source=source,
        md5=source.program.md5,
        name=name,
        trial=desk.trial(source, task, answers=answers),
        walk=walk,
        task=task,
        hides=hides,
        answers=answers,
        homes=homes,
    )


def program_text(request: Request) -> Response:
    """Send a program as a file of its own."""
    md5 = request.path_params["program"]
    text = desk_of(request).text_of(md5)
    name = md5 if md5.isalnum() else "program"
    headers = {"content-disposition": f'attachment; filename="{name}.py"'}
    return PlainTextResponse(text, headers=headers)


def compare_page(request: Request) -> Response:
    """Compare two places: the tasks that are won and lost."""
    desk = desk_of(request)
    one, other = (_place(request, name) for name in ("a", "b"))
    if "b" not in request.query_params and len(desk.places) > 1:
        other = 1
    findings = desk.findings(one), desk.findings(other)
    found = compare(*findings, desk.shelf)
    return render(
        request,
        "compare.html",
        one=one,
        other=other,
        won=[each for each in found if each.is_won],
        lost=[each for each in found if not each.is_won],
        counts=[count_states(each, desk.shelf) for each in findings],
        shelf=desk.shelf,
    )


def _place(request: Request, name: str) -> int:
    with suppress(ValueError):
        number = int(request.query_params.get(name, "0"))
        if 0 <= number < len(desk_of(request).places):
            return number
    return 0


def primitives_page(request: Request) -> Response:
    """Show the whole language."""
    text = request.query_params.get("q", "").strip()[:80]
    return render(
        request,
        "primitives.html",
        primitives=find_primitives(text=text or None),
        families=REGISTRY.families,
        example_of=example_of,
        text_of=text_of,
        picture=picture_html,
        q=text,
    )


def find(request: Request) -> Response:
    """Lead to a task or a program by a word."""
    from starlette.responses import RedirectResponse

    desk = desk_of(request)
    word = request.query_params.get("q", "").strip()
    if word in desk.shelf:
        return RedirectResponse(f"/tasks/{word}", 303)
    if word in REGISTRY:
        return RedirectResponse(f"/primitives#{word}", 303)
    with suppress(ArcbattError):
        return RedirectResponse(f"/programs/{desk.program(word).program.md5}", 303)
    problem = (
        f"nothing is called {word[:80]!r}: no task of {desk.shelf.name}, no primitive, "
        "and no program here"
    )
    raise UsageError(problem=problem)


ROUTES: list[Any] = [
    Route("/", overview),
    Route("/find", find),
    Route("/tasks/{task}", task_page),
    Route("/tasks/{task}/thumb.svg", thumb),
    Route("/tasks/{task}/attempts.svg", attempts),
    Route("/programs/{program}", program_page),
    Route("/programs/{program}/text", program_text),
    Route("/compare", compare_page),
    Route("/primitives", primitives_page),
]
