"""What a call's `baggage` header becomes. In measured processes."""

from __future__ import annotations

import os

from afterawait import protocol
from afterawait.agent.forwarding.addresses import Addresses
from afterawait.agent.record import complain
from afterawait.agent.witness import baggage
from afterawait.agent.witness.attribution import KEY, current
from afterawait.agent.witness.format import RowKind

HEADER = "baggage"
PORTS = {"http": 80, "https": 443}

own: Addresses | None = None
"""The run's; None where nothing is to be named."""


def header(scheme: str, host: str, port: int | None, present: str) -> str | None:
    """The header's value for a call to that address; None where it is to stay as it is, `present` or absent.

    Raises nothing: the application's call is made, whatever is wrong here.
    """
    try:
        if own is None or not own.include(host, port or PORTS.get(scheme, 0)):
            return None
        test = _test()
        key = os.environ.get(protocol.KEY, "")
        if test is None or not key or baggage.test_id(present.encode("latin-1"), key.encode()) is not None:
            return None  # OpenTelemetry, or the application itself, has passed it on
        return ",".join([*baggage.without_ours(present), baggage.joined(baggage.members(test, key))])
    except Exception as error:
        complain("a call does not name its test", error)
        return None


def _test() -> str | None:
    """The test that is served here; UNREADABLE for one whose id cannot be sent, None where it is no test."""
    row = current.get()
    kind, name = row.get(KEY, (None, "")) if isinstance(row, dict) else (None, "")
    if kind == RowKind.OVERFLOW:
        return baggage.UNREADABLE
    return name if kind == RowKind.TEST else None


def text(value: str | bytes) -> str:
    """A header's value."""
    return value.decode("latin-1") if isinstance(value, bytes) else value
