"""Granian, on asyncio and uvloop, one thread or several. In the process that serves."""

from __future__ import annotations

import functools
from typing import Any

from afterawait.agent.servers import noting


def _patch(module: Any) -> None:
    begin, wrap = module.LifespanProtocol.__init__, module._callback_wrapper
    with_lifespan = False

    @functools.wraps(begin)
    def begins(self: Any, callback: Any) -> None:
        nonlocal with_lifespan
        with_lifespan = True
        begin(self, noting.wrapped(callback, server="granian"))

    @functools.wraps(wrap)
    def wraps(callback: Any, *more: Any, **named: Any) -> Any:
        return wrap(noting.wrapped(callback, server="granian", lifespan=with_lifespan), *more, **named)

    module.LifespanProtocol.__init__, module._callback_wrapper = begins, wraps


def _patch_internal(module: Any) -> None:
    module.load_target = noting.around(module.load_target, "granian")


PATCHES = {"granian.asgi": _patch, "granian._internal": _patch_internal}
