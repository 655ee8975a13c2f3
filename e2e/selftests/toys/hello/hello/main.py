"""Answers with what a test may want to know of its server process. In server processes."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]


async def app(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """One answer to everything, but for `/exit`."""
    if scope["type"] == "lifespan":
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})
        return
    if scope["path"] == "/exit":
        os.closerange(3, 256)  # as the system does, a while before the process is gone
        time.sleep(0.3)  # noqa: ASYNC251  # nothing else may run any more
        os._exit(9)
    body = {"modules": sorted(sys.modules), "environment": dict(os.environ), "pid": os.getpid()}
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
