"""The gate: the application's coverage, and nothing else, held against `fail_under`. Driver process."""

from __future__ import annotations

import io
import math
import os

import coverage
from coverage.exceptions import NoDataError
from coverage.files import canonical_filename
from coverage.results import display_covered, should_fail_under

from afterawait import protocol, terminal
from afterawait.coverage_config import CoverageConfig
from afterawait.faults import CoverageFault, Fault, MeasurementFault
from afterawait.mode import MeasurementMode
from afterawait.reports.counted import Counted, lacks_init, nothing_measured
from afterawait.settings import Settings


class Application:
    """The files that gate: those of [tool.afterawait].source."""

    def __init__(self, settings: Settings, cov: coverage.Coverage) -> None:
        self.names = ", ".join(settings.source)
        self.cov = cov
        self._counted = Counted(settings, cov)
        self.measured = [name for name in cov.get_data().measured_files() if self._counted.holds(name)]
        """By name: a pattern would stumble over a folder called `a[1]`."""

    def counts(self, name: str) -> bool:
        """Whether no pattern leaves this file of the application, by its absolute name, out of the reports."""
        return self._counted.counts(name)

    def check(self, configured: str) -> None:
        """Raise MeasurementFault for a file of the application that coverage.py was not told to measure.

        `configured` is what people know the coverage configuration by.
        """
        unseen = sorted(set(self._counted.files()) - set(map(canonical_filename, self.measured)))
        if unseen:
            message = f"coverage.py did not look at {', '.join(unseen)}."
            hint = f"Let `source` in {configured} name what [tool.afterawait].source does, or omit the file there."
            if any(map(lacks_init, unseen)):
                hint += " For a folder without an __init__.py, set `include_namespace_packages = true` in [report]."
            raise MeasurementFault(message, hint=hint)

    def total(self) -> float:
        """The percentage. Raises MeasurementFault where nothing was measured."""
        try:
            return self.cov.report(morfs=self.measured, file=io.StringIO())
        except NoDataError:
            raise nothing_measured(self.names) from None


def gate(application: Application, config: CoverageConfig, mode: MeasurementMode, partial: str) -> Fault | None:
    """Say what the coverage is, and return a fault where it is under `fail_under`.

    `partial` is why the runs do not add up to a whole one, "" if they do: then nothing gates.
    """
    cov = application.cov
    total = application.total()
    wanted = float(str(cov.get_option("report:fail_under") or 0))
    precision = int(str(cov.get_option("report:precision") or 0))
    reached = f"{application.names} {display_covered(total, precision)} % of {_counted(cov, mode)}"
    if partial or not wanted:
        terminal.say("coverage", f"{reached}; no gate: {partial or f'{config.name} sets no fail_under'}")
        if not partial:
            _advise(total, wanted, config)
        return None
    if should_fail_under(total, wanted, precision):
        page = config.reports()[0]
        what = "lines and branches" if mode.counts_branches else "lines"
        hint = f"The table above names the {what} that no test reached; {page} shows them."
        return CoverageFault(f"{reached}: under fail_under = {wanted:g}.", hint=hint)
    terminal.say("coverage", terminal.paint(f"{reached}: the gate is passed (fail_under = {wanted:g})", "green"))
    _advise(total, wanted, config)
    return None


def _advise(total: float, wanted: float, config: CoverageConfig) -> None:
    """Say what to write to hold what is reached, where that is more than is asked for now."""
    if math.floor(total) > wanted:
        terminal.say("gate", f"to hold what is reached, write fail_under = {math.floor(total)} in {config.name}")


def _counted(cov: coverage.Coverage, mode: MeasurementMode) -> str:
    """What the percentage is of, and why of no branches."""
    if cov.get_data().has_arcs():
        return "lines and branches"
    if mode.monitored and mode.branch:
        return "lines (branches measured by sys.monitoring can be false)"
    fast = protocol.BRANCH in os.environ or cov.get_option("run:branch")
    return "lines (--fast measures no branches)" if fast else "lines (branch = false)"
