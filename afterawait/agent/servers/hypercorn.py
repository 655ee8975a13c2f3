"""Hypercorn, on asyncio, uvloop and trio. In the process that serves."""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

from afterawait.agent.servers import noting


def _patch(module: ModuleType) -> None:
    begin = module.ASGIWrapper.__init__

    @functools.wraps(begin)
    def begins(self: Any, app: Any) -> None:
        begin(self, noting.wrapped(app, server="hypercorn"))

    module.ASGIWrapper.__init__ = begins


def _patch_worker(module: Any) -> None:
    module.load_application = noting.around(module.load_application, "hypercorn")


PATCHES = {
    "hypercorn.app_wrappers": _patch,
    # Where workers load it, and not hypercorn.run: for --reload the parent does as well, which serves nothing.
    "hypercorn.asyncio.run": _patch_worker,
    "hypercorn.trio.run": _patch_worker,
}
