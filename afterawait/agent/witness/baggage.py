"""The id of the test that sent a request, from W3C Baggage (https://www.w3.org/TR/baggage/). In server processes.

baggage: userId=alice, test.case.name=e2e%2Ftests%2Ftest_tags.py%3A%3Atest_all;property, afterawait.run=9f86d081884c7d65

A browser sends the same two members as cookies: a header of its own would make its requests to others ask for leave.
They count with the run's key alone: services pass on what anybody sent them.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

TEST = b"test.case.name"
RUN = b"afterawait.run"
LONGEST_HEADER = 8192
"""Bytes of baggage that anybody must pass on, by the specification."""
LONGEST_MEMBER = 4096
"""Bytes of a member, its name included, that OpenTelemetry passes on; browsers keep no longer cookie."""

UNREADABLE = ""
"""What is found in place of an id that is too long, or not printable."""
TOO_LONG = "%00"
"""What is sent in place of an id that is too long: no server has to read it, and none refuses the request for it."""


@lru_cache(maxsize=256)
def test_id(header: bytes, key: bytes) -> str | None:
    """The test's id in one `baggage` header's value; None where it holds none, or not this run's key."""
    found = _id([member.partition(b";")[0] for member in header.split(b",")], key)
    return found if found is None or len(header) <= LONGEST_HEADER else UNREADABLE


@lru_cache(maxsize=256)
def test_id_of_cookies(header: bytes, key: bytes) -> str | None:
    """The same in a `cookie` header's value."""
    return _id(header.split(b";"), key)


def _id(members: list[bytes], key: bytes) -> str | None:
    found: dict[bytes, bytes] = {}
    for member in members:
        name, _, value = member.partition(b"=")
        found.setdefault(name.strip(), value.strip())
    if not key or found.get(RUN) != key or not found.get(TEST):
        return None
    return _decoded(found[TEST])


def members(test: str, key: str) -> dict[str, str]:
    """What is sent for a test's id, in the run that has this key: as members of baggage, or as cookies.

    For UNREADABLE, too.
    """
    return {TEST.decode(): TOO_LONG if not test or is_too_long(test) else _encoded(test), RUN.decode(): key}


def header(test: str, key: str) -> str:
    """The value of the header."""
    return joined(members(test, key))


def joined(several: dict[str, str]) -> str:
    """Members as a header has them."""
    return ",".join(f"{name}={value}" for name, value in several.items())


def without_ours(header: str) -> list[str]:
    """The members in a header's value that are somebody else's."""
    ours = {TEST.decode(), RUN.decode()}
    return [each.strip() for each in header.split(",") if each.strip() and each.partition("=")[0].strip() not in ours]


def is_too_long(test: str) -> bool:
    """Whether others on its way would drop that test's id, or cut it."""
    return _length(_encoded(test)) > LONGEST_MEMBER


def credited_to(test: str) -> str:
    """What the lines that a test runs are credited to: its printable id, or UNREADABLE."""
    return UNREADABLE if is_too_long(test) else _printable(test)


def _encoded(test: str) -> str:
    return quote(_printable(test), safe="")


def _printable(test: str) -> str:
    """A test's id as it is sent and shown: what is not printable escaped."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in test)


def _length(value: str | bytes) -> int:
    return len(TEST) + len(value) + 1


def _decoded(value: bytes) -> str:
    if _length(value) > LONGEST_MEMBER:
        return UNREADABLE
    try:
        text = unquote_to_bytes(value.replace(b"+", b" ")).decode("utf-8")  # OpenTelemetry writes a space so
    except UnicodeDecodeError:
        return UNREADABLE
    return text if text.isprintable() else UNREADABLE
