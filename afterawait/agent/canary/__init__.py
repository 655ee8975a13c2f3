"""The canary: crosses a greenlet and a thread at start-up, so that a blind tracer is caught in every process.

Runs in the server process. The frames that drive it are not measured: with measured ones around it, the
`thread` setting happens to pass (see docs/mechanism.md).
"""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import PurePath
from types import CodeType

from afterawait.agent.canary import measured

DEPTH = 12  # coroutine frames above the switch: as deep as a request through FastAPI


def expected() -> dict[str, set[int]]:
    """The lines that must be recorded once the canary ran, by what they prove: greenlet, thread."""
    return {
        "greenlet": _lines(measured.crosses_a_greenlet.__code__),
        "thread": _lines(measured.runs_in_a_thread.__code__),
    }


def is_measured_half(name: str) -> bool:
    """Whether a file name in coverage data, of this machine or another, is that of the measured half."""
    return PurePath(name).parts[-4:] == PurePath(measured.__file__).parts[-4:]


def _lines(code: CodeType) -> set[int]:
    return {line for _, _, line in code.co_lines() if line is not None and line > code.co_firstlineno}


async def run() -> str:
    """Run the canary in this event loop; returns what it crossed: "greenlet, thread" or "thread"."""
    thread = threading.Thread(target=measured.runs_in_a_thread, args=([],), name="afterawait-canary")
    thread.start()
    crossed = "thread"
    if "sqlalchemy" in sys.modules:  # the application's own choice; importing it here would be ours
        await _deep(DEPTH)
        crossed = "greenlet, thread"
    await asyncio.to_thread(thread.join)
    return crossed


async def _deep(levels: int) -> None:
    if levels:
        await _deep(levels - 1)
        return
    from sqlalchemy.util.concurrency import await_only, greenlet_spawn

    await greenlet_spawn(measured.crosses_a_greenlet, await_only, _pause)


async def _pause() -> None:
    await asyncio.sleep(0)
