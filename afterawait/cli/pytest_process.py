"""pytest in a process of its own, measured as every other process of the run is. Driver process."""

from __future__ import annotations

import difflib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from afterawait import protocol
from afterawait.faults import EnvironmentFault, Fault, Interruption, SuiteFault
from afterawait.runs.folder import RunFolder
from afterawait.runs.manifest import Manifest
from afterawait.services import environment
from afterawait.settings import Settings
from afterawait.signals import Interrupts

PLUGIN = ("-p", "afterawait.plugin.hooks")
"""By name, for a checkout that is not installed; where its entry point has brought the plugin, nothing comes of it."""

NO_TESTS = 5
"""pytest's exit code where none were found, or none was left."""

INSISTING = 3
REPEATING = 5.0  # seconds in which a busy machine has heeded the first


class PytestProcess:
    """pytest, started by the constructor. `interrupted` counts the times that somebody asked it to end."""

    def __init__(
        self, settings: Settings, run: RunFolder, options: list[str], lock: int, interrupts: Interrupts
    ) -> None:
        self.interrupted = 0
        self._interrupts = interrupts
        env = environment.of_process(settings, run, role=protocol.RUNNER, measured=settings.measures)
        env[protocol.RUN] = str(run.path)  # where the plugin writes down how it went, measured or not
        reading, self._lifeline = os.pipe()  # pytest ends when this end closes, however this process dies
        env[protocol.LIFELINE] = str(reading)
        command = [sys.executable, "-m", "pytest", f"--basetemp={run.path / protocol.TEMPORARY}"]
        command += [*PLUGIN, *settings.pytest_options]
        with interrupts.held():  # pytest inherits the mask: Ctrl-C waits until it can end in order
            self._process = subprocess.Popen([*command, *options], env=env, cwd=settings.root, pass_fds=(reading, lock))
            interrupts.passed_to = self._pass_on
        os.close(reading)

    def wait(self) -> int:
        """pytest's exit code."""
        try:
            return self._process.wait()
        finally:
            self._interrupts.passed_to = None
            os.close(self._lifeline)

    def _pass_on(self) -> None:
        """A terminal sends Ctrl-C to both; pytest takes two signals in a row for one."""
        self.interrupted += 1
        if self.interrupted == 1:
            threading.Thread(target=self._repeat, name="afterawait-interruption", daemon=True).start()
        # Whoever asks a third time does not want to wait: what pytest started ends by itself.
        self._process.send_signal(signal.SIGINT if self.interrupted < INSISTING else signal.SIGKILL)

    def _repeat(self) -> None:
        """Interrupt again until pytest has ended: what is raised in a finaliser is lost without a trace.

        Once the session ends in order, more of them change nothing (see `InterruptOnce`).
        """
        while self._process.returncode is None:
            time.sleep(REPEATING)
            self._process.send_signal(signal.SIGINT)


def fault_of(code: int, manifest: Manifest, options: Sequence[str], *, interrupted: bool) -> Fault | None:
    """What pytest's exit code means, where the session has not written down why itself; None for a good one.

    3, an error of pytest's own or the exit of a session that could not begin, is named by its number.
    """
    if interrupted or code in {-signal.SIGINT, -signal.SIGTERM}:
        return Interruption()
    if manifest.faults or (code == 0 and manifest.finished) or (code == NO_TESTS and manifest.empty):
        return None
    if code == 0:
        return SuiteFault("pytest ended before its session was finished.", hint="Which test ends its own process?")
    if code < 0:
        message = f"The test process was ended by {signal.Signals(-code).name}."
        return EnvironmentFault(message, hint="Out of memory? Nothing was left running; run again.")
    known: dict[int, Fault] = {
        1: SuiteFault("Tests failed.", hint="Their reports are above, each with its part of the server's log."),
        2: SuiteFault("The tests were not run to their end.", hint="Fix the errors that pytest names above."),
        4: EnvironmentFault("pytest did not understand its options.", hint=_meant(options)),
        NO_TESTS: EnvironmentFault("No tests were found.", hint="Look at the paths and expressions given."),
    }
    other = EnvironmentFault(f"pytest ended with exit code {code}.", hint="Read its last lines above.")
    return known.get(code, other)


def _meant(options: Sequence[str]) -> str:
    """What to do about an option that neither `run` nor pytest knows: what is nearly one of `run`'s went to pytest."""
    from afterawait.cli.run import command

    ours = [name for each in command.params for name in each.opts if name.startswith("--")]
    for each in options:
        name = each.partition("=")[0]
        if near := difflib.get_close_matches(name, ours if name.startswith("--") else (), n=1, cutoff=0.75):
            return f"Did you mean {near[0]}?"
    return "pytest names it above; `afterawait run --help` and `pytest --help` say which there are."
