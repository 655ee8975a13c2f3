"""A shop whose shutdown goes wrong, in the way that ENDING names."""

import asyncio
import atexit
import os
import pathlib
import time
from contextlib import asynccontextmanager

from fastapi import FastAPI

if pathlib.Path("slow").exists():
    import coverage

    coverage.Coverage.current().stop()  # as one that is interrupted anywhere may have recorded less than it ran
    pathlib.Path("importing").touch()
    time.sleep(600)

ENDING = os.environ.get("ENDING", "")


@asynccontextmanager
async def lifespan(_app):
    work = asyncio.create_task(asyncio.Event().wait())
    yield
    work.cancel()
    if ENDING == "fastapi":
        raise RuntimeError("the till does not close")
    if ENDING == "cancelled":
        await work
    if ENDING == "exit code":
        atexit.register(os._exit, 9)


pages = FastAPI(lifespan=lifespan)


@pages.get("/")
def home():
    return os.getpid()


async def app(scope, receive, send):
    await pages(scope, receive, send)
    if scope["type"] == "lifespan" and ENDING == "asgi":
        raise OSError("the door does not close")
