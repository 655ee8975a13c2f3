"""The ways to measure a server that are compared: environment and interpreter of each. Benchmark process."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from afterawait import mode
from afterawait.settings import Settings


@dataclass(frozen=True)
class Lane:
    """One way to run the same server."""

    name: str
    what: str
    env: Mapping[str, str] = field(default_factory=dict)
    interpreter: tuple[str, ...] = (sys.executable,)


def lanes(known: Settings, folder: Path) -> list[Lane]:
    """All lanes, the bare server first; SlipCover's where it is installed. Data files go to `folder`."""
    source = {"E2E_SOURCE": os.pathsep.join(str(known.root / folder) for folder in known.source)}
    coverage = {"COVERAGE_PROCESS_START": str(known.rcfile), "COVERAGE_FILE": str(folder / ".coverage")}
    thread = coverage | {"E2E_CONCURRENCY": "thread"}
    found = [
        Lane("bare", "nothing is measured"),
        Lane("witness", "the witness alone", source),
        Lane("--fast", "sysmon and the witness", source | coverage | mode.FAST.environment()),
        Lane("default", "C tracer, greenlet, thread, branches, and the witness", source | coverage),
        Lane("coverage", "the same without the witness", coverage),
        Lane("coverage, thread", "coverage.py as it comes: loses lines", thread),
        Lane("Python tracer", "coverage.py without C: loses lines", thread | {"E2E_CORE": "pytrace"}),
    ]
    if importlib.util.find_spec("slipcover"):
        command = (sys.executable, "-m", "slipcover", "--source", ",".join(known.source), "--out", os.devnull)
        found.append(Lane("SlipCover", "lines once, no tests told apart", {}, command))
    return found
