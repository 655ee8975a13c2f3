"""The wall time of a whole run of the end-to-end tests: bare and measured. Benchmark process.

A bare run is pytest with the same servers, databases and workers, started without `afterawait run`: nothing is
measured, combined or reported then. Whole commands are timed, start-up included.
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

from afterawait.faults import ApplicationFault
from afterawait.services import environment
from afterawait.settings import Settings
from e2e.bench.rounds import Say, everywhere, spread

COMMANDS = {
    "bare": ("pytest", "-p", "afterawait.plugin.hooks"),
    "default": ("afterawait", "run"),
    "--fast": ("afterawait", "run", "--fast"),
}
NOT_OURS = {"AFTERAWAIT_BASE_URL", "AFTERAWAIT_PORT"}  # each would make another run of it
PATIENCE = 30.0  # seconds that an interrupted run gets to end
SUMMARY = re.compile(r"(\d+) passed.* in ([\d.]+)s")
PHASES = re.compile(r"(start|tests|stop|verdict|combine|reports) ([\d.]+) s")


@dataclass
class Timed:
    """One way to run the tests; a figure a round."""

    mode: str
    tests: int = 0
    wall: list[float] = field(default_factory=list)
    """Seconds of the whole command."""
    cpu: list[float] = field(default_factory=list)
    """Seconds of CPU of all its processes but PostgreSQL."""
    session: list[float] = field(default_factory=list)
    """Seconds that pytest says it took."""
    phases: list[dict[str, float]] = field(default_factory=list)
    """What `afterawait run` says of its parts."""

    def over(self, bare: Timed) -> tuple[float, float, float]:
        """Wall time over the bare run's, round by round: median and quartiles."""
        return spread([one / other for one, other in zip(self.wall, bare.wall, strict=True)])

    def median_phases(self) -> Mapping[str, float]:
        """Of each part."""
        names = self.phases[0] if self.phases else {}
        return {name: spread([each[name] for each in self.phases])[0] for name in names}


def measure(known: Settings, folder: Path, rounds: int, paths: Sequence[str], say: Say) -> list[Timed]:
    """Interleaved rounds over the tests in `paths` (none: all there are), the order turned by one each time.

    Raises ApplicationFault where tests fail.
    """
    everywhere()
    workers = "-n0" if paths else "-n2"  # a few tests are too few for two servers
    every = [Timed(mode) for mode in COMMANDS]
    for number in range(rounds):
        turn = number % len(every)
        for timed in [*every[turn:], *every[:turn]]:
            say(f"round {number + 1} of {rounds}: {timed.mode}")
            _run(timed, known.root, [f"--basetemp={folder / 'tmp'}"] * (timed.mode == "bare") + [workers, "-q", *paths])
    return every


def _run(timed: Timed, root: Path, options: Sequence[str]) -> None:
    before = _cpu()
    began = time.perf_counter()
    status, output = _ended([sys.executable, "-m", *COMMANDS[timed.mode], *options], root)
    timed.wall.append(time.perf_counter() - began)
    timed.cpu.append(_cpu() - before)
    summary = SUMMARY.search(output)
    if status or summary is None:
        message = f"A run of the tests ({timed.mode}) ended with exit status {status}."
        tail = "\n".join(output.splitlines()[-15:])
        raise ApplicationFault(message, hint="Run scripts/e2e.sh first.", detail=tail)
    timed.tests = int(summary[1])
    timed.session.append(float(summary[2]))
    line = next((line for line in output.splitlines() if line.startswith("time ")), "")
    timed.phases.append({name: float(seconds) for name, seconds in PHASES.findall(line)})


def _ended(command: Sequence[str], root: Path) -> tuple[int, str]:
    dropped = {*environment.DROPPED, *NOT_OURS}
    variables = {name: value for name, value in os.environ.items() if name not in dropped}
    variables |= {"PYTHONPATH": os.pathsep.join([str(root), str(environment.HOME)]), "NO_COLOR": "1"}
    with subprocess.Popen(
        command,
        cwd=root,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        try:
            output, _ = process.communicate()
        except BaseException:
            process.send_signal(signal.SIGINT)
            try:
                process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
    return process.returncode, output


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
