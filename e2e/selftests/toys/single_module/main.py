"""An application of one module, started as `main:create()`."""

import settings


async def _serve(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": settings.GREETING.encode()})


def create():
    """The factory."""
    return _serve
