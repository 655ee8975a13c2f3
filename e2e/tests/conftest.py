"""Wiring only: the people most tests act through; runs in the test process."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from e2e.conduit.actors import Actor, join
from e2e.conduit.client import Conduit
from e2e.conduit.servers import Server

if TYPE_CHECKING:
    from e2e.together import ModulesTogether

OWN_SERVERS = {"test_database_away.py", "test_own_server.py", "test_sqlite.py"}


def pytest_configure(config: pytest.Config) -> None:
    """Keep what hypothesis remembers with all else that a run makes."""
    set_hypothesis_home_dir(config.rootpath / ".afterawait" / "cache" / "hypothesis")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> "ModulesTogether | None":
    """With -n, modules that share a server of their own stay together."""
    from e2e.together import ModulesTogether

    return ModulesTogether(config, log, OWN_SERVERS) if config.getvalue("dist") == "load" else None


@pytest.fixture
def anyone(http: httpx.Client) -> Conduit:
    """Somebody without a token."""
    return Conduit(http)


@pytest.fixture
def author(http: httpx.Client) -> Actor:
    """A fresh user, the one who writes."""
    return join(http)


@pytest.fixture
def reader(http: httpx.Client) -> Actor:
    """Another fresh user, the one who reads."""
    return join(http)


@pytest.fixture(scope="session")
def account(base_url: str, identify: Callable[[httpx.Request], None]) -> Actor:
    """A user who registered once and for all."""
    with httpx.Client(base_url=base_url, timeout=10, event_hooks={"request": [identify]}) as client:
        return join(client)


@pytest.fixture
def somebody(http: httpx.Client, account: Actor) -> Actor:
    """A user who never gets anything done: for tests in which all that they try is refused."""
    return account.through(http)


@pytest.fixture
def postgresql(request: pytest.FixtureRequest) -> None:
    """Skip the test on a server that runs on SQLite; one that somebody else started is taken to run on PostgreSQL."""
    try:
        server: Server = request.getfixturevalue("server")
    except pytest.skip.Exception:
        return
    if not server.database_url.startswith("postgresql"):
        pytest.skip("needs PostgreSQL: the server runs on another database")
