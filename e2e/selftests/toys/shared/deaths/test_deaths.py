"""The first test kills the server; the third, in another process, goes on with the one that takes its place.

Of two processes each gets two tests at first.
"""

import time
from pathlib import Path

import httpx
import pytest

READY = Path("ready")


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_die(http):
    wait_until(READY.exists)
    with pytest.raises(httpx.TransportError):
        http.get("/die")


def test_next(http):
    assert http.get(f"/two?place={READY.absolute()}").text == "two"


def test_after(http, server):
    first = server.pid
    READY.touch()
    wait_until(lambda: server.pid != first)
    assert http.get(f"/two?place={READY.absolute()}").text == "two"


def test_last(http):
    assert http.get(f"/two?place={READY.absolute()}").text == "two"
