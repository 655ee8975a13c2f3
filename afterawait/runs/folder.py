"""The run's folder, `.afterawait/run`: one run at a time in a checkout, its records, its data files, its manifest.

Driver and test process. What an artifact of a CI shard holds is this folder, whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from afterawait.agent import record
from afterawait.faults import EnvironmentFault, MeasurementFault
from afterawait.mode import MeasurementMode
from afterawait.processes.polling import Expired, wait_until

MANIFEST = "run.json"
LATEST = "latest.json"
PATIENCE = 20.0  # seconds that the processes of a killed run get to save and end
PAUSE = 0.05
FINDING = {"status", "what", "do", "detail"}
STATUSES = {0, 1, 2, 3, 4, 130}
CORES = ("ctrace", "sysmon")
CUT_SHORT = "it was cut short"


@dataclass
class Manifest:
    """What a run was. `root` is the checkout it measured, `sources` the SHA-256 of each gated file in it.

    `partial` is why it can't gate, "" for a whole run. `shard` is (i, n), counted from 1. `findings` are the
    statuses and sentences that the tests' half ended with; `finished` says that it came to its end.
    """

    root: str
    sources: dict[str, str]
    core: str = "ctrace"
    branch: bool = True
    partial: str = CUT_SHORT
    finished: bool = False
    shard: tuple[int, int] | None = None
    findings: list[dict[str, Any]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path, source: Iterable[str], lane: MeasurementMode, **more: Any) -> Manifest:
        """That of a run which begins now."""
        return cls(root=str(root), sources=fingerprints(root, source), core=lane.core, branch=lane.branch, **more)


def fingerprints(root: Path, source: Iterable[str]) -> dict[str, str]:
    """The SHA-256 of every Python file in these folders below `root`, by its name from there."""
    files = [path for folder in source for path in sorted((root / folder).rglob("*.py"))]
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


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
                raise MeasurementFault(f"{path} is no readable process record: {error}.", hint="Run again.") from None
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
                f"{path} cannot be written: {error.strerror}.", hint="Make room on the disk, and run again."
            ) from None

    def manifest(self) -> Manifest:
        """The manifest. Raises MeasurementFault where there is none to be read."""
        path = self.path / MANIFEST
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            manifest = Manifest(**raw)
            _check(manifest)
            if manifest.shard is not None:
                index, count = manifest.shard
                manifest.shard = (int(index), int(count))
        except (OSError, ValueError, TypeError) as error:
            raise MeasurementFault(f"{path} cannot be read: {error}.", hint="Run that part again.") from None
        return manifest


def _check(manifest: Manifest) -> None:
    """Raise TypeError or ValueError where a manifest that was read back is none."""
    kinds = {"root": str, "sources": dict, "core": str, "branch": bool, "partial": str, "finished": bool}
    for name, kind in (kinds | {"findings": list}).items():
        _must_be(kind, name, getattr(manifest, name))
    for each in manifest.findings:
        _must_be(dict, "a finding", each)
        if each.keys() != FINDING or each["status"] not in STATUSES:
            raise ValueError(f"{each} is no finding")
    if manifest.core not in CORES:
        raise ValueError(f"core {manifest.core!r} is none that measures here")


def _must_be(kind: type, name: str, value: object) -> None:
    if not isinstance(value, kind):
        raise TypeError(f"{name} is {value!r}, not a {kind.__name__}")


def remember(state: Path, runs: Iterable[RunFolder]) -> None:
    """Write down which run folders the latest reports were made of."""
    with contextlib.suppress(OSError):  # a full disk is told of where the reports are made
        (state / LATEST).write_text(json.dumps([str(run.path.absolute()) for run in runs]), encoding="utf-8")


def latest(root: Path) -> list[RunFolder]:
    """The run folders of the latest reports, or the last run's. Raises EnvironmentFault where they are gone."""
    state = root / ".afterawait"
    try:
        folders = [Path(each) for each in json.loads((state / LATEST).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        folders = [state / "run"]
    absent = [str(each) for each in folders if not (each / MANIFEST).is_file()]
    if absent:
        raise EnvironmentFault(f"There is no run in {', '.join(absent)}.", hint="Run scripts/e2e.sh first.")
    return [RunFolder(each) for each in folders]


def fresh(state: Path) -> RunFolder:
    """An empty run folder below `state`; what an earlier run left there, killed or not, is gone."""
    path = state / "run"
    with _permission(state):
        _wait_for_processes(state)
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
    return RunFolder(path)


def _wait_for_processes(state: Path) -> None:
    """Until no measured process of an earlier run lives: what it still saves is no part of this one."""
    with (state / "processes").open("a") as held:
        try:
            wait_until(lambda: _locks(held.fileno(), fcntl.LOCK_EX), seconds=PATIENCE)
        except Expired:
            raise EnvironmentFault(
                f"Processes of an earlier run have not ended within {PATIENCE:g} s.",
                hint=f"End them: those that have {state / 'processes'} open.",
            ) from None


def _locks(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def only_run(state: Path) -> Iterator[int]:
    """Hold the checkout for one run; yields the lock's descriptor, for children that must keep it.

    Raises EnvironmentFault naming the other run's pid, or what may not be written.
    """
    with _permission(state):
        state.mkdir(parents=True, exist_ok=True)
        lock = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(lock)
        with _permission(state):
            os.truncate(lock, 0)
            os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield lock
    finally:
        os.close(lock)


def _take(lock: int) -> None:
    """Take the checkout's lock; of a driver that was killed, its test process holds on for a moment."""
    deadline = time.monotonic() + PATIENCE
    while not _locks(lock, fcntl.LOCK_EX):
        owner = os.pread(lock, 32, 0).decode(errors="replace").strip()
        if not owner.isdigit() or alive(int(owner)) or time.monotonic() > deadline:
            raise EnvironmentFault(
                f"Another run is using this checkout (pid {owner or 'unknown'}).",
                hint=f"Wait for it, or end it with: kill {owner}",
            )
        time.sleep(PAUSE)


def alive(pid: int) -> bool:
    """Whether a process of ours has that pid."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


@contextlib.contextmanager
def _permission(state: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EnvironmentFault(
            f"{error.filename or state} cannot be written: {error.strerror}.",
            hint="Give yourself the right to write in the checkout, or make room on its disk.",
        ) from None
