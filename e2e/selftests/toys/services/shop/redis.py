"""As much of a client for Redis as the shop needs: a connection a command."""

import asyncio
import os


async def call(*words):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(os.environ["QUEUE_PORT"]))
    encoded = [each.encode() for each in words]
    writer.write(b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(each), each) for each in encoded))
    first = await reader.readline()
    value = None
    if first[:1] == b"$" and (length := int(first[1:])) >= 0:
        value = (await reader.readexactly(length + 2))[:-2].decode()
    writer.close()
    return value
