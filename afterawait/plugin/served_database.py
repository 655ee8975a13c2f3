"""The database of the session's server, brought back for tests that ask for it. Test process, xdist worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from afterawait.databases.baseline import Baseline, NotInPlace
from afterawait.faults import Fault
from afterawait.services.deaths import at_stop

if TYPE_CHECKING:
    from afterawait.plugin.lifecycle import LiveSession
    from afterawait.services.server import Server
    from afterawait.services.stack import ServiceStack


class ServedDatabase:
    """Of `session`'s server. It is brought back in place; or made anew, where that cannot be, and the server too."""

    def __init__(self, session: LiveSession) -> None:
        self._session = session
        self._baseline: Baseline | None = None

    def begin(self) -> None:
        """Remember what the server's database holds, before any test has written to it. Raises Fault."""
        self._refuse_shared()
        self.close()
        stack, server = self._stack_and_server()
        self._baseline = stack.baseline(server)

    def reset(self) -> None:
        """Bring it back, or fail the test."""
        try:
            self._reset()
        except Fault as fault:
            pytest.fail(str(fault), pytrace=False)

    def close(self) -> None:
        """Forget it. Idempotent."""
        if self._baseline is not None:
            self._baseline.close()
            self._baseline = None

    def _reset(self) -> None:
        self._refuse_shared()
        if self._baseline is None:  # asked for by getfixturevalue: tests may have written to it
            stack, server = self._stack_and_server()
            stack.baseline(server).close()  # or there is no database
            self._renew("no test that was collected asked for it")
            return
        try:
            self._baseline.restore()
        except NotInPlace as reason:
            self._renew(f"{reason}")

    def _refuse_shared(self) -> None:
        if self._session.shared is not None:
            from afterawait.plugin.sharing import no_reset

            raise no_reset()

    def _renew(self, reason: str) -> None:
        print(f"afterawait: reset_database started the server anew, on a new database: {reason}")
        self.close()
        stack, server = self._stack_and_server()
        if fault := at_stop(server, ", for reset_database"):
            self._session.fault(fault)
        stack.renew(server)
        self.begin()

    def _stack_and_server(self) -> tuple[ServiceStack, Server]:
        stack = self._session.stack
        if stack is None:
            raise RuntimeError("a server was started, so there is a stack")
        return stack, self._session.server()
