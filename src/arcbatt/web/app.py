"""The application: routes, guard and errors; and the server that runs it."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from arcbatt.errors import ArcbattError, UsageError
from arcbatt.report.html import read_template
from arcbatt.web import pages, playground, runs
from arcbatt.web.guard import LOOPBACK, Access, BodyTooLongError, Guard, new_secret
from arcbatt.web.runner import Runner
from arcbatt.web.site import STATIC, answer_error, show_error

if TYPE_CHECKING:
    from starlette.requests import Request

    from arcbatt.web.desk import Desk

PORT = 8017
PORTS = 20
"""Number of ports that are tried if none was named."""
GRACE_S = 2
"""Seconds that open requests get when the server ends."""


def make_app(desk: Desk, access: Access) -> Starlette:
    """Return the page as an application.

    Args:
        desk: what it shows.
        access: who may use it.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        threading.Thread(target=desk.warm, daemon=True).start()
        yield
        app.state.runner.close()

    app = Starlette(
        routes=[
            *pages.ROUTES,
            *playground.ROUTES,
            *runs.ROUTES,
            Route("/static/style.css", _style),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(Guard, access=access)],
        exception_handlers={
            ArcbattError: show_error,
            OSError: show_error,
            BodyTooLongError: _show_length,
            HTTPException: _show_http,
            500: _show_bug,
        },
        lifespan=lifespan,
    )
    app.state.desk, app.state.access = desk, access
    app.state.runner, app.state.history = Runner(), runs.History()
    try:
        app.state.version = version_of("arcbatt")
    except PackageNotFoundError:
        app.state.version = ""
    return app


def _style(request: Request) -> Response:
    """Send the style sheet, which reports have too."""
    return PlainTextResponse(
        read_template("style.css"), media_type="text/css", headers={"cache-control": "no-cache"}
    )


def _show_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    message = f"there is no page {request.url.path[:80]!r}" if status == 404 else str(error)
    return answer_error(request, status, "page", message)


def _show_length(request: Request, error: Exception) -> Response:
    return answer_error(request, 413, "page", "the request is too long")


def _show_bug(request: Request, error: Exception) -> Response:
    message = "this is a bug of arcbatt; the terminal of `batt serve` has its details"
    return answer_error(request, 500, "bug", message)


def open_socket(host: str, port: int | None) -> socket.socket:
    """Return a socket that listens.

    Args:
        host: the address to listen on.
        port: the port; None for the first free one from `PORT` on.

    Raises UsageError if the address or the port can't be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    problem = ""
    for each in [port] if port is not None else range(PORT, PORT + PORTS):
        opened = socket.socket(family, socket.SOCK_STREAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind((host, each))
            opened.listen()
        except OSError as error:
            opened.close()
            problem = f"{host} port {each}: {error.strerror or error}"
        else:
            return opened
    raise UsageError(problem=f"the page can't be served on {problem}")


def serve(
    desk: Desk,
    *,
    host: str,
    port: int | None,
    token: str | None,
    on_start: Callable[[str], None],
) -> None:
    """Serve the page until a signal comes.

    Args:
        desk: what it shows.
        host: the address to listen on. One that other machines reach needs a token.
        port: the port; None for the first free one from `PORT` on.
        token: the token; None for a new one where one is needed.
        on_start: callback, called with the address of the page.

    Raises UsageError if the address or the port can't be had.
    """
    with open_socket(host, port) as opened:
        number = opened.getsockname()[1]
        if host not in LOOPBACK:
            token = token or new_secret()
        access = Access(number, token)
        shown = f"[{host}]" if ":" in host else host
        on_start(f"http://{shown}:{number}/" + (f"?token={token}" if token else ""))
        config = uvicorn.Config(
            make_app(desk, access),
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
            http="h11",
            ws="none",
        )
        uvicorn.Server(config).run(sockets=[opened])
