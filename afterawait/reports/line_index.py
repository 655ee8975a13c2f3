"""Who ran the lines of one file, out of the witness files of one run or of several. Driver process.

Written for 10,000 tests: the blocks of a file are read where they lie, and names are looked up for what is asked.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from afterawait import protocol
from afterawait.agent.witness.format import RowKind
from afterawait.evidence import recordings
from afterawait.evidence.identity import Checkout, SourceTree
from afterawait.evidence.recordings import Row
from afterawait.faults import EnvironmentFault, MeasurementFault
from afterawait.reports.contexts import context_of
from afterawait.runs.folder import RunFolder

NO_TEST = {RowKind.STARTUP, RowKind.BESIDE}
_DO = "Run `afterawait run`, and ask again."


@dataclass
class LineIndex:
    """The cells of one file, of every row of every process that imported it."""

    cells: list[tuple[Row, bytes]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """What is wrong with the run's witness files: the answer lacks what they held."""

    def tests(self, first: int, last: int | None = None) -> list[str]:
        """The tests and sessions that ran a line, or any of a range, by name."""
        end = (last or first) + 1
        return sorted(
            {context_of(row) for row, cells in self.cells if row.kind not in NO_TEST and any(cells[first:end])}
        )

    def counts(self, lines: int) -> list[int]:
        """How many tests and sessions ran each line, by its number, up to line `lines`: the whole file at once."""
        width = lines + 1
        merged: dict[str, bytes] = {}
        for row, cells in self.cells:
            if row.kind not in NO_TEST:
                name = context_of(row)
                whole = cells[:width].ljust(width, b"\0")
                merged[name] = _either(merged[name], whole) if name in merged else whole
        joined = b"".join(merged.values())
        return [len(merged) - joined[line::width].count(0) for line in range(width)]

    def reached(self) -> set[int]:
        """The lines that a test ran; a person's requests are none."""
        kinds = {RowKind.TEST, RowKind.OVERFLOW}
        return {line for row, each in self.cells if row.kind in kinds for line, ran in enumerate(each) if ran and line}

    def ran(self) -> set[int]:
        """The lines that ran at all, whoever caused them."""
        return {line for _, each in self.cells for line, ran in enumerate(each) if ran and line}

    def startup(self) -> list[int]:
        """The lines that ran at start-up, or beside all requests."""
        cells = [each for row, each in self.cells if row.kind in NO_TEST]
        return sorted({line for each in cells for line, ran in enumerate(each) if ran and line})


class Evidence:
    """The witness files of `runs`, read once. Raises EnvironmentFault where there is no run to ask."""

    def __init__(self, runs: Sequence[RunFolder]) -> None:
        self.wrong: list[str] = []
        self._read: list[recordings.WitnessFile] = []
        found = [(run.manifest().root, file) for run in runs for file in run.path.glob(protocol.WITNESS_FILES)]
        tree = SourceTree(Path.cwd(), ())
        checkouts = {root: Checkout(tree, root, {}) for root, _ in found}
        if not found:
            raise EnvironmentFault("There is no run to ask: no process has left a witness file.", hint=_DO)
        for root, file in sorted(found):
            try:
                witness = recordings.read(file)
            except MeasurementFault as fault:
                self.wrong.append(fault.message)
                continue
            if witness.lost:
                self.wrong.append(f"{file.name} found no room {witness.lost} times: tests are missing in it.")
            checkouts[root].of_witness(witness)
            self._read.append(witness)

    def of(self, path: Path) -> LineIndex | None:
        """Who ran the file at `path`, as it is now; None where no process imported it.

        Raises MeasurementFault where the file has changed since.
        """
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        index = LineIndex(wrong=self.wrong)
        measured = False
        name = os.path.realpath(path)
        for witness in self._read:
            for number, source in witness.files.items():
                if source.name == name:
                    measured = True
                    if source.sha256 and source.sha256 != digest:
                        raise MeasurementFault(f"{path} has changed since that run: its lines have moved.", hint=_DO)
                    index.cells += _cells(witness, number)
        return index if measured else None


def who_ran(path: Path, runs: Sequence[RunFolder], *, source_lines: int) -> LineIndex:
    """Who ran the file at `path` (as it is now, of `source_lines` lines) in `runs`.

    Raises EnvironmentFault where there is no run or the file was not measured, MeasurementFault where it has changed.
    """
    evidence = Evidence(runs)
    index = evidence.of(path)
    if index is None and source_lines and not evidence.wrong:
        raise EnvironmentFault(
            f"{path} was imported by no process of the last run.", hint="Is it in [tool.afterawait].source?"
        )
    return index or LineIndex(wrong=evidence.wrong)


def _either(one: bytes, other: bytes) -> bytes:
    """Not 0 where one of them is not."""
    return (int.from_bytes(one) | int.from_bytes(other)).to_bytes(len(one))


def _cells(witness: recordings.WitnessFile, file: int) -> Iterable[tuple[Row, bytes]]:
    for row, of, start, length in witness.blocks:
        if of == file:
            yield witness.rows[row], witness.data[start : start + length]
