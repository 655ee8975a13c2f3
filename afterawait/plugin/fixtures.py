"""The fixtures that tests get in a project of ours. Test process, xdist worker.

What they need is imported when a test asks for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from afterawait.plugin.identify import Identify
    from afterawait.plugin.lifecycle import LiveSession
    from afterawait.services.server import Server

HTTP_TIMEOUT = 10.0  # seconds a response may take
DEBUGGERS = frozenset({"debugpy", "pydevd"})  # of VS Code, of PyCharm

StartServer = Callable[..., "Server"]


def _session(request: pytest.FixtureRequest) -> LiveSession:
    plugin: Any = request.config.pluginmanager.get_plugin("afterawait-session")
    session: LiveSession = plugin
    return session


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Server:
    """afterawait.services.server.Server: the server of this session (of this worker, with -n).

    `url`, `port` and `pid` say where it is, `database_url` what it was given, `log_text()` what it has printed.
    """
    session = _session(request)
    if session.settings.base_url:
        pytest.skip("the server was started by somebody else (AFTERAWAIT_BASE_URL)")
    return session.server_for_tests()


@pytest.fixture(scope="session")
def base_url(request: pytest.FixtureRequest) -> str:
    """str: the server's URL without a trailing slash; this session's own, or AFTERAWAIT_BASE_URL."""
    session = _session(request)
    return session.settings.base_url or session.server_for_tests().url


@pytest.fixture
def http(base_url: str, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """httpx.Client: a client of the server, with connections of its own.

    What its requests run in the server is credited to this test.
    """
    import httpx

    with httpx.Client(**_options(base_url, request)) as client:
        yield client


@pytest.fixture
def async_http(base_url: str, request: pytest.FixtureRequest) -> httpx.AsyncClient:
    """httpx.AsyncClient: the same for tests that are coroutines, in whichever event loop they run.

    A connection ends with its response: nothing of it is left in a loop that has ended before the fixture.
    """
    import httpx

    return httpx.AsyncClient(**_options(base_url, request), limits=httpx.Limits(max_keepalive_connections=0))


def _options(base_url: str, request: pytest.FixtureRequest) -> dict[str, Any]:
    """What a client of one test is made with."""
    import ssl

    from afterawait.plugin import test_id

    # To load the certificates of the world takes 30 ms a client, and nobody on the loopback shows one.
    verify = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if base_url.startswith("http:") else True
    # Whoever stands at a breakpoint in the server needs longer than any server may.
    timeout = None if DEBUGGERS & sys.modules.keys() else HTTP_TIMEOUT
    return {"base_url": base_url, "timeout": timeout, "verify": verify, "headers": test_id.header(request.node)}


@pytest.fixture(scope="session")
def database_url(server: Server) -> str:
    """str: the URL of the database that the server uses, for a client of your own.

    It is for the driver that `database` of [tool.afterawait] names: asyncpg for "postgresql", aiosqlite for "sqlite".
    """
    if not server.database_url:
        from afterawait.databases import none

        pytest.fail(str(none.fault()), pytrace=False)
    return server.database_url


@pytest.fixture
def reset_database(server: Server, request: pytest.FixtureRequest) -> None:  # noqa: ARG001  # it must run
    """None: the server's database is as it was when the server had started, before any test.

    That is what `setup` made, and what the application itself wrote at its start. It is done before all other fixtures
    of this test; what fixtures of a module or of the session had written is gone.
    """
    _session(request).served.reset()


@pytest.fixture(autouse=True)
def _reset_database_first(request: pytest.FixtureRequest) -> None:
    """Reset before what else a test asks for: a fixture that writes would otherwise depend on its place in a list."""
    if "reset_database" in request.fixturenames:
        request.getfixturevalue("reset_database")


@pytest.fixture(scope="session")
def identify(request: pytest.FixtureRequest) -> Identify:
    """Identify: lets what a client sends be credited to the test that runs as it is sent.

    `identify(client)`, awaited or not, once for each client: of httpx, requests, aiohttp, or a page or context of
    Playwright. `identify()` returns the headers for one request of any other: `client.get(url, headers=identify())`.
    """
    from afterawait.plugin.identify import Identify

    return Identify(_session(request).settings.base_url)


@pytest.fixture
def start_server(request: pytest.FixtureRequest) -> Iterator[StartServer]:
    """Callable[..., Server]: starts further servers for this test, each on a database of its own.

    `start_server(env={"NAME": "value"}, database="sqlite")`; both may be left out.
    """
    with _session(request).more_servers() as start:
        yield start


@pytest.fixture(scope="module")
def start_server_module(request: pytest.FixtureRequest) -> Iterator[StartServer]:
    """Callable[..., Server]: the same for a whole module."""
    with _session(request).more_servers() as start:
        yield start


class WithBaseUrlPlugin:
    """Takes part of pytest-base-url's place: our server is up when its URL is handed out."""

    @pytest.fixture(scope="session")
    def _verify_url(self) -> None:
        """Verify nothing: pytest-base-url's own asks for `base_url` in every test, and would start the server."""
