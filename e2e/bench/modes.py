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
class MeasurementMode:
    """One way to run the same server."""

    name: str
    what: str
    env: Mapping[str, str] = field(default_factory=dict)
    interpreter: tuple[str, ...] = (sys.executable,)


def every(known: Settings, folder: Path) -> list[MeasurementMode]:
    """All of them, the bare server first; SlipCover's where it is installed. Data files go to `folder`."""
    source = {
        "AFTERAWAIT_RUN": str(folder),
        "AFTERAWAIT_SOURCE": os.pathsep.join(str(known.root / each) for each in known.source),
    }
    coverage = {"COVERAGE_PROCESS_START": str(known.coverage_config), "COVERAGE_FILE": str(folder / ".coverage")}
    thread = coverage | {"AFTERAWAIT_CONCURRENCY": "thread"}
    found = [
        MeasurementMode("bare", "nothing is measured"),
        MeasurementMode("witness", "the witness alone", source),
        MeasurementMode("--fast", "sysmon and the witness", source | coverage | mode.FAST.environment()),
        MeasurementMode("default", "C tracer, greenlet, thread, branches, and the witness", source | coverage),
        MeasurementMode("coverage", "the same without the witness", coverage),
        MeasurementMode("coverage, thread", "coverage.py as it comes: loses lines", thread),
        MeasurementMode("Python tracer", "coverage.py without C: loses lines", thread | {"AFTERAWAIT_CORE": "pytrace"}),
    ]
    if importlib.util.find_spec("slipcover"):
        command = (sys.executable, "-m", "slipcover", "--source", ",".join(known.source), "--out", os.devnull)
        found.append(MeasurementMode("SlipCover", "lines once, no tests told apart", {}, command))
    return found
