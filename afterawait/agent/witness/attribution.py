"""Whom lines are credited to: a row a test, one for start-up, one for overflow. In measured processes.

A row is a plain dict of views into the witness's file, one view a measured file, by `co_filename`: the LINE callback
stores with two look-ups, and whatever is not there yet comes to `missed`. `current` is a ContextVar, which tasks,
SQLAlchemy's greenlets and anyio's threads inherit, so that work stays with the request that caused it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from afterawait.agent.witness import format
from afterawait.agent.witness.format import Kind, RowKind
from afterawait.agent.witness.sources import Sources
from afterawait.agent.witness.writer import Writer

Row = dict[Any, Any]
"""`{co_filename: view of its lines, ID: the row's id}`, and for a request's row `SESSION: its session's row`."""
Key = tuple[RowKind, str]

ID = 0
SESSION = 1
STARTUP: Key = (RowKind.STARTUP, "")
OVERFLOW: Key = (RowKind.OVERFLOW, "")
BESIDE: Key = (RowKind.BESIDE, "")

MOST_ROWS = 50_000
OPEN_ROWS = 512
"""Rows whose views are kept at hand. One that was dropped and comes back gets new blocks: nothing is lost by it."""
CHUNK = 1 << 15
LAST_LINE = 10_000_000
"""What lies beyond is no line of a source: generated code may claim any."""

_startup: Row = {ID: 0}
current: ContextVar[Row] = ContextVar("afterawait_row", default=_startup)


@dataclass(frozen=True)
class SourceFile:
    """A measured file: its id (-1: it could not be written down), and how many cells a block of it has."""

    number: int
    cells: int


class Attribution:
    """The rows and files of one process's witness. What goes wrong is counted, and not raised.

    `inherited` are the open rows of a forked parent: contexts hold them, so they are emptied and used again.
    Raises OSError where even the first rows find no room.
    """

    def __init__(self, writer: Writer, sources: Sources, inherited: Mapping[Key, Row] | None = None) -> None:
        self.lost = 0
        self.unnamed = 0
        self._writer = writer
        self._sources = sources
        self._lock = threading.RLock()
        self._files: dict[str, SourceFile] = {}  # by co_filename
        self._by_name: dict[str, SourceFile] = {}
        self._ids: dict[Key, int] = {}
        self._open: dict[Key, Row] = {}
        # The default of a ContextVar is one dict for ever: in a child that forked from a serving parent, BESIDE's.
        inherited = inherited or {STARTUP: _startup}
        keys = dict.fromkeys((OVERFLOW, *inherited) if BESIDE in inherited else (STARTUP, OVERFLOW, *inherited))
        for key in keys:
            self._make(key, inherited.get(key, {}))
        self.overflow = self._open[OVERFLOW]

    def row(self, kind: RowKind, name: str) -> Row:
        """The row of that test or session, opened if need be; the overflow row where there is no room."""
        found = self._open.get((kind, name))
        if found is not None:
            return found
        with self._lock:
            try:
                return self._make((kind, name), {})
            except Exception:  # whatever it is, the request must be served
                self.lose()
                return self.overflow

    def unnamed_row(self) -> Row:
        """The overflow row, for a request whose test's id cannot be read. Nothing is lost by it."""
        with self._lock:
            self.unnamed += 1
            self._writer.note_unnamed(self.unnamed)
            return self.overflow

    def first_request(self) -> None:
        """From here on what runs without a row is no start-up: raw threads, executors, tasks of the lifespan."""
        with self._lock:
            if BESIDE not in self._open and STARTUP in self._open:
                row = self._open.pop(STARTUP)  # the ContextVar's default, in the hands of whoever was there before
                try:
                    self._make(BESIDE, row)
                except Exception:
                    self._open[STARTUP] = row
                    self.lose()

    def request(self, slot: int, session: Row) -> Row:
        """The row of a request alone, in place of the one that had this slot of the ring before."""
        former = self.row(RowKind.REQUEST, f"{slot}")
        if former is self.overflow:
            return former
        row = dict(former)
        if SESSION in former:
            _become(former, former[SESSION])
        self.settle(row)  # what went on behind the former request's response
        for name, cells in row.items():
            if isinstance(name, str):
                cells[:] = bytes(len(cells))
        row[SESSION] = session
        self._open[RowKind.REQUEST, f"{slot}"] = row
        return row

    def settle(self, row: Row) -> None:
        """Add a request's lines to its session's."""
        session = row.get(SESSION)
        if session is None:
            return
        for name, cells in list(row.items()):
            if isinstance(name, str) and any(cells):
                if len(session.get(name, ())) < len(cells):
                    self.missed(session, name, len(cells) - 1, 0)
                target = session.get(name, b"")
                if len(target) >= len(cells):
                    both = int.from_bytes(target[: len(cells)]) | int.from_bytes(cells)
                    target[: len(cells)] = both.to_bytes(len(cells))

    def missed(self, row: object, filename: str, line: int, generation: int) -> None:
        """Store a line for which there is no place yet: a file's first for this row, or one beyond the file's end.

        What is no row goes to the overflow row: an application may set every ContextVar that it finds.
        """
        with self._lock:
            try:
                if not isinstance(row, dict) or ID not in row:
                    row = self.overflow
                self._store_line(row, filename, line, generation)
            except Exception:  # whatever it is, the application must run
                self.lose()

    def _store_line(self, row: Row, filename: str, line: int, generation: int) -> None:
        if line > LAST_LINE:
            return
        file = self._files.get(filename) or self._file(filename)
        if line >= len(row.get(filename, ())):  # else another thread was here first
            row[filename] = self._block(row, file, filename, line)
        row[filename][line] = generation

    def open_rows(self) -> dict[Key, Row]:
        """The rows at hand, for a forked child."""
        return dict(self._open)

    def _block(self, row: Row, file: SourceFile, filename: str, line: int) -> memoryview:
        cells = file.cells if line < file.cells else -(-(line + 1) // 1024) * 1024
        if self._writer.full and row is not self.overflow:
            self.lose()
            if line >= len(self.overflow.get(filename, ())):
                self.overflow[filename] = self._block(self.overflow, file, filename, line)
            shared: memoryview = self.overflow[filename]
            return shared
        with contextlib.suppress(OSError, ValueError):
            if file.number >= 0:
                return self._writer.append(Kind.BLOCK, format.BLOCK.pack(row[ID], file.number), cells)
        self.lose()
        return memoryview(bytearray(cells))  # credited to nobody

    def _make(self, key: Key, row: Row) -> Row:
        if key in self._open:
            return self._open[key]
        number = self._ids.get(key)
        if number is None:
            if len(self._ids) >= MOST_ROWS:
                self.lose()
                return self.overflow
            number = len(self._ids)
            self._writer.append(Kind.ROW, format.ROW.pack(number, key[0]) + key[1].encode("utf-8", "replace"))
            self._ids[key] = number
        row.clear()
        row[ID] = number
        if len(self._open) >= OPEN_ROWS:
            del self._open[next(each for each in self._open if each[0] in {RowKind.TEST, RowKind.SESSION})]
        self._open[key] = row
        return row

    def _file(self, filename: str) -> SourceFile:
        name = self._sources.canonical(filename) or filename
        file = self._files[filename] = self._by_name.get(name) or self._write_down(name)
        return file

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
            self.lose()
            number = -1
        known = self._by_name[name] = SourceFile(number, lines + 1)
        return known

    def lose(self) -> None:
        """Count something that found no place."""
        self.lost += 1
        self._writer.note_lost(self.lost)


def _become(row: Row, other: Row) -> None:
    """Credit whoever still holds `row` (a websocket, a task that goes on) to `other`; whole at any moment between."""
    row.update(other)
    for name in [each for each in row if each not in other]:
        del row[name]


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
