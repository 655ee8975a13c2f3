"""The program in every way, on every Python that there is. Proof process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from e2e.proof.claims import run
from e2e.proof.claims.run import WAYS, Claims, Way
from e2e.proof.lost import pythons
from e2e.proof.lost.cells import WIDE_SINCE, WITHOUT, Libraries
from e2e.proof.lost.matrix import Ground
from e2e.proof.scene import in_threads

Python = tuple[int, int]


@dataclass
class ClaimsMatrix:
    """Claims by Python; `failed` says by Python and way why there are none."""

    claims: dict[Python, Claims] = field(default_factory=dict)
    failed: dict[tuple[Python, Way], str] = field(default_factory=dict)

    def faults(self) -> list[str]:
        """What speaks against this project's own reports."""
        ours = {way.ours for way in WAYS}
        return [
            f"{report}, Python {written(python)}, {part}: claimed {claim.false}, denied {claim.lost}"
            for python, parts in self.claims.items()
            for part, reports in parts.items()
            for report, claim in reports.items()
            if report in ours and (claim.false or claim.lost)
        ]

    def missing(self) -> list[str]:
        """What could not be seen, with why."""
        return [f"{way.ours}, Python {written(python)}: {why}" for (python, way), why in self.failed.items()]


def written(python: Python) -> str:
    """As people write it."""
    return ".".join(map(str, python))


def quick(ground: Ground) -> ClaimsMatrix:
    """This Python alone."""
    return _run({pythons.own().python: Path(sys.executable)}, ground)


def whole(ground: Ground) -> ClaimsMatrix:
    """Every Python of this machine for which an environment can be built."""
    return _run(environments(ground), ground)


def environments(ground: Ground) -> Mapping[Python, Path]:
    """An interpreter with coverage.py for each Python of this machine for which one can be had."""
    inside: dict[Python, Path] = {}
    for python, path in pythons.interpreters().items():
        if python >= WIDE_SINCE:
            try:
                inside[python] = pythons.build(ground.known.state / "proof", Libraries(python, WITHOUT), path)
            except (OSError, subprocess.SubprocessError) as error:
                ground.say(f"Python {written(python)}: {error}")  # the other matrix tells why
    return inside


def _run(inside: Mapping[Python, Path], ground: Ground) -> ClaimsMatrix:
    def measured(cell: tuple[Python, Way], folder: Path) -> Claims:
        return run.run(cell[1], inside[cell[0]], folder)

    found = ClaimsMatrix()
    cells = [(python, way) for python, way in product(inside, WAYS) if way.runs_on(python)]
    for (python, way), claims in in_threads(cells, ground.place / "claims", measured):
        if isinstance(claims, str):
            found.failed[python, way] = claims
            continue
        parts = found.claims.setdefault(python, {})
        for part, reports in claims.items():
            parts.setdefault(part, {}).update(reports)
    return found
