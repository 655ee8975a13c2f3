"""What `afterawait explore` does: database, server and page; says at the end what was reached. Driver process."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from afterawait import mode, protocol, terminal
from afterawait.evidence.line_sets import ranges
from afterawait.explore import process
from afterawait.explore.page import REACHED, STATUS
from afterawait.explore.sessions import tidy
from afterawait.faults import EnvironmentFault, Fault, Status
from afterawait.measured_files import python_files
from afterawait.preflight.checks import must_pass
from afterawait.runs import folder, private, survivors
from afterawait.runs.manifest import Manifest
from afterawait.services import command
from afterawait.services.deaths import at_stop, ending
from afterawait.services.server import Server
from afterawait.services.stack import ServiceStack
from afterawait.settings import Settings
from afterawait.signals import Once

PAUSE = 0.2  # seconds between two looks at whether server and sources are what they were
SHOWN = 12


@dataclass(frozen=True)
class Wishes:
    """What the command line asks for."""

    session: str
    page_port: int
    reload: bool = False
    fresh: bool = False
    demo: bool = False


class Exploration:
    """One server explored by hand, and its page."""

    def __init__(self, settings: Settings, state: Path, wishes: Wishes, interrupts: Once) -> None:
        self.settings = settings
        self.state = state
        self.session = tidy(wishes.session)
        self.wishes = wishes
        self.interrupts = interrupts
        self._sources = self._stamps()

    def run(self) -> None:
        """Until Ctrl-C. Raises Fault where database or page cannot be started."""
        settings = self.settings
        private.folder(self.state)
        run = folder.fresh(self.state, settings.grace)
        chosen = mode.choose(fast=True)
        run.write_manifest(Manifest.of(settings.root, settings.source, chosen, partial="explored by hand"))
        self._publish("starting ...")
        (self.state / REACHED).unlink(missing_ok=True)
        if not self.wishes.reload:  # which waits for a fix, and says on the page what is wrong
            must_pass(settings, run)
        with (
            survivors.swept(run, settings.grace),
            process.running(
                self.settings.root, self.state, self.session, self.settings.source, self.wishes.page_port
            ) as page,
        ):
            kept = settings.root / protocol.STATE / protocol.KEPT_DATABASE
            if self.wishes.fresh:
                shutil.rmtree(kept, ignore_errors=True)
            stack = ServiceStack(self.settings, run, measured=True, kept=kept)
            try:
                stack.open()
                self._explore(stack, page.address)
            except KeyboardInterrupt:
                print()
                terminal.say("stopping", "everything is saved ...")
            finally:
                stack.close()
            wrong = [*map(at_stop, stack.everything), survivors.end(run, settings.grace)]
        self._last_words()
        for each in filter(None, wrong):
            raise each

    def _explore(self, stack: ServiceStack, address: str) -> None:
        server = self._start(stack)
        if server is not None:
            if self.wishes.demo:
                self._fill(server)
            terminal.say("app", f"{server.url}/docs   {stack.databases.version}")
        for each in stack.beside.processes:
            terminal.say("beside", each.line)
        terminal.say("coverage", f"{address}   Ctrl-C stops both")
        while True:
            time.sleep(PAUSE)
            self.interrupts.look()
            stack.beside.look()
            code = server.exit_code() if server is not None else None
            changed = self.wishes.reload and self._changed()
            if server is not None and code is not None and not changed:
                self._publish(f"the server ended with {ending(code)}; restarting ...", server, failed=True)
                terminal.say("server", f"ended with {ending(code)}; a new one takes its place")
            elif changed and server is not None:
                self._publish("restarting ...", server)
            if changed or code is not None:
                server = self._again(stack, server)

    def _start(self, stack: ServiceStack) -> Server | None:
        try:
            server = stack.start("main", env={protocol.EXPLORE: "1"})
        except Fault as fault:
            if not self.wishes.reload or fault.status != Status.TESTS:
                raise
            self._fails(fault)
            return None
        self._publish(f"serving {server.url}", server)
        return server

    def _fill(self, server: Server) -> None:
        """Run the project's own command for demo data."""
        if not self.settings.demo:
            raise EnvironmentFault(
                "[tool.afterawait].demo is not set: there is no demo data.", hint="Leave out --demo, or set it."
            )
        terminal.say("demo", f"{'; '.join(self.settings.demo)} ...")
        command.run("demo", self.settings.demo, os.environ | {protocol.BASE_URL: server.url}, self.settings.root)

    def _again(self, stack: ServiceStack, server: Server | None) -> Server | None:
        """A new process where sources have changed, or where the server has died."""
        if server is None:
            return self._start(stack)
        address = server.url
        try:
            stack.restart(server)
        except Fault as fault:
            if not self.wishes.reload:
                raise
            self._fails(fault)
            self._wait_for_a_change()
            return self._again(stack, server)
        if server.url != address:  # a command that chooses its port has chosen another
            terminal.say("app", f"{server.url}/docs")
        self._publish(f"serving {server.url}", server)
        return server

    def _fails(self, fault: Fault) -> None:
        terminal.say("server", f"{fault.message}; fix it, and it is started again")
        self._publish(fault.message, failed=True, detail=fault.detail)

    def _wait_for_a_change(self) -> None:
        while not self._changed():
            time.sleep(PAUSE)

    def _changed(self) -> bool:
        stamps = self._stamps()
        changed, self._sources = stamps != self._sources, stamps
        return changed

    def _stamps(self) -> dict[Path, int]:
        found = {}
        for path in (path for each in self.settings.source for path in python_files(self.settings.root / each)):
            with contextlib.suppress(OSError):
                found[path] = path.stat().st_mtime_ns
        return found

    def _publish(self, text: str, server: Server | None = None, *, failed: bool = False, detail: str = "") -> None:
        """What the page says of the application."""
        if server is not None and failed:
            detail = server.log_tail()
        payload = {"text": text, "app": server.url + "/docs" if server else "", "failed": failed, "detail": detail}
        private.write(self.state / STATUS, json.dumps(payload))

    def _last_words(self) -> None:
        try:
            reached = json.loads((self.state / REACHED).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        only = {name: set(lines) for name, lines in reached["only"].items()}
        count = sum(map(len, only.values()))
        terminal.say("session", f"{reached['session']}: {reached['lines']} lines reached, {count} by no test")
        for name, lines in list(only.items())[:SHOWN]:
            print(f"{'':<12} {name}: {ranges(lines)}")
        if len(only) > SHOWN:
            print(f"{'':<12} and {len(only) - SHOWN} more files")
