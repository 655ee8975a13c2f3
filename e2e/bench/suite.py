"""The wall time of a whole run of the end-to-end tests, in each lane and in-process. Benchmark process.

A bare run is pytest with the same servers, databases and workers, started without scripts/e2e.sh: nothing is measured,
combined or reported then. The tests that can run in-process are found by running all of them so, once, and are then
run alone, both ways. Whole commands are timed, start-up included; the time between is pytest's own.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from afterawait.faults import ApplicationFault, EnvironmentFault
from afterawait.services import environment
from afterawait.settings import Settings
from e2e.bench.rounds import Say, everywhere, spread

WORKERS = ("-n2",)
ALONE = ("-n0",)
QUIET = ("-q",)
BARE, DEFAULT, FAST, IN_PROCESS = "bare", "default", "--fast", "in-process"
NOT_OURS = {"AFTERAWAIT_BASE_URL", "AFTERAWAIT_PORT"}  # each would make another run of it
PATIENCE = 30.0  # seconds that an interrupted run gets to end
SUMMARY = re.compile(r"(\d+) passed.* in ([\d.]+)s")
PHASES = re.compile(r"(start|tests|stop|verdict|combine|reports) ([\d.]+) s")


@dataclass
class MeasurementMode:
    """One way to run the tests; a figure a round."""

    name: str
    tests: int = 0
    wall: list[float] = field(default_factory=list)
    """Seconds of the whole command."""
    cpu: list[float] = field(default_factory=list)
    """Seconds of CPU of all its processes but PostgreSQL."""
    session: list[float] = field(default_factory=list)
    """Seconds that pytest says it took."""
    phases: list[dict[str, float]] = field(default_factory=list)
    """What scripts/e2e.sh says of its parts."""

    def over(self, bare: MeasurementMode) -> tuple[float, float, float]:
        """Wall time over the bare run's, round by round: median and quartiles."""
        return spread([one / other for one, other in zip(self.wall, bare.wall, strict=True)])


@dataclass(frozen=True)
class Suite:
    """`whole`: all tests over HTTP. `alike`: those alone that can run in-process."""

    whole: list[MeasurementMode]
    alike: list[MeasurementMode]


class Runs:
    """Runs of the tests in `paths` (none: all there are); `folder` is for what they leave."""

    def __init__(self, known: Settings, folder: Path, paths: Sequence[str] = ()) -> None:
        self._root = known.root
        self._folder = folder
        self._paths = paths
        self._workers = WORKERS
        self._kept = folder / "can-run-in-process"
        self._env = {
            name: value for name, value in os.environ.items() if name not in {*environment.DROPPED, *NOT_OURS}
        } | {"PYTHONPATH": os.pathsep.join([str(known.root), str(environment.HOME)]), "NO_COLOR": "1"}

    def measure(self, rounds: int, say: Say, *, whole: bool = True) -> Suite:
        """Interleaved rounds, the order turned by one each time.

        Without `whole`, these tests are known to be such as can run in-process, and are run in one process.

        Raises ApplicationFault where tests fail.
        """
        everywhere()
        self._workers = WORKERS if whole else ALONE
        if whole:
            say("which tests can run in-process")
            self._find_those_that_can_run_in_process()
        everything = [MeasurementMode(name) for name in (BARE, DEFAULT, FAST) if whole]
        suite = Suite(everything, [MeasurementMode(name) for name in (BARE, DEFAULT, FAST, IN_PROCESS)])
        every = [(lane, alike) for alike, lanes in enumerate((suite.whole, suite.alike)) for lane in lanes]
        for number in range(rounds):
            turn = number % len(every)
            for lane, alike in [*every[turn:], *every[:turn]]:
                say(f"round {number + 1} of {rounds}: {lane.name}{', those alone that can run in-process' * alike}")
                self._run(lane, alike=bool(alike and whole))
        return suite

    def _find_those_that_can_run_in_process(self) -> None:
        ended = self._ended([*self._command(IN_PROCESS), f"--bench-passed={self._kept}", *self._paths])
        if not self._kept.exists() or not self._kept.read_text(encoding="utf-8"):
            raise EnvironmentFault(
                "No test could run in-process.", hint="Run scripts/e2e.sh first.", detail=_tail(ended)
            )

    def _run(self, lane: MeasurementMode, *, alike: bool) -> None:
        selection = [f"--bench-keep={self._kept}"] if alike else []
        before = _cpu()
        began = time.perf_counter()
        ended = self._ended([*self._command(lane.name), *selection, *self._paths])
        lane.wall.append(time.perf_counter() - began)
        lane.cpu.append(_cpu() - before)
        summary = SUMMARY.search(ended.stdout)
        if ended.returncode or summary is None:
            message = f"A run of the tests ({lane.name}) ended with exit status {ended.returncode}."
            raise ApplicationFault(message, hint="Run scripts/e2e.sh first.", detail=_tail(ended))
        lane.tests = int(summary[1])
        lane.session.append(float(summary[2]))
        said = next((line for line in ended.stdout.splitlines() if line.startswith("time ")), "")
        lane.phases.append({name: float(seconds) for name, seconds in PHASES.findall(said)})

    def _command(self, name: str) -> list[str]:
        python = [sys.executable, "-m"]
        basetemp = f"--basetemp={self._folder / 'tmp'}"
        selection = ["-p", "e2e.bench.selection"]
        if name in {DEFAULT, FAST}:
            return [*python, "afterawait", "run", *[name] * (name == FAST), *selection, *self._workers, *QUIET]
        if name == BARE:
            return [*python, "pytest", "-p", "afterawait.plugin.hooks", *selection, basetemp, *self._workers, *QUIET]
        in_process = ["-p", "e2e.bench.inprocess", "-p", "no:afterawait", f"--bench-folder={self._folder}"]
        return [*python, "pytest", *selection, *in_process, basetemp, *self._workers, *QUIET]

    def _ended(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        process = subprocess.Popen(
            command,
            cwd=self._root,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        try:
            said, _ = process.communicate()
        except BaseException:
            process.send_signal(signal.SIGINT)
            try:
                process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
        return subprocess.CompletedProcess(command, process.returncode, said)


def phases(lane: MeasurementMode) -> Mapping[str, float]:
    """The median of each part that scripts/e2e.sh tells of."""
    names = lane.phases[0] if lane.phases else {}
    return {name: spread([each[name] for each in lane.phases])[0] for name in names}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _tail(ended: subprocess.CompletedProcess[str], lines: int = 15) -> str:
    return "\n".join(ended.stdout.splitlines()[-lines:])
