"""The measured files of one process, written down as they are first met: name, length, hash. In measured processes."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

from afterawait.agent.witness import format
from afterawait.agent.witness.format import Kind
from afterawait.agent.witness.sources import Sources
from afterawait.agent.witness.writer import Writer

CHUNK = 1 << 15


@dataclass(frozen=True)
class SourceFile:
    """A measured file: its id (-1: it could not be written down), and how many cells a block of it has."""

    number: int
    cells: int


class SourceFiles:
    """What the witness knows of each file."""

    def __init__(self, writer: Writer, sources: Sources) -> None:
        self._writer = writer
        self._sources = sources
        self._by_filename: dict[str, SourceFile] = {}
        self._by_name: dict[str, SourceFile] = {}

    def get(self, filename: str) -> SourceFile:
        """The file of a `co_filename`; several of these may name the same."""
        found = self._by_filename.get(filename)
        if found is None:
            name = self._sources.canonical(filename) or filename
            found = self._by_filename[filename] = self._by_name.get(name) or self._write_down(name)
        return found

    def __bool__(self) -> bool:
        """Whether any has been met."""
        return bool(self._by_name)

    def _write_down(self, name: str) -> SourceFile:
        try:
            text = _read(name)
            lines, digest = text.count(b"\n") + 1, hashlib.sha256(text).digest()
        except OSError:
            lines, digest = 0, bytes(32)
        number = len(self._by_name)
        payload = format.FILE.pack(number, lines, digest) + name.encode("utf-8", "surrogateescape")
        try:
            self._writer.append(Kind.FILE, payload)
        except (OSError, ValueError):
            number = -1
        known = self._by_name[name] = SourceFile(number, lines + 1)
        return known


def _read(name: str) -> bytes:
    """A file's bytes, in three system calls where it is short: start-up may read thousands."""
    file = os.open(name, os.O_RDONLY)
    try:
        text = os.read(file, CHUNK)
        while len(text) % CHUNK == 0 and (more := os.read(file, CHUNK)):
            text += more
    finally:
        os.close(file)
    return text
