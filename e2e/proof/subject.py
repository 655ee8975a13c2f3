"""The application under proof, as source text: kinds of asynchronous work, one endpoint each. Proof process."""

from __future__ import annotations

from e2e.proof.oracle import kinds_in

IMPORTS = """\
import asyncio
import os
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, Query, WebSocket
from fastapi.responses import JSONResponse, StreamingResponse
"""

SQLALCHEMY = """\
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

engine = create_async_engine(os.environ["DATABASE_URL"], pool_size=5, max_overflow=0, pool_timeout=60)


@event.listens_for(engine.sync_engine, "before_cursor_execute")
def in_the_greenlet(connection, cursor, statement, parameters, context, many):
    if "listened" in statement:
        heard = statement.upper()
        assert heard


@asynccontextmanager
async def lifespan(app):
    yield
    await engine.dispose()
"""

FRAME = """\


pending = set()


class Middleware:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "lifespan":
            path = scope["path"]
            if path == "/middleware":
                for part in path.split("/"):
                    scope.setdefault("parts", []).append(part)
        await self.app(scope, receive, send)


app = FastAPI(lifespan=lifespan)
app.add_middleware(Middleware)
Turns = Annotated[int, Query(ge=0)]
"""
"""The application itself and what it always goes through; it expects a `lifespan`."""

REFUSED = """\


class Refused(Exception):
    pass


@app.exception_handler(Refused)
async def refused(request, error):
    await asyncio.sleep(0)
    return JSONResponse(error.args[0])
"""
"""An error that an endpoint lets through."""

QUERIES = """\


@app.get("/session")
async def session(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        total = 0
        for _ in range(turns):
            result = await session.execute(text("SELECT 1"))
            total += result.scalar_one()
        if turns > 2:
            total = -total
    return total


@app.get("/stream")
async def stream(turns: Turns = 1):
    found = []
    async with AsyncSession(engine) as session:
        rows = await session.stream(text("SELECT 1 UNION SELECT 2 UNION SELECT 3"))
        async for row in rows:
            found.append(row[0])
            if row[0] == 3 and turns > 2:
                found.append(turns)
    return found


@app.get("/run-sync")
async def run_sync(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        return await session.run_sync(beside, turns)


def beside(session, turns):
    before = session.execute(text("SELECT 2")).scalar_one()
    if turns > 2:
        before += 1
    after = session.execute(text("SELECT 3")).scalar_one()
    return before + after


@app.get("/listener")
async def listener(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        await session.execute(text("SELECT 1 AS listened"))
    return "heard"
"""

PLAIN = """\


@app.get("/gather")
async def gather(turns: Turns = 1):
    parts = await asyncio.gather(left(turns), right(turns))
    return sum(parts)


async def left(turns):
    await asyncio.sleep(0)
    value = 1
    return value


async def right(turns):
    await asyncio.sleep(0.001)
    if turns > 2:
        return turns
    value = 2
    return value


@app.get("/task-group")
async def task_group(turns: Turns = 1):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(member(number)) for number in range(turns)]
    return [task.result() for task in tasks]


async def member(number):
    await asyncio.sleep(0)
    if number > 1:
        number *= 10
    return number


@app.get("/background")
async def background(tasks: BackgroundTasks, turns: Turns = 1):
    done = asyncio.Event()
    pending.add(done)
    tasks.add_task(afterwards, turns, done)
    return "later"


async def afterwards(turns, done):
    await asyncio.sleep(0.002)
    for _ in range(turns):
        await asyncio.sleep(0)
    if turns > 2:
        turns = 0
    pending.discard(done)
    done.set()


@app.get("/thread")
def thread(turns: Turns = 1):
    total = 0
    for number in range(turns):
        total += number
    if turns > 2:
        total = -total
    return total


async def opened():
    value = ["open"]
    try:
        yield value
    finally:
        await asyncio.sleep(0)
        value.clear()


@app.get("/dependency")
async def dependency(value: Annotated[list, Depends(opened)], turns: Turns = 1):
    await asyncio.sleep(0)
    value.append(turns)
    return value


@app.get("/middleware")
async def middleware(turns: Turns = 1):
    return "through it"


@app.get("/streaming")
async def streaming(turns: Turns = 1):
    return StreamingResponse(pieces(turns))


async def pieces(turns):
    for number in range(turns):
        await asyncio.sleep(0)
        if number > 1:
            yield "more "
            continue
        yield f"{number} "


@app.websocket("/websocket")
async def websocket(socket: WebSocket, turns: Turns = 1):
    await socket.accept()
    for _ in range(turns):
        word = await socket.receive_text()
        await socket.send_text(word.upper())
    if turns > 2:
        await socket.send_text("that was much")
    await socket.close()


@app.get("/idle")
async def idle():
    while pending:
        await asyncio.wait_for(next(iter(pending)).wait(), 10)
    return "idle"
"""
"""What needs no database."""

SOURCE = IMPORTS + SQLALCHEMY + FRAME + QUERIES + PLAIN

PLAIN_KINDS = tuple(kind for kind in kinds_in(PLAIN) if kind != "idle")
KINDS = kinds_in(QUERIES) + PLAIN_KINDS
