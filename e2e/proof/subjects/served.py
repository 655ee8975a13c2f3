"""An application under a server's command: a lifespan, an async, a plain and an open operation, background work."""

from contextlib import asynccontextmanager

import anyio
from fastapi import BackgroundTasks, FastAPI, Request
from fastapi.responses import StreamingResponse

sold = []


@asynccontextmanager
async def lifespan(app):
    sold.append("opened")
    yield
    sold.append("closed")


def create_app():
    made = FastAPI(lifespan=lifespan)
    made.state.made = made
    made.get("/mine")(mine)
    made.get("/plain")(plain)
    made.post("/sales/{name}")(sell)
    made.get("/open")(stay_open)
    return made


async def mine(request: Request):
    await anyio.sleep(0)
    return request.app is request.app.state.made and type(request.app) is FastAPI


def plain():
    answer = "from"
    answer += " a thread"
    return answer


async def sell(name: str, background: BackgroundTasks):
    background.add_task(note, name)
    return name


def note(name):
    sold.append(name)
    sold.append("noted")


async def stay_open():
    return StreamingResponse(prices())


async def prices():
    yield "1"
    await anyio.sleep(60)


app = create_app()
