"""A run of scripts/e2e.sh: the tests in a process of their own, then judge, combine and report. Driver process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from afterawait import mode, settings, status, terminal
from afterawait.faults import EnvironmentFault, Fault, MeasurementFault
from afterawait.reports import pipeline
from afterawait.runs import folder
from afterawait.runs.folder import Manifest, RunFolder
from afterawait.services import environment
from afterawait.settings import Settings
from afterawait.signals import INTERRUPTED, Interrupts
from afterawait.status import Finding, Status

FAST = "--fast"
WITH_SESSION = "--with-session"
PROCESSES = 2
INSISTING = 3
ENDING = 20.0  # seconds that a run's processes get to save after pytest has ended


def main(given_arguments: Sequence[str], interrupts: Interrupts) -> int:
    """Run; returns the exit status."""
    began = time.perf_counter()
    try:
        given = settings.load(Path.cwd())
        with folder.only_run(given.state) as lock:
            chosen = mode.choose(fast=FAST in given_arguments)
            for_pytest, session = _session([each for each in given_arguments if each != FAST])
            given = replace(given, with_session=session)
            findings, seconds = _run(given, for_pytest, chosen, lock, interrupts)
    except Fault as fault:
        findings, seconds = [Finding.of(fault)], {}
    except KeyboardInterrupt:
        findings, seconds = [INTERRUPTED], {}
    seconds["in all"] = time.perf_counter() - began
    terminal.say("time", terminal.seconds(seconds))
    terminal.conclude(findings)
    return status.first(findings)


def _run(
    given: Settings, given_arguments: list[str], chosen: mode.MeasurementMode, lock: int, interrupts: Interrupts
) -> tuple[list[Finding], dict[str, float]]:
    run = folder.fresh(given.state)
    run.write_manifest(Manifest.of(given.root, given.source, chosen))
    began = time.perf_counter()
    processes = _default_processes(given, given_arguments)
    pytest_run = PytestRun(given, run, [*processes, *given_arguments], lock, interrupts)
    code = pytest_run.wait()
    _wait_for_the_rest(run)
    seconds = _phases(run, time.perf_counter() - began)
    manifest = run.manifest()
    ending = _of_pytest(code, manifest, interrupted=bool(pytest_run.interrupted))
    manifest.findings += [asdict(each) for each in ending]
    findings = pipeline.told(manifest)
    try:
        run.write_manifest(manifest)  # what combines this run elsewhere must know how it ended
    except MeasurementFault as fault:
        findings.append(Finding.of(fault))
    if given.base_url:
        terminal.say("coverage", "not measured: the server was started by somebody else")
        return findings, seconds
    if findings and not any(each.served for each in run.records()):
        return findings, seconds  # nothing ran that could have been measured, and why is said
    more, spent = pipeline.conclude(given, [run])
    return findings + more, seconds | spent


class PytestRun:
    """pytest in a process of its own, measured as every other process of the run is."""

    def __init__(
        self, given: Settings, run: RunFolder, given_arguments: list[str], lock: int, interrupts: Interrupts
    ) -> None:
        self.interrupted = 0
        self._interrupts = interrupts
        env = environment.of_process(given, run, role="runner", measured=not given.base_url)
        reading, self._lifeline = os.pipe()  # pytest ends when this end closes, however this process dies
        env["AFTERAWAIT_LIFELINE"] = str(reading)
        # The plugin by name: a conftest.py that brings it may be read only after the options have been.
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "afterawait.plugin.hooks",
            f"--basetemp={given.state / 'run-tmp'}",
        ]
        with interrupts.held():  # pytest inherits the mask: Ctrl-C waits until it can end in order
            self._process = subprocess.Popen(
                [*command, *given_arguments],
                env=env,
                cwd=given.root,
                pass_fds=(reading, lock),
            )
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
        # Whoever asks a third time does not want to wait: what pytest started ends by itself.
        self._process.send_signal(signal.SIGINT if self.interrupted < INSISTING else signal.SIGKILL)


def _session(given_arguments: list[str]) -> tuple[list[str], str]:
    """What is left for pytest, and the session that --with-session names. Raises EnvironmentFault without a name."""
    if WITH_SESSION not in given_arguments:
        return given_arguments, ""
    at = given_arguments.index(WITH_SESSION)
    if at + 1 == len(given_arguments):
        raise EnvironmentFault(f"{WITH_SESSION} names no session.", hint=f"Write {WITH_SESSION} NAME.")
    return given_arguments[:at] + given_arguments[at + 2 :], given_arguments[at + 1]


def _default_processes(given: Settings, given_arguments: list[str]) -> list[str]:
    """Two test processes for a run of everything: client and server take turns, and leave one core idle."""
    others = [each for each in given_arguments if not each.startswith(("--workers", "--shard"))]
    narrow = any(each.startswith("-") or not each.replace("/", "").isdigit() for each in others)
    alone = narrow or given.base_url or given.port or (os.cpu_count() or 1) < PROCESSES
    return [] if alone else ["-n", str(PROCESSES)]


def _wait_for_the_rest(run: RunFolder) -> None:
    """Servers whose test process died are still saving: the data are whole when they are gone."""
    deadline = time.monotonic() + ENDING
    while any(folder.alive(each.pid) for each in run.records()) and time.monotonic() < deadline:
        time.sleep(0.02)


def _phases(run: RunFolder, total: float) -> dict[str, float]:
    told = run.manifest().seconds
    start = sum(value for name, value in told.items() if name in {"database", "setup", "server", "server main"})
    stop = told.get("stop", 0.0)
    return {"start": start, "tests": total - start - stop, "stop": stop}


# pytest's exit codes in this project's terms. 0 is no fault; 3, an error of pytest's own or the exit of a session
# that could not begin, is named by its number where the session has not said why.
_PYTEST = {
    1: Finding(Status.TESTS, "Tests failed.", "Their reports are above, each with its part of the server's log."),
    2: Finding(Status.TESTS, "The tests were not run to their end.", "Fix the errors that pytest names above."),
    4: Finding(Status.ENVIRONMENT, "pytest did not understand its options.", "See scripts/e2e.sh --help."),
    5: Finding(Status.ENVIRONMENT, "No tests were found.", "Look at the paths and expressions given."),
}


def _of_pytest(code: int, manifest: Manifest, *, interrupted: bool) -> list[Finding]:
    """What pytest's exit code means, where the session has not written down why itself."""
    if interrupted or code in {-signal.SIGINT, -signal.SIGTERM}:
        return [INTERRUPTED]
    if manifest.findings:
        return []
    if code == 0:
        message = "pytest ended before its session was finished."
        return [] if manifest.finished else [Finding(Status.TESTS, message, "Which test ends its own process?")]
    if code < 0:
        message = f"The test process was ended by {signal.Signals(-code).name}."
        return [Finding(Status.ENVIRONMENT, message, "Out of memory? Nothing was left running; run again.")]
    message = f"pytest ended with exit code {code}."
    return [_PYTEST.get(code, Finding(Status.ENVIRONMENT, message, "Read its last lines above."))]
