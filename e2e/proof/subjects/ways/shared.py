"""A worker's task that one test made and another one uses. Part of a measured program."""

import asyncio

import turns


def run():
    asyncio.run(serve())


async def serve():
    queue = asyncio.Queue()
    one, other = turns.begin("one"), turns.begin("other")
    task = asyncio.get_running_loop().create_task(turns.work(consume, queue, "one"), context=one)
    await asyncio.sleep(0)
    turns.take(other, "other", queue.put_nowait, "word")
    await task


async def consume(queue):
    word = await turns.received(queue, "other")
    length = len(word)
    return length
