"""What the shop needs of Redis, where there is none: lists, keys, and the protocol. `redis-server` takes its place."""

import asyncio
import signal
import sys
from collections import defaultdict, deque

lists = defaultdict(deque)
keys = {}


async def command(reader):
    count = await reader.readline()
    if not count:
        return None
    words = []
    for _ in range(int(count[1:])):
        length = int((await reader.readline())[1:])
        words.append((await reader.readexactly(length + 2))[:-2])
    return words


def bulk(value):
    return b"$-1\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value), value)


async def answer(words):
    name, *rest = words
    match name.upper():
        case b"LPUSH":
            lists[rest[0]].appendleft(rest[1])
            return b":%d\r\n" % len(lists[rest[0]])
        case b"RPOP":
            waiting = lists[rest[0]]
            return bulk(waiting.pop() if waiting else None)
        case b"SET":
            keys[rest[0]] = rest[1]
            return b"+OK\r\n"
        case b"GET":
            return bulk(keys.get(rest[0]))
    return b"-ERR unknown command\r\n"


async def serve(reader, writer):
    while (words := await command(reader)) is not None:
        writer.write(await answer(words))
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    server.close()


asyncio.run(main())
