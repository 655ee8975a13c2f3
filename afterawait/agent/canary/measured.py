"""The canary's measured half, in the server process: lines that a tracer which loses its place does not see.

It is not run under this file's name but under protocol.CANARY's, so that coverage.py measures it as it measures the
application. The verdict reads these lines from each process's raw data; no report shows them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any


def crosses_a_greenlet(await_only: Callable[[Awaitable[None]], Any], pause: Callable[[], Awaitable[None]]) -> str:
    """Suspends in the middle, as every query through an AsyncSession does."""
    before = "seen before"
    await_only(pause())
    after = "and after"
    return f"{before} {after} the switch"


def runs_in_a_thread(done: list[str]) -> None:
    """Runs beside the event loop, as every plain `def` endpoint does."""
    line = "seen in a thread"
    done.append(line)
