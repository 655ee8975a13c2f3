"""The verdict: whether a run's measurement can be believed, process by process. Driver process.

It is reached before the files are combined, since afterwards a line that one process lost is hidden by another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from afterawait import protocol
from afterawait.agent import canary
from afterawait.agent.record import ProcessRecord
from afterawait.evidence import data_files, recordings
from afterawait.evidence.code_lines import lines_of
from afterawait.evidence.data_files import DataFile
from afterawait.evidence.line_sets import inside
from afterawait.evidence.recordings import WitnessFile
from afterawait.faults import MeasurementFault
from afterawait.judge import cross_check
from afterawait.judge.cross_check import Agreement
from afterawait.runs.folder import RunFolder
from afterawait.runs.manifest import Manifest, fingerprints

TRACERS = {"ctrace": "CTracer", "sysmon": "SysMonitor"}
BOTH = "Set `concurrency = greenlet, thread` in .coveragerc."


@dataclass
class Verdict:
    """Faults that make the measurement unbelievable (none: it is good), and what was looked at."""

    faults: list[MeasurementFault] = field(default_factory=list)
    files: list[DataFile] = field(default_factory=list)
    witnesses: list[WitnessFile] = field(default_factory=list)
    served: list[ProcessRecord] = field(default_factory=list)
    killed: list[ProcessRecord] = field(default_factory=list)

    def sentence(self) -> str:
        """One line for people: what measured how many processes."""
        how = {f"{each.tracer}, concurrency = {', '.join(each.concurrency)}" for each in self.served}
        counted = f"{len(self.files)} data files whole, serving processes: {len(self.served)}"
        return f"{counted}, {self._canaries()}; {'; '.join(sorted(how))}"

    def _canaries(self) -> str:
        alive = [each for each in self.served if each.canary]
        why = "; ".join(sorted({each.canary_error for each in self.served if each.canary_error}))
        where = "in each" if len(alive) == len(self.served) else f"in {len(alive)}"
        return f"canary alive {where}" + f" ({why})" * bool(why)


def judge(run: RunFolder, manifest: Manifest, source: Iterable[str], root: Path, agreement: Agreement) -> Verdict:
    """Examine one run's folder. `source` are the gated folders; `root` is the checkout that sources are read from.

    `agreement` counts on over several runs. Raises nothing: whatever is wrong becomes a fault of the verdict.
    """
    verdict = Verdict()
    measured = Path(manifest.root)
    verdict.files, verdict.faults = data_files.data_files(run.path, measured)
    try:
        records = run.records()
    except MeasurementFault as fault:
        verdict.faults.append(fault)
        records = []
    verdict.served = [each for each in records if each.served]
    by_pid = {each.pid: each for each in verdict.files}
    damaged = {data_files.pid_of(path) for path in run.path.glob(protocol.DATA_FILES)} - by_pid.keys()
    folders = [measured / folder for folder in source]
    verdict.witnesses, faults = cross_check.witnesses(run.path, records, manifest)
    verdict.faults += faults
    seen = cross_check.Seen(verdict.witnesses, records, folders)
    for each in records:
        verdict.faults += _how_it_was_measured(each, manifest)
        data = by_pid.get(each.pid)
        if each.pid in damaged:
            verdict.killed.append(each)  # while it saved: what it ran is the witness's alone
            continue
        if each.error and each.role != protocol.CHILD:
            continue  # said already; that it left no whole file follows
        if data is None and (_must_leave_data(each) or seen.by(each.pid)):
            verdict.killed.append(each)
            verdict.faults.append(_no_file(each, [w for w in verdict.witnesses if w.pid == each.pid]))
            continue
        if data is not None and each.served:
            verdict.faults += _what_it_recorded(each, data, folders)
        verdict.faults += cross_check.examine(each, data, seen, agreement)
    verdict.faults += cross_check.strangers(verdict.files, records, seen)
    changed = _changed(manifest, source, root)
    verdict.faults += changed or _lines_without_code(verdict.files, source, measured, root)
    if not verdict.served:
        verdict.faults.append(
            MeasurementFault("No server process served in this run.", hint="Look above for why it did not start.")
        )
    return verdict


def _must_leave_data(record: ProcessRecord) -> bool:
    """Whoever served or ran tests; a supervisor, a controller and a tool may have nothing to say."""
    return record.served or record.role == protocol.XDIST_WORKER


def _changed(manifest: Manifest, source: Iterable[str], root: Path) -> list[MeasurementFault]:
    """Data of other sources say nothing about these."""
    here = fingerprints(root, source)
    names = sorted(
        name for name in here.keys() | manifest.sources.keys() if here.get(name) != manifest.sources.get(name)
    )
    if not names:
        return []
    message = f"The sources are not those that were measured: {', '.join(names)}."
    return [MeasurementFault(message, hint="Combine beside the very sources that were measured, or run again.")]


def _who(record: ProcessRecord) -> str:
    return f"The {record.role} process {record.pid}"


def _how_it_was_measured(record: ProcessRecord, manifest: Manifest) -> Iterator[MeasurementFault]:
    if record.error and record.role != protocol.CHILD:
        yield MeasurementFault(
            f"{_who(record)} was not measured: {record.error}.",
            hint="Let COVERAGE_PROCESS_START be the absolute path of a coverage configuration that can be read.",
        )
    if record.forced:
        yield MeasurementFault(
            f"{_who(record)} had to be stopped by force: what it ran to the end may be missing.",
            hint="Find what would not end in the server's log: each thread's stack is there.",
        )
    expected = TRACERS[manifest.core]
    if record.tracer not in {"", expected}:
        yield MeasurementFault(
            f"{_who(record)} was measured by {record.tracer}, not by {expected}.",
            hint="Set `core = ${AFTERAWAIT_CORE-ctrace}` in .coveragerc, which --fast changes, and drop COVERAGE_CORE.",
        )
    if record.tracer and record.branch != manifest.branch:
        yield MeasurementFault(
            f"{_who(record)} was measured {'with' if record.branch else 'without'} branches.",
            hint="Set `branch = ${AFTERAWAIT_BRANCH-true}` in .coveragerc, which --fast changes.",
        )


def _no_file(record: ProcessRecord, witnesses: list[WitnessFile]) -> MeasurementFault:
    if record.ended:
        return MeasurementFault(
            f"{_who(record)} ran, ended normally, and left no data file.",
            hint="Does the application construct Coverage() itself? That turns the saving off. Or its log says why.",
        )
    return MeasurementFault(
        f"{_who(record)} ran and left no data file: it was killed, or left by os._exit.",
        hint="Let it end by itself: what coverage.py had recorded died with it. What the witness saw is shown apart.",
        detail="\n".join(line for witness in witnesses for line in recordings.in_flight(witness)),
    )


def _what_it_recorded(record: ProcessRecord, data: DataFile, source: list[Path]) -> Iterator[MeasurementFault]:
    if not any(lines and inside(name, source) for name, lines in data.lines.items()):
        yield MeasurementFault(
            f"{_who(record)} served, but its data hold no line of {', '.join(folder.name for folder in source)}.",
            hint="Compare `source` in .coveragerc with [tool.afterawait].source. Was it imported before coverage?",
        )
    # A canary that coverage.py does not measure proves nothing: cross_check judges alone.
    setting = ", ".join(record.concurrency)
    lossy = False
    for crossed, must in canary.expected().items():
        if crossed in record.canary and not must <= data.canary:
            lossy = True
            yield MeasurementFault(
                f"{_who(record)} lost lines after crossing a {crossed}: the canary's "
                f"{sorted(must - data.canary)} ran and were not recorded, with `concurrency = {setting}`.",
                hint=BOTH,
            )
    expected = set(record.canary.split(", ") if record.canary and record.tracer == "CTracer" else ())
    if not lossy and not expected <= set(record.concurrency):
        yield MeasurementFault(f"{_who(record)} was measured with `concurrency = {setting}`.", hint=BOTH)


def _lines_without_code(
    files: list[DataFile], source: Iterable[str], measured: Path, root: Path
) -> Iterator[MeasurementFault]:
    """A recorded line at which no code begins: the tracer took one frame for another."""
    recorded: dict[str, set[int]] = {}
    for data in files:
        for name, lines in data.lines.items():
            if lines and inside(name, [measured / folder for folder in source]):
                recorded.setdefault(name, set()).update(lines)
    for name, all_lines in sorted(recorded.items()):
        path = root / Path(name).relative_to(measured)
        try:
            code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
        except (OSError, SyntaxError, ValueError) as error:
            yield MeasurementFault(
                f"{path} was measured and cannot be read back: {error}.",
                hint="Combine beside the very sources that were measured.",
            )
            continue
        if strange := sorted(all_lines - lines_of(code) - {0}):  # 0: an empty module has run
            yield MeasurementFault(
                f"{path}: lines {strange} were recorded, and hold no code: the tracer lost its place.", hint=BOTH
            )
