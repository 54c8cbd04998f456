"""What all routes share: the desk, the place that is looked at, and the templates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, JSONResponse, Response

from arcbatt.errors import ArcbattError, ArchiveError, TaskNotFoundError, UsageError
from arcbatt.findings import is_archive
from arcbatt.report.html import environment

if TYPE_CHECKING:
    from jinja2 import Environment
    from starlette.requests import Request

    from arcbatt.web.desk import Desk

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
NOT_FOUND = (TaskNotFoundError, ArchiveError)


@cache
def templates() -> Environment:
    """Return the environment of the page's templates."""
    from jinja2 import FileSystemLoader

    return environment(FileSystemLoader(FOLDER / "templates"))


def desk_of(request: Request) -> Desk:
    """Return the desk of the server."""
    desk: Desk = request.app.state.desk
    return desk


def place_of(request: Request) -> int:
    """Return the number of the archive or results that a visitor looks at."""
    with suppress(ValueError):
        number = int(request.query_params.get("from", "0"))
        if 0 <= number < len(desk_of(request).places):
            return number
    return 0


def asks(request: Request, name: str) -> bool:
    """Return whether a visitor has asked for something."""
    return request.query_params.get(name) == "1"


def label_of(path: Path) -> str:
    """Return the name of an archive or a file of results, for people."""
    kind = "archive" if is_archive(path) else "results"
    return f"{kind} {path}"


def render(request: Request, template: str, *, status: int = 200, **words: Any) -> Response:
    """Return a page."""
    state, desk = request.app.state, desk_of(request)
    query = dict(request.query_params)

    def address(path: str | None = None, **changes: Any) -> str:
        """Return the address of a page that keeps what a visitor looks at."""
        kept: dict[str, Any] = dict(query) if path is None else {}
        if path is not None and "from" in query:
            kept["from"] = query["from"]
        kept = {**kept, **{name.rstrip("_"): value for name, value in changes.items()}}
        kept.pop("part", None)
        chosen = {name: value for name, value in kept.items() if value not in (None, "")}
        where = request.url.path if path is None else path
        return where + (f"?{urlencode(chosen)}" if chosen else "")

    text = (
        templates()
        .get_template(template)
        .render(
            {
                "csrf": state.access.csrf,
                "version": state.version,
                "path": request.url.path,
                "address": address,
                "places": [label_of(path) for path in desk.places],
                "place": place_of(request),
                "set_name": desk.shelf.name,
                "query": query,
                **words,
            }
        )
    )
    return HTMLResponse(text, status_code=status)


async def read_json(request: Request, **kinds: type) -> dict[str, Any]:
    """Return the body of a request, an object of JSON.

    Args:
        request: the request.
        kinds: the type of each value that it has to have.

    Raises UsageError if it is no such object.
    """
    try:
        document = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise UsageError(problem=f"expected JSON: {error}") from error
    if not isinstance(document, dict):
        raise UsageError(problem="expected an object of JSON")
    for name, kind in kinds.items():
        if type(document.get(name)) is not kind:
            raise UsageError(problem=f"expected {name!r} to be of type {kind.__name__}")
    return document


def status_of(error: Exception) -> int:
    """Return the status of an answer that tells an error."""
    if isinstance(error, NOT_FOUND):
        return 404
    return 400 if isinstance(error, UsageError) else 500


def show_error(request: Request, error: Exception) -> Response:
    """Answer with an error that a user can cause: a page, or JSON where a script asked."""
    slug = error.slug if isinstance(error, ArcbattError) else "system"
    return answer_error(request, status_of(error), slug, " ".join(str(error).split()))


def answer_error(request: Request, status: int, slug: str, message: str) -> Response:
    """Answer with an error: a page, or JSON where a script asked."""
    if request.method == "POST" or "part" in request.query_params:
        document: Mapping[str, Any] = {"error": {"slug": slug, "message": message}}
        return JSONResponse(document, status)
    return render(request, "error.html", status=status, slug=slug, message=message)
