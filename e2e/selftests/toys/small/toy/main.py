"""A service of two operations, without a package of anybody's: it starts in no time."""

import asyncio
import os
from urllib.parse import parse_qs


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    route = {"/count": count, "/thread": thread}[scope["path"]]
    body = await route(parse_qs(scope["query_string"].decode()))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body.encode()})


async def lifespan(receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def count(query):
    await asyncio.sleep(0)
    number = int(os.environ.get("TOY_BEGINS_AT", "1"))
    if "double" in query:
        number *= 2
    return str(number)


async def thread(query):
    return await asyncio.to_thread(in_thread)


def in_thread():
    answer = "from"
    answer += " a thread"
    return answer
