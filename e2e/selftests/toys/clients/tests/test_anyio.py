"""Coroutines that anyio's plugin runs."""

import httpx
import pytest
from service.inside import called

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
async def kept(base_url, identify):
    async with httpx.AsyncClient(base_url=base_url, event_hooks={"request": [identify]}) as client:
        yield client


async def test_anyio_own(async_http):
    assert (await async_http.get("/test_anyio_own")).text == "test_anyio_own"


async def test_anyio_first(kept):
    assert (await kept.get("/test_anyio_first")).text == called("test_anyio_first")


async def test_anyio_second(kept):
    assert (await kept.get("/test_anyio_second")).text == called("test_anyio_second")
