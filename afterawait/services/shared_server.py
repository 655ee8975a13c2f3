"""One server for all test processes of a run, as those that did not start it see it. pytest-xdist worker.

Whoever started it writes down where it is, once more when another process has taken a dead one's place.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
from pathlib import Path
from typing import override
from urllib.parse import urlsplit

from afterawait import protocol
from afterawait.processes.polling import Expired, wait_until
from afterawait.runs.folder import RunFolder
from afterawait.services.server import Server

GAVE_UP = "gave_up"


def publish(server: Server) -> None:
    """Write down for the other test processes where `server` is."""
    known = {"name": server.name, "url": server.url, "pid": server.pid, "database_url": server.database_url}
    _write(server.run, known | {"log": str(server.log), "service_ports": server.service_ports})


def give_up(run: RunFolder) -> None:
    """Tell them that it will not come back."""
    _write(run, {GAVE_UP: True})


def _write(run: RunFolder, known: dict[str, object]) -> None:
    path = run.path / protocol.SHARED_SERVER
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(json.dumps(known), encoding="utf-8")
    draft.replace(path)


class SharedServer(Server):
    """The server of `run`, which another process started, watches and stops. Raises OSError where there is none."""

    def __init__(self, run: RunFolder, *, app: str, grace: int, patience: float) -> None:
        """`patience` is how long another one may take to be there when it has died."""
        super().__init__("", run, app=app, grace=grace)
        self._pid = 0
        self._patience = patience
        self._gave_up = False
        self._look()

    def _look(self) -> None:
        known = json.loads((self.run.path / protocol.SHARED_SERVER).read_text(encoding="utf-8"))
        if known.get(GAVE_UP):
            self._gave_up = True
            return
        self.name, self.url, self._pid = known["name"], known["url"], known["pid"]
        self.database_url, self.log = known["database_url"], Path(known["log"])
        self.service_ports = known["service_ports"]

    @property
    @override
    def pid(self) -> int:
        self._look()
        return self._pid

    @override
    def exit_code(self) -> None:
        """None: it is not this process that it ends in."""

    @override
    def ended(self) -> None:
        """Wait, if it has died, until whoever watches it has put another in its place."""
        with contextlib.suppress(Expired):  # the tests say then that nobody answers
            wait_until(lambda: self._gave_up or self._answers(), seconds=self._patience)

    def _answers(self) -> bool:
        self._look()
        return self._connect() != errno.ECONNREFUSED

    @override
    def _connect(self) -> int:
        parts = urlsplit(self.url)
        with socket.socket(socket.AF_INET6 if ":" in (parts.hostname or "") else socket.AF_INET) as probe:
            probe.settimeout(1)
            return probe.connect_ex((parts.hostname, parts.port))

    @override
    def stop(self) -> int:
        """Nothing: others still use it."""
        return protocol.GOOD
