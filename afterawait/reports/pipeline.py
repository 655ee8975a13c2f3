"""The second half of a run: judge, combine, report, gate. Driver process; also all that scripts/combine.sh does.

It needs nothing but run folders and the sources, so that CI's last job can do it on another machine.
"""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

import coverage
from coverage.exceptions import CoverageException, NoDataError
from coverage.results import should_fail_under

from afterawait import terminal
from afterawait.faults import CoverageFault, Fault, MeasurementFault
from afterawait.judge import verdict
from afterawait.judge.cross_check import Agreement
from afterawait.reports import combine, explored
from afterawait.reports.combine import Gathered
from afterawait.runs import folder
from afterawait.runs.folder import RunFolder
from afterawait.settings import Settings


def conclude(
    settings: Settings, runs: Sequence[RunFolder], *, tests: bool = True
) -> tuple[list[Fault], dict[str, float]]:
    """Judge, combine and report `runs`; prints as it goes. Returns what is the matter, and seconds spent.

    Without `tests` the reports are of the application alone: none ran.
    """
    faults: list[Fault] = []
    folder.remember(settings.state, runs)
    gathered = Gathered()
    agreement = Agreement()
    spent: dict[str, float] = {}
    began = time.perf_counter()
    for run in runs:
        try:
            manifest = run.manifest()
        except MeasurementFault as fault:
            faults.append(fault)
            continue
        judged = verdict.judge(run, manifest, settings.source, settings.root, agreement)
        faults += judged.faults
        gathered.add(judged, manifest, settings.root)
        if not judged.faults:
            terminal.say("measurement", judged.sentence())
    if agreement.processes:
        terminal.say("measurement", agreement.sentence())
    spent["verdict"] = time.perf_counter() - began
    try:
        faults += _merge_and_report(settings, gathered, spent, tests=tests)
    except Fault as fault:
        faults.append(fault)
    except (CoverageException, OSError) as error:
        hint = (
            "Make room on the disk, or read what is wrong with that file, then run scripts/combine.sh .afterawait/run"
        )
        faults.append(MeasurementFault(f"The reports could not be made: {error}.", hint=hint))
    return faults, spent


def _merge_and_report(settings: Settings, gathered: Gathered, spent: dict[str, float], *, tests: bool) -> list[Fault]:
    if not gathered.files:
        hint = "Look above for why; docs/troubleshooting.md goes through the causes."
        raise MeasurementFault("No data was collected: there is nothing to report.", hint=hint)
    if mixed := combine.mixed_lanes(gathered.manifests):
        hint = "Run every shard with --fast, or none."
        raise MeasurementFault(f"These runs were measured in different ways: {mixed}.", hint=hint)
    began = time.perf_counter()
    cov = combine.combine(settings, gathered)
    spent["combine"] = time.perf_counter() - began
    began = time.perf_counter()
    shown = None if tests else _application(settings, cov)
    _all_looked_at(settings, cov)
    cov.report(morfs=shown)
    for write in (cov.html_report, cov.xml_report, cov.json_report, cov.lcov_report):
        write(morfs=shown)
    gathered.killed.tell(cov.get_data(), settings.state)
    if settings.with_session:
        explored.tell(settings.root, settings.with_session, cov.get_data())
    finding = _gate(settings, cov, gathered.why_partial())
    terminal.say("reports", "htmlcov/index.html  coverage.xml  coverage.json  coverage.lcov")
    spent["reports"] = time.perf_counter() - began
    return [finding] if finding else []


def _application(settings: Settings, cov: coverage.Coverage) -> list[str]:
    """The measured files that gate, by name: a pattern would stumble over a folder called `a[1]`."""
    folders = [settings.root / each for each in settings.source]
    return [
        name for name in cov.get_data().measured_files() if any(Path(name).is_relative_to(each) for each in folders)
    ]


def _all_looked_at(settings: Settings, cov: coverage.Coverage) -> None:
    """Raise MeasurementFault for a file of the application that coverage.py was not told to measure."""
    omitted = [*_patterns(cov, "run:omit"), *_patterns(cov, "report:omit")]
    measured = set(_application(settings, cov))
    files = [str(path) for each in settings.source for path in sorted((settings.root / each).rglob("*.py"))]
    unseen = [name for name in files if name not in measured and not any(fnmatch(name, each) for each in omitted)]
    if unseen:
        message = f"coverage.py did not look at {', '.join(unseen)}."
        hint = "Let `source` in .coveragerc name what [tool.afterawait].source does (with an __init__.py), or omit it."
        raise MeasurementFault(message, hint=hint)


def _patterns(cov: coverage.Coverage, option: str) -> list[str]:
    value = cov.get_option(option)
    return [str(each) for each in value] if isinstance(value, list) else []


def _gate(settings: Settings, cov: coverage.Coverage, partial: str) -> Fault | None:
    """Hold the application's coverage, and nothing else, against `fail_under`."""
    names = ", ".join(settings.source)
    try:
        total = cov.report(morfs=_application(settings, cov), file=io.StringIO())
    except NoDataError:
        hint = "Compare `source` in .coveragerc with [tool.afterawait].source."
        raise MeasurementFault(f"No line of {names} was measured.", hint=hint) from None
    wanted = float(str(cov.get_option("report:fail_under") or 0))
    precision = int(str(cov.get_option("report:precision") or 0))
    branches = cov.get_data().has_arcs()
    message = "lines and branches" if branches else "lines (branches are not measured with --fast before Python 3.14)"
    reached = f"{names} {total:.{precision}f} % of {message}"
    if partial:
        terminal.say("coverage", f"{reached}; no gate: {partial}")
        return None
    if should_fail_under(total, wanted, precision):
        hint = "The table above names the lines and branches that no test reached: htmlcov/index.html shows them."
        return CoverageFault(f"{reached}: under fail_under = {wanted:g}.", hint=hint)
    terminal.say("coverage", terminal.paint(f"{reached}: the gate is passed (fail_under = {wanted:g})", "green"))
    return None
