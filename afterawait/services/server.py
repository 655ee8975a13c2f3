"""One server process, started and ended through pytest-xprocess. Test process, or that of scripts/serve.sh.

pytest-xprocess is used by rules that keep it safe: always a new process, never one that was left over; its end
waited for here, its PID file deleted (a stale one would make `--xkill` kill a stranger).
"""

from __future__ import annotations

import contextlib
import errno
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from xprocess import ProcessStarter, XProcess

from afterawait import protocol
from afterawait.faults import ApplicationFault
from afterawait.processes.polling import Expired, wait_until
from afterawait.runs.folder import RunFolder
from afterawait.services import deaths
from afterawait.services.ports import bind

TAIL_BYTES = 1 << 16  # more than the last lines of a log have; a log may be long


class Server:
    """A server process and how to reach it. `url` has no trailing slash; `database_url` is what it was given."""

    who, tested = "The server", "The application"  # how sentences on it, and on what it runs, begin

    def __init__(  # noqa: PLR0913  # keywords, none of which depends on another
        self,
        name: str,
        run: RunFolder,
        *,
        app: str,
        workers: int = 1,
        grace: int = protocol.GRACE,
        measured: bool = True,
    ) -> None:
        self.name = name
        self.run = run
        self.app = app
        self.workers = workers
        self.measured = measured
        self.grace = grace
        self.budget = protocol.StopBudget(grace)
        self.watch: Callable[[], None] = lambda: None  # raises what ends a start that is not over
        self.interpreter: Sequence[str] = (sys.executable,)
        self.url = ""
        self.database_url = ""
        self.service_ports: dict[str, int] = {}  # of those beside it, by name
        self.died = self.told = False  # it had ended before it was asked to; that is said already
        self._popen: subprocess.Popen[bytes] | None = None
        self._info: Any = None
        self.log = Path()  # what it prints to

    @property
    def named(self) -> str:
        """What it is called among others."""
        return f"The server {self.name}"

    @property
    def label(self) -> str:
        """What it is called in a list."""
        return f"server {self.name}"

    @property
    def line(self) -> str:
        """Where it is."""
        return f"{self.label} {self.url} (pid {self.pid})"

    @property
    def pid(self) -> int:
        """The process that was started: the server, or uvicorn's supervisor of its workers."""
        return self._process.pid

    @property
    def port(self) -> int:
        """Of 127.0.0.1."""
        return int(self.url.rpartition(":")[2])

    @property
    def _process(self) -> subprocess.Popen[bytes]:
        if self._popen is None:
            raise RuntimeError("start() comes first")
        return self._popen

    def said(self) -> str:
        """What is to be said of its end, where that is no fault; "" for nothing."""
        return ""

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def ended(self) -> int | None:
        """The same, asked between tests: one that refuses connections is about to end, and is waited for.

        Clients see that their connection is closed before the process is gone.
        """
        code = self.exit_code()
        if code is None and self._connect() == errno.ECONNREFUSED:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self._process.wait(self.budget.server)
        return code

    def log_size(self) -> int:
        """Bytes that the process and its workers have printed so far."""
        return self.log.stat().st_size

    def log_text(self, since: int = 0) -> str:
        """What they have printed, from byte `since` on."""
        with self.log.open("rb") as log:
            log.seek(since)
            return log.read().decode("utf-8", "replace")

    def log_tail(self, lines: int = 25) -> str:
        """The last lines of it."""
        return "\n".join(self.log_text(max(0, self.log_size() - TAIL_BYTES)).splitlines()[-lines:])

    def start(self, xprocess: XProcess, env: Mapping[str, str], cwd: Path, *, port: int, timeout: float) -> None:
        """Start and wait until it serves. Raises ApplicationFault or EnvironmentFault, leaving nothing behind."""
        with bind(port) as sock:
            self.url = "http://{}:{}".format(*sock.getsockname())
            command = [*self.interpreter, "-m", "afterawait.agent.server", "--app", self.app]
            command += ["--grace", str(self.grace), "--fd", str(sock.fileno()), "--workers", str(self.workers)]
            kwargs = {"pass_fds": (sock.fileno(),), "stdin": subprocess.PIPE, "cwd": str(cwd)}
            self._launch(xprocess, command, kwargs, env, timeout)

    def _launch(
        self, xprocess: XProcess, command: Sequence[str], popen: dict[str, Any], env: Mapping[str, str], timeout: float
    ) -> None:
        starter = self._starter(xprocess, command, popen, env, timeout)
        self._info = xprocess.getinfo(self.name)
        self.log = Path(self._info.logpath)
        with contextlib.suppress(FileNotFoundError):
            Path(self._info.pidpath).unlink()  # of a killed run: that number may be anybody's by now
        try:
            xprocess.ensure(self.name, starter, restart=True, persist_logs=False)
        except BaseException:
            self.stop()
            raise

    def _starter(
        self, xprocess: XProcess, command: Sequence[str], popen: dict[str, Any], env: Mapping[str, str], timeout: float
    ) -> type[ProcessStarter]:
        server = self

        class Starter(ProcessStarter):  # type: ignore[misc]  # it has no types
            args = command
            popen_kwargs = popen
            terminate_on_interrupt = False  # stop() does it, and saves

            def startup_check(self) -> bool:
                server._popen = xprocess.resources[-1].popen
                server._wait_until_serving(timeout)
                return True

        Starter.env = dict(env)
        return Starter

    def _wait_until_serving(self, timeout: float) -> None:
        try:
            wait_until(self._serves, seconds=timeout)
        except Expired:
            raise ApplicationFault(
                f"{self.app} did not start within {timeout:g} s.",
                hint=f"{self._why_late()}; [tool.afterawait].start_timeout allows more.",
                detail=self.log_tail(),
            ) from None

    def _why_late(self) -> str:
        return "Look for what its import or its lifespan waits for"

    def _serves(self) -> bool:
        self.watch()
        code = self.exit_code()
        if code is not None:
            self.watch()
            raise self._cannot_start(code)
        # A worker answers as soon as one of them does: the others must not be stopped in mid-start.
        if (
            self.workers > 1
            and self.measured
            and sum(each.served and each.role == protocol.WORKER for each in self._records()) < self.workers
        ):
            return False
        return self._connect() == 0

    def _connect(self) -> int:
        """0 where a connection is accepted, else the error's number."""
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port))

    def _records(self) -> list[Any]:
        import psutil

        family = {self.pid, *(child.pid for child in psutil.Process(self.pid).children(recursive=True))}
        return [each for each in self.run.records() if each.pid in family]

    def worker_pids(self) -> set[int]:
        """uvicorn's worker processes that live."""
        import psutil

        alive = {each.pid for each in psutil.Process(self.pid).children() if each.status() != psutil.STATUS_ZOMBIE}
        return {each.pid for each in self.run.records() if each.role == protocol.WORKER and each.pid in alive}

    def lost_workers(self) -> set[int]:
        """The worker processes that have served and ended, with their supervisor still there."""
        if self.workers == 1 or self.exit_code() is not None:
            return set()
        served = {each.pid for each in self.run.records() if each.started_by == self.pid and each.served}
        return served - self.worker_pids()

    def shutdown_failures(self) -> list[str]:
        """Why the application failed in the shutdown of this process, or of its workers."""
        family = [each for each in self.run.records() if self.pid in {each.pid, each.started_by}]
        return sorted({each.shutdown for each in family if each.shutdown})

    def _cannot_start(self, code: int) -> ApplicationFault:
        reasons = [each.failure for each in self.run.records() if each.failure]
        reason = reasons[-1] if reasons else f"ended with exit code {code} before it served"
        return ApplicationFault(f"{self.app} {reason}", hint=deaths.hint_of_start(reason), detail=self.log_tail())

    def stop(self) -> int:
        """Ask it to stop, wait, insist; returns its exit code (0 stopped, FORCED, negative: a signal)."""
        if self._popen is None:
            return 0
        if self._popen.stdin is not None and not self._popen.stdin.closed:
            self.died = self._popen.poll() is not None
            self._popen.stdin.close()  # the agent takes this end-of-file for "stop"
        try:
            code = self._popen.wait(self.budget.server)
        except subprocess.TimeoutExpired:
            self._info.terminate(timeout=2)
            code = self._popen.wait(self.budget.server)
        with contextlib.suppress(FileNotFoundError):
            Path(self._info.pidpath).unlink()
        return code
