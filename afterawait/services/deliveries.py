"""What one start of a server elsewhere has left in a drop folder, as the run that collects it reads it. Driver process.

The agent's drop.py writes it. Its clock is another machine's, and its pids are: whether something is of this run is
told by what has changed since the run began.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from afterawait import protocol
from afterawait.agent.drop import VERSION
from afterawait.agent.record import ProcessRecord
from afterawait.agent.witness.format import RowKind
from afterawait.evidence import data_files, recordings
from afterawait.faults import Fault, MeasurementFault
from afterawait.mode import TRACERS, MeasurementMode
from afterawait.runs import manifest
from afterawait.runs.folder import RunFolder
from afterawait.runs.manifest import Manifest

COPIED = (protocol.RECORDS, protocol.WITNESS_FILES, protocol.DATA_FILES, protocol.DELIVERED)
State = frozenset[tuple[str, int, int]]


@dataclass(frozen=True)
class Delivery:
    """In `path`; `source` are the folders and files measured there, `files` the SHA-256 of all in them by name."""

    path: Path
    source: tuple[str, ...]
    files: Mapping[str, str]
    key: str
    python: str

    @property
    def name(self) -> str:
        """For people."""
        return os.path.relpath(self.path)

    def records(self) -> list[ProcessRecord]:
        """Of its processes."""
        return RunFolder(self.path).records()

    def state(self) -> State:
        """Another one when anything has happened there."""
        return state(self.path)

    def served_tests(self) -> bool:
        """Whether a test has reached it, whosever."""
        if self.served_others():
            return True
        for path in self.path.glob(protocol.WITNESS_FILES):
            with contextlib.suppress(Fault):
                if any(row.kind is RowKind.TEST for row in recordings.read(path).rows.values()):
                    return True
        return False

    def served_others(self) -> bool:
        """Whether a test has reached it that had another key: of a run that collected nothing, or of plain pytest."""
        return any(each.others for each in self.records())

    def unfinished(self) -> list[ProcessRecord]:
        """The processes whose data are still to come: they have not ended, and were not asked to save."""
        records = self.records()
        left = [each for each in records if not (each.ended or each.became or each.failure or self._saved(each))]
        serving = [each for each in left if each.served or each.loads]
        return serving or [each for each in left if self._has_more(each)]

    def _saved(self, process: ProcessRecord) -> bool:
        return (self.path / protocol.FLUSHED.format(pid=process.pid, start=process.start)).exists()

    def _has_more(self, process: ProcessRecord) -> bool:
        """Whether a process that does not serve ran lines which no data hold; a worker's hold those of its parent."""
        if not process.witness_file:
            return False
        with contextlib.suppress(Fault):
            ran = recordings.read(self.path / process.witness_file).lines
            held, _ = data_files.data_files(self.path, Path(os.sep))
            return bool(ran) and not any(
                all(lines <= each.lines.get(name, frozenset()) for name, lines in ran.items()) for each in held
            )
        return True

    def mode(self) -> MeasurementMode:
        """How it was measured, by the first of its processes that says."""
        told = [each for each in self.records() if each.tracer]
        cores = [core for core, tracer in TRACERS.items() if told and told[0].tracer == tracer]
        return MeasurementMode(cores[0] if cores else "ctrace", branch=told[0].branch if told else True)

    def copy(self, into: Path, source: tuple[str, ...]) -> RunFolder:
        """A run's folder with all that is in it; `source` are the measured folders here. Raises MeasurementFault."""
        target = into / protocol.COLLECTED / self.path.name
        number = 1
        while target.exists():  # of another drop, copied from this one
            number += 1
            target = target.with_name(f"{self.path.name}-{number}")
        target.mkdir(parents=True)
        try:
            for path in (path for each in COPIED for path in self.path.glob(each)):
                shutil.copyfile(path, target / path.name, follow_symlinks=False)
            (self.path / protocol.DELIVERED).stat()  # else some of the others may have gone before they were copied
        except OSError as error:
            shutil.rmtree(target, ignore_errors=True)
            raise MeasurementFault(
                f"{error.filename} cannot be read: {error.strerror}.",
                hint="Let the user who runs the tests read it: see docs/elsewhere.md, users and permissions.",
            ) from None
        root, mode = self._root(source), self.mode()
        names = {os.path.relpath(name, root): digest for name, digest in self.files.items()}
        elsewhere = list(self.source)
        written = Manifest(
            root, names, mode.core, mode.branch, "", finished=True, elsewhere=elsewhere, version=manifest.VERSION
        )
        manifest.write(target, written)
        return RunFolder(target)

    def _root(self, source: tuple[str, ...]) -> str:
        """The folder there that is this project's root here, if any is; else one that holds all that was measured."""
        for there in self.source:
            for here in source:
                if there.endswith(f"{os.sep}{here}"):
                    return there.removesuffix(f"{os.sep}{here}") or os.sep
        folders = [Path(each).parent if each.endswith(".py") else each for each in self.source]
        return os.path.commonpath(folders)


def read(path: Path) -> Delivery:
    """The one in that folder. Raises MeasurementFault."""
    file = path / protocol.DELIVERED
    try:
        _must_be_files(path)
        return _parsed(path, json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError) as error:
        hint = "Install the same afterawait there and here, and let this user read what it writes."
        raise MeasurementFault(f"{file} cannot be read: {error}.", hint=hint) from None


def _parsed(path: Path, raw: Any) -> Delivery:
    if raw["version"] != VERSION:
        raise ValueError(f"it has version {raw['version']} of the format, and this is {VERSION}")
    source, files = tuple(raw["source"]), dict(raw["files"])
    if not source or not all(isinstance(each, str) and Path(each).is_absolute() for each in [*source, *files]):
        raise ValueError("its `source` and `files` are no names of files")
    return Delivery(path, source, files, str(raw["key"]), str(raw["python"]))


def _must_be_files(path: Path) -> None:
    """Raise ValueError for a link or a pipe: who runs there must not choose what is read here, nor halt it."""
    for each in (one for pattern in (*COPIED, protocol.PROCESSES) for one in path.glob(pattern)):
        if not stat.S_ISREG(each.lstat().st_mode):
            raise ValueError(f"{each.name} beside it is no file itself, but a link or the like")


def state(path: Path) -> State:
    """What changes when anything has happened in that folder."""
    found = set()
    for each in path.glob("*"):
        with contextlib.suppress(OSError):
            seen = each.lstat()
            changed = seen.st_mtime_ns
            if stat.S_ISREG(seen.st_mode) and each.match(protocol.WITNESS_FILES):
                changed = zlib.crc32(each.read_bytes())  # a map that is written to need not change its time
            found.add((each.name, seen.st_size, changed))
    return frozenset(found)


def is_there(path: Path) -> bool:
    """Whether that folder holds a delivery still: one of a process that ran nothing goes with it."""
    return (path / protocol.DELIVERED).is_symlink() or (path / protocol.DELIVERED).exists()


def within(top: Path) -> Iterator[Path]:
    """The folders of deliveries in `top`: itself, below it, or in folders below it that were copied from elsewhere."""
    for pattern in (protocol.DELIVERED, f"*/{protocol.DELIVERED}", f"*/*/{protocol.DELIVERED}"):
        for file in sorted(top.glob(pattern)):
            if not any(part.startswith(".") for part in file.relative_to(top).parts):
                yield file.parent
