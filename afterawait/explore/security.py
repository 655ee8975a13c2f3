"""Whom the page answers: only a holder of its token, under this machine's own names. Page process.

The token travels in the URL's fragment, which no browser sends, and from there in a request header: never in a cookie,
which the explored application would receive too (cookies ignore ports). A name that was rebound to this machine (DNS
rebinding) is refused by its Host header; what changes state must come from the page itself, as JSON.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Collection
from typing import Any
from urllib.parse import urlsplit

from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse

HOSTS = ("127.0.0.1", "localhost")
SCHEME = "Bearer"
UNKNOWN = (
    "This page shows a project's sources to nobody without its token: "
    "open the address that `afterawait explore` printed, with all that stands behind the #."
)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def middleware(token: str, without: Collection[str]) -> list[Middleware]:
    """What stands before the page, outermost first; the paths `without` hold no data and need no token."""
    return [
        Middleware(HarmlessHeaders),
        Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS), www_redirect=False),
        Middleware(TokenRequired, token=token, without=frozenset(without)),
    ]


class HarmlessHeaders:
    """Adds the headers that keep a page from doing harm, to refusals too."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""

        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                own = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *own]
            await send(message)

        await self.app(scope, receive, sending)


class TokenRequired:
    """Refuses whoever does not know the token, and other sites' pages even if they should."""

    def __init__(self, app: Application, token: str, without: frozenset[str]) -> None:
        self.app = app
        self._token = token.encode()
        self._without = without

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve or refuse one connection."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        reading = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        if not (reading and scope["path"] in self._without) and not self._known(headers.get("authorization", "")):
            refusal = JSONResponse({"error": UNKNOWN}, 401, {"WWW-Authenticate": SCHEME})
            await refusal(scope, receive, send)
        elif not reading and (reason := _foreign(headers)):
            await JSONResponse({"error": reason}, 403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _known(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        same = secrets.compare_digest(token.strip().encode("latin-1"), self._token)
        return same and scheme.lower() == SCHEME.lower()


def _foreign(headers: dict[str, str]) -> str:
    """Why a request that changes something is none of the page's own; "" where it is."""
    origin = headers.get("origin")
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"} or (
        origin is not None and urlsplit(origin).netloc != headers.get("host")
    ):
        return "Only the page itself may change anything."
    if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return "Send JSON."
    return ""
