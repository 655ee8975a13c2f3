"""The second half of a run: judge, combine, report, gate. Driver process; also all that `afterawait combine` does.

It needs nothing but run folders and the sources, so that CI's last job can do it on another machine.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import coverage
from coverage.exceptions import CoverageException, NoSource, NotPython

from afterawait import coverage_config, protocol, terminal
from afterawait.coverage_config import CoverageConfig
from afterawait.evidence.identity import SourceTree
from afterawait.faults import Fault, MeasurementFault
from afterawait.judge import verdict
from afterawait.judge.cross_check import Agreement
from afterawait.judge.file_tracers import FileTracers
from afterawait.judge.processes import nobody_served
from afterawait.mode import FAST, MeasurementMode
from afterawait.reports import combine, explored, never_ran
from afterawait.reports.combine import Gathered
from afterawait.reports.counted import Counted
from afterawait.reports.gate import Application, gate
from afterawait.runs import kept
from afterawait.runs.folder import RunFolder
from afterawait.runs.shards import Part
from afterawait.settings import Settings


@dataclass(frozen=True)
class Printed:
    """What the reports say beside the figures: why nothing gates, whether tests ran, how much is printed."""

    why_no_gate: str
    tests: bool
    verbosity: int


def conclude(  # noqa: PLR0913  # keywords, none of which depends on another
    settings: Settings,
    runs: Sequence[RunFolder],
    *,
    tests: bool = True,
    verbosity: int = 0,
    into: Path | None = None,
    before: Sequence[Fault] = (),
) -> tuple[list[Fault], dict[str, float]]:
    """Judge, combine and report `runs`; prints as it goes. Returns what is the matter, and seconds spent.

    Without `tests` the reports are of the application alone: none ran. A `verbosity` below 0 leaves out what is
    good and the table, one above 0 adds a line for each process and the files that are covered in full. The reports
    are made in the folder `into`, or in that of the one run, which then becomes the latest, unless it was cut short.
    `before` are faults that are known already: where one of them, or of what a run says of itself, is of the
    measurement, nothing gates either.
    """
    gathered = Gathered()
    spent: dict[str, float] = {}
    began = time.perf_counter()
    faults = _judge(settings, runs, gathered, verbosity)
    spent["verdict"] = time.perf_counter() - began
    try:
        unfinished = into is None and gathered.cut_short()
        outputs = into or runs[0].path
        doubtful = faults or any(isinstance(each, MeasurementFault) for each in before) or gathered.untrusted()
        why_no_gate = "the measurement cannot be trusted" if doubtful else gathered.why_partial()
        printed = Printed(why_no_gate, tests, verbosity)
        if unserved := gathered.unserved_shards():
            terminal.say("shard", f"{unserved}: there is nothing to report")
        else:
            faults += _combine_and_report(settings, outputs, gathered, spent, printed, unfinished=unfinished)
        if not unfinished:
            kept.conclude(settings.state, outputs, [each.path for each in runs], settings.keep_runs)
    except Fault as fault:
        faults.append(fault)
    except (NoSource, NotPython) as error:
        message = f"The reports could not be made: {str(error).rstrip('.')}."
        hint = "Fix or keep that file, or `omit` it in the coverage configuration: coverage.py has to read what counts."
        faults.append(MeasurementFault(message, hint=hint))
    except (CoverageException, OSError) as error:
        named = " ".join(os.path.relpath(each.path, settings.root) for each in runs)
        hint = f"Make room on the disk, or read what is wrong with that file, then run: afterawait combine {named}"
        faults.append(MeasurementFault(f"The reports could not be made: {error}.", hint=hint))
    return faults, spent


def _judge(settings: Settings, runs: Sequence[RunFolder], gathered: Gathered, verbosity: int) -> list[Fault]:
    """Why the runs cannot be believed; what they left that is whole goes to `gathered`."""
    faults: list[Fault] = []
    agreement = Agreement()
    sentences: Counter[str] = Counter()
    tracers, counted = _file_tracers(settings), _counted(settings)
    tree = SourceTree(settings.root, settings.source)
    for run in runs:
        try:
            manifest = run.manifest()
        except MeasurementFault as fault:
            faults.append(fault)
            continue
        judged = verdict.judge(run, manifest, tree, agreement, tracers, counted.counts)
        faults += judged.faults
        gathered.add(judged, Part(os.path.relpath(run.path, settings.root), manifest))
        for line in judged.processes() if verbosity > 0 else ():
            terminal.say("process", line)
        elsewhere = manifest.collected or manifest.elsewhere  # of what served there is more to say
        if not judged.faults and verbosity >= 0 and not (elsewhere and not judged.served):
            sentences[judged.sentence()] += 1
        if unnamed := judged.unnamed():
            terminal.say("unnamed", unnamed)
        for line in judged.unseen:
            terminal.say("unseen", line)
    for sentence, times in sentences.items():
        terminal.say("measurement", sentence + f" (each of {times:,} runs)" * (times > 1))
    if gathered.unserved_shards() and not gathered.why_partial():
        faults.append(nobody_served([]))  # one shard may do without a server, but not all
    if agreement.processes and verbosity >= 0:
        terminal.say("measurement", agreement.sentence())
    return faults


def _file_tracers(settings: Settings) -> FileTracers:
    """The plugins that trace files in this project."""
    with tempfile.TemporaryDirectory() as folder:
        return FileTracers(coverage_config.of_reports(settings, Path(folder)).coverage())


def _counted(settings: Settings) -> Counted:
    with tempfile.TemporaryDirectory() as folder:
        return Counted(settings, coverage_config.of_reports(settings, Path(folder)).coverage())


def _combine_and_report(  # noqa: PLR0913  # keywords, none of which depends on another
    settings: Settings,
    outputs: Path,
    gathered: Gathered,
    spent: dict[str, float],
    printed: Printed,
    *,
    unfinished: bool,
) -> list[Fault]:
    if not gathered.files:
        hint = "Look above for why; docs/troubleshooting.md goes through the causes."
        raise MeasurementFault("No data was collected: there is nothing to report.", hint=hint)
    if mixed := combine.mixed_modes(gathered.manifests):
        hint = "Run every shard with --fast, or none."
        if any(each.elsewhere for each in gathered.manifests):
            hint = _started_so(gathered.mode())
        raise MeasurementFault(f"These runs were measured in different ways: {mixed}.", hint=hint)
    began = time.perf_counter()
    config = coverage_config.of_reports(
        settings, outputs, [each.root for each in gathered.manifests if not each.elsewhere]
    )
    if unfinished:
        config = replace(config, into=outputs)
    cov = combine.combine(settings, config, gathered)
    spent["combine"] = time.perf_counter() - began
    began = time.perf_counter()
    finding = _report(settings, outputs, config, cov, gathered, printed)
    spent["reports"] = time.perf_counter() - began
    return [finding] if finding else []


def _started_so(wanted: MeasurementMode) -> str:
    """What to do about a server elsewhere that was not measured as this run is."""
    variables = wanted.environment() or ({} if wanted.branch else {protocol.BRANCH: "false"})
    if variables:
        return f"Start the server with {' '.join(f'{name}={value}' for name, value in variables.items())} as well."
    return f"Start the server without {', '.join(FAST.environment())}, or run with --fast."


def _report(  # noqa: PLR0913  # as above
    settings: Settings,
    outputs: Path,
    config: CoverageConfig,
    cov: coverage.Coverage,
    gathered: Gathered,
    printed: Printed,
) -> Fault | None:
    """Write every report and hold the application's coverage against the gate."""
    application = Application(settings, cov)
    application.check(config.name)
    shown = _shown(application, partial=bool(gathered.why_partial()), tests=printed.tests)
    if printed.verbosity >= 0:
        cov.report(morfs=shown, skip_covered=False if printed.verbosity else None)
    if not any(cov.get_data().measured_contexts()):
        cov.set_option("html:show_contexts", False)  # there are none where no test ran: it would warn of that
    for write in (cov.html_report, cov.xml_report, cov.json_report, cov.lcov_report):
        write(morfs=shown)
    if printed.verbosity >= 0:
        found = gathered.annotations.lines()
        never_ran.report(cov, {name: lines for name, lines in found.items() if application.counts(name)})
    gathered.unsaved.report(cov.get_data(), outputs)
    if settings.with_session:
        explored.report(settings.root, settings.with_session, cov.get_data())
    inside = os.path.relpath(outputs, settings.root)
    finding = gate(application, config, gathered.mode(), printed.why_no_gate)
    page, *others = config.reports()
    if config.made and config.into is None:  # the link leads there in a moment
        page = str(settings.state.relative_to(settings.root) / protocol.LATEST / Path(page).relative_to(inside))
    terminal.say("reports", "  ".join([page, *(Path(each).name if config.made else each for each in others)]))
    return finding


def _shown(application: Application, *, partial: bool, tests: bool) -> list[str] | None:
    """The files to report, None for all: where tests were selected, those of the others are no finding at 0 %."""
    if tests and not partial:
        return None
    data = application.cov.get_data()
    others = [name for name in data.measured_files() if data.lines(name)] if tests else []
    return sorted({*application.measured, *others})
