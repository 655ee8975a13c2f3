"""A page, what runs in it, and requests beside it: Playwright's sync API."""

import pytest
from playwright.sync_api import sync_playwright

SOCKET = """url => new Promise(done => {
    new WebSocket(url).onmessage = event => done(event.data)
})"""


@pytest.fixture(scope="module")
def playwright():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright, chromium):
    with playwright.chromium.launch(**chromium) as browser:
        yield browser


@pytest.fixture
def page(browser, base_url, identify):
    with browser.new_page(base_url=base_url) as page:
        identify(page)
        yield page


@pytest.fixture(scope="module")
def kept(browser, base_url, identify):
    with browser.new_context(base_url=base_url) as context:
        identify(context)
        yield context.new_page()


@pytest.fixture(scope="module")
def asking(playwright, base_url, identify):
    asking = playwright.request.new_context(base_url=base_url)
    identify(asking)
    yield asking
    asking.dispose()


def test_page(page):
    page.goto("/test_page")
    assert page.text_content("body") == "test_page"


def test_page_of_localhost(page, base_url):
    page.goto(f"{base_url.replace('127.0.0.1', 'localhost')}/test_page_of_localhost")
    assert page.text_content("body") == "test_page_of_localhost"


def test_page_fetches(page):
    page.goto("/page")
    assert page.evaluate("fetch('/test_page_fetches').then(answer => answer.text())") == "test_page_fetches"


def test_page_socket(page, base_url):
    page.goto("/page")
    assert page.evaluate(SOCKET, f"{base_url.replace('http', 'ws')}/test_page_socket") == "test_page_socket"


def test_kept_first(kept):
    kept.goto("/test_kept_first")
    assert kept.text_content("body") == "test_kept_first"


def test_kept_second(kept):
    kept.goto("/test_kept_second")
    assert kept.text_content("body") == "test_kept_second"


def test_beside_the_page(page):
    assert page.request.get("/test_beside_the_page").text() == "test_beside_the_page"


def test_request_context_first(asking):
    assert asking.get("/test_request_context_first").text() == "test_request_context_first"


def test_request_context_second(asking):
    assert asking.get("/test_request_context_second").text() == "test_request_context_second"
