"""A service whose requests can be held open, to be sure that several are at once."""

import asyncio
import os
from pathlib import Path
from urllib.parse import parse_qs


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    route = {"/one": one, "/two": two, "/three": three, "/die": die}[scope["path"]]
    body = await route(parse_qs(scope["query_string"].decode()))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body.encode()})


async def lifespan(receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def held(query):
    """Say that the request is here, and wait until it may go on."""
    place = query["place"][0]
    Path(f"{place}.here").touch()
    while True:
        await asyncio.sleep(0.005)
        if os.path.exists(place):  # noqa: PTH110
            return


async def one(query):
    await held(query)
    return await asyncio.to_thread(in_thread, "one")


async def two(query):
    first = "t"
    await held(query)
    return first + "wo"


async def three(query):
    await held(query)
    letters = [letter for letter in "three" if letter]
    return "".join(letters)


def in_thread(name):
    answer = "in a thread: "
    return answer + name


async def die(query):  # no request but the one that is to kill it
    os.kill(os.getpid(), 9)
