"""Starlette's applications, FastAPI's among them, under a server that is not known. In the process that serves.

An application is called again by itself (mounted in another, or by a client in its own process): only the outermost
call is a request of the server's.
"""

from __future__ import annotations

import functools
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from afterawait.agent.servers import noting

_inside: ContextVar[bool] = ContextVar("afterawait_inside", default=False)


def _patch(module: ModuleType) -> None:
    call = module.Starlette.__call__

    @functools.wraps(call)
    async def calls(self: Any, scope: Any, receive: Any, send: Any) -> None:
        if noting.known or _inside.get():
            await call(self, scope, receive, send)
            return
        if scope["type"] == "lifespan":
            noting.note()
        token = _inside.set(True)
        try:
            await noting.wrapped(functools.partial(call, self))(scope, receive, send)
        finally:
            _inside.reset(token)

    module.Starlette.__call__ = calls


PATCHES = {"starlette.applications": _patch}
