"""Whether the application can be imported, found out in a process of its own. Driver process.

The process is like the server's: interpreter, folder, environment, import roots. What it says is said again by the
server; it is said here before a database is started.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from afterawait import protocol
from afterawait.agent import importing
from afterawait.databases import base, factory
from afterawait.databases.none import NoDatabase
from afterawait.faults import ApplicationFault, Fault
from afterawait.runs.folder import RunFolder
from afterawait.services import environment, strangers
from afterawait.settings import Settings

TAIL = 25  # lines of what the import has printed that an error shows
LOOKING = 0.2  # seconds between two looks at whether it was refused a connection
ENDING = 2.0  # seconds that a process which has answered, or was killed, may take to be gone


class ImportCheck:
    """The process, started by the constructor. `end` it, then `release` it, whatever comes."""

    def __init__(self, settings: Settings, run: RunFolder) -> None:
        self.settings = settings
        self.note = ""
        self._ending = threading.Lock()
        self._run = run
        self._log = run.path / protocol.IMPORT_LOG
        self._answers, writing = os.pipe()
        self._deadline = time.monotonic() + settings.start_timeout
        command = [sys.executable, "-m", "afterawait.agent.importing", settings.app, str(writing)]
        try:
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    command,
                    cwd=settings.root,
                    env=_environment(settings, run),
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    pass_fds=(writing,),
                    process_group=0,
                )
        finally:
            os.close(writing)

    def fault(self) -> Fault | None:
        """Wait for the answer; None where the server may be started, to show for itself what cannot be known yet.

        Raises EnvironmentFault where it was refused a connection, which an import may try again for ever.
        """
        app = self.settings.app
        text = self._read()
        if text is None:
            seconds = f"{self.settings.start_timeout:g} s"
            hint = "Look for what its import waits for; [tool.afterawait].start_timeout allows more."
            return ApplicationFault(f"{app} did not start within {seconds}.", hint=hint, detail=self._tail())
        if not text:
            message = f"{app} cannot be imported: the process ended at it."
            return ApplicationFault(message, hint="Read its last words above.", detail=self._tail())
        answer: dict[str, Any] = json.loads(text)
        if answer["outcome"] == importing.GOOD and answer["factory"]:
            self.note = f'{app} is a factory, and is called: write app = "{app}()" to say so'
        return self._failure(answer) if answer["outcome"] == importing.FAILED else None

    def end(self) -> None:
        """End the process, and all that the application has started in its group."""
        with self._ending:
            if self._process.returncode is None:  # else its number may be another's by now
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait(ENDING)

    def release(self) -> None:
        """Close what it was listened to with; nobody may listen any more."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        os.close(self._answers)

    def _read(self) -> str | None:
        """All that it writes, "" where it ended without a word, None where the time was over first."""
        got = b""
        while True:
            left = self._deadline - time.monotonic()
            if left <= 0:
                return None
            if not select.select([self._answers], [], [], min(left, LOOKING))[0]:
                strangers.look(self.settings, self._run)
                continue
            more = os.read(self._answers, 65536)
            if not more:
                return got.decode("utf-8", "replace")
            got += more

    def _failure(self, answer: dict[str, Any]) -> Fault:
        app, kind, reason = self.settings.app, answer["kind"], answer["reason"]
        detail = answer["traceback"]
        if kind == "exit":
            message = f"{app} ends its process when it is imported: {reason}."
            detail = self._tail() or detail
        elif kind == "no application":
            message = f"{app} is no ASGI application: {reason.partition(': ')[2]}."
        elif kind == "no variable":
            message = f"{app} cannot be imported: it needs the variable {answer['near']}, which is not set."
        else:
            message = f"{app} cannot be imported: {reason}"
        if kind in {"no module", "no attribute"}:
            detail = ""
        return ApplicationFault(message, hint=_hint(kind, answer["near"], self.settings), detail=detail)

    def _tail(self) -> str:
        try:
            text = self._log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-TAIL:])


def _hint(kind: str, near: str, settings: Settings) -> str:
    setting = "[tool.afterawait].app in pyproject.toml"
    roots = ", ".join(os.path.relpath(each, settings.root) for each in settings.import_roots)
    hints = {
        "no variable": f'Write a value for tests: {near} = "..." in [tool.afterawait.env] of pyproject.toml.',
        "settings": "Write values for tests into [tool.afterawait.env] of pyproject.toml, by the variables' names.",
        "no module": f'Fix {setting}, or add the folder that it is imported from (now {roots}): path = ["backend"].',
        "missing package": f"Install it for {sys.executable}, or fix that import.",
        "no attribute": f'Did you mean app = "{near}"?' if near else f"Fix {setting}.",
        "no application": f'Fix {setting}: name an application, or a factory without arguments: "module:create()".',
        "exit": "Fix what it says; what its import needs of the environment goes into [tool.afterawait.env].",
    }
    return hints.get(kind, "Fix the application, or [tool.afterawait] in pyproject.toml.")


def _environment(settings: Settings, run: RunFolder) -> dict[str, str]:
    """The server's, but for what only a run decides: its database's address leads nowhere."""
    variables = environment.of_process(settings, run, role=protocol.IMPORTING, measured=False)
    placeholders = _database(settings, run.path).placeholders()
    filled = {name: base.fill(value, placeholders) for name, value in settings.env.items()}
    return {**environment.extended(variables, filled), protocol.ROLE: protocol.IMPORTING}


def _database(settings: Settings, folder: Path) -> base.Database:
    if not settings.needs_database:
        return NoDatabase().create("main")
    tcp = any(each in value for value in settings.env.values() for each in ("{db.host}", "{db.port}"))
    return factory.to_be(settings.database_url, setting=settings.database_setting, folder=folder, tcp=tcp)
