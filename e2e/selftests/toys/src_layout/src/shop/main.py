"""The application: plain ASGI, started as `shop.main:app`."""

from shop.inner.answers import answer


async def app(scope, receive, send):
    """Answer a request by its path."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": answer(scope["path"]).encode()})
