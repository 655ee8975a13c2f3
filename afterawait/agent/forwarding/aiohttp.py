"""aiohttp's client: each request, and each that follows from a redirect. In measured processes."""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

from afterawait.agent.forwarding import naming


def _patch(module: ModuleType) -> None:
    send = module.ClientRequest.send

    @functools.wraps(send)
    async def sends(self: Any, conn: Any) -> Any:
        headers = self.headers
        named = _named(self)
        if named is None:
            return await send(self, conn)
        self.headers = named
        try:
            response = await send(self, conn)
        finally:
            self.headers = headers  # a response shows its request's, and a middleware may send it again
        response._request_info = self.request_info
        return response

    module.ClientRequest.send = sends


def _named(request: Any) -> Any:
    """A copy of its headers with the test's name; None where they are sent as they are."""
    if request.proxy is not None:
        return None
    url = request.url
    present = ",".join(request.headers.getall(naming.HEADER, ()))
    value = naming.header(url.scheme, url.host or "", url.port, present)
    if value is None:
        return None
    named = request.headers.copy()
    named[naming.HEADER] = value
    return named


PATCHES = {"aiohttp.client_reqrep": _patch}
