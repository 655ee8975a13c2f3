"""A server that is not ours to start, whose data are collected: before the tests and after them. Driver process.

The drop folders are all that run and server have in common, and some come later, as copies: the run looks at what is
there before its tests, and afterwards takes what has changed or has come.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from afterawait import protocol, terminal
from afterawait.agent.drop import digest
from afterawait.faults import EnvironmentFault, Fault, MeasurementFault
from afterawait.mode import MeasurementMode
from afterawait.processes.polling import Expired, wait_until
from afterawait.runs import lock
from afterawait.runs.folder import RunFolder
from afterawait.services import deliveries, drops
from afterawait.services.command import started
from afterawait.services.deliveries import Delivery, State
from afterawait.services.drops import named
from afterawait.settings import Settings

PAUSE = 0.25
ANSWERS = 2.0
"""Seconds in which a process that can be asked has saved, mostly: who is to be told to stop it waits no longer."""
ANEW = "Start it anew for each run: docker compose up -d --force-recreate app"
PORTS = {"http": 80, "https": 443}


class Elsewhere:
    """The server at `base_url` of the settings, and what it writes into the folders `collect`."""

    def __init__(self, settings: Settings, *, patience: float, stop: str = "") -> None:
        """Raises EnvironmentFault where the command `stop` is none."""
        self.settings = settings
        self.patience = patience
        self._stop = _words(stop, settings.root)
        self._before: dict[Path, State] = {}
        self._used: set[Path] = set()
        self._unreadable: dict[Path, State] = {}

    def begin(self, mode: MeasurementMode) -> None:
        """Before the tests: see that a server is there, take the key that it shares. Raises EnvironmentFault."""
        for each in self.settings.collect:
            if not each.is_dir():
                hint = f"Make it before the server starts, for its user to write to: mkdir -m 1777 {named(each)}"
                raise EnvironmentFault(f"There is no folder {named(each)} to collect from.", hint=hint)
        drops.take_key(self.settings.collect)
        self._await_server()
        readable = self._deliveries()[0]
        known = {each.path for each in readable}
        self._unreadable = {each: deliveries.state(each) for each in self._paths() if each not in known}
        for found in readable:
            lives = _lives(found.path)
            if found.served_tests():
                self._used.add(found.path)
            # A worker that runs the same lines again and again changes nothing: it is this run's while it lives.
            if not lives or found.path in self._used:
                self._before[found.path] = found.state()
            if lives and (why := self._in_vain(found, mode)):
                terminal.say("collect", f"{found.name} still runs, and {why}: if it is what is tested, start it anew")

    def _in_vain(self, found: Delivery, mode: MeasurementMode) -> str:
        """Why a run that reaches this server will not be believed; it may be another one than that which is tested."""
        if found.path in self._used:
            return "has run tests before"
        if found.key != digest(os.environ[protocol.KEY]):
            return f"has another {protocol.KEY}"
        return "is not measured as this run is (--fast, branch)" if found.mode() != mode else ""

    def _await_server(self) -> None:
        try:
            url = urlsplit(self.settings.base_url or "")
            address = url.hostname or "", url.port or PORTS.get(url.scheme, 0)
        except ValueError:
            address = "", 0
        seconds = self.settings.start_timeout

        def listens() -> bool:
            with contextlib.suppress(OSError, UnicodeError):
                socket.create_connection(address, 1).close()
                return True
            return False

        try:
            wait_until(listens, seconds=seconds if all(address) else 0, pause=PAUSE)
        except Expired:
            message = f"The tests are to run against {self.settings.base_url}, and no server listens there."
            raise EnvironmentFault(
                message, hint="Start it, with its port published: docker compose up -d --wait"
            ) from None
        with contextlib.suppress(Expired):  # a container's port is open before its server has started
            wait_until(lambda: not self._starting(), seconds=seconds, pause=PAUSE)

    def _starting(self) -> bool:
        records = [each for delivery in self._deliveries()[0] for each in delivery.records()]
        return any(each.loads and not each.served and not each.failure and not each.ended for each in records)

    def end(self, run: RunFolder, *, hurried: bool = False) -> tuple[list[RunFolder], list[Fault]]:
        """After the tests: copies of all that is this run's, in its folder, and what is the matter."""
        began = time.monotonic()
        faults = self._stop_server()
        self._wait(protocol.StopBudget.SAVING if hurried else self.patience)
        fresh, unreadable = self._fresh()
        faults += unreadable
        copies: list[RunFolder] = []
        for each in list(fresh):
            try:
                copies.append(each.copy(run.path, self.settings.source))
            except Fault as fault:
                if deliveries.is_there(each.path):
                    faults.append(fault)
                else:
                    fresh.remove(each)  # a health check's, which ran nothing and has gone
        faults += self._what_is_wrong_with(fresh)
        self._say(fresh, time.monotonic() - began)
        return copies, faults

    def _stop_server(self) -> list[Fault]:
        if not self._stop:
            return []
        done: int | str
        try:
            done = subprocess.run(self._stop, cwd=self.settings.root, stdin=subprocess.DEVNULL, check=False).returncode
        except OSError as error:
            done = str(error)
        if not done:
            return []
        message = f"The command of --stop failed ({done}): {shlex.join(self._stop)}"
        return [EnvironmentFault(message, hint="Try it by itself.")]

    def _wait(self, patience: float) -> None:
        """Until all that serve have saved or ended; whoever cannot be asked has to be stopped, and that is said."""
        began = time.monotonic()
        asked = not self._stop and drops.ask(self.settings.collect)
        said = False
        while time.monotonic() - began < patience:
            fresh = self._fresh()[0]
            waiting = [
                f"the {each.role} process {each.pid} of {one.name}" for one in fresh for each in one.unfinished()
            ]
            came = any(each.served for one in fresh for each in one.records())
            enough = 2 * PAUSE if came else protocol.StopBudget.SAVING if fresh else patience
            if not waiting and time.monotonic() - began > enough:
                return
            if not said and time.monotonic() - began > (ANSWERS if asked or self._stop else 0):
                said = True
                whom = ", ".join(waiting) or "data of the server"
                stop = "" if self._stop else "; stop it, so that its data come: docker compose stop app"
                terminal.say("collect", f"waiting up to {patience:g} s for {whom}{stop}")
            time.sleep(PAUSE)
            if asked:
                drops.ask(self.settings.collect)

    def _paths(self) -> list[Path]:
        found = (path.resolve() for each in self.settings.collect for path in deliveries.within(each))
        return list(dict.fromkeys(found))

    def _deliveries(self) -> tuple[list[Delivery], list[Fault]]:
        found: dict[Path, Delivery] = {}
        faults: list[Fault] = []
        for path in self._paths():
            try:
                found[path] = deliveries.read(path)
            except Fault as fault:
                if deliveries.is_there(path) and self._unreadable.get(path) != deliveries.state(path):
                    faults.append(fault)
        return list(found.values()), faults

    def _fresh(self) -> tuple[list[Delivery], list[Fault]]:
        """What came, or changed, since the run began; of processes that ran nothing there is nothing to say."""
        found, faults = self._deliveries()
        return [each for each in found if self._before.get(each.path) != each.state() and each.records()], faults

    def _what_is_wrong_with(self, fresh: Sequence[Delivery]) -> list[Fault]:
        faults: list[Fault] = []
        if not any(each.served for one in fresh for each in one.records()):
            faults.append(self._nothing_came(fresh))
        for each in fresh:
            same = each.key == digest(os.environ[protocol.KEY])
            if each.path in self._used or (same and each.served_others()):
                message = f"The server of {each.name} had run tests before this run began, or another run's"
                faults.append(MeasurementFault(f"{message}: theirs cannot be told apart.", hint=ANEW))
            elif not same:
                message = f"The server of {each.name} has another {protocol.KEY} than this run: it knew no test of it."
                hint = "Set it to the same on both sides, or on neither: then it is a file in the folder they share."
                faults.append(MeasurementFault(message, hint=hint))
        return faults

    def _nothing_came(self, fresh: Sequence[Delivery]) -> MeasurementFault:
        names = ", ".join(map(named, self.settings.collect))
        if fresh:
            message = f"What came to {names} is of no process that served: {', '.join(each.name for each in fresh)}."
            return MeasurementFault(message, hint="Look into the server's log: did it start, and is it a known server?")
        if self._before:
            message = f"Nothing of this run came to {names}: what lies there is of earlier starts of a server."
            return MeasurementFault(message, hint=ANEW)
        message = f"Nothing came to {names} from the server at {self.settings.base_url}."
        hint = (
            f"Where it runs, {protocol.DROP} must name the folder that is mounted from there, afterawait must be "
            "installed in its Python, and its user must be able to write there (chmod 1777): its log says what failed."
        )
        return MeasurementFault(message, hint=hint)

    def _say(self, fresh: Sequence[Delivery], seconds: float) -> None:
        if fresh:
            pythons = sorted({each.python for each in fresh})
            names = ", ".join(each.name for each in fresh)
            terminal.say("collect", f"{names} (Python {', '.join(pythons)}), in {seconds:.1f} s")
        earlier = sorted(map(named, self._before.keys() - {each.path for each in fresh}))
        if earlier:
            terminal.say("collect", f"left out, since nothing new came there in this run: {', '.join(earlier)}")
        alive = [each for one in fresh for each in one.records() if each.served and not each.ended]
        if alive and not self._stop:
            terminal.say(
                "collect", "the server was not stopped: what its shutdown runs is not measured (--stop COMMAND)"
            )


def _words(command: str, root: Path) -> list[str]:
    """Those of --stop, as they are started; none where it is not given. Raises EnvironmentFault."""
    if not command:
        return []
    who, hint = "The command of --stop", 'Write it as a shell has it: --stop "docker compose stop app"'
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise EnvironmentFault(f"{who} cannot be split into words: {error}: {command}", hint=hint) from None
    if not words:
        raise EnvironmentFault(f"{who} is empty.", hint=hint)
    return started(words, os.environ, who=who, hint="Install it, or fix --stop.", cwd=str(root))


def _lives(delivered: Path) -> bool:
    """Whether one of its processes is known to: on another host, or for another user's eyes, none is."""
    with contextlib.suppress(OSError):
        return not lock.processes_end(delivered)
    return False
