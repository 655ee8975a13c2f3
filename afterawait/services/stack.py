"""Everything that runs for a session: the databases, and the servers on them. Test process, or scripts/serve.sh.

A stack is opened once a run and attached to by each pytest-xdist worker, which then starts a server of its own on a
database of its own.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from xprocess import XProcess

from afterawait import placeholders, protocol
from afterawait.databases import base, factory
from afterawait.databases.baseline import Baseline
from afterawait.databases.none import NoDatabase
from afterawait.faults import ApplicationFault, EnvironmentFault
from afterawait.processes.polling import Expired, wait_until
from afterawait.runs import keys
from afterawait.runs.folder import RunFolder
from afterawait.services import command, environment, strangers
from afterawait.services.command_server import CommandServer
from afterawait.services.ports import bind, free_port
from afterawait.services.server import Quiet, Server
from afterawait.settings import Settings

DEFAULT = "default"


class ServiceStack:
    """Databases and servers of one session."""

    def __init__(
        self, settings: Settings, run: RunFolder, *, measured: bool, workers: int = 1, kept: Path | None = None
    ) -> None:
        """`kept` is where the main server's database is kept from one stack to the next."""
        self._kept = kept
        self.settings = settings
        self.run = run
        self.measured = measured
        self.workers = workers
        self.seconds: dict[str, float] = {}
        self.servers: list[Server] = []
        self._variables: dict[Server, dict[str, str]] = {}
        self._served: dict[Server, tuple[base.DatabaseServer, base.Database]] = {}
        self._restarts = 0
        self._xprocess = XProcess(SimpleNamespace(), _py_path(run.path / protocol.SERVERS), log=Quiet())
        self._databases: dict[str, base.DatabaseServer] = {}

    @property
    def databases(self) -> base.DatabaseServer:
        """Where the run's databases are, but for servers that were started on another kind."""
        return self._databases[DEFAULT]

    @property
    def opened(self) -> bool:
        """Whether there are databases yet."""
        return DEFAULT in self._databases

    def open(self) -> None:
        """Start the database server, if there is to be one, and make its template. Raises Fault."""
        self.settings.require_server()
        began = time.perf_counter()
        self._databases[DEFAULT] = self._open_default() if self.settings.needs_database else NoDatabase()
        self.seconds["database"] = time.perf_counter() - began
        if self._kept is None or self.databases.existing("main") is None:
            self._prepare(DEFAULT)

    def attach(self, address: Mapping[str, str]) -> None:
        """Use the database server that another process of this run opened."""
        self._databases[DEFAULT] = factory.attach(dict(address))

    def start(
        self,
        name: str,
        *,
        env: Mapping[str, str] | None = None,
        kind: str = DEFAULT,
        interpreter: Sequence[str] = (sys.executable,),
    ) -> Server:
        """One more server, on a new database of `kind`. Raises Fault.

        `kind` is "default", or what the setting `database` may be: "postgresql", "sqlite", a URL. `interpreter` is the
        command that runs the agent's module: Python, or a tool that runs a module under it.
        """
        began = time.perf_counter()
        if kind not in self._databases:
            self._databases[kind] = self._open(kind, "start_server(database=...)")
            self._prepare(kind)
        opened = self._databases[kind]
        db = (opened.existing(name) if self._kept else None) or opened.create(name)
        port = self._port(name)
        known = {**db.placeholders(), placeholders.PORT: str(port)}
        server = self._server(name, known)
        server.watch = self.refuse_strangers
        server.interpreter = interpreter
        server.database_url = db.url
        self._served[server] = opened, db
        self._variables[server] = environment.extended(self._environment(protocol.SERVER, known), env or {})
        self.servers.append(server)
        try:
            self._start(server, port)
        except BaseException:  # Ctrl-C may come when it serves already
            server.stop()
            self.servers.remove(server)
            raise
        self.seconds[f"server {name}"] = time.perf_counter() - began
        return server

    def _port(self, name: str) -> int:
        """That which the server is to have; 0 where it is not chosen before the start."""
        settings = self.settings
        wanted = settings.port if name == "main" else 0
        if settings.names_port:
            return wanted or free_port()
        return 0 if settings.server else wanted

    def _server(self, name: str, known: Mapping[str, str]) -> Server:
        """Our own runner's, or that of the project's own command."""
        settings, run, measured = self.settings, self.run, self.measured
        if not settings.server:
            return Server(name, run, app=settings.app, workers=self.workers, grace=settings.grace, measured=measured)
        if self.workers > 1:
            message = "[tool.afterawait].server starts the server, and --workers is for the one that a run brings."
            raise EnvironmentFault(message, hint="Write the number of workers into that command.")
        command = [base.fill(each, known) for each in shlex.split(settings.server)]
        return CommandServer(name, run, command=command, grace=settings.grace, measured=measured)

    def command(self, name: str) -> tuple[list[str], dict[str, str]]:
        """The words of the project's own command, and its environment, on a new database. Raises Fault."""
        db = self.databases.create(name)
        known = {**db.placeholders(), placeholders.PORT: str(self._port(name))}
        words = [base.fill(each, known) for each in shlex.split(self.settings.server)]
        variables = self._environment(protocol.SERVER, known)
        return words, variables

    def restart(self, dead: Server) -> None:
        """A new process for a server that died: same address, same database, a log of its own. Raises Fault."""
        self._restarts += 1
        dead.stop()
        dead.name = f"{dead.name.partition('_again')[0]}_again{self._restarts}"
        try:
            wait_until(lambda: _free(dead.port), seconds=dead.budget.server)
        except Expired:
            message = f"Port {dead.port} is still held by a process that the dead server {dead.name} started."
            raise ApplicationFault(message, hint="Let the application's children end with it.") from None
        self._start(dead, dead.port)

    def baseline(self, server: Server) -> Baseline:
        """What the database of `server` holds now. Raises Fault."""
        opened, db = self._served[server]
        return opened.baseline(db)

    def renew(self, server: Server) -> None:
        """A new database under the old one's name, and a new process on it. Raises Fault."""
        server.stop()
        opened, db = self._served[server]
        opened.create(db.name)
        self.restart(server)

    def _start(self, server: Server, port: int) -> None:
        variables = self._variables[server]
        server.start(self._xprocess, variables, self.settings.root, port=port, timeout=self.settings.start_timeout)
        with contextlib.suppress(OSError):  # a full disk: the tests of another run are then not told apart here
            keys.note(self.run.path, server.url, variables[protocol.KEY])

    def refuse_strangers(self) -> None:
        """Raise EnvironmentFault where a process was about to connect to a stranger's database."""
        strangers.look(self.settings, self.run)

    def close(self) -> None:
        """Stop the servers, then the databases."""
        began = time.perf_counter()
        for server in self.servers:
            server.stop()
        for resource in self._xprocess.resources:
            resource.release()
        try:
            if self._kept is not None and DEFAULT in self._databases and self.servers:
                self.databases.keep(self._kept)
        finally:
            for opened in self._databases.values():
                opened.close()
        self.seconds["stop"] = self.seconds.get("stop", 0.0) + time.perf_counter() - began

    def _open_default(self) -> base.DatabaseServer:
        return self._open(self.settings.database_url, self.settings.database_setting, self._kept)

    def _open(self, wanted: str | None, setting: str, kept: Path | None = None) -> base.DatabaseServer:
        return factory.open_server(
            wanted,
            setting=setting,
            folder=self.settings.state,
            run=f"{os.getpid()}",
            pg_bin=self.settings.pg_bin,
            tcp=any(each in value for value in self.settings.filled for each in ("{db.host}", "{db.port}")),
            kept=kept,
        )

    def _prepare(self, kind: str) -> None:
        if self.settings.setup:
            began = time.perf_counter()
            self._databases[kind].prepare_template(self._run_setup)
            self.seconds["setup"] = self.seconds.get("setup", 0.0) + time.perf_counter() - began

    def _environment(self, role: str, known: Mapping[str, str]) -> dict[str, str]:
        variables = environment.of_process(
            self.settings, self.run, role=role, measured=self.measured, databases=self._databases.values()
        )
        if role == protocol.SERVER and self.settings.server and self.measured:
            variables |= {protocol.COMMAND: "1", protocol.ROLE: protocol.TOP}
        filled = {name: base.fill(value, known) for name, value in self.settings.env.items()}
        return environment.extended(variables, filled)

    def _run_setup(self, db: base.Database) -> None:
        environment = self._environment(protocol.SETUP, db.placeholders())
        command.run("setup", self.settings.setup, environment, self.settings.root, watch=self.refuse_strangers)


def _free(port: int) -> bool:
    """Whether the port can be bound: a dead supervisor's workers hold it until they have ended as well."""
    try:
        bind(port).close()
    except EnvironmentFault:
        return False
    return True


def _py_path(path: Path) -> Any:
    import py.path

    path.mkdir(parents=True, exist_ok=True)
    return py.path.local(str(path))  # noqa: PTH124  # what pytest-xprocess works with
