"""Kill-proof: servers killed at random moments under load, and every line that had run is known. Proof process."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from afterawait.agent.witness import baggage
from afterawait.faults import Fault
from afterawait.services.environment import run_key
from e2e.proof.exact import REQUESTS, attributed
from e2e.proof.stage import Stage

CLIENTS = 4
LONGEST = 1.5  # seconds under load, at most, before a kill

Say = Callable[[str], None]


@dataclass
class Result:
    """What came out: kills, lines that the oracle had heard of over all of them, and how many the witness lacked."""

    kills: int = 0
    lines: int = 0
    lost: int = 0
    requests: int = 0
    unreadable: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing was lost, and there was something to lose."""
        return not self.lost and not self.unreadable and self.lines > 0


def prove(root: Path, *, kills: int, say: Say, seed: int | None = None) -> Result:
    """Kill `kills` servers, in the empty folder `root`. Raises Fault where a server does not start."""
    moments = random.Random(seed)  # noqa: S311  # when to kill is no secret
    stage = Stage(root)
    result = Result()
    for number in range(kills):
        say(f"kill {number + 1} of {kills}: {result.lines:,} lines, {result.lost} lost")
        stage.forget()
        with stage.serving() as (server, run, _):
            with _load(server.url, result):
                time.sleep(moments.uniform(0.0, LONGEST))  # the moment is what is being varied
                os.kill(server.pid, signal.SIGKILL)
            heard = set(stage.heard().get(server.pid, ()))
        result.kills += 1
        try:
            seen = attributed(run, stage.file)
        except Fault as fault:
            result.unreadable.append(str(fault))
            continue
        known = set().union(*seen.values())
        result.lines += len(heard)
        result.lost += len(heard - known)
    say("")
    return result


@contextlib.contextmanager
def _load(url: str, result: Result) -> Iterator[None]:
    over = threading.Event()

    def ask(client_number: int) -> None:
        with httpx.Client(base_url=url, timeout=10) as client, contextlib.suppress(httpx.HTTPError):
            number = client_number
            while not over.is_set():
                kind, turns = REQUESTS[number % len(REQUESTS)]
                if kind != "websocket":
                    client.get(
                        f"/{kind}?turns={turns}", headers={"baggage": baggage.header(f"id::{number}", run_key())}
                    )
                    result.requests += 1
                number += CLIENTS

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
