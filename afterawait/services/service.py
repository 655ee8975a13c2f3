"""One service beside the server: when it is ready, and whether it is measured. Test process, or a driver."""

from __future__ import annotations

import shlex
import subprocess
import time
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import override

from xprocess import XProcess

from afterawait.agent.record import ProcessRecord
from afterawait.faults import ApplicationFault, Fault, MeasurementFault
from afterawait.processes.polling import Expired, wait_until
from afterawait.processes.tree import GONE
from afterawait.runs.folder import RunFolder
from afterawait.services.command import runnable, started
from afterawait.services.command_server import UNKNOWN, CommandServer
from afterawait.services.deaths import ending
from afterawait.settings_services import TABLE, Service

GOOD_STATUS = range(1, 400)
ANSWER = 10.0
"""Seconds for an answer to the path that shows that it is ready: it may look at all that it depends on."""
FIX = f"Fix it, or its `command` in {TABLE} of pyproject.toml."
STAYS = f"Its command in {TABLE} has to stay in the foreground until it is asked to end: no `-d`, `--daemonize` or `&`."
NOT_MEASURED = (
    "Let its command start this environment's Python with the variables that it gets (`env -i`, `sudo` and Python's "
    "options -S, -I and -E keep them or the start hook out). Or write measure = false for it: its lines then count for "
    "nothing."
)


def missing(service: Service) -> str:
    """What to do where its program is not there."""
    program = shlex.split(service.command)[0]
    return f"Install {program}, or fix `command` of {service.name!r} in {TABLE} of pyproject.toml."


class ServiceProcess(CommandServer):
    """The process of `service`, and what it starts. `port` is 0 where it has none that is known."""

    def __init__(  # noqa: PLR0913  # keywords, none of which depends on another
        self, service: Service, run: RunFolder, *, name: str, command: Sequence[str], grace: int, measured: bool
    ) -> None:
        super().__init__(name, run, command=command, grace=grace, measured=measured and service.measure is not False)
        self.service = service
        self.who = self.tested = self.app = f"The service {service.name}"
        self._answered = 0
        self._patience = ANSWER
        self._ready = self._listened = False
        self._since = 0.0
        self.running = False
        """Whether it has been ready, and nobody has stopped it."""

    @property
    @override
    def named(self) -> str:
        return self.who

    @property
    @override
    def label(self) -> str:
        return f"service {self.service.name}"

    @property
    @override
    def line(self) -> str:
        port = f", port {self.port}" if self.port else ""
        return f"{self.label}{port} (pid {self.pid}){self._measurement()}"

    @override
    def start(self, xprocess: XProcess, env: Mapping[str, str], cwd: Path, *, port: int, timeout: float) -> None:
        self._port, self.url = port, f"http://127.0.0.1:{port}"
        self._began, self._code, self._tree, self._ready = time.time(), None, None, False
        self._since = time.monotonic()
        self._patience = min(ANSWER, timeout)
        words = started(self.command, env, who=self.who, hint=missing(self.service), cwd=str(cwd))
        with runnable(words[0], who=self.who, hint=missing(self.service)):
            self._launch(xprocess, words, {"stdin": subprocess.DEVNULL, "cwd": str(cwd)}, env, timeout)
        self._listened = bool(self.port) and self._connect() == 0

    @override
    def stop(self) -> int:
        self.running = False
        return super().stop()

    @override
    def ended(self) -> int | None:
        # A port may be one of UDP, or of something that comes later: that it is refused says nothing then.
        return super().ended() if self._listened else self.exit_code()

    @override
    def _serves(self) -> bool:
        living, records = self._alive()
        self._ready = self._is_ready(records)
        if not self._ready:
            self._since = time.monotonic()
            return False
        if self._is_missed(records):
            if self._listening:  # what would be measured runs: no record will come
                raise self._not_measured()
            return False
        if not self.measured and self._shows_itself:
            return True
        # One that starts a process every moment, a command that looks after something say, never settles.
        known = self._shows_itself and time.monotonic() - self._since > UNKNOWN
        return (self._settled(living) or known) and not self._starting(records)

    @property
    def _shows_itself(self) -> bool:
        """Whether anything is said of when it is ready."""
        return bool(self._listening or self.service.ready.log)

    @property
    def _listening(self) -> bool:
        return self.service.has_port or bool(self.service.ready.http)

    def _is_ready(self, records: Sequence[ProcessRecord]) -> bool:
        ready = self.service.ready
        if ready.log:
            return ready.log in self.log_text()
        if ready.http:
            found = self.service.has_port or self._listens_by(records)
            self._answered = self._status(ready.http, self._patience) if found else 0
            return self._answered in GOOD_STATUS
        return not self.service.has_port or self._connect() == 0

    def _is_missed(self, records: Sequence[ProcessRecord]) -> bool:
        """Whether it is to be measured, and nothing shows that it is."""
        return self.measured and self.service.must_measure and not records

    @override
    def _wait_until_serving(self, timeout: float) -> None:
        try:
            wait_until(self._serves, seconds=timeout)
        except Expired:
            if self._ready and self._is_missed(self.tree.records()):
                raise self._not_measured() from None
            raise ApplicationFault(
                f"{self.who} was not ready within {timeout:g} s.",
                hint=f"{self._why_late()}; [tool.afterawait].start_timeout allows more.",
                detail=self.log_tail(),
            ) from None

    @override
    def _why_late(self) -> str:
        ready = self.service.ready
        if ready.log:
            return f"Its log has no {ready.log!r}"
        if ready.http and (self.port or not self.service.has_port):
            said = f"answered with status {self._answered}" if self._answered else "not answered"
            return f"GET {self.url}{ready.http} was {said}"
        return super()._why_late()

    def _not_measured(self) -> Fault:
        message = f"{self.who} is not measured: no Python process of its command has left a record."
        return MeasurementFault(message, hint=NOT_MEASURED, detail=self.log_tail())

    @override
    def _cannot_start(self, code: int) -> ApplicationFault:
        reasons = [each.failure for each in self.tree.records() if each.failure]
        reason = reasons[-1] if reasons else f"ended with {ending(code)} before it was ready"
        hint = STAYS if not code and not reasons else FIX
        return ApplicationFault(f"{self.who} {reason}.".replace("..", "."), hint=hint, detail=self.log_tail())

    def death(self, when: str, *, waits: bool = False) -> ApplicationFault | None:
        """What is to be said where it has ended by itself; None while it lives.

        One that refuses connections is about to end: `waits` waits for it.
        """
        code = self.ended() if waits else self.exit_code()
        if code is None:
            return None
        self.told = True
        hint = "Read its last lines above: without it no later test says anything."
        return ApplicationFault(f"{self.who} ended with {ending(code)} {when}.", hint=hint, detail=self.log_tail())

    def _measurement(self) -> str:
        """Whether its processes are measured, in a list."""
        if not self.measured:
            return ", not measured"
        records = {each.pid for each in self.tree.records()}
        apart = self._pythons(records)
        said = f" ({apart} left no record)" * bool(apart)
        return f", {'measured' if records else 'not measured'}{said}"

    def _pythons(self, measured: Container[int] = ()) -> str:
        """Its Python processes that live, but for those that are measured."""
        found = []
        for each in self.tree.look():
            try:
                if each.pid not in measured and Path(each.exe()).name.startswith(("python", "pypy")):
                    found.append(each.pid)
            except GONE:
                continue
        return f"its Python process {', '.join(map(str, found))}" if found else ""
