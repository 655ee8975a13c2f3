"""httpcore's connection pools, through which httpx sends. In measured processes.

Not httpx itself: its requests are the application's, and it looks at them after they were sent.
"""

from __future__ import annotations

import copy
import functools
from types import ModuleType
from typing import Any

from afterawait.agent.forwarding import naming


def _patch(module: ModuleType) -> None:
    handle = module.ConnectionPool.handle_request
    handle_async = module.AsyncConnectionPool.handle_async_request

    @functools.wraps(handle)
    def handles(self: Any, request: Any) -> Any:
        return handle(self, _named(self, request))

    @functools.wraps(handle_async)
    async def handles_async(self: Any, request: Any) -> Any:
        return await handle_async(self, _named(self, request))

    module.ConnectionPool.handle_request = handles
    module.AsyncConnectionPool.handle_async_request = handles_async


def _named(pool: Any, request: Any) -> Any:
    """The request, or a copy of it with the test's name. What goes through a proxy goes to somebody else first."""
    if getattr(pool, "_proxy", None) is not None or hasattr(pool, "_proxy_url"):
        return request
    url = request.url
    present = b",".join(value for name, value in request.headers if _is_ours(name))
    value = naming.header(url.scheme.decode(), url.host.decode(), url.port, present.decode("latin-1"))
    if value is None:
        return request
    named = copy.copy(request)
    others = [each for each in request.headers if not _is_ours(each[0])]
    named.headers = [*others, (naming.HEADER.encode(), value.encode("latin-1"))]
    return named


def _is_ours(name: bytes) -> bool:
    return name.lower() == naming.HEADER.encode()


PATCHES = {"httpcore": _patch}
