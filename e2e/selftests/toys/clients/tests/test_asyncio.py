"""Coroutines that pytest-asyncio runs, one event loop for all of them."""

import asyncio

import aiohttp
import httpx
import pytest
import pytest_asyncio
from service.inside import called
from websockets.asyncio.client import connect

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kept(base_url, identify):
    async with httpx.AsyncClient(base_url=base_url) as client:
        await identify(client)
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def aiohttp_session(base_url, identify):
    async with aiohttp.ClientSession(base_url) as session:
        identify(session)
        await identify(session)
        yield session


async def test_asyncio_own(async_http):
    assert (await async_http.get("/test_asyncio_own")).text == "test_asyncio_own"


async def test_asyncio_first(kept):
    assert (await kept.get("/test_asyncio_first")).text == called("test_asyncio_first")


async def test_asyncio_second(kept):
    assert (await kept.get("/test_asyncio_second")).text == called("test_asyncio_second")


async def test_aiohttp_first(aiohttp_session):
    async with aiohttp_session.get("/test_aiohttp_first") as response:
        assert await response.text() == "test_aiohttp_first"


async def test_aiohttp_second(aiohttp_session):
    async with aiohttp_session.get("/test_aiohttp_second") as response:
        assert await response.text() == "test_aiohttp_second"


async def test_aiohttp_websocket(aiohttp_session):
    async with aiohttp_session.ws_connect("/test_aiohttp_websocket") as socket:
        assert await socket.receive_str() == "test_aiohttp_websocket"


async def test_websocket_in_a_loop(identify, base_url):
    url = f"{base_url.replace('http', 'ws')}/test_websocket_in_a_loop"
    async with connect(url, additional_headers=identify()) as socket:
        assert await socket.recv() == "test_websocket_in_a_loop"


async def test_tasks(kept):
    async def ask():
        return (await kept.get("/test_tasks")).text

    assert await asyncio.gather(*[ask() for _ in range(5)]) == ["test_tasks"] * 5
