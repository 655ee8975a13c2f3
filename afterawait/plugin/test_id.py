"""Which test sends a request, in W3C Baggage: the server's witness credits the lines it runs to it. Test process."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from afterawait.agent.witness import baggage
from afterawait.services.environment import run_key

if TYPE_CHECKING:
    import httpx
    import pytest

HEADER = "baggage"
XDIST_GROUP = re.compile(r"@[^@\]/:]*$")


def name(item: pytest.Item) -> str:
    """A test's id however the run is split: pytest-xdist appends "@group" to those that stay together."""
    return _plain(item.nodeid) if item.get_closest_marker("xdist_group") else item.nodeid


def _plain(nodeid: str) -> str:
    return XDIST_GROUP.sub("", nodeid)


def header(item: pytest.Item) -> dict[str, str]:
    """The header of a test's requests."""
    return {HEADER: baggage.header(name(item), run_key())}


def identify(request: httpx.Request) -> None:
    """An httpx event hook for clients that outlive a test: credits a request to the test that runs as it is sent.

    httpx.Client(base_url=..., event_hooks={"request": [identify]})
    """
    running, _, _ = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")  # "id (setup)"
    if running and HEADER not in request.headers:
        request.headers[HEADER] = baggage.header(_plain(running), run_key())
