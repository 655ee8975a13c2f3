"""The server process: uvicorn on an inherited socket, under a watchdog.

    python -m afterawait.agent.server --fd N --app MODULE:ATTRIBUTE

The test process binds the socket and does not listen on it: the port is known before the start, nobody can take
it, and "connection accepted" means "start-up complete". Standard input is a pipe from the test process; its end
means "stop". Exit codes: 0 stopped, 3 the application cannot start (uvicorn's STARTUP_FAILURE), 70 forced, 71 the
application failed in its shutdown.
"""

from __future__ import annotations

import argparse
import inspect
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from socket import socket
from types import FrameType
from typing import Any, override

import uvicorn
from uvicorn.supervisors import Multiprocess, multiprocess

from afterawait import protocol
from afterawait.agent import startup
from afterawait.agent.shutdown import Watchdog

SHELLS_SIGNAL = 128
OLDEST = "0.30"
"""Of uvicorn: the first whose supervisor has a class of workers."""


if not hasattr(multiprocess, "Process"):
    sys.exit(f"afterawait: uvicorn {uvicorn.__version__} is too old: this runner needs {OLDEST} or newer.")


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

    def __init__(self, config: uvicorn.Config, *more: Any) -> None:
        self.config = config
        super().__init__(config, *more)

    @override
    def target(self, sockets: list[socket] | None = None) -> None:
        startup.note(role=protocol.WORKER)
        watchdog = Watchdog(_budget(self.config).process)
        watchdog.stop_when_parent_ends()
        server = Server(self.config, watchdog)
        # What uvicorn's own target serves, and answers pings from: the second name is that of older versions.
        self._server, self.real_target = server, server.run
        if code := _code(server, partial(super().target, sockets)):
            sys.exit(code)


class Supervisor(Multiprocess):
    """uvicorn's supervisor of worker processes; workers that ignore their end are killed, not waited for."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket]) -> None:
        # Older versions want to know what a worker runs; ours knows.
        targeted = "target" in inspect.signature(Multiprocess).parameters
        more: dict[str, Any] = {"target": None} if targeted else {}
        super().__init__(config, sockets=sockets, **more)

    @override
    def keep_subprocess_alive(self) -> None:
        # Older versions would start, for ever, what cannot start.
        if protocol.STARTUP_FAILURE in self.exit_codes():
            self.should_exit.set()
        super().keep_subprocess_alive()

    def exit_codes(self) -> set[int | None]:
        """Those of the workers that have ended."""
        return {worker.process.exitcode for worker in self.processes}

    @override
    def join_all(self) -> None:
        for worker in self.processes:
            worker.process.join(_budget(self.config).workers)
            if worker.process.is_alive():
                worker.process.kill()
        super().join_all()


# uvicorn's supervisor has no hook for the class of its workers, and looks it up here.
multiprocess.Process = Worker  # type: ignore[assignment, misc]


def _budget(config: uvicorn.Config) -> protocol.StopBudget:
    return protocol.StopBudget(config.timeout_graceful_shutdown or 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m afterawait.agent.server", description="Serves one application of a run."
    )
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
    return _code(server, partial(server.run, sockets=[sock]))


def _code(server: Server, run: Callable[[], None]) -> int:
    """Serve, and return what the process exits with.

    When it has stopped, uvicorn raises the signal that stopped it again, by which the watchdog would leave.
    """
    try:
        run()
    except KeyboardInterrupt:
        pass
    except SystemExit as left:
        if left.code:
            raise
    from afterawait.agent import asgi  # it is what has served

    if not server.started:
        return protocol.STARTUP_FAILURE
    return protocol.SHUTDOWN_FAILURE if asgi.shutdown_failed else protocol.GOOD


def _supervise(config: uvicorn.Config, sock: socket) -> int:
    startup.note(role=protocol.SUPERVISOR)
    watchdog = Watchdog(_budget(config).supervisor)
    supervisor = Supervisor(config, sockets=[sock])  # takes SIGTERM over from the watchdog
    watchdog.stop_when_stdin_ends()
    supervisor.run()
    return _code_of(supervisor.exit_codes())


def _code_of(codes: set[int | None]) -> int:
    """What a supervisor exits with: as its workers did, in a shell's numbers for signals.

    By SIGTERM ends a worker that is still importing, by SIGKILL one that will not: what is lost is judged elsewhere.
    """
    known = [protocol.STARTUP_FAILURE, protocol.SHUTDOWN_FAILURE, protocol.FORCED]
    asked = {protocol.GOOD, -signal.SIGTERM, -signal.SIGKILL}
    others = sorted(code for code in codes if code is not None and code not in asked)
    code = next((each for each in [*known, *others] if each in codes), protocol.GOOD)
    return code if code >= 0 else SHELLS_SIGNAL - code


def main() -> int:
    """Serve until asked to stop; returns the exit code."""
    options = _arguments()
    os.environ[protocol.APP] = options.app
    config = uvicorn.Config(
        "afterawait.agent.asgi:application",
        factory=True,
        workers=options.workers,
        timeout_graceful_shutdown=options.grace,
    )
    sock = socket(fileno=options.fd)  # wrapped with its true family: uvicorn's --fd says AF_UNIX, hence no TCP_NODELAY
    return _supervise(config, sock) if options.workers > 1 else _serve_alone(config, sock)


if __name__ == "__main__":
    sys.exit(main())
