"""Waiting for what happens after a response, with a deadline; runs in the test process."""

import time
from collections.abc import Callable

PAUSE = 0.02


def eventually[T](what: str, probe: Callable[[], T], *, within: float = 10) -> T:
    """Ask until the answer is true, and return it; after `within` seconds say what never came."""
    deadline = time.monotonic() + within
    while not (answer := probe()):
        assert time.monotonic() < deadline, f"waited {within} s in vain for {what}"
        time.sleep(PAUSE)
    return answer
