"""The driver behind scripts/explore.sh: database, server and page; Ctrl-C stops all and says what was reached.

python -m afterawait.explore [--reload] [--app M:A] [--port P] [--page-port P] [--session NAME] [--fresh] [--demo]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from afterawait import arguments, mode, settings, signals, status, terminal
from afterawait.explore import process
from afterawait.explore.page import REACHED, STATUS
from afterawait.explore.sessions import tidy
from afterawait.faults import EnvironmentFault, Fault
from afterawait.judge.cross_check import ranges
from afterawait.plugin.crash_monitor import ending
from afterawait.runs import folder
from afterawait.runs.folder import Manifest
from afterawait.services import command
from afterawait.services.server import Server
from afterawait.services.stack import ServiceStack
from afterawait.settings import Settings
from afterawait.status import Finding

PAUSE = 0.2  # seconds between two looks at whether server and sources are what they were
SHOWN = 12


def main(given_arguments: Sequence[str]) -> int:
    """Explore until Ctrl-C; returns the exit status."""
    given = _parser().parse_args(given_arguments)
    signals.install(signals.once)
    try:
        known = settings.load(Path.cwd())
        known = replace(known, app=given.app or known.app, port=given.port, base_url=None)
        state = known.root / ".afterawait" / "explore"
        with folder.only_run(state):
            Exploration(known, state, given).run(given.page_port)
    except Fault as fault:
        terminal.conclude([Finding.of(fault)])
        return fault.status
    except KeyboardInterrupt:
        pass  # before anything ran: there is nothing to tell
    return status.Status.GOOD


class Exploration:
    """One server explored by hand, and its page."""

    def __init__(self, known: Settings, state: Path, given: argparse.Namespace) -> None:
        self.known = known
        self.state = state
        self.session = tidy(given.session)
        self.reload: bool = given.reload
        self.fresh: bool = given.fresh
        self.demo: bool = given.demo
        self._sources = self._stamps()

    def run(self, page_port: int) -> None:
        """Until Ctrl-C. Raises E2EError where database or page cannot be started."""
        run = folder.fresh(self.state)
        chosen = mode.choose(fast=True)
        run.write_manifest(Manifest.of(self.known.root, self.known.source, chosen, partial="explored by hand"))
        self._tell("starting ...")
        (self.state / REACHED).unlink(missing_ok=True)
        with process.running(self.known.root, self.state, self.session, self.known.source, page_port) as page:
            kept = self.known.root / ".afterawait" / "explore-db"
            if self.fresh:
                shutil.rmtree(kept, ignore_errors=True)
            stack = ServiceStack(self.known, run, measured=True, kept=kept)
            try:
                stack.open()
                self._explore(stack, page.url)
            except KeyboardInterrupt:
                print()
                terminal.say("stopping", "everything is saved ...")
            finally:
                stack.close()
        self._last_words()

    def _explore(self, stack: ServiceStack, url: str) -> None:
        server = self._start(stack)
        if server is not None:
            if self.demo:
                self._fill(server)
            terminal.say("app", f"{server.url}/docs   on {stack.databases.version}")
        terminal.say("coverage", f"{url}   Ctrl-C stops both")
        while True:
            time.sleep(PAUSE)
            code = server.exit_code() if server is not None else None
            changed = self.reload and self._changed()
            if server is not None and code is not None and not changed:
                self._tell(f"the server ended with {ending(code)}; restarting ...", server, failed=True)
                terminal.say("server", f"ended with {ending(code)}; a new one takes its place")
            elif changed and server is not None:
                self._tell("restarting ...", server)
            if changed or code is not None:
                server = self._again(stack, server)

    def _start(self, stack: ServiceStack) -> Server | None:
        try:
            server = stack.start("main", env={"AFTERAWAIT_EXPLORE": "1"})
        except Fault as fault:
            if not self.reload or fault.status != status.Status.TESTS:
                raise
            self._fails(fault)
            return None
        self._tell(f"serving {server.url}", server)
        return server

    def _fill(self, server: Server) -> None:
        """Run the project's own command for demo data."""
        if not self.known.demo:
            raise EnvironmentFault(
                "[tool.afterawait].demo is not set: there is no demo data.", hint="Leave out --demo, or set it."
            )
        terminal.say("demo", f"{self.known.demo} ...")
        command.run("demo", self.known.demo, os.environ | {"AFTERAWAIT_BASE_URL": server.url}, self.known.root)

    def _again(self, stack: ServiceStack, server: Server | None) -> Server | None:
        """A new process where sources have changed, or where the server has died."""
        if server is None:
            return self._start(stack)
        try:
            stack.restart(server)
        except Fault as fault:
            if not self.reload:
                raise
            self._fails(fault)
            self._wait_for_a_change()
            return self._again(stack, server)
        self._tell(f"serving {server.url}", server)
        return server

    def _fails(self, fault: Fault) -> None:
        terminal.say("server", f"{fault.message}; fix it, and it is started again")
        self._tell(fault.message, failed=True, detail=fault.detail)

    def _wait_for_a_change(self) -> None:
        while not self._changed():
            time.sleep(PAUSE)

    def _changed(self) -> bool:
        stamps = self._stamps()
        changed, self._sources = stamps != self._sources, stamps
        return changed

    def _stamps(self) -> dict[Path, int]:
        found = {}
        for path in (path for each in self.known.source for path in (self.known.root / each).rglob("*.py")):
            with contextlib.suppress(OSError):
                found[path] = path.stat().st_mtime_ns
        return found

    def _tell(self, text: str, server: Server | None = None, *, failed: bool = False, detail: str = "") -> None:
        """What the page says of the application."""
        if server is not None and failed:
            detail = server.log_tail()
        told = {"text": text, "app": server.url + "/docs" if server else "", "failed": failed, "detail": detail}
        path = self.state / STATUS
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(json.dumps(told), encoding="utf-8")
        draft.replace(path)

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


def _parser() -> arguments.Parser:
    parser = arguments.Parser(
        prog="scripts/explore.sh",
        description="Explore a live server by hand, and watch its lines light up on a page. Ctrl-C stops both.",
    )
    parser.add_argument("--reload", action="store_true", help="start the server again when a source changes")
    parser.add_argument("--app", metavar="M:A", help="the application, in place of [tool.afterawait].app")
    parser.add_argument("--port", type=int, default=8000, metavar="P", help="the application's port (8000)")
    parser.add_argument("--page-port", type=int, default=8001, metavar="P", help="the page's port (8001)")
    parser.add_argument("--fresh", action="store_true", help="begin with an empty database, not with the kept one")
    parser.add_argument(
        "--demo", action="store_true", help="fill it with what [tool.afterawait].demo makes, to click at"
    )
    parser.add_argument("--session", default="session", metavar="NAME", help="the session to begin with, or go on with")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
