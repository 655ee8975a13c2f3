"""The application: plain ASGI."""

import asyncio

from shop import book
from shop.generated import VERSION


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    status, body = await answer(scope["method"], scope["path"].strip("/"))
    await send({"type": "http.response.start", "status": status, "headers": [(b"connection", b"close")]})
    await send({"type": "http.response.body", "body": body.encode()})


async def lifespan(receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    closing = {"type": "lifespan.shutdown.complete"}
    await send(closing)


async def answer(method, guest):
    if method == "POST":
        await asyncio.to_thread(book.write, guest)
        return 201, "written"
    if guest == "version":
        return 200, VERSION
    return 200, str(await asyncio.to_thread(book.count, guest))
