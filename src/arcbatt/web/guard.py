"""Guards the page: who may read, who may change something, and what a browser may load for it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES_MAX = 2**18
"""Largest body of a request, in bytes."""
CSRF_HEADER = "x-batt-csrf"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}


def new_secret() -> str:
    """Return a secret that nobody can guess."""
    return secrets.token_urlsafe(24)


@dataclass(frozen=True)
class Access:
    """Who may use the page.

    Attributes:
        port: the port of the server; 0 for any.
        token: the token that a browser has to show once; None where the page is on a loopback
            address, which only this machine reaches.
        csrf: the secret that the pages of this server send with what changes something.
    """

    port: int
    token: str | None = None
    csrf: str = field(default_factory=new_secret)

    @property
    def cookie(self) -> str:
        """The name of the cookie; browsers share cookies between the ports of a host."""
        return f"batt-{self.port}"

    def knows_host(self, host: str) -> bool:
        """Return whether a name of the server is one of its own.

        A page of another server may have a name that leads here (DNS rebinding). Where a token is
        needed, such a page does not have its cookie.
        """
        if self.token is not None:
            return bool(host)
        name, _, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
        if not name:
            name, port = host, ""
        return name in LOOPBACK and (not self.port or port == str(self.port))

    def has_token(self, given: str | None) -> bool:
        """Return whether a token is the right one, or none is needed."""
        if self.token is None:
            return True
        return given is not None and secrets.compare_digest(given.encode(), self.token.encode())

    def has_csrf(self, given: str | None) -> bool:
        """Return whether a request has the secret of this server's pages."""
        return given is not None and secrets.compare_digest(given.encode(), self.csrf.encode())


class Guard:
    """Refuses requests that don't come from the page itself, and adds headers to every answer.

    Args:
        app: the application that it guards.
        access: who may use it.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        guarded = _with_headers(send)
        if problem := self._refuse(scope, headers):
            await _answer(guarded, *problem)
        elif not self._access.has_token(_cookie(headers, self._access.cookie)):
            await self._greet(scope, guarded)
        else:
            await self._app(scope, _bounded(receive), guarded)

    def _refuse(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        """Return status and reason if a request is refused, else None."""
        host = headers.get("host", "")
        if not self._access.knows_host(host):
            return 421, f"expected a request to this machine, got one to {host[:80]!r}"
        if scope["method"] in ("GET", "HEAD"):
            return None
        if scope["method"] != "POST":
            return 405, f"expected GET or POST, got {scope['method']}"
        origin = headers.get("origin", "")
        if origin != f"http://{host}":
            return 403, f"expected a request from this page, got one from {origin[:80]!r}"
        if not self._access.has_csrf(headers.get(CSRF_HEADER)):
            return 403, "the page is from an earlier server: load it again"
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > BODY_BYTES_MAX:
            return 413, f"expected at most {BODY_BYTES_MAX} bytes"
        return None

    async def _greet(self, scope: Scope, send: Send) -> None:
        """Give a cookie to whoever shows the token, and lead to the page without it."""
        query = parse_qsl(scope["query_string"].decode("latin-1"))
        given = dict(query).get("token")
        if not self._access.has_token(given):
            await _answer(send, 403, "expected the token: open the address that `batt serve` wrote")
            return
        rest = urlencode([(name, value) for name, value in query if name != "token"])
        # A path of two slashes would be the address of another server. Browsers take a backslash
        # for a slash and leave tabs out.
        path = quote("/" + scope["path"].lstrip("/"))
        cookie = f"{self._access.cookie}={given}; HttpOnly; SameSite=Strict; Path=/"
        place = path + (f"?{rest}" if rest else "")
        await _answer(send, 303, "", {"location": place, "set-cookie": cookie})


def _cookie(headers: dict[str, str], name: str) -> str | None:
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return None
    return cookies[name].value if name in cookies else None


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            added = dict(HEADERS)
            if b"cache-control" not in given:
                added["cache-control"] = "no-store"
            message["headers"] = [
                *message["headers"],
                *((name.encode(), value.encode()) for name, value in added.items()),
            ]
        await send(message)

    return wrapped


class BodyTooLongError(Exception):
    """A body that is longer than its header says, or than is allowed."""


def _bounded(receive: Receive) -> Receive:
    taken = 0

    async def wrapped() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > BODY_BYTES_MAX:
            raise BodyTooLongError
        return message

    return wrapped


async def _answer(
    send: Send, status: int, text: str, headers: dict[str, str] | None = None
) -> None:
    body = text.encode()
    given = {
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(body)),
        **(headers or {}),
    }
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in given.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
