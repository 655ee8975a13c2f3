"""What is claimed and did not happen, as tables: for a terminal, for docs/proof.md, for a machine. Proof process."""

from __future__ import annotations

from typing import Any

from e2e.proof.claims.matrix import ClaimsMatrix, Python, written
from e2e.proof.claims.run import WAYS, Claim

TITLE = "Lines and branches that are claimed, and never were"
LEGEND = (
    "false: lines that never ran and branches that were never taken, though the report says that they were. C tracer, "
    "sysmon: coverage.py's own reports. *: this project's, of the same data; --fast measures lines alone. n/a: before "
    "Python 3.14 coverage.py measures no branches by sys.monitoring."
)
THEIRS, OURS = [way.theirs for way in WAYS if way.theirs], [way.ours for way in WAYS]
Row = tuple[str, ...]


def terminal(matrix: ClaimsMatrix) -> str:
    """Columns of plain text."""
    rows = _rows(matrix)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([TITLE, *lines, "", LEGEND])


def markdown(matrix: ClaimsMatrix) -> str:
    """The same for docs/proof.md."""
    head, *rows = [f"| {' | '.join(row)} |" for row in _rows(matrix)]
    rule = f"| {' | '.join(['---'] * (2 + len(THEIRS) + len(OURS)))} |"
    return "\n".join([f"### {TITLE}", "", head, rule, *rows, "", LEGEND])


def as_data(matrix: ClaimsMatrix) -> list[dict[str, Any]]:
    """A row for each Python and part of the program."""
    return [
        {"python": written(python), "part": part}
        | {report: {"false": len(claim.false), "lost": len(claim.lost)} for report, claim in reports.items()}
        for python, parts in matrix.claims.items()
        for part, reports in parts.items()
    ]


def _rows(matrix: ClaimsMatrix) -> list[Row]:
    found: list[Row] = [("Python", "what runs", *THEIRS, *(f"{each} *" for each in OURS))]
    for python, parts in matrix.claims.items():
        for part, reports in parts.items():
            words = [_word(matrix, python, name, reports.get(name)) for name in (*THEIRS, *OURS)]
            found.append((written(python), part, *words))
    return found


def _word(matrix: ClaimsMatrix, python: Python, name: str, claim: Claim | None) -> str:
    if claim is None:
        failed = any(of == python and name in {way.theirs, way.ours} for of, way in matrix.failed)
        return "not run" if failed else "n/a"
    counts = {"false": len(claim.false), "lost": len(claim.lost)}
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "0"
