"""The run's figure is coverage.py's: over generated settings, `coverage report` on the same data says the same.

Test process. The data are made once; each example combines and reports them as a run does.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage
from coverage.exceptions import NoDataError
from hypothesis import configuration, given, settings
from hypothesis import strategies as st

from afterawait import coverage_config
from afterawait.evidence import data_files
from afterawait.faults import MeasurementFault
from afterawait.mode import MeasurementMode
from afterawait.reports.combine import Gathered, combine
from afterawait.reports.gate import Application, gate
from afterawait.settings import load
from e2e.selftests.coverage_settings_files import FILES, Settings, written
from e2e.selftests.project import TOYS

PATTERNS = ["shop/parts/*", "*/never.py", "legacy_*.py", "shop/*", "**/parts/**", "$UNSET/x.py", "shop/ma?n.py"]
LINES = ["raise NotImplementedError", "def waiting", "# rare$", "^\\s*assert ", "pragma: no cover", "if name =="]


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    """A few of them, in any order."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


RUN = {
    "branch": st.booleans(),
    "concurrency": some(["thread", "greenlet"]),
    "parallel": st.booleans(),
    "plugins": st.just(["covdefaults"]),
    "dynamic_context": st.just("test_function"),
    "source": st.sampled_from([["shop"], ["."], ["elsewhere"], ["shop.parts", "shop"]]),
    "relative_files": st.just(False),
    "sigterm": st.booleans(),
}
REPORT = {
    "omit": some(PATTERNS),
    "include": some(PATTERNS),
    "exclude_lines": some(LINES),
    "exclude_also": some(LINES),
    "partial_branches": some(LINES),
    "partial_also": some(LINES),
    "precision": st.integers(0, 5),
    "fail_under": st.sampled_from([0, 50, 99.5, 100]),
    "skip_covered": st.booleans(),
    "skip_empty": st.booleans(),
    "show_missing": st.booleans(),
    "ignore_errors": st.booleans(),
    "include_namespace_packages": st.booleans(),
    "sort": st.sampled_from(["Cover", "-Miss"]),
    "format": st.sampled_from(["text", "markdown"]),
}
HTML = {"title": st.sampled_from(["A $HOME", 'A "title"']), "skip_covered": st.booleans()}


def section(options: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of a section's options."""
    return st.fixed_dictionaries({}, optional=options)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project that was measured once: its data file is `data` beside it."""
    root = tmp_path_factory.mktemp("property") / "a toy"
    shutil.copytree(TOYS / "counted", root)
    command = ["coverage", "run", "--branch", "--source=shop", f"--data-file={root.parent / 'data'}", "-m", "shop.main"]
    subprocess.run([sys.executable, "-m", *command], cwd=root, check=True)
    configuration.set_hypothesis_home_dir(root.parent / "hypothesis")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.delenv("UNSET", raising=False)
        yield root


@settings(max_examples=60, deadline=None, database=None)
@given(
    name=st.sampled_from(FILES),
    chosen=st.fixed_dictionaries({"run": section(RUN), "report": section(REPORT), "html": section(HTML)}),
)
def test_the_figure_is_that_of_coverage_report_with_the_projects_own_settings(
    measured: Path, name: str, chosen: Settings
) -> None:
    """To the last digit, whatever of it is set, in whichever of the files; where nothing is left, both say so."""
    for each in FILES:
        measured.joinpath(each).unlink(missing_ok=True)
    table = (TOYS / "counted" / "pyproject.toml").read_text()
    (measured / "pyproject.toml").write_text(table)
    with (measured / name).open("a") as file:
        file.write("\n" + written(name, {key: values for key, values in chosen.items() if values}))
    folder = measured / ".afterawait" / "run"
    shutil.rmtree(folder, ignore_errors=True)

    ours = figure(measured, folder)
    # Where nobody sets a precision, a run prints two digits.
    theirs = of_coverage_report(folder / ".coverage", chosen["report"].get("precision", 2))

    assert ours == theirs
    assert {each.name for each in measured.iterdir()} <= {"shop", ".afterawait", "pyproject.toml", name, "__pycache__"}


@contextmanager
def closed(cov: Coverage) -> Iterator[None]:
    """Close the databases in memory as well, which coverage.py does when a process ends."""
    try:
        yield
    finally:
        for each in cov._data_to_close:
            each.close(force=True)


def figure(root: Path, folder: Path) -> tuple[str, float]:
    """What a run prints, and the whole of it."""
    known = load(root, {})
    config = coverage_config.of_reports(known, folder)
    data = data_files.read(root.parent / "data", root)
    cov = combine(known, config, Gathered(files=[data]))
    application = Application(known, cov)
    application.check("its settings")
    printed = io.StringIO()
    try:
        with closed(cov), redirect_stdout(printed):
            gate(application, config, MeasurementMode(), "a part")
            total = application.total()
        return printed.getvalue().partition("shop ")[2].partition(" %")[0], total
    except MeasurementFault:  # no line of it was measured
        return "", -1


def of_coverage_report(data: Path, precision: int) -> tuple[str, float]:
    """The total of `coverage report` in the project, as text and whole."""
    reported = []
    for form in ("total", None):
        cov = Coverage(data_file=str(data))
        cov.load()
        shown = io.StringIO()
        try:
            with closed(cov):
                total = cov.report(file=shown, output_format=form, precision=precision)
        except NoDataError:
            return "", -1
        reported.append((shown.getvalue().strip(), total))
    assert reported[0][1] == reported[1][1]
    return reported[0]
