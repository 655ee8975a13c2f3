"""Exact attribution: requests at once under as many tests' ids, each credited with its own lines. Proof process.

Every request is first sent alone, while the oracle listens; then all are sent at once, each under an id of its own.
Whoever was credited with a line too many or too few is counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from afterawait import protocol
from afterawait.agent.witness import baggage
from afterawait.evidence import recordings
from afterawait.evidence.identity import SourceTree
from afterawait.judge import verdict
from afterawait.judge.cross_check import Agreement
from afterawait.processes.polling import wait_until
from afterawait.runs.folder import RunFolder
from afterawait.services.environment import run_key
from e2e.proof import asking, oracle
from e2e.proof.stage import Stage
from e2e.proof.subjects import NARROW

TURNS = (1, 2, 3)
REQUESTS = list(product(NARROW.kinds, TURNS))
BEHIND_THE_RESPONSE = {"background": "done.set()", "dependency": "value.clear()"}
"""The last statements of what goes on when the response has been sent."""
WARM_UPS = 3  # of each request: every worker's shared resources exist before anything is compared

Attributed = dict[str, set[int]]
"""By test's id: the lines of the application it was credited with."""


@dataclass
class Result:
    """What came out: `wrong` and `missing` count lines over all ids, against the request alone and the oracle."""

    ids: int
    lines: int
    wrong: int
    missing: int
    examples: list[str]
    agreement: str
    faults: list[str]

    @property
    def good(self) -> bool:
        """Whether every id was credited with exactly what its request runs, and coverage.py agrees."""
        return not (self.wrong or self.missing or self.faults) and self.ids > 0


def prove(root: Path, *, ids: int = 200, workers: int = 2, fast: bool = False) -> Result:
    """Run the proof in the empty folder `root`. Raises Fault where the server does not start."""
    stage = Stage(root, fast=fast)
    with stage.serving(workers=workers) as (server, run, _):
        asyncio.run(_warm_up(server.url))
        heard = asyncio.run(_alone(stage, server.url))
        stage.forget()
        asyncio.run(_at_once(server.url, ids))
    return _compare(stage, run, heard, ids)


async def _warm_up(url: str) -> None:
    for number in range(WARM_UPS):
        await asyncio.gather(*(_ask(url, request, f"warm::{number}") for request in REQUESTS))
    await _idle(url)


async def _alone(stage: Stage, url: str) -> Mapping[str, set[int]]:
    """Each request alone; returns what the oracle heard of it, by the id of the request."""
    heard = {}
    for kind, turns in REQUESTS:
        stage.forget()
        await _ask(url, (kind, turns), name := f"alone::{kind}-{turns}")
        if kind in BEHIND_THE_RESPONSE:
            await _until_heard(stage, BEHIND_THE_RESPONSE[kind])
        heard[name] = {line for lines in stage.heard().values() for line in lines}
    return heard


async def _until_heard(stage: Stage, text: str) -> None:
    """Work behind a response has its own end; the oracle hears of it, or this raises Expired."""
    last = max(number for number, line in enumerate(stage.source.splitlines(), 1) if text in line) - 1
    await asyncio.to_thread(wait_until, lambda: any(last in lines for lines in stage.heard().values()), seconds=10)


async def _at_once(url: str, ids: int) -> None:
    await asyncio.gather(*(_ask(url, REQUESTS[number % len(REQUESTS)], f"id::{number}") for number in range(ids)))
    await _idle(url)


async def _idle(url: str) -> None:
    """Let background work end, in each worker that a new connection comes to."""
    for _ in range(8):
        await asking.get(f"{url}/idle")


async def _ask(url: str, request: asking.Request, name: str) -> None:
    await asking.ask(url, request, {"baggage": f"other=1,{baggage.header(name, run_key())}"})


def attributed(run: RunFolder, file: Path) -> Attributed:
    """Whom the witnesses of all processes credit with which lines of `file`."""
    found: Attributed = {}
    for path in run.path.glob(protocol.WITNESS_FILES):
        for row, name, lines in recordings.read(path).by_row():
            if Path(name) == file:
                found.setdefault(row.name, set()).update(lines)
    return found


def _compare(stage: Stage, run: RunFolder, heard: Mapping[str, set[int]], ids: int) -> Result:
    seen = attributed(run, stage.file)
    reports = oracle.reports(stage.source)
    wrong = missing = lines = 0
    examples = []
    for number in range(ids):
        kind, turns = REQUESTS[number % len(REQUESTS)]
        alone = seen.get(f"alone::{kind}-{turns}", set())
        ours = seen.get(f"id::{number}", set())
        must = heard[f"alone::{kind}-{turns}"]
        too_many = (ours - alone) | ((ours & reports) - must)
        too_few = (alone - ours) | (must - ours)
        lines += len(ours)
        wrong += len(too_many)
        missing += len(too_few)
        if too_many or too_few:
            examples.append(f"id::{number} {kind} {turns}: too many {sorted(too_many)}, too few {sorted(too_few)}")
    agreement = Agreement()
    judged = verdict.judge(run, run.manifest(), SourceTree(stage.root, stage.settings.source), agreement)
    return Result(ids, lines, wrong, missing, examples, agreement.sentence(), [str(each) for each in judged.faults])
