"""coverage.py's lines without those over which annotations were only evaluated, process by process. Driver process.

Its C tracer counts them as run (afterawait/evidence/annotations.py). What the two recorders are compared by, and what
counts, are the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from afterawait.evidence.annotations import EvaluatedOnly, add_lines
from afterawait.judge.belongings import Belongings

Start = tuple[int, str]


def leave_out(processes: Iterable[Belongings]) -> EvaluatedOnly:
    """Take such lines out of each process's data here, its files being left as they are; returns what they are."""
    by_start = {(each.record.pid, each.record.start): each for each in processes}
    found = EvaluatedOnly()
    for each in by_start.values():
        if each.data is None:
            continue
        evaluated: dict[str, set[int]] = {}
        ran: dict[str, set[int]] = {}
        for one in _with_parents(each, by_start):
            for witness in one.witnesses:
                add_lines(evaluated, witness.annotations)
                add_lines(ran, witness.lines)
        its = EvaluatedOnly()
        its.add_process(each.data.lines, evaluated, ran)
        found.add(its)
        lines = {name: lines - its.evaluated.get(name, set()) for name, lines in each.data.lines.items()}
        each.data = replace(each.data, lines=lines)
    return found


def _with_parents(process: Belongings, by_start: dict[Start, Belongings]) -> Iterable[Belongings]:
    """A process, and those that a forked one has coverage.py's lines of."""
    found: Belongings | None = process
    while found is not None:
        yield found
        found = by_start.get((found.record.parent, found.record.parent_start))
