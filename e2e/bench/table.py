"""The benchmark's figures, as tables for people. Benchmark process."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass

from e2e.bench.growth import Growth
from e2e.bench.live import Live
from e2e.bench.load import ENDPOINTS
from e2e.bench.rounds import Runner, ratios, spread
from e2e.bench.scale import Start, Who


@dataclass(frozen=True)
class Cell:
    """One lane at one endpoint: CPU of the server a request in ms, over the bare one's, and the median response."""

    cpu_ms: float
    ratio: float
    quartiles: tuple[float, float]
    p50_ms: float


@dataclass(frozen=True)
class Row:
    """One lane."""

    lane: str
    what: str
    start_cpu_seconds: float
    memory_mb: float
    endpoints: dict[str, Cell]


def rows(runners: Sequence[Runner]) -> list[Row]:
    """What each lane's server was seen to spend, the bare one first."""
    found = []
    for runner in runners:
        cells = {}
        for endpoint in (each.name for each in ENDPOINTS):
            ratio, low, high = spread(ratios(runner, runners[0], endpoint))
            cpu, p50 = spread(runner.cpu[endpoint])[0], spread(runner.taken[endpoint])[0] * 1000
            cells[endpoint] = Cell(round(cpu, 3), round(ratio, 3), (round(low, 3), round(high, 3)), round(p50, 2))
        found.append(Row(runner.lane.name, runner.lane.what, round(runner.start, 2), round(runner.memory, 1), cells))
    return found


def server(found: Sequence[Row]) -> str:
    """CPU a request, lane by lane."""
    lines = [
        f"CPU of the server a request, over the bare server's: median and quartiles of interleaved rounds; {machine()}",
        "",
        f"{'':<18}{'start s':>8}{'MB':>7}" + "".join(f"{each.name:>22}" for each in ENDPOINTS),
    ]
    for row in found:
        cells = (f"{cell.ratio:>8.3f} {_span(cell.quartiles):>13}" for cell in row.endpoints.values())
        lines.append(f"{row.lane:<18}{row.start_cpu_seconds:>8.2f}{row.memory_mb:>7.0f}{''.join(cells)}  {row.what}")
    bare = ", ".join(f"{name} {cell.cpu_ms:.2f} ms" for name, cell in found[0].endpoints.items())
    return "\n".join([*lines, "", f"bare: {bare} of CPU a request"])


def growth(found: Sequence[Growth]) -> str:
    """Memory before and after."""
    head = f"Resident memory of the server, MB; {machine()}\n\n{'':<12}{'before':>8}{'after':>8}{'grown':>8}"
    lines = (f"{each.lane:<12}{each.before:>8.1f}{each.after:>8.1f}{each.after - each.before:>8.1f}" for each in found)
    return "\n".join([head, *lines, "", f"after {found[0].requests:,} requests, light ones and lists in turn"])


def scale(who: Who, start: Start) -> str:
    """How long an answer takes, and a start."""
    return (
        f"who ran a line: {who.tests:,} tests by {who.lines:,} lines ({who.megabytes:.0f} MB): "
        f"{who.seconds_line:.2f} s for a line, {who.seconds_file:.2f} s for the whole file, plus start-up\n"
        f"start with {start.files:,} measured files: {start.witness - start.bare:.2f} s of CPU more "
        f"({start.bare:.2f} s bare, {start.witness:.2f} s with the witness); {machine()}"
    )


def live(found: Live) -> str:
    """How soon, and at what cost."""
    lines = [f"A line lights up after its request was sent (median, 95th percentile), s; {machine()}", ""]
    lines += [f"{'told by the page':<44}{found.told[0]:>7.3f}{found.told[1]:>7.3f}"]
    lines += [f"{'the same with 300 files, 60,000 lines more':<44}{found.crowded[0]:>7.3f}{found.crowded[1]:>7.3f}"]
    if found.browser is None:
        lines.append("in a browser: not run, scripts/lib/browser.sh installs what it needs")
    else:
        shown = found.browser
        lines.append(f"{'lit in a browser, with these':<44}{shown.lit[0]:>7.3f}{shown.lit[1]:>7.3f}")
        lines.append(f"{'first paint, all files listed, with these':<44}{shown.painted:>7.3f}{shown.listed:>7.3f}")
    lines += ["", "CPU of the server a request while the page looks, over CPU while it does not"]
    lines += [f"{name:<10}{middle:>7.3f} {_span((low, high))}" for name, (middle, low, high) in found.slowdown.items()]
    return "\n".join(lines)


def _span(quartiles: tuple[float, float]) -> str:
    return f"({quartiles[0]:.3f}-{quartiles[1]:.3f})"


def machine() -> str:
    """Where this was measured."""
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
