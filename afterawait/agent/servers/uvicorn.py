"""uvicorn, and what runs it: fastapi-cli, gunicorn's worker for it, programs of one's own. In the process that serves.

`Config.load` is where it has the application, whoever found it: an import string, a factory, an object.
"""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

from afterawait.agent.servers import loading


def _patch(module: ModuleType) -> None:
    load = module.Config.load

    @functools.wraps(load)
    def loads(self: Any) -> None:
        with loading.begun("uvicorn"):
            load(self)
        self.loaded_app = loading.wrapped(self.loaded_app, lifespan=self.lifespan != "off")

    module.Config.load = loads


PATCHES = {"uvicorn.config": _patch}
