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

from e2e.bench.growth import Growth
from e2e.bench.load import ENDPOINTS
from e2e.bench.rounds import Runner, ratios, spread
from e2e.bench.scale import Cell
from e2e.bench.starting import Start
from e2e.bench.suite import MeasurementMode, Suite, phases

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
    """What each lane's server was seen to spend, the bare one first."""
    return {"rounds": rounds, "requests": requests, "lanes": [_lane(each, runners[0]) for each in runners]}


def _lane(runner: Runner, bare: Runner) -> Figures:
    return {
        "lane": runner.lane.name,
        "what": runner.lane.what,
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


def growth(found: Sequence[Growth]) -> Figures:
    """Memory before and after."""
    return {"lanes": [asdict(each) for each in found]}


def suite(found: Suite, rounds: int) -> Figures:
    """Each lane's run, the bare one first."""
    return {
        "rounds": rounds,
        "whole": [_run(lane, found.whole[0]) for lane in found.whole],
        "alike": [_run(lane, found.alike[0]) for lane in found.alike],
    }


def _run(lane: MeasurementMode, bare: MeasurementMode) -> Figures:
    return {
        "lane": lane.name,
        "tests": lane.tests,
        "wall_seconds": statistics.median(lane.wall),
        "ratio": lane.over(bare),
        "cpu_seconds": statistics.median(lane.cpu),
        "pytest_seconds": statistics.median(lane.session),
        "phases": phases(lane),
    }


def scale(cells: Sequence[Cell], start: Start) -> Figures:
    """How the second half of a run grows, and a start."""
    return {"cells": [asdict(each) for each in cells], "start": asdict(start)}
