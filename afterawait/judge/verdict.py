"""The verdict: whether a run's measurement can be believed, process by process. Driver process.

It is reached before the files are combined, since afterwards a line that one process lost is hidden by another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from afterawait import protocol
from afterawait.agent.record import ProcessRecord
from afterawait.agent.witness.baggage import LONGEST_HEADER, LONGEST_MEMBER
from afterawait.evidence import data_files
from afterawait.evidence.annotations import EvaluatedOnly
from afterawait.evidence.data_files import DataFile
from afterawait.evidence.identity import Checkout, SourceTree
from afterawait.evidence.line_sets import inside
from afterawait.evidence.recordings import WitnessFile
from afterawait.faults import MeasurementFault
from afterawait.judge import cross_check, evaluated, processes, sources, unseen, working_folder
from afterawait.judge.belongings import Belongings, tell_apart
from afterawait.judge.cross_check import Agreement, Seen
from afterawait.judge.file_tracers import FileTracers
from afterawait.runs.folder import RunFolder
from afterawait.runs.manifest import Manifest


@dataclass
class Verdict:
    """Faults that make the measurement unbelievable (none: it is good), and what was looked at."""

    faults: list[MeasurementFault] = field(default_factory=list)
    files: list[DataFile] = field(default_factory=list)
    witnesses: list[WitnessFile] = field(default_factory=list)
    everybody: list[Belongings] = field(default_factory=list)
    served: list[ProcessRecord] = field(default_factory=list)
    killed: list[Belongings] = field(default_factory=list)
    traced: set[str] = field(default_factory=set)
    """Files of the source whose lines a plugin knows; not compared."""
    root: str = ""
    """Of the checkout that was measured."""
    elsewhere: bool = False
    """Whether that was on another file system, by a server that need not have ended."""
    unseen: list[str] = field(default_factory=list)
    """What may have run where no recorder sees it, for people."""
    annotations: EvaluatedOnly = field(default_factory=EvaluatedOnly)

    def sentence(self) -> str:
        """One line for people: what measured how many processes."""
        how = {f"{each.tracer}, concurrency = {', '.join(each.concurrency)}" for each in self.served}
        if not self.served:
            return f"{len(self.files)} data files whole, and no process served"
        counted = f"{len(self.files)} data files whole, serving processes: {len(self.served)}"
        plugins = f"; {len(self.traced)} files are a plugin's, and not cross-examined" * bool(self.traced)
        return f"{counted}, {self._canaries()}; {'; '.join(sorted(how))}{plugins}"

    def unnamed(self) -> str:
        """One line on tests whose ids no request can carry; "" where there are none."""
        own = {protocol.RUNNER, protocol.XDIST_WORKER}  # each test is counted in its own process, too
        tests = sum(each.unnamed for each in self.witnesses if each.role in own)
        requests = sum(each.unnamed for each in self.witnesses if each.role not in own)
        counted = ", ".join(
            f"{number:,} {kind}{'s' * (number != 1)}"
            for number, kind in ((tests, "test"), (requests, "request"))
            if number
        )
        why = f"not printable, over {LONGEST_MEMBER:,} bytes as it is sent, or in baggage of over {LONGEST_HEADER:,}"
        return f"{counted} with an id that is {why}: their lines are under (overflow)" if counted else ""

    def processes(self) -> list[str]:
        """A line for each measured process: who it was, and what is known of its lines."""
        return [
            f"{record.role} {record.pid}: {count:,} lines by {record.tracer or 'nobody'}"
            f"{', served' * record.served}{f', canary crossed {record.canary}' * bool(record.canary)}"
            for record, count in ((each.record, _count(each.data)) for each in self.everybody)
        ]

    def _canaries(self) -> str:
        alive = [each for each in self.served if each.canary]
        why = "; ".join(sorted({each.canary_error for each in self.served if each.canary_error}))
        where = "in each" if len(alive) == len(self.served) else f"in {len(alive)}"
        return f"canary alive {where}" + f" ({why})" * bool(why)


def judge(  # noqa: PLR0913  # what a run left, and what it is held against
    run: RunFolder,
    manifest: Manifest,
    tree: SourceTree,
    agreement: Agreement,
    tracers: FileTracers | None = None,
    counts: Callable[[str], bool] = bool,
) -> Verdict:
    """Examine one run's folder. `tree` are the sources that gate, in the checkout that they are read from.

    `agreement` counts on over several runs. `counts` says whether no pattern leaves a file out; a server elsewhere did
    not know. Raises nothing: whatever is wrong becomes a fault of the verdict.
    """
    verdict = Verdict(root=manifest.root, elsewhere=bool(manifest.elsewhere))
    verdict.files, damaged = data_files.data_files(run.path, Path(manifest.root), monitored=manifest.mode().monitored)
    records = run.records()
    verdict.served = [each for each in records if each.served]
    verdict.witnesses, faults = cross_check.witnesses(run.path, records, manifest)
    verdict.faults += faults
    verdict.everybody = tell_apart(records, verdict.files, damaged, verdict.witnesses)
    for each in verdict.everybody if verdict.elsewhere else ():
        each.starter = f" of {run.path.name}{each.starter}"  # in each container there is a process 1
    checkout = _put_under_names_here(verdict, manifest, tree)
    folders = checkout.places
    other_sources = sources.changed(manifest, checkout, verdict.witnesses, counts)
    if verdict.elsewhere:
        _leave_out(verdict, lambda name: inside(name, folders) and counts(name))
    verdict.traced = _traced(verdict, folders, tracers or FileTracers())
    verdict.annotations = evaluated.leave_out(verdict.everybody)
    owned = [each.damaged for each in verdict.everybody]
    verdict.faults += [fault for fault in damaged.values() if fault not in owned]
    seen = cross_check.Seen(verdict.everybody, folders, tree.root)
    seen.strange, strange = (
        ({}, []) if other_sources else sources.lines_without_code(verdict.files, verdict.witnesses, folders)
    )
    for each in verdict.everybody:
        causes = list(processes.how_it_was_measured(each, manifest))
        if each.damaged:
            verdict.killed.append(each)  # while it saved: what it ran is the witness's alone
            harmless = processes.ran_nothing(each) or processes.never_served(each.record)
            causes += [] if harmless else [each.damaged]
        elif not each.record.error or each.record.role == protocol.CHILD:
            causes = _examine(each, causes, verdict, seen, agreement)  # else said; no whole file follows from it
        verdict.faults += causes
    unread = run.unreadable_records()
    verdict.faults += [processes.unreadable(path, why) for path, why in unread]
    known = {each.pid for each in records} | {processes.pid_of_record(path) for path, _ in unread}
    verdict.faults += cross_check.strangers(verdict.files, verdict.witnesses, known, folders)
    verdict.faults += cross_check.started_unmeasured(verdict.everybody, known, folders)
    verdict.faults += other_sources
    verdict.unseen = list(unseen.sentences(verdict.witnesses, records, _both_names(manifest, checkout)))
    for finding in strange:
        _add_evidence(verdict.faults, finding)
    share_without = manifest.shard is not None and processes.needed_no_server(records)
    needs_none = manifest.recorded or manifest.collected or manifest.elsewhere or share_without
    if not verdict.served and not unread and not needs_none:
        verdict.faults.append(processes.nobody_served(records))
    return verdict


def _both_names(manifest: Manifest, checkout: Checkout) -> dict[str, str]:
    """The sources' names in records, by those that all else has here."""
    return {checkout.name(name): str(Path(manifest.root, name)) for name in manifest.sources}


def _put_under_names_here(verdict: Verdict, manifest: Manifest, tree: SourceTree) -> Checkout:
    """Let all that was read speak of the files of this checkout."""
    digests = {str(Path(manifest.root, name)): digest for name, digest in manifest.sources.items()}
    digests |= {file.name: file.sha256 for each in verdict.witnesses for file in each.files.values() if file.sha256}
    checkout = Checkout(tree, manifest.root, digests, elsewhere=verdict.elsewhere)
    for witness in verdict.witnesses:
        checkout.of_witness(witness)
    owners = {each.data.path: each for each in verdict.everybody if each.data is not None}
    for number, file in enumerate(verdict.files):
        owner = owners.get(file.path)
        verdict.files[number] = checkout.of_data(file, owner.record.folder if owner is not None else "")
        if owner is not None:
            owner.data = verdict.files[number]
    return checkout


def _leave_out(verdict: Verdict, keep: Callable[[str], bool]) -> None:
    """Take back what was measured beyond this project's settings, which nobody there knew."""
    owners = {each.data.path: each for each in verdict.everybody if each.data is not None}
    for number, file in enumerate(verdict.files):
        names = {raw: name for raw, name in file.names.items() if keep(name)}
        lines = {name: lines for name, lines in file.lines.items() if keep(name)}
        left_out = frozenset(file.names.keys() - names.keys())
        traced = frozenset(filter(keep, file.traced))
        verdict.files[number] = replace(file, names=names, lines=lines, traced=traced, left_out=left_out)
        if owner := owners.get(file.path):
            owner.data = verdict.files[number]
    for witness in verdict.witnesses:
        for name in [each for each in witness.lines if not keep(each)]:
            del witness.lines[name]


def _traced(verdict: Verdict, folders: list[Path], tracers: FileTracers) -> set[str]:
    """The files that are a plugin's; what a witness saw of one that is Python is taken back."""
    found = {name for each in verdict.files for name in each.traced if inside(name, folders)}
    measured = {name for each in verdict.files for name, lines in each.lines.items() if lines}
    for witness in verdict.witnesses:
        for name in [each for each in witness.lines if each not in measured and tracers.claim(each)]:
            del witness.lines[name]
            found.add(name)
    return found


def _two_at_once(process: Belongings) -> MeasurementFault:
    return MeasurementFault(
        f"In {process.who} another coverage.py was started, by {process.record.another}: while it "
        "measures, the run's own does not.",
        hint="Leave it out: a run measures every process itself. Let tests of measuring go beside the run, unmeasured.",
    )


def _add_evidence(faults: list[MeasurementFault], finding: MeasurementFault) -> None:
    """Add a finding; beside another with the same advice it is that one's evidence."""
    same = next((each for each in faults if each.hint == finding.hint), None)
    if same is None:
        faults.append(finding)
    else:
        same.detail = "\n".join(text for text in (same.detail, finding.message) if text)


def _count(data: DataFile | None) -> int:
    return sum(map(len, data.lines.values())) if data is not None else 0


def _examine(
    process: Belongings, causes: list[MeasurementFault], verdict: Verdict, seen: Seen, agreement: Agreement
) -> list[MeasurementFault]:
    """Hold one process's data against its record, its canary and its witness; `causes` are what is known already.

    Where a cause is known, lines that are lost are its evidence, and no finding with advice of its own.
    """
    record, data = process.record, process.data
    if processes.never_served(record):
        return causes  # it was stopped in mid-start, or could not start: what it lacks is missed by nobody
    elsewhere = working_folder.fault(process, seen.folders, seen.by(record), verdict.root)
    if elsewhere is not None:
        causes = [*causes, elsewhere]
    elif data is None and (processes.must_leave_data(record) or seen.by(record)):
        later = [
            each
            for each in verdict.everybody
            if each.record.pid == record.pid and each.record.began > record.began and not each.record.interpreter
        ]
        others = [each for each in verdict.everybody if each is not process] if verdict.elsewhere else later
        if processes.saved_by(others, seen.by(record)) and not record.served:
            return causes
        verdict.killed.append(process)
        return [*causes, processes.no_file(process, replaced=bool(later), elsewhere=verdict.elsewhere)]
    if data is not None and record.served:
        causes = [*causes, *processes.what_it_recorded(process, data, seen.folders)]
    disputes = list(cross_check.examine(process, seen, agreement))
    if disputes and record.another:
        causes = [*causes, _two_at_once(process)]
    if not causes:
        return disputes
    evidence = [text for each in disputes for text in (each.message, each.detail)]
    causes[-1].detail = "\n".join(text for text in (causes[-1].detail, *evidence) if text)
    return causes
