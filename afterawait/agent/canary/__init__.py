"""The canary: crosses a greenlet and a thread at start-up, so that a blind tracer is caught in every process.

Runs in the server process, under any event loop. Its measured half runs under the name of a file that does not exist,
in the first measured folder: coverage.py measures it exactly as it measures the application, whatever its
configuration. The frames that drive it are not measured: with measured ones around it, the `thread` setting happens
to pass (see docs/mechanism.md).
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Generator
from pathlib import PurePath
from types import CodeType, FunctionType, SimpleNamespace, coroutine
from typing import Any, NamedTuple

from afterawait import protocol
from afterawait.agent.canary import measured

DEPTH = 12  # coroutine frames above the switch: as deep as a request through FastAPI
PATIENCE = 10.0  # seconds for a thread that runs two lines


class Crossing(NamedTuple):
    """What the canary `crossed`, and why it proves less than it could ("" where it proves all)."""

    crossed: str
    error: str = ""


class CannotJudgeError(Exception):
    """What the measured half runs is not measured: it would prove nothing."""


def expected() -> dict[str, set[int]]:
    """The lines that must be recorded once the canary ran, by what they prove: greenlet, thread."""
    return {
        "greenlet": _lines(measured.crosses_a_greenlet.__code__),
        "thread": _lines(measured.runs_in_a_thread.__code__),
    }


def is_measured_half(name: str) -> bool:
    """Whether a file name in coverage data, of this machine or another, is that of the measured half."""
    return PurePath(name).name == protocol.CANARY


def _lines(code: CodeType) -> set[int]:
    return {line for _, _, line in code.co_lines() if line is not None and line > code.co_firstlineno}


async def run() -> Crossing:
    """Run the canary in this event loop. Whatever fails in it is said, and never raised."""
    try:
        names = _names_of_application()
        _cross_a_thread(names)
    except Exception as error:
        return Crossing("", _said(error))
    if not _can_cross_a_greenlet():
        return Crossing("thread")
    try:
        await _deep(DEPTH, _as_application(measured.crosses_a_greenlet, names))
    except Exception as error:
        return Crossing("thread", _said(error))
    return Crossing("greenlet, thread")


def _names_of_application() -> dict[str, Any]:
    """Globals with which coverage.py takes code for the application's. Raises CannotJudgeError where there are none."""
    folder = os.environ.get(protocol.SOURCE, "").split(os.pathsep)[0]
    coverage = sys.modules.get("coverage")
    current = coverage.Coverage.current() if coverage is not None else None
    if not folder or current is None:
        raise CannotJudgeError("coverage.py measures nothing here" if folder else "no measured folder is known")
    filename = str(PurePath(folder) / protocol.CANARY)
    reason = ""
    parts = PurePath(folder).parts[1:]
    # `source` may name folders or packages, and a package may begin anywhere on the folder's path.
    for first in range(len(parts) - 1, -1, -1):
        name = ".".join([*parts[first:], protocol.CANARY.removesuffix(".py")])
        names = {"__name__": name, "__file__": filename, "__builtins__": __builtins__}
        found = current._should_trace(filename, SimpleNamespace(f_globals=names))
        if found.trace:
            return names
        reason = reason or found.reason
    raise CannotJudgeError(f"coverage.py does not measure {filename}: it {reason}")


def _as_application(function: Callable[..., Any], names: dict[str, Any]) -> Callable[..., Any]:
    code = function.__code__.replace(co_filename=names["__file__"])
    return FunctionType(code, names)


def _cross_a_thread(names: dict[str, Any]) -> None:
    done: list[str] = []
    work = _as_application(measured.runs_in_a_thread, names)
    thread = threading.Thread(target=work, args=(done,), name="afterawait-canary", daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if not done:
        raise CannotJudgeError("its thread did not run")


def _can_cross_a_greenlet() -> bool:
    """Whether the application has SQLAlchemy, and this loop is asyncio's: importing either would be our choice."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or "sqlalchemy" not in sys.modules:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:  # trio's, say: SQLAlchemy does not work there
        return False
    return True


async def _deep(levels: int, crosses: Callable[..., Any]) -> None:
    if levels:
        await _deep(levels - 1, crosses)
        return
    from sqlalchemy.util.concurrency import await_only, greenlet_spawn

    await greenlet_spawn(crosses, await_only, _pause)


@coroutine
def _pause() -> Generator[None]:
    """`asyncio.sleep(0)`."""
    yield


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, CannotJudgeError) else f"{type(error).__name__}: {error}"
