"""How processes end, for people. Test process, or a driver."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from afterawait import protocol
from afterawait.faults import ApplicationFault

if TYPE_CHECKING:
    from afterawait.services.server import Server

TRACEBACK = 60
"""Lines of a log: FastAPI's lifespans, one in another, fill some of them before the last says what failed."""
ORDERLY = {protocol.GOOD, protocol.FORCED}
"""Of these two the second is judged with the measurement: it may have lost something."""

REFUSED = ("Connection refused", "Connect call failed", "ConnectionRefusedError")


def hint_of_start(reason: str) -> str:
    """What to do where a server did not start for this reason."""
    if any(each in reason for each in REFUSED):
        return (
            "What it connects to is not there: start that before, or let each run start it, as a service:"
            " [[tool.afterawait.services]], and its address in [tool.afterawait.env]."
        )
    return "Fix the application, or [tool.afterawait] in pyproject.toml."


def ending(code: int) -> str:
    """A process's exit code: "signal SIGKILL", "exit code 3"."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def at_stop(server: Server, why: str = "") -> ApplicationFault | None:
    """What is wrong with the end of a server, which is stopped unless it has been; None where all went well.

    `why` is that of the stop.
    """
    code = server.stop()
    if code in ORDERLY or (server.died and server.told):
        return None
    if server.died:
        message = f"{server.named} ended with {ending(code)} during a test."
        return ApplicationFault(
            message, hint="Its last lines are above: run that test alone.", detail=server.log_tail()
        )
    if code == protocol.SHUTDOWN_FAILURE:
        reasons = "; ".join(server.shutdown_failures()) or "its log says why"
        message = f"{server.tested} failed in its shutdown{why}: {reasons}"
        hint = "Its traceback is above, from the server's log: fix what its lifespan does when it ends."
        return ApplicationFault(message, hint=hint, detail=server.log_tail(TRACEBACK))
    message = f"{server.who} ended with {ending(code)} when it was asked to stop{why}."
    hint = "Its last lines are above: look for what ends the process in the application's shutdown or at exit."
    return ApplicationFault(message, hint=hint, detail=server.log_tail())


def of_worker(server: Server, pid: int, when: str) -> ApplicationFault:
    """A worker process that ended before it was asked to; a supervisor puts another in its place."""
    message = f"The server's worker process {pid} ended {when}."
    hint = "Its last lines, and its requests in flight, are shown: find what ended it; another has taken its place."
    return ApplicationFault(message, hint=hint, detail=server.log_tail())
