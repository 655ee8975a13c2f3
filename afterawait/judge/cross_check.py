"""Coverage.py and the witness held against each other, process by process, line by line. Driver process.

Two recorders saw the same process (by two mechanisms, but with --fast): where they disagree, one of them lost lines,
and the measurement is not to be believed. This is done before the data are combined, which would hide it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from afterawait import protocol
from afterawait.agent.record import FORKED, ON, ProcessRecord
from afterawait.agent.witness.attribution import MOST_ROWS
from afterawait.evidence import recordings
from afterawait.evidence.data_files import DataFile
from afterawait.evidence.line_sets import inside, ranges
from afterawait.evidence.recordings import WitnessFile
from afterawait.faults import MeasurementFault
from afterawait.judge import causes
from afterawait.judge.belongings import Belongings
from afterawait.runs.manifest import Manifest

SHOWN = 12
"""Files named in a disagreement; more would bury the cause."""

Start = tuple[int, str]
"""A start of a process: its pid, and what tells it from others that had it."""

Lines = Mapping[str, frozenset[int] | set[int]]


@dataclass
class Agreement:
    """How far the two agree in the processes examined so far: (file, line) pairs."""

    all: set[tuple[str, int]] = field(default_factory=set)
    disputed: set[tuple[str, int]] = field(default_factory=set)
    processes: int = 0

    def add(self, seen: Lines, measured: Lines) -> None:
        """Count one process's lines, by the witness and by coverage.py."""
        self.processes += 1
        for name in seen.keys() | measured.keys():
            ours, theirs = seen.get(name, frozenset()), measured.get(name, frozenset())
            self.all.update((name, line) for line in ours | theirs)
            self.disputed.update((name, line) for line in ours ^ theirs)

    def sentence(self) -> str:
        """One line for people."""
        files = len({name for name, _ in self.all})
        return (
            f"coverage.py and the witness agree on {len(self.all) - len(self.disputed):,} of {len(self.all):,} lines "
            f"in {files} files, {self.processes} processes"
        )


def witnesses(
    folder: Path, records: Iterable[ProcessRecord], manifest: Manifest
) -> tuple[list[WitnessFile], list[MeasurementFault]]:
    """Every witness file of a run that is whole, and what is wrong with the others or missing."""
    good: list[WitnessFile] = []
    bad: list[MeasurementFault] = []
    paths = sorted(folder.glob(protocol.WITNESS_FILES))
    for path in paths:
        try:
            good.append(recordings.read(path))
        except MeasurementFault as fault:
            bad.append(fault)
    for each in good:
        bad += _what_is_wrong_with(each, manifest)
    found = {path.name for path in paths}
    for record in records:
        if record.witness not in {"", ON, FORKED}:
            bad.append(_not_started(record))
        elif record.witness == ON and record.witness_file not in found:
            message = f"The witness file of the {record.role} process {record.pid} is missing."
            bad.append(MeasurementFault(message, hint="Keep the run's folder whole: all of it belongs together."))
    return good, bad


def _what_is_wrong_with(witness: WitnessFile, manifest: Manifest) -> Iterator[MeasurementFault]:
    if witness.lost:
        yield MeasurementFault(
            f"The witness of the {witness.role} process {witness.pid} found no room {witness.lost} times: "
            f"{witness.path.name} does not tell apart whose lines those are.",
            hint=f"Make room on the disk; more than {MOST_ROWS:,} tests in one process are not told apart.",
        )
    changed = []
    for file in witness.files.values():
        with contextlib.suppress(ValueError):
            known = manifest.sources.get(Path(file.name).relative_to(manifest.root).as_posix())
            if known and file.sha256 and file.sha256 != known:
                changed.append(file.name)
    if changed:
        message = f"The {witness.role} process {witness.pid} ran other sources than the run began with"
        yield MeasurementFault(
            f"{message}: {', '.join(changed)}.", hint="Leave them alone while a run is on; run again."
        )


def _not_started(record: ProcessRecord) -> MeasurementFault:
    return MeasurementFault(
        f"The witness did not start in the {record.role} process {record.pid}: {record.witness}.",
        hint="Without it nothing vouches for coverage.py: fix that, and run again.",
    )


class Seen:
    """The lines that the witness of each process saw, in the files of `folders`."""

    def __init__(self, processes: Iterable[Belongings], folders: list[Path], root: Path) -> None:
        self.folders, self.root = folders, root
        self.lost: set[Start] = set()
        self.strange: dict[str, set[int]] = {}
        """Lines of coverage.py's that hold no code, by file: a finding of their own."""
        self._parents: dict[Start, Start] = {}
        self._lines: dict[Start, dict[str, set[int]]] = {}
        for each in processes:
            start = (each.record.pid, each.record.start)
            self._parents[start] = (each.record.parent, each.record.parent_start)
            ours = self._lines[start] = {}
            for witness in each.witnesses:
                if witness.lost:
                    self.lost.add(start)
                for name, lines in witness.lines.items():
                    ours.setdefault(name, set()).update(lines)

    def by(self, record: ProcessRecord) -> dict[str, set[int]]:
        """By file name."""
        return self._lines[record.pid, record.start]

    def before(self, record: ProcessRecord) -> dict[str, set[int]]:
        """By file name, what the processes saw that a forked one was copied from."""
        found: dict[str, set[int]] = {}
        start = (record.parent, record.parent_start)
        while start in self._lines:
            for name, lines in self._lines[start].items():
                found.setdefault(name, set()).update(lines)
            start = self._parents[start]
        return found

    def found_no_room(self, record: ProcessRecord) -> bool:
        """Whether the witness of a process lost something, by its own account."""
        return (record.pid, record.start) in self.lost


def examine(process: Belongings, seen: Seen, agreement: Agreement) -> Iterator[MeasurementFault]:
    """Compare one process's two recordings."""
    record, data = process.record, process.data
    ours = seen.by(record)
    measured = {} if data is None else _without_line_0(data, seen.folders)
    if record.witness not in {ON, FORKED}:
        if record.witness == "" and (measured or record.served):
            message = f"Nobody vouches for {process.who}: no witness was asked for in it."
            yield MeasurementFault(
                message, hint="Leave AFTERAWAIT_SOURCE to the harness: [tool.afterawait.env] or a test takes it away."
            )
        return
    # A forked child has coverage.py's lines of its parents as well: they were not saved yet when it was copied.
    inherited = seen.before(record)
    measured_here = {
        name: lines - (inherited.get(name, set()) - ours.get(name, set())) for name, lines in measured.items()
    }
    measured_here = {name: lines for name, lines in measured_here.items() if lines}
    if not measured_here and not ours:
        return
    agreement.add(ours, measured_here)
    who = process.who.removesuffix(",")
    if missing := _beyond(ours, measured):
        yield MeasurementFault(
            f"coverage.py lost lines that ran in {who}, by the witness.",
            hint=causes.lost_by_coverage(record, missing),
            detail=_listed(missing, seen.root),
        )
    if missing := _beyond(_beyond(measured_here, seen.strange), ours):
        yield MeasurementFault(
            f"The witness lacks lines that coverage.py recorded in {who}.",
            hint=causes.lost_by_the_witness(record, no_room=seen.found_no_room(record)),
            detail=_listed(missing, seen.root),
        )


def strangers(
    files: Iterable[DataFile], witnesses: Iterable[WitnessFile], known: Container[int], folders: list[Path]
) -> Iterator[MeasurementFault]:
    """Data of processes that left no record: nobody knows who they were, and nobody vouches for them."""
    measured = {each.pid for each in files if _without_line_0(each, folders)}
    seen = {each.pid for each in witnesses if each.lines}
    for pid in sorted(each for each in measured | seen if each not in known):
        yield MeasurementFault(
            f"The process {pid} ran lines of the application and left no record of itself.",
            hint="Does the application start it with a PYTHONPATH of its own? Keep the project's root first on it.",
        )


def started_unmeasured(
    processes: Sequence[Belongings], known: Container[int], folders: list[Path]
) -> Iterator[MeasurementFault]:
    """Children that ran code of the application, by their command, and left no record: nobody measured them."""
    for each in processes:
        for pid, command in each.record.started:
            if pid not in known and _names_source(command, folders):
                message = f"The process {pid} (`{command}`), started by {each.who}, was not measured."
                yield MeasurementFault(message, hint=causes.unmeasured(command))


def _names_source(command: str, folders: list[Path]) -> bool:
    words = command.split()
    modules = [of for option, of in itertools.pairwise(words) if option == "-m"]
    scripts = [Path(word) for word in words if word.endswith(".py")]
    tops = {each.stem for each in folders}
    return any(module.partition(".")[0] in tops for module in modules) or any(
        inside(str(each), folders) or each.parts[:1] in {(top,) for top in tops} for each in scripts
    )


def _without_line_0(data: DataFile, folders: list[Path]) -> dict[str, set[int]]:
    """An empty module begins at line 0, for some tracers."""
    found = {name: set(lines) - {0} for name, lines in data.lines.items() if inside(name, folders)}
    return {name: lines for name, lines in found.items() if lines}


def _beyond(one: Lines, other: Lines) -> dict[str, set[int]]:
    """What `one` has and `other` has not."""
    differences = {name: set(lines) - other.get(name, frozenset()) for name, lines in one.items()}
    return {name: lines for name, lines in sorted(differences.items()) if lines}


def _listed(missing: Mapping[str, set[int]], root: Path) -> str:
    names = {name: os.path.relpath(name, root) if inside(name, [root]) else name for name in missing}
    shown = [f"{names[name]}: {ranges(lines)}" for name, lines in list(missing.items())[:SHOWN]]
    more = len(missing) - len(shown)
    return "\n".join([*shown, *([f"and {more} more files"] if more > 0 else [])])
