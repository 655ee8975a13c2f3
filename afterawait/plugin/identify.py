"""The fixture `identify`: any client says of each request which test sent it. Test process.

A request is credited to the test that runs as it is sent, so that one client may serve many tests.
"""

from __future__ import annotations

import functools
import sys
import weakref
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from typing import Any, overload
from urllib.parse import urlsplit

from afterawait.agent.witness import baggage
from afterawait.plugin.cookies import Cookies
from afterawait.plugin.test_id import HEADER, running

BY_HAND = "headers=identify()"
KNOWN = "httpx, requests, aiohttp, Playwright, and requests and headers of most others"


class Done:
    """That something has been done: to be awaited where a client awaits its hooks, or not."""

    def __await__(self) -> Generator[None]:
        """Nothing is left to wait for."""
        yield from ()


class Identify:
    """What the fixture is. `base_url` is that of a server of somebody else's, if the tests run against one."""

    def __init__(self, base_url: str | None) -> None:
        cookies = Cookies([_origin(base_url)] if base_url else ["http://127.0.0.1", "http://localhost"])
        running.followers.append(cookies.renew)
        self._named: weakref.WeakSet[Any] = weakref.WeakSet()
        self._kinds: tuple[tuple[str, str, Callable[[Any], Awaitable[None] | None]], ...] = (
            ("httpx", "Request", _of_request),
            ("httpx", "Client", self._of_httpx),
            ("httpx", "AsyncClient", self._of_httpx),
            ("requests", "PreparedRequest", _of_request),
            ("requests", "Request", _of_request),
            ("requests", "Session", self._of_requests),
            ("aiohttp", "ClientRequest", _of_request),
            ("aiohttp", "ClientSession", self._of_aiohttp),
            ("urllib.request", "Request", _of_request),
            ("playwright.sync_api", "APIRequestContext", cookies.of_sync),
            ("playwright.sync_api", "BrowserContext", cookies.of_sync),
            ("playwright.sync_api", "Page", cookies.of_sync_page),
            ("playwright.async_api", "APIRequestContext", cookies.of_async),
            ("playwright.async_api", "BrowserContext", cookies.of_async),
            ("playwright.async_api", "Page", cookies.of_async_page),
        )

    @overload
    def __call__(self) -> dict[str, str]: ...
    @overload
    def __call__(self, client: object) -> Awaitable[None]: ...
    def __call__(self, client: object = None) -> dict[str, str] | Awaitable[None]:
        """Let what `client` sends be credited to the test that runs then; without one, return a request's headers.

        A client, a request, or headers that can be changed. It may be awaited, and need not be.
        """
        __tracebackhide__ = True
        if client is None:
            return _put({})
        for module, name, identify in self._kinds:
            kind = getattr(sys.modules.get(module), name, ())
            if isinstance(client, kind):
                return identify(client) or Done()
        if isinstance(client, MutableMapping):
            _put(client)
            return Done()
        raise TypeError(_unknown(client))

    # -- each kind of client in the way that its library has for it

    def _of_httpx(self, client: Any) -> None:
        hooks = client.event_hooks["request"]
        if self not in hooks:
            hooks.append(self)

    def _of_requests(self, session: Any) -> None:
        if session in self._named:
            return
        self._named.add(session)
        send = session.send  # its hooks come after the response alone

        @functools.wraps(send)
        def identified(request: Any, **options: Any) -> Any:
            _of_request(request)
            return send(request, **options)

        session.send = identified

    def _of_aiohttp(self, session: Any) -> None:
        if session in self._named:
            return
        self._named.add(session)

        async def identified(_session: Any, _context: Any, request: Any) -> None:
            _of_request(request)

        trace = sys.modules["aiohttp"].TraceConfig()
        trace.on_request_start.append(identified)
        trace.freeze()
        session.trace_configs.append(trace)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _of_request(request: Any) -> None:
    _put(request.headers)


def _put[Headers: MutableMapping[str, str]](headers: Headers) -> Headers:
    """Name the running test in `headers`, beside what others have put into their baggage."""
    present = [(name, value) for name, value in headers.items() if name.lower() == HEADER]
    members = [member for _, value in present for member in baggage.without_ours(_text(value))]
    for name in {name for name, _ in present}:
        del headers[name]
    if ours := running.members():
        members.append(baggage.joined(ours))
    if members:
        headers[HEADER] = ",".join(members)
    return headers


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _unknown(client: object) -> str:
    module, name = type(client).__module__, type(client).__qualname__
    if module.startswith("websockets") or name == "ClientWebSocketResponse":
        return (
            f"identify() comes too late for this websocket ({module}.{name}): its handshake is over, and was all that "
            "could name its test.\n"
            "Write `connect(url, additional_headers=identify())`."
        )
    return (
        f"identify() does not know a client of this kind: {module}.{name}. It knows {KNOWN}.\n"
        f"Give each request the header by hand, `client.get(url, {BY_HAND})`; a browser, the same members as cookies "
        "(docs/witness.md)."
    )
