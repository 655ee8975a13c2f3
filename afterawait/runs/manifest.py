"""What a run was, in `run.json` in its folder: whoever combines it elsewhere knows it by this. Driver, test process."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from afterawait import protocol
from afterawait.faults import Fault, MeasurementFault, from_payload
from afterawait.measured_files import python_files
from afterawait.mode import CORES, MeasurementMode

VERSION = 3
CUT_SHORT = "it was cut short"


@dataclass
class Manifest:
    """What a run was. `root` is the checkout it measured, `sources` the SHA-256 of each gated file in it.

    `partial` is why it can't gate, "" for a whole run. `shard` is (i, n), counted from 1, by --shard or pytest-split.
    `faults` are the payloads of what the tests' half ended with; `finished` says that it came to its end. `seconds` are
    durations by name.
    """

    root: str
    sources: dict[str, str]
    core: str = "ctrace"
    branch: bool = True
    partial: str = CUT_SHORT
    finished: bool = False
    shard: tuple[int, int] | None = None
    divided_of: dict[str, Any] | None = None
    """Of a shard, what its share was chosen from: the number of `tests`, a SHA-256 of their `names`, one of the `files`
    that hold them."""
    share: list[str] | None = None
    """Of a shard, its tests."""
    python: str = ""
    """The version without its last part: which lines there are to run depends on it."""
    system: str = ""
    """As `sys.platform` has it."""
    faults: list[dict[str, Any]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    verbosity: int = 0
    """pytest's: its -v less its -q."""
    recorded: bool = False
    """Whether it is `afterawait record`'s: nothing in it has to serve."""
    collected: bool = False
    """Whether its servers ran elsewhere, and left what they measured in other folders: nothing in it has to serve."""
    elsewhere: list[str] = field(default_factory=list)
    """Of what was measured elsewhere, on another file system: the measured folders there."""
    version: int = 1
    """Of the format; version 1, of the first releases, did not say."""

    @classmethod
    def of(cls, root: Path, source: Iterable[str], mode: MeasurementMode, **more: Any) -> Manifest:
        """That of a run which begins now."""
        return cls(
            root=str(root),
            sources=fingerprints(root, source),
            core=mode.core,
            branch=mode.branch,
            python="{}.{}".format(*sys.version_info),
            system=sys.platform,
            version=VERSION,
            **more,
        )

    def mode(self) -> MeasurementMode:
        """How it was measured."""
        return MeasurementMode(self.core, self.branch)

    @property
    def empty(self) -> bool:
        """Whether this is a sound shard without a test: there are more shards than tests."""
        return self.shard is not None and self.share == [] and bool(self.divided_of and self.divided_of["tests"])

    def tests_faults(self) -> list[Fault]:
        """The faults that the tests' half wrote down."""
        return [from_payload(each) for each in self.faults]


def fingerprints(root: Path, source: Iterable[str]) -> dict[str, str]:
    """The SHA-256 of every Python file of these folders and files below `root`, by its name from there.

    It is "" for a file that cannot be read.
    """
    found = {}
    for path in (path for each in source for path in python_files(root / each)):
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            digest = ""
        found[path.relative_to(root).as_posix()] = digest
    return found


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest whole or not at all. Raises MeasurementFault, for a full disk say."""
    path = folder / protocol.MANIFEST
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        draft.write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise MeasurementFault(
            f"{path} cannot be written: {error.strerror}.", hint="Make room on the disk, and run again."
        ) from None


def read(folder: Path) -> Manifest:
    """The manifest in `folder`. Raises MeasurementFault where there is none to be read."""
    path = folder / protocol.MANIFEST
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
    if manifest.version != VERSION:
        raise ValueError(f"it has version {manifest.version} of the format, and this is {VERSION}")
    kinds = {
        "root": str,
        "sources": dict,
        "core": str,
        "branch": bool,
        "partial": str,
        "finished": bool,
        "recorded": bool,
        "collected": bool,
        "elsewhere": list,
        "verbosity": int,
        "python": str,
        "system": str,
    }
    for name, kind in (kinds | {"faults": list, "seconds": dict}).items():
        _must_be(kind, name, getattr(manifest, name))
    for each in manifest.faults:
        _must_be(dict, "a fault", each)
        from_payload(each)
    if manifest.divided_of is not None:
        for name, kind in {"tests": int, "names": str, "files": str}.items():
            _must_be(kind, name, manifest.divided_of.get(name))
    if manifest.share is not None:
        _must_be(list, "share", manifest.share)
    if manifest.core not in CORES:
        raise ValueError(f"core {manifest.core!r} is none that measures here")


def _must_be(kind: type, name: str, value: object) -> None:
    if not isinstance(value, kind):
        raise TypeError(f"{name} is {value!r}, not a {kind.__name__}")
