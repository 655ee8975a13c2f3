"""A pytest session against live servers, whoever started it. Test process, xdist worker.

LiveSession               its server, further ones, what went wrong, how it ends
├── driven.DrivenSession  `afterawait run` started it, and measures
└── plain.PlainSession    nobody measures
"""

from __future__ import annotations

import abc
import contextlib
import functools
import time
from collections.abc import Callable, Iterator, Mapping, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import pytest

from afterawait import settings
from afterawait.faults import Fault
from afterawait.plugin import selection
from afterawait.plugin.interruption import InterruptOnce
from afterawait.services.deaths import at_stop, of_worker

if TYPE_CHECKING:
    from afterawait.plugin.served_database import ServedDatabase
    from afterawait.runs.folder import RunFolder
    from afterawait.services.server import Server
    from afterawait.services.stack import ServiceStack

# Fixtures that need databases and, of these, those that need the session's own server.
NEEDY = frozenset({"server", "base_url", "start_server", "start_server_module"})  # all others ask for one of these
SERVED = frozenset({"server", "base_url"})
RESET = "reset_database"


class LiveSession(abc.ABC):
    """The state of this pytest process's session, and the hooks that follow it."""

    driven: ClassVar[bool]

    def __init__(self, config: pytest.Config, root: Path) -> None:
        self.config = config
        self.root = root
        self.worker: dict[str, Any] | None = getattr(config, "workerinput", None)
        self.interrupts = InterruptOnce()
        self.faults: list[dict[str, Any]] = []
        self.seconds: dict[str, float] = {}
        self.broken: Fault | None = None  # why the server could not be started
        self.stack: ServiceStack | None = None
        self.main: Server | None = None
        self.shared: Server | None = None  # the same, in a worker whose controller started it for all
        self.workers_servers: list[str] = []
        self.workers_told: set[int] = set()  # uvicorn's, which have ended and were said to
        self._stopped: set[Server] = set()
        self._count = 0
        self._open = contextlib.ExitStack()

    @functools.cached_property
    def settings(self) -> settings.Settings:
        """What the project and the environment say. Raises EnvironmentFault."""
        return settings.load(self.root)

    def other_url(self) -> str:
        """The server that pytest-base-url was told to use, on the command line or in PYTEST_BASE_URL; "" for none.

        Its setting in the project's file is for pytest without this plugin.
        """
        option = self.config.option
        url = option.base_url if hasattr(option, "verify_base_url") else ""
        return url if url and url != self.config.getini("base_url") else ""

    # -- what the two kinds do each in their own way

    @abc.abstractmethod
    def open(self) -> None:
        """Begin, in pytest_configure."""

    @abc.abstractmethod
    def prepare(self) -> None:
        """Make what servers are started on, if that has not been done. Raises Fault."""

    @abc.abstractmethod
    def give_up(self, fault: Fault) -> NoReturn:
        """End pytest for `fault`."""

    # -- servers

    @property
    def started(self) -> list[Server]:
        """All that this process started, services too, in the order in which they are stopped."""
        return self.stack.everything if self.stack is not None else []

    @property
    def servers(self) -> list[Server]:
        """The same, and the one that all test processes share."""
        return [*self.started, *([self.shared] if self.shared else [])]

    def server(self) -> Server:
        """The session's server, started when first asked for. Raises Fault."""
        if self.main is None:
            self.main = self._stack().start(self.worker["workerid"] if self.worker else "main")
        return self.main

    @functools.cached_property
    def served(self) -> ServedDatabase:
        """The database of the session's server, to be reset."""
        from afterawait.plugin.served_database import ServedDatabase

        return ServedDatabase(self)

    def server_for_tests(self) -> Server:
        """The same; a test that comes to it when it cannot be started fails with that reason."""
        return self._or_fail(self.server)

    @contextlib.contextmanager
    def more_servers(self) -> Iterator[Any]:
        """A function that starts further servers, each stopped at the end."""
        if self.settings.base_url:
            pytest.skip("needs a server of its own; this one was started by somebody else (AFTERAWAIT_BASE_URL)")
        stack = self._or_fail(self._stack).using_services_of(self.shared)
        started: list[Server] = []

        def start(*, env: Mapping[str, str] | None = None, database: str = "default") -> Server:
            self._count += 1
            prefix = self.worker["workerid"] if self.worker else "main"
            started.append(stack.start(f"{prefix}_{self._count}", env=env, kind=database))
            return started[-1]

        try:
            yield start
        finally:
            for server in started:
                self._stop(server)
                stack.forget(server)

    def _stack(self) -> ServiceStack:
        self.prepare()
        if self.stack is None:
            raise RuntimeError("no server is started beside one of somebody else's")
        return self.stack

    def _or_fail[T](self, get: Callable[[], T]) -> T:
        if self.broken is None:
            try:
                return get()
            except Fault as fault:
                self.fault(fault)
                self.broken = fault
        pytest.fail(str(self.broken), pytrace=False)

    def _new_stack(self, run: RunFolder, *, measured: bool) -> ServiceStack:
        """An empty stack, closed with the session. Raises EnvironmentFault."""
        from afterawait.services.stack import ServiceStack

        if self.settings.port:
            from afterawait.plugin.sharing import must_be_one_server

            must_be_one_server(self.config)
        stack = ServiceStack(self.settings, run, measured=measured, workers=self.config.option.server_workers)
        self._open.callback(self._close_stack, stack)
        return stack

    def _close_stack(self, stack: ServiceStack) -> None:
        stack.close()
        self.seconds |= stack.seconds

    # -- hooks

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Start what tests need before the first of them: no test pays for the start."""
        wanted = {name for item in session.items for name in getattr(item, "fixturenames", ())}
        if not wanted & NEEDY or session.testsfailed or selection.runs_none(self.config):
            return
        try:
            self._start(wanted)
        except Fault as fault:
            if self.worker is None:
                self.give_up(fault)
            self.fault(fault)
            self.broken = fault  # a worker that exits here would leave xdist's controller without a word
            session.shouldfail = fault.message

    def _start(self, wanted: Set[str]) -> None:
        if self.shared is None or wanted & NEEDY - SERVED:
            self.prepare()
        if wanted & SERVED and not self.settings.base_url:
            self.server()
            if RESET in wanted:
                self.served.begin()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:  # noqa: ARG002  # the kinds look
        """Stop the servers, so that their data are complete."""
        self.interrupts.ending = True
        self.served.close()
        if self.stack is not None:
            began = time.perf_counter()
            self._stop_servers()
            self.stack.seconds["stop"] = time.perf_counter() - began
            try:
                self.stack.refuse_strangers()
            except Fault as fault:  # said once, if it was noticed before
                self.fault(fault)
        if self.worker is not None:
            servers = [f"{each.line}{each.said()}" for each in self.started]
            payload = {"faults": self.faults, "servers": servers, "seconds": self.stack.seconds if self.stack else {}}
            self.config.workeroutput["afterawait"] = payload  # type: ignore[attr-defined]

    def _stop_servers(self) -> None:
        for server in self.started:
            for worker in server.lost_workers() - self.workers_told:
                self.fault(of_worker(server, worker, "before it was asked to"))
            self._stop(server)

    def _stop(self, server: Server) -> None:
        """Stop a server, and note once what is wrong with its end; a death of the main one is noted already."""
        fault = at_stop(server) if server not in self._stopped else None
        self._stopped.add(server)
        if fault is not None and not (server.died and server is self.main):
            self.fault(fault)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a pytest-xdist worker learned."""
        payload = getattr(node, "workeroutput", {}).get("afterawait")
        if payload is None:
            self.lost(node.gateway.id)
            return
        self.faults += payload.get("faults", [])
        self.workers_servers += payload.get("servers", [])
        for name, value in payload.get("seconds", {}).items():
            kind = "server" if name.startswith("server") else name
            self.seconds[kind] = max(value, self.seconds.get(kind, 0.0))

    @abc.abstractmethod
    def lost(self, worker: str) -> None:
        """Note that a pytest-xdist worker ended without a word."""

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Stop whatever still runs."""
        self.interrupts.ending = True
        self._open.close()

    def fault(self, fault: Fault) -> None:
        """Write down a fault, which decides the exit status."""
        self.faults.append(fault.payload())
