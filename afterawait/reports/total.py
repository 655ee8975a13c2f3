"""A total with other coverage data, of unit tests mostly: reported beside a run, judged by nobody. Driver process.

The run's own reports and its gate stay as they are. Files that people give are only read.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import coverage
from coverage import CoverageData
from coverage.exceptions import CoverageException

from afterawait import coverage_config, protocol, terminal
from afterawait.coverage_config import CoverageConfig
from afterawait.faults import EnvironmentFault, Fault
from afterawait.reports.gate import Application
from afterawait.runs.folder import RunFolder
from afterawait.runs.manifest import Manifest
from afterawait.settings import Settings


def check(files: Sequence[Path], runs: Sequence[RunFolder]) -> None:
    """Raise EnvironmentFault for a file that cannot be added to what these runs measured."""
    ways = {"branches" if manifest.mode().counts_branches else "lines alone" for manifest in _manifests(runs)}
    for file in files:
        with tempfile.TemporaryDirectory() as folder, closing(_read(file, Path(folder))) as data:
            its = "branches" if data.has_arcs() else "lines alone"
            if not data.measured_files():
                raise EnvironmentFault(
                    f"--also {file}: no file was measured in it.",
                    hint="Run the unit tests under coverage.py again: coverage run -m pytest.",
                )
            if ways and {its} != ways:
                raise EnvironmentFault(
                    f"--also {file} has {its}, and the run has {' and '.join(sorted(ways))}: they cannot be added.",
                    hint="Measure both in one way: `coverage run --branch` beside `afterawait run`, or `coverage run`"
                    " without branches beside `afterawait run --fast`.",
                )


def report(settings: Settings, reports: Path, runs: Sequence[RunFolder], files: Sequence[Path]) -> list[Fault]:
    """Add `files` to what the reports in the folder `reports` are of, in a folder of its own there; what went wrong."""
    try:
        _report(settings, reports, runs, files)
    except Fault as fault:
        return [fault]
    except (CoverageException, OSError) as error:
        hint = "Compare the project's own coverage configuration with the file; the run's own reports are made."
        return [EnvironmentFault(f"The total with --also could not be made: {error}.", hint=hint)]
    return []


def _report(settings: Settings, reports: Path, runs: Sequence[RunFolder], files: Sequence[Path]) -> None:
    config = coverage_config.of_reports(settings, reports, [each.root for each in _manifests(runs)])
    if not config.data_file().exists():
        return  # why is said already
    folder = reports / protocol.TOTAL
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    cov = _total(settings, config, folder, files)
    application = Application(settings, cov)
    total = application.total()
    cov.html_report(morfs=application.measured, directory=str(folder / "htmlcov"))
    cov.xml_report(morfs=application.measured, outfile=str(folder / "coverage.xml"))
    cov.json_report(morfs=application.measured, outfile=str(folder / "coverage.json"))
    cov.lcov_report(morfs=application.measured, outfile=str(folder / "coverage.lcov"))
    precision = int(str(cov.get_option("report:precision") or 0))
    counted = "lines and branches" if cov.get_data().has_arcs() else "lines"
    added = ", ".join(map(str, files))
    page = os.path.relpath(folder / "htmlcov" / "index.html", settings.root)
    said = f"{application.names} {total:.{precision}f} % of {counted} with {added}: not judged, no gate  {page}"
    terminal.say("total", said)


def _total(settings: Settings, config: CoverageConfig, folder: Path, files: Sequence[Path]) -> coverage.Coverage:
    """The run's data and those of `files`, in a data file in `folder`."""
    target = folder / protocol.DATA_FILE
    shutil.copyfile(config.data_file(), target)
    with closing(CoverageData(basename=str(target))) as data, tempfile.TemporaryDirectory() as temporary:
        data.read()
        for number, file in enumerate(files):
            place = Path(temporary, str(number))
            place.mkdir()
            _read(file, place).close()
            with closing(_mapped(settings, place)) as mapped:
                data.update(mapped, map_path=lambda name: str(settings.root / name))
    cov = config.coverage(target)
    cov.load()
    return cov


def _mapped(settings: Settings, place: Path) -> CoverageData:
    """The copy in `place`, its files named as [paths] of the project's own coverage configuration says."""
    here = Path.cwd()
    os.chdir(settings.root)  # where coverage.py looks for it, and what relative names are relative to
    try:
        own = coverage.Coverage(data_file=str(place / "mapped"), config_file=True, messages=False)
        own.combine([str(place / "copy")], strict=True, keep=True)
        return own.get_data()
    finally:
        os.chdir(here)


def _read(file: Path, folder: Path) -> CoverageData:
    """What is in `file`, of which a copy in `folder` is opened: coverage.py writes to what it opens."""
    copy = folder / "copy"
    try:
        if not file.stat().st_size:
            raise CoverageException("it is empty")  # noqa: TRY301  # as of all else that is no data
        shutil.copyfile(file, copy)
        data = CoverageData(basename=str(copy))
        data.read()
    except (CoverageException, OSError) as error:
        said = str(error).replace(str(copy), str(file)).rstrip(".")
        raise EnvironmentFault(
            f"--also {file} cannot be read as coverage data: {said}.",
            hint="Give the file that `coverage run` or pytest-cov wrote, .coverage mostly; not an XML or HTML report.",
        ) from None
    return data


def _manifests(runs: Sequence[RunFolder]) -> list[Manifest]:
    found = []
    for run in runs:
        try:
            found.append(run.manifest())
        except Fault:  # judged unreadable
            continue
    return found
