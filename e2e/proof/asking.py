"""Requests to the application under proof, over HTTP and a websocket. Proof process."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import httpx
import websockets

PATIENCE = 60.0  # seconds
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # none is needed, and reading them takes 20 ms a client
Request = tuple[str, int]
"""A kind of work, and how many turns of it."""


async def ask(url: str, request: Request, headers: Mapping[str, str] | None = None) -> None:
    """One request. Raises httpx.HTTPError or websockets.WebSocketException where it is not answered as it should be."""
    kind, turns = request
    if kind != "websocket":
        await get(f"{url}/{kind}?turns={turns}", headers)
        return
    address = f"ws://{urlsplit(url).netloc}/websocket?turns={turns}"
    async with websockets.connect(address, additional_headers=headers, open_timeout=PATIENCE) as socket:
        for _ in range(turns):
            await socket.send("word")
            await socket.recv()
        await socket.wait_closed()


async def get(url: str, headers: Mapping[str, str] | None = None) -> None:
    """A GET over a connection of its own."""
    async with httpx.AsyncClient(timeout=PATIENCE, verify=NO_CERTIFICATES) as client:
        (await client.get(url, headers=headers)).raise_for_status()


async def all_of(url: str, requests: Iterable[Request], *, together: bool) -> None:
    """One by one or all at once; and then until what goes on behind the responses has ended."""
    if together:
        await asyncio.gather(*(ask(url, request) for request in requests))
    else:
        for request in requests:
            await ask(url, request)
    await get(f"{url}/idle")
