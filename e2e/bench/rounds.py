"""Interleaved rounds over all modes, and the ratios to the bare server that they add up to. Benchmark process."""

from __future__ import annotations

import contextlib
import os
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from afterawait.evidence import recordings
from afterawait.faults import MeasurementFault
from afterawait.services.server import Server
from afterawait.services.stack import ServiceStack
from e2e.bench.load import ENDPOINTS, Endpoint, Target, send
from e2e.bench.modes import MeasurementMode

Say = Callable[[str], None]


@dataclass(frozen=True)
class Round:
    """What one endpoint cost in one round: milliseconds of the server's and the generator's CPU a request, requests
    a second, and the part of the time that the server's CPU was busy."""

    cpu_ms: float
    generator_ms: float
    per_second: float
    busy: float


@dataclass
class Runner:
    """The server of one mode, and what it was seen to spend."""

    mode: MeasurementMode
    server: Server
    target: Target
    starts: list[tuple[float, float]]
    """From the start to ready, each time that one was started: seconds on the clock, seconds of CPU."""
    rounds: dict[str, list[Round]] = field(default_factory=dict)
    """By endpoint."""
    taken: dict[str, list[float]] = field(default_factory=dict)
    """By endpoint: seconds that each request took."""

    @property
    def process(self) -> psutil.Process:
        """The server."""
        return psutil.Process(self.server.pid)

    def spent(self) -> float:
        """Seconds of CPU so far; to the nanosecond on Linux, where the scheduler tells, else to 10 ms."""
        if sys.platform == "linux":
            tasks = Path(f"/proc/{self.server.pid}/task").glob("*/schedstat")
            return sum(int(each.read_text().split()[0]) for each in tasks) / 1e9
        times = self.process.cpu_times()
        return float(times.user + times.system)

    @property
    def memory(self) -> float:
        """Resident, in MB."""
        return float(self.process.memory_info().rss) / 1e6


@contextlib.contextmanager
def running(
    stack: ServiceStack, modes: Sequence[MeasurementMode], starts: int, say: Say, warm_up: int = 40
) -> Iterator[list[Runner]]:
    """A server for each mode, on a database of its own, filled and warm; each was started `starts` times."""
    core = apart()
    runners: dict[str, Runner] = {}
    for turn in range(starts):
        for number, mode in enumerate(modes):
            say(f"starting {mode.name}")
            name = f"mode{number}_{turn}"
            server = stack.start(name, env=mode.env, interpreter=mode.interpreter)
            times = psutil.Process(server.pid).cpu_times()
            started = (stack.seconds[f"server {name}"], float(times.user + times.system))
            if turn:
                runners[mode.name].starts.append(started)
                server.stop()
                continue
            pin(server, core)
            runners[mode.name] = Runner(mode, server, Target(server.url), [started])
    for runner in runners.values():
        say(f"warming {runner.mode.name}")
        runner.target.fill()
        for endpoint in ENDPOINTS:
            send(runner.target, endpoint, warm_up)
        must_be_witnessed(runner)
    yield list(runners.values())


def must_be_witnessed(runner: Runner) -> None:
    """Raise MeasurementFault where the witness is to be measured, and is not there: it would cost nothing."""
    folder = runner.mode.env.get("AFTERAWAIT_RUN")
    files = Path(folder).glob(f"witness-{runner.server.pid}-*.bin") if folder else ()
    if folder and not any(recordings.read(each).lines for each in files):
        message = f"The server of the mode {runner.mode.name} has no witness: its figures would be the bare server's."
        raise MeasurementFault(message, hint="Look into its log for why.")


def apart() -> int | None:
    """Keep this process, and what it starts from now on, off the core that the servers get, which is returned."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) < 2:  # noqa: PLR2004  # nothing to divide
        return None
    os.sched_setaffinity(0, cores[1:])
    return cores[0]


def everywhere() -> None:
    """Undo `apart`, for what is started from now on."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))


def pin(server: Server, core: int | None) -> None:
    """Give the server a core that the load does not use."""
    if core is not None:
        process = psutil.Process(server.pid)
        for each in (process, *process.children(recursive=True)):
            for thread in each.threads():
                os.sched_setaffinity(thread.id, {core})


def measure(runners: Sequence[Runner], endpoints: Sequence[Endpoint], rounds: int, requests: int, say: Say) -> None:
    """Ask each server in turn, round after round, the order turned by one each time."""
    for number in range(rounds):
        turned = [*runners[number % len(runners) :], *runners[: number % len(runners)]]
        for endpoint in endpoints:
            say(f"round {number + 1} of {rounds}, {endpoint.name}")
            for runner in turned:
                before = runner.spent()
                sent = send(runner.target, endpoint, requests)
                spent = runner.spent() - before
                count = len(sent.taken)
                seen = Round(spent / count * 1000, sent.cpu / count * 1000, count / sent.wall, spent / sent.wall)
                runner.rounds.setdefault(endpoint.name, []).append(seen)
                runner.taken.setdefault(endpoint.name, []).extend(sent.taken)


def ratios(runner: Runner, bare: Runner, endpoint: str) -> list[float]:
    """CPU a request over the bare server's, round by round."""
    pairs = zip(runner.rounds[endpoint], bare.rounds[endpoint], strict=True)
    return [one.cpu_ms / other.cpu_ms for one, other in pairs]


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Median, and the quartiles around it."""
    if len(values) < 4:  # noqa: PLR2004  # too few for quartiles
        return statistics.median(values), min(values), max(values)
    low, middle, high = statistics.quantiles(values, n=4)
    return middle, low, high
