"""What a part of the benchmark found, as plain figures for JSON: all tables and plots are made of these alone.

Benchmark process.
"""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from e2e.bench.load import ENDPOINTS
from e2e.bench.rounds import Runner, ratios, spread
from e2e.bench.scale import Cell
from e2e.bench.suite import Timed

Figures = dict[str, Any]
PACKAGES = ("coverage", "slipcover", "fastapi", "uvicorn", "sqlalchemy", "asyncpg", "greenlet", "pytest", "httpx")


def machine(*, quick: bool) -> Figures:
    """Where this was measured, on what, and when."""
    return {
        "quick": quick,
        "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def server(runners: Sequence[Runner], rounds: int, requests: int) -> Figures:
    """What each mode's server was seen to spend, the bare one first."""
    return {"rounds": rounds, "requests": requests, "modes": [_server(each, runners[0]) for each in runners]}


def _server(runner: Runner, bare: Runner) -> Figures:
    return {
        "mode": runner.mode.name,
        "what": runner.mode.what,
        "ready_seconds": statistics.median(wall for wall, _ in runner.starts),
        "start_cpu_seconds": statistics.median(cpu for _, cpu in runner.starts),
        "starts": len(runner.starts),
        "memory_mb": runner.memory,
        "endpoints": {each.name: _endpoint(runner, bare, each.name) for each in ENDPOINTS},
    }


def _endpoint(runner: Runner, bare: Runner, endpoint: str) -> Figures:
    seen = runner.rounds[endpoint]
    percentiles = statistics.quantiles(runner.taken[endpoint], n=100)
    return {
        "ratio": spread(ratios(runner, bare, endpoint)),
        "cpu_ms": statistics.median(each.cpu_ms for each in seen),
        "generator_ms": statistics.median(each.generator_ms for each in seen),
        "per_second": statistics.median(each.per_second for each in seen),
        "busy": statistics.median(each.busy for each in seen),
        "p50_ms": percentiles[49] * 1000,
        "p99_ms": percentiles[98] * 1000,
    }


def suite(found: Sequence[Timed], rounds: int) -> Figures:
    """Each mode's run, the bare one first."""
    return {"rounds": rounds, "modes": [_run(each, found[0]) for each in found]}


def _run(timed: Timed, bare: Timed) -> Figures:
    return {
        "mode": timed.mode,
        "tests": timed.tests,
        "wall_seconds": statistics.median(timed.wall),
        "ratio": timed.over(bare),
        "cpu_seconds": statistics.median(timed.cpu),
        "pytest_seconds": statistics.median(timed.session),
        "phases": timed.median_phases(),
    }


def scale(cells: Sequence[Cell]) -> Figures:
    """How the second half of a run grows."""
    return {"cells": [asdict(each) for each in cells]}
