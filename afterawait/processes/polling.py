"""Waiting for a condition, with a deadline and never for something that is already dead. Test process."""

from __future__ import annotations

import time
from collections.abc import Callable


class Expired(Exception):
    """The condition did not come true in time."""


def wait_until(condition: Callable[[], bool], *, seconds: float, pause: float = 0.02) -> None:
    """Return once `condition()` is true; raise Expired after `seconds`.

    A condition that watches a process asks whether it lives before it asks whether it is ready, and raises.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Expired(f"not within {seconds:g} s")
        time.sleep(pause)
