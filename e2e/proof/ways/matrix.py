"""Every program in every column, on every Python that there is. Proof process."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from e2e.proof.claims.matrix import Python, environments, written
from e2e.proof.lost import pythons
from e2e.proof.lost.matrix import Ground
from e2e.proof.scene import in_threads
from e2e.proof.ways import run
from e2e.proof.ways.rows import COLUMNS, ROWS, Column, Row
from e2e.proof.ways.run import Outcome

Cell = tuple[Python, Row, Column]


@dataclass
class WaysMatrix:
    """Outcomes by cell; `failed` says why there is none."""

    outcomes: dict[Cell, Outcome] = field(default_factory=dict)
    failed: dict[Cell, str] = field(default_factory=dict)

    def faults(self) -> list[str]:
        """What speaks against this project: lines lost or credited wrongly beyond what is said; a sound run refused."""
        found = []
        for cell, outcome in self.outcomes.items():
            if cell[2].mode is not None:
                found += [f"{_name(cell)}: {what}" for what in _against(cell[1], outcome)]
        return found

    def missing(self) -> list[str]:
        """What of this project could not be seen, with why."""
        found = [f"{_name(cell)}: {why}" for cell, why in self.failed.items() if cell[2].mode is not None]
        return found + [f"{_name(cell)}: nothing ran" for cell, of in self.outcomes.items() if not of.ran]


def _against(row: Row, outcome: Outcome) -> list[str]:
    found = [outcome.failed] if outcome.failed else []
    short = {"lost": outcome.lost, "unseen": outcome.unseen, "credited wrongly": outcome.wrong}
    if not row.limit:
        found += [f"{len(lines)} lines {what}: {'; '.join(lines[:3])}" for what, lines in short.items() if lines]
    elif any(short.values()) and not outcome.said and not row.silent:
        found.append(f"lines are lost and nothing is said: {'; '.join([*outcome.lost, *outcome.unseen][:3])}")
    if outcome.refused and not outcome.lost:
        found.append(f"a sound run is refused: {outcome.said[0]}")
    if outcome.lost and set(outcome.lost) > set(outcome.unseen) and not outcome.refused:
        found.append("coverage.py lost lines that the witness has, and the run is believed")
    return found


def _name(cell: Cell) -> str:
    python, row, column = cell
    return f"{row.name}, {column.name}, Python {written(python)}"


def quick(ground: Ground) -> WaysMatrix:
    """Some programs, this Python alone."""
    return _run({pythons.own().python: Path(sys.executable)}, [row for row in ROWS if row.quick], ground)


def whole(ground: Ground) -> WaysMatrix:
    """Every program, every Python of this machine for which an environment can be built."""
    return _run(environments(ground), ROWS, ground)


def _run(inside: Mapping[Python, Path], rows: Iterable[Row], ground: Ground) -> WaysMatrix:
    def measured(cell: Cell, folder: Path) -> Outcome:
        return run.run(cell[1], cell[2], inside[cell[0]], folder)

    found = WaysMatrix()
    cells = list(product(inside, rows, COLUMNS))
    for number, (cell, outcome) in enumerate(in_threads(cells, ground.place / "ways", measured), 1):
        ground.say(f"{number} of {len(cells)}: {_name(cell)}")
        if isinstance(outcome, str):
            found.failed[cell] = outcome
        else:
            found.outcomes[cell] = outcome
    ground.say("")
    return found
