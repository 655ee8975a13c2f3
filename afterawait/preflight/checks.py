"""The checks of one run, made while pytest collects; what they find is a file in the run's folder. Driver process.

pytest starts nothing before that file is there. Whoever has no pytest to wait for calls `must_pass`.
"""

from __future__ import annotations

import json
import os
import threading
from types import TracebackType
from typing import Self

from afterawait import protocol
from afterawait.faults import EnvironmentFault, Fault
from afterawait.preflight import machine
from afterawait.preflight.application import ImportCheck
from afterawait.runs.folder import RunFolder
from afterawait.services import strangers
from afterawait.settings import Settings


class Preflight:
    """Checks that are under way until the end of the block at the latest.

    Raises EnvironmentFault at once for what takes no time to find out.
    """

    def __init__(self, settings: Settings, run: RunFolder) -> None:
        machine.check(settings)
        self.settings = settings
        self.run = run
        self.found: Fault | None = None
        self.note = ""
        # A command of the project's own shows by its start whether the application is sound.
        self._check = None if settings.server else ImportCheck(settings, run)
        self._thread = threading.Thread(target=self._find_out, name="afterawait-preflight", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()
        self._thread.join()
        if self._check is not None:
            self._check.release()

    def wait(self) -> None:
        """Until all is known."""
        self._thread.join()

    def _find_out(self) -> None:
        try:
            machine.database(self.settings)
            failed = self._check.fault() if self._check is not None else None
            strangers.look(self.settings, self.run)  # a connection that was refused is the reason, whatever came of it
            self.found = failed
            self.note = self._check.note if self._check is not None else ""
        except Fault as fault:
            self.found = fault
        except Exception as error:  # a fault of ours must not let pytest wait for ever
            message = f"The checks before the start have failed: {type(error).__name__}: {error}."
            self.found = EnvironmentFault(message, hint="Please report it.")
        self._write()
        self._end()

    def _end(self) -> None:
        if self._check is not None:
            self._check.end()

    def _write(self) -> None:
        path = self.run.path / protocol.PREFLIGHT
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        payload = {"fault": self.found.payload() if self.found is not None else None, "note": self.note}
        try:
            draft.write_text(json.dumps(payload), encoding="utf-8")
            draft.replace(path)
        except OSError:  # a full disk, say: pytest does not wait for ever, and meets it as well
            pass


def must_pass(settings: Settings, run: RunFolder) -> str:
    """All checks, one after the other; returns what is to be said of the application. Raises Fault."""
    with Preflight(settings, run) as checks:
        checks.wait()
    if checks.found is not None:
        raise checks.found
    return checks.note
