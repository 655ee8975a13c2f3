"""The pytest plugin: options, fixtures and the session's life. Runs in the test process, and in each xdist worker.

What it starts it stops, however pytest ends; what it learned it leaves in the run's manifest for the driver.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from afterawait import arguments
from afterawait.faults import Fault
from afterawait.plugin import crash_monitor, header, lifecycle, selection, test_id

if TYPE_CHECKING:
    from afterawait.services.server import Server

HTTP_TIMEOUT = 10.0  # seconds a response may take
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody

StartServer = Callable[..., "Server"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that scripts/e2e.sh passes on."""
    group = parser.getgroup("afterawait", "end-to-end tests of a live server")
    _add(
        group,
        "--workers",
        "--server-workers",
        dest="server_workers",
        type=arguments.positive,
        default=1,
        metavar="N",
        help="uvicorn worker processes a server (1)",
    )
    _add(
        group,
        "--shard",
        "--afterawait-shard",
        dest="afterawait_shard",
        type=selection.parse,
        metavar="I/N",
        help="run the I-th of N shares of the tests",
    )


def _add(group: pytest.OptionGroup, short: str, long: str, **options: Any) -> None:
    """An option under both of its names, or under the longer one where another plugin has the shorter."""
    try:
        group.addoption(short, long, **options)
    except ValueError:
        group.addoption(long, **options)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Open the session, unless nothing will be run."""
    if config.option.collectonly or config.option.help or config.option.version:
        return
    live = lifecycle.Session(config)
    config.stash[lifecycle.KEY] = live
    config.pluginmanager.register(live, "afterawait-session")
    config.pluginmanager.register(crash_monitor.CrashMonitor(live), "afterawait-watch")
    config.pluginmanager.register(header.Header(live), "afterawait-header")
    try:
        live.open()
    except Fault as fault:
        live.give_up(fault)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop whatever still runs."""
    if lifecycle.KEY in config.stash:
        config.stash[lifecycle.KEY].close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep this shard's share of what is left to run."""
    chosen: tuple[int, int] | None = config.option.afterawait_shard
    if chosen:
        kept = selection.share([item.nodeid for item in items], chosen)
        left = [item for item in items if item.nodeid not in kept]
        items[:] = [item for item in items if item.nodeid in kept]
        config.hook.pytest_deselected(items=left)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Server:
    """The measured server of this session (of this worker, with -n)."""
    live = request.config.stash[lifecycle.KEY]
    if live.settings.base_url:
        pytest.skip("the server was started by somebody else (AFTERAWAIT_BASE_URL)")
    return live.server_for_tests()


@pytest.fixture(scope="session")
def base_url(request: pytest.FixtureRequest) -> str:
    """The server's URL without a trailing slash: this session's own, or AFTERAWAIT_BASE_URL."""
    live = request.config.stash[lifecycle.KEY]
    return live.settings.base_url or live.server_for_tests().url


@pytest.fixture
def http(base_url: str, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """An HTTP client of the server, with connections of its own; what it runs there is credited to this test."""
    # To load the certificates of the world takes 30 ms a client, and nobody on the loopback shows one.
    verify = NO_CERTIFICATES if base_url.startswith("http:") else True
    headers = test_id.header(request.node)
    with httpx.Client(base_url=base_url, timeout=HTTP_TIMEOUT, verify=verify, headers=headers) as client:
        yield client


@pytest.fixture(scope="session")
def identify() -> Callable[[httpx.Request], None]:
    """An event hook for httpx clients that outlive a test: each request is credited to the test that runs then."""
    return test_id.identify


@pytest.fixture
def start_server(request: pytest.FixtureRequest) -> Iterator[StartServer]:
    """Start further measured servers for this test: `start_server(env={...}, database="sqlite")`."""
    with request.config.stash[lifecycle.KEY].more_servers() as start:
        yield start


@pytest.fixture(scope="module")
def start_server_module(request: pytest.FixtureRequest) -> Iterator[StartServer]:
    """The same for a whole module."""
    with request.config.stash[lifecycle.KEY].more_servers() as start:
        yield start
