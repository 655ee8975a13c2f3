"""Whom the page answers: nobody by another name, no other site; and headers that keep it from harm. Page process.

A name that was rebound to this machine (DNS rebinding) is refused by its Host header; what changes state must come from
the page itself (Origin, Sec-Fetch-Site) as JSON, which no form can send.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import JSONResponse

HOSTS = {"127.0.0.1", "localhost", "[::1]"}
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


class Reaper:
    """Refuses foreign names and foreign pages, and adds the headers that keep a page from doing harm."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve or refuse one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                own = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *own]
            await send(message)

        refusal = _refusal(scope["method"], headers)
        if refusal:
            await JSONResponse({"error": refusal}, 403)(scope, receive, guarded)
        else:
            await self.app(scope, receive, guarded)


def _refusal(method: str, headers: dict[str, str]) -> str:
    host = headers.get("host", "")
    if _without_port(host) not in HOSTS:
        return "This page answers to 127.0.0.1 and localhost alone."
    if method in {"GET", "HEAD"}:
        return ""
    origin = headers.get("origin")
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"} or (
        origin is not None and urlsplit(origin).netloc != host
    ):
        return "Only the page itself may change anything."
    if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return "Send JSON."
    return ""


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host
