"""--shared-server: all test processes of pytest-xdist send their requests to one server. Test process, xdist worker.

The controller starts it, watches it and stops it; it alone can tell how its process ended.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from afterawait import protocol
from afterawait.evidence import recordings
from afterawait.faults import ApplicationFault, EnvironmentFault, Fault
from afterawait.plugin.crash_monitor import MOST_DEATHS
from afterawait.runs.folder import RunFolder
from afterawait.services import shared_server
from afterawait.services.deaths import ending
from afterawait.services.shared_server import SharedServer

if TYPE_CHECKING:
    from afterawait.plugin.lifecycle import LiveSession
    from afterawait.services.server import Server

OFTEN = 0.05  # seconds between two looks at the process
INPUT = "afterawait_shared_server"


class Sharing:
    """The hooks of either kind of process; `session` is the one whose server is shared."""

    def __init__(self, session: LiveSession) -> None:
        self.session = session
        self._watching: threading.Thread | None = None
        self._over = threading.Event()
        self._deaths = 0

    def open(self) -> None:
        """In a worker: take the controller's server for this session's."""
        place = (self.session.worker or {}).get(INPUT)
        if place:
            known = self.session.settings
            patience = known.start_timeout + protocol.StopBudget(known.grace).server
            self.session.shared = self.session.main = SharedServer(
                RunFolder(Path(place)), app=known.tested, grace=known.grace, patience=patience
            )

    # -- the controller

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker where the server is, which is started for the first of them."""
        if self.session.settings.base_url:
            return  # one server of somebody else's serves all of them anyway
        try:
            self.session.prepare()
            server = self.session.server()
        except Fault as fault:
            self.session.give_up(fault)
        if self._watching is None:
            shared_server.publish(server)
            self._watching = threading.Thread(
                target=self._watch, args=(server,), name="afterawait-shared-server", daemon=True
            )
            self._watching.start()
        node.workerinput[INPUT] = str(server.run.path)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """From here on the server ends because it is asked to."""
        self._over.set()
        if self._watching is None:
            return
        self._watching.join()
        self.session.workers_servers += [f"{each.line}{each.said()}, shared by all" for each in self.session.started]

    def _watch(self, server: Server) -> None:
        while not self._over.wait(OFTEN):
            if self._service_has_died():
                return
            code = server.exit_code()
            if code is None:
                continue
            self.session.fault(_death(server, code))
            try:
                self._revive(server)
            except Fault as fault:
                self.session.fault(fault)
                shared_server.give_up(server.run)
                self._end_tests(fault.message)
                return

    def _service_has_died(self) -> bool:
        """Whether a service beside the server has ended: the tests end too."""
        beside = self.session.stack.beside.processes if self.session.stack is not None else []
        faults = [fault for each in beside if (fault := each.death("while tests ran")) is not None]
        for fault in faults:
            self.session.fault(fault)
            self._end_tests(fault.message)
        return bool(faults)

    def _revive(self, server: Server) -> None:
        self._deaths += 1
        if self._deaths > MOST_DEATHS:
            raise ApplicationFault(f"The server died {self._deaths} times.", hint="Fix what kills it.")
        if self.session.stack is not None:
            self.session.stack.restart(server)
            shared_server.publish(server)

    def _end_tests(self, why: str) -> None:
        """Let no worker begin another test."""
        controller: Any = self.session.config.pluginmanager.get_plugin("dsession")
        if controller is not None:
            controller.shouldstop = why


def _death(server: Server, code: int) -> Fault:
    """What is told of it, with the requests that were in flight: any of them may have ended it."""
    own = {server.pid, *(each.pid for each in server.run.records() if each.started_by == server.pid)}
    names = (protocol.WITNESS_FILE.format(pid=pid, number="*") for pid in own)
    in_flight: list[str] = []
    for path in (path for name in names for path in sorted(server.run.path.glob(name))):
        try:
            in_flight += recordings.in_flight(recordings.read(path))
        except Fault:
            continue  # the judge will say so
    return ApplicationFault(
        f"The server that all test processes share (pid {server.pid}) ended with {ending(code)} while tests ran.",
        hint="Read its last lines above; run the tests whose requests were in flight alone.",
        detail="\n".join([server.log_tail(), *in_flight]),
    )


def no_reset() -> EnvironmentFault:
    """Of tests that would take the database away from others."""
    return EnvironmentFault(
        "A test asks for reset_database, and with --shared-server other tests use that database at the same time.",
        hint="Leave --shared-server out, or run the tests that ask for it apart.",
    )


def must_be_one_server(config: pytest.Config) -> None:
    """Raise EnvironmentFault where several would be started on the one port that was set."""
    several = hasattr(config, "workerinput") or getattr(config.option, "numprocesses", None)
    if several and not config.option.shared_server:
        raise EnvironmentFault(
            "AFTERAWAIT_PORT is for one server, and -n starts several.",
            hint="Leave out -n or AFTERAWAIT_PORT, each test process has a server of its own; or add --shared-server.",
        )
