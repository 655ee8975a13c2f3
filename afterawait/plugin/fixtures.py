"""The fixtures that tests get in a project of ours. Test process, xdist worker.

What they need is imported when a test asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from afterawait.plugin.lifecycle import LiveSession
    from afterawait.services.server import Server

HTTP_TIMEOUT = 10.0  # seconds a response may take

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
    import ssl

    import httpx

    from afterawait.plugin import test_id

    # To load the certificates of the world takes 30 ms a client, and nobody on the loopback shows one.
    verify = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if base_url.startswith("http:") else True
    headers = test_id.header(request.node)
    with httpx.Client(base_url=base_url, timeout=HTTP_TIMEOUT, verify=verify, headers=headers) as client:
        yield client


@pytest.fixture(scope="session")
def identify() -> Callable[[httpx.Request], None]:
    """Callable[[httpx.Request], None]: an event hook for httpx clients that outlive a test.

    `httpx.Client(event_hooks={"request": [identify]})`: each request is credited to the test that runs then.
    """
    from afterawait.plugin import test_id

    return test_id.identify


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
