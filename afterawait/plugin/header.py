"""What the terminal says of a session: what is tested, on what, and how it is measured. Test process.

One process knows all of it before the first test; pytest-xdist's controller hears of the servers at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from afterawait.plugin.lifecycle import Session


class Header:
    """The hooks that pytest asks for such lines."""

    def __init__(self, live: Session) -> None:
        self.live = live

    def pytest_report_header(self) -> str:
        """Where the databases are, or that somebody else's server is driven."""
        if self.live.settings.base_url:
            return (
                f"afterawait: {self.live.settings.base_url}, started by somebody else: tests only, nothing is measured"
            )
        databases = self.live.stack.databases
        return f"afterawait: {databases.version} ({databases.source})"

    def pytest_report_collectionfinish(self) -> list[str]:
        """The server, and how it is measured."""
        server = self.live.main
        if server is None:
            return []
        return [
            f"afterawait: server {server.url} (pid {server.pid}), workers {server.workers}",
            f"afterawait: {self._measurement()}",
        ]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The servers of pytest-xdist's workers."""
        if self.live.workers_servers:
            for each in sorted(self.live.workers_servers):
                terminalreporter.write_line(f"afterawait: server {each}")
            terminalreporter.write_line(f"afterawait: {self._measurement()}")

    def _measurement(self) -> str:
        if not self.live.driven:
            return "not measured; scripts/e2e.sh measures, merges and reports"
        served = [each for each in self.live.run.records() if each.served]
        wrong = [each.error for each in served if each.error]
        if wrong or not served:
            return f"NOT MEASURED: {wrong[0] if wrong else 'the server left no record'}"
        first = served[0]
        crossed = first.canary or f"nothing ({first.canary_error})"
        return (
            f"Python {first.python}, coverage {first.coverage} {first.tracer}, "
            f"concurrency = {', '.join(first.concurrency)}, canary crossed {crossed}"
        )
