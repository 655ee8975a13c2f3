"""pytest's own errors before the first test, told apart: a conftest, a test module, a path. Test process.

pytest prints each with its traceback; here it gets the sentence that the run ends with.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from afterawait import protocol
from afterawait.faults import EnvironmentFault, Fault, SuiteFault
from afterawait.runs.folder import RunFolder


def note_conftest(error: Exception) -> None:
    """Write down for the driver that a conftest could not be loaded: there is no session yet that could."""
    path, cause = getattr(error, "path", None), getattr(error, "cause", None)
    if path is None or cause is None:
        return
    name = os.path.relpath(path)
    said = str(cause).strip().partition("\n")[0]
    message = f"{name} cannot be loaded: {type(cause).__name__}: {said}"
    run = RunFolder(Path(os.environ[protocol.RUN]))
    try:
        manifest = run.manifest()
        manifest.faults.append(SuiteFault(message, hint="Fix that conftest; pytest shows the place above.").payload())
        run.write_manifest(manifest)
    except Fault:
        pass  # a full disk: the driver then says less


def of_path(error: pytest.UsageError) -> Fault:
    """What is to be run is not there."""
    said = str(error.args[0] if error.args else error).partition("\n")[0].removeprefix("ERROR: ")
    message = f"pytest cannot find what it is to run: {said}."
    return EnvironmentFault(message, hint="Write paths from the project's root: tests/test_x.py::test_name.")


def of_reports(reports: Sequence[pytest.CollectReport]) -> Fault:
    """Modules that could not be collected."""
    first, *others = reports
    more = f" (and {len(others)} more)" if others else ""
    message = f"{first.nodeid or 'The tests'} cannot be collected: {_reason(first)}{more}"
    return SuiteFault(message, hint="Fix what pytest shows above; nothing was started for tests that are not there.")


def _reason(report: pytest.CollectReport) -> str:
    lines = [line for line in report.longreprtext.splitlines() if line.strip()]
    marked = [line.removeprefix("E") for line in lines if line.startswith("E  ")]
    return [*(marked or lines or ["pytest does not say why"])][-1].strip()
