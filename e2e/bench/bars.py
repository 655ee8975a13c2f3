"""The bars that this project set itself, and whether the figures meet them. Benchmark process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from e2e.bench.results import Figures

ENDPOINT = "list"


@dataclass(frozen=True)
class Bar:
    """A figure and what it should be at most; `value` is None where it was not measured."""

    what: str
    at_most: float
    unit: str
    value: float | None

    def __str__(self) -> str:
        if self.value is None:
            return f"not run  {self.what}, at most {self.at_most:g}{self.unit}"
        met = "met" if self.value <= self.at_most else "MISSED"
        return f"{met:<7}  {self.what}: {self.value:.2f}{self.unit}, at most {self.at_most:g}{self.unit}"


def server(found: Figures) -> Iterator[Bar]:
    """What measuring may cost."""
    for name, most in (("witness", 1.05), ("--fast", 1.08)):
        value = _first(found["modes"], lambda row, name=name: row["mode"] == name)  # type: ignore[misc]
        ratio = None if value is None else value["endpoints"][ENDPOINT]["ratio"][0]
        yield Bar(f"{name}: CPU a request over the bare server's, {ENDPOINT}", most, "", ratio)


def suite(found: Figures) -> Iterator[Bar]:
    """How much longer the tests may take."""
    fast = _first(found["modes"], lambda row: row["mode"] == "--fast")
    yield Bar("--fast: the suite's wall time over the bare one's", 1.10, "", fast and fast["ratio"][0])


def scale(found: Figures) -> Iterator[Bar]:
    """How long combining may take."""
    for whole, amount in ((False, "a part of it each"), (True, "every function each")):
        cell = _first(found["cells"], lambda cell, whole=whole: _is(cell["size"], whole=whole))  # type: ignore[misc]
        took = cell and cell["took"] and cell["took"]["combine"]
        yield Bar(f"combine of 10,000 tests by 2,000 lines, {amount}", 5, " s", took)


def _is(size: Figures, *, whole: bool) -> bool:
    wanted = {"tests": 10_000, "lines": 2_000, "processes": 1, "whole": whole, "branches": True, "shards": 1}
    return {"shards": 1, **size} == wanted


def _first(rows: list[Figures], holds: Callable[[Figures], bool]) -> Any:
    return next((row for row in rows if holds(row)), None)


def start(found: Figures) -> Iterator[Bar]:
    """How long people wait for the command itself."""
    yield Bar("afterawait --help: over a bare interpreter", 0.15, " s", found["help"][0])


PARTS: dict[str, Callable[[Figures], Iterator[Bar]]] = {
    "server": server,
    "suite": suite,
    "scale": scale,
    "start": start,
}


def of(part: str, found: Figures) -> list[Bar]:
    """The bars of a part."""
    return list(PARTS[part](found)) if part in PARTS else []
