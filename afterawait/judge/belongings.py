"""What each measured process left: its record, data file and witness files, told apart by name. Driver process.

A pid does not tell: another process may get it later, the program that a process is replaced by has it too, and
sub-interpreters share it. Each start of a process has a record of its own, which names the files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from afterawait import protocol
from afterawait.agent.record import ON, ProcessRecord
from afterawait.evidence import data_files
from afterawait.evidence.data_files import DataFile
from afterawait.evidence.recordings import WitnessFile
from afterawait.faults import MeasurementFault

LONGEST = 100
"""Characters of a command."""

_LOGIN = re.compile(r"://[^/@\s]+@")


@dataclass
class Belongings:
    """One process. `damaged` says that its data file is there and not whole, and why; `starter` who started it."""

    record: ProcessRecord
    data: DataFile | None = None
    damaged: MeasurementFault | None = None
    witnesses: list[WitnessFile] = field(default_factory=list)
    starter: str = ""

    @property
    def who(self) -> str:
        """For people: "the server process 12"; of one that nobody named, its command and who started it as well."""
        return f"the {self.record.role} process {self.record.pid}{self.starter}"


def tell_apart(
    records: Iterable[ProcessRecord],
    files: Iterable[DataFile],
    damaged: Mapping[Path, MeasurementFault],
    witnesses: Iterable[WitnessFile],
) -> list[Belongings]:
    """Each record with what is its process's; files of pids without a record are nobody's."""
    every = [Belongings(record) for record in records]
    by_pid: dict[int, list[Belongings]] = {}
    for each in every:
        by_pid.setdefault(each.record.pid, []).append(each)
    for each in every:
        each.starter = _starter(each.record, by_pid)
    for file in files:
        owner = _whose_data(by_pid.get(file.pid, ()), file.path.name)
        if owner is not None and owner.data is None:
            owner.data = file
    for path, fault in damaged.items():
        owner = _whose_data(by_pid.get(data_files.pid_of(path), ()), path.name)
        if owner is not None and owner.data is None:
            owner.damaged = fault
    for witness in witnesses:
        candidates = by_pid.get(witness.pid, ())
        named = [each for each in candidates if each.record.witness_file == witness.path.name]
        late = [each for each in candidates if not each.record.witness_file]  # killed before it could name its file
        for each in [*named, *late, *candidates][:1]:
            each.witnesses.append(witness)
    return every


def _whose_data(candidates: Sequence[Belongings], name: str) -> Belongings | None:
    """The process whose record names the data file, to whose name coverage.py adds a hash when it saves.

    Else it may be a forked child's, which gets its name after the record is written. One that ran no measured line was
    mostly replaced by the program that has its pid now.
    """
    for each in candidates:
        if each.record.data_file and (name + ".").startswith(each.record.data_file + "."):
            return each
    unnamed = [each for each in candidates if not each.record.data_file]
    if len(candidates) > 1:
        unnamed = [each for each in unnamed if each.record.witness == ON]
    return unnamed[0] if unnamed else None


def _starter(record: ProcessRecord, by_pid: Mapping[int, Sequence[Belongings]]) -> str:
    if record.role != protocol.CHILD:
        return ""
    candidates = [each.record for each in by_pid.get(record.parent or record.started_by, ())]
    named = [each for each in candidates if each.start == record.parent_start]
    earlier = sorted((each for each in candidates if each.began <= record.began), key=lambda each: each.began)
    parent = next(iter(named or earlier[-1:]), None)
    by = f" by the {parent.role} process {parent.pid}" * bool(parent) if parent else ""
    if record.parent:
        return f", forked{by},"
    command = " ".join([Path(record.argv[0]).name, *record.argv[1:]]) if record.argv else "?"
    command = _LOGIN.sub("://***@", command)
    return f" ({command[:LONGEST]}{'...' * (len(command) > LONGEST)}), started{by or ' by a process without a record'},"
