"""Which file of this checkout a measured name means: files are compared by identity, never as text. Driver process.

A process may have known a file by another name than this checkout does: through a symbolic link or a mount, relative to
its own working folder, in a container, on another machine. Everything that a run left is put under the names of this
checkout here, once; whoever reads on compares names that are the same for the same file.
"""
# ruff: noqa: PTH110, PTH116, PTH118, PTH206 - names of thousands of files

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from afterawait.evidence.data_files import DataFile
from afterawait.evidence.recordings import WitnessFile
from afterawait.measured_files import places, python_files
from afterawait.runs.manifest import fingerprints


class SourceTree:
    """The files of `source` below `root`, as they are; looked at once for all runs that are held against them."""

    def __init__(self, root: Path, source: Iterable[str]) -> None:
        self.root = root
        self.source = list(source)
        self.places = places(root, tuple(self.source))

    @cached_property
    def digests(self) -> dict[str, str]:
        """Their SHA-256, by their real names."""
        found = fingerprints(self.root, self.source).items()
        return {os.path.realpath(self.root / name): digest for name, digest in found}

    @cached_property
    def counted(self) -> set[str]:
        """Their real names."""
        return {os.path.realpath(path) for each in self.source for path in python_files(self.root / each)}

    @cached_property
    def inodes(self) -> dict[tuple[int, int], str]:
        """The same by device and inode; a file that has several names there is none of them."""
        found: dict[tuple[int, int], list[str]] = {}
        for path in self.counted:
            found.setdefault(_inode(path), []).append(path)
        return {inode: paths[0] for inode, paths in found.items() if len(paths) == 1}

    @cached_property
    def contents(self) -> dict[str, list[str]]:
        """The same by SHA-256."""
        found: dict[str, list[str]] = {}
        for name, digest in self.digests.items():
            found.setdefault(digest, []).append(name)
        return found


class Checkout:
    """What files of a run mean here, where the `sources` are; `measured` is the root that the run measured.

    `digests` are the SHA-256 of files as that run had them, by their names there. `elsewhere`: on another file system,
    where a name may mean anything, and what a file holds says which it is.
    """

    def __init__(
        self, sources: SourceTree, measured: str, digests: Mapping[str, str], *, elsewhere: bool = False
    ) -> None:
        self.sources = sources
        self.root = root = sources.root
        self.places = sources.places
        self.measured = measured
        self.digests = digests
        self._elsewhere = elsewhere
        self._here = not elsewhere and (measured == str(root) or _same(measured, root))
        self._known: dict[tuple[str, str], str] = {}

    def name(self, name: str, folder: str = "") -> str:
        """The name that a file has here which a process, begun in `folder`, knew by `name`."""
        key = (name, folder)
        if key not in self._known:
            self._known[key] = self._find(os.path.normpath(os.path.join(folder or self.measured, name)))
        return self._known[key]

    def of_data(self, data: DataFile, folder: str) -> DataFile:
        """A data file with its lines under the names of this checkout; its process had begun in `folder`."""
        names = {raw: self.name(raw, folder) for raw in data.names}
        lines: dict[str, frozenset[int]] = {}
        for raw, before in data.names.items():
            if before in data.lines:
                lines[names[raw]] = lines.get(names[raw], frozenset()) | data.lines[before]
        traced = frozenset(names[raw] for raw, before in data.names.items() if before in data.traced)
        return replace(data, names=names, lines=lines, traced=traced)

    def of_witness(self, witness: WitnessFile) -> None:
        """Put what a witness has under the names of this checkout."""
        for number, file in witness.files.items():
            witness.files[number] = replace(file, name=self.name(file.name))

    def _find(self, name: str) -> str:
        inside = name.startswith(os.path.join(self.measured, ""))
        below = os.path.relpath(name, self.measured) if inside else ""
        candidate = os.path.join(self.root, below) if below else name if self._here else ""
        if self._elsewhere:
            return self._of_elsewhere(name, candidate)
        if candidate and os.path.exists(candidate):
            real = os.path.realpath(candidate)
            return real if real in self.sources.counted else self.sources.inodes.get(_inode(real), real)
        return self._by_content(name) or os.path.realpath(candidate or name)

    def _of_elsewhere(self, name: str, candidate: str) -> str:
        """The file here by its place and content, else by its content, else by its place; else the name as it is."""
        real = os.path.realpath(candidate) if candidate else ""
        if real and real in self.sources.contents.get(self.digests.get(name, ""), ()):
            return real
        return self._by_content(name) or (real if real and os.path.exists(real) else name)

    def _by_content(self, name: str) -> str:
        """The file here with the same content whose path ends alike the longest; "" where none or several do."""
        if not (digest := self.digests.get(name, "")):
            return ""
        alike = sorted((_common_end(each, name), each) for each in self.sources.contents.get(digest, ()))
        best = [each for length, each in alike if length and length == alike[-1][0]]
        return best[0] if len(best) == 1 else ""


def _same(one: str, other: Path) -> bool:
    try:
        return other.samefile(one)
    except OSError:
        return False


def _inode(path: str) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_dev, found.st_ino


def _common_end(one: str, other: str) -> int:
    """How many parts two paths have in common at their ends."""
    count = 0
    for ours, theirs in zip(reversed(one.split(os.sep)), reversed(other.split(os.sep)), strict=False):
        if ours != theirs:
            break
        count += 1
    return count
