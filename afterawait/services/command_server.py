"""A server that the project's own command starts: when it is ready, and how it is stopped. Test process, or a driver.

Nothing is known of the command but what its processes show: they listen, and their records say that they load the
application and serve it.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import shlex
import socket
import subprocess
import time
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import override

from xprocess import XProcess

from afterawait import protocol
from afterawait.agent.record import ProcessRecord
from afterawait.faults import ApplicationFault, EnvironmentFault
from afterawait.processes.polling import Expired, wait_until
from afterawait.runs.folder import RunFolder
from afterawait.services.command import runnable, started
from afterawait.services.command_tree import CommandTree
from afterawait.services.server import Server

SETTLED = 0.3
"""Seconds without a new process until all that a server starts is taken to be there."""
UNKNOWN = 3.0
"""Seconds after which a server that listens and says nothing of an application is taken to be ready."""
NO_APPLICATION = (
    "A WSGI application (Flask; Django's wsgi.py) cannot be tested. An ASGI application can: under uvicorn, Hypercorn, "
    "Granian, gunicorn with -k asgi or uvicorn_worker.UvicornWorker, and one of FastAPI's or Starlette's under any."
)
A_PORT = "Let the command listen on a port: --port {port}, or -b 127.0.0.1:{port}, in place of the socket."
SPAWNING = 10.0
"""Seconds for a worker process to import its server, before it says that it loads the application."""
SPAWNED = "from multiprocessing.spawn import spawn_main"
LAST_WORDS = 2.0
"""Seconds for a process that cannot load the application to say so in the log, and end."""


class CommandServer(Server):
    """A server under a command of the project's own; `port` is 0 where the command chooses it."""

    def __init__(self, name: str, run: RunFolder, *, command: Sequence[str], grace: int, measured: bool) -> None:
        super().__init__(name, run, app=f"`{shlex.join(command)}`", grace=grace, measured=measured)
        self.command = command
        self._host, self._port = "127.0.0.1", 0
        self._began = 0.0
        self._seen: tuple[float, set[int]] = 0.0, set()
        self._listens = self._served = 0.0
        self._asked = False
        self._code: int | None = None
        self._tree: CommandTree | None = None

    @override
    def start(self, xprocess: XProcess, env: Mapping[str, str], cwd: Path, *, port: int, timeout: float) -> None:
        self._port = port if self._popen is None else self._port  # one that the command chose, it may choose anew
        self._host, self.url = "127.0.0.1", f"http://127.0.0.1:{port}"
        self._began, self._code, self._tree = time.time(), None, None
        self._listens, self._served, self._asked = 0.0, 0.0, False
        words = started(self.command, env)
        with runnable(words[0]):
            self._launch(xprocess, words, {"stdin": subprocess.DEVNULL, "cwd": str(cwd)}, env, timeout)

    @override
    def said(self) -> str:
        return "".join(f"; {each}" for each in self.tree.notes) if self._popen is not None else ""

    @property
    def tree(self) -> CommandTree:
        """The processes of the command."""
        if self._tree is None:
            self._tree = CommandTree(self.run, self.pid, self._began)
        return self._tree

    @override
    def _serves(self) -> bool:
        living, records = self._alive()
        if not self._listens_by(records):
            self._must_want_a_port(records)
            return False
        if self._connect() != 0 or not self._settled(living):
            return False
        return self._has_loaded(records) if self.measured else self._answers()

    def _alive(self) -> tuple[set[int], list[ProcessRecord]]:
        """The processes that live, and the records of these. Raises Fault where the command cannot start any more."""
        self.watch()
        living = {each.pid for each in self.tree.look()}
        code = self.exit_code()
        records = self.tree.records() if self.measured else []
        failed = next((each for each in records if each.failure), None)
        if code is not None or failed is not None:
            self.watch()
            raise self._fails(code, failed)
        return living, [each for each in records if each.pid in living]

    def _starting(self, records: Sequence[ProcessRecord]) -> bool:
        """Whether one of these processes is about to load an application, and to serve it."""
        serving = {each.pid for each in records if each.served}
        return any(not each.served and (each.loads or _may_load(each, serving)) for each in records)

    def _has_loaded(self, records: Sequence[ProcessRecord]) -> bool:
        """Whether each process that loads the application serves it."""
        if self._starting(records):
            return False
        if any(each.served for each in records):
            return True
        if time.monotonic() - self._listens > UNKNOWN and self._answers():
            if self._asked:  # the first answer may have been what an application wrapped itself at
                raise EnvironmentFault(f"{self.app} answers, and serves no ASGI application.", hint=NO_APPLICATION)
            self._asked = True
        return False

    def _must_want_a_port(self, records: Sequence[ProcessRecord]) -> None:
        """Raise EnvironmentFault where the application is served, and on a Unix socket."""
        if not any(each.served for each in records):
            return
        self._served = self._served or time.monotonic()
        if time.monotonic() - self._served > UNKNOWN and (sockets := self.tree.sockets()):
            message = f"{self.app} serves on the Unix socket {sockets[0]}, and tests speak to a port of 127.0.0.1."
            raise EnvironmentFault(message, hint=A_PORT)

    def _listens_by(self, records: Sequence[ProcessRecord]) -> bool:
        """Find the address; whether one of the processes listens on it."""
        addresses = self.tree.listening({each.pid for each in records if each.served})
        if self._port:
            addresses = [each for each in addresses if each[1] == self._port]
        if not addresses:
            return False
        self._listens = self._listens or time.monotonic()
        self._host, port = addresses[0]
        self.url = f"http://{f'[{self._host}]' if ':' in self._host else self._host}:{port}"
        return True

    def _settled(self, living: set[int]) -> bool:
        since, seen = self._seen
        if seen != living:
            self._seen = time.monotonic(), living
            return False
        return time.monotonic() - since > SETTLED

    def _answers(self) -> bool:
        return self._status("/") > 0

    def _status(self, path: str, patience: float = 1) -> int:
        """With which it answers; 0 where it does not, in `patience` seconds."""
        asking = http.client.HTTPConnection(self._host, self.port, timeout=patience)
        try:
            asking.request("GET", path)
            return asking.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            asking.close()

    @override
    def _connect(self) -> int:
        try:
            socket.create_connection((self._host, self.port), 1).close()
        except OSError as error:
            return error.errno or errno.ETIMEDOUT
        return 0

    @override
    def _why_late(self) -> str:
        if self._listens:
            return super()._why_late()
        if others := self.tree.listening():
            named = ", ".join("{}:{}".format(*each) for each in others)
            return f"Its processes listen on {named}, and not on port {self._port}, which {{port}} stands for"
        sockets = "".join(f", but on {each}" for each in self.tree.sockets()[:1])
        return f"None of its processes listens on a TCP port{sockets}"

    def _fails(self, code: int | None, failed: ProcessRecord | None) -> ApplicationFault:
        if failed is not None:
            with contextlib.suppress(Expired):
                wait_until(lambda: failed.pid not in {each.pid for each in self.tree.look()}, seconds=LAST_WORDS)
            return self._cannot_start(0)
        return self._cannot_start(code or 0)

    @override
    def shutdown_failures(self) -> list[str]:
        return self.tree.shutdown_failures() if self._popen is not None else []

    @override
    def stop(self) -> int:
        """End it.

        The exit code is the command's own only where it ended by itself: each server has one of its own for "asked to".
        """
        if self._popen is None:
            return 0
        if self._code is None:
            self.died = self._popen.poll() is not None
            self._code = self._end()
            with contextlib.suppress(FileNotFoundError):
                Path(self._info.pidpath).unlink()
        return self._code

    def _end(self) -> int:
        self.tree.end(self.budget.server)
        code = self._process.wait()
        if self.died:
            return code
        if self.shutdown_failures():
            return protocol.SHUTDOWN_FAILURE
        return protocol.FORCED if self.tree.forced else protocol.GOOD


def _may_load(record: ProcessRecord, serving: Container[int]) -> bool:
    """Whether it is a new process of multiprocessing's, which may be about to load the application.

    One that a serving process has started is the application's own.
    """
    young = time.time() - record.began < SPAWNING
    return young and record.started_by not in serving and any(SPAWNED in each for each in record.argv)
