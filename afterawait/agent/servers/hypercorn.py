"""Hypercorn, on asyncio, uvloop and trio. In the process that serves."""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

from afterawait.agent.servers import loading


def _patch(module: ModuleType) -> None:
    begin = module.ASGIWrapper.__init__

    @functools.wraps(begin)
    def begins(self: Any, app: Any) -> None:
        with loading.begun("hypercorn"):
            begin(self, loading.wrapped(app))

    module.ASGIWrapper.__init__ = begins


def _patch_utils(module: Any) -> None:
    module.load_application = loading.around(module.load_application, "hypercorn")


PATCHES = {"hypercorn.app_wrappers": _patch, "hypercorn.utils": _patch_utils}
