"""Two calls of one coroutine function that take turns. Part of a program whose claims are checked."""

PART = "two coroutines that take turns"
import asyncio


async def looked_up(gate):
    await gate.wait()
    return True


async def handler(kind, opened, gate):
    if kind == 1:
        await opened.wait()
    else:
        if await looked_up(gate):
            kind += 1
    return kind


async def both():
    opened, gate = asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(handler(1, opened, gate))
    await asyncio.sleep(0)
    second = asyncio.create_task(handler(2, opened, gate))
    await asyncio.sleep(0)
    opened.set()
    await first
    gate.set()
    await second


asyncio.run(both())
