"""uvicorn, and what runs it: fastapi-cli, gunicorn's worker for it, programs of one's own. In the process that serves.

`Config.load` is where it has the application, whoever found it: an import string, a factory, an object.
"""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

from afterawait.agent.servers import noting


def _patch(module: ModuleType) -> None:
    load = module.Config.load

    @functools.wraps(load)
    def loads(self: Any) -> None:
        with noting.begun("uvicorn"):
            load(self)
        self.loaded_app = noting.wrapped(self.loaded_app, server="uvicorn", lifespan=self.lifespan != "off")

    module.Config.load = loads


PATCHES = {"uvicorn.config": _patch}
