"""Coverage.py and the witness held against each other, process by process, line by line. Driver process.

Two recorders that share no mechanism saw the same process: where they disagree, one of them lost lines, and the
measurement is not to be believed. This is done before the data are combined, which would hide it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from e2e.agent.record import ProcessRecord
from e2e.harness.collect import DataFile
from e2e.harness.errors import MeasurementFault
from e2e.harness.witness.reader import WitnessFile

SHOWN = 12
"""Files named in a disagreement; more would bury the cause."""

Lines = Mapping[str, frozenset[int] | set[int]]


@dataclass
class Agreement:
    """How far the two agree in the processes examined so far: (file, line) pairs."""

    agreed: set[tuple[str, int]] = field(default_factory=set)
    all: set[tuple[str, int]] = field(default_factory=set)
    processes: int = 0

    def sentence(self) -> str:
        """One line for people."""
        files = len({name for name, _ in self.all})
        return (
            f"coverage.py and the witness agree on {len(self.agreed):,} of {len(self.all):,} lines "
            f"in {files} files, {self.processes} processes"
        )


def examine(
    record: ProcessRecord, data: DataFile | None, witness: WitnessFile, folders: list[Path], agreement: Agreement
) -> Iterator[MeasurementFault]:
    """Compare one process's two recordings of the files in `folders`."""
    measured = {} if data is None else {name: lines for name, lines in data.lines.items() if _inside(name, folders)}
    if not measured and not witness.lines:
        return
    agreement.processes += 1
    for name in measured.keys() | witness.lines.keys():
        ours, theirs = witness.lines.get(name, set()), measured.get(name, frozenset())
        agreement.all.update((name, line) for line in ours | theirs)
        agreement.agreed.update((name, line) for line in ours & theirs)
    who = f"the {record.role} process {record.pid}"
    if missing := _beyond(witness.lines, measured):
        yield MeasurementFault(
            f"coverage.py lost lines that ran in {who}, by the witness.",
            do=_why_coverage_lost(record),
            detail=_listed(missing),
        )
    if missing := _beyond(measured, witness.lines):
        yield MeasurementFault(
            f"The witness lacks lines that coverage.py recorded in {who}.",
            do=_why_the_witness_lost(witness),
            detail=_listed(missing),
        )


def _beyond(one: Lines, other: Lines) -> dict[str, set[int]]:
    """What `one` has and `other` has not."""
    differences = {name: set(lines) - other.get(name, frozenset()) for name, lines in one.items()}
    return {name: lines for name, lines in sorted(differences.items()) if lines}


def _why_coverage_lost(record: ProcessRecord) -> str:
    if record.tracer == "CTracer":
        lacking = {"greenlet", "thread"} - set(record.concurrency)
        if lacking:
            return f"{' and '.join(sorted(lacking))} is missing: set `concurrency = greenlet, thread` in .coveragerc."
    if record.forced:
        return "It was stopped by force: find what would not end in the server's log."
    return "Does something in it call sys.settrace, threading.settrace or coverage's stop(): a debugger, a profiler?"


def _why_the_witness_lost(witness: WitnessFile) -> str:
    if witness.lost:
        return "It found no room on the disk, or too many tests: see above."
    return "Does something in it use sys.monitoring and free tools that are not its own? Did two processes share a pid?"


def _listed(missing: Mapping[str, set[int]]) -> str:
    shown = [f"{name}: {ranges(lines)}" for name, lines in list(missing.items())[:SHOWN]]
    more = len(missing) - len(shown)
    return "\n".join([*shown, *([f"and {more} more files"] if more > 0 else [])])


def ranges(lines: set[int]) -> str:
    """Line numbers for people: "3-5, 9"."""
    spans: list[tuple[int, int]] = []
    for line in sorted(lines):
        if spans and spans[-1][1] == line - 1:
            spans[-1] = (spans[-1][0], line)
        else:
            spans.append((line, line))
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def _inside(name: str, folders: list[Path]) -> bool:
    return any(Path(name).is_relative_to(folder) for folder in folders)
