"""What the terminal says of a session: what is tested, on what, and how it is measured. Test process.

One process knows all of it before the first test; pytest-xdist's controller hears of the servers at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from afterawait.plugin.driven import DrivenSession
from afterawait.plugin.hooks import COV_OFF

if TYPE_CHECKING:
    from afterawait.plugin.lifecycle import LiveSession

UNMEASURED = "not measured; `afterawait run` measures, merges and reports"


class Header:
    """The hooks that pytest asks for such lines."""

    def __init__(self, session: LiveSession) -> None:
        self.session = session

    def pytest_report_header(self) -> list[str]:
        """What is measured, or that nothing is; and that pytest-cov measures nothing."""
        lines = [self._what_is_tested()]
        if COV_OFF in self.session.config.stash:
            lines.append("afterawait: pytest-cov is switched off: the run itself measures")
        return lines

    def _what_is_tested(self) -> str:
        if not isinstance(self.session, DrivenSession):
            return f"afterawait: {UNMEASURED}"
        if (url := self.session.settings.base_url) and self.session.settings.measures:
            return f"afterawait: {url}, measured where it runs; its data are collected at the end"
        if url:
            return f"afterawait: {url}, started by somebody else: tests only, nothing is measured"
        return f"afterawait: {self.session.settings.tested}, measured"

    def pytest_report_collectionfinish(self) -> list[str]:
        """The server, and how it is measured."""
        server = self.session.main
        if server is None:
            return []
        line = f"afterawait: server {server.url} (pid {server.pid}), workers {server.workers}"
        beside = [f"afterawait: {each}" for each in self._services()]
        if isinstance(self.session, DrivenSession):
            said = [self.session.note] if self.session.note else []
            before = [f"afterawait: {each}" for each in [*said, self._databases()]]
            return [*before, *beside, line, _measured(self.session)]
        return [*beside, f"{line}, {self._databases()}"]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The servers of pytest-xdist's workers."""
        for server in self.session.servers:
            if server.said():
                terminalreporter.write_line(f"afterawait: {server.label}{server.said()}")
        for each in sorted(self.session.workers_servers):
            terminalreporter.write_line(f"afterawait: {each}")
        if self.session.workers_servers and isinstance(self.session, DrivenSession):
            for each in [self.session.note] * bool(self.session.note) + [self._databases()]:
                terminalreporter.write_line(f"afterawait: {each}")
            terminalreporter.write_line(_measured(self.session))

    def _services(self) -> list[str]:
        stack = self.session.stack
        return [each.line for each in stack.beside.processes] if stack is not None else []

    def _databases(self) -> str:
        stack = self.session.stack
        return stack.databases.description if stack is not None and stack.opened else "no database"


def _measured(session: DrivenSession) -> str:
    return f"afterawait: {_measurement(session)}"


def _measurement(session: DrivenSession) -> str:
    served = [each for each in session.run.records() if each.served]
    wrong = [each.error for each in served if each.error]
    if wrong or not served:
        return f"NOT MEASURED: {wrong[0] if wrong else 'the server left no record'}"
    first = served[0]
    crossed = first.canary or f"nothing ({first.canary_error})"
    return (
        f"Python {first.python}, coverage {first.coverage} {first.tracer}, "
        f"concurrency = {', '.join(first.concurrency)}, canary crossed {crossed}"
    )
