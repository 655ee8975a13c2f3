"""One pytest session against live servers: opens the fleet, watches it, and writes down how it went.

Test process. With pytest-xdist the controller opens the databases and each worker attaches to them.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import httpx
import pytest

from afterawait import arguments, protocol, settings, signals
from afterawait.agent import startup
from afterawait.agent.witness import baggage
from afterawait.faults import ApplicationFault, EnvironmentFault, Fault, MeasurementFault
from afterawait.runs import folder, lock
from afterawait.runs.manifest import CUT_SHORT
from afterawait.services.deaths import ending
from afterawait.services.server import Server
from afterawait.services.stack import ServiceStack

KEY = pytest.StashKey["Session"]()

# Options that leave tests out before they are collected: what they leave out cannot be counted.
NARROWING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise")


class Session:
    """The state of this pytest process's session, and the hooks that follow it."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.worker: dict[str, Any] | None = getattr(config, "workerinput", None)
        self.settings = settings.load(config.rootpath)
        self.driven = bool(os.environ.get(protocol.RUN))
        self.faults: list[dict[str, Any]] = []
        self.seconds: dict[str, float] = {}
        self.partial = CUT_SHORT
        self.finished = False
        self.broken: Fault | None = None  # why the server could not be started
        self.main: Server | None = None
        self.workers_servers: list[str] = []
        self._count = 0
        self._open = contextlib.ExitStack()
        self._last_signal = 0.0
        self._ending = False  # from then on nothing interrupts: what is left is bounded, and saves

    # -- opening and closing

    def open(self) -> None:
        """Open the databases (or attach to the controller's). Raises Fault."""
        if self.driven:
            self.run = folder.RunFolder(Path(os.environ[protocol.RUN]))
        elif self.worker is None:
            patience = protocol.StopBudget(self.settings.grace).run
            self._open.enter_context(lock.only_run(self.settings.state, patience))
            self.run = folder.fresh(self.settings.state, patience)
        else:
            self.run = folder.RunFolder(Path(self.worker["afterawait_run"]))
        self._note_role()
        if self.settings.port and (self.worker or getattr(self.config.option, "numprocesses", None)):
            hint = "Leave out -n, or AFTERAWAIT_PORT: each test process has a server of its own."
            raise EnvironmentFault("AFTERAWAIT_PORT is for one server, and -n starts several.", hint=hint)
        self.stack = ServiceStack(
            self.settings, self.run, measured=self.driven, workers=self.config.option.server_workers
        )
        self._open.callback(self._close_fleet)
        self._install_signals()  # Ctrl-C is let in only now that close() knows what there is to end
        self._follow_driver()
        if self.settings.base_url:
            _must_answer(self.settings.base_url)
            return
        if self.worker is None:
            self.stack.open()
        else:
            self.stack.attach(self.worker["afterawait_databases"])

    def close(self) -> None:
        """Stop all that this process started, and write down for the driver how it went."""
        self._ending = True
        self._open.close()
        if self.driven and self.worker is None:
            manifest = self.run.manifest()
            manifest.partial = self.partial
            manifest.finished = self.finished
            manifest.faults = self.faults
            manifest.seconds = self.seconds
            manifest.shard = self.config.option.afterawait_shard
            try:
                self.run.write_manifest(manifest)
            except Fault as fault:
                print(fault, file=sys.stderr)

    def _close_fleet(self) -> None:
        self.stack.close()
        self.seconds |= self.stack.seconds

    def server(self) -> Server:
        """The session's server, started when first asked for. Raises Fault."""
        if self.main is None:
            name = self.worker["workerid"] if self.worker else "main"
            self.main = self.stack.start(name)
        return self.main

    def server_for_tests(self) -> Server:
        """The session's server; a test that comes to it after it could not be started fails with that reason."""
        if self.broken is not None:
            pytest.fail(str(self.broken), pytrace=False)
        return self.server()

    def servers(self) -> list[str]:
        """Every server that this process started, for people."""
        return [f"{each.name} {each.url} (pid {each.pid})" for each in self.stack.servers]

    @contextlib.contextmanager
    def more_servers(self) -> Iterator[Any]:
        """A function that starts further servers, each stopped at the end."""
        if self.settings.base_url:
            pytest.skip("needs a server of its own; this one was started by somebody else (AFTERAWAIT_BASE_URL)")
        started: list[Server] = []

        def start(*, env: Mapping[str, str] | None = None, database: str = "default") -> Server:
            self._count += 1
            prefix = self.worker["workerid"] if self.worker else "main"
            server = self.stack.start(f"{prefix}_{self._count}", env=env, kind=database)
            started.append(server)
            return server

        try:
            yield start
        finally:
            for server in started:
                code = server.stop()
                if server.died and code not in {protocol.GOOD, protocol.FORCED}:
                    hint = "Read its last lines above."
                    message = f"The server {server.name} ended with {ending(code)} during a test."
                    self.fault(ApplicationFault(message, hint=hint, detail=server.log_tail()))

    # -- what this process is to others

    def _note_role(self) -> None:
        startup.note(role=protocol.XDIST_WORKER if self.worker else protocol.RUNNER)

    def _install_signals(self) -> None:
        """Unwind as for Ctrl-C when told to end; a second signal on its heels is the same wish, not another."""
        signals.install(self._interrupt)
        signals.release()

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        repeated, self._last_signal = now - self._last_signal < 1, now
        if not repeated and not self._ending:
            raise KeyboardInterrupt

    def _follow_driver(self) -> None:
        """End with the driver: its end of this pipe closes however it dies."""
        lifeline = os.environ.pop(protocol.LIFELINE, None)
        if lifeline is not None:

            def wait() -> None:
                with contextlib.suppress(OSError):
                    os.read(int(lifeline), 1)
                os.kill(os.getpid(), signal.SIGTERM)

            threading.Thread(target=wait, name="afterawait-lifeline", daemon=True).start()

    # -- hooks

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker where the run and its databases are."""
        node.workerinput["afterawait_run"] = str(self.run.path)
        if not self.settings.base_url:
            node.workerinput["afterawait_databases"] = self.stack.databases.address()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker learned."""
        told = getattr(node, "workeroutput", {}).get("afterawait")
        if told is None:
            message = f"The test process {node.gateway.id} ended without a word."
            self.fault(MeasurementFault(message, hint="Look above for what it ran last; its data are lost."))
            return
        self.faults += told.get("faults", [])
        self.workers_servers += told.get("servers", [])
        for name, value in told.get("seconds", {}).items():
            kind = "server" if name.startswith("server") else name
            self.seconds[kind] = max(value, self.seconds.get(kind, 0.0))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Start the server before the first test, where any test needs it: no test pays for the start."""
        if any({"server", "base_url"} & set(getattr(item, "fixturenames", ())) for item in session.items):
            if self.settings.base_url or session.config.option.collectonly or session.testsfailed:
                return
            try:
                self.server()
            except Fault as fault:
                if self.worker is None:
                    self.give_up(fault)
                self.fault(fault)
                self.broken = fault  # a worker that exits here would leave xdist's controller without a word
                session.shouldfail = fault.message

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Stop the servers, so that their data are complete, and say how the session went."""
        self._ending = True
        began = time.perf_counter()
        self._stop_servers()
        self.stack.seconds["stop"] = time.perf_counter() - began
        self.finished = True
        if self.worker is not None:
            told = {"faults": self.faults, "servers": self.servers(), "seconds": self.stack.seconds}
            self.config.workeroutput["afterawait"] = told  # type: ignore[attr-defined]
        self.partial = self._why_partial(session, exitstatus)

    def _stop_servers(self) -> None:
        for server in self.stack.servers:
            code = server.stop()
            if code not in {protocol.GOOD, protocol.FORCED} and not server.died:
                hint = "Read its last lines above; a forced stop is judged by the measurement."
                message = f"The server ended with {ending(code)} when it was asked to stop."
                self.fault(ApplicationFault(message, hint=hint, detail=server.log_tail()))

    def _why_partial(self, session: pytest.Session, exitstatus: int) -> str:
        option = self.config.option
        narrowed = [name for name in NARROWING if getattr(option, name, None)]
        if exitstatus == pytest.ExitCode.INTERRUPTED or session.shouldfail or session.shouldstop:
            return CUT_SHORT
        if self.settings.base_url:
            return "the server was started by somebody else"
        if narrowed:
            return f"tests were selected ({', '.join(narrowed)})"
        if self.config.args_source is pytest.Config.ArgsSource.ARGS:
            return f"tests were selected ({' '.join(self.config.args)})"
        mine = self.settings.pytest_options
        others = arguments.beyond_whole_runs(each for each in self.config.invocation_params.args if each not in mine)
        return f"it was not a plain run of everything ({' '.join(others)})" if others else ""

    def give_up(self, fault: Fault) -> NoReturn:
        """End pytest for `fault`, which the driver tells at the end; pytest would print its reason twice."""
        self.fault(fault)
        reason = "the session cannot begin; why is said at the end" if self.driven else str(fault)
        pytest.exit(reason, returncode=pytest.ExitCode.INTERNAL_ERROR)

    def fault(self, fault: Fault) -> None:
        """Write down a fault for the driver, which turns it into the exit status."""
        self.faults.append(fault.payload())


def _must_answer(url: str) -> None:
    """Raise EnvironmentFault unless a server that speaks HTTP is at `url`; any status will do."""
    try:
        httpx.get(url, timeout=10, headers={"baggage": baggage.header("(is a server there?)")})
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise EnvironmentFault(
            f"AFTERAWAIT_BASE_URL is {url}, and no server answers there: {error}.",
            hint="Start that server, or unset AFTERAWAIT_BASE_URL: the run then starts its own.",
        ) from None
