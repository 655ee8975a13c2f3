"""Whom lines are credited to: a row a test, one for start-up, one for overflow. In measured processes.

A row is a plain dict of views into the witness's file, one view a measured file, by `co_filename`: the LINE callback
stores with two look-ups, and whatever is not there yet comes to `missed`. `current` is a ContextVar, which tasks,
SQLAlchemy's greenlets and anyio's threads inherit, so that work stays with the request that caused it.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from afterawait.agent.witness import format
from afterawait.agent.witness.files import SourceFile, SourceFiles
from afterawait.agent.witness.format import Kind, RowKind
from afterawait.agent.witness.sources import Sources
from afterawait.agent.witness.writer import Writer

Row = dict[Any, Any]
"""`{KEY: whom it is credited to, co_filename: view of its lines}`, and a request's `SESSION: its session's row`."""
Key = tuple[RowKind, str]

KEY = 0
SESSION = 1
STARTUP: Key = (RowKind.STARTUP, "")
OVERFLOW: Key = (RowKind.OVERFLOW, "")
BESIDE: Key = (RowKind.BESIDE, "")

MOST_ROWS = 50_000
OPEN_ROWS = 512
"""Rows whose views are kept at hand. One that was dropped has none, and gets new blocks when it is used again."""
LAST_LINE = 10_000_000
"""What lies beyond is no line of a source: generated code may claim any."""

_RAN = re.compile(rb"[^\0]")

_startup: Row = {KEY: STARTUP}
current: ContextVar[Row] = ContextVar("afterawait_row", default=_startup)


class Attribution:
    """The rows and files of one process's witness. What goes wrong is counted, and not raised.

    `inherited` are the open rows of a forked parent: contexts hold them, so they are emptied and used again. Only an
    open row has views: whoever holds another comes to `missed`, in the process that dropped it and in its children.
    Raises OSError where even the first rows find no room.
    """

    def __init__(self, writer: Writer, sources: Sources, inherited: Mapping[Key, Row] | None = None) -> None:
        self.lost = 0
        self.unnamed = 0
        self._writer = writer
        self._files = SourceFiles(writer, sources)
        self._lock = threading.RLock()
        self._storing = False
        self._late: list[tuple[object, str, int, int]] = []
        self._numbers: dict[Key, int] = {}
        self._open: dict[Key, Row] = {}
        # The default of a ContextVar is one dict for ever: in a child that forked from a serving parent, BESIDE's.
        inherited = inherited or {STARTUP: _startup}
        for key in (OVERFLOW,) if BESIDE in inherited else (STARTUP, OVERFLOW):
            self._make(key, inherited.get(key, {}))
        for key, row in inherited.items():
            self._make(row[SESSION][KEY] if SESSION in row else key, row)
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

    def number(self, row: Row) -> int:
        """The id under which a row is written down."""
        return self._numbers.get(row[KEY], 0)

    def unnamed_row(self) -> Row:
        """The overflow row, for a request whose test's id cannot be read. Nothing is lost by it."""
        with self._lock:
            self.unnamed += 1
            self._writer.note_unnamed(self.unnamed)
            return self.overflow

    @property
    def ran(self) -> bool:
        """Whether any measured line has run."""
        return bool(self._files)

    def startup_is_over(self) -> None:
        """From here on what runs without a row is no start-up: raw threads, executors, what the lifespan still does."""
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
        if SESSION in former:  # whoever still holds it, a websocket say, is credited to its session from now on
            former[KEY] = former[SESSION][KEY]
            _empty(former)
        self.settle(row, clear=True)  # with what went on behind the former request's response
        row[SESSION] = session
        self._open[RowKind.REQUEST, f"{slot}"] = row
        return row

    def settle(self, row: Row, *, clear: bool = False) -> None:
        """Add a request's lines to its session's; to `clear` them is to make the row another request's.

        Other threads go on storing, in either row: cells are touched one by one, and only those that are set.
        """
        session = row.get(SESSION)
        for name, cells in list(row.items()):
            if isinstance(name, str):
                for line, generation in _set_in(cells):
                    if session is not None:
                        self._add(session, name, line, generation)
                    if clear:
                        cells[line] = 0

    def _add(self, row: Row, name: str, line: int, generation: int) -> None:
        try:
            row[name][line] = generation
        except (KeyError, IndexError):
            self.missed(row, name, line, generation)

    def missed(self, row: object, filename: str, line: int, generation: int) -> None:
        """Store a line for which there is no place yet: a file's first for this row, or one beyond the file's end.

        What is no row goes to the overflow row: an application may set every ContextVar that it finds. A signal
        handler that breaks in here is measured too: what it ran is stored when this is done.
        """
        with self._lock:
            self._late.append((row, filename, line, generation))
            if self._storing:
                return
            self._storing = True
            try:
                while self._late:
                    self._store_line(*self._late.pop(0))
            finally:  # Ctrl-C may break in
                self._storing = False

    def _store_line(self, row: object, filename: str, line: int, generation: int) -> None:
        if line > LAST_LINE:
            return
        try:
            target = self._open_row(row)
            file = self._files.get(filename)
            if line >= len(target.get(filename, ())):  # else another thread was here first
                target[filename] = self._block(target, file, filename, line)
            target[filename][line] = generation
        except Exception:  # whatever it is, the application must run
            self.lose()

    def _open_row(self, row: object) -> Row:
        key = row.get(KEY) if isinstance(row, dict) else None
        if not (isinstance(row, dict) and isinstance(key, tuple)):
            return self.overflow
        return self._open.get(key) or self._make(key, row)

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
                return self._writer.append(Kind.BLOCK, format.BLOCK.pack(self.number(row), file.number), cells)
        self.lose()
        return memoryview(bytearray(cells))  # credited to nobody

    def _make(self, key: Key, row: Row) -> Row:
        """Open a row under `key`, if it has not one already: `row`, emptied. `row` itself then has no views."""
        _empty(row)
        row[KEY] = key
        if key in self._open:
            return self._open[key]
        if key not in self._numbers:
            if len(self._numbers) >= MOST_ROWS:
                self.lose()
                return self.overflow
            number = len(self._numbers)
            self._writer.append(Kind.ROW, format.ROW.pack(number, key[0]) + key[1].encode("utf-8", "replace"))
            self._numbers[key] = number
        if len(self._open) >= OPEN_ROWS:
            oldest = next(each for each in self._open if each[0] in {RowKind.TEST, RowKind.SESSION})
            _empty(self._open.pop(oldest))
        self._open[key] = row
        return row

    def lose(self) -> None:
        """Count something that found no place."""
        self.lost += 1
        self._writer.note_lost(self.lost)


def _empty(row: Row) -> None:
    """Take a row's views away from whoever holds it. It may be stored into at any moment: its key stays."""
    for name in [each for each in list(row) if each != KEY]:
        row.pop(name, None)


def _set_in(cells: memoryview) -> Iterator[tuple[int, int]]:
    seen = bytes(cells)
    for match in _RAN.finditer(seen):
        yield match.start(), seen[match.start()]
