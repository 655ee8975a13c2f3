"""Which test sends a request, in W3C Baggage: the server's witness credits the lines it runs to it. Test process."""

from __future__ import annotations

import os

import httpx
import pytest

from e2e.agent.witness import baggage

HEADER = "baggage"


def header(item: pytest.Item) -> dict[str, str]:
    """The header of a test's requests."""
    return {HEADER: baggage.header(item.nodeid)}


def identify(request: httpx.Request) -> None:
    """An httpx event hook for clients that outlive a test: credits a request to the test that runs as it is sent.

    httpx.Client(base_url=..., event_hooks={"request": [identify]})
    """
    running, _, _ = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")  # "id (setup)"
    if running and HEADER not in request.headers:
        request.headers[HEADER] = baggage.header(running)
