"""Runs the SQL that it is sent, on connections of a pool that does not ask whether they are alive. In server processes.

`/` commits before it answers, `/late` a while after it, `/open` never.
"""

import asyncio
import json
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

engine = create_async_engine(os.environ["DATABASE_URL"], pool_size=2)
kept: list[AsyncConnection] = []


async def app(scope, receive, send):
    """The application."""
    if scope["type"] == "lifespan":
        await receive()
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO entry (account, amount) VALUES (1, 100)"))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    connection = await engine.connect()
    rows = await run(connection, (await receive())["body"].decode())
    late = scope["path"] == "/late"
    if not late and scope["path"] != "/open":
        await end(connection)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(rows).encode()})
    if late:
        await asyncio.sleep(0.3)
        await end(connection)
    kept.append(connection)


async def run(connection, sql):
    """What the statement returns."""
    result = await connection.execute(text(sql))
    return [list(row) for row in result] if result.returns_rows else []


async def end(connection):
    """Commit, and give it back to the pool."""
    await connection.commit()
    await connection.close()
