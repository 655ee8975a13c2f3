"""Everything that runs for a session: the databases, and the servers on them. Test process, or scripts/serve.sh.

A stack is opened once a run and attached to by each pytest-xdist worker, which then starts a server of its own on a
database of its own.
"""

from __future__ import annotations

import contextlib
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from afterawait import placeholders, protocol
from afterawait.agent.forwarding import addresses
from afterawait.databases import base
from afterawait.databases.baseline import Baseline
from afterawait.faults import ApplicationFault, EnvironmentFault
from afterawait.processes.polling import Expired, wait_until
from afterawait.runs import keys
from afterawait.runs.folder import RunFolder
from afterawait.services import command, environment, strangers, xprocesses
from afterawait.services.beside import Beside
from afterawait.services.command_server import CommandServer
from afterawait.services.opened import DEFAULT, OpenedDatabases
from afterawait.services.ports import free_port, is_free
from afterawait.services.server import Server
from afterawait.settings import Settings
from afterawait.settings_services import Service


class ServiceStack:
    """Databases and servers of one session."""

    def __init__(
        self, settings: Settings, run: RunFolder, *, measured: bool, workers: int = 1, kept: Path | None = None
    ) -> None:
        """`kept` is where the main server's database is kept from one stack to the next."""
        self.settings = settings
        self.run = run
        self.measured = measured
        self.workers = workers
        self.seconds: dict[str, float] = {}
        self.servers: list[Server] = []
        self._variables: dict[Server, dict[str, str]] = {}
        self._served: dict[Server, tuple[base.DatabaseServer, base.Database]] = {}
        self._restarts = 0
        self._exploring: dict[str, str] = {}
        self._xprocess = xprocesses.in_folder(run.path / protocol.SERVERS)
        self._databases = OpenedDatabases(settings, self.seconds, self._run_setup, kept)
        self._early: dict[str, base.Database] = {}  # made for services, before the server that is to share it
        self.beside = Beside(
            settings,
            run,
            self._xprocess,
            measured=measured,
            environment=self._environment_of_service,
            watch=self.refuse_strangers,
        )

    @property
    def everything(self) -> list[Server]:
        """All that was started, in the order in which it is stopped."""
        return [*self.servers, *reversed(self.beside.processes)]

    @property
    def databases(self) -> base.DatabaseServer:
        """Where the run's databases are, but for servers that were started on another kind."""
        return self._databases.by_kind[DEFAULT]

    @property
    def opened(self) -> bool:
        """Whether there are databases yet."""
        return DEFAULT in self._databases.by_kind

    def open(self) -> None:
        """Start the database server, if there is to be one, and make its template. Raises Fault."""
        self.settings.require_server()
        self._databases.open_default()

    def attach(self, address: Mapping[str, str]) -> None:
        """Use the database server that another process of this run opened."""
        self._databases.attach(address)

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
        opened = self._databases.of_kind(kind)
        self._start_services(name, env or {})
        early = self._early.pop(name, None) if kind == DEFAULT else None
        db = early or self._databases.database(kind, name)
        port = self._port(name)
        known = {**db.placeholders(), **self.beside.placeholders(), placeholders.PORT: str(port)}
        server = self._server(name, known)
        server.watch = self.look
        server.interpreter = interpreter
        server.database_url = db.url
        server.service_ports = {each.name: number for each, number in self.beside.ports.items() if number}
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

    def using_services_of(self, shared: Server | None) -> Self:
        """Itself; its servers use the services that another test process has started beside the `shared` one."""
        if shared is not None:
            self.beside.share(shared.service_ports)
        return self

    def _start_services(self, name: str, env: Mapping[str, str]) -> None:
        """Unless they run; on the database of the main one of these servers, or the xdist worker's."""
        if self.beside.there:
            return
        prefix, db = name.partition("_")[0], {}
        if self.beside.need_database:
            self._early[prefix] = self._databases.database(DEFAULT, prefix)
            db = self._early[prefix].placeholders()
        self._exploring = {name: value for name, value in env.items() if name == protocol.EXPLORE}
        self.beside.start(prefix, db)

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
        self._start_services(name, {})
        db = self._early.pop(name, None) or self.databases.create(name)
        known = {**db.placeholders(), **self.beside.placeholders(), placeholders.PORT: str(self._port(name))}
        words = [base.fill(each, known) for each in shlex.split(self.settings.server)]
        variables = self._environment(protocol.SERVER, known)
        return words, variables

    def restart(self, dead: Server) -> None:
        """A new process for a server that died: same address, same database, a log of its own. Raises Fault."""
        self._restarts += 1
        dead.stop()
        dead.name = f"{dead.name.partition('_again')[0]}_again{self._restarts}"
        try:
            wait_until(lambda: is_free(dead.port), seconds=dead.budget.server)
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
        self.beside.renew(db.name, lambda: opened.create(db.name))
        self.restart(server)

    def _start(self, server: Server, port: int) -> None:
        variables = self._variables[server]
        server.start(self._xprocess, variables, self.settings.root, port=port, timeout=self.settings.start_timeout)
        with contextlib.suppress(OSError):  # a full disk: the tests of another run are then not told apart here
            keys.note(self.run.path, server.url, variables[protocol.KEY])
            addresses.note(self.run.path, server.port)

    def forget(self, server: Server) -> None:
        """A server has been stopped: who gets its port is none of this run's."""
        with contextlib.suppress(OSError):
            addresses.note(self.run.path, server.port, ended=True)

    def refuse_strangers(self) -> None:
        """Raise EnvironmentFault where a process was about to connect to a stranger's database."""
        strangers.look(self.settings, self.run)

    def look(self) -> None:
        """The same, and raise ApplicationFault where a service has ended."""
        self.refuse_strangers()
        self.beside.look()

    def close(self) -> None:
        """Stop the servers, then the services, then the databases."""
        began = time.perf_counter()
        for each in self.everything:
            each.stop()
        for resource in self._xprocess.resources:
            resource.release()
        self._databases.close(keep=bool(self.servers))
        self.seconds["stop"] = self.seconds.get("stop", 0.0) + time.perf_counter() - began

    def _environment(self, role: str, known: Mapping[str, str]) -> dict[str, str]:
        databases = self._databases.by_kind.values()
        return environment.of_role(self.settings, self.run, role, known, measured=self.measured, databases=databases)

    def _environment_of_service(self, service: Service, known: Mapping[str, str]) -> dict[str, str]:
        databases = self._databases.by_kind.values()
        variables = environment.of_service(
            self.settings, self.run, service, known, measured=self.measured, databases=databases
        )
        return variables | self._exploring

    def _run_setup(self, db: base.Database) -> None:
        environment = self._environment(protocol.SETUP, db.placeholders())
        command.run("setup", self.settings.setup, environment, self.settings.root, watch=self.refuse_strangers)
