"""Calls that a server makes while it serves a test name that test, to the run's own servers. In measured processes.

    addresses.py   which addresses are the run's own
    naming.py      what a call's `baggage` header becomes
    httpcore.py    what sends for httpx
    urllib3.py     what sends for requests
    aiohttp.py     aiohttp's client

Each library is changed as it is imported, in the last step that knows both the address and the headers: a redirect is
a call of its own there, and what OpenTelemetry has put into the headers is there to be seen. The application's own
requests and headers stay as they are: a copy is sent.
"""

from __future__ import annotations

import os
from pathlib import Path

from afterawait import protocol


def begin(run: Path) -> None:
    """Name tests in calls from here on, where AFTERAWAIT_FORWARD says so. Raises nothing."""
    if not os.environ.get(protocol.FORWARD):
        return
    from afterawait.agent import imports
    from afterawait.agent.forwarding import aiohttp, httpcore, naming, urllib3
    from afterawait.agent.forwarding.addresses import Addresses

    naming.own = Addresses(run)
    imports.after(httpcore.PATCHES | urllib3.PATCHES | aiohttp.PATCHES)
