"""How the second half of a run grows with tests, lines, processes and shards, cell by cell. Benchmark process.

A cell that takes more than its time or memory is not run, and its reason stands in its place.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import psutil

from afterawait.services import environment
from e2e.bench.cell import GIGABYTE, Took
from e2e.bench.rounds import Say
from e2e.bench.synthetic import Size

TESTS = (10, 1_000, 10_000)
LINES = (2_000, 50_000)
PROCESSES = (1, 8, 100)
SHARDS = (10, 100, 1_000)
BAR = Size(tests=10_000, lines=2_000)
SECONDS = 120.0
MEMORY = 0.7  # of what is available


@dataclass(frozen=True)
class Cell:
    """What a run of that size took, or `why_not`."""

    size: Size
    took: Took | None
    why_not: str = ""


def sizes(*, quick: bool) -> list[Size]:
    """All cells; the quick ones are small, and the bar's."""
    if quick:
        small = [Size(tests, 2_000, branches=branches) for tests, branches in product((10, 1_000), (True, False))]
        return [*small, BAR, Size(1_000, 2_000, processes=8)]
    grid = [Size(tests, lines, branches=each) for each, lines, tests in product((True, False), LINES, TESTS)]
    every_function = [Size(tests, 2_000, whole=True, branches=each) for each, tests in product((True, False), TESTS)]
    spread = [Size(1_000, 2_000, processes=each) for each in PROCESSES[1:]]
    return grid + every_function + spread + [Size(1_000, 2_000, shards=each) for each in SHARDS]


def measure(folder: Path, wanted: Sequence[Size], say: Say, *, seconds: float = SECONDS) -> list[Cell]:
    """Each cell in a process of its own, in `folder`."""
    found = []
    for number, size in enumerate(wanted):
        say(f"cell {number + 1} of {len(wanted)}: {size.tests:,} tests, {size.lines:,} lines")
        found.append(_cell(folder / f"cell{number}", size, seconds))
    return found


def _cell(folder: Path, size: Size, seconds: float) -> Cell:
    most = max(1, int(psutil.virtual_memory().available * MEMORY / GIGABYTE))
    command = [sys.executable, "-m", "e2e.bench.cell", str(folder), json.dumps(asdict(size)), str(most)]
    variables = {name: value for name, value in os.environ.items() if name not in environment.DROPPED}
    variables["PYTHONPATH"] = str(environment.HOME)
    process = subprocess.Popen(
        command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, process_group=0
    )
    try:
        told, said = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        return Cell(size, None, f"it takes more than {seconds:g} s")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # what it forked as well
        process.communicate()
        shutil.rmtree(folder, ignore_errors=True)
    if process.returncode:
        return Cell(size, None, (said.splitlines() or [f"exit code {process.returncode}"])[-1])
    return Cell(size, Took(**json.loads(told)))
