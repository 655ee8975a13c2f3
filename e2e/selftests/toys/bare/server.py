"""The smallest ASGI server: one request a connection, until its standard input ends. Prints its port."""

import asyncio
import os
import sys

from service import app  # type: ignore[import-not-found]


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read a request's first line, run the application, write what it sends."""
    method, path, _ = (await reader.readline()).decode().split()

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.body":
            body = message["body"]
            assert isinstance(body, bytes)
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (len(body), body))

    await app({"type": "http", "method": method, "path": path}, None, send)
    await writer.drain()
    writer.close()


async def serve() -> None:
    """Until whoever started this closes its pipe."""
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.to_thread(os.read, sys.stdin.fileno(), 1)


if __name__ == "__main__":
    asyncio.run(serve())
