"""The driver behind scripts/e2e.sh: run the tests in a process of their own, then judge, combine and report.

python -m e2e.harness.run [--workers N] [--shard I/N] [any option or path of pytest]
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import FrameType

from e2e.harness import environment, report, rundir, settings, status, terminal
from e2e.harness.errors import E2EError, MeasurementFault
from e2e.harness.rundir import Manifest, RunFolder
from e2e.harness.settings import Settings
from e2e.harness.status import Finding, Status

HELP = """\
usage: scripts/e2e.sh [--workers N] [--shard I/N] [-n N] [options and paths of pytest]

Tests the live server over HTTP, measures it past every await, merges the data of all processes, reports.

  --workers N   uvicorn worker processes a server (1)
  --shard I/N   run the I-th of N shares; gates nothing, scripts/combine.sh puts the shares together
  -n N          N test processes (pytest-xdist), each with a server and a database of its own
                (2 for a run without other options than the above, where there are two cores; else 0)
  -k, -x, --lf, a path ...   as in pytest; a run of selected tests reports and never gates
  --version     the versions that measure

environment:
{variables}

exit status: 0 good, 1 a test failed or the application did, 2 coverage is under fail_under,
  3 the measurement cannot be trusted, 4 the environment is at fault, 130 interrupted
"""

PROCESSES = 2
ENDING = 20.0  # seconds that a run's processes get to save after pytest has ended


def main(arguments: Sequence[str]) -> int:
    """Run; returns the exit status."""
    if {"-h", "--help"} & set(arguments):
        variables = "\n".join(f"  {name:<13} {text}" for name, text in settings.ENVIRONMENT.items())
        print(HELP.format(variables=variables), end="")
        return Status.GOOD
    began = time.perf_counter()
    try:
        given = settings.load(Path.cwd())
        with rundir.only_run(given.state) as lock:
            findings, seconds = _run(given, list(arguments), lock)
    except E2EError as fault:
        findings, seconds = [Finding.of(fault)], {}
    except KeyboardInterrupt:
        findings, seconds = [_interrupted()], {}
    seconds["in all"] = time.perf_counter() - began
    terminal.say("time", terminal.seconds(seconds))
    terminal.conclude(findings)
    return status.first(findings)


def _run(given: Settings, arguments: list[str], lock: int) -> tuple[list[Finding], dict[str, float]]:
    run = rundir.fresh(given.state)
    core = os.environ.get("E2E_CORE", "ctrace")
    run.write_manifest(Manifest(root=str(given.root), core=core, partial="it was cut short"))
    began = time.perf_counter()
    pytest_run = PytestRun(given, run, [*_default_processes(given, arguments), *arguments], lock)
    code = pytest_run.wait()
    _wait_for_the_rest(run)
    seconds = _phases(run, time.perf_counter() - began)
    manifest = run.manifest()
    ending = _of_pytest(code, interrupted=pytest_run.interrupted, known=bool(manifest.findings))
    manifest.findings += [asdict(each) for each in ending]
    findings = report.told(manifest)
    try:
        run.write_manifest(manifest)  # what combines this run elsewhere must know how it ended
    except MeasurementFault as fault:
        findings.append(Finding.of(fault))
    if given.base_url:
        terminal.say("coverage", "not measured: the server was started by somebody else")
        return findings, seconds
    if findings and not any(each.served for each in run.records()):
        return findings, seconds  # nothing ran that could have been measured, and why is said
    more, spent = report.conclude(given, [run])
    return findings + more, seconds | spent


class PytestRun:
    """pytest in a process of its own, measured as every other process of the run is."""

    def __init__(self, given: Settings, run: RunFolder, arguments: list[str], lock: int) -> None:
        self.interrupted = False
        rcfile = None if given.base_url else given.rcfile
        env = environment.of_process(given.root, run, role="runner", rcfile=rcfile)
        reading, self._lifeline = os.pipe()  # pytest ends when this end closes, however this process dies
        env["E2E_LIFELINE"] = str(reading)
        self._before = {
            number: signal.signal(number, self._pass_on) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pytest", f"--basetemp={run.path / 'tmp'}", *arguments],
            env=env,
            cwd=given.root,
            pass_fds=(reading, lock),
        )
        os.close(reading)

    def wait(self) -> int:
        """pytest's exit code."""
        try:
            return self._process.wait()
        finally:
            os.close(self._lifeline)
            for number, handler in self._before.items():
                signal.signal(number, handler)

    def _pass_on(self, _number: int, _frame: FrameType | None) -> None:
        """A terminal sends Ctrl-C to both; pytest takes two signals in a row for one."""
        self.interrupted = True
        self._process.send_signal(signal.SIGINT)


def _default_processes(given: Settings, arguments: list[str]) -> list[str]:
    """Two test processes for a run of everything: client and server take turns, and leave one core idle."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--workers")
    parser.add_argument("--shard")
    try:
        _, others = parser.parse_known_args(arguments)
    except argparse.ArgumentError:
        return []  # pytest will say what is wrong
    alone = others or given.base_url or given.port or (os.cpu_count() or 1) < PROCESSES
    return [] if alone else ["-n", str(PROCESSES)]


def _wait_for_the_rest(run: RunFolder) -> None:
    """Servers whose test process died are still saving: the data are whole when they are gone."""
    deadline = time.monotonic() + ENDING
    while any(_alive(each.pid) for each in run.records()) and time.monotonic() < deadline:
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False  # somebody else's by now
    return True


def _phases(run: RunFolder, total: float) -> dict[str, float]:
    told = run.manifest().seconds
    start = sum(value for name, value in told.items() if name in {"database", "setup", "server main"})
    stop = told.get("stop", 0.0)
    return {"start": start, "tests": total - start - stop, "stop": stop}


def _interrupted() -> Finding:
    return Finding(Status.INTERRUPTED, "The run was interrupted.", "What is reported above is partial: run it again.")


# pytest's exit codes in this project's terms; 0 says nothing, and 3 falls through.
_PYTEST = {
    1: Finding(Status.TESTS, "Tests failed.", "Their reports are above, each with its part of the server's log."),
    2: Finding(Status.TESTS, "Tests could not be collected.", "Mend the errors that pytest names above."),
    4: Finding(Status.ENVIRONMENT, "pytest did not understand its options.", "See scripts/e2e.sh --help."),
    5: Finding(Status.ENVIRONMENT, "No tests were found.", "Look at the paths and expressions given."),
}


def _of_pytest(code: int, *, interrupted: bool, known: bool) -> list[Finding]:
    """What pytest's exit code means; `known` says that the session wrote down why itself."""
    if interrupted or code in {-signal.SIGINT, -signal.SIGTERM}:
        return [_interrupted()]
    if code == 0 or known:
        return []
    if code < 0:
        what = f"The test process was ended by {signal.Signals(-code).name}."
        return [Finding(Status.ENVIRONMENT, what, "Out of memory? Nothing was left running; run again.")]
    what = f"pytest ended with exit code {code}."
    return [_PYTEST.get(code, Finding(Status.ENVIRONMENT, what, "Read its last lines above."))]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
