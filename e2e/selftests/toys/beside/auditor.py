"""A service on the ledger's database, which keeps a connection open: `GET /` answers with its pid and the entries."""

import asyncio
import json
import os
import signal
import sys

import asyncpg


async def main():
    connection = await asyncpg.connect(os.environ["DB"].replace("+asyncpg", ""))

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        entries = await connection.fetchval("SELECT count(*) FROM entry")
        body = json.dumps([os.getpid(), entries]).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        writer.close()

    await asyncio.start_server(answer, "127.0.0.1", int(sys.argv[1]))
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    await connection.close()


asyncio.run(main())
