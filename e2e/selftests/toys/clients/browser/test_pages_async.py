"""Playwright's async API."""

import asyncio

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium):
    async with async_playwright() as playwright, await playwright.chromium.launch(**chromium) as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kept(browser, base_url, identify):
    async with await browser.new_context(base_url=base_url) as context:
        await identify(context)
        yield context


async def test_async_page(browser, base_url, identify):
    async with await browser.new_page(base_url=base_url) as page:
        await identify(page)
        await page.goto("/test_async_page")
        assert await page.text_content("body") == "test_async_page"


async def test_async_page_not_awaited(browser, base_url, identify):
    async with await browser.new_page(base_url=base_url) as page:
        identify(page)
        await page.goto("/test_async_page_not_awaited")
        assert await page.text_content("body") == "test_async_page_not_awaited"


async def test_async_request(kept):
    answer = await kept.request.get("/test_async_request")
    assert await answer.text() == "test_async_request"


async def test_async_kept(kept):
    async with await kept.new_page() as page:
        await page.goto("/test_async_kept")
        assert await page.text_content("body") == "test_async_kept"


async def test_async_outside_its_loop(kept, identify):
    with pytest.raises(TypeError, match="call it in a coroutine"):
        await asyncio.to_thread(identify, kept)
    answer = await kept.request.get("/test_async_outside_its_loop")
    assert await answer.text() == "test_async_outside_its_loop"
