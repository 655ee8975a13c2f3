"""How coverage.py is configured in a run: by the project's own file, or by one made for the run. Driver, test process.

Made for the run, the file lies in its folder, and so does all that coverage.py writes: `.coverage` and `htmlcov/` at
the project's root are not this tool's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from afterawait import (
    coverage_derived,
    coverage_fast,
    coverage_named,
    coverage_settings,
    measured_files,
    protocol,
    settings_table,
    terminal,
)
from afterawait.faults import EnvironmentFault
from afterawait.mode import FAST, MeasurementMode
from afterawait.settings import Settings

if TYPE_CHECKING:
    import coverage


REPORTS = ("xml", "json", "lcov")


@dataclass(frozen=True)
class CoverageConfig:
    """The configuration that runs are combined and reported with; `name` is what people know it by.

    `made` says that it is a run's own, not a file of the project.
    """

    file: Path
    name: str
    root: Path
    made: bool = False
    into: Path | None = None
    """The folder of all outputs, whatever the file says: a run that was cut short leaves an earlier one's reports."""

    def coverage(self, data_file: Path | None = None) -> coverage.Coverage:
        """A Coverage for reports, never in a measured process: it would no longer save. Raises CoverageException.

        Without a `data_file` it has no data, and touches none: one that was not loaded empties its file.
        """
        import coverage

        for name in protocol.COVERAGE_VARIABLES:
            os.environ.pop(name, None)
        file = None if data_file is None else str(data_file)
        cov = coverage.Coverage(config_file=str(self.file), data_file=file, messages=False)
        if self.into is not None:
            outputs = {"html:directory": "htmlcov"} | {f"{kind}:output": f"coverage.{kind}" for kind in REPORTS}
            for option, name in outputs.items():
                cov.set_option(option, str(self.into / name))
        return cov

    def data_file(self) -> Path:
        """Where the combined data go."""
        if self.into is not None:
            return self.into / protocol.DATA_FILE
        return self.root / _text(self.coverage(), "run:data_file")

    def reports(self) -> list[str]:
        """The names of the reports from the project's root, the page of the HTML one first."""
        cov = self.coverage()
        page = Path(_text(cov, "html:directory"), "index.html")
        names = [page, *(Path(_text(cov, f"{kind}:output")) for kind in REPORTS)]
        return [_below(self.root, self.root / each) for each in names]


def check(settings: Settings) -> None:
    """Say which settings hold; before anything starts, raise EnvironmentFault where they cannot measure a run."""
    _look_at_variables(settings)
    if settings.coverage_config is not None:
        named = _named(settings, settings.coverage_config)
        coverage_settings.importable(settings.import_roots)
        with coverage_settings.reading(named.file, named.name):
            coverage_named.check(named.coverage(), named.file, named.name)
            _check_links(settings, named)
        return
    own = coverage_settings.read(settings.root, settings.import_roots)
    if own.file:
        replaced = coverage_derived.overridden(settings, own)
        terminal.say(
            "coverage", f"settings of {own.file}" + f"; set by the run: {', '.join(replaced)}" * bool(replaced)
        )
    for each in own.warnings:
        terminal.say("coverage", each)


def _look_at_variables(settings: Settings) -> None:
    """Say that the shell's tracer does not hold; refuse one of the settings, which would change the server's."""
    if core := os.environ.get(protocol.COVERAGE_CORE):
        why = " (branches measured by sys.monitoring can be false)" if core == "sysmon" else ""
        what = f"{protocol.COVERAGE_CORE}={core} is left out{why}: a run measures as its configuration says"
        terminal.say("coverage", what)
    if protocol.COVERAGE_CORE in settings.env:
        message = (
            f"[tool.afterawait].env sets {protocol.COVERAGE_CORE}: the server would not be measured as the run is."
        )
        hint = "Leave it out there: the coverage configuration says how a run is measured."
        raise settings_table.fault(settings.root, f"env.{protocol.COVERAGE_CORE}", message, hint=hint)


def mode_of(settings: Settings, chosen: MeasurementMode) -> MeasurementMode:
    """`chosen`, without branches where the project's own coverage settings measure none.

    A configuration that the project names may measure by sys.monitoring in any case; raises EnvironmentFault where it
    would measure in yet another way.
    """
    if not settings.measures:
        return chosen
    if settings.coverage_config is not None:
        named = _named(settings, settings.coverage_config)
        with coverage_settings.reading(named.file, named.name):
            return coverage_named.mode_of(named.coverage(), named.file, named.name, chosen)
    branch = coverage_settings.read(settings.root, settings.import_roots).values.get("run:branch")
    return replace(chosen, branch=False) if branch is False else chosen


def of_run(settings: Settings, folder: Path) -> Path:
    """The file that configures coverage.py in the measured processes of the run in `folder`, made where need be."""
    path = (folder / protocol.RUN_CONFIG).absolute()
    if path.exists():
        return path
    if settings.coverage_config is not None:
        return settings.coverage_config
    _write(settings, path)
    return path


def prepare(settings: Settings, folder: Path, mode: MeasurementMode) -> None:
    """Make the copy of a named configuration that a run with --fast may need. Driver process alone: see `coverage`."""
    if settings.coverage_config is not None and mode == FAST and settings.measures:
        named = _named(settings, settings.coverage_config)
        if (copy := coverage_fast.toml(named.coverage(), named.name)) is not None:
            _put((folder / protocol.RUN_CONFIG).absolute(), copy)


def of_reports(settings: Settings, folder: Path, measured: Iterable[str] = ()) -> CoverageConfig:
    """What the reports in `folder` are made with. `measured` are the roots of the checkouts that runs measured."""
    coverage_settings.importable(settings.import_roots)
    if settings.coverage_config is not None:
        return _named(settings, settings.coverage_config)
    path = (folder / protocol.RUN_CONFIG).absolute()
    _write(settings, path, measured)
    return CoverageConfig(path, "[tool.afterawait]", settings.root, made=True)


def _check_links(settings: Settings, named: CoverageConfig) -> None:
    """Raise EnvironmentFault for a link in the sources that leads to what the configuration does not measure.

    coverage.py knows files by their real names, and would neither measure such a file nor miss it.
    """
    links = measured_files.links(settings.root, settings.source)
    if not links:
        return
    from coverage.inorout import InOrOut

    cov = named.coverage()
    matcher = InOrOut(cov.config, warn=lambda *_, **__: None, debug=None, include_namespace_packages=True)
    for link, target in links.items():
        real = (settings.root / link).resolve()
        path = real / "__init__.py" if real.is_dir() else real
        why = matcher.check_include_omit_etc(str(path), sys._getframe())
        if why and "omit" not in why:
            message = f"{link} is a symbolic link to {target}, which {named.name} does not measure: {why}."
            hint = f"Name the folder that holds {target} in its `source`, or let `omit` there name {target}."
            raise EnvironmentFault(message, hint=hint)


def _named(settings: Settings, file: Path) -> CoverageConfig:
    return CoverageConfig(file, _below(settings.root, file), settings.root)


def _write(settings: Settings, path: Path, measured: Iterable[str] = ()) -> None:
    own = coverage_settings.read(settings.root, settings.import_roots)
    _put(path, coverage_derived.toml(settings, own, path.parent, measured))


def _put(path: Path, text: str) -> None:
    """Write the file whole or not at all: test processes that start together may all ask for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _text(cov: coverage.Coverage, option: str) -> str:
    return str(cov.get_option(option))


def _below(root: Path, path: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
