"""The id of the test that sent a request, from W3C Baggage (https://www.w3.org/TR/baggage/). In server processes.

baggage: userId=alice, test.case.name=e2e%2Ftests%2Ftest_tags.py%3A%3Atest_all;property, afterawait.run=9f86d081884c7d65

It counts with the run's key alone: services pass on what anybody sent them.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

TEST = b"test.case.name"
RUN = b"afterawait.run"
LONGEST_HEADER = 8192
"""Bytes of baggage that anybody must pass on, by the specification."""
LONGEST_ID = 1024

UNREADABLE = ""
"""What is found in place of an id that is too long, or not printable."""


@lru_cache(maxsize=256)
def test_id(header: bytes, key: bytes) -> str | None:
    """The test's id in one `baggage` header's value; None where it holds none, or not this run's key."""
    if not key:
        return None
    found: dict[bytes, bytes] = {}
    for member in header.split(b","):
        name, _, value = member.partition(b";")[0].partition(b"=")
        found.setdefault(name.strip(), value.strip())
    if found.get(RUN) != key or not found.get(TEST):
        return None
    return UNREADABLE if len(header) > LONGEST_HEADER else _decoded(found[TEST])


def header(test: str, key: str) -> str:
    """The value of the header for a test's id, in the run that has this key."""
    return f"{TEST.decode()}={quote(tidy(test), safe='')},{RUN.decode()}={key}"


def tidy(test: str) -> str:
    """A test's id as it is sent and shown: what is not printable escaped, cut to LONGEST_ID with a hash of the rest."""
    printable = "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in test)
    if len(printable) <= LONGEST_ID:
        return printable
    mark = hashlib.sha256(printable.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{printable[: LONGEST_ID - 20]}...{mark}"


def _decoded(value: bytes) -> str:
    try:
        text = unquote_to_bytes(value.replace(b"+", b" ")).decode("utf-8")  # OpenTelemetry writes a space so
    except UnicodeDecodeError:
        return UNREADABLE
    return text if text.isprintable() and len(text) <= LONGEST_ID else UNREADABLE
