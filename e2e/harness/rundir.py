"""The run's folder, `.e2e/run`: one run at a time in a checkout, its records, its data files, its manifest.

Driver and test process. What an artifact of a CI shard holds is this folder, whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from e2e.agent import record
from e2e.harness.errors import EnvironmentFault, MeasurementFault

MANIFEST = "run.json"


@dataclass
class Manifest:
    """What a run was. `root` is the checkout it measured, `partial` why it can't gate ("" for a whole run).

    `shard` is (i, n), counted from 1. `findings` are the statuses and sentences that the tests' half ended with.
    """

    root: str
    core: str = "ctrace"
    measured: bool = True
    shard: tuple[int, int] | None = None
    partial: str = ""
    findings: list[dict[str, Any]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


class RunFolder:
    """One run's folder on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def data_file(self) -> Path:
        """What COVERAGE_FILE is for each measured process, which adds a suffix of its own."""
        return self.path / ".coverage"

    def records(self) -> list[record.ProcessRecord]:
        """Every measured process's record. Raises MeasurementFault for one that cannot be read."""
        found = []
        for path in sorted(self.path.glob(record.PATTERN)):
            try:
                found.append(record.read(path))
            except (OSError, ValueError) as error:
                raise MeasurementFault(f"{path} is no readable process record: {error}.", do="Run again.") from None
        return found

    def write_manifest(self, manifest: Manifest) -> None:
        """Write the manifest whole or not at all. Raises MeasurementFault, for a full disk say."""
        path = self.path / MANIFEST
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            draft.write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
            draft.replace(path)
        except OSError as error:
            raise MeasurementFault(
                f"{path} cannot be written: {error.strerror}.", do="Make room on the disk, and run again."
            ) from None

    def manifest(self) -> Manifest:
        """The manifest. Raises MeasurementFault where there is none to be read."""
        path = self.path / MANIFEST
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            known = {each.name for each in fields(Manifest)}
            manifest = Manifest(**{name: value for name, value in raw.items() if name in known})
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise MeasurementFault(f"{path} cannot be read: {error}.", do="Run that part again.") from None
        if manifest.shard is not None:
            manifest.shard = (manifest.shard[0], manifest.shard[1])
        return manifest


def fresh(state: Path) -> RunFolder:
    """An empty run folder below `state`; what an earlier run left there, killed or not, is gone."""
    path = state / "run"
    with _permission(state):
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
    return RunFolder(path)


@contextlib.contextmanager
def only_run(state: Path) -> Iterator[int]:
    """Hold the checkout for one run; yields the lock's descriptor, for children that must keep it.

    Raises EnvironmentFault naming the other run's pid, or what may not be written.
    """
    with _permission(state):
        state.mkdir(exist_ok=True)
        lock = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(lock, 32).decode(errors="replace").strip() or "unknown"
            raise EnvironmentFault(
                f"Another run is using this checkout (pid {owner}).",
                do=f"Wait for it, or end it with: kill {owner}",
            ) from None
        os.truncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield lock
    finally:
        os.close(lock)


@contextlib.contextmanager
def _permission(state: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EnvironmentFault(
            f"{error.filename or state} cannot be written: {error.strerror}.",
            do="Give yourself the right to write in the checkout, or make room on its disk.",
        ) from None
