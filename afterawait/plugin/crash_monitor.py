"""The servers while tests run: a failing test shows its part of their logs, a server that ends is noticed.

Test process, and each xdist worker's. (pytest-xprocess has a hook for the logs; it looks for the report on
pluggy's result object and so never adds anything.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from afterawait.agent import startup
from afterawait.faults import ApplicationFault, Fault
from afterawait.plugin import test_id
from afterawait.services.deaths import ending, of_worker

if TYPE_CHECKING:
    from afterawait.plugin.lifecycle import LiveSession
    from afterawait.services.server import Server

MOST_DEATHS = 5
LONGEST = 200  # lines of one server's log beside a failure


class CrashMonitor:
    """Hooks around each test; `session` is the one whose servers are watched."""

    def __init__(self, session: LiveSession) -> None:
        self.session = session
        self._marks: dict[str, int] = {}  # by the server's name: one that is started again has a log of its own
        self._deaths = 0
        self._refused: Fault | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Remember where the logs are before a test, and whether the server lives before and after it."""
        self._look(item, f"before {item.nodeid}")
        self._marks = {server.name: server.log_size() for server in self.session.servers}
        pid, workers = self._workers()
        # What a test imports of the application and runs in its own process is credited to it as well.
        if startup.witness:
            startup.witness.begin_test(test_id.credited_to(item))
        test_id.running.begin(item)
        result = yield
        test_id.running.end()
        if startup.witness:
            startup.witness.end_test()
        self._look(item, f"during {item.nodeid}")
        same, alive = self._workers()
        for worker in workers - alive if same == pid else ():  # a supervisor that died took its workers along
            self.session.workers_told.add(worker)
            if self.session.main is not None:
                self.session.fault(of_worker(self.session.main, worker, f"during {item.nodeid}"))
        return result

    def _workers(self) -> tuple[int, set[int]]:
        """The pid of the session's server, and its live worker processes where it has any."""
        server = self.session.main
        if server is None or server.workers == 1 or server.exit_code() is not None:
            return 0, set()
        return server.pid, server.worker_pids()

    def _look_for_strangers(self, session: pytest.Session) -> Fault | None:
        """Notice that a server was about to connect to a stranger's database: the run ends."""
        if self.session.stack is not None and self._refused is None:
            try:
                self.session.stack.refuse_strangers()
            except Fault as fault:
                self._refused = fault
                self.session.fault(fault)
                session.shouldfail = fault.message
        return self._refused

    def _look(self, item: pytest.Item, when: str) -> None:
        """Notice a server that has ended, and start another; or that the run is to end."""
        self._look_for_strangers(item.session)
        self._look_for_dead_services(item, when)
        server = self.session.main
        code = server.ended() if server is not None else None
        if server is not None and code is not None and not item.session.shouldfail:
            fault = ApplicationFault(
                f"The server ended with {ending(code)} {when}.",
                hint="Read its last lines above, and run that test alone.",
                detail=server.log_tail(),
            )
            self.session.fault(fault)
            self._revive(server, item)

    def _look_for_dead_services(self, item: pytest.Item, when: str) -> None:
        """Notice that a service has ended: the run ends."""
        beside = self.session.stack.beside.processes if self.session.stack is not None else []
        for fault in [each.death(when, waits=True) for each in beside if not item.session.shouldfail]:
            if fault is not None:
                self.session.fault(fault)
                item.session.shouldfail = fault.message

    def _revive(self, dead: Server, item: pytest.Item) -> None:
        """A new server at the same address for the next test, a few times."""
        self._deaths += 1
        try:
            if self._deaths > MOST_DEATHS:
                raise ApplicationFault(f"The server died {self._deaths} times.", hint="Fix what kills it.")
            if self.session.stack is not None:
                self.session.stack.restart(dead)
        except Fault as fault:
            self.session.fault(fault)
            item.session.shouldfail = fault.message  # no later test could say anything

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        """Add to a failed test's report what the servers printed since it began.

        A test that made a server turn to a stranger's database has failed, whatever the application made of it.
        """
        report: pytest.TestReport = yield  # type: ignore[assignment]  # what a wrapper is sent
        before = self._refused
        fault = self._look_for_strangers(item.session)
        if report.passed and fault is not before:
            report.outcome, report.longrepr = "failed", str(fault)
        if report.failed:
            for server in self.session.servers:
                if text := self._since(server):
                    report.sections.append((f"log of {server.label}", text))
        return report  # type: ignore[return-value]

    def _since(self, server: Server) -> str:
        lines = server.log_text(self._marks.get(server.name, 0)).splitlines()
        if len(lines) > LONGEST:
            lines = [f"... {len(lines) - LONGEST} lines before", *lines[-LONGEST:]]
        return "\n".join(lines)
