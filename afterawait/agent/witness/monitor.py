"""The sys.monitoring tool (PEP 669) that stores each line as it runs, and this process's one witness.

Runs in every measured process, beside coverage.py's tool or tracer. PY_START, once a code object, switches LINE
events on for measured code alone; unmeasured code costs nothing from its second start on.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Callable
from contextvars import Token
from pathlib import Path
from time import time
from types import CodeType, FrameType
from typing import Any

from afterawait import protocol
from afterawait.agent import signals
from afterawait.agent.witness import finalisers, format, headroom, tool
from afterawait.agent.witness.annotations import ANNOTATE, note_evaluation
from afterawait.agent.witness.attribution import STARTUP, Attribution, Row, current
from afterawait.agent.witness.baggage import UNREADABLE
from afterawait.agent.witness.format import DONE, REQUEST, RowKind
from afterawait.agent.witness.session_name import SessionName
from afterawait.agent.witness.sources import Sources
from afterawait.agent.witness.writer import NullWriter, Writer

ABSOLUTE = (os.sep, "<")
"""What a `co_filename` begins with that says all by itself."""

_mon = sys.monitoring
_events = _mon.events
_generation = 1


class Witness:
    """Records lines from its construction on, into `folder`. Raises tool.NoToolError, or OSError: no room on the disk.

    `began` is called in a forked child when it has a file of its own. Nothing else here raises into the application.
    """

    def __init__(self, folder: Path, sources: Sources, role: str, began: Callable[[], None] = lambda: None) -> None:
        self._folder = folder
        self._sources = sources
        self._role = role
        self._began = began
        self._exploring = protocol.EXPLORE in os.environ  # each request's lines are told apart, for a person
        self._session_name = _session_name(folder)
        self._inherited: Attribution | None = None
        self._birth = threading.Lock()
        self._requests = 0
        self._frozen = False
        self._running: list[Row] = []
        self.writer = Writer(folder, role)
        self.attribution = Attribution(self.writer, sources)
        self.tool = tool.claim()
        headroom.give()
        _mon.register_callback(self.tool, _events.PY_START, self._started)
        _mon.register_callback(self.tool, _events.LINE, _line_callback(self.attribution))
        _mon.set_events(self.tool, _events.PY_START)
        os.register_at_fork(after_in_child=self._forked)

    @property
    def ran_something(self) -> bool:
        """Whether this is no forked child that has run no measured line yet: such a one has nothing to save."""
        return self._inherited is None

    def _started(self, code: CodeType, _offset: int) -> Any:
        self._watch(code, sys._getframe(1))
        signals.raise_waiting()
        return _mon.DISABLE

    def _watch(self, code: CodeType, frame: FrameType) -> None:
        try:
            filename = code.co_filename
            module_file = None if filename.startswith(ABSOLUTE) else frame.f_globals.get("__file__")
            if self._sources.canonical(filename, module_file) is None:
                return
            if code.co_name == ANNOTATE:
                note_evaluation(code, self._live())
            else:
                _mon.set_local_events(self.tool, code, _events.LINE)
        except Exception:  # whatever it is, the application must run, and the verdict hear of it
            self.attribution.lose()

    # A forked child gets a file of its own when it runs its first measured line: most become another program first.

    def _forked(self) -> None:
        self._role = protocol.CHILD
        self._birth = threading.Lock()
        self._frozen = False
        self._inherited = self.attribution
        _mon.register_callback(self.tool, _events.LINE, self._first_line_of_child)

    def _first_line_of_child(self, code: CodeType, number: int) -> None:
        self._live().missed(current.get(), code.co_filename, number, _generation)
        signals.raise_waiting()

    def _live(self) -> Attribution:
        """What lines are credited through now."""
        if self._inherited is not None:
            with self._birth:
                if self._inherited is not None:
                    self._be_born(self._inherited)
        return self.attribution

    def _be_born(self, parent: Attribution) -> None:
        writer: Writer
        try:
            writer = Writer(self._folder, self._role)
            attribution = Attribution(writer, self._sources, parent.open_rows())
        except OSError:  # the verdict finds out that this child's lines are missing
            writer = NullWriter()
            attribution = Attribution(writer, self._sources, parent.open_rows())
        self.writer, self.attribution, self._requests = writer, attribution, 0
        self._inherited = None
        self._began()
        _mon.register_callback(self.tool, _events.LINE, _line_callback(self.attribution))

    def freeze(self) -> bool:
        """Record no more: what coverage.py is about to save shall not be outrun by threads that go on.

        Returns whether the tool was the witness's own until now.
        """
        own = _mon.get_tool(self.tool) == tool.NAME
        if own and not self._frozen:
            own = _mon.register_callback(self.tool, _events.LINE, None) is not None
        self._frozen = True
        if self.ran_something:
            self.writer.note_collections(finalisers.collections())
        return own

    def note_role(self, role: str) -> None:
        """Who this process is, where it turns out later."""
        self._role = role
        self.writer.note_role(role)

    def enter(self, test: str | None) -> Token[Row]:
        """Credit what follows in this context to a test; None: to the current session."""
        return current.set(self._row(test))

    def work(self, test: str) -> None:
        """Credit what follows in this context to a test, in a process that may serve no requests."""
        row = self._row(test)
        self.attribution.startup_is_over()
        current.set(row)

    def begin_test(self, test: str) -> None:
        """Credit what follows in this process to a test, until `end_test`: for one that runs its tests one by one.

        Whatever context or thread it runs in: an event loop or a pool may be older than the test.
        """
        row = self._row(test)
        current.set(row)  # for what is forked
        first = not self._running
        self._running[:] = [row]
        if first:
            running = functools.partial(self._running.__getitem__, 0)
            _mon.register_callback(self.tool, _events.LINE, _line_callback(self.attribution, running))

    def end_test(self) -> None:
        """What follows is no test's."""
        self._running[:] = [self.attribution.row(*STARTUP)]
        current.set(self._running[0])

    def _row(self, test: str | None) -> Row:
        if test == UNREADABLE:
            return self._live().unnamed_row()
        if test is not None:
            return self._live().row(RowKind.TEST, test)
        return self._live().row(RowKind.SESSION, self._session_name.name() if self._session_name else "")

    def request(self, method: str, path: bytes, test: str | None) -> Callable[[int], None]:
        """Begin a request in this context; returns what is to be called with its status when it is over."""
        try:
            return self._request(method, path, test)
        except Exception:  # whatever it is, the request must be served
            self.attribution.lose()
            return _nothing

    def _request(self, method: str, path: bytes, test: str | None) -> Callable[[int], None]:
        global _generation  # noqa: PLW0603  # the callback reads it: a global is the cheapest to read
        _generation = generation = _generation % 255 + 1
        row = self._row(test)
        self._requests = number = self._requests + 1
        if number == 1:
            self.attribution.startup_is_over()
        if self._exploring and test is None:
            row = self.attribution.request(number % format.RING_SLOTS, row)
        current.set(row)
        at = (number % format.RING_SLOTS) * REQUEST.size
        began = time()
        ring = self.writer.ring
        REQUEST.pack_into(
            ring, at, number, began, self.attribution.number(row), 0.0, 0, generation, method.encode(), path
        )

        def ended(status: int) -> None:
            try:
                if self._requests - number < format.RING_SLOTS:  # else the slot is another's by now
                    DONE.pack_into(ring, at + format.DONE_AT, time() - began, status)
                    if self._exploring:
                        self.attribution.settle(row)
                self.writer.note_collections(finalisers.collections())
            except Exception:  # it has been served
                self.attribution.lose()

        return ended


def _nothing(_status: int) -> None:
    """The end of a request that could not be noted."""


def _session_name(folder: Path) -> SessionName | None:
    try:
        return SessionName(folder)
    except (OSError, ValueError):  # sessions are then not told apart
        return None


def _line_callback(attribution: Attribution, get: Callable[[], Row] = current.get) -> Callable[[CodeType, int], None]:
    # Tried, in ns an event (Python 3.13, where an empty callback costs 56): this 137, the same without `try` 138; one
    # view a row with an offset a file 151; a dict subclass with __missing__ 165; one global row 135, which is wrong as
    # soon as two requests overlap. DISABLE after the first time would save all but the first event, and lose a line
    # for the second of two overlapping tests: a disabled location is disabled for everybody.
    missed = attribution.missed

    def line(code: CodeType, number: int) -> None:
        try:
            get()[code.co_filename][number] = _generation
        except (KeyError, IndexError, TypeError) as error:  # the last: the application put something else in
            if signals.was_relayed(error):
                raise
            missed(get(), code.co_filename, number, _generation)
            signals.raise_waiting()

    signals.callbacks.add(line.__code__)
    return line


signals.callbacks |= {Witness._started.__code__, Witness._first_line_of_child.__code__}
