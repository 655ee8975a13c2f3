"""Which lines of processes are known that fork, are interrupted, or are ended: the tables. Proof process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from e2e.proof.claims.matrix import written
from e2e.proof.ways.matrix import Cell, WaysMatrix
from e2e.proof.ways.rows import COLUMNS, Column
from e2e.proof.ways.run import Outcome

TITLE = "Processes that fork, are interrupted, or are ended"
LEGEND = (
    "ran: lines that the oracle heard of, each process's counted apart. coverage.py: with `parallel = true`; its "
    "cures: with `sigterm = true`, `patch = _exit, execv, fork, subprocess` and `concurrency = multiprocessing` as "
    "well. Both: how many of these lines its data lack. *: of this project; said, refused: whether its run says so, "
    "and whether it is believed. credited wrongly: to nobody, or to another test than the one that ran them. Where "
    "signals and the collector choose the moment, figures differ from run to run."
)
OURS = [column for column in COLUMNS if column.mode is not None]


def terminal(matrix: WaysMatrix) -> str:
    """Columns of plain text."""
    rows = _rows(matrix)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([TITLE, *lines, "", LEGEND, *_limits(matrix)])


def markdown(matrix: WaysMatrix) -> str:
    """The same for docs/proof.md."""
    rows = _rows(matrix)
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    limits = [f"- {each}" for each in _limits(matrix)]
    return "\n".join([f"### {TITLE}", "", head, f"|{' --- |' * len(rows[0])}", *body, "", LEGEND, "", *limits])


def as_data(matrix: WaysMatrix) -> list[dict[str, Any]]:
    """An entry for each Python and program."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for (python, row, column), outcome in matrix.outcomes.items():
        entry = found.setdefault((written(python), row.name), {"python": written(python), "what": row.name})
        entry[column.name] = {"ran": outcome.ran, "lost": len(outcome.lost)}
        if column.mode is not None:
            entry[column.name] |= {"unseen": len(outcome.unseen), "credited wrongly": len(outcome.wrong)}
            entry[column.name] |= {"said": bool(outcome.said), "refused": outcome.refused}
    return [*found.values()]


def _limits(matrix: WaysMatrix) -> list[str]:
    return [f"{row.name}: {row.limit}." for row in dict.fromkeys(row for _, row, _ in matrix.outcomes) if row.limit]


def _rows(matrix: WaysMatrix) -> list[Sequence[str]]:
    found: list[Sequence[str]] = [
        ("Python", "what happens", "ran", *(f"{each.name}{' *' * (each.mode is not None)}" for each in COLUMNS))
    ]
    for python, row in dict.fromkeys(cell[:2] for cell in [*matrix.outcomes, *matrix.failed]):
        cells = [(python, row, column) for column in COLUMNS]
        ran = max((matrix.outcomes[cell].ran for cell in cells if cell in matrix.outcomes), default=0)
        found.append((written(python), row.name, str(ran), *(_word(matrix, cell) for cell in cells)))
    return found


def _word(matrix: WaysMatrix, cell: Cell) -> str:
    outcome = matrix.outcomes.get(cell)
    if outcome is None:
        return "not run"
    if outcome.failed and cell[2].mode is None:
        return outcome.failed.partition(",")[0]
    return _counted(outcome, cell[2]) or "0"


def _counted(outcome: Outcome, column: Column) -> str:
    lost, unseen = len(outcome.lost), len(outcome.unseen)
    words = [f"{lost} lost"] * bool(lost)
    if column.mode is not None:
        words += ["the witness has them"] * bool(lost and not unseen)
        words += [f"{unseen} unseen"] * bool(unseen)
        words += [f"{len(outcome.wrong)} credited wrongly"] * bool(outcome.wrong)
        words += ["refused" if outcome.refused else "said"] * bool(outcome.said)
    return ", ".join(words)
