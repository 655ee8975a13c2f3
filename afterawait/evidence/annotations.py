"""Lines that coverage.py counts as run since annotations were evaluated there, and that never ran. Driver process.

From Python 3.14 on (PEP 649) that is code of its own, which runs over the lines of annotations whenever somebody asks,
also over those of a statement that was never reached. The witness keeps such lines apart from those that ran.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Lines = Mapping[str, frozenset[int] | set[int]]


@dataclass
class EvaluatedOnly:
    """By file, over processes whose data are whole: lines that were only `evaluated` in one, and that `ran` in one."""

    evaluated: dict[str, set[int]] = field(default_factory=dict)
    ran: dict[str, set[int]] = field(default_factory=dict)

    def add(self, others: EvaluatedOnly, named: Callable[[str], str] = str) -> None:
        """Add what is known of other processes; `named` gives the name that a file has here."""
        add_lines(self.evaluated, {named(name): lines for name, lines in others.evaluated.items()})
        add_lines(self.ran, {named(name): lines for name, lines in others.ran.items()})

    def add_process(self, measured: Lines, evaluated: Lines, ran: Lines) -> None:
        """Add what coverage.py `measured` in a process, by what the witness says of it and of its forked parents."""
        add_lines(self.ran, {name: lines & ran.get(name, frozenset()) for name, lines in measured.items()})
        only = {
            name: (measured.get(name, frozenset()) & lines) - ran.get(name, set()) for name, lines in evaluated.items()
        }
        add_lines(self.evaluated, only)

    def lines(self) -> dict[str, set[int]]:
        """The lines that ran nowhere, by file."""
        found = {name: lines - self.ran.get(name, set()) for name, lines in sorted(self.evaluated.items())}
        return {name: lines for name, lines in found.items() if lines}


def add_lines(to: dict[str, set[int]], more: Lines) -> None:
    """Add lines to those of each file."""
    for name, lines in more.items():
        to.setdefault(name, set()).update(lines)
