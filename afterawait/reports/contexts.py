"""Who ran each line, as contexts in the combined data: htmlcov/ shows the tests beside each line. Driver process.

coverage.py keeps contexts in memory, one a process; with requests that overlap it names the wrong tests. These
come from the witness. A test's context is its id, "" is import and start-up. coverage.py keeps arcs, from one line to
the next, and a context has both ends: an arc that no row has both ends of is in a context of its own, ACROSS.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from afterawait.agent.witness.format import RowKind
from afterawait.evidence import line_sets
from afterawait.evidence.recordings import Row, WitnessFile
from afterawait.reports import contexts_sql
from afterawait.reports.contexts_sql import Arc
from afterawait.reports.measured import Measured

Credit = dict[str, dict[str, int]]
"""By file name, by context: the lines, as afterawait/evidence/line_sets.py keeps them."""

ACROSS = "(across tests)"
NAMES = {RowKind.STARTUP: "", RowKind.OVERFLOW: "(overflow)", RowKind.BESIDE: "(beside requests)"}
ENTRY = -1


def context_of(row: Row) -> str:
    """What a row is called as a context."""
    if row.kind is RowKind.SESSION:
        return f"session {row.name}" if row.name else "(requests of no test)"
    return NAMES.get(row.kind, row.name)


def add(found: Credit, witnesses: Iterable[WitnessFile]) -> None:
    """Add all lines of some processes, by file and context."""
    for witness in witnesses:
        names = {number: file.name for number, file in witness.files.items()}
        contexts = {number: context_of(row) for number, row in witness.rows.items()}
        for block in witness.blocks:
            if ran := witness.cells_of(block):
                lines = found.setdefault(names[block.file], {})
                context = contexts[block.row]
                lines[context] = lines.get(context, 0) | ran


def write(measured: Measured, credit: Credit, path: Path) -> None:
    """What was `measured`, all in one context, written to a new file at `path`, each line under those that ran it.

    No report changes by it: beyond what was measured the new file holds only entry arcs (see `arcs_of`).
    """
    if measured.branches:
        contexts_sql.write_arcs(path, measured.files, _whose_arcs(measured.arcs(), credit))
    else:
        contexts_sql.write_lines(path, measured.files, _whose_lines(measured.lines(), credit))


def _whose(name: str, credit: Credit) -> str:
    """The context of what no row claims: of files that the witness does not watch, tests say, the plain one."""
    return ACROSS if name in credit else ""


def _whose_lines(measured: Mapping[str, Iterable[int]], credit: Credit) -> contexts_sql.Lines:
    for name, lines in measured.items():
        all_lines = left = line_sets.of(lines)  # a killed process ran others, perhaps
        for context, ran in credit.get(name, {}).items():
            if ran & all_lines:
                yield name, context, line_sets.lines(ran & all_lines)
            left &= ~ran
        if left:
            yield name, _whose(name, credit), line_sets.lines(left)


def _whose_arcs(measured: Mapping[str, Sequence[Arc]], credit: Credit) -> contexts_sql.Arcs:
    for name, arcs in measured.items():
        file = FileArcs(arcs)
        yield name, file.every, _chosen(file, credit.get(name, {}), _whose(name, credit))


def _chosen(file: FileArcs, ran_by: Mapping[str, int], otherwise: str) -> Iterator[tuple[str, Sequence[int]]]:
    left = set(range(file.measured))
    known: dict[int, Sequence[int]] = {}  # many tests run the same lines of a file
    for context, ran in ran_by.items():
        key = ran & file.lines
        if key not in known:
            known[key] = file.arcs_of(key)
            left.difference_update(known[key])
        if known[key]:
            yield context, known[key]
    if left:
        yield otherwise, sorted(left)


class FileArcs:
    """A file's arcs: the `measured` ones first in `every`, behind them an entry arc for each of its `lines`."""

    def __init__(self, arcs: Iterable[Arc]) -> None:
        self.every = list(arcs)
        self.measured = len(self.every)
        lines = sorted({end for arc in self.every for end in arc if end > 0})
        self.lines = line_sets.of(lines)
        self._entries = dict(zip(lines, range(self.measured, self.measured + len(lines)), strict=True))
        self._at: dict[int, list[tuple[int, int]]] = {line: [] for line in lines}  # place and other end, from one end
        self._outside: list[int] = []
        for place, (start, end) in enumerate(self.every):
            if start > 0 or end > 0:
                self._at[start if start > 0 else end].append((place, end if start > 0 else start))
            else:
                self._outside.append(place)
        self.every += [(ENTRY, line) for line in lines]

    def arcs_of(self, ran: int) -> list[int]:
        """The places of those arcs that touch exactly the lines of `ran`: `contexts_by_lineno` is exact line by line.

        An arc both of whose ends ran may not have been taken itself: contexts are about lines. A line that no such arc
        touches (a generator begun by one request and resumed by another) gets an entry arc, which no report counts.
        """
        lines = line_sets.lines(ran)
        untouched = set(lines)
        chosen = list(self._outside)
        for line in lines:
            for place, other in self._at[line]:
                if other < 0 or other in lines:
                    chosen.append(place)
                    untouched.discard(line)
                    untouched.discard(other)
        return chosen + [self._entries[line] for line in sorted(untouched)]
