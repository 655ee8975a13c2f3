"""How one process was measured, by its record and its data: what makes its measurement unbelievable. Driver process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from afterawait import protocol
from afterawait.agent import canary
from afterawait.agent.record import FORKED, ProcessRecord
from afterawait.evidence import recordings
from afterawait.evidence.data_files import DataFile
from afterawait.evidence.line_sets import inside
from afterawait.faults import MeasurementFault
from afterawait.judge import causes
from afterawait.judge.belongings import Belongings
from afterawait.judge.causes import BOTH
from afterawait.mode import TRACERS
from afterawait.runs.manifest import Manifest


def must_leave_data(record: ProcessRecord) -> bool:
    """Whoever served or ran tests; a supervisor, a controller and a tool may have nothing to say."""
    return record.served or record.role == protocol.XDIST_WORKER


def never_served(record: ProcessRecord) -> bool:
    """Whether this is a server that did not get ready: that is the application's fault, and was said."""
    return record.role in {protocol.SERVER, protocol.WORKER} and not record.served


def server_was_started(records: Iterable[ProcessRecord]) -> bool:
    """Whether there was one, ready or not."""
    return any(each.command or each.role == protocol.SERVER for each in records)


def needed_no_server(records: Iterable[ProcessRecord]) -> bool:
    """Whether the test process says that it ran, and nobody that there was a server."""
    records = list(records)
    return any(each.role == protocol.RUNNER for each in records) and not server_was_started(records)


def nobody_served(records: Iterable[ProcessRecord]) -> MeasurementFault:
    """The fault of a run without a server that served."""
    none_served = "No server process served in this run."
    if any(each.command for each in records):
        return MeasurementFault(none_served, hint=causes.NO_SERVER)
    if any(each.role == protocol.SERVER for each in records):
        return MeasurementFault(none_served, hint=causes.NOT_STARTED)
    return MeasurementFault(
        "No server was started in this run.",
        hint="Let a test ask for it, by the fixture `http` or `base_url`; or look above for why it did not start.",
    )


def ran_nothing(process: Belongings) -> bool:
    """Whether this is a forked child that ran no measured line, a pool's worker say: there is nothing to be lost."""
    return process.record.witness == FORKED and not process.witnesses


def _who(process: Belongings) -> str:
    return process.who[:1].upper() + process.who[1:]


def how_it_was_measured(process: Belongings, manifest: Manifest) -> Iterator[MeasurementFault]:
    """What the record itself says against its measurement: not started, forced, another tracer, other branches."""
    record = process.record
    if record.error and record.role != protocol.CHILD:
        yield MeasurementFault(
            f"{_who(process)} was not measured: {record.error}.",
            hint=causes.START,
        )
    if record.forced and not never_served(record):
        message = f"{_who(process)} had to be stopped by force: what it ran to the end may be missing."
        yield MeasurementFault(message, hint=causes.forced(record))
    expected = TRACERS[manifest.core]
    if record.tracer not in {"", expected}:
        yield MeasurementFault(
            f"{_who(process)} was measured by {record.tracer}, not by {expected}.",
            hint="Set `core = ${AFTERAWAIT_CORE-ctrace}` in .coveragerc, which --fast changes, and drop COVERAGE_CORE.",
        )
    if record.tracer and record.branch != manifest.branch:
        yield MeasurementFault(
            f"{_who(process)} was measured {'with' if record.branch else 'without'} branches.",
            hint="Set `branch = ${AFTERAWAIT_BRANCH-true}` in .coveragerc, which --fast changes.",
        )


def pid_of_record(path: Path) -> int:
    """The pid in a record's name; 0 where somebody gave it another name."""
    pid = path.stem.split("-")[1]
    return int(pid) if pid.isdecimal() else 0


def unreadable(path: Path, why: str) -> MeasurementFault:
    """The fault of a record that says nothing: nobody knows how that process was measured."""
    message = f"{path} is no readable process record: {why.removeprefix(f'{path} ')}."
    return MeasurementFault(message, hint="How that process was measured is not known: run again.")


def saved_by(later: Iterable[Belongings], lines: Mapping[str, set[int]]) -> bool:
    """Whether nothing is lost with a process that was replaced: a program that came after ran all these lines too."""
    return any(
        all(ran <= each.data.lines.get(name, frozenset()) for name, ran in lines.items())
        for each in later
        if each.data is not None
    )


def no_file(process: Belongings, *, replaced: bool, elsewhere: bool) -> MeasurementFault:
    """The fault of a process that ran lines and left no data file; `replaced` if another had its pid after it."""
    happened, hint = causes.no_data_file(process.record, replaced=replaced, elsewhere=elsewhere)
    in_flight = "\n".join(line for witness in process.witnesses for line in recordings.in_flight(witness))
    message = f"{_who(process)} {happened}: it ran and left no data file."
    return MeasurementFault(message, hint=hint, detail=in_flight)


def what_it_recorded(process: Belongings, data: DataFile, source: list[Path]) -> Iterator[MeasurementFault]:
    """What a serving process's data lack: the application's lines, or the canary's on either side of a switch."""
    record = process.record
    if not any(lines and inside(name, source) for name, lines in data.lines.items()):
        yield MeasurementFault(
            f"{_who(process)} served, but its data hold no line of {', '.join(folder.name for folder in source)}.",
            hint="Compare `source` in .coveragerc with [tool.afterawait].source. Was it imported before coverage?",
        )
    # A canary that coverage.py does not measure proves nothing: cross_check judges alone.
    setting = ", ".join(record.concurrency)
    lost = {crossed: must - data.canary for crossed, must in canary.expected().items() if crossed in record.canary}
    lossy = {crossed: lines for crossed, lines in lost.items() if lines}
    if lossy:
        yield MeasurementFault(
            f"{_who(process)} lost lines after crossing a {' and a '.join(lossy)}: the canary's "
            f"{sorted(set().union(*lossy.values()))} ran and were not recorded, with `concurrency = {setting}`.",
            hint=BOTH,
        )
    expected = set(record.canary.split(", ") if record.canary and record.tracer == "CTracer" else ())
    if not lossy and not expected <= set(record.concurrency):
        yield MeasurementFault(f"{_who(process)} was measured with `concurrency = {setting}`.", hint=BOTH)
