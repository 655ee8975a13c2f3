"""How a measured process ends well, however it is ended: coverage.py's data are saved first. In measured processes.

At exit, by os._exit, by a signal's default action, and before the process becomes another program. coverage.py has
settings for most of it (`sigterm = true`, `patch = _exit, execv`), which must be asked for, and lose the data where a
second signal comes while they save: servers and process managers do send two.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from afterawait.agent import access, signals
from afterawait.agent.record import complain

if TYPE_CHECKING:
    from coverage import Coverage

    from afterawait.agent.witness.monitor import Witness

Note = Callable[..., None]

ALONE = 60.0
"""Seconds for which a thread that does not wait keeps others from running."""


class Saving:
    """Of one process. `measuring` is the Coverage that measures it: the application may make others.

    `note` adds to the process's record. Nothing here raises into the application.
    """

    def __init__(self, measuring: Coverage | None, witness: Witness | None, note: Note) -> None:
        self._measuring = measuring
        self._witness = witness
        self._note = note
        self._lock = threading.RLock()
        self._traced = sys.gettrace() is not None  # by coverage.py: not with sys.monitoring
        self._saved = False
        self._becoming = 0
        self._asked = 0
        self._main = threading.get_ident()
        self._thread = threading.local()

    def begin(self) -> None:
        """Save at each end that Python hears of."""
        atexit.register(self._at_exit)
        os.register_at_fork(after_in_child=self._forked)
        os._exit = self._before_leaving(os._exit)  # type: ignore[assignment]
        os.execv = self._before_becoming(os.execv)
        os.execve = self._before_becoming(os.execve)
        with contextlib.suppress(ValueError):  # in a sub-interpreter, say
            signals.begin(self._end_by)

    def freeze(self) -> None:
        """Let witness and coverage.py see the same to the end: nothing is recorded from here on."""
        try:
            if self._witness is not None and not self._witness.freeze():
                self._note(witness_stopped=True)
        except Exception as error:
            complain("the witness cannot be stopped", error)
        try:
            if self._measuring is not None:
                self._note_tracing()
                self._measuring.stop()
        except Exception as error:
            complain("coverage.py cannot be stopped", error)

    def _note_tracing(self) -> None:
        found = sys.gettrace()
        if found is None:
            if self._traced and threading.current_thread() is threading.main_thread():
                self._note(tracing="none")
        elif type(found).__module__.partition(".")[0] != "coverage":
            self._note(tracing=f"{getattr(found, '__qualname__', type(found).__qualname__)} of {_module(found)}")

    def save(self) -> None:
        """Freeze, and write coverage.py's data; once."""
        with self._lock:
            if not self._saved:
                self._saved = True
                self.freeze()
                self._write()

    def flush(self) -> None:
        """Write coverage.py's data so far, and measure on.

        coverage.py forgets what it has written, and with it what other threads have run since it made its copy: here
        it keeps all, and writes it once more at the end.
        """
        collector: Any = getattr(self._measuring, "_collector", None)
        with self._lock:
            if not self._saved and hasattr(collector, "_clear_data"):
                collector._clear_data = lambda: None
                try:
                    self._write()
                finally:
                    del collector._clear_data

    def finish(self) -> None:
        """Save, and measure no more: the process goes on, and is asked from a thread beside those that it measures."""
        with self._lock:
            if not self._saved:
                self._saved = True
                interval = sys.getswitchinterval()
                sys.setswitchinterval(ALONE)  # no other thread runs a line that one of the two recorders sees alone
                try:
                    self.freeze()
                finally:
                    sys.setswitchinterval(interval)
                self._write()

    def _write(self) -> None:
        try:
            if self._measuring is not None and (self._witness is None or self._witness.ran_something):
                self._measuring.save()
                access.grant(self._measuring.get_data().data_filename())
        except Exception as error:
            complain("coverage.py's data cannot be saved", error)

    def _note_end(self, signum: int = 0) -> None:
        self._note(ended=True, signal=signum, unseen_handlers=signals.unseen)

    def _at_exit(self) -> None:
        signals.ignore_endings()
        self.save()
        self._note_end()

    def _end_by(self, signum: int) -> None:
        if self._becoming == threading.get_ident():  # it broke into a save, which is to be whole first
            self._asked = signum
            return
        signals.ignore_endings()
        self.save()
        self._note_end(signum)
        signals.end_by(signum)

    def _before_leaving(self, leave: Callable[[int], NoReturn]) -> Callable[[int], NoReturn]:
        @functools.wraps(leave)
        def saving(status: int) -> NoReturn:
            signals.ignore_endings()
            if not self._saved:
                self.save()
                self._note_end()
            leave(status)

        return saving

    def _before_becoming(self, become: Callable[..., NoReturn]) -> Callable[..., NoReturn]:
        @functools.wraps(become)
        def saving(*arguments: Any, **named: Any) -> NoReturn:
            # Not frozen: where there is no such program, this one goes on.
            self._becoming = threading.get_ident()
            with self._lock:
                self._write()
            self._becoming = 0
            if self._asked:
                self._end_by(self._asked)
            self._note(became=_program(*arguments, **named))
            try:
                become(*arguments, **named)
            finally:
                self._note(became=[])

        return saving

    def _forked(self) -> None:
        self._lock = threading.RLock()
        self._saved = False
        self._becoming = self._asked = 0
        if threading.get_ident() != self._main and not hasattr(self._thread, "end"):
            self._thread.end = _AtItsEnd(self._at_thread_end)

    def _at_thread_end(self) -> None:
        if not self._saved:
            self._at_exit()


class _AtItsEnd:
    """Held by a thread alone. One that forked is all of its child: where it returns, that ends past Python's exit."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end

    def __del__(self) -> None:
        if not sys.is_finalizing():
            self._end()


def _module(function: object) -> str:
    return str(getattr(function, "__module__", None) or type(function).__module__)


def _program(path: Any = "", argv: Any = (), env: Any = None) -> list[str]:  # noqa: ARG001  # as os.execve names them
    """For the record; what is wrong with these the call itself will say."""
    try:
        return [str(path), *map(os.fsdecode, argv)]
    except (TypeError, ValueError):
        return [str(path)]
