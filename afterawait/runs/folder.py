"""The run's folder, `.afterawait/runs/<time>-<id>`: its records, data files and manifest. Driver and test process.

What an artifact of a CI shard holds is this folder, whole.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from afterawait import protocol
from afterawait.agent import record
from afterawait.faults import EnvironmentFault
from afterawait.protocol import StopBudget
from afterawait.runs import kept, lock, manifest, survivors
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
        """Every measured process's record that can be read."""
        return self._records()[0]

    def unreadable_records(self) -> list[tuple[Path, str]]:
        """Every other record, and what is wrong with it."""
        return self._records()[1]

    def _records(self) -> tuple[list[record.ProcessRecord], list[tuple[Path, str]]]:
        found, unreadable = [], []
        for path in sorted(self.path.glob(protocol.RECORDS)):
            try:
                found.append(record.read(path))
            except (OSError, ValueError) as error:
                unreadable.append((path, str(error)))
        return found, unreadable

    def may_have_served(self) -> bool:
        """Whether a process served, or left a record that cannot be read."""
        found, unreadable = self._records()
        return bool(unreadable) or any(each.served for each in found)

    def collected(self) -> list[RunFolder]:
        """What came to it of servers elsewhere."""
        return [
            RunFolder(each.parent) for each in sorted(self.path.glob(f"{protocol.COLLECTED}/*/{protocol.MANIFEST}"))
        ]

    def write_manifest(self, written: Manifest) -> None:
        """Write the manifest whole or not at all. Raises MeasurementFault, for a full disk say."""
        manifest.write(self.path, written)

    def manifest(self) -> Manifest:
        """The manifest. Raises MeasurementFault where there is none to be read."""
        return manifest.read(self.path)


def begin(state: Path, *, keep: int, grace: float) -> RunFolder:
    """The folder of a run that begins now, below `state`; older ones go, so that `keep` stay.

    Processes of runs that were killed end first: they may hold a port that is wanted. Raises EnvironmentFault.
    """
    with lock.permission(state):
        _make(state)
        survivors.end_earlier(state, grace)
        run = kept.make(state)
        kept.sweep(state, keep, run, judged=False)
    return RunFolder(run)


def fresh(state: Path, grace: float) -> RunFolder:
    """An empty folder below `state` for its one run; what an earlier one left there, killed or not, is gone.

    Its processes end first: what they still save is no part of this one. Raises EnvironmentFault.
    """
    path = state / protocol.RUN_FOLDER
    with lock.permission(state):
        _make(state)
        survivors.end_earlier(state, grace)
        if not lock.processes_end(path, StopBudget.SAVING):
            raise EnvironmentFault(
                "Processes of an earlier run have not ended.",
                hint=f"End them: those that have {path / protocol.PROCESSES} open.",
            )
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(mode=0o700)
    return RunFolder(path)


@contextlib.contextmanager
def for_reports(state: Path) -> Iterator[Path]:
    """A folder among the runs for the reports of combined ones; gone if it comes to none. Raises EnvironmentFault."""
    with lock.permission(state):
        _make(state)
        folder = kept.make(state)
    try:
        yield folder
    finally:
        if not kept.made_of(folder):
            shutil.rmtree(folder, ignore_errors=True)


def within(folder: Path) -> list[RunFolder]:
    """The runs in `folder`: itself, those that it has the reports of, or those in folders below it."""
    if (folder / protocol.MANIFEST).is_file():
        run = RunFolder(folder.resolve())
        return [run, *run.collected()]
    if made_of := kept.made_of(folder):
        return [RunFolder(each) for each in made_of]
    below = sorted(each for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []
    return [run for each in below if not each.is_symlink() for run in within(each)]


def _make(state: Path) -> None:
    state.mkdir(parents=True, exist_ok=True)
    (state / ".gitignore").write_text("*\n", encoding="ascii")


def latest(root: Path) -> list[RunFolder]:
    """The run that was judged last, or those that were combined. Raises EnvironmentFault where they are gone."""
    state = root / protocol.STATE
    folders = kept.made_of(state / protocol.LATEST)
    if not folders:
        raise EnvironmentFault("No run of this project was judged yet.", hint="Run `afterawait run` first.")
    absent = [str(each) for each in folders if not (each / protocol.MANIFEST).is_file()]
    if absent:
        raise EnvironmentFault(f"There is no run in {', '.join(absent)}.", hint="Run `afterawait run` first.")
    return [RunFolder(each) for each in folders]
