"""How soon the live page shows what ran, and what it costs the server to be watched. Benchmark process."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Queue
from typing import Any

import httpx

from afterawait import mode
from afterawait.explore import process
from afterawait.explore.process import PageProcess
from afterawait.runs.folder import RunFolder
from afterawait.runs.manifest import Manifest
from afterawait.services.stack import ServiceStack
from afterawait.settings import Settings
from e2e.bench import browser
from e2e.bench.browser import InBrowser
from e2e.bench.lanes import MeasurementMode
from e2e.bench.load import ENDPOINTS, Endpoint, Target, send
from e2e.bench.rounds import Runner, Say, everywhere, running, spread

FILES, LINES = 300, 200
SAMPLES = 200
PATIENCE = 10.0  # seconds until a request must have been told
SHOWN_FILE = "app/tags/router.py"


@dataclass(frozen=True)
class Live:
    """Seconds from before a request was sent until its lines were told, and CPU a request over an unwatched server's.

    `crowded` is `told` with FILES more files of LINES lines on the page, `browsers` what a browser did with these.
    """

    told: tuple[float, float]
    crowded: tuple[float, float]
    slowdown: dict[str, tuple[float, float, float]]
    browser: InBrowser | None


def measure(known: Settings, folder: Path, rounds: int, requests: int, say: Say) -> Live:
    """One server of `known`'s application, watched by one page after another."""
    many = folder / "many"
    many.mkdir()
    for number in range(FILES):
        text = f"def work_{number}():\n    return {number}\n\n\n" + f"work_{number}()\n" * (LINES - 4)
        (many / f"m{number:03}.py").write_text(text)
    crowd = [*known.source, str(many.relative_to(known.root))]
    run = RunFolder(folder / "run")
    run.path.mkdir()
    run.write_manifest(Manifest.of(known.root, known.source, mode.choose(fast=True), partial="a benchmark"))
    with _explored(known, run, say) as runner, contextlib.ExitStack() as pages:
        with _page(known, folder, known.source) as page:
            say("how soon a line is told")
            told = _percentiles(_told(page, runner.target, SAMPLES))
            slowdown = _slowdown(page, runner, rounds, requests, say)
        page = pages.enter_context(_page(known, folder, crowd))
        say(f"the same among {FILES} files more")
        crowded = _percentiles(_told(page, runner.target, SAMPLES))
        say("a browser")
        everywhere()
        shown = browser.measure(
            page.address, SHOWN_FILE, FILES, lambda: httpx.get(runner.target.url + ENDPOINTS[0].path)
        )
    return Live(told, crowded, slowdown, shown)


@contextlib.contextmanager
def _explored(known: Settings, run: RunFolder, say: Say) -> Iterator[Runner]:
    """The server as scripts/explore.sh starts it."""
    stack = ServiceStack(replace(known, port=0), run, measured=True)
    try:
        stack.open()
        watched = MeasurementMode("explored", "as scripts/explore.sh does", {"AFTERAWAIT_EXPLORE": "1"})
        with running(stack, [watched], 1, say) as [runner]:
            yield runner
    finally:
        stack.close()


def _page(known: Settings, state: Path, source: Sequence[str]) -> contextlib.AbstractContextManager[PageProcess]:
    return process.running(known.root, state, "bench", source, 0)


def _told(page: PageProcess, target: Target, samples: int) -> list[float]:
    """Seconds from before each request until the page tells of its lines."""
    seconds: list[float] = []
    seen: set[str] = set()
    with _changes(page) as changes, httpx.Client(base_url=target.url, timeout=30) as client:
        for _ in range(samples):
            time.sleep(random.uniform(0, 0.1))  # noqa: S311  # not in step with the page's looks
            began = time.perf_counter()
            client.get(ENDPOINTS[0].path).raise_for_status()
            new: set[str] = set()
            while not new:
                arrived, change = changes.get(timeout=PATIENCE)
                new = {each["key"] for each in change["requests"] if each["lines"]} - seen
            seen |= new
            seconds.append(arrived - began)
    return seconds


@contextlib.contextmanager
def _changes(page: PageProcess) -> Iterator[Queue[tuple[float, dict[str, Any]]]]:
    """The page's server-sent events as they arrive, each with its time."""
    changes: Queue[tuple[float, dict[str, Any]]] = Queue()
    connected = threading.Event()
    with (
        httpx.Client(base_url=page.url, headers=page.headers, timeout=None) as client,  # noqa: S113  # as long as the page
        client.stream("GET", "/api/events") as events,
    ):

        def read() -> None:
            kind = ""
            with contextlib.suppress(httpx.HTTPError):
                for line in events.iter_lines():
                    connected.set()
                    word, _, text = line.partition(": ")
                    kind = text if word == "event" else kind
                    if word == "data" and kind == "change":
                        changes.put((time.perf_counter(), json.loads(text)))

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        connected.wait(PATIENCE)
        yield changes


def _slowdown(
    page: PageProcess, runner: Runner, rounds: int, requests: int, say: Say
) -> dict[str, tuple[float, float, float]]:
    """CPU a request while the page looks, over what it is while the page is stopped, round by round."""
    ratios: dict[str, list[float]] = {}
    with _changes(page):
        for number in range(rounds):
            for endpoint in ENDPOINTS:
                say(f"watched and unwatched: round {number + 1} of {rounds}, {endpoint.name}")
                looked = [_cpu(page, runner, endpoint, requests, looking=number % 2 == turn) for turn in (0, 1)]
                if number % 2:
                    looked.reverse()
                ratios.setdefault(endpoint.name, []).append(looked[0] / looked[1])
    return {name: spread(values) for name, values in ratios.items()}


def _cpu(page: PageProcess, runner: Runner, endpoint: Endpoint, requests: int, *, looking: bool) -> float:
    page.process.send_signal(signal.SIGCONT if looking else signal.SIGSTOP)
    try:
        before = runner.spent()
        sent = send(runner.target, endpoint, requests)
        return (runner.spent() - before) / len(sent.taken)
    finally:
        page.process.send_signal(signal.SIGCONT)


def _percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    return statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
