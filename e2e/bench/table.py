"""A table, for a terminal and as Markdown. Benchmark process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Table:
    """What the rows are about, column by column; `notes` stand below."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Columns of one width, numbers to the right."""
        widths = [max(len(row[at]) for row in [self.head, *self.rows]) for at in range(len(self.head))]
        lines = [self.title, ""]
        for row in [self.head, *self.rows]:
            first, *others = zip(row, widths, strict=True)
            cells = [f"{first[0]:<{first[1]}}", *(f"{cell:>{width}}" for cell, width in others)]
            lines.append("  ".join(cells).rstrip())
        return "\n".join(lines + [""] * bool(self.notes) + self.notes)

    def markdown(self) -> str:
        """The title is a heading, numbers are to the right."""
        lines = [f"## {self.title}", "", _row(self.head), _row(["---", *["--:"] * (len(self.head) - 1)])]
        lines += [_row(row) for row in self.rows]
        return "\n".join([*lines, *(f"\n{note}" for note in self.notes)])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '\\|') for cell in cells)} |"
