"""The session of plain pytest, an IDE or a debugger: nothing is measured, no run is disturbed. Test process.

Nothing is started before a test asks for a server. Each pytest-xdist worker is a session of its own.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path
from typing import NoReturn, override

import pytest

from afterawait import settings
from afterawait.faults import Fault, Status, from_payload
from afterawait.plugin.lifecycle import LiveSession
from afterawait.plugin.others_server import must_answer
from afterawait.runs import plain, survivors
from afterawait.settings import Settings


class PlainSession(LiveSession):
    """One that nobody drives: what went wrong is said by pytest itself."""

    driven = False

    def __init__(self, config: pytest.Config, project: Path) -> None:
        super().__init__(config, project)
        self._prepared = False

    @functools.cached_property
    @override
    def settings(self) -> Settings:
        """As ever, but for a server that was named on pytest's own command line."""
        found = settings.load(self.root)
        return replace(found, base_url=self.other_url().rstrip("/") or found.base_url)

    @override
    def open(self) -> None:
        """Nothing yet."""

    @override
    def prepare(self) -> None:
        if self._prepared:
            return
        self._prepared = True
        if self.settings.base_url:
            must_answer(self.settings)
            return
        run = self._open.enter_context(plain.temporary(self.settings.state))
        if self.settings.server or self.settings.services:  # they do not notice that this process is gone
            self._open.enter_context(survivors.swept(run, self.settings.grace))
        self._open.enter_context(self.interrupts.besides_the_keyboard())
        self.stack = self._new_stack(run, measured=False)
        self.stack.open()

    @override
    def give_up(self, fault: Fault) -> NoReturn:
        if fault.status is Status.ENVIRONMENT:
            raise pytest.UsageError(str(fault))
        self._say(fault)
        pytest.exit("the server cannot be started", returncode=pytest.ExitCode.TESTS_FAILED)

    def _say(self, fault: Fault) -> None:
        """In full, since pytest's own line of an exit is one line."""
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.ensure_newline()
            for line in str(fault).splitlines():
                reporter.write_line(f"afterawait: {line}", red=True)

    @override
    def lost(self, worker: str) -> None:
        """Nothing: pytest-xdist says so itself."""

    @override
    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """A server that died is a failure, too, where every test has passed."""
        super().pytest_sessionfinish(session, exitstatus)
        if self.faults and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self) -> None:
        """Say what went wrong with servers."""
        for payload in self.faults:
            self._say(from_payload(payload))
