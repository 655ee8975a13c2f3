"""The services beside the server: their ports, their order, the first that dies. Test process, or a driver."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Mapping

from xprocess import XProcess

from afterawait.agent.forwarding import addresses
from afterawait.databases import base
from afterawait.faults import ApplicationFault, EnvironmentFault
from afterawait.placeholders import PORT
from afterawait.runs.folder import RunFolder
from afterawait.services.ports import bind
from afterawait.services.service import ServiceProcess
from afterawait.settings import Settings
from afterawait.settings_services import TABLE, Service

Environment = Callable[[Service, Mapping[str, str]], dict[str, str]]


class Beside:
    """The services of one stack: started in the order written, stopped in the reverse one.

    `environment` makes a service's variables; `watch` raises what ends a start that is not over.
    """

    def __init__(  # noqa: PLR0913  # keywords, none of which depends on another
        self,
        settings: Settings,
        run: RunFolder,
        xprocess: XProcess,
        *,
        measured: bool,
        environment: Environment,
        watch: Callable[[], None],
    ) -> None:
        self.settings = settings
        self.run = run
        self.measured = measured
        self.processes: list[ServiceProcess] = []
        self.ports: dict[Service, int] = {}
        self.shared = False  # another test process has started them, for all
        self._xprocess = xprocess
        self._environment = environment
        self._watch = watch
        self._starts = 0

    @property
    def need_database(self) -> bool:
        """Whether one of them is told of a database."""
        return any(each.needs_database for each in self.settings.services)

    def placeholders(self) -> dict[str, str]:
        """What is known of their ports."""
        return {each.placeholder: str(port) for each, port in self.ports.items() if port}

    @property
    def there(self) -> bool:
        """Whether nothing is to be started: all of them run, or there are none."""
        return self.shared or bool(self.processes) or not self.settings.services

    def share(self, ports: Mapping[str, int]) -> None:
        """Use those that another test process has started; `ports` are theirs, by name."""
        self.shared = True
        self.ports = {each: ports.get(each.name, 0) for each in self.settings.services}

    def start(self, prefix: str, db: Mapping[str, str]) -> None:
        """Start them, unless they run, each when the one before is ready. Raises Fault, leaving none behind.

        `prefix` tells them from other stacks' services; `db` is what fills placeholders of a database.
        """
        if self.there:
            return
        self._choose_ports()
        try:
            for each in self.settings.services:
                self._start(each, prefix, db)
        except BaseException:  # Ctrl-C may come when some run already
            self.stop()
            self.processes.clear()
            raise

    def renew(self, prefix: str, create: Callable[[], base.Database]) -> None:
        """Stop those that are told of a database, let `create` make another, and start them anew on that."""
        concerned = [each for each in self.processes if each.service.needs_database]
        for each in reversed(concerned):
            each.stop()
        db = create().placeholders()
        for each in concerned:
            self.processes.remove(each)
            self._start(each.service, prefix, db)
        written = list(self.settings.services)
        self.processes.sort(key=lambda each: written.index(each.service))

    def look(self) -> None:
        """Raise ApplicationFault where one has ended."""
        if fault := self.dead():
            raise fault

    def dead(self) -> ApplicationFault | None:
        """What is to be said of the first that has ended; None while all live."""
        found = (each.death("by itself") for each in self.processes if each.running)
        return next((each for each in found if each is not None), None)

    def stop(self) -> None:
        """The last one first."""
        for each in reversed(self.processes):
            each.stop()

    def _choose_ports(self) -> None:
        """For all of them at once: each may be told of any other's."""
        with contextlib.ExitStack() as held:
            for each in self.settings.services:
                port = held.enter_context(bind()).getsockname()[1] if each.names_port else each.ready.port
                self.ports[each] = port

    def _start(self, service: Service, prefix: str, db: Mapping[str, str]) -> None:
        self._starts += 1
        port = self.ports[service]
        known = {**db, **self.placeholders(), PORT: str(port)}
        if service.ready.port:
            _must_be_free(service)
        again = f"_{self._starts}" if self._starts > len(self.settings.services) else ""
        process = ServiceProcess(
            service,
            self.run,
            name=f"{service.name}.{prefix}{again}",
            command=[base.fill(each, known) for each in shlex.split(service.command)],
            grace=self.settings.grace,
            measured=self.measured,
        )
        if port:
            with contextlib.suppress(OSError):  # a full disk: calls to it name no test
                addresses.note(self.run.path, port)
        process.watch = self._while_starting
        self.processes.append(process)
        variables = self._environment(service, known)
        timeout = self.settings.start_timeout
        process.start(self._xprocess, variables, self.settings.root / service.cwd, port=port, timeout=timeout)
        process.running = True

    def _while_starting(self) -> None:
        self._watch()
        self.look()


def _must_be_free(service: Service) -> None:
    try:
        bind(service.ready.port).close()
    except EnvironmentFault as fault:
        hint = f"End what listens there, or write {{port}} into `command` of {service.name!r} in {TABLE}."
        message = f"The service {service.name} is said to listen on it. {fault.message}"
        raise EnvironmentFault(message, hint=hint) from None
