"""The gate: the application's coverage, and nothing else, held against `fail_under`. Driver process."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import coverage
from coverage.exceptions import NoDataError
from coverage.files import GlobMatcher, TreeMatcher, canonical_filename, find_python_files, prep_patterns
from coverage.results import should_fail_under

from afterawait import terminal
from afterawait.coverage_config import CoverageConfig
from afterawait.faults import CoverageFault, Fault, MeasurementFault
from afterawait.settings import Settings


def files(settings: Settings) -> Iterator[str]:
    """All that coverage.py takes for a Python file of the application; editors leave others beside them."""
    for place in (settings.root / each for each in settings.source):
        if place.is_file():
            yield str(place)
        else:
            yield from find_python_files(str(place), include_namespace_packages=True)


def counted(settings: Settings, cov: coverage.Coverage) -> list[Path]:
    """The files of the application that coverage.py's configuration does not leave out, by name."""
    names = sorted(canonical_filename(each) for each in files(settings))
    return [Path(name) for name in names if _is_counted(name, cov)]


def _is_counted(name: str, cov: coverage.Coverage) -> bool:
    """Whether a file matches patterns is coverage.py's to say."""
    omitted = _matcher(cov, "run:omit", "report:omit")
    included = _matcher(cov, "report:include")
    return not (omitted and omitted.match(name)) and (included is None or included.match(name))


def _matcher(cov: coverage.Coverage, *options: str) -> GlobMatcher | None:
    found = [cov.get_option(each) for each in options]
    patterns = [str(pattern) for each in found if isinstance(each, list) for pattern in each]
    return GlobMatcher(prep_patterns(patterns)) if patterns else None


class Application:
    """The files that gate: those of [tool.afterawait].source."""

    def __init__(self, settings: Settings, cov: coverage.Coverage) -> None:
        self.names = ", ".join(settings.source)
        self.cov = cov
        self._files = list(files(settings))
        matcher = TreeMatcher([str(settings.root / each) for each in settings.source])
        self.measured = [name for name in cov.get_data().measured_files() if matcher.match(name)]
        """By name: a pattern would stumble over a folder called `a[1]`."""

    def check(self, configured: str) -> None:
        """Raise MeasurementFault for a file of the application that coverage.py was not told to measure.

        `configured` is what people know the coverage configuration by.
        """
        absent = sorted({canonical_filename(each) for each in self._files} - set(self.measured))
        unseen = [name for name in absent if _is_counted(name, self.cov)]
        if unseen:
            message = f"coverage.py did not look at {', '.join(unseen)}."
            hint = f"Let `source` in {configured} name what [tool.afterawait].source does, or omit the file there."
            if any(not Path(name).with_name("__init__.py").exists() for name in unseen):
                hint += " For a folder without an __init__.py, set `include_namespace_packages = true` in [report]."
            raise MeasurementFault(message, hint=hint)

    def total(self) -> float:
        """The percentage. Raises MeasurementFault where nothing was measured."""
        try:
            return self.cov.report(morfs=self.measured, file=io.StringIO())
        except NoDataError:
            hint = "Compare `source` in the coverage configuration with [tool.afterawait].source."
            raise MeasurementFault(f"No line of {self.names} was measured.", hint=hint) from None


def gate(application: Application, config: CoverageConfig, partial: str) -> Fault | None:
    """Say what the coverage is, and return a fault where it is under `fail_under`.

    `partial` is why the runs do not add up to a whole one, "" if they do: then nothing gates.
    """
    cov = application.cov
    total = application.total()
    wanted = float(str(cov.get_option("report:fail_under") or 0))
    precision = int(str(cov.get_option("report:precision") or 0))
    counted = "lines and branches" if cov.get_data().has_arcs() else "lines (--fast measures no branches)"
    reached = f"{application.names} {total:.{precision}f} % of {counted}"
    if partial or not wanted:
        terminal.say("coverage", f"{reached}; no gate: {partial or f'{config.name} sets no fail_under'}")
        return None
    if should_fail_under(total, wanted, precision):
        page = config.reports()[0]
        hint = f"The table above names the lines and branches that no test reached; {page} shows them."
        return CoverageFault(f"{reached}: under fail_under = {wanted:g}.", hint=hint)
    terminal.say("coverage", terminal.paint(f"{reached}: the gate is passed (fail_under = {wanted:g})", "green"))
    return None
