"""The id of the test that sent a request, from W3C Baggage (https://www.w3.org/TR/baggage/). In server processes.

baggage: userId=alice, test.case.name=e2e%2Ftests%2Ftest_tags.py%3A%3Atest_all;property
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

KEY = b"test.case.name"
LONGEST_HEADER = 8192
"""Bytes of baggage that anybody must pass on, by the specification."""
LONGEST_ID = 1024


@lru_cache(maxsize=256)
def test_id(header: bytes) -> str | None:
    """The test's id in one `baggage` header's value; None where it holds none, or none that can be believed."""
    if len(header) > LONGEST_HEADER:
        return None
    for member in header.split(b","):
        key, _, value = member.partition(b";")[0].partition(b"=")
        if key.strip() == KEY:
            return _decoded(value.strip())
    return None


def header(test: str) -> str:
    """The value of the header for a test's id."""
    return f"{KEY.decode()}={quote(tidy(test), safe='')}"


def tidy(test: str) -> str:
    """A test's id as it is sent and shown: what is not printable escaped, cut to LONGEST_ID with a hash of the rest."""
    printable = "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in test)
    if len(printable) <= LONGEST_ID:
        return printable
    mark = hashlib.sha256(printable.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{printable[: LONGEST_ID - 20]}...{mark}"


def _decoded(value: bytes) -> str | None:
    try:
        text = unquote_to_bytes(value).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() and 0 < len(text) <= LONGEST_ID else None
