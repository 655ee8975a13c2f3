"""A service of three operations; `/greenlet` and `/thread` go where tracers lose their place."""

import asyncio
import os
from urllib.parse import parse_qs

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

engine = create_async_engine(os.environ["DATABASE_URL"], poolclass=NullPool)


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    route = {"/greenlet": greenlet, "/thread": thread}[scope["path"]]
    body = await route(parse_qs(scope["query_string"].decode()))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body.encode()})


async def lifespan(receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def greenlet(query):
    async with AsyncSession(engine) as session:
        found = await session.execute(text("SELECT 1"))
        number = found.scalar_one()
    if "double" in query:
        number *= 2
    return str(number)


async def thread(query):
    return await asyncio.to_thread(in_thread)


def in_thread():
    answer = "from"
    answer += " a thread"
    return answer
