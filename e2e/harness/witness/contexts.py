"""Who ran each line, as contexts in the combined data: htmlcov/ shows the tests beside each line. Driver process.

coverage.py keeps contexts in memory, one a process; with requests that overlap it names the wrong tests. These
come from the witness. A test's context is its id, "" is import and start-up. coverage.py keeps arcs, from one line to
the next, and a context has both ends: an arc that no row has both ends of is in a context of its own, ACROSS.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Set
from pathlib import Path

from coverage import CoverageData

from e2e.agent.witness.layout import RowKind
from e2e.harness.witness.reader import Row, WitnessFile

Arc = tuple[int, int]
Credit = dict[str, dict[str, set[int]]]
"""By file name, by context: the lines."""

ACROSS = "(across tests)"
NAMES = {RowKind.STARTUP: "", RowKind.OVERFLOW: "(overflow)", RowKind.BESIDE: "(beside requests)"}
ENTRY = -1


def context_of(row: Row) -> str:
    """What a row is called as a context."""
    if row.kind is RowKind.SESSION:
        return f"session {row.name}" if row.name else "(requests of no test)"
    return NAMES.get(row.kind, row.name)


def add(found: Credit, witnesses: Iterable[WitnessFile], named: Callable[[str], str]) -> None:
    """Add all lines of some processes, by file (`named` gives the name it has here) and context."""
    for witness in witnesses:
        for row, name, lines in witness.by_row():
            found.setdefault(named(name), {}).setdefault(context_of(row), set()).update(lines)


def write(data: CoverageData, credit: Credit, path: Path) -> None:
    """`data` (combined, all in one context) written to a new file at `path`, each line under the contexts that ran it.

    No report changes by it: all that `data` holds is in the new file, and beyond it only entry arcs (see `arcs_of`).
    """
    new = CoverageData(basename=str(path))
    files = sorted(data.measured_files())
    if data.has_arcs():
        _add_arcs(new, {name: data.arcs(name) or [] for name in files}, credit)
    else:
        _add_lines(new, {name: data.lines(name) or [] for name in files}, credit)
    new.touch_files([name for name in files if name not in new.measured_files()])
    new.close()


def _whose(name: str, credit: Credit) -> str:
    """The context of what no row claims: of files that the witness does not watch, tests say, the plain one."""
    return ACROSS if name in credit else ""


def _add_lines(new: CoverageData, measured: Mapping[str, Iterable[int]], credit: Credit) -> None:
    by_context: dict[str, dict[str, set[int]]] = {}
    for name, lines in measured.items():
        left = set(lines)
        for context, ran in credit.get(name, {}).items():
            by_context.setdefault(context, {})[name] = ran & set(lines)
            left -= ran
        if left:
            by_context.setdefault(_whose(name, credit), {}).setdefault(name, set()).update(left)
    for context, lines_of in by_context.items():
        new.set_context(context)
        new.add_lines(lines_of)


def _add_arcs(new: CoverageData, measured: Mapping[str, list[Arc]], credit: Credit) -> None:
    by_context: dict[str, dict[str, Collection[Arc]]] = {}
    for name, arcs in measured.items():
        left = set(arcs)
        measured_lines = {end for arc in arcs for end in arc if end > 0}  # a killed process ran others, perhaps
        known: dict[frozenset[int], list[Arc]] = {}  # many tests run the same lines of a file
        for context, ran in credit.get(name, {}).items():
            key = frozenset(ran & measured_lines)
            if key not in known:
                known[key] = arcs_of(arcs, key)
            by_context.setdefault(context, {})[name] = known[key]
            left.difference_update(known[key])
        if left:
            whose = by_context.setdefault(_whose(name, credit), {})
            whose[name] = {*whose.get(name, ()), *left}
    for context, arcs_by_name in by_context.items():
        new.set_context(context)
        new.add_arcs(arcs_by_name)


def arcs_of(arcs: Iterable[Arc], lines: Set[int]) -> list[Arc]:
    """Those of `arcs` that touch exactly `lines`, so that `contexts_by_lineno` is exact line by line.

    An arc both of whose ends ran may not have been taken itself: contexts are about lines. A line that no such arc
    touches (a generator begun by one request and resumed by another) gets an entry arc, which no report counts.
    """
    chosen = [(a, b) for a, b in arcs if (a in lines or a < 0) and (b in lines or b < 0)]
    touched = {end for arc in chosen for end in arc}
    return chosen + [(ENTRY, line) for line in sorted(lines - touched) if line > 0]
