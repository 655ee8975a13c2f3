"""An application in a folder without an __init__.py, started as `service.main:app`."""

from service.parts.greeting import GREETING


async def app(scope, receive, send):
    """Greet whoever asks."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": GREETING.encode()})
