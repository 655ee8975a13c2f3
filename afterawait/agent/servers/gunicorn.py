"""gunicorn: its own ASGI worker; that a worker of uvicorn's loads the application before uvicorn does. In a worker."""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

from afterawait.agent.servers import noting


def _patch(module: ModuleType) -> None:
    load = noting.around(module.ASGIWorker.load_wsgi, "gunicorn")

    @functools.wraps(load)
    def loads(self: Any) -> None:
        load(self)
        lifespan = getattr(self.cfg, "asgi_lifespan", "auto") != "off"
        self.asgi = noting.wrapped(self.asgi, server="gunicorn", lifespan=lifespan)

    module.ASGIWorker.load_wsgi = loads


def _patch_base(module: ModuleType) -> None:
    load = module.Worker.load_wsgi
    noted = noting.around(load, "gunicorn")

    @functools.wraps(load)
    def loads(self: Any) -> None:
        uvicorns = any(each.__module__.startswith("uvicorn") for each in type(self).__mro__)
        (noted if uvicorns else load)(self)

    module.Worker.load_wsgi = loads


PATCHES = {"gunicorn.workers.gasgi": _patch, "gunicorn.workers.base": _patch_base}
