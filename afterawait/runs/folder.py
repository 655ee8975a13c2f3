"""The run's folder, `.afterawait/run`: its records, its data files, its manifest. Driver and test process.

What an artifact of a CI shard holds is this folder, whole.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from afterawait import protocol
from afterawait.agent import record
from afterawait.faults import EnvironmentFault, MeasurementFault
from afterawait.runs import lock, manifest
from afterawait.runs.manifest import Manifest


class RunFolder:
    """One run's folder on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def data_file(self) -> Path:
        """What COVERAGE_FILE is for each measured process, which adds a suffix of its own."""
        return self.path / protocol.DATA_FILE

    def records(self) -> list[record.ProcessRecord]:
        """Every measured process's record. Raises MeasurementFault for one that cannot be read."""
        found = []
        for path in sorted(self.path.glob(protocol.RECORDS)):
            try:
                found.append(record.read(path))
            except (OSError, ValueError) as error:
                message = f"{path} is no readable process record: {error}."
                raise MeasurementFault(message, hint="Run again.") from None
        return found

    def write_manifest(self, written: Manifest) -> None:
        """Write the manifest whole or not at all. Raises MeasurementFault, for a full disk say."""
        manifest.write(self.path, written)

    def manifest(self) -> Manifest:
        """The manifest. Raises MeasurementFault where there is none to be read."""
        return manifest.read(self.path)


def fresh(state: Path, patience: float) -> RunFolder:
    """An empty run folder below `state`; what an earlier run left there, killed or not, is gone.

    Its processes get `patience` seconds to end. Raises EnvironmentFault.
    """
    path = state / protocol.RUN_FOLDER
    with lock.permission(state):
        (state / ".gitignore").write_text("*\n", encoding="ascii")
        lock.wait_for_processes(state, patience)
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
    return RunFolder(path)


def remember(state: Path, runs: Iterable[RunFolder]) -> None:
    """Write down which run folders the latest reports were made of."""
    with contextlib.suppress(OSError):  # a full disk is reported where the reports are made
        text = json.dumps([str(run.path.absolute()) for run in runs])
        (state / protocol.LATEST_RUNS).write_text(text, encoding="utf-8")


def switch_latest(state: Path, reports: Path) -> None:
    """Let the link `latest` in `state` lead to the folder `reports`: in one rename, there is never none."""
    with contextlib.suppress(OSError):
        draft = state / f"{protocol.LATEST}.{os.getpid()}.tmp"
        draft.unlink(missing_ok=True)
        draft.symlink_to(os.path.relpath(reports, state), target_is_directory=True)
        draft.replace(state / protocol.LATEST)


def latest(root: Path) -> list[RunFolder]:
    """The run folders of the latest reports, or the last run's. Raises EnvironmentFault where they are gone."""
    state = root / protocol.STATE
    try:
        folders = [Path(each) for each in json.loads((state / protocol.LATEST_RUNS).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        folders = [state / protocol.RUN_FOLDER]
    absent = [str(each) for each in folders if not (each / protocol.MANIFEST).is_file()]
    if absent:
        raise EnvironmentFault(f"There is no run in {', '.join(absent)}.", hint="Run `afterawait run` first.")
    return [RunFolder(each) for each in folders]
