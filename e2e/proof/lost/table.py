"""The matrix as tables: for a terminal, for docs/proof.md, for a machine. Proof process."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from typing import Any

from e2e import figures
from e2e.proof.lost.cells import FOUNDING, SETTINGS, WIDE, WITHOUT, Cell, Outcome, Setting
from e2e.proof.lost.matrix import Matrix

TITLES = {
    FOUNDING[0]: "The question's application, in the process of the test",
    FOUNDING[1]: "The question's application, as a live server",
    WIDE[0]: "Twenty-five kinds of asynchronous work, one by one, as a live server",
    WIDE[1]: "The same, all at once",
}
LEGEND = (
    "ran: lines that ran. lost: of these, how many coverage.py says never ran. invented: lines it claims that did not "
    f"run, or that hold no code. *: as this project measures. SQLAlchemy {WITHOUT}: asyncpg alone, the control."
)
Row = tuple[str, ...]


def terminal(matrix: Matrix) -> str:
    """Columns of plain text."""
    parts = []
    for title, table in _tables(matrix):
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)) for row in table]
        parts.append("\n".join([title, *(line.rstrip() for line in lines)]))
    return "\n\n".join([*parts, _legend(matrix)])


def markdown(matrix: Matrix) -> str:
    """The same for docs/proof.md, with what it was measured on."""
    parts = []
    for title, (head, *rows) in _tables(matrix):
        lines = [f"### {title}", "", _line(head), _line(["---"] * len(head)), *map(_line, rows)]
        parts.append("\n".join(lines))
    return "\n\n".join([*parts, _legend(matrix), _where(matrix)])


def machine_readable(matrix: Matrix, claims: Sequence[Mapping[str, Any]] = ()) -> str:
    """As JSON: a row for each program, environment and database; by setting what was lost and invented, or why not.

    `claims` are rows of another table.
    """
    rows: dict[tuple[object, ...], dict[str, Any]] = {}
    for cell, outcome in matrix.outcomes.items():
        where = cell.case, cell.libraries, cell.database
        ground = {"case": cell.case, "environment": cell.libraries.name, "database": cell.database, "ran": 0}
        row = rows.setdefault(where, ground)
        row["ran"] = max(row["ran"], outcome.ran)
        row[str(cell.setting)] = outcome.told or {"lost": outcome.lost, "invented": outcome.invented}
    found = {"platform": platform.platform(), "cores": os.cpu_count(), "faults": matrix.faults()}
    return figures.dumps(
        found | {"environments": matrix.versions, "rows": [*rows.values()], "claims": [*claims]}, width=1000
    )


def _tables(matrix: Matrix) -> list[tuple[str, list[Row]]]:
    found = []
    for case, title in TITLES.items():
        outcomes = {cell: outcome for cell, outcome in matrix.outcomes.items() if cell.case == case}
        settings = [each for each in SETTINGS if any(c.setting == each and not o.told for c, o in outcomes.items())]
        if not settings:
            continue
        grounds = dict.fromkeys((cell.libraries, cell.database) for cell in outcomes)
        table: list[Row] = [("Python", "SQLAlchemy", "database", "ran", *(_name(each) for each in settings))]
        for libraries, database in grounds:
            of = [outcomes.get(Cell(case, libraries, database, each)) for each in settings]
            ran = max((outcome.ran for outcome in of if outcome), default=0)
            python = ".".join(map(str, libraries.python))
            table.append((python, libraries.sqlalchemy, database, str(ran), *(_told(outcome) for outcome in of)))
        found.append((title, table))
    return found


def _name(setting: Setting) -> str:
    return f"{setting}{' *' if setting.ours else ''}"


def _told(outcome: Outcome | None) -> str:
    if outcome is None or outcome.told:
        return "not run" if outcome is None or outcome.told.startswith("not run") else "refused"
    if not (outcome.lost or outcome.invented):
        return "0"
    return f"{outcome.lost} lost" + (f", {outcome.invented} invented" if outcome.invented else "")


def _legend(matrix: Matrix) -> str:
    lines = [LEGEND]
    why: dict[str, dict[str, None]] = {}
    for cell, outcome in matrix.outcomes.items():
        if outcome.told:
            why.setdefault(outcome.told, {})[_where_told(cell, matrix)] = None
    lines += [f"{'; '.join(where)}: {told}" for told, where in why.items()]
    lines += [f"{each}: not run, it is not on this machine" for each in matrix.absent]
    return "\n\n".join(lines)


def _where_told(cell: Cell, matrix: Matrix) -> str:
    """As widely as it holds: everywhere in this setting, with this Python, in this environment."""
    told = matrix.outcomes[cell].told
    alike = [(each.libraries, each.setting == cell.setting, of.told == told) for each, of in matrix.outcomes.items()]
    if all(same for _, here, same in alike if here):
        return str(cell.setting)
    if all(same for libraries, here, same in alike if here and libraries.python == cell.libraries.python):
        return f"{cell.setting}, Python {'.'.join(map(str, cell.libraries.python))}"
    return f"{cell.setting}, {cell.libraries.name}"


def _where(matrix: Matrix) -> str:
    lines = [f"Measured on {platform.system()} {platform.machine()}, {os.cpu_count()} cores, with:", ""]
    for name, held in matrix.versions.items():
        lines.append(f"- {name}: " + ", ".join(f"{package} {version}" for package, version in held.items()))
    return "\n".join(lines)


def _line(words: Sequence[str]) -> str:
    return f"| {' | '.join(words)} |"
