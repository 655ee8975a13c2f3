"""As much of a client for Redis as the shop needs: a connection a command."""

import asyncio
import os
from urllib.parse import urlsplit


async def send(*words):
    url = urlsplit(os.environ["REDIS_URL"])
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    encoded = [each.encode() for each in words]
    writer.write(b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(each), each) for each in encoded))
    return reader, writer


async def do(*words):
    reader, writer = await send(*words)
    await reader.readline()
    writer.close()


async def get(*words):
    reader, writer = await send(*words)
    length = int((await reader.readline())[1:])
    value = (await reader.readexactly(length + 2))[:-2].decode() if length >= 0 else None
    writer.close()
    return value
