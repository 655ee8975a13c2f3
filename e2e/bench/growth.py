"""How a server's memory grows over many requests, by lane. Benchmark process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from e2e.bench.load import ENDPOINTS, send
from e2e.bench.rounds import Runner, Say

WARM_UP = 1000  # requests after which a server has all that it keeps
STEP = 1000


@dataclass(frozen=True)
class Growth:
    """One lane's resident memory, in MB, after the warm-up and `requests` later."""

    lane: str
    before: float
    after: float
    requests: int


def measure(runners: Sequence[Runner], requests: int, say: Say) -> list[Growth]:
    """Send `requests` to each lane's server, light ones and lists in turn."""
    found = []
    for runner in runners:
        _send(runner, min(WARM_UP, requests))
        before = runner.memory
        for sent in range(0, requests, STEP):
            say(f"{runner.lane.name}: {sent:,} of {requests:,} requests, {runner.memory:.0f} MB")
            _send(runner, min(STEP, requests - sent))
        found.append(Growth(runner.lane.name, before, runner.memory, requests))
    return found


def _send(runner: Runner, count: int) -> None:
    for endpoint in ENDPOINTS:
        if not endpoint.write:
            send(runner.target, endpoint, count // 2)
