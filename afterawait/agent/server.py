"""The server process: uvicorn on an inherited socket, under a watchdog.

    python -m afterawait.agent.server --fd N --app MODULE:ATTRIBUTE

The test process binds the socket and does not listen on it: the port is known before the start, nobody can take
it, and "connection accepted" means "start-up complete". Standard input is a pipe from the test process; its end
means "stop". Exit codes: 0 stopped, 3 the application cannot start (uvicorn's STARTUP_FAILURE), 70 forced.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from socket import socket
from types import FrameType
from typing import override

import uvicorn
from uvicorn.supervisors import Multiprocess, multiprocess

from afterawait import protocol
from afterawait.agent import startup
from afterawait.agent.shutdown import Watchdog


class Server(uvicorn.Server):
    """A uvicorn server whose every stop is bounded."""

    def __init__(self, config: uvicorn.Config, watchdog: Watchdog) -> None:
        super().__init__(config)
        self.watchdog = watchdog

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.watchdog.arm()
        super().handle_exit(sig, frame)


class Worker(multiprocess.Process):
    """One uvicorn worker process, stopped in time and never left behind by its supervisor."""

    @override
    def target(self, sockets: list[socket] | None = None) -> None:
        startup.note(role=protocol.WORKER)
        watchdog = Watchdog(_budget(self.config).process)
        watchdog.stop_when_parent_ends()
        self._server = Server(self.config, watchdog)  # what uvicorn's own target serves and answers pings from
        super().target(sockets)


class Supervisor(Multiprocess):
    """uvicorn's supervisor of worker processes; workers that ignore their end are killed, not waited for."""

    @override
    def join_all(self) -> None:
        for worker in self.processes:
            worker.process.join(_budget(self.config).workers)
            if worker.process.is_alive():
                worker.process.kill()
        super().join_all()


# uvicorn's supervisor has no hook for the class of its workers.
multiprocess.Process = Worker  # type: ignore[misc]


def _budget(config: uvicorn.Config) -> protocol.StopBudget:
    return protocol.StopBudget(config.timeout_graceful_shutdown or 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m afterawait.agent.server", description=__doc__.splitlines()[0])
    parser.add_argument("--fd", type=int, required=True, help="a bound socket, not yet listening")
    parser.add_argument("--app", required=True, metavar="MODULE:ATTRIBUTE", help='"module:app" or "module:factory()"')
    parser.add_argument("--workers", type=int, default=1, help="uvicorn worker processes (1)")
    parser.add_argument(
        "--grace", type=int, default=protocol.GRACE, help="seconds that open requests get at a stop (2)"
    )
    return parser.parse_args()


def _serve_alone(config: uvicorn.Config, sock: socket) -> int:
    startup.note(role=protocol.SERVER)
    watchdog = Watchdog(_budget(config).process)
    watchdog.stop_when_stdin_ends()
    server = Server(config, watchdog)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[sock])
    return 0 if server.started else protocol.STARTUP_FAILURE


def _supervise(config: uvicorn.Config, sock: socket) -> int:
    startup.note(role=protocol.SUPERVISOR)
    watchdog = Watchdog(_budget(config).supervisor)
    supervisor = Supervisor(config, sockets=[sock])  # takes SIGTERM over from the watchdog
    watchdog.stop_when_stdin_ends()
    supervisor.run()
    codes = {worker.exitcode for worker in supervisor.processes}
    return next((code for code in (protocol.STARTUP_FAILURE, protocol.FORCED) if code in codes), 0)


def main() -> int:
    """Serve until asked to stop; returns the exit code."""
    given = _arguments()
    os.environ[protocol.APP] = given.app
    config = uvicorn.Config(
        "afterawait.agent.asgi:application",
        factory=True,
        workers=given.workers,
        timeout_graceful_shutdown=given.grace,
    )
    sock = socket(fileno=given.fd)  # wrapped with its true family: uvicorn's --fd says AF_UNIX, hence no TCP_NODELAY
    return _supervise(config, sock) if given.workers > 1 else _serve_alone(config, sock)


if __name__ == "__main__":
    sys.exit(main())
