"""A shop under a server that its project starts: a lifespan, an async and a plain operation, work in the background."""

import asyncio
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks, FastAPI, Request
from fastapi.responses import StreamingResponse

sold = []


@asynccontextmanager
async def lifespan(app):
    counting = asyncio.create_task(count())
    yield
    counting.cancel()
    sold.clear()


async def count():
    while True:
        await asyncio.sleep(0.01)


def create_app():
    made = FastAPI(lifespan=lifespan)
    made.state.made = made
    made.get("/mine")(mine)
    made.get("/plain")(plain)
    made.post("/sales/{name}")(sell)
    made.get("/open")(stay_open)
    return made


async def mine(request: Request):
    await asyncio.sleep(0)
    return {"mine": request.app is request.app.state.made, "type": type(app).__name__}


def plain():
    answer = "from"
    answer += " a thread"
    return answer


async def sell(name: str, background: BackgroundTasks):
    background.add_task(note, name)
    return name


def note(name):
    sold.append(name)


async def stay_open():
    return StreamingResponse(prices())


async def prices():
    yield "1"
    while True:
        await asyncio.sleep(0.01)


app = create_app()
