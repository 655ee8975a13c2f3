"""A pytest plugin in the harness's stead: the application in the test process, through httpx.ASGITransport.

As people test FastAPI today, to compare with; nothing is measured. Test process, and in each xdist worker. The tests
are this repository's, whose client is synchronous: each request is handed to an event loop in a thread, where the
application lives. What needs a server process, a socket or a response that arrives bit by bit fails so: ASGITransport
has none of them.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, override

import httpx
import pytest

from afterawait import settings
from afterawait.databases import base
from afterawait.runs.folder import RunFolder
from afterawait.services.stack import ServiceStack

URL = "http://in-process"
PATIENCE = 4.0  # seconds a response may take: an endless one is given up
KEY = pytest.StashKey[ServiceStack]()


class Application:
    """An application in an event loop, in a thread of its own."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Application:
        """Start it: ASGITransport itself sends no lifespan events."""
        self._thread.start()
        self._lifespan = self.app.router.lifespan_context(self.app)
        self.run(self._lifespan.__aenter__())
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop it."""
        self.run(self._lifespan.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Any) -> Any:
        """What `work` returns, awaited there."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(PATIENCE)
        finally:
            future.cancel()


class Bridge(httpx.BaseTransport):
    """What a synchronous client sends, handed to the application."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._transport = httpx.ASGITransport(application.app, raise_app_exceptions=False)

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer: httpx.Response = self._application.run(self._send(request, request.read()))
        return answer

    async def _send(self, request: httpx.Request, body: bytes) -> httpx.Response:
        sent = httpx.Request(request.method, request.url, headers=request.headers.raw, content=body)
        answer = await self._transport.handle_async_request(sent)
        assert isinstance(answer.stream, httpx.AsyncByteStream)  # noqa: S101  # for the type checker
        content = b"".join([part async for part in answer.stream])
        return httpx.Response(answer.status_code, headers=answer.headers.raw, stream=httpx.ByteStream(content))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the databases are kept."""
    parser.addoption("--bench-folder", type=Path, required=True)


def pytest_configure(config: pytest.Config) -> None:
    """Open the databases, or attach to the controller's."""
    worker = getattr(config, "workerinput", None)
    stack = ServiceStack(settings.load(config.rootpath), RunFolder(config.option.bench_folder), measured=False)
    config.stash[KEY] = stack
    if worker is None:
        stack.open()
    else:
        stack.attach(worker["bench_databases"])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close them."""
    config.stash[KEY].close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker where they are."""
    node.workerinput["bench_databases"] = node.config.stash[KEY].databases.address()


@pytest.fixture(scope="session")
def base_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where clients find the application: it is on a database of its own, and httpx.Client knows the way."""
    stack = request.config.stash[KEY]
    placeholders = stack.databases.create(os.environ.get("PYTEST_XDIST_WORKER", "main")).placeholders()
    os.environ |= {name: base.fill(value, placeholders) for name, value in stack.settings.env.items()}
    module, _, name = stack.settings.app.partition(":")
    app = getattr(importlib.import_module(module), name.removesuffix("()"))
    with Application(app() if name.endswith("()") else app) as application, pytest.MonkeyPatch.context() as patch:

        class Client(httpx.Client):
            def __init__(self, **how: Any) -> None:
                super().__init__(**{"transport": Bridge(application)} | how)

        patch.setattr(httpx, "Client", Client)
        yield URL


@pytest.fixture
def http(base_url: str) -> Iterator[httpx.Client]:
    """A client of the application."""
    with httpx.Client(base_url=base_url, timeout=PATIENCE) as client:
        yield client


@pytest.fixture(scope="session")
def identify() -> Callable[[httpx.Request], None]:
    """Nobody asks who sends a request."""
    return lambda _request: None


@pytest.fixture
def server() -> None:
    """There is none."""
    pytest.skip("needs a server process")


@pytest.fixture
def start_server() -> None:
    """There is none."""
    pytest.skip("needs a server process of its own")


@pytest.fixture(scope="module")
def start_server_module() -> None:
    """There is none."""
    pytest.skip("needs a server process of its own")
