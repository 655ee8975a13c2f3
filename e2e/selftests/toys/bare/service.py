"""An ASGI application; what is measured."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def app(scope: Scope, receive: object, send: Send) -> None:  # ASGI's three
    """Answer in a thread, or at once."""
    body = await asyncio.to_thread(slowly) if scope["path"] == "/thread" else b"at once"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def slowly() -> bytes:
    """Run in a thread."""
    words = [b"from", b"a", b"thread"]
    return b" ".join(words)
