"""The requests of the benchmark, over kept connections, from threads on a core of their own. Benchmark process.

It is not the bottleneck: a request costs this process 0.20 to 0.26 ms of CPU, the bare server 1.5 ms (light), 5.4 ms
(list) and 6.5 ms (write), whose core was busy 92 to 99 % of the time. Each run tells both figures again.
"""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from afterawait.agent.witness import baggage
from afterawait.services.environment import run_key
from e2e.conduit.actors import join

ARTICLES = 40
CONNECTIONS = 4


@dataclass(frozen=True)
class Endpoint:
    """What is asked for; `write` sends an article."""

    name: str
    path: str
    write: bool = False


ENDPOINTS = (
    Endpoint("light", "/api/tags"),
    Endpoint("list", "/api/articles?limit=20"),
    Endpoint("write", "/api/articles", write=True),
)


@dataclass
class Target:
    """A server with data in it, ready to be asked."""

    url: str
    token: str = ""
    seconds: list[float] = field(default_factory=list)

    def fill(self) -> None:
        """Register an author who writes ARTICLES articles."""
        with httpx.Client(base_url=self.url, timeout=30) as client:
            author = join(client)
            for _ in range(ARTICLES):
                author.wrote(tagList=["alpha", "beta", "gamma"])
        self.token = author.token or ""


@dataclass(frozen=True)
class Sent:
    """Seconds that each request took, and that all of them took together: on the clock, and of this process's CPU."""

    taken: list[float]
    wall: float
    cpu: float


_numbers = itertools.count()


def send(target: Target, endpoint: Endpoint, count: int) -> Sent:
    """Send `count` requests over CONNECTIONS connections at once.

    Raises RuntimeError when one is not answered with a 2xx status.
    """
    taken: list[float] = []
    failed: list[str] = []

    def work(share: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(target.url).netloc, timeout=30)
        headers = {"Authorization": f"Token {target.token}", "Content-Type": "application/json"}
        headers["baggage"] = baggage.header(f"bench::{endpoint.name}", run_key())
        for _ in range(share):
            body = _article(next(_numbers)) if endpoint.write else None
            began = time.perf_counter()
            connection.request("POST" if endpoint.write else "GET", endpoint.path, body, headers)
            response = connection.getresponse()
            text = response.read()
            taken.append(time.perf_counter() - began)
            if not httpx.codes.is_success(response.status):
                failed.append(f"{endpoint.path} answered {response.status}: {text[:200]!r}")
        connection.close()

    threads: Sequence[threading.Thread] = [
        threading.Thread(target=work, args=(count // CONNECTIONS,)) for _ in range(CONNECTIONS)
    ]
    began, spent = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = Sent(taken, time.perf_counter() - began, time.process_time() - spent)
    if failed or len(taken) < count // CONNECTIONS * CONNECTIONS:
        raise RuntimeError(failed[0] if failed else f"{endpoint.path}: a connection broke")
    return sent


def _article(number: int) -> str:
    title = f"bench {number} {time.time_ns()}"
    return f'{{"article": {{"title": "{title}", "description": "d", "body": "b", "tagList": ["alpha"]}}}}'
