"""All cells, several at a time, and what follows from them. Proof process."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from afterawait.databases import factory
from afterawait.settings import Settings
from e2e.proof.lost import pythons, run
from e2e.proof.lost.cells import FOUNDING, OURS, SETTINGS, WIDE, WITHOUT, Cell, Libraries, Outcome, Setting, cells

Say = Callable[[str], None]
WIDTH = 30
LOSING = Setting("ctrace", "thread")
"""As coverage.py comes before Python 3.14. Where it loses nothing over SQLAlchemy and asyncpg, the probe is blind."""


@dataclass(frozen=True)
class Ground:
    """Where a matrix is run: the project's settings, an empty folder, and where progress is told."""

    known: Settings
    place: Path
    say: Say


@dataclass
class Matrix:
    """Outcomes by cell, and the versions of what each environment really held."""

    outcomes: dict[Cell, Outcome] = field(default_factory=dict)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    """Interpreters that are asked about and are not on this machine."""

    def faults(self) -> list[str]:
        """What speaks against this project's own settings, or against the probe."""
        found = []
        for cell, outcome in self.outcomes.items():
            if cell.ours and (outcome.lost or outcome.invented):
                found.append(
                    f"{cell}: {outcome.lost} lines lost, {outcome.invented} invented {', '.join(outcome.examples)}"
                )
            if cell in self._controls() and not (outcome.lost or outcome.told):
                found.append(f"{cell}: the probe sees no loss where there is one")
        return found

    def missing(self) -> list[str]:
        """What had to be seen, in an environment that there is, and was not; with why."""
        found = [
            f"{cell}: {outcome.told or 'nothing ran'}"
            for cell, outcome in self.outcomes.items()
            if (cell.ours or cell in self._controls()) and cell.libraries.name in self.versions and not outcome.ran
        ]
        if not any(cell.ours and outcome.ran for cell, outcome in self.outcomes.items()):
            found.append("Not one of this project's own settings was measured")
        return found

    def _controls(self) -> list[Cell]:
        """Where coverage.py as it comes must be seen to lose lines, or the probe is blind."""
        return [
            cell
            for cell in self.outcomes
            if cell.case in WIDE
            and cell.setting == LOSING
            and cell.database == "asyncpg"
            and cell.libraries.sqlalchemy != WITHOUT
        ]


def quick(ground: Ground) -> Matrix:
    """This Python and this environment alone, and only the settings that are measured at all. Raises Fault."""
    own = pythons.own()
    settings = [LOSING, *OURS]
    control = Libraries(own.python, WITHOUT)
    chosen = [cell for cell in cells([own, control], settings) if cell.case != FOUNDING[0]]
    held = pythons.versions(Path(sys.executable))
    matrix = Matrix(versions={own.name: held, control.name: held})
    return _run(matrix, chosen, dict.fromkeys((own, control), Path(sys.executable)), ground)


def whole(ground: Ground) -> Matrix:
    """Every combination that this machine can build. Raises Fault where there is no PostgreSQL to be had."""
    found = pythons.interpreters()
    matrix = Matrix(
        absent=[] if pythons.FOUNDING_PYTHON in found else ["Python 3.9, with which the question was asked"]
    )
    insides: dict[Libraries, Path] = {}
    wanted = pythons.libraries(found)
    for number, each in enumerate(wanted):
        ground.say(f"{_bar(number, len(wanted))} building {each.name}")
        try:
            insides[each] = pythons.build(ground.known.state / "proof", each, found[each.python])
            matrix.versions[each.name] = pythons.versions(insides[each])
        except (OSError, subprocess.SubprocessError) as error:
            why = f"not run: it cannot be built: {_reason(error)}"
            matrix.outcomes |= dict.fromkeys(cells([each], SETTINGS), Outcome(told=why))
    return _run(matrix, list(cells(list(insides))), insides, ground)


def _run(matrix: Matrix, chosen: Sequence[Cell], insides: Mapping[Libraries, Path], ground: Ground) -> Matrix:
    numbers, known = itertools.count(), ground.known
    pid = str(os.getpid())
    with (
        factory.open_server(None, folder=known.state, run=pid, pg_bin=known.pg_bin) as postgres,
        factory.open_server("sqlite+aiosqlite://", folder=known.state, run=pid) as sqlite,
        ThreadPoolExecutor(os.cpu_count() or 1) as pool,
    ):
        running = {
            pool.submit(
                run.run,
                cell,
                insides[cell.libraries],
                postgres if cell.database == "asyncpg" else sqlite,
                ground.place,
                next(numbers),
            ): cell
            for cell in chosen
        }
        try:
            for number, done in enumerate(as_completed(running), 1):
                cell = running[done]
                matrix.outcomes[cell] = done.result()
                ground.say(f"{_bar(number, len(running))} {cell}")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    ground.say("")
    matrix.outcomes = {cell: matrix.outcomes[cell] for cell in sorted(matrix.outcomes, key=_order)}
    return matrix


def _order(cell: Cell) -> tuple[object, ...]:
    cases = (*FOUNDING, *WIDE)
    return (
        cases.index(cell.case),
        cell.libraries.python,
        cell.libraries.sqlalchemy,
        cell.database,
        SETTINGS.index(cell.setting),
    )


def _bar(done: int, of: int) -> str:
    full = WIDTH * done // max(of, 1)
    return f"[{'#' * full}{'.' * (WIDTH - full)}] {done}/{of}"


def _reason(error: Exception) -> str:
    told = getattr(error, "stderr", "") or str(error)
    return (str(told).strip().splitlines() or [type(error).__name__])[-1]
